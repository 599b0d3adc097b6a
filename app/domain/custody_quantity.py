"""Quantities of items: pieces are counted whole, what is weighed, measured or paid has decimals."""

import re
from collections.abc import Mapping
from decimal import Decimal

from app.domain import identity
from app.domain.errors import Invalid

MEASURED: Mapping[str, int] = {
    **dict.fromkeys(("元", "人民币元", "美元", "欧元", "港元", "英镑", "日元", "CNY", "USD", "EUR", "HKD"), 2),
    **dict.fromkeys(("kg", "g", "mg", "t", "千克", "公斤", "克", "毫克", "吨", "斤", "两"), 3),
    **dict.fromkeys(("L", "l", "mL", "ml", "升", "毫升", "立方米", "m³"), 3),
    **dict.fromkeys(("m", "cm", "mm", "km", "米", "厘米", "毫米", "公里", "千米"), 3),
    **dict.fromkeys(("m²", "平方米", "亩", "公顷"), 3),
}
"""Units with decimals and how many; every other unit (盒, 部, 件, 页, 份, 个, 文件 …) counts pieces."""

LARGEST = Decimal(10) ** 12
_LONGEST_UNIT = 10
_FORM = re.compile(r"-?\d{1,13}(?:\.\d{1,12})?", re.ASCII)


def counts_pieces(unit: str) -> bool:
    """Whether things of this unit are counted one by one."""
    return unit not in MEASURED


def read_unit(text: str, *, at: str = "unit") -> str:
    """Check a unit of measure: visible, up to ten characters."""
    return identity.name(text, at=at, longest=_LONGEST_UNIT)


def read_quantity(given: str | int | Decimal, unit: str, *, at: str = "quantity", zero: bool = False) -> Decimal:
    """Check a quantity in a unit and give it without trailing zeros.

    Raises Invalid, naming `at`, for what is no plain decimal number, negative, fractional pieces, more decimals than
    the unit has, a million million or more, and zero unless `zero` allows it.
    """
    text = format(given, "f") if isinstance(given, Decimal) else str(given)
    if isinstance(given, bool) or not _FORM.fullmatch(text):
        raise Invalid("数量应为数字，例如 640 或 12.5", "A quantity is a number such as 640 or 12.5", at=at)
    number = Decimal(text)
    if number < 0:
        raise Invalid(f"数量不能为负数：{text}", f"A quantity is never negative: {text}", at=at)
    if number == 0 and not zero:
        raise Invalid("数量不能为零", "The quantity cannot be zero", at=at)
    if number >= LARGEST:
        raise Invalid("数量过大", "The quantity is too large", at=at)
    places = MEASURED.get(unit, 0)
    if number != number.quantize(Decimal(1).scaleb(-places)):
        if counts_pieces(unit):
            raise Invalid(f"以“{unit}”计数的物品应为整数：{text}", f"Things counted in {unit} are whole: {text}", at=at)
        raise Invalid(f"“{unit}”最多 {places} 位小数：{text}", f"{unit} has at most {places} decimals: {text}", at=at)
    return plain(number)


def plain(number: Decimal) -> Decimal:
    """The number without exponent and trailing zeros, so that equal quantities are written alike."""
    return Decimal(written(number))


def written(number: Decimal) -> str:
    """The one way a quantity is written: 640, 12.5, 0."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text
