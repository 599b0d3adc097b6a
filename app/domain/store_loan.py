"""Loans from the store (调用): what for, and how late they are (PROP2015 11)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from app.domain.custody import Wording, shown
from app.domain.custody_quantity import written
from app.domain.errors import Invalid

PURPOSES: Mapping[str, Wording] = {
    "interrogation": ("讯问、询问", "Interrogation"),
    "appraisal": ("鉴定", "Appraisal"),
    "identification": ("辨认", "Identification"),
    "testing": ("检验、检测", "Testing"),
}
"""PROP2015 11: for nothing else may an item leave the store."""


def read_purpose(text: str) -> str:
    """Check what a loan is for (`PURPOSES`)."""
    if text not in PURPOSES:
        raise Invalid(
            f"只能因讯问、鉴定、辨认、检验调用，不能为“{shown(text)}”",
            f"Lent for interrogation, appraisal, identification or testing only, not for “{shown(text)}”",
            at="purpose",
        )
    return text


def days_overdue(due: date, today: date) -> int:
    """How many days a loan is late; 0 on its last day and before."""
    return max(0, (today - due).days)


def reason_of_loan(*, purpose: str, approver: str, condition: str, why: str) -> str:
    """Give the sentence the trail keeps of a loan: what for, who approved, in which condition, and why."""
    return f"{why}（用途：{PURPOSES[purpose][0]}；批准人：{approver}；借出时状况：{condition}）"


def reason_of_return(*, condition: str, document: str) -> str:
    """Give the sentence the trail keeps of a return."""
    return f"归还（{document}；归还时状况：{condition}）"


def require_sum(parts: Mapping[str, Decimal], lent: Decimal, *, unit: str, at: str) -> None:
    """Refuse to take back nothing, or more than is out; `parts` is what came back, was used up, lost, damaged."""
    total = sum(parts.values(), Decimal(0))
    if not total:
        raise Invalid("请填写归还数量", "Say how much comes back", at=at)
    if total > lent:
        raise Invalid(
            f"合计 {written(total)}{unit}，超过借出未还的 {written(lent)}{unit}",
            f"{written(total)} {unit} together, but only {written(lent)} {unit} are out",
            at=at,
        )
