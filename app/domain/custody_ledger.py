"""The ledger of one item: what its entries add up to, and whether the next one fits.

At every moment: seized = held + consumed + returned + disposed (+ lost, which is zero unless a loss was recorded), and
exactly one custodian answers for what is held.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain.custody import ACTIONS, Act, Custodian, Seal
from app.domain.custody_chain import (
    Entry,
    custodian_from_plain,
    custodian_to_plain,
    link,
    moment_text,
    origin_hash,
    read_moment,
)
from app.domain.custody_quantity import written
from app.domain.errors import Invalid

ZERO = Decimal(0)
PARTS = ("seized", "held", "consumed", "returned", "disposed", "lost", "on_loan")
GONE = frozenset(("seized", "corrected"))


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Where an item stands; quantities in `unit`. `on_loan` is part of `held`; `answerable` was its last custodian."""

    item: str
    name: str = ""
    category: str = ""
    unit: str = ""
    seized: Decimal = ZERO
    held: Decimal = ZERO
    consumed: Decimal = ZERO
    returned: Decimal = ZERO
    disposed: Decimal = ZERO
    lost: Decimal = ZERO
    on_loan: Decimal = ZERO
    custodian: Custodian | None = None
    answerable: Custodian | None = None
    seal: Seal | None = None
    file: str = ""
    sampled: Mapping[str, Decimal] = field(default_factory=dict)
    seq: int = 0
    head: str
    at: datetime | None = None

    @property
    def available(self) -> Decimal:
        """What is in the store: held and not on loan."""
        return self.held - self.on_loan

    @property
    def balanced(self) -> bool:
        """Whether the sums hold and custody is neither shared nor empty."""
        parts = (self.held, self.consumed, self.returned, self.disposed, self.lost)
        return (
            self.seized == sum(parts)
            and min(*parts, self.on_loan, self.available) >= 0
            and (self.custodian is not None) == (self.held > 0)
        )


def opening(case: str, item: str) -> Ledger:
    """The ledger of an item nothing has happened to yet; `case` is the number of its case."""
    return Ledger(item=item, head=origin_hash(case, item))


def add(ledger: Ledger, act: Act) -> tuple[Ledger, Entry]:
    """Put an act at the end of an item's trail. Raises Invalid, naming the field, when it does not fit."""
    entry = link(act, seq=ledger.seq + 1, previous=ledger.head)
    return advance(ledger, entry), entry


def fold(ledger: Ledger, entries: Iterable[Entry]) -> Ledger:
    """Add up entries in order."""
    for entry in entries:
        ledger = advance(ledger, entry)
    return ledger


def advance(ledger: Ledger, entry: Entry) -> Ledger:
    """Give the ledger after an entry. Raises Invalid, naming the field, when the entry does not follow."""
    act = entry.act
    _require_order(ledger, entry)
    _require_unit_and_origin(ledger, act)
    changed = _RULES[act.action](ledger, act)
    after = replace(changed, seq=entry.seq, head=entry.hash, at=act.at)
    if act.seal is not None:
        after = replace(after, seal=act.seal)
    if act.file and act.action in ("seized", "sealed"):
        after = replace(after, file=act.file)
    if after.held == 0:
        after = replace(after, custodian=None)
    elif after.custodian is not None:
        after = replace(after, answerable=after.custodian)
    if not after.balanced or act.to != after.custodian:
        raise Invalid("操作之后账目不平或者保管人不唯一", "After this the sums or the custodian are wrong", at="to")
    return after


def ledger_to_plain(ledger: Ledger) -> dict[str, Any]:
    """Give a ledger as plain JSON."""
    return {
        "item": ledger.item,
        "name": ledger.name,
        "category": ledger.category,
        "unit": ledger.unit,
        **{part: written(getattr(ledger, part)) for part in PARTS},
        "custodian": custodian_to_plain(ledger.custodian),
        "answerable": custodian_to_plain(ledger.answerable),
        "seal": None if ledger.seal is None else {"number": ledger.seal.number, "state": ledger.seal.state},
        "file": ledger.file,
        "sampled": {number: written(taken) for number, taken in ledger.sampled.items()},
        "seq": ledger.seq,
        "head": ledger.head,
        "at": None if ledger.at is None else moment_text(ledger.at),
    }


