"""The checks a field may ask for by name, beyond its type."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from app.catalogue.answer_fields import CHINA, Sentence, day_and_moment
from app.catalogue.components import Component
from app.domain import identity
from app.domain.errors import Invalid


def breach(part: Component, answer: object, *, values: Mapping[str, object], now: datetime) -> Iterator[Sentence]:
    """The rules this answer breaks. `now` is aware; days are counted in China."""
    if part.not_past:
        yield from _past(answer, now)
    for check in part.checks:
        if check.name == "not_future":
            yield from _future(answer, now)
        elif check.name == "not_before":
            yield from _before(answer, values.get(check.field))
        elif check.name == "id_number" and isinstance(answer, str):
            yield from _unborn(answer, now)


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


def _unborn(answer: str, now: datetime) -> Iterator[Sentence]:
    try:
        identity.id_number(answer, today=now.astimezone(CHINA).date())
    except Invalid as refused:
        yield Sentence(refused.zh, refused.en)
