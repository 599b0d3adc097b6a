"""The deadline calculator of the command line: one limit explained, or a table of them computed row by row."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TextIO, get_args

from app.domain.calendar import Calendar
from app.domain.deadlines import Deadline, Register, Rule, Unit, compute, parse_start, urgency
from app.domain.errors import Invalid, XianjieError

_COLUMNS = ("rule", "start", "unit", "n", "custody")
_NEEDED = ("rule", "start")
_ANSWERS = ("due",)
_YES = frozenset({"true", "1", "yes", "y", "是", "在押"})
_NO = frozenset({"false", "0", "no", "n", "否"})
_NUMBER = re.compile(r"[+-]?\d{1,6}(?:\.\d{1,3})?", re.ASCII)
_STATES = {
    "overdue": ("已逾期", "overdue"),
    "critical": ("三日内届满", "ends within 3 days"),
    "soon": ("七日内届满", "ends within 7 days"),
    "ample": ("期限充裕", "ample time"),
    "paused": ("暂停计算", "paused"),
}


def explain_deadline(
    register: Register,
    calendar: Calendar,
    *,
    rule: str,
    start: str | date | datetime,
    custody: bool = False,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Compute one deadline and give it as JSON with every step; with an aware `now`, also how much is left.

    Raises Invalid for a start that is no date or does not fit the rule, NotFound for an unknown rule.
    """
    begin = parse_start(start) if isinstance(start, str) else start
    found = compute(register.rule(rule), begin, calendar=calendar, custody=custody)
    told = found.as_dict()
    if now is not None:
        told["now"] = now.isoformat()
        told["state"] = urgency(found.due, now, paused=found.paused)
        told["remaining"] = _remaining(found.due, now)
    return told


def in_words(told: Mapping[str, Any]) -> str:
    """Write an explained deadline as text for a terminal, Chinese and English side by side."""
    length = " + ".join((f"{told['n']} {told['unit']}", *told["extensions"]))
    lines = [
        f"{told['rule']}  {told['zh']} / {told['en']}",
        f"  届满 due      {told['due'] or '暂停计算 paused'}",
        f"  期限 limit    {length}{'  羁押 custody' if told['custody'] else ''}",
        f"  依据 article  {told['article']}（{told['source']}; {told['status']}）",
        f"  日历 calendar {told['calendar']}{'  暂定 provisional' if told['provisional'] else ''}",
    ]
    if "state" in told:
        zh, en = _STATES[told["state"]]
        left = told["remaining"]
        lines.append(f"  状态 state    {zh} {en}" + (f"：{left['zh']} / {left['en']}" if left else ""))
    lines += [f"  {place}. {step['zh']}\n     {step['en']}" for place, step in enumerate(told["steps"], 1)]
    lines += [f"  * {note['zh']}\n    {note['en']}" for note in told["notes"]]
    return "\n".join(lines)


def compute_csv(register: Register, calendar: Calendar, text_in: TextIO, text_out: TextIO) -> int:
    """Compute every row of a table and write it back with `due` behind its own columns, or there the reason why not.

    Columns `rule` and `start` are needed; `unit`, `n` and `custody` decide over the register where they are
    filled in; a rule the register does not know needs both `unit` and `n`. `n` may be a half number of months, or
    negative to count back from the event. A column `due` already there is written anew in its place. Blank lines
    are left out. Gives the number of rows that could not be computed; raises Invalid when the table itself cannot
    be read.
    """
    rows = _rows(text_in)
    header = next(rows, None)
    if header is None:
        raise Invalid("表格是空的", "The table is empty", at="csv")
    places = _places(header)
    names = [*header, *(name for name in _ANSWERS if name not in places)]
    places |= {name: names.index(name) for name in _ANSWERS if name not in places}
    out = csv.writer(text_out, lineterminator="\n")
    out.writerow(names)
    failed = 0
    for row in rows:
        if any(map(str.strip, row[len(header) :])):
            due, computed = "单元格多于列名 / more cells than columns", False
        else:
            cells = {name: row[places[name]].strip() for name in _COLUMNS if places.get(name, len(row)) < len(row)}
            due, computed = _answer(register, calendar, cells) if any(map(str.strip, row)) else ("", True)
        failed += not computed
        filled = [*row[: len(header)], *[""] * (len(names) - min(len(row), len(header)))]
        filled[places["due"]] = due
        out.writerow(filled)
    return failed


