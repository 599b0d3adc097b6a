"""Stock-takes (盘点): a frozen list, scanned or ticked, differences explained, signed by two; no trail changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain.access import Officer
from app.domain.custody import read_text
from app.domain.custody_chain import digest, moment_text, read_moment
from app.domain.custody_quantity import read_quantity, written
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.moments import BEIJING
from app.domain.store_take import (
    DIFFERENCES,
    SIGNERS,
    Explanation,
    Found,
    TakeLine,
    TakeSignature,
    read_explanation,
    read_seal,
    require_take_signature,
    result_hash,
    sheet_to_plain,
    take_signature_from_plain,
    take_signature_to_plain,
)
from app.services.custody import persons
from app.services.store import find_labelled, see_kept
from app.services.store_places import find_place, require_custodian, subtree
from app.services.work import Work
from app.storage import audit, custody, store_places, store_shelf, store_takes
from app.storage.database import Record
from app.storage.store_shelf import Wanted

PAGE = 100


@dataclass(frozen=True, kw_only=True)
class SeenTake:
    """A stock-take with its numbers: lines, done, differing, and the differences nobody has explained yet."""

    row: Record
    lines: int
    done: int
    differ: int
    signatures: tuple[TakeSignature, ...]


def open_take(work: Work, officer: Officer, *, place_id: str = "") -> str:
    """Begin a stock-take of a place with all below it, or of the whole store; give its id.

    The list is what the agency keeps there now, each item with the hash of the last entry of its trail.
    """
    require_custodian(work, officer)
    inside = subtree(work, officer, place_id) if place_id else None
    place = store_places.get_place(work.connection, place_id) if place_id else None
    rows = store_shelf.kept(work.connection, officer.agency_id, Wanted(places=inside))
    if not rows:
        raise Invalid(
            "这里没有在管物品，无须盘点", "Nothing is kept here: there is nothing to take stock of", at="place"
        )
    year = work.now.astimezone(BEIJING).year
    serial = store_takes.next_number(work.connection, officer.agency_id, year=year)
    take_id = store_takes.open_take(
        work.connection,
        agency_id=officer.agency_id,
        number=f"PD{year}-{serial:04}",
        place_id=place_id or None,
        place=place.full_name if place else "",
        opened_at=work.now,
        opened_by=officer.id,
        lines=[_new_line(row, listed=True) for row in rows],
    )
    _note(work, officer, take_id, "opened", items=len(rows))
    return take_id


def list_takes(work: Work, officer: Officer) -> list[SeenTake]:
    """Give the stock-takes of the officer's agency, the newest first."""
    rows = store_takes.takes_of(work.connection, officer.agency_id)
    tallies = store_takes.tally(work.connection, [row.id for row in rows])
    return [_seen(row, tallies.get(row.id)) for row in rows]


def see_take(work: Work, officer: Officer, take_id: str) -> SeenTake:
    """Give a stock-take of the officer's agency. Raises NotFound for another's."""
    row = _own(store_takes.get_take(work.connection, take_id), officer, take_id)
    return _seen(row, store_takes.tally(work.connection, [take_id]).get(take_id))


def see_lines(
    work: Work, officer: Officer, take_id: str, *, which: str = "all", page: int = 1
) -> tuple[int, list[tuple[Record, TakeLine]]]:
    """Count and list lines: `which` is all, todo or differ."""
    see_take(work, officer, take_id)
    if which not in ("all", "todo", "differ"):
        raise NotFound("没有这个列表", "No such list", at=which)
    total, rows = store_takes.page_of_lines(work.connection, take_id, which=which, limit=PAGE, offset=(page - 1) * PAGE)
    return total, [(row, line_of(row)) for row in rows]


def scan(
    work: Work,
    officer: Officer,
    take_id: str,
    label: str,
    *,
    place: str = "",
    quantity: str = "",
    seal: str = "intact",
) -> Record:
    """Mark what a label means as found; give its line. An item of another place is added as misplaced.

    `place` says where the counter stands (label, code or name; the recorded place when empty). Raises Invalid, at
    `label`, naming an item the agency does not keep.
    """
    row = _open(work, officer, take_id)
    item = find_labelled(work, officer, label)
    line = store_takes.get_take_line(work.connection, take_id, item_id=item.item_id)
    if line is None:
        values = _new_line(item, listed=False)
        store_takes.add_take_line(work.connection, take_id=take_id, **values)
        _note(work, officer, take_id, "misplaced", case=item.case_number, item=item.code)
        place = place or row.place
    return mark(work, officer, take_id, item.item_id, place=place, quantity=quantity, seal=seal)


