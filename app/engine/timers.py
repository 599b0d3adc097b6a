"""When a timer is due: moments and durations, and repetitions that may not come faster than a minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.engine.expressions import ExpressionError
from app.engine.moments import CYCLE, DURATION, MOMENT, add_duration, parse_moment

SHORTEST_REPETITION = timedelta(seconds=60)
_REFERENCE = parse_moment("2026-01-01")


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """A repetition: `times` (None without end), the `first` moment, and the ISO 8601 duration `every`."""

    times: int | None
    first: datetime
    every: str


def due_at(value: Any, now: datetime) -> datetime:
    """Give the UTC moment of an ISO 8601 moment, or of a duration from now. Raises ExpressionError."""
    if value is None:
        raise ExpressionError("定时的时间没有值", "The time of the timer has no value")
    try:
        if isinstance(value, str) and MOMENT.fullmatch(value):
            return parse_moment(value)
        if isinstance(value, str) and DURATION.fullmatch(value):
            return add_duration(now, value)
    except ValueError:
        pass
    shown = str(value)[:40]
    raise ExpressionError(
        f"“{shown}”不是日期、时刻或时长（ISO 8601，如 2026-03-12、PT24H）",
        f"“{shown}” is no date, moment or duration in ISO 8601, such as 2026-03-12 or PT24H",
    )


def cycle_from(value: Any, now: datetime) -> Cycle:
    """Read an ISO 8601 repetition such as `R3/PT24H` or `R/2026-03-12/P1D`. Raises ExpressionError."""
    match = CYCLE.fullmatch(value) if isinstance(value, str) else None
    if match is None or match.group(1) == "0":
        shown = str(value)[:40]
        raise ExpressionError(
            f"“{shown}”不是重复时间（ISO 8601，如 R3/PT24H）",
            f"“{shown}” is no repetition in ISO 8601, such as R3/PT24H",
        )
    times, start, every = match.group(1), match.group(2), match.group(3)
    try:
        following = add_duration(now, every)
        first = parse_moment(start) if start else following
    except ValueError as error:
        raise ExpressionError(f"“{value}”超出范围", f"“{value}” is out of range") from error
    if following - now < SHORTEST_REPETITION:
        raise ExpressionError(f"“{value}”重复得太快，至少间隔 60 秒", f"“{value}” repeats faster than every 60 seconds")
    return Cycle(times=int(times) if times else None, first=first, every=every)


def check_when(value: Any) -> None:
    """Raise ExpressionError unless it is a moment or duration."""
    due_at(value, _REFERENCE)


def check_cycle(value: Any) -> None:
    """Raise ExpressionError unless it is a repetition of at least 60 seconds."""
    cycle_from(value, _REFERENCE)
