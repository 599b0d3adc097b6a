"""Moments and spans in ISO 8601, as expressions and timers write them; what names no zone is Beijing time."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_DURATION = r"P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(?:[.,]\d+)?S)?)?"
_MOMENT = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
DURATION = re.compile(_DURATION, re.ASCII)
MOMENT = re.compile(_MOMENT, re.ASCII)
CYCLE = re.compile(rf"R(\d{{0,4}})/(?:({_MOMENT})/)?({_DURATION})", re.ASCII)
MAX_PART = 100_000
"""The most of one unit in a duration: 100,000 days is 270 years."""


def is_iso(text: str) -> bool:
    """Whether the text is an ISO 8601 moment, duration or repetition, and so stands for itself."""
    return any(pattern.fullmatch(text) for pattern in (DURATION, MOMENT, CYCLE))


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 date or date-time as an aware UTC moment; a date is 00:00 of that day in Beijing.

    Raises ValueError for anything else.
    """
    if not MOMENT.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return _in_range(moment)


def add_duration(start: datetime, text: str) -> datetime:
    """Add an ISO 8601 duration to an aware moment: years, months, weeks and days by the Beijing calendar, then hours.

    A month that is too short ends on its last day. Raises ValueError when it is no duration or leaves the calendar.
    """
    match = DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    years, months, weeks, days, _, hours, minutes, seconds = (_amount(part) for part in match.groups())
    local = start.astimezone(SHANGHAI)
    count = local.year * 12 + local.month - 1 + int(years * 12 + months)
    try:
        first = date(count // 12, count % 12 + 1, 1)
        day = min(local.day, _month_length(first))
        local = local.replace(year=first.year, month=first.month, day=day)
        local = local + timedelta(weeks=weeks, days=days)
        return _in_range(local.astimezone(UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds))
    except OverflowError as error:
        raise ValueError(text) from error


def _amount(part: str | None) -> float:
    if not part or part.startswith("T"):
        return 0
    amount = float(part[:-1].replace(",", "."))
    if amount > MAX_PART * (1 if part[-1] in "YMWD" else 3600):
        raise ValueError(part)
    return amount


def _month_length(first: date) -> int:
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return (following - first).days


def _in_range(moment: datetime) -> datetime:
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(moment)) from error
    # Beijing's offset must be computable on every stored moment, so the calendar's first and last year are left out.
    if not 1 < utc.year < 9999:  # noqa: PLR2004 - the years datetime knows
        raise ValueError(str(moment))
    return utc
