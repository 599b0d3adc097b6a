"""What the screen of a hand-over shows: how far it is, some of its lines, and what stands against the signatures.

The cost of one counted item does not depend on how many there are: one line is measured against its trail, the others
are counted by what was said of them before.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.access import Officer
from app.domain.custody import shown
from app.domain.custody_handover import Difference, Line, Signature, ended_verdict, open_differences, verdict
from app.domain.custody_ledger import Ledger
from app.domain.custody_sheet import line_from_plain, signature_from_plain
from app.domain.errors import Invalid, NotFound
from app.domain.label import read_label
from app.services.custody import read_items
from app.services.custody_files import LinePhoto, codes_with_content, photos_of
from app.services.custody_handovers import ENDED
from app.services.handover_desk import Turn, turn
from app.services.work import Work
from app.storage import cases, custody
from app.storage.database import Record

PAGE = 50
"""Lines of one page."""
OPEN_SHOWN = 12
"""Lines whose open points are told beside the list."""

SHOWN: Mapping[str, tuple[str, ...] | None] = {
    "all": None,
    "uncounted": ("uncounted",),
    "differing": ("open", "explained"),
}
"""Which verdicts a filter shows."""

_LONGEST = 500


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many lines a hand-over has, and how many of each verdict."""

    uncounted: int = 0
    equal: int = 0
    explained: int = 0
    open: int = 0

    @property
    def counted(self) -> int:
        """Lines that somebody counted."""
        return self.equal + self.explained + self.open

    @property
    def lines(self) -> int:
        """Lines of the list."""
        return self.uncounted + self.counted

    @property
    def differing(self) -> int:
        """Lines with a difference, explained or not."""
        return self.explained + self.open

    @property
    def reconciled(self) -> bool:
        """Whether nothing stands between the list and the signatures."""
        return not self.uncounted and not self.open


@dataclass(frozen=True, kw_only=True)
class LineSeen:
    """A line with its place on the list (from 0), where its item stands, and what is open in it.

    `has_content` says whether its electronic content is stored, so that the machine can compare it.
    """

    position: int
    line: Line
    ledger: Ledger
    differences: Sequence[Difference]
    has_content: bool
    photos: Sequence[LinePhoto]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a hand-over is: `differences` are those of the first lines with something open, uncounted ones aside.

    `turn` says which of its tasks wait for the officer's agency, as soon as everything is counted.
    """

    row: Record
    case: Record
    turn: Turn
    signatures: Sequence[Signature]
    tally: Tally
    differences: Sequence[Difference]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a list: `number` from 1, `matching` how many lines the filter leaves."""

    lines: Sequence[LineSeen]
    number: int
    matching: int


def see_standing(work: Work, officer: Officer, handover_id: str) -> Standing:
    """Tell how far a hand-over is that the officer's agency gives or receives; NotFound for any other.

    Lines whose item was dealt with since they were counted are measured again, and what is found is written down, so a
    transaction that writes is needed where `is_judged` is false.
    """
    row = _found(work, officer, handover_id)
    case = _case_of(work, row)
    tally = custody.tallies(work.connection, [row.id]).get(row.id, {})
    if None in tally:
        _judge(work, row, case)
        tally = custody.tallies(work.connection, [row.id]).get(row.id, {})
    told = tally_of(tally)
    differing: Sequence[Record] = ()
    if told.open and row.state not in ENDED:
        differing = custody.lines_between(work.connection, row.id, verdicts=["open"], limit=OPEN_SHOWN)
    waits = row.state not in ENDED and not told.uncounted
    return Standing(
        row=row,
        case=case,
        turn=turn(work, officer, row) if waits else Turn(tasks=(), run=False),
        signatures=tuple(signature_from_plain(one, at="signatures") for one in row.signatures),
        tally=told,
        differences=[one for line in _measured(work, row, case, differing) for one in line[2]],
    )


def is_judged(work: Work, handover_id: str) -> bool:
    """Whether every line has been measured since it or its item changed."""
    return not custody.unjudged_lines(work.connection, handover_id)