def _rows(text: TextIO) -> Iterator[list[str]]:
    """The rows that hold anything, the byte order mark taken off."""
    reader = csv.reader(_without_mark(text))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = reader.line_num
            raise Invalid(f"表格第 {line} 行无法读取", f"Line {line} of the table: {error}", at="csv") from error
        except UnicodeDecodeError as error:
            raise Invalid("表格须为 UTF-8 编码", "The table is not UTF-8 text", at="csv") from error
        if row:
            yield row


def _without_mark(text: TextIO) -> Iterator[str]:
    for place, line in enumerate(text):
        yield line if place else line.removeprefix("\ufeff")


def _places(header: Sequence[str]) -> dict[str, int]:
    """Where each known column stands."""
    names = [unicodedata.normalize("NFKC", name).strip().casefold() for name in header]
    for name in (*_COLUMNS, *_ANSWERS):
        if names.count(name) > 1:
            raise Invalid(f"列“{name}”出现两次", f"The column “{name}” appears twice", at=name)
    for name in _NEEDED:
        if name not in names:
            raise Invalid(f"表格缺少列“{name}”", f"The table has no column “{name}”", at=name)
    return {name: names.index(name) for name in (*_COLUMNS, *_ANSWERS) if name in names}


def _answer(register: Register, calendar: Calendar, cells: Mapping[str, str]) -> tuple[str, bool]:
    """The due date of a row, or the reason why there is none; and whether it could be computed."""
    try:
        due = _computed(register, calendar, cells).due
    except XianjieError as refused:
        at = f"{refused.at}: " if refused.at in _COLUMNS else ""
        return f"{at}{refused.zh} / {refused.en}", False
    return (due.isoformat() if due else "", True)


def _computed(register: Register, calendar: Calendar, cells: Mapping[str, str]) -> Deadline:
    for name in _NEEDED:
        if not cells.get(name):
            raise Invalid(f"缺少 {name}", f"{name} is missing", at=name)
    n, unit = _number(cells.get("n", "")), _unit(cells.get("unit", ""))
    if cells["rule"] not in register and n is not None and unit is not None:
        rule = Rule(id=cells["rule"], zh="", en="", who="", article="", source="", status="design")
    else:
        rule = register.rule(cells["rule"])
    return compute(
        _as_the_row_says(rule, cells.get("custody", "")), parse_start(cells["start"]), calendar=calendar, n=n, unit=unit
    )


def _as_the_row_says(rule: Rule, custody: str) -> Rule:
    """The rule, made a limit of custody or not when the row says which."""
    given = unicodedata.normalize("NFKC", custody).casefold()
    if not given:
        return rule
    if given in _YES:
        return replace(rule, custody="always")
    if given in _NO:
        return replace(rule, custody="never")
    raise Invalid(
        f"custody “{custody[:20]}”无效，应为 true 或 false（是、否）",
        f"custody “{custody[:20]}” is neither true nor false",
        at="custody",
    )


def _number(text: str) -> float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise Invalid(f"n “{text[:20]}”不是数字", f"n “{text[:20]}” is not a number", at="n")
    return float(text)


def _unit(text: str) -> Unit | None:
    if not text:
        return None
    for unit in get_args(Unit):
        if text.casefold() == unit:
            known: Unit = unit
            return known
    raise Invalid(
        f"unit “{text[:20]}”无效，应为 {'、'.join(get_args(Unit))}",
        f"unit “{text[:20]}” must be one of {', '.join(get_args(Unit))}",
        at="unit",
    )


def _remaining(due: datetime | None, now: datetime) -> dict[str, Any] | None:
    """What is left, or negative what has passed since, in seconds and in words; None while paused."""
    if due is None:
        return None
    left = due - now
    days, rest = divmod(abs(left), timedelta(days=1))
    hours, rest = divmod(rest, timedelta(hours=1))
    minutes = rest // timedelta(minutes=1)
    late = left < timedelta(0)
    return {
        "seconds": int(left.total_seconds()),
        "zh": f"{'逾期' if late else '剩余'} {days} 天 {hours} 小时 {minutes} 分",
        "en": f"{days} d {hours} h {minutes} min {'overdue' if late else 'left'}",
    }
