"""How documents write dates, sums and lists.

GB/T 9704-2012 for dates (Arabic figures, no leading zeros); the rules of the banks for sums in capitals
(正确填写票据和结算凭证的基本规定).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from jinja2 import StrictUndefined

from app.domain.errors import Invalid
from app.domain.moments import BEIJING

BLANK = "／"
"""What stands in a space nobody filled in, so that nothing can be added later."""

_FIGURES = "零一二三四五六七八九"
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "十", "百", "千")
_CAPITAL_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_GROUP = 4
_LARGEST = 10 ** (_GROUP * len(_GROUPS))
_CENT = Decimal("0.01")
_TEN, _TWENTY = 10, 20


class Unfilled(StrictUndefined):
    """A name a template uses that is not there; an error for everything but a filter that writes a blank."""

    @property
    def in_a_row(self) -> bool:
        """Whether it is a field of something that is there: a party without a telephone, say."""
        return isinstance(self._undefined_obj, Mapping)


def cn_date(value: Any) -> str:
    """2026年3月13日, the day in China; empty for nothing. Raises Invalid for what is no date."""
    if _is_blank(value):
        return ""
    moment = _moment(value)
    return f"{moment.year}年{moment.month}月{moment.day}日"


def cn_datetime(value: Any) -> str:
    """2026年3月13日15时50分 in China's time, the day alone for a date; empty for nothing."""
    if _is_blank(value):
        return ""
    moment = _moment(value)
    day = f"{moment.year}年{moment.month}月{moment.day}日"
    return f"{day}{moment.hour}时{moment.minute:02}分" if isinstance(moment, datetime) else day


def money(value: Any) -> str:
    """129,200.00元; empty for nothing. Raises Invalid for what is no sum of yuan with at most two decimals."""
    return "" if _is_blank(value) else f"{_sum(value):,.2f}元"


def cn_money(value: Any) -> str:
    """人民币壹拾贰万玖仟贰佰元整; empty for nothing."""
    if _is_blank(value):
        return ""
    amount = _sum(value)
    whole, cents = divmod(int(abs(amount) * 100), 100)
    dime, cent = divmod(cents, 10)
    text = f"{_chinese(whole, _CAPITALS, _CAPITAL_UNITS)}元" if whole or not cents else ""
    if dime:
        text += f"{_CAPITALS[dime]}角"
    elif cent and whole:
        text += _CAPITALS[0]
    text += f"{_CAPITALS[cent]}分" if cent else "整"
    return f"人民币{'负' if amount < 0 else ''}{text}"


def cn_number(value: Any) -> str:
    """十二 for 12, as in 第十二条; empty for nothing. Raises Invalid for what is no whole number from 0."""
    if _is_blank(value):
        return ""
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(_LARGEST)):
        number = int(value)
    if number is None or not 0 <= number < _LARGEST:
        raise Invalid(f"“{_shown(value)}”不是数目", f"“{_shown(value)}” is not a whole number from 0")
    text = _chinese(number, _FIGURES, _UNITS)
    return text[1:] if _TEN <= number < _TWENTY else text


def or_blank(value: Any) -> Any:
    """The value, or ／ where there is none."""
    return BLANK if _is_blank(value) else value


def join_cn(value: Any) -> str:
    """Several names with 、 between them; one text stays as it is."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return "" if _is_blank(value) else str(value)
    return "、".join(str(entry) for entry in value if not _is_blank(entry))


FILTERS: Mapping[str, Callable[[Any], Any]] = {
    function.__name__: function for function in (cn_date, cn_datetime, cn_money, cn_number, join_cn, money, or_blank)
}
"""What templates may write behind a bar, besides what Jinja brings."""


def _is_blank(value: Any) -> bool:
    if isinstance(value, Unfilled) and value.in_a_row:
        return True
    # Any other name that is not there raises here, where it becomes text.
    return value is None or (not isinstance(value, int | float | Decimal) and str(value).strip() in ("", "[]", "()"))


def _moment(value: Any) -> date:
    """A date, or a moment in China's time; a moment without a zone is one in China."""
    moment = value
    if isinstance(value, str):
        text = value.strip()
        try:
            moment = date.fromisoformat(text) if len(text) <= len("2026-03-13") else datetime.fromisoformat(text)
        except ValueError:
            moment = None
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=BEIJING) if moment.tzinfo is None else moment.astimezone(BEIJING)
    if not isinstance(moment, date):
        raise Invalid(f"“{_shown(value)}”不是日期", f"“{_shown(value)}” is not a date")
    return moment


def _sum(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value).replace(",", ""))
        exact = not isinstance(value, bool) and amount.is_finite() and amount == amount.quantize(_CENT)
    except InvalidOperation:
        exact = False
    if not exact or abs(amount) >= _LARGEST:
        raise Invalid(
            f"“{_shown(value)}”不是最多两位小数的金额", f"“{_shown(value)}” is not a sum of at most two decimals"
        )
    return amount


def _chinese(number: int, figures: str, units: tuple[str, ...]) -> str:
    """A whole number in Chinese; one 零 for any run of noughts inside it."""
    if not number:
        return figures[0]
    text, gap = "", False
    digits = str(number)
    for index, digit in enumerate(digits):
        place = len(digits) - 1 - index
        group, unit = divmod(place, _GROUP)
        if digit == "0":
            gap = True
        else:
            text += (figures[0] if gap and text else "") + figures[int(digit)] + units[unit]
            gap = False
        if unit == 0 and group and int(digits[max(0, index - _GROUP + 1) : index + 1]):
            text += _GROUPS[group]
            gap = False
    return text


def _shown(value: Any) -> str:
    return str(value)[:40]