def see_page(work: Work, standing: Standing, *, show: str, number: int = 1, at: str = "") -> Page:
    """Give a page of the list; `at` is the code of an item whose page is wanted instead of a number.

    `show` is one of `SHOWN`; a page behind the last one is the last one.
    """
    verdicts = SHOWN[show]
    tally = standing.tally
    matching = tally.lines if verdicts is None else sum(getattr(tally, one) for one in verdicts)
    if at and verdicts is None:
        row = custody.get_line(work.connection, handover_id=standing.row.id, code=at)
        number = row.position // PAGE + 1 if row else number
    number = max(1, min(number, -(-matching // PAGE)))
    rows = custody.lines_between(
        work.connection, standing.row.id, verdicts=verdicts, offset=(number - 1) * PAGE, limit=PAGE
    )
    return Page(lines=_see(work, standing, rows), number=number, matching=matching)


def see_lines(work: Work, standing: Standing) -> list[LineSeen]:
    """Give every line, for paper."""
    return _see(work, standing, custody.lines_of(work.connection, standing.row.id))


def see_line(work: Work, standing: Standing, code: str) -> LineSeen:
    """Give one line. Raises NotFound for an item that is not on the list."""
    row = custody.get_line(work.connection, handover_id=standing.row.id, code=code)
    if row is None:
        raise NotFound(f"清单上没有 {code}", f"{code} is not on the list", at=code)
    return _see(work, standing, [row])[0]


def next_to_count(work: Work, handover_id: str, position: int) -> str:
    """Give the code of the next uncounted item behind a place on the list, or from its top; empty without one."""
    found = custody.next_uncounted(work.connection, handover_id, after=position)
    return found or custody.next_uncounted(work.connection, handover_id, after=-1) or ""


def find_scanned(work: Work, officer: Officer, handover_id: str, text: str) -> str:
    """Give the code of the item a scanned label or a typed code means. Raises Invalid when it is not on the list."""
    row = _found(work, officer, handover_id)
    # A Chinese input method turns what a scanner types into wide letters.
    given = unicodedata.normalize("NFKC", text[:_LONGEST]).strip()
    if not given:
        raise Invalid("请扫描标签或者输入物品编号", "Scan a label or type the code of an item", at="scan")
    code = _code_of(work, row, given) if given.upper().startswith(("XJ1:", "XJ1P:")) else given
    found = custody.codes_like(work.connection, row.id, code)
    if code in found or len(found) == 1:
        return code if code in found else found[0]
    raise Invalid(f"本交接单上没有 {shown(code)}", f"{shown(code)} is not on this list", at="scan")


def tally_of(found: Mapping[str | None, int]) -> Tally:
    """Give a tally of numbers by verdict; what is to be measured again counts as open."""
    return Tally(
        uncounted=found.get("uncounted", 0),
        equal=found.get("equal", 0),
        explained=found.get("explained", 0),
        open=found.get("open", 0) + found.get(None, 0),
    )


def _code_of(work: Work, row: Record, text: str) -> str:
    label = read_label(text)
    if label.kind != "item":
        raise Invalid("这是存放地点的标签，不是物品标签", "This is the label of a place, not of an item", at="scan")
    if label.case != _case_of(work, row).number:
        raise Invalid(
            f"这是另一案件的标签：{shown(label.case)} 的 {shown(label.code)}",
            f"This label is of another case: {shown(label.code)} of {shown(label.case)}",
            at="scan",
        )
    return label.code


def _found(work: Work, officer: Officer, handover_id: str) -> Record:
    row = custody.get_handover(work.connection, handover_id)
    if row is None or officer.agency_id not in (row.from_agency, row.to_agency):
        raise NotFound("没有这次交接", "No such hand-over", at=handover_id)
    return row


def _case_of(work: Work, row: Record) -> Record:
    case = cases.get_case(work.connection, row.case_id)
    if case is None:
        raise NotFound(at=row.case_id)
    return case


def _judge(work: Work, row: Record, case: Record) -> None:
    rows = custody.unjudged_lines(work.connection, row.id)
    ledgers = {} if row.state in ENDED else _ledgers(work, case, rows)
    for line_row in rows:
        line = line_from_plain(line_row.content, at=line_row.item)
        said = ended_verdict(line) if row.state in ENDED else verdict(line, ledgers[line.item])
        custody.change_line(work.connection, handover_id=row.id, item_id=line_row.item_id, verdict=said)


def _see(work: Work, standing: Standing, rows: Sequence[Record]) -> list[LineSeen]:
    if not rows:
        return []
    codes = [line_row.item for line_row in rows]
    photos = photos_of(work, standing.row.id, codes=codes)
    electronic = [line_row.item for line_row in rows if line_row.content["hash_listed"]]
    stored = codes_with_content(work, standing.row.case_id, electronic) if electronic else frozenset()
    return [
        LineSeen(
            position=line_row.position,
            line=line,
            ledger=ledger,
            differences=differences,
            has_content=line.item in stored,
            photos=photos.get(line.item, ()),
        )
        for line_row, (line, ledger, differences) in zip(
            rows, _measured(work, standing.row, standing.case, rows), strict=True
        )
    ]


def _measured(
    work: Work, row: Record, case: Record, rows: Sequence[Record]
) -> list[tuple[Line, Ledger, list[Difference]]]:
    if not rows:
        return []
    ledgers = _ledgers(work, case, rows)
    lines = [line_from_plain(line_row.content, at=line_row.item) for line_row in rows]
    ended = row.state in ENDED
    return [(line, ledgers[line.item], [] if ended else open_differences(line, ledgers[line.item])) for line in lines]


def _ledgers(work: Work, case: Record, rows: Sequence[Record]) -> dict[str, Ledger]:
    held = read_items(work, case, [line_row.item for line_row in rows], lock=False)
    return {code: one.ledger for code, one in held.items()}
