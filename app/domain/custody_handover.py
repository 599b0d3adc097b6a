"""A hand-over (交接): the list, what the receiver counted, which differences are open, and the two signatures.

MPS2020 185, 288; SPC2021 111; PROP2015 11: giver and receiver count together, every difference has a class and a proof,
the receiver signs for the real quantity only. A changed hash blocks the signature whatever the explanation.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.domain.custody import (
    LONGEST_REASON,
    Person,
    Wording,
    is_same,
    read_code,
    read_sha256,
    require_moment,
    require_person,
    require_written,
)
from app.domain.custody_ledger import Ledger
from app.domain.custody_quantity import counts_pieces, read_quantity, written
from app.domain.errors import Invalid

CLASSES: Mapping[str, Wording] = {
    "sample_consumed": ("抽样消耗", "Consumed as sample"),
    "weighing_tolerance": ("称量误差", "Weighing tolerance"),
    "count_error": ("计数错误", "Count error"),
    "seal_broken": ("封签破损", "Seal broken"),
    "hash_mismatch": ("校验值不一致", "Hash differs"),
    "missing": ("短少", "Missing"),
    "extra": ("多出", "Extra"),
    "damaged": ("损坏", "Damaged"),
    "wrong_seal": ("封签号不符", "Another seal"),
    "not_moved": ("实物不动", "Goods not moved"),
}
FEWER = frozenset(("sample_consumed", "weighing_tolerance", "count_error", "missing", "damaged"))
MORE = frozenset(("weighing_tolerance", "count_error", "extra"))
SEAL_FAULTS = frozenset(("seal_broken", "wrong_seal"))
VERDICTS = ("uncounted", "equal", "explained", "open")
"""What is to be said of a line: not counted, as listed, different and explained, different and still open."""
SIDES: Mapping[str, Wording] = {"giver": ("移交方", "the giver"), "receiver": ("接收方", "the receiver")}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One item on the list, and what the receiver found. Raises Invalid for what no sheet may hold.

    `listed`, `counted` in `unit`; `counted` is None until somebody counted. `head` is the hash of the item's last entry
    when the sheet was first signed: what is signed for is the item with its whole trail.
    """

    item: str
    name: str
    unit: str
    listed: Decimal
    seal_listed: str = ""
    hash_listed: str = ""
    counted: Decimal | None = None
    classes: tuple[str, ...] = ()
    proof: str = ""
    seal_ok: bool | None = None
    hash_found: str = ""
    remark: str = ""
    head: str = ""

    def __post_init__(self) -> None:
        read_code(self.item, at="item")
        require_written(self.name, at="name")
        read_quantity(self.listed, self.unit, at="listed")
        if self.counted is not None:
            read_quantity(self.counted, self.unit, at="counted", zero=True)
        for value, at in ((self.seal_listed, "seal_listed"), (self.proof, "proof")):
            if value:
                require_written(value, at=at)
        if self.remark:
            require_written(self.remark, at="remark", longest=LONGEST_REASON)
        for value, at in ((self.hash_listed, "hash_listed"), (self.hash_found, "hash_found"), (self.head, "head")):
            if value and read_sha256(value, at=at) != value:
                raise Invalid("校验值应为小写", "The hash is written in small letters", at=at)
        self._require_classes()

    def _require_classes(self) -> None:
        for known in self.classes:
            if known not in CLASSES:
                raise Invalid("没有这种差异类别", "There is no such class of difference", at="classes")
        if list(self.classes) != sorted(set(self.classes)):
            raise Invalid("差异类别重复或者次序不对", "Classes are named once, in order", at="classes")
        if self.not_moved and (len(self.classes) > 1 or self.counted):
            raise Invalid("实物不动时，清点数量为 0", "Goods that do not move are counted as 0", at="counted")
        if self.hash_found and not self.hash_listed:
            raise Invalid("该物品没有登记校验值", "No hash was registered for this item", at="hash_found")
        if self.seal_ok is not None and not self.seal_listed:
            raise Invalid("该物品没有登记封签", "No seal was registered for this item", at="seal_ok")

    @property
    def not_moved(self) -> bool:
        """Whether responsibility moves and the goods stay."""
        return "not_moved" in self.classes

    @property
    def hash_differs(self) -> bool:
        """Whether the content found is not the content listed."""
        return bool(self.hash_found) and self.hash_found != self.hash_listed


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Something that stands between the list and the signature: the line's field, and a sentence."""

    item: str
    field: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Signature:
    """A signature under the sheet with that SHA-256."""

    person: Person
    side: str
    at: datetime
    sheet: str


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A hand-over from agency to agency (keys): its number, place, lines and signatures.

    `signers` says how many of the giver and of the receiver sign. Inside one agency (officer to store, MPS2020 235) the
    two sides are other persons of the same agency.
    """

    number: str
    giver: str
    receiver: str
    place: str
    lines: tuple[Line, ...]
    signers: tuple[int, int] = (1, 1)
    signatures: tuple[Signature, ...] = ()

    def __post_init__(self) -> None:
        require_written(self.number, at="number")
        require_written(self.giver, at="giver")
        require_written(self.receiver, at="receiver")
        require_written(self.place, at="place", longest=200)
        if not self.lines:
            raise Invalid("移交清单上没有物品", "The list holds no item", at="lines")
        codes = [line.item for line in self.lines]
        for index, code in enumerate(codes):
            if code in codes[:index]:
                raise Invalid(f"{code}在清单上重复", f"{code} is listed twice", at=f"lines[{index}].item")
        if min(self.signers) < 1 or max(self.signers) > 9:  # noqa: PLR2004 - nine fit on the sheet
            raise Invalid("双方各须一至九人签名", "One to nine of each side sign", at="signers")

    @property
    def inside(self) -> bool:
        """Whether it stays in one agency: then custody stays, and the goods come to a place of the store."""
        return self.giver == self.receiver

    @property
    def complete(self) -> bool:
        """Whether everybody needed has signed."""
        return all(self.signed_by(side) for side in SIDES)

    def signed_by(self, side: str) -> bool:
        """Whether everybody needed of a side (`SIDES`) has signed."""
        wanted = self.signers[list(SIDES).index(side)]
        return sum(signature.side == side for signature in self.signatures) >= wanted


def reconcile(lines: Sequence[Line], ledgers: Mapping[str, Ledger]) -> list[Difference]:
    """Give what is still open: not counted, unexplained, contradictory, or a hash that differs (which stays open)."""
    return [difference for line in lines for difference in open_differences(line, ledgers[line.item])]


def open_differences(line: Line, ledger: Ledger) -> list[Difference]:
    """Give what is open in one line, measured against the list and against the trail of the item."""
    if line.counted is None:
        return [_open(line, "counted", "尚未清点", "has not been counted")]
    if line.not_moved:
        return list(_stays(line, ledger))
    return [*_hash(line), *_seal(line), *_quantity(line, ledger), *_proof(line)]


def verdict(line: Line, ledger: Ledger) -> str:
    """Give which of `VERDICTS` holds for a line, measured against the trail of its item."""
    if line.counted is None:
        return "uncounted"
    if open_differences(line, ledger):
        return "open"
    return ended_verdict(line)


def ended_verdict(line: Line) -> str:
    """Give which of `VERDICTS` holds for a line that nothing stands against any more: the trail may have moved on."""
    if line.counted is None:
        return "uncounted"
    return "explained" if line.classes else "equal"


def fitting_classes(unit: str, *, listed: Decimal, recorded: Decimal) -> frozenset[str]:
    """Give the classes that can explain a quantity: counted less listed, and counted less what the trail records."""
    if listed == 0 and recorded == 0:
        return frozenset(("damaged",))
    fitting = (FEWER if min(listed, recorded) < 0 else frozenset()) | (
        MORE if max(listed, recorded) > 0 else frozenset()
    )
    if counts_pieces(unit):
        fitting -= {"weighing_tolerance"}
    if recorded == 0:  # the trail agrees with the count: it is the list that has to be explained
        fitting -= {"missing", "damaged"}
    return fitting


def require_reconciled(lines: Sequence[Line], ledgers: Mapping[str, Ledger]) -> None:
    """Refuse the signature while anything is open; the first open difference is named."""
    for index, line in enumerate(lines):
        for difference in open_differences(line, ledgers[line.item]):
            raise Invalid(difference.zh, difference.en, at=f"lines[{index}].{difference.field}")


def require_signature(handover: Handover, signature: Signature, *, sheet: str) -> None:
    """Refuse a signature of the wrong agency, of somebody who has signed, or under another sheet."""
    require_person(signature.person, at="person")
    require_moment(signature.at, at="at")
    if signature.side not in SIDES:
        raise Invalid("应为移交方或者接收方", "A side is giver or receiver", at="side")
    agency = handover.giver if signature.side == "giver" else handover.receiver
    if signature.person.agency != agency:
        zh, en = SIDES[signature.side]
        raise Invalid(
            f"{signature.person.name}不是{zh}的人员，不能代为签名",
            f"{signature.person.name} is not of the agency of {en} and cannot sign for it",
            at="person.agency",
        )
    for earlier in handover.signatures:
        if is_same(signature.person, earlier.person):
            raise Invalid(
                f"{signature.person.name}已经签名，须由另一人签名",
                f"{signature.person.name} has signed; another person has to",
                at="person.name",
            )
    if signature.sheet != sheet:
        raise Invalid("签名所附的不是这份交接单", "The signature is under another sheet", at="sheet")


def _stays(line: Line, ledger: Ledger) -> list[Difference]:
    found = []
    if line.listed != ledger.held:
        found.append(_off_the_trail(line, ledger))
    if not line.proof:
        found.append(_open(line, "proof", "实物不动须附清单、照片等证明", "does not move: name the list, photographs"))
    return found


def _hash(line: Line) -> list[Difference]:
    if line.hash_differs:
        return [
            _open(
                line,
                "hash_found",
                f"校验值不一致，不能签名：清单 {line.hash_listed}，实际 {line.hash_found}",
                f"hash differs, no signature: listed {line.hash_listed}, found {line.hash_found}",
            )
        ]
    if "hash_mismatch" in line.classes:
        return [_open(line, "classes", "校验值一致，类别不符", "the hash agrees with the list, the class does not")]
    if line.hash_listed and not line.hash_found and line.counted:
        return [_open(line, "hash_found", "尚未核对校验值", "the hash has not been compared")]
    return []


def _seal(line: Line) -> list[Difference]:
    faults = SEAL_FAULTS & set(line.classes)
    if line.seal_listed and line.seal_ok is None and line.counted:
        return [_open(line, "seal_ok", "尚未核对封签", "the seal has not been checked")]
    if line.seal_ok is False and not faults:
        return [_open(line, "classes", "封签异常，须注明类别", "the seal is not right: give the class")]
    if faults and line.seal_ok is not False:
        return [_open(line, "seal_ok", "封签类别与核对结果矛盾", "the class of the seal contradicts the check")]
    return []


def _quantity(line: Line, ledger: Ledger) -> list[Difference]:
    counted = line.counted or Decimal(0)
    listed, recorded = counted - line.listed, counted - ledger.held
    given = set(line.classes) & (FEWER | MORE)
    change = f"清单 {written(line.listed)}，实点 {written(counted)}{line.unit}"
    change_en = f"listed {written(line.listed)}, counted {written(counted)} {line.unit}"
    fitting = fitting_classes(line.unit, listed=listed, recorded=recorded)
    if listed == 0 and recorded == 0:
        return (
            [_open(line, "classes", f"数量相符，类别不符：{change}", f"nothing differs: {change_en}")]
            if given - fitting
            else []
        )
    if not given or not given <= fitting:
        zh, en = f"数量不符，须注明类别：{change}", f"the quantity differs, give a fitting class: {change_en}"
        if recorded and not listed:
            zh, en = _off_the_trail(line, ledger).zh, _off_the_trail(line, ledger).en
            return [Difference(item=line.item, field="classes", zh=zh, en=en)]
        return [_open(line, "classes", zh, en)]
    if "sample_consumed" in given and line.listed > ledger.held:
        named = sum((taken for number, taken in ledger.sampled.items() if _names(line.proof, number)), Decimal(0))
        if named < line.listed - ledger.held:
            return [_open(line, "proof", "证明不是该物品的抽样记录", "the proof is no sampling record of this item")]
    return []


def _names(proof: str, number: str) -> bool:
    """Whether a proof speaks of a document: 31号 does not speak of 1号."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(number)}", proof) is not None


def _proof(line: Line) -> list[Difference]:
    # Nothing proves away a changed hash: it stays open whatever is said of it.
    if set(line.classes) - {"hash_mismatch"} and not line.proof:
        return [_open(line, "proof", "差异须附证明", "a difference needs a proof")]
    return []


def _off_the_trail(line: Line, ledger: Ledger) -> Difference:
    held = f"{written(ledger.held)}{ledger.unit}"
    return _open(line, "listed", f"保管链记载在管 {held}，与清单或者清点不符", f"the trail says {held} are held")


def _open(line: Line, field: str, zh: str, en: str) -> Difference:
    return Difference(item=line.item, field=field, zh=f"{line.item} {line.name}：{zh}", en=f"{line.item}: {en}")
