"""The functions an expression may call, a closed table; `due`, `now` and `today` come from the caller."""

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from app.engine.moments import SHANGHAI, parse_moment
from app.engine.plain import MAX_INTEGER, MAX_TEXT

MAX_ITEMS = 5_000
MAX_SHIFT_DAYS = 36_500
MAX_DIGITS = 15
GIVEN = frozenset({"due", "now", "today"})
"""Functions the caller of an expression passes in."""


class CallError(Exception):
    """A function cannot answer for these arguments; zh and en say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def _list_of(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value)
    if not isinstance(value, list):
        raise CallError("需要一个列表", "needs a list")
    if len(value) > MAX_ITEMS:
        raise CallError(f"列表超过 {MAX_ITEMS} 项", f"the list has more than {MAX_ITEMS} entries")
    return value


def _comparable(values: list[Any]) -> list[Any]:
    numbers = all(isinstance(value, int | float) for value in values)
    if not numbers and not all(isinstance(value, str) for value in values):
        raise CallError("只能比较同为数字或同为文字的值", "compares numbers with numbers or texts with texts only")
    return values


def _chosen(pick: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def choose(*values: Any) -> Any:
        candidates = _comparable(_list_of(values[0]) if len(values) == 1 else list(values))
        if not candidates:
            raise CallError("列表是空的", "the list is empty")
        return pick(candidates)

    return choose


def number_in_range(value: float) -> float:
    """Give the number back, or raise CallError when JSON cannot hold it."""
    if not math.isfinite(value) or (isinstance(value, int) and abs(value) > MAX_INTEGER):
        raise CallError("数字过大", "the number is too large")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float):
        raise CallError("需要数字", "needs a number")
    return value


def _sum(values: Any) -> float:
    return number_in_range(sum(_number(value) for value in _list_of(values)))


def _round(value: Any, digits: Any = None) -> float:
    if digits is not None and (not isinstance(digits, int) or abs(digits) > MAX_DIGITS):
        raise CallError(f"小数位数不能超过 {MAX_DIGITS}", f"at most {MAX_DIGITS} digits")
    return number_in_range(round(_number(value), digits))


def _simple(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise CallError("需要文字或数字", "needs text or a number")
    if isinstance(value, str) and len(value) > MAX_DIGITS * 2:
        raise CallError("文字过长", "the text is too long")
    return value


def _int(value: Any) -> float:
    return number_in_range(int(_simple(value)))


def _float(value: Any) -> float:
    return number_in_range(float(_simple(value)))


def text_of(value: Any) -> str:
    """Give a simple value as text, as `str()` and f-strings write it; None is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise CallError("列表和对象不能变成文字", "a list or an object is not turned into text")
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise CallError("需要文字", "needs text")
    return value


def _upper(value: Any) -> str:
    text = _text(value).upper()
    if len(text) > MAX_TEXT:
        raise CallError("文字过长", "the text is too long")
    return text


def _len(value: Any) -> int:
    if not isinstance(value, str | list | dict):
        raise CallError("需要文字或列表", "needs text or a list")
    return len(value)


def _get(holder: Any, key: Any, default: Any = None) -> Any:
    return holder.get(key, default) if isinstance(holder, dict) and isinstance(key, str) else default


def _day_of(text: Any) -> Any:
    return parse_moment(_text(text)).astimezone(SHANGHAI).date()


def _days_between(first: Any, last: Any) -> int:
    return int((_day_of(last) - _day_of(first)).days)


def _add_days(start: Any, days: Any) -> str:
    if not isinstance(days, int) or abs(days) > MAX_SHIFT_DAYS:
        raise CallError(f"天数须为整数，不超过 {MAX_SHIFT_DAYS}", f"whole days, at most {MAX_SHIFT_DAYS}")
    moment = parse_moment(_text(start)).astimezone(SHANGHAI) + timedelta(days=days)
    parse_moment(moment.isoformat())
    return moment.date().isoformat() if len(start) == len("2026-03-12") else moment.isoformat()


FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "len": _len,
        "min": _chosen(min),
        "max": _chosen(max),
        "sum": _sum,
        "abs": lambda value: abs(_number(value)),
        "round": _round,
        "any": lambda values: any(_list_of(values)),
        "all": lambda values: all(_list_of(values)),
        "int": _int,
        "float": _float,
        "bool": bool,
        "str": text_of,
        "lower": lambda value: _text(value).lower(),
        "upper": _upper,
        "strip": lambda value: _text(value).strip(),
        "get": _get,
        "sorted": lambda values: sorted(_comparable(_list_of(values))),
        "days_between": _days_between,
        "add_days": _add_days,
    }
)