def mark(
    work: Work,
    officer: Officer,
    take_id: str,
    item_id: str,
    *,
    place: str = "",
    quantity: str = "",
    seal: str = "intact",
) -> Record:
    """Mark an item of the list as found, with quantity (all of it when empty) and seal; give its line."""
    row = _open(work, officer, take_id)
    known = _line(work, take_id, item_id)
    line = line_of(known)
    spot = find_place(work, officer, place) if place else None
    where = spot.full_name if spot is not None else place and read_text(place, at="place", longest=200)
    count = read_quantity(quantity, line.unit, at="quantity", zero=True) if quantity else line.expected
    found = Found(
        quantity=count,
        seal=read_seal(seal, sealed=bool(line.seal)),
        place=where or (line.place if line.listed else row.place or line.place),
        at=work.now,
        by=officer.name,
    )
    _keep(work, take_id, known, replace(line, found=found, explained={}))
    return _line(work, take_id, item_id)


def unmark(work: Work, officer: Officer, take_id: str, item_id: str) -> None:
    """Take a mark back; an item of another place leaves the list again."""
    _open(work, officer, take_id)
    known = _line(work, take_id, item_id)
    if not known.listed:
        store_takes.drop_take_line(work.connection, take_id, item_id)
        return
    store_takes.change_take_line(
        work.connection, take_id, item_id, found=None, explained={}, done=known.expected == "0", differs=False
    )


def close_take(work: Work, officer: Officer, take_id: str) -> SeenTake:
    """End the counting: what was not found is missing from now on; every difference has to be explained next."""
    _open(work, officer, take_id)
    for row in store_takes.lines_of_take(work.connection, take_id):
        line = line_of(row)
        if bool(row.differs) != bool(line.differences):
            store_takes.change_take_line(work.connection, take_id, row.item_id, differs=bool(line.differences))
    store_takes.change_take(work.connection, take_id, state="closed", closed_at=work.now)
    _note(work, officer, take_id, "closed")
    return see_take(work, officer, take_id)


def explain(
    work: Work, officer: Officer, take_id: str, item_id: str, *, difference: str, kind: str, remark: str
) -> None:
    """Class a difference of a closed stock-take and say what is known of it."""
    require_custodian(work, officer)
    row = _own(store_takes.get_take(work.connection, take_id, lock=True), officer, take_id)
    if row.state != "closed" or row.signatures:
        raise Conflict(
            "清点结束之后、签名之前才能说明差异",
            "Explained after the counting and before the first signature",
            at=row.number,
        )
    known = _line(work, take_id, item_id)
    line = line_of(known)
    if difference not in line.differences:
        raise Invalid(f"{line.item} 没有这项差异", f"{line.item} does not differ in this", at="difference")
    given = read_explanation(difference, kind, read_text(remark, at="remark", longest=200) if remark else "")
    _keep(work, take_id, known, replace(line, explained={**line.explained, difference: given}))


def sign_take(work: Work, officer: Officer, take_id: str) -> bool:
    """Sign a closed stock-take; true when that was the second signature and the result is fixed.

    Raises Conflict, naming the item, while a difference is not explained, and Invalid for the same person again.
    """
    row = _own(store_takes.get_take(work.connection, take_id, lock=True), officer, take_id)
    if row.state != "closed":
        zh, en = ("盘点已经办结", "It has ended") if row.state != "open" else ("清点尚未结束", "The counting goes on")
        raise Conflict(zh, en, at=row.number)
    lines = [line_of(one) for one in store_takes.lines_of_take(work.connection, take_id)]
    for line in lines:
        for difference in line.unexplained:
            zh, en = DIFFERENCES[difference]
            raise Conflict(
                f"{line.case} {line.item} {zh}，尚未说明", f"{line.case} {line.item}: {en}, not explained", at=line.item
            )
    agency = work.agency(officer.agency_id)
    content = sheet_to_plain(
        number=row.number,
        agency={"key": agency.key, "name": agency.name},
        place=row.place,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        lines=lines,
    )
    # Once somebody has signed, the sheet is what was signed then, whatever the agency is called now.
    sheet = row.sheet if row.signatures else digest(content)
    earlier = tuple(take_signature_from_plain(one) for one in row.signatures)
    signature = TakeSignature(person=persons(work, officer)[0], at=work.now, sheet=sheet)
    require_take_signature(earlier, signature)
    signatures = (*earlier, signature)
    complete = len(signatures) == SIGNERS
    store_takes.change_take(
        work.connection,
        take_id,
        sheet=sheet,
        content=row.content if row.signatures else content,
        signatures=[take_signature_to_plain(one) for one in signatures],
        result=result_hash(sheet, signatures) if complete else None,
        state="signed" if complete else "closed",
    )
    _note(work, officer, take_id, "signed", sheet=sheet, complete=complete)
    return complete


