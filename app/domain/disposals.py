"""Disposal (处置): what each way of it needs, how many persons, and what is said before evidence is lost to the court.

MPS2020 187, 234, 236; CPL 177, 245; SPC2021 438, 439, 444–448.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain import identity
from app.domain.custody import ITEM_KINDS, Wording, read_text
from app.domain.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way of disposal: the fields it needs beside decision and persons; `article` is its basis."""

    zh: str
    en: str
    needs: tuple[str, ...]
    article: str


WAYS: Mapping[str, Way] = {
    "return": Way(
        zh="发还", en="Return", needs=("recipient", "recipient_id"), article="CPL 245; MPS2020 234; SPC2021 438"
    ),
    "auction": Way(
        zh="拍卖、变卖", en="Auction", needs=("method", "amount", "account"), article="MPS2020 236; SPC2021 439"
    ),
    "destruction": Way(
        zh="销毁", en="Destruction", needs=("method", "witnesses"), article="MPS2020 236; SPC2021 445, 447"
    ),
    "treasury": Way(
        zh="上缴国库", en="Paid to the treasury", needs=("amount", "account", "voucher"), article="SPC2021 447, 448"
    ),
}
"""By kind of `disposed`."""

FEWEST_PERSONS = 2
MOST_PERSONS = 5

IDENTITIES: Mapping[str, Wording] = {
    "id_no": ("公民身份号码", "Citizen number"),
    "uscc": ("统一社会信用代码", "Unified social credit code"),
    "other": ("护照等其他证件", "Passport or other paper"),
}
"""By what the recipient shows who they are."""

EVIDENCE = frozenset(list(ITEM_KINDS)[:9])
"""The kinds of CPL 50; contraband and what is dangerous are evidence too while the proceedings run (MPS2020 236)."""


_RETURN = (
    "诉讼尚未终结：发还须权属明确、不影响诉讼和他人权益，并先拍照、估价（公安规定第234条，刑诉解释第438条）",
    "The proceedings go on: only with clear title, harming nobody, photographed, valued (MPS2020 234; SPC2021 438)",
)
_CONTRABAND = (
    "诉讼尚未终结：作为证据的违禁品应在诉讼终结后处理（公安规定第236条）",
    "The proceedings go on: contraband that is evidence is dealt with after they end (MPS2020 236)",
)
_PERISHABLE = (
    "诉讼尚未终结：易腐物品经负责人批准、拍照或者录像后可先行变卖，价款保留（公安规定第236条，刑诉解释第439条）",
    "The proceedings go on: perishables may be sold once approved and photographed (MPS2020 236; SPC2021 439)",
)
_PROPERTY = (
    "诉讼尚未终结：涉案财物由判决确定如何处理（刑诉解释第444至448条）",
    "The proceedings go on: the judgment says what becomes of property (SPC2021 444–448)",
)
_EVIDENCE_LOST = (
    "诉讼尚未终结：处置后证据不能再在法庭出示（公安规定第236条，刑诉解释第444至447条）",
    "The proceedings go on: the evidence cannot be shown in court any more (MPS2020 236; SPC2021 444–447)",
)


def persons_needed(kind: str, wanted: object) -> int:
    """Give how many persons a disposal takes: two, or as many as the agency asks for that way of it.

    `wanted` is what the agency's settings say under `disposal_persons`, such as {"destruction": 3}; anything but whole
    numbers from two to five is left aside.
    """
    asked = wanted.get(kind) if isinstance(wanted, Mapping) else None
    if isinstance(asked, int) and not isinstance(asked, bool) and FEWEST_PERSONS <= asked <= MOST_PERSONS:
        return asked
    return FEWEST_PERSONS


def warnings(kind: str, category: str, *, running: bool) -> list[Wording]:
    """Give what has to be read and confirmed first; `running` says whether the proceedings of the case go on."""
    if not running:
        return []
    if kind == "return":
        return [_RETURN]
    if category == "违禁品" and kind == "destruction":
        return [_CONTRABAND]
    if category == "易腐物品" and kind != "treasury":
        return [_PERISHABLE]
    if kind == "treasury" or (kind == "auction" and category not in EVIDENCE):
        return [_PROPERTY]
    return [_EVIDENCE_LOST]


def read_identity(kind: str, text: str, *, at: str = "recipient_id") -> str:
    """Check the number by which the recipient is known, of a kind of `IDENTITIES`."""
    if kind == "id_no":
        return identity.id_number(text, at=at)
    if kind == "uscc":
        return identity.credit_code(text, at=at)
    if kind == "other":
        return read_text(text, at=at, longest=40)
    raise Invalid("没有这种证件", "There is no such paper", at="recipient_id_kind")
