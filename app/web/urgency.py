"""How near a deadline is, in words, a colour and a bar: the five states of every list."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from app.web.language import SHANGHAI, t

State = Literal["overdue", "soon", "week", "ok", "none"]
GROUPS: tuple[tuple[State, str, str], ...] = (
    ("overdue", "已逾期", "Overdue"),
    ("soon", "3日内到期", "Due within 3 days"),
    ("week", "7日内到期", "Due within 7 days"),
    ("ok", "期限充裕", "Ample time"),
    ("none", "无期限", "No time limit"),
)

_SOON_DAYS = 3
_WEEK_DAYS = 7
_DAY_ENDS = (time(0, 0), time(23, 59), time(23, 59, 59))
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Urgency:
    """One deadline as it is shown at a moment; `percent` of its time is used (None when the start is not known)."""

    state: State
    words: str
    due: str
    percent: int | None


def urgency(due: datetime | None, now: datetime, *, start: datetime | None = None) -> Urgency:
    """Tell how near a deadline is, counting days as the calendar of China does."""
    if due is None:
        return Urgency(state="none", words=t("无期限", "No time limit"), due="", percent=None)
    left = due - now
    # A limit in days ends with its last day; stored as midnight, that is still the day before.
    last = (due.astimezone(SHANGHAI) - timedelta(microseconds=1)).date()
    days = (last - now.astimezone(SHANGHAI).date()).days
    return Urgency(
        state=_state(left, days),
        words=_words(left, days, whole_day=_whole_day(due)),
        due=due_text(due),
        percent=_percent(due, now, start),
    )


def due_text(due: datetime) -> str:
    """Write when a limit ends: the last day of one in days, day and minute of one in hours."""
    local = due.astimezone(SHANGHAI)
    if _whole_day(due):
        return (local - timedelta(microseconds=1)).date().isoformat()
    return local.strftime("%Y-%m-%d %H:%M")


def _state(left: timedelta, days: int) -> State:
    if left < timedelta(0):
        return "overdue"
    if days <= _SOON_DAYS:
        return "soon"
    return "week" if days <= _WEEK_DAYS else "ok"


def _words(left: timedelta, days: int, *, whole_day: bool) -> str:
    if left < timedelta(0):
        hours = max(1, -left // _HOUR)
        if days < 0:
            return t(f"已逾期 {-days} 天", f"{-days} {_plural(-days, 'day')} overdue")
        return t(f"已逾期 {hours} 小时", f"{hours} {_plural(hours, 'hour')} overdue")
    if not whole_day and left < timedelta(days=1):
        hours = left // _HOUR
        if hours == 0:
            return t("不足1小时", "Less than an hour left")
        return t(f"剩 {hours} 小时", f"{hours} {_plural(hours, 'hour')} left")
    if days == 0:
        return t("今日到期", "Due today")
    return t(f"剩 {days} 天", f"{days} {_plural(days, 'day')} left")


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _whole_day(due: datetime) -> bool:
    return due.astimezone(SHANGHAI).time().replace(microsecond=0) in _DAY_ENDS


def _percent(due: datetime, now: datetime, start: datetime | None) -> int | None:
    if start is None or start >= due:
        return None
    return max(0, min(100, round(100 * ((now - start) / (due - start)))))
