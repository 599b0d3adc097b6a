"""What the pages of custody show: items with where they stand, hand-overs of a case, and who may be named beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.access import Officer
from app.domain.custody_file import agencies_named
from app.services.cases import see_case_row
from app.services.custody import Held, agency_key, hold, read_items
from app.services.custody_handovers import Seen, see_handover
from app.services.roles import may_keep
from app.services.work import Work
from app.storage import agencies, cases, custody, facts, officers
from app.storage.database import Record


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """An item with its trail (plain JSON, oldest first), the names of the agencies in it by key, and what is open.

    `acts` are the actions the officer may record now, `may_split` whether they may make several items of it; `keeper`
    says whether they hold a role of custody; `pending` is the hand-over that lists the item.
    """

    held: Held
    entries: Sequence[dict[str, Any]]
    names: dict[str, str]
    pending: Record | None
    acts: tuple[str, ...]
    keeper: bool
    may_split: bool


@dataclass(frozen=True, kw_only=True)
class Colleagues:
    """An agency of the case and its officers, for a choice."""

    agency: Record
    officers: Sequence[Record]


def see_items(work: Work, officer: Officer, case_id: str) -> list[Held]:
    """Give the items the officer's agency may see, by code, each with where it stands."""
    case = see_case_row(work, officer, case_id)
    rows = facts.rows_seen(work.connection, "items", case_id=case_id, agency_id=officer.agency_id)
    return list(read_items(work, case, [str(row["code"]) for row in rows], lock=False).values())


def see_item(work: Work, officer: Officer, case_id: str, code: str) -> ItemView:
    """Give an item with its trail. Raises NotFound for an item the agency may not see."""
    held = hold(work, officer, case_id, [code], lock=False)[code]
    entries = [row.content for row in custody.entries_of_item(work.connection, held.row.id)]
    pending = custody.pending_handovers(work.connection, [held.row.id]).get(held.row.id)
    keeper = may_keep(work, officer)
    key = agency_key(work, officer.agency_id)
    closed = not keeper or (pending is not None and pending.state == "signing")
    kept = held.ledger.custodian is not None and {held.ledger.custodian.agency, held.ledger.custodian.keeper} == {key}
    return ItemView(
        held=held,
        entries=entries,
        names=_names(work, set(agencies_named(entries, []))),
        pending=pending,
        acts=() if closed else possible_acts(held, agency_id=officer.agency_id, key=key),
        keeper=keeper,
        may_split=kept and not closed and bool(held.ledger.available),
    )


def see_handovers(work: Work, officer: Officer, case_id: str) -> list[Seen]:
    """Give the hand-overs of a case the officer's agency gives or receives, the newest first."""
    see_case_row(work, officer, case_id)
    rows = custody.handovers_of_case(work.connection, case_id)
    mine = [row for row in rows if officer.agency_id in (row.from_agency, row.to_agency)]
    return [see_handover(work, officer, row.id) for row in reversed(mine)]


def receivers(work: Work, officer: Officer, case_id: str) -> list[Record]:
    """Give the other agencies of a case: to whom an item can be handed over."""
    rows = cases.participants(work.connection, see_case_row(work, officer, case_id).id)
    ids = dict.fromkeys(row.agency_id for row in rows if row.agency_id != officer.agency_id)
    return [work.agency(agency_id) for agency_id in ids]


def colleagues(work: Work, officer: Officer, case_id: str) -> list[Colleagues]:
    """Give the officers who can be named beside: those of the own agency first, then of the others of the case."""
    found = []
    for agency in (work.agency(officer.agency_id), *receivers(work, officer, case_id)):
        rows = [row for row in officers.officers_of(work.connection, agency.id) if row.id != officer.id]
        if rows:
            found.append(Colleagues(agency=agency, officers=rows))
    return found


def _names(work: Work, keys: set[str]) -> dict[str, str]:
    rows = [agencies.agency_by_key(work.connection, key) for key in keys]
    return {row.key: row.name for row in rows if row is not None}


def possible_acts(held: Held, *, agency_id: str, key: str) -> tuple[str, ...]:
    """Give the actions an agency, by its id and key, may record on an item that stands like this."""
    ledger = held.ledger
    if not ledger.seq:
        return ("seized",) if held.row.agency_id == agency_id else ()
    custodian = ledger.custodian or ledger.answerable
    if custodian is None or key not in (custodian.agency, custodian.keeper):
        return ()
    if not ledger.held:
        return ("corrected",)
    return (
        "sealed",
        "stored",
        "sampled",
        *(("lent", "disposed") if ledger.available else ()),
        *(("returned_to_store",) if ledger.on_loan else ()),
        "viewed",
        "copied",
        "corrected",
    )