def ledger_from_plain(plain: Mapping[str, Any]) -> Ledger:
    """Read a ledger back."""
    return Ledger(
        item=plain["item"],
        name=plain["name"],
        category=plain["category"],
        unit=plain["unit"],
        **{part: Decimal(plain[part]) for part in PARTS},
        custodian=custodian_from_plain(plain["custodian"], at="custodian"),
        answerable=custodian_from_plain(plain["answerable"], at="answerable"),
        seal=None if plain["seal"] is None else Seal(**plain["seal"]),
        file=plain["file"],
        sampled={number: Decimal(taken) for number, taken in plain["sampled"].items()},
        seq=plain["seq"],
        head=plain["head"],
        at=None if plain["at"] is None else read_moment(plain["at"], at="at"),
    )


def custodian_after(ledger: Ledger, *, action: str, kind: str, quantity: Decimal) -> Custodian | None:
    """Who answers for the item after an act that does not hand it over: nobody once nothing is left."""
    if action == "corrected" and kind in ("more", "found"):
        return ledger.custodian or ledger.answerable
    leaving = quantity if action in ("sampled", "disposed", "corrected") else ZERO
    return ledger.custodian if ledger.held > leaving else None


def _require_order(ledger: Ledger, entry: Entry) -> None:
    if entry.act.item != ledger.item:
        raise Invalid("这是另一件物品的记录", "This entry is about another item", at="item")
    if entry.seq != ledger.seq + 1:
        raise Invalid(f"序号应为 {ledger.seq + 1}", f"The number should be {ledger.seq + 1}", at="seq")
    if entry.previous != ledger.head:
        raise Invalid("与上一条记录的校验值不衔接", "It does not follow the entry before", at="previous")
    if ledger.at is not None and entry.act.at < ledger.at:
        raise Invalid("时间早于上一条记录", "It is earlier than the entry before", at="at")


def _require_unit_and_origin(ledger: Ledger, act: Act) -> None:
    if (ledger.seq > 0) == (act.action == "seized"):
        if ledger.seq:
            raise Invalid(f"{ledger.item}已经扣押登记", f"{ledger.item} has been seized already", at="action")
        raise Invalid(f"{ledger.item}尚未扣押登记", f"{ledger.item} has not been seized yet", at="action")
    if ledger.seq and act.unit != ledger.unit:
        raise Invalid(f"单位应为“{ledger.unit}”", f"The unit is {ledger.unit}", at="unit")
    if ledger.held == 0 and act.action not in GONE:
        raise Invalid(f"{ledger.item}已无在管数量", f"Nothing of {ledger.item} is held any more", at="quantity")
    if act.origin != ledger.custodian:
        raise Invalid("移出方不是现保管人", "It does not come from the present custodian", at="from")


def _require_at_most(act: Act, most: Decimal, zh: str, en: str) -> None:
    if act.quantity > most:
        asked, there = f"{written(act.quantity)}{act.unit}", f"{written(most)}{act.unit}"
        raise Invalid(
            f"{ACTIONS[act.action][0]}{asked}，超过{zh}的{there}",
            f"{ACTIONS[act.action][1]}: {asked} is more than the {there} {en}",
            at="quantity",
        )


def _seized(ledger: Ledger, act: Act) -> Ledger:
    if act.to is None or act.to.keeper != act.to.agency:
        raise Invalid("请填写扣押后的保管单位和地点", "Say who holds it now and where", at="to")
    return replace(
        ledger,
        name=act.name,
        category=act.category,
        unit=act.unit,
        seized=act.quantity,
        held=act.quantity,
        custodian=act.to,
    )


def _unchanged(ledger: Ledger, act: Act) -> Ledger:
    _require_at_most(act, ledger.held, "在管", "held")
    return ledger


def _sampled(ledger: Ledger, act: Act) -> Ledger:
    sampled = {**ledger.sampled, act.document: ledger.sampled.get(act.document, ZERO) + act.quantity}
    taken = _taken(ledger, act, loan=act.kind == "loan")
    return replace(taken, consumed=ledger.consumed + act.quantity, sampled=sampled)


