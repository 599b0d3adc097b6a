"""What an entry tells beside the sums: how goods were disposed of, and which items were made from which.

The particulars stand inside the entry and its hash, so whoever can prove the entry can prove them too; no second record
has to travel. Return: MPS2020 234, SPC2021 438. Sale of perishables: MPS2020 236, SPC2021 439. Judgment and treasury:
SPC2021 444–448.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

LONGEST_PARTICULAR = 500
BETWEEN = "、"
"""Stands between the codes of items, which never hold it."""

PARTICULARS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "seized": {
        "split_from": ("拆分自", "Split from"),
        "proceeds_of": ("替代", "Stands for"),
    },
    "corrected": {"into": ("拆分为", "Split into")},
    "disposed": {
        "decision_title": ("决定文书", "Decision"),
        "decision_issuer": ("决定机关", "Decided by"),
        "decision_date": ("决定日期", "Decided on"),
        "decision_sha256": ("决定文书校验值", "SHA-256 of the decision"),
        "method": ("处置方法", "How it was done"),
        "witnesses": ("见证人", "Witnesses"),
        "recipient": ("领取人", "Recipient"),
        "recipient_id": ("领取人证件", "Identity of the recipient"),
        "amount": ("金额（元）", "Amount (CNY)"),
        "account": ("入账账户", "Account"),
        "voucher": ("缴款凭证", "Voucher"),
        "paid_to": ("价款已支付给", "Paid out to"),
        "proceeds": ("价款登记为", "Proceeds kept as"),
        "warned": ("经办人已确认的提示", "Warning that was confirmed"),
    },
}
"""By action; each with its words. What goes from one item to another names it by its code."""

_LINKS = (("into", "split_from"), ("proceeds", "proceeds_of"))


class Told(Protocol):
    """An act as far as links concern it."""

    @property
    def particulars(self) -> Mapping[str, str]:
        """What it tells beside."""
        ...

    @property
    def document(self) -> str:
        """By which document."""
        ...

    @property
    def quantity(self) -> Decimal:
        """How much, in `unit`."""
        ...

    @property
    def unit(self) -> str:
        """The measure."""
        ...


def broken_links(trails: Mapping[str, Sequence[Told]]) -> Iterator[tuple[str, str]]:
    """Give the pairs of items of which only one names the other, or by other documents, or whose sums differ.

    An item that is not among the trails is not open to the reader and says nothing.
    """
    for item, acts in trails.items():
        for act in acts:
            for forward, back in _LINKS:
                for code in _codes(act, forward):
                    if code in trails and not _names(trails[code], back, item, act.document):
                        yield item, code
                for code in _codes(act, back):
                    if code in trails and not _names(trails[code], forward, item, act.document):
                        yield item, code
            children = [trails[code][0] for code in _codes(act, "into") if trails.get(code)]
            if children and len(children) == len(_codes(act, "into")) and not _adds_up(act, children):
                yield item, _codes(act, "into")[0]


def _codes(act: Told, key: str) -> list[str]:
    return act.particulars[key].split(BETWEEN) if key in act.particulars else []


def _names(acts: Sequence[Told], key: str, item: str, document: str) -> bool:
    return any(item in _codes(act, key) and act.document == document for act in acts)


def _adds_up(parent: Told, children: Sequence[Told]) -> bool:
    """Whether what was taken out is what came in; goods that are measured otherwise afterwards cannot be compared."""
    if any(child.unit != parent.unit for child in children):
        return True
    return sum(child.quantity for child in children) == parent.quantity
