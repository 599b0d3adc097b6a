"""Document numbers (文号): patterns such as `{short}移〔{year}〕{serial}号`, and the series their serials run in.

Numbers are unique per issuer, kind of document and year (domain O16); the year is that of the document's date, not
of the day the number is taken. Court papers carry the case number instead.
"""

import re
import string
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from app.domain.errors import Invalid
from app.domain.rules import Sentence

PLACEHOLDERS = frozenset({"short", "unit", "year", "serial", "case_number", "court_code", "parent"})
"""What a pattern may name: 机关代字, 部门简称, year, serial, 案号, 法院代字, the number of the paper it belongs to."""

_UNIT = "（{unit}）"
_HEXAGONAL_YEAR = "〔{year}〕"
_ROUND_YEAR = "（{year}）"
_WRONG_BRACKETS = frozenset("[]()［］【】<>〈〉{}")
_MAX_PATTERN = 100
_YEARS = range(1949, 3000)
_ANY = r"[^\s〔〕\[\]()【】]{1,60}"
_ANY_YEAR = r"(?:19|20)[0-9]{2}"
_ANY_SERIAL = r"[1-9][0-9]{0,7}(?:-[1-9][0-9]{0,3})?"


class _Part(NamedTuple):
    """A literal text and the placeholder behind it."""

    literal: str
    name: str | None
    bare: bool


def faults_of_pattern(pattern: str) -> list[Sentence]:
    """What is wrong with a pattern, before anything is numbered by it; empty when it may be published."""
    if not pattern.strip() or len(pattern) > _MAX_PATTERN:
        return [Sentence(f"文号格式应为 1 至 {_MAX_PATTERN} 个字符", f"A pattern has 1 to {_MAX_PATTERN} characters")]
    try:
        parts = list(_parts(pattern))
    except ValueError:
        return [Sentence("花括号不成对", "The braces do not match")]
    return [*_faults_of_parts(parts), *_faults_of_year(pattern, {part.name for part in parts if part.name})]


def check_pattern(pattern: str, *, at: str = "number") -> None:
    """Raise Invalid when the pattern may not be published."""
    for fault in faults_of_pattern(pattern):
        raise Invalid(fault.zh, fault.en, at=at)


def takes_serial(pattern: str) -> bool:
    """Whether numbers of this pattern use up a serial."""
    return any(part.name == "serial" for part in _parts(pattern))


def series_key(pattern: str, *, agency: str, kind: str, day: date) -> str | None:
    """The series the next serial comes from: issuer, kind and year of the document's date; None without serial."""
    return f"{agency}/{kind}/{day.year}" if takes_serial(pattern) else None


def format_number(pattern: str, /, **values: object) -> str:
    """Write the number; values the pattern does not name are left aside.

    The brackets of an empty `unit` go with it. Raises Invalid for a bad pattern or a missing value.
    """
    check_pattern(pattern)
    unit = values.get("unit")
    shown = pattern if unit is not None and str(unit).strip() else pattern.replace(_UNIT, "")
    return "".join(part.literal + (_value(part.name, values) if part.name else "") for part in _parts(shown))


def fits(pattern: str, number: str, /, **values: object) -> bool:
    """Whether a number that was written elsewhere has the form of a pattern; of what is not given any value will do.

    A serial has no leading zeros and may carry a sub-number (`87-1`). Raises Invalid for a bad pattern.
    """
    check_pattern(pattern)
    if len(number) > _MAX_PATTERN:
        return False
    wanted = "".join(
        re.escape(part.literal) + (_wanted(part.name, values.get(part.name)) if part.name else "")
        for part in _parts(pattern)
    )
    if not values.get("unit"):
        wanted = wanted.replace(f"（{_ANY}）", f"(?:（{_ANY}）)?")
    return re.fullmatch(wanted, number.strip()) is not None


def _wanted(name: str, value: object) -> str:
    if value not in (None, ""):
        return re.escape(str(value))
    return {"year": _ANY_YEAR, "serial": _ANY_SERIAL}.get(name, _ANY)


def _parts(pattern: str) -> Iterator[_Part]:
    for literal, name, spec, conversion in string.Formatter().parse(pattern):
        yield _Part(literal, name, bare=not spec and conversion is None)


def _faults_of_parts(parts: list[_Part]) -> Iterator[Sentence]:
    names = [part.name for part in parts if part.name is not None]
    for part in parts:
        for character in part.literal:
            if character in _WRONG_BRACKETS:
                yield Sentence(
                    f"不能用“{character}”，年份用六角括号〔〕，部门用（）",
                    f"“{character}” is not allowed: hexagonal 〔〕 for the year, full-width （） for the department",
                )
            elif unicodedata.category(character)[0] == "C" or character.isspace():
                yield Sentence("文号中不能有空格或者不可见字符", "A number holds no spaces or invisible characters")
        if part.name is not None and part.name not in PLACEHOLDERS:
            yield Sentence(
                f"不认识占位“{part.name[:20]}”，可用：{'、'.join(sorted(PLACEHOLDERS))}",
                f"Unknown placeholder “{part.name[:20]}”; known: {', '.join(sorted(PLACEHOLDERS))}",
            )
        elif not part.bare:
            yield Sentence(f"“{part.name}”不能带格式，编号不补零", f"“{part.name}” takes no format: no leading zeros")
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Sentence(f"“{name}”出现两次", f"“{name}” stands twice")
    if not {"serial", "case_number", "parent"} & set(names):
        yield Sentence(
            "须有 {serial}、{case_number} 或者 {parent}，否则文号都相同",
            "Needs {serial}, {case_number} or {parent}, or all numbers would be the same",
        )


def _faults_of_year(pattern: str, names: set[str]) -> Iterator[Sentence]:
    if (
        "year" in names
        and _HEXAGONAL_YEAR not in pattern
        and not (pattern.startswith(_ROUND_YEAR) and "court_code" in names)
    ):
        yield Sentence(
            "年份须写作〔{year}〕；只有法院案号以（{year}）开头，后接法院代字",
            "The year stands in 〔{year}〕; only a court case number begins with （{year}） and names the court",
        )
    if "第{serial}" in pattern:
        yield Sentence("编号前不写“第”", "No 第 before the serial")
    if "unit" in names and _UNIT not in pattern:
        yield Sentence("部门简称须写作（{unit}）", "The department stands in （{unit}）")


def _value(name: str, values: dict[str, object]) -> str:
    value = values.get(name)
    if name in ("serial", "year"):
        allowed = _YEARS if name == "year" else range(1, 100_000_000)
        if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
            return str(value)
    elif isinstance(value, str) and value.strip():
        return value.strip()
    raise Invalid(f"文号缺少 {name}", f"The number lacks its {name}", at=name)