def _taken(ledger: Ledger, act: Act, *, loan: bool = False) -> Ledger:
    if loan:
        _require_at_most(act, ledger.on_loan, "借出", "on loan")
        return replace(ledger, held=ledger.held - act.quantity, on_loan=ledger.on_loan - act.quantity)
    _require_at_most(act, ledger.available, "在库", "in the store")
    return replace(ledger, held=ledger.held - act.quantity)


def _stored(ledger: Ledger, act: Act) -> Ledger:
    _require_at_most(act, ledger.held, "在管", "held")
    if act.to is None or ledger.custodian is None or act.to != replace(ledger.custodian, place=act.to.place):
        raise Invalid("入库只改变存放地点", "Storing changes the place and nothing else", at="to")
    return replace(ledger, custodian=act.to)


def _lent(ledger: Ledger, act: Act) -> Ledger:
    _require_at_most(act, ledger.available, "在库", "in the store")
    return replace(ledger, on_loan=ledger.on_loan + act.quantity)


def _given_back(ledger: Ledger, act: Act) -> Ledger:
    _require_at_most(act, ledger.on_loan, "借出", "on loan")
    return replace(ledger, on_loan=ledger.on_loan - act.quantity)


def _handed_over(ledger: Ledger, act: Act) -> Ledger:
    giver, receiver = ledger.custodian, act.to
    if receiver is None or giver is None:
        raise Invalid("请填写接收单位", "Say who receives it", at="to")
    if receiver.agency == giver.agency:
        raise Invalid("不能移交给本单位", "An agency cannot hand over to itself", at="to.agency")
    if ledger.on_loan:
        raise Invalid("借出部分归还之前不能移交", "What is on loan has to come back first", at="quantity")
    if act.quantity != ledger.held:
        raise Invalid(
            f"应移交在管的全部 {written(ledger.held)}{ledger.unit}",
            f"All {written(ledger.held)}{ledger.unit} that are held are handed over, or none",
            at="quantity",
        )
    agencies = {person.agency for person in act.who}
    if not {giver.agency, receiver.agency} <= agencies:
        raise Invalid("交接双方均须有人签名", "Somebody of each side has to sign", at="who")
    stays = act.kind == "not_moved"
    if stays and (receiver.keeper, receiver.place) != (giver.keeper, giver.place):
        raise Invalid("实物不动时，保管处所不变", "Goods that do not move stay at their place", at="to.place")
    if not stays and receiver.keeper != receiver.agency:
        raise Invalid("实物移交后由接收单位保管", "Goods that move are kept by the receiver", at="to.keeper")
    return replace(ledger, custodian=receiver)


def _disposed(ledger: Ledger, act: Act) -> Ledger:
    taken = _taken(ledger, act)
    if act.kind == "return":
        return replace(taken, returned=ledger.returned + act.quantity)
    return replace(taken, disposed=ledger.disposed + act.quantity)


def _corrected(ledger: Ledger, act: Act) -> Ledger:
    if act.kind == "less":
        return replace(_taken(ledger, act), seized=ledger.seized - act.quantity)
    if act.kind in ("lost", "lost_on_loan"):
        taken = _taken(ledger, act, loan=act.kind == "lost_on_loan")
        return replace(taken, lost=ledger.lost + act.quantity)
    custodian = ledger.custodian or ledger.answerable
    more = replace(ledger, held=ledger.held + act.quantity, custodian=custodian)
    if act.kind == "found":
        _require_at_most(act, ledger.lost, "短少", "missing")
        return replace(more, lost=ledger.lost - act.quantity)
    return replace(more, seized=ledger.seized + act.quantity)


_RULES: Mapping[str, Callable[[Ledger, Act], Ledger]] = {
    "seized": _seized,
    "sealed": _unchanged,
    "sampled": _sampled,
    "stored": _stored,
    "lent": _lent,
    "returned_to_store": _given_back,
    "handed_over": _handed_over,
    "viewed": _unchanged,
    "copied": _unchanged,
    "disposed": _disposed,
    "corrected": _corrected,
}
