"""The items of a case as a table: found, filtered, sorted and paged, in a fixed number of SQL statements."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.access import Officer
from app.domain.custody import Wording
from app.domain.custody_ledger import Ledger, ledger_from_plain, opening
from app.services.cases import see_case_row
from app.services.work import Work
from app.storage import agencies, facts, items
from app.storage.database import Record

SIZE = 50
STATES: Mapping[str, Wording] = {
    "unregistered": ("尚未登记", "Not registered yet"),
    "held": ("在管", "Held"),
    "on_loan": ("有借出", "Partly on loan"),
    "handing_over": ("交接中", "Being handed over"),
    "lost": ("有短少", "Something missing"),
    "gone": ("已无在管", "Nothing held"),
}
ORDERS = ("code", "name", "kind", "custodian", "state", "at")
_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which items are looked for: words in code, name or seal, a kind, an agency by key, a state, an order, a page.

    `size` is how many lines a page has.
    """

    words: str = ""
    kind: str = ""
    custodian: str = ""
    state: str = ""
    order: str = "code"
    falling: bool = False
    page: int = 1
    size: int = SIZE


@dataclass(frozen=True, kw_only=True)
class Line:
    """An item of the table: what was written down of it, where it stands, the hand-over that lists it."""

    id: str
    code: str
    data: Mapping[str, Any]
    mine: bool
    ledger: Ledger
    handover: Record | None

    @property
    def name(self) -> str:
        """Its name: the trail's when it has one."""
        return self.ledger.name or str(self.data.get("name") or "")

    @property
    def kind(self) -> str:
        """Its kind of evidence or property."""
        return self.ledger.category or str(self.data.get("category") or "")

    @property
    def custodian(self) -> str:
        """The key of the agency that answers for it, empty when none does."""
        return self.ledger.custodian.agency if self.ledger.custodian else ""

    @property
    def state(self) -> str:
        """What the chip says (`STATES`)."""
        if not self.ledger.seq:
            return "unregistered"
        if not self.ledger.held:
            return "gone"
        if self.handover is not None:
            return "handing_over"
        return "on_loan" if self.ledger.on_loan else "held"

    def is_in(self, state: str) -> bool:
        """Whether a filter by state finds it: what is on loan or being handed over is held as well."""
        if state == "held":
            return bool(self.ledger.held)
        if state == "lost":
            return bool(self.ledger.lost)
        return self.state == state or (state == "on_loan" and bool(self.ledger.on_loan))


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A page of the table: how many there are, which are shown, their newest entries by id, and what can be chosen."""

    case: Record
    all: int
    total: int
    lines: Sequence[Line]
    newest: Mapping[str, Record]
    kinds: Sequence[str]
    custodians: Sequence[str]
    states: Mapping[str, int]
    unregistered: int
    names: Mapping[str, str]


def see_list(work: Work, officer: Officer, case_id: str, wanted: Wanted) -> Listing:
    """Give a page of the items the officer's agency may see. Raises NotFound for a case it takes no part in."""
    case = see_case_row(work, officer, case_id)
    lines = _lines(work, officer, case)
    found = [line for line in lines if _fits(line, wanted)]
    # Two sorts, so that equal rows stay in the order of their codes whichever way the first goes.
    found.sort(key=lambda line: natural(line.code))
    if wanted.order in ORDERS:
        found.sort(key=_KEYS[wanted.order], reverse=wanted.falling)
    shown = found[(wanted.page - 1) * wanted.size : wanted.page * wanted.size]
    return Listing(
        case=case,
        all=len(lines),
        total=len(found),
        lines=shown,
        newest=items.last_entries(work.connection, [line.id for line in shown]),
        kinds=sorted({line.kind for line in lines if line.kind}),
        custodians=sorted({line.custodian for line in lines if line.custodian}),
        states={state: sum(line.is_in(state) for line in lines) for state in STATES},
        unregistered=sum(line.mine and not line.ledger.seq for line in lines),
        names={row.key: row.name for row in agencies.all_agencies(work.connection)},
    )


def unregistered_codes(work: Work, officer: Officer, case_id: str) -> list[str]:
    """Give the items the officer's agency has listed that are not in custody yet, by code."""
    case = see_case_row(work, officer, case_id)
    codes = [line.code for line in _lines(work, officer, case) if line.mine and not line.ledger.seq]
    return sorted(codes, key=natural)


def count_unregistered(work: Work, officer: Officer, case_id: str) -> int:
    """Count the items the officer's agency has listed that are not in custody yet."""
    return items.count_unregistered(work.connection, case_id=case_id, agency_id=officer.agency_id)


def sums(work: Work, officer: Officer, case_id: str) -> dict[str, int]:
    """Count the items of a case by state (`STATES`); one may count in several."""
    lines = _lines(work, officer, see_case_row(work, officer, case_id))
    return {state: sum(line.is_in(state) for line in lines) for state in STATES}


def next_code(work: Work, case_id: str) -> str:
    """Give the code that follows the highest number in use: E-08 after E-07, whoever listed that one."""
    numbers = [
        int(found[1])
        for code in facts.taken_codes(work.connection, "items", case_id)
        if (found := re.fullmatch(r"E-(\d{1,6})", code, re.ASCII))
    ]
    return f"E-{max(numbers, default=0) + 1:02}"


def natural(code: str) -> tuple[tuple[int, str], ...]:
    """Give the order of codes as people count: E-2 before E-10."""
    return tuple((int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in _NUMBERS.split(code))


def _lines(work: Work, officer: Officer, case: Record) -> list[Line]:
    pending = items.being_handed_over(work.connection, case.id)
    return [
        Line(
            id=row.id,
            code=row.code,
            data=row.data,
            mine=row.agency_id == officer.agency_id,
            ledger=ledger_from_plain(row.ledger) if row.ledger else opening(case.number, row.code),
            handover=pending.get(row.id),
        )
        for row in items.items_of_case(work.connection, case_id=case.id, agency_id=officer.agency_id)
    ]


def _fits(line: Line, wanted: Wanted) -> bool:
    seal = line.ledger.seal.number if line.ledger.seal else str(line.data.get("seal_no") or "")
    told = f"{line.code} {line.name} {seal}".casefold()
    return (
        all(word in told for word in wanted.words.casefold().split())
        and wanted.kind in ("", line.kind)
        and wanted.custodian in ("", line.custodian)
        and (not wanted.state or line.is_in(wanted.state))
    )


_KEYS: Mapping[str, Callable[[Line], Any]] = {
    "code": lambda line: natural(line.code),
    "name": lambda line: line.name,
    "kind": lambda line: line.kind,
    "custodian": lambda line: (line.custodian, line.ledger.custodian.place if line.ledger.custodian else ""),
    "state": lambda line: list(STATES).index(line.state),
    "at": lambda line: line.ledger.at.timestamp() if line.ledger.at else 0.0,
}
