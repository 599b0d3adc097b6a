"""Plain JSON values: the only kind of value a process keeps, bounded so that no expression can grow one for ever."""

import math
from collections.abc import Mapping
from typing import Any

from app.domain.errors import Invalid

MAX_TEXT = 100_000
MAX_NODES = 20_000
MAX_DEPTH = 60
MAX_INTEGER = 2**53
"""Beyond this a browser cannot hold an integer exactly."""


def check_plain(value: Any, *, at: str) -> None:
    """Raise Invalid naming `at` unless the value is null, text, a finite number, true or false, a list or an object.

    At most 20,000 values, 60 levels, 100,000 characters a text, whole numbers up to 2^53.
    """
    left = MAX_NODES
    todo = [(value, 0)]
    while todo:
        item, depth = todo.pop()
        left -= 1
        if left < 0 or depth > MAX_DEPTH:
            raise Invalid(f"“{at}”的内容过大", f"The value of “{at}” is too large", at=at)
        kind = type(item)
        if kind is dict:
            for key in item:
                if type(key) is not str:
                    raise Invalid(f"“{at}”中的键必须是文字", f"A key in “{at}” is not text", at=at)
                _check_text(key, at)
            todo.extend((inner, depth + 1) for inner in item.values())
        elif kind is list:
            todo.extend((inner, depth + 1) for inner in item)
        elif item is not None:
            _check_leaf(item, at)


def check_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Give the variables as a dict, each checked to be plain; raise Invalid naming the first that is not."""
    for name, value in variables.items():
        if type(name) is not str:
            raise Invalid("变量名必须是文字", "A variable's name must be text", at=str(name)[:60])
        if value is not None and type(value) is not bool:
            check_plain(value, at=name)
    return dict(variables)


def _check_leaf(item: Any, at: str) -> None:
    kind = type(item)
    if kind is str:
        _check_text(item, at)
    elif kind is int:
        if not -MAX_INTEGER <= item <= MAX_INTEGER:
            raise Invalid(f"“{at}”的数字过大", f"The number in “{at}” is too large", at=at)
    elif kind is float:
        if not math.isfinite(item):
            raise Invalid(f"“{at}”不是有限的数", f"“{at}” is not a finite number", at=at)
    elif kind is not bool:
        raise Invalid(
            f"“{at}”的值类型（{kind.__name__}）不能保存", f"A {kind.__name__} in “{at}” is not plain data", at=at
        )


def _check_text(text: str, at: str) -> None:
    if len(text) > MAX_TEXT:
        raise Invalid(f"“{at}”的文字过长", f"The text in “{at}” is too long", at=at)
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Invalid(f"“{at}”含有无效字符", f"The text in “{at}” holds half a character (a lone surrogate)", at=at)
