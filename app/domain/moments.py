"""The moment that starts a clock, as people write it: an ISO 8601 day or moment, on the clock of Beijing."""

import re
from datetime import date, datetime, timedelta, timezone
from typing import TypeVar

from app.domain.errors import Invalid
from app.domain.periods import FIRST_YEAR, LAST_YEAR, out_of_range

Day = TypeVar("Day", date, datetime)

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ](\d{2}):\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_LONGEST = 40
_MIDNIGHT_AS_24 = "24"


def parse_start(text: str, *, at: str = "start") -> date | datetime:
    """Read a start: a bare day stays a `date`, a moment becomes an aware `datetime` of Beijing.

    A moment without an offset is Beijing time. Raises Invalid, naming `at`, for a day that does not exist
    (2023-02-29), for 24:00, and for years outside 1949–2999.
    """
    given = text.strip()
    day = _DAY.fullmatch(given)
    moment = _MOMENT.fullmatch(given) if len(given) <= _LONGEST else None
    if day is None and moment is None:
        shown = "".join(character if character.isprintable() else "?" for character in given[:_LONGEST])
        raise Invalid(
            f"“{shown}”不是 ISO 8601 日期或者时刻，例如 2026-03-12 或 2026-03-12T16:30",
            f"“{shown}” is not an ISO 8601 date or date-time such as 2026-03-12 or 2026-03-12T16:30",
            at=at,
        )
    if moment is not None and moment[1] == _MIDNIGHT_AS_24:
        raise Invalid("没有 24:00，请写次日 00:00", "There is no 24:00; write 00:00 of the next day", at=at)
    try:
        if day is not None:
            return within_years(date.fromisoformat(given), at=at)
        found = datetime.fromisoformat(given.replace(" ", "T"))
    except ValueError:
        raise Invalid(f"没有这个日期或者时刻：{given}", f"There is no such date or time: {given}", at=at) from None
    return within_years(in_beijing(found, at=at), at=at)


def in_beijing(moment: datetime, *, at: str = "start") -> datetime:
    """The moment on the clock of Beijing, whole seconds; one without an offset already is Beijing time."""
    try:
        local = moment.astimezone(BEIJING) if moment.tzinfo else moment.replace(tzinfo=BEIJING)
    except OverflowError:
        raise Invalid(*_range_sentences(), at=at) from None
    return local.replace(microsecond=0)


def within_years(day: Day, *, at: str = "start") -> Day:
    """The day, refused outside the years the calendar serves."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(*_range_sentences(), at=at)
    return day


def _range_sentences() -> tuple[str, str]:
    refused = out_of_range()
    return refused.zh, refused.en
