"""A stock-take (盘点): what should be there, what was found, how the two differ, and who vouches for it.

The list is frozen with the hash of each trail when the stock-take begins; a stock-take never changes a trail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain.custody import Person, Wording, is_same, shown
from app.domain.custody_chain import digest, moment_text, person_from_plain, person_to_plain, read_moment
from app.domain.custody_quantity import written
from app.domain.errors import Conflict, Invalid

SIGNERS = 2
"""Nobody vouches for a store alone."""

DIFFERENCES: Mapping[str, Wording] = {
    "missing": ("未见", "Missing"),
    "misplaced": ("位置不符", "Misplaced"),
    "quantity": ("数量不符", "Quantity differs"),
    "seal": ("封签不符", "Seal differs"),
}

CLASSES: Mapping[str, Mapping[str, Wording]] = {
    "missing": {
        "missing": ("短少、去向不明", "Missing, nobody knows where"),
        "not_recorded": ("已移出，尚未登记", "Taken out, not recorded yet"),
        "meanwhile": ("盘点期间依法移动", "Moved lawfully during the stock-take"),
        "elsewhere": ("依法存放在库外", "Kept lawfully outside the store"),
    },
    "misplaced": {
        "wrong_place": ("放错位置", "Put on the wrong place"),
        "not_recorded": ("已移位，尚未登记", "Moved, not recorded yet"),
        "meanwhile": ("盘点期间依法移动", "Moved lawfully during the stock-take"),
    },
    "quantity": {
        "count_error": ("登记或者计数有误", "Recorded or counted wrongly"),
        "weighing": ("计量误差", "Within the tolerance of weighing"),
        "missing": ("短少", "Short"),
        "damaged": ("毁损", "Damaged"),
        "meanwhile": ("盘点期间依法取用", "Taken lawfully during the stock-take"),
    },
    "seal": {
        "broken": ("封签破损", "The seal is broken"),
        "resealed": ("启封重封，尚未登记", "Opened and sealed again, not recorded yet"),
        "recorded_wrong": ("封签号登记有误", "The number was recorded wrongly"),
    },
}
"""What may explain each difference."""

SEALS: Mapping[str, Wording] = {
    "intact": ("完好相符", "Intact"),
    "broken": ("破损", "Broken"),
    "wrong": ("封签号不符", "Another seal"),
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was seen of an item: `quantity` in its unit, `seal` a key of `SEALS` or empty, `place` its full name."""

    quantity: Decimal
    seal: str
    place: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why one difference is there: a key of `CLASSES` and a remark."""

    kind: str
    remark: str


@dataclass(frozen=True, kw_only=True)
class TakeLine:
    """One item of a stock-take; `expected` is what should be in the store, without what is on loan.

    `listed` is false for an item of another place that was found here. `head` is the hash of the last entry of its
    trail when the list was frozen.
    """

    case: str
    item: str
    name: str
    unit: str
    expected: Decimal
    on_loan: Decimal
    seal: str
    place: str
    head: str
    listed: bool
    found: Found | None = None
    explained: Mapping[str, Explanation] = field(default_factory=dict)

    @property
    def differences(self) -> tuple[str, ...]:
        """How what was found differs from what was expected (`DIFFERENCES`); what is all on loan is not missed."""
        if self.found is None:
            return ("missing",) if self.expected else ()
        tests = {
            "misplaced": not self.listed or self.found.place != self.place,
            "quantity": self.found.quantity != self.expected,
            "seal": self.found.seal in ("broken", "wrong"),
        }
        return tuple(key for key, differs in tests.items() if differs)

    @property
    def unexplained(self) -> tuple[str, ...]:
        """The differences that have no explanation yet."""
        return tuple(key for key in self.differences if key not in self.explained)


@dataclass(frozen=True, kw_only=True)
class TakeSignature:
    """A person who vouches for a stock-take; `sheet` is the hash they signed."""

    person: Person
    at: datetime
    sheet: str


def read_seal(text: str, *, sealed: bool) -> str:
    """Check how a seal was found; an item without a seal has none to check. Raises Invalid, at `seal`."""
    if not sealed:
        return ""
    if text not in SEALS:
        raise Invalid(f"没有这种封签状态：{shown(text)}", f"There is no such state of a seal: {shown(text)}", at="seal")
    return text


def read_explanation(difference: str, kind: str, remark: str) -> Explanation:
    """Check why a difference is there; `remark` has been read. Raises Invalid, naming `class` or `remark`."""
    if kind not in CLASSES[difference]:
        raise Invalid("请选择差异的类别", "Choose the class of the difference", at="class")
    if not remark:
        raise Invalid("请说明差异的情况", "Say what is known of the difference", at="remark")
    return Explanation(kind=kind, remark=remark)


def require_take_signature(signatures: Sequence[TakeSignature], signature: TakeSignature) -> None:
    """Refuse a signature that may not be added. Raises Invalid, at `signatures`, or Conflict for another sheet."""
    if len(signatures) >= SIGNERS:
        raise Conflict("盘点已由两人签名", "Two persons have signed already", at="signatures")
    for earlier in signatures:
        if is_same(earlier.person, signature.person):
            name = signature.person.name
            raise Invalid(
                f"{name}已经签名，须由另一人签名", f"{name} has signed; another person has to", at="signatures"
            )
        if earlier.sheet != signature.sheet:
            raise Conflict("盘点内容在签名后有变动", "The sheet changed after it was signed", at="signatures")


def line_to_plain(line: TakeLine) -> dict[str, Any]:
    """Give a line as plain JSON."""
    found = line.found
    return {
        "case": line.case,
        "item": line.item,
        "name": line.name,
        "unit": line.unit,
        "expected": written(line.expected),
        "on_loan": written(line.on_loan),
        "seal": line.seal,
        "place": line.place,
        "head": line.head,
        "listed": line.listed,
        "found": None
        if found is None
        else {
            "quantity": written(found.quantity),
            "seal": found.seal,
            "place": found.place,
            "at": moment_text(found.at),
            "by": found.by,
        },
        "differences": {
            key: {"class": line.explained[key].kind, "remark": line.explained[key].remark}
            if key in line.explained
            else None
            for key in line.differences
        },
    }


def sheet_to_plain(
    *,
    number: str,
    agency: Mapping[str, str],
    place: str,
    opened_at: datetime,
    closed_at: datetime,
    lines: Sequence[TakeLine],
) -> dict[str, Any]:
    """Give a closed stock-take as plain JSON; `agency` holds its key and name, `place` is empty for the whole store."""
    return {
        "number": number,
        "agency": dict(agency),
        "place": place,
        "opened_at": moment_text(opened_at),
        "closed_at": moment_text(closed_at),
        "lines": [line_to_plain(line) for line in lines],
    }


def take_signature_to_plain(signature: TakeSignature) -> dict[str, Any]:
    """Give a signature as plain JSON."""
    return {
        "person": person_to_plain(signature.person),
        "at": moment_text(signature.at),
        "sheet": signature.sheet,
    }


def take_signature_from_plain(plain: Mapping[str, Any]) -> TakeSignature:
    """Read a signature back."""
    return TakeSignature(
        person=person_from_plain(plain["person"], at="person"),
        at=read_moment(plain["at"], at="at"),
        sheet=plain["sheet"],
    )


def result_hash(sheet: str, signatures: Sequence[TakeSignature]) -> str:
    """Give the SHA-256 over the sheet and the signatures: what the report is known by."""
    return digest({"sheet": sheet, "signatures": [take_signature_to_plain(one) for one in signatures]})
