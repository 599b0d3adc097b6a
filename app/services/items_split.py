"""Splitting an item (拆分): one seizure of mixed goods becomes several items, and the sums stay what they were.

The record that describes the goods one by one stands behind both sides (MPS2020 230; SPC2021 437): the parent is
corrected less by it, each new item enters custody by it, and each names the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.access import Officer
from app.domain.custody_ledger import Ledger
from app.domain.custody_particulars import BETWEEN, LONGEST_PARTICULAR
from app.domain.custody_quantity import read_quantity, written
from app.domain.errors import Forbidden, Invalid, InvalidAnswers
from app.domain.items import read_item, sha256_of
from app.services import custody
from app.services.custody import Cause, Held, agency_key
from app.services.items_writing import code_taken, keep_rows
from app.services.roles import require_keeper
from app.services.work import Work
from app.storage import custody as trails
from app.storage import facts

MOST_PARTS = 20
INHERITED = (*("holder", "witness", "signing_note", "origin", "seized_at", "seized_place", "doc_no", "proposal"),)
"""What a part has of its parent unless it says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """What is taken out of the parent, in its unit (everything there when None), and what it is made into."""

    parts: Sequence[Mapping[str, str]]
    quantity: str | None = None


def split(work: Work, officer: Officer, case_id: str, code: str, cause: Cause, wanted: Split) -> list[str]:
    """Make several items of one; give their codes.

    A part is told by the fields of an item; a field that it leaves empty is its parent's. Parts in the parent's unit
    add up to what is taken out; parts in other units (1 批 → 12 盒, 3 部) take the place of all that is named. Raises
    InvalidAnswers, `parts[0].name` → sentences, with every fault of the parts.
    """
    held = custody.hold(work, officer, case_id, [code])[code]
    require_keeper(work, officer)
    ledger = held.ledger
    place = _require_kept(work, officer, ledger, code)
    rows = _rows(work, held, wanted.parts)
    quantity = _taken_out(ledger, wanted, rows)
    codes = [str(row["code"]) for row in rows]
    first = trails.entries_of_item(work.connection, held.row.id)[0].content
    keep_rows(work, officer, held.case, rows)
    parent = Cause(
        why=_shortened(f"拆分为 {BETWEEN.join(codes)}：{cause.why}"),
        document=cause.document,
        beside=cause.beside,
        at=cause.at,
    )
    told = {"into": BETWEEN.join(codes)}
    custody.correct(work, officer, case_id, code, parent, kind="less", quantity=quantity, particulars=told)
    for row in rows:
        child = Cause(
            why=_shortened(f"拆分自 {code}：{cause.why}"), document=cause.document, beside=cause.beside, at=cause.at
        )
        custody.seize(
            work,
            officer,
            case_id,
            str(row["code"]),
            child,
            place=str(row.get("storage_place") or place),
            kind=first["kind"],
            seal=str(row.get("seal_no") or ""),
            file=sha256_of(row),
            particulars={"split_from": code},
        )
    return codes


def _require_kept(work: Work, officer: Officer, ledger: Ledger, code: str) -> str:
    """Give the place of the goods. Only who both answers for and keeps them can take them apart."""
    key = agency_key(work, officer.agency_id)
    custodian = ledger.custodian
    if custodian is None or {custodian.agency, custodian.keeper} != {key}:
        raise Forbidden(f"{code} 不由本单位保管，不能拆分", f"{code} is not kept by your agency", at=code)
    return custodian.place


def _rows(work: Work, held: Held, parts: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    if not 1 <= len(parts) <= MOST_PARTS:
        raise Invalid(f"拆分为一至 {MOST_PARTS} 件", f"Into one to {MOST_PARTS} items", at="parts")
    parent: Mapping[str, Any] = held.row.data
    inherited = {key: str(parent[key]) for key in INHERITED if parent.get(key)}
    taken = facts.taken_codes(work.connection, "items", held.case.id)
    faults: dict[str, list[tuple[str, str]]] = {}
    rows, met = [], set()
    for index, part in enumerate(parts):
        given = {key: value for key, value in part.items() if value.strip()}
        try:
            own = read_item(given)
        except InvalidAnswers as refused:
            faults |= {f"parts[{index}].{key}": told for key, told in refused.fields.items()}
            continue
        code = str(own["code"])
        if code in taken or code in met:
            faults[f"parts[{index}].code"] = [code_taken(code)]
        met.add(code)
        rows.append({**inherited, **own, "split_from": held.row.code})
    if faults:
        raise InvalidAnswers(faults)
    if len(BETWEEN.join(str(row["code"]) for row in rows)) > LONGEST_PARTICULAR:
        raise Invalid("编号过长，请缩短", "The codes are too long", at="parts")
    return rows


def _taken_out(ledger: Ledger, wanted: Split, rows: Sequence[Mapping[str, Any]]) -> Decimal:
    quantity = (
        ledger.available if wanted.quantity is None else read_quantity(wanted.quantity, ledger.unit, at="quantity")
    )
    alike = [row for row in rows if row["unit"] == ledger.unit]
    if not alike:
        return quantity
    if len(alike) < len(rows):
        raise Invalid(
            f"各件的单位应都是“{ledger.unit}”，或者都不是，否则数量无法核对",
            f"Either all parts are counted in {ledger.unit} or none: the sums could not be checked",
            at="parts",
        )
    total = sum((Decimal(str(row["qty"])) for row in rows), Decimal(0))
    if wanted.quantity is None and total <= ledger.available:
        return total
    if total != quantity:
        raise Invalid(
            f"各件合计 {written(total)}{ledger.unit}，应为 {written(quantity)}{ledger.unit}",
            f"The parts add up to {written(total)} {ledger.unit}, not {written(quantity)} {ledger.unit}",
            at="quantity",
        )
    return total


def _shortened(why: str) -> str:
    return why if len(why) <= LONGEST_PARTICULAR else f"{why[: LONGEST_PARTICULAR - 1]}…"
