"""The trails of a case as one file that proves itself: entries, hand-overs, files, and a hash over all."""

from collections.abc import Iterable
from typing import Any

from app.domain.access import Officer
from app.domain.custody_file import agencies_named, assemble, top_hash
from app.domain.custody_sheet import handover_to_plain
from app.domain.errors import NotFound
from app.services.custody_handovers import value_of
from app.services.work import Work
from app.storage import agencies, audit, cases, custody, facts
from app.storage.database import Record


def export_trail(work: Work, officer: Officer, case_id: str) -> bytes:
    """Give the trails of the items the officer's agency may see, as canonical JSON; the export is noted."""
    case, seen = _seen(work, officer, case_id)
    return _export(work, case, seen, officer)


def told_trail(work: Work, officer: Officer, case_id: str, code: str = "") -> bytes:
    """Give what `export_trail` gives, of one item when it is named; who hands it out notes that.

    Raises NotFound for an item without a trail, or one the officer's agency may not see.
    """
    case, seen = _seen(work, officer, case_id)
    if code and code not in seen:
        raise NotFound(f"本案没有 {code} 的保管记录", f"The case has no trail of {code}", at=code)
    return _content(work, case, {code} if code else seen)


def export_case(work: Work, number: str) -> bytes:
    """Give the trails of every item of a case, by its number, for the operator of the node; the export is noted."""
    case = cases.case_by_number(work.connection, number)
    if case is None:
        raise NotFound(f"没有案件 {number}", f"There is no case {number}", at=number)
    return _export(work, case, {row["item"] for row in custody.ledgers_of_case(work.connection, case.id)}, None)


def _seen(work: Work, officer: Officer, case_id: str) -> tuple[Record, set[str]]:
    case = cases.get_case(work.connection, case_id)
    if case is None or not cases.takes_part(work.connection, case_id, officer.agency_id):
        raise NotFound("没有这个案件", "No such case", at=case_id)
    codes = [ledger["item"] for ledger in custody.ledgers_of_case(work.connection, case_id)]
    seen = facts.codes_seen(work.connection, "items", case_id=case_id, agency_id=officer.agency_id, codes=codes)
    return case, seen


def _content(work: Work, case: Record, seen: set[str]) -> bytes:
    entries = [row for row in custody.entries_of_case(work.connection, case.id) if row["item"] in seen]
    handovers = _handovers(work, case, seen)
    return assemble(
        number=case.number,
        name=case.name,
        at=work.now,
        agencies=_names(work, agencies_named(entries, handovers)),
        ledgers=[row for row in custody.ledgers_of_case(work.connection, case.id) if row["item"] in seen],
        entries=entries,
        handovers=handovers,
    )


def _export(work: Work, case: Record, seen: set[str], officer: Officer | None) -> bytes:
    content = _content(work, case, seen)
    audit.note(
        work.connection,
        action="custody_export",
        at=work.now,
        case_id=case.id,
        agency_id=officer.agency_id if officer else None,
        officer_id=officer.id if officer else None,
        detail={"sha256": top_hash(content), "items": sorted(seen)},
    )
    return content


def _names(work: Work, keys: Iterable[str]) -> dict[str, str]:
    found = [agencies.agency_by_key(work.connection, key) for key in keys]
    return {row.key: row.name for row in found if row is not None}


def _handovers(work: Work, case: Record, seen: set[str]) -> list[dict[str, Any]]:
    found = []
    for row in custody.handovers_of_case(work.connection, case.id):
        if row.state != "signed":
            continue
        value = value_of(work, row)
        if any(line.item in seen for line in value.lines):
            found.append(handover_to_plain(value, sheet=row.sheet, seen=seen))
    return found
