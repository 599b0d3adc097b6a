"""The arithmetic of a statutory limit, told step by step (刑事诉讼法第105条; 法释〔2021〕1号 art. 202).

The start day or hour is not counted. Limits in days, months and years end with the last second of a day and roll
from a rest day to the next working day, unless they are limits of custody or counted back from an event.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.domain.calendar import Calendar
from app.domain.errors import Invalid
from app.domain.moments import BEIJING, in_beijing, within_years
from app.domain.periods import add_days, add_months, add_years
from app.domain.rules import Rule, Sentence, Unit

Pause = tuple[date, date | None]
"""The day counting stops and the day it resumes (None: not yet); a pause of one day ends on the next."""

_DAY_ENDS = time(23, 59, 59)
_HALF_MONTH = 15
_WEEKDAYS = (
    *(("星期一", "Monday"), ("星期二", "Tuesday"), ("星期三", "Wednesday"), ("星期四", "Thursday")),
    *(("星期五", "Friday"), ("星期六", "Saturday"), ("星期日", "Sunday")),
)
_UNITS: dict[Unit, tuple[str, str]] = {
    "h": ("小时", "h"),
    "d": ("日", "d"),
    "wd": ("个工作日", "working days"),
    "m": ("个月", "m"),
    "y": ("年", "y"),
}


@dataclass(frozen=True, kw_only=True)
class Reckoned:
    """When a limit ends (None while it is paused), and how that was found."""

    due: datetime | None
    steps: tuple[Sentence, ...]
    rolled: bool = False
    provisional: bool = False


def reckon(
    rule: Rule, start: date | datetime, *, calendar: Calendar, in_custody: bool, pauses: Sequence[Pause]
) -> Reckoned:
    """Count the limit of a rule from its start; raises Invalid naming `start` or `pauses`."""
    if pauses and (rule.unit == "h" or rule.direction == "before"):
        raise Invalid(
            "按小时计算或者倒推的期限没有暂停",
            "A limit in hours or counted back from an event is never paused",
            at="pauses",
        )
    if rule.unit == "h":
        return _hours(rule, start)
    first = within_years(in_beijing(start).date() if isinstance(start, datetime) else start)
    if rule.direction == "before":
        return _backward(rule, first, calendar)
    return _forward(rule, first, calendar, in_custody=in_custody, pauses=_in_order(pauses))


def _hours(rule: Rule, start: date | datetime) -> Reckoned:
    if not isinstance(start, datetime):
        raise Invalid(
            f"{rule.id} 按小时计算，起算时间（start）须写明时刻，例如 {start}T10:00",
            f"{rule.id} counts hours: start needs a time of day, such as {start}T10:00",
            at="start",
        )
    begin = within_years(in_beijing(start))
    sign = -1 if rule.direction == "before" else 1
    steps = [
        _start(rule, _minute(begin)),
        Sentence(
            "按记录的时刻计算，夜间、节假日不扣除，不顺延",
            "Counted from the recorded minute through nights and holidays; never rolls",
        ),
    ]
    end = begin
    for n, unit, why in _legs(rule):
        end = within_years(end + timedelta(hours=sign * n))
        steps.append(_leg(n, unit, why, _minute(end), sign))
    return Reckoned(due=end, steps=tuple(steps))


def _backward(rule: Rule, event: date, calendar: Calendar) -> Reckoned:
    steps = [_start(rule, _named(event))]
    end = event
    for n, unit, why in _legs(rule):
        end = _away(end, n, unit, -1, calendar.nth_working_day_before) or end
        steps.append(_leg(n, unit, why, _named(end), -1))
    steps.append(Sentence("自事件之日倒推，不顺延", "Counted back from the event; never rolls"))
    return _ended(end, steps, calendar, [end, event] if rule.unit == "wd" else [])


def _forward(rule: Rule, first: date, calendar: Calendar, *, in_custody: bool, pauses: Sequence[Pause]) -> Reckoned:
    steps = [_start(rule, _named(first))]
    end: date | None = first
    for n, unit, why in _legs(rule):
        end = _away(end, n, unit, 1, lambda day, count: _unpaused_working_day(calendar, day, count, pauses))
        if end is None:
            break
        steps.append(_leg(n, unit, why, _named(end), 1))
    if end is not None and rule.unit != "wd":
        end = _prolonged(first, end, pauses, steps)
    elif pauses:
        steps.append(Sentence("暂停的工作日不计入", "Paused working days are not counted"))
    if end is None:
        steps.append(Sentence("期限现在暂停计算", "The clock is stopped at present"))
        return Reckoned(due=None, steps=tuple(steps))
    if rule.unit == "wd":
        return _ended(end, steps, calendar, [first, end])
    if in_custody:
        steps.append(
            Sentence(
                "羁押期限于届满之日终止，遇节假日不顺延（刑事诉讼法第105条）",
                "A custody limit ends on the day itself, holiday or not: no roll (CPL 105)",
            )
        )
        return _ended(end, steps, calendar, [])
    if not rule.roll:
        steps.append(Sentence("本期限不顺延", "This limit does not roll"))
        return _ended(end, steps, calendar, [])
    last = within_years(calendar.next_working(end))
    steps.append(_roll(end, last))
    return _ended(last, steps, calendar, [end, last], rolled=last != end)


def _legs(rule: Rule) -> Iterator[tuple[int, Unit, Sentence | None]]:
    """The spans to add one after the other; half a month is 15 days, counted after the whole months."""
    spans = [(rule.n, rule.unit, None), *((each.n, each.unit, each.text) for each in rule.granted)]
    for n, unit, why in spans:
        if int(n):
            yield int(n), unit, why
        if n != int(n):
            yield _HALF_MONTH, "d", why


def _away(
    day: date | None, n: int, unit: Unit, sign: int, working_day: Callable[[date, int], date | None]
) -> date | None:
    """The day that ends a span; None when counting stands still on the way."""
    if day is None:
        return None
    if unit == "wd":
        found = working_day(day, n)
        return found and within_years(found)
    if unit == "m":
        return add_months(day, sign * n)
    return add_years(day, sign * n) if unit == "y" else add_days(day, sign * n)


def _unpaused_working_day(calendar: Calendar, day: date, count: int, pauses: Sequence[Pause]) -> date | None:
    while count:
        day = calendar.nth_working_day_after(day, 1)
        stopped = [pause for pause in pauses if pause[0] <= day and (pause[1] is None or day < pause[1])]
        if any(resumes is None for _, resumes in stopped):
            return None
        count -= not stopped
    return day


def _prolonged(first: date, end: date, pauses: Sequence[Pause], steps: list[Sentence]) -> date | None:
    """The end moved by the days that do not count: those after the start and before the limit has ended."""
    counted_from = first + timedelta(days=1)
    for stops, resumes in pauses:
        begins = max(stops, counted_from)
        if begins > end:
            break
        if resumes is None:
            steps.append(
                Sentence(f"自 {stops} 起暂停计算，尚未恢复", f"Counting stopped on {stops} and has not resumed")
            )
            return None
        days = (resumes - begins).days
        if days <= 0:
            continue
        end = add_days(end, days)
        counted_from = resumes
        steps.append(
            Sentence(
                f"{begins} 停止、{resumes} 恢复计算，{days} 日不计入 → {_named(end).zh}",
                f"Counting stopped on {begins} and resumed on {resumes}: {days} d not counted → {_named(end).en}",
            )
        )
    return end


def _in_order(pauses: Sequence[Pause]) -> list[Pause]:
    for stops, resumes in pauses:
        if resumes is not None and resumes < stops:
            raise Invalid(
                f"暂停的恢复日 {resumes} 早于停止日 {stops}",
                f"A pause resumes on {resumes}, before it begins on {stops}",
                at="pauses",
            )
    return sorted(pauses, key=lambda pause: (pause[0], pause[1] or date.max))


def _ended(
    end: date, steps: list[Sentence], calendar: Calendar, consulted: Sequence[date], *, rolled: bool = False
) -> Reckoned:
    years = range(min(consulted).year, max(consulted).year + 1) if consulted else range(0)
    unknown = [year for year in years if calendar.is_provisional(date(year, 1, 1))]
    if unknown:
        steps.append(
            Sentence(
                f"{unknown[0]} 年放假安排尚未公布，暂按周休日计算",
                f"The holidays of {unknown[0]} are not published yet: weekly rest days only, provisional",
            )
        )
    return Reckoned(
        due=datetime.combine(end, _DAY_ENDS, BEIJING), steps=tuple(steps), rolled=rolled, provisional=bool(unknown)
    )


def _start(rule: Rule, moment: Sentence) -> Sentence:
    zh, en = rule.start
    what_zh, what_en = ("开始的时刻", "hour") if rule.unit == "h" else ("开始之日", "day")
    return Sentence(
        f"起算：{zh}，{moment.zh}；{what_zh}不计入（刑事诉讼法第105条）",
        f"Starts with: {en}, {moment.en}; that {what_en} is not counted (CPL 105)",
    )


def _leg(n: int, unit: Unit, why: Sentence | None, end: Sentence, sign: int) -> Sentence:
    zh, en = _UNITS[unit]
    mark = "-" if sign < 0 else "+"
    because = Sentence(f"{why.zh}：", f"{why.en}: ") if why else Sentence("", "")
    return Sentence(f"{because.zh}{mark}{n}{zh} → {end.zh}", f"{because.en}{mark}{n} {en} → {end.en}")


def _roll(end: date, last: date) -> Sentence:
    was, now = _named(end), _named(last)
    if end == last:
        return Sentence(f"{was.zh}是工作日，不需顺延", f"{was.en} is a working day: no roll")
    return Sentence(
        f"{was.zh}是休息日或者节假日，顺延至 {now.zh}（刑事诉讼法第105条）",
        f"{was.en} is a rest day or holiday → {now.en} (CPL 105)",
    )


def _named(day: date) -> Sentence:
    zh, en = _WEEKDAYS[day.weekday()]
    return Sentence(f"{day}（{zh}）", f"{day} ({en})")


def _minute(moment: datetime) -> Sentence:
    text = moment.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
    return Sentence(text, text)