def give_up(work: Work, officer: Officer, take_id: str, *, why: str) -> None:
    """Give a stock-take up before it is signed by two, and say why; what was counted stays on record."""
    require_custodian(work, officer)
    row = _own(store_takes.get_take(work.connection, take_id, lock=True), officer, take_id)
    if row.state not in ("open", "closed"):
        raise Conflict("盘点已经办结", "It has ended", at=row.number)
    reason = read_text(why, at="why", longest=200)
    store_takes.change_take(work.connection, take_id, state="given_up", reason=reason)
    _note(work, officer, take_id, "given_up", why=reason)


def proves(row: Record) -> bool:
    """Whether a signed stock-take is what was signed: sheet and result follow from its content."""
    signatures = tuple(take_signature_from_plain(one) for one in row.signatures)
    return bool(digest(row.content) == row.sheet and result_hash(row.sheet, signatures) == row.result)


def changed_since(work: Work, rows: Sequence[Record]) -> set[str]:
    """Give the ids of items whose trail has gone on since the list was frozen."""
    ledgers = custody.get_ledgers(work.connection, [row.item_id for row in rows])
    return {row.item_id for row in rows if ledgers[row.item_id]["head"] != row.head}


def line_of(row: Record) -> TakeLine:
    """Give a line as the value the rules speak of."""
    found: Mapping[str, Any] | None = row.found
    return TakeLine(
        case=row.case_number,
        item=row.code,
        name=row.name,
        unit=row.unit,
        expected=Decimal(row.expected),
        on_loan=Decimal(row.on_loan),
        seal=row.seal,
        place=row.place,
        head=row.head,
        listed=row.listed,
        found=None
        if found is None
        else Found(
            quantity=Decimal(found["quantity"]),
            seal=found["seal"],
            place=found["place"],
            at=_moment(found["at"]),
            by=found["by"],
        ),
        explained={key: Explanation(kind=one["kind"], remark=one["remark"]) for key, one in row.explained.items()},
    )


def kept_of_take(work: Work, officer: Officer, take_id: str) -> list[Record]:
    """Give the items of a stock-take that the agency still keeps: for their labels."""
    see_take(work, officer, take_id)
    return see_kept(work, officer, [row.item_id for row in store_takes.lines_of_take(work.connection, take_id)])


def _keep(work: Work, take_id: str, known: Record, line: TakeLine) -> None:
    found = line.found
    store_takes.change_take_line(
        work.connection,
        take_id,
        known.item_id,
        found=None
        if found is None
        else {
            "quantity": written(found.quantity),
            "seal": found.seal,
            "place": found.place,
            "at": moment_text(found.at),
            "by": found.by,
        },
        explained={key: {"kind": one.kind, "remark": one.remark} for key, one in line.explained.items()},
        done=found is not None or not line.expected,
        differs=bool(line.differences),
    )


def _new_line(row: Record, *, listed: bool) -> dict[str, Any]:
    expected = Decimal(row.held) - Decimal(row.on_loan)
    return {
        "item_id": row.item_id,
        "case_id": row.case_id,
        "case_number": row.case_number,
        "code": row.code,
        "name": row.name,
        "unit": row.unit,
        "expected": written(expected),
        "on_loan": row.on_loan,
        "seal": row.seal,
        "place": row.place_now,
        "head": row.head,
        "listed": listed,
        "found": None,
        "explained": {},
        "done": listed and not expected,
        "differs": not listed,
    }


def _seen(row: Record, tally: Record | None) -> SeenTake:
    return SeenTake(
        row=row,
        lines=int(tally.lines) if tally else 0,
        done=int(tally.done) if tally else 0,
        differ=int(tally.differ) if tally else 0,
        signatures=tuple(take_signature_from_plain(one) for one in row.signatures),
    )


def _own(row: Record | None, officer: Officer, take_id: str) -> Record:
    if row is None or row.agency_id != officer.agency_id:
        raise NotFound("没有这次盘点", "No such stock-take", at=take_id)
    return row


def _open(work: Work, officer: Officer, take_id: str) -> Record:
    require_custodian(work, officer)
    row = _own(store_takes.get_take(work.connection, take_id, lock=True), officer, take_id)
    if row.state != "open":
        raise Conflict("清点已经结束", "The counting has ended", at=row.number)
    return row


def _line(work: Work, take_id: str, item_id: str) -> Record:
    row = store_takes.get_take_line(work.connection, take_id, item_id=item_id)
    if row is None:
        raise NotFound("盘点清单上没有这件物品", "The item is not on the list", at=item_id)
    return row


def _moment(text: str) -> datetime:
    return read_moment(text, at="found.at")


def _note(work: Work, officer: Officer, take_id: str, act: str, **detail: Any) -> None:
    audit.note(
        work.connection,
        action="store_take",
        at=work.now,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"take": take_id, "act": act, **detail},
    )
