"""What the papers of a hand-over are made of: everything it says, as plain JSON, in the words papers use."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.domain.custody import Custodian, Person
from app.domain.custody_handover import CLASSES, SEAL_FAULTS, SIDES, Handover, Line
from app.domain.custody_ledger import Ledger
from app.domain.custody_quantity import written
from app.domain.custody_sheet import receipt_hash
from app.domain.errors import Invalid, NotFound
from app.services.custody import read_items
from app.services.custody_handovers import value_of
from app.services.work import Work, officer_name
from app.storage import agencies, cases, custody
from app.storage.database import Record

GOOD_SEAL = "完好一致"


def handover_of(work: Work, given: Any, *, case_id: str, agency_id: str, title: str) -> dict[str, Any]:
    """Give the hand-over that a document shows; `given` is what the process calls its `handover`, an id.

    Raises Invalid when the process names none, NotFound for one of another case or of other agencies; each names the
    document and the hand-over.
    """
    if not isinstance(given, str) or not given:
        raise Invalid(
            f"文书《{title}》需要交接单，流程变量 handover 没有值",
            f"The document “{title}” needs a hand-over; the process names none in “handover”",
            at="handover",
        )
    row = custody.get_handover(work.connection, given)
    if row is None or row.case_id != case_id or agency_id not in (row.from_agency, row.to_agency):
        raise NotFound(
            f"文书《{title}》：本案没有本单位参与的交接 {given[:60]}",
            f"The document “{title}”: in this case the agency has no hand-over {given[:60]}",
            at="handover",
        )
    return handover_words(work, row)


def handover_words(work: Work, row: Record) -> dict[str, Any]:
    """Give a hand-over as papers show it; quantities are texts, moments ISO 8601, what is not there yet is empty."""
    value = value_of(work, row)
    case = cases.get_case(work.connection, row.case_id)
    if case is None:
        raise NotFound(at=row.case_id)
    held = read_items(work, case, [line.item for line in value.lines], lock=False)
    sides = {"giver": work.agency(row.from_agency), "receiver": work.agency(row.to_agency)}
    ledgers = {code: one.ledger for code, one in held.items()}
    names = {side.key: side.name for side in sides.values()}
    names |= agency_names(work, (keeper_of(ledger).keeper for ledger in ledgers.values()))
    lines = [
        line_words(line, ledgers[line.item], data=held[line.item].row.data, number=number, names=names)
        for number, line in enumerate(value.lines, start=1)
    ]
    return {
        "id": row.id,
        "number": row.number,
        "place": row.place,
        "state": row.state,
        "opened_at": row.opened_at.isoformat(),
        "opened_by": officer_name(work, row.opened_by),
        "signed_at": row.signed_at.isoformat() if row.signed_at else "",
        **{side: side_words(agency, value, side) for side, agency in sides.items()},
        "signers": list(value.signers),
        "lines": lines,
        "differences": [line for line in lines if line["classes"]],
        "signatures": {side: signatures_of(value, side, names) for side in SIDES},
        "complete": value.complete,
        "sheet": row.sheet or "",
        "receipt": receipt_hash(row.sheet, value.signatures) if value.complete and row.sheet else "",
    }


def side_words(agency: Record, value: Handover, side: str) -> dict[str, Any]:
    """Give one agency of a hand-over; `signed` says whether all its signatures are there."""
    wanted = dict(zip(SIDES, value.signers, strict=True))[side]
    return {
        "key": agency.key,
        "name": agency.name,
        "short": agency.short,
        "unit": agency.unit,
        "unit_name": agency.details.get("unit_name", ""),
        "head": agency.head,
        "signed": sum(one.side == side for one in value.signatures) >= wanted,
        "wanted": wanted,
    }


def signatures_of(value: Handover, side: str, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the signatures of one side in the order they were made."""
    return [
        {**person_words(one.person, names), "at": one.at.isoformat()} for one in value.signatures if one.side == side
    ]


def person_words(person: Person, names: Mapping[str, str]) -> dict[str, str]:
    """Give a person with the name of their agency."""
    return {"name": person.name, "number": person.number, "agency": names.get(person.agency, person.agency)}


def line_words(
    line: Line, ledger: Ledger, *, data: Mapping[str, Any], number: int, names: Mapping[str, str]
) -> dict[str, Any]:
    """Give a line with what the item's row says of it; `data` is that row, `ledger` where the item stands now."""
    keeper = keeper_of(ledger)
    told = ("spec", "format", "holder", "origin", "condition", "proposal", "treatment")
    return {
        **found_words(line),
        "no": number,
        "category": ledger.category or str(data.get("category") or ""),
        **{key: str(data.get(key) or "") for key in told},
        "keeper": names.get(keeper.keeper, keeper.keeper),
        "kept_at": keeper.place,
    }


def found_words(line: Line) -> dict[str, Any]:
    """Give what a line lists and what was found; `difference` is counted less listed, empty while nobody counted."""
    counted = "" if line.counted is None else written(line.counted)
    gap = Decimal(0) if line.counted is None or line.not_moved else line.counted - line.listed
    return {
        "item": line.item,
        "name": line.name,
        "unit": line.unit,
        "listed": written(line.listed),
        "counted": counted,
        "difference": "" if line.counted is None else signed(gap),
        "seal_listed": line.seal_listed,
        "seal_state": seal_words(line),
        "hash_listed": line.hash_listed,
        "hash_found": line.hash_found,
        "hash_agrees": None if not line.hash_found or not line.hash_listed else not line.hash_differs,
        "classes": [CLASSES[known][0] for known in line.classes],
        "class_keys": list(line.classes),
        "not_moved": line.not_moved,
        "proof": line.proof,
        "remark": line.remark,
        "head": line.head,
    }


def seal_words(line: Line) -> str:
    """Give the state in which the seal was found; empty while nobody looked at it."""
    if line.seal_ok is None:
        return ""
    faults = sorted(SEAL_FAULTS & set(line.classes))
    return GOOD_SEAL if line.seal_ok else "、".join(CLASSES[known][0] for known in faults) or "异常"


def signed(gap: Decimal) -> str:
    """Write a difference: -12, 0, +3."""
    return f"+{written(gap)}" if gap > 0 else written(gap)


def keeper_of(ledger: Ledger) -> Custodian:
    """Give who has, or last had, the goods."""
    return ledger.custodian or ledger.answerable or Custodian(agency="", keeper="", place="")


def agency_names(work: Work, keys: Iterable[str]) -> dict[str, str]:
    """Give the names of agencies by key; an agency that is not known here is left out."""
    found = (agencies.agency_by_key(work.connection, key) for key in sorted(set(keys)) if key)
    return {row.key: row.name for row in found if row is not None}
