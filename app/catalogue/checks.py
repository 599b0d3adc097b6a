"""The checks a field may ask for by name, beyond its type."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from app.catalogue.answer_fields import CHINA, Sentence, day_and_moment
from app.catalogue.components import Component

_PHONE = re.compile(
    r"(?:(?:\+?86-?)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:-\d{1,6})?|[2-9]\d{6,7}|1\d{2}|1\d{4}|[48]00-?\d{3}-?\d{4})",
    re.ASCII,
)


def breach(part: Component, answer: object, *, values: Mapping[str, object], now: datetime) -> Iterator[Sentence]:
    """The rules this answer breaks. `now` is aware; days are counted in China."""
    if part.not_past:
        yield from _past(answer, now)
    for check in part.checks:
        if check.name == "not_future":
            yield from _future(answer, now)
        elif check.name == "not_before":
            yield from _before(answer, values.get(check.field))
        elif isinstance(answer, str):
            yield from _NUMBERS[check.name](answer)


def _past(answer: object, now: datetime) -> Iterator[Sentence]:
    found = day_and_moment(answer)
    if found and (found[1] < now if found[1] else found[0] < now.astimezone(CHINA).date()):
        yield Sentence("不能早于现在", "This cannot be in the past")


def _future(answer: object, now: datetime) -> Iterator[Sentence]:
    found = day_and_moment(answer)
    if found and (found[1] > now if found[1] else found[0] > now.astimezone(CHINA).date()):
        yield Sentence("不能晚于现在", "This cannot be in the future")


def _before(answer: object, cause: object) -> Iterator[Sentence]:
    """A moment is compared with a moment, anything else by the day."""
    found, first = day_and_moment(answer), day_and_moment(cause)
    if not found or not first:
        return
    early = found[1] < first[1] if found[1] and first[1] else found[0] < first[0]
    if early:
        yield Sentence(f"不能早于 {cause}", f"This cannot be before {cause}")


def _phone(answer: str) -> Iterator[Sentence]:
    if not _PHONE.fullmatch(answer):
        yield Sentence("不是有效的电话号码", "This is not a telephone number")


_NUMBERS: Mapping[str, Callable[[str], Iterator[Sentence]]] = {"phone": _phone}
