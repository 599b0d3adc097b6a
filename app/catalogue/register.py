"""Reads the law that lies beside the diagrams: the limits, the holidays and the roles of `bpmn/_shared/`.

Every fault of a file is told at once, with its line; a file with a fault is refused as BrokenBundle.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, get_args

from app.catalogue.located import Located
from app.catalogue.page import Page, Source
from app.domain.calendar import Calendar, Schedule, fingerprint
from app.domain.errors import Invalid, NotFound
from app.domain.periods import FIRST_YEAR, LAST_YEAR
from app.domain.rules import (
    Custody,
    Direction,
    Extension,
    OpenPoint,
    Register,
    Rule,
    Sentence,
    Status,
    Unit,
    check_length,
    units_add,
)

DEADLINES = "bpmn/_shared/deadlines.yaml"
HOLIDAYS = "bpmn/_shared/holidays.yaml"
ROLES = "bpmn/_shared/roles.yaml"

_RULE_ID = re.compile(r"D\d{2,3}", re.ASCII)
_EXTENSION_ID = re.compile(r"D\d{2,3}[a-z]", re.ASCII)
_POINT_ID = re.compile(r"O\d{1,2}", re.ASCII)
ANY = "any"
"""The kind of a role that officers of several kinds of agency hold."""

_KEY = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?", re.ASCII)
_MARKS = ("head", "custody", "custodian")
_RULE_KEYS = frozenset(
    (
        *("who", "zh", "en", "start", "n", "unit", "direction", "roll", "custody", "article", "source", "status"),
        *("open_points", "note", "extensions", "not_computable"),
    )
)
_EXTENSION_KEYS = frozenset(
    (
        *("id", "zh", "en", "effect", "n", "unit", "after", "who", "start", "article", "source", "status"),
        "open_points",
    )
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of agency, such as `pol` 公安机关."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Role:
    """What an officer of a kind of agency may be, such as `pol_head`.

    A `head` watches the agency's deadlines, a `custodian` keeps its store, who holds a role of `custody` takes, keeps
    and hands over items. A role of kind `any` is nobody's own: who holds one of the roles in `held_by` holds it too.
    """

    key: str
    kind: str
    zh: str
    en: str
    head: bool = False
    custody: bool = False
    custodian: bool = False
    held_by: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Roles:
    """The kinds of agency and the roles of their officers, by key."""

    kinds: Mapping[str, Kind]
    roles: Mapping[str, Role]

    def __contains__(self, key: object) -> bool:
        return key in self.roles

    def __iter__(self) -> Iterator[Role]:
        return iter(self.roles.values())

    def role(self, key: str) -> Role:
        """The role with this key; raises NotFound."""
        found = self.roles.get(key)
        if found is None:
            raise NotFound(f"没有角色 {key}", f"There is no role {key}", at=key)
        return found

    def serves(self, key: str, kinds: Collection[str]) -> bool:
        """Whether some officer of an agency of any of these kinds can hold the role."""
        role = self.role(key)
        holders = {role.kind} if role.kind != ANY else {self.roles[name].kind for name in role.held_by}
        return set(kinds) <= holders

    def widened(self, held: frozenset[str]) -> frozenset[str]:
        """The roles of somebody who holds these, those of kind `any` with them."""
        return held | {role.key for role in self.roles.values() if held & role.held_by}

    def name(self, key: str) -> tuple[str, str]:
        """The Chinese and the English name of a role; raises NotFound."""
        role = self.role(key)
        return role.zh, role.en

    def of_kind(self, kind: str) -> list[Role]:
        """The roles of one kind of agency, in the order of the file."""
        return [role for role in self.roles.values() if role.kind == kind]


def load_register(source: Source, *, file: str = DEADLINES) -> Register:
    """Read `deadlines.yaml`; raises BrokenBundle with all its faults."""
    page = Page(source, file)
    top = page.mapping(page.content, "register", {"version", "open_points", "rules"})
    points = {
        key: OpenPoint(id=key, text=page.sentence(value, key))
        for key, value in page.entries(top, "open_points", _POINT_ID)
    }
    reader = _RuleReader(page, points)
    rules = {key: reader.rule(key, value) for key, value in page.entries(top, "rules", _RULE_ID)}
    version = page.text(top, "version", "register")
    page.refuse_faults()
    return Register(rules=rules, version=version)


def load_calendar(source: Source, *, file: str = HOLIDAYS) -> Calendar:
    """Read `holidays.yaml`; the version it gives is prolonged by a fingerprint of the days themselves.

    Raises BrokenBundle with all faults.
    """
    page = Page(source, file)
    top = page.mapping(page.content, "calendar", {"version", "years"})
    schedules: dict[int, Schedule] = {}
    for key, value in page.entries(top, "years", _YEAR):
        year = int(key)
        content = page.mapping(value, key, {"source", "off", "work"})
        if not FIRST_YEAR <= year <= LAST_YEAR:
            page.fault(content, key, "bad-year", f"年份 {key} 超出范围", f"The year {key} is out of range")
            continue
        off, work = _days_off(page, content, "off", year), _days_off(page, content, "work", year)
        for day in sorted(off & work):
            page.fault(content, key, "off-and-work", f"{day} 既放假又上班", f"{day} is both off and worked")
        schedules[year] = Schedule(off=off, work=work, source=page.text(content, "source", key))
    version = page.text(top, "version", "calendar")
    page.refuse_faults()
    return Calendar(version=f"{version}+{fingerprint(schedules)}", schedules=schedules)


def load_roles(source: Source, *, file: str = ROLES) -> Roles:
    """Read `roles.yaml`; raises BrokenBundle with all its faults."""
    page = Page(source, file)
    top = page.mapping(page.content, "roles", {"kinds", "roles"})
    kinds = {}
    for key, value in page.entries(top, "kinds", _KEY):
        named = page.sentence(value, key)
        kinds[key] = Kind(key=key, zh=named.zh, en=named.en)
    roles = {}
    for key, value in page.entries(top, "roles", _KEY):
        content = page.mapping(value, key, {"kind", "zh", "en", "held_by", *_MARKS})
        kind = page.one_of(content, "kind", key, (*kinds, ANY), "")
        roles[key] = Role(
            key=key,
            kind=kind,
            zh=page.text(content, "zh", key),
            en=page.text(content, "en", key),
            held_by=page.words(content, "held_by", key, wanted=kind == ANY),
            **{mark: mark in content and page.flag(content, mark, key) for mark in _MARKS},
        )
        if kind and not key.startswith(f"{kind}_"):
            page.fault(
                content, key, "bad-role", f"角色 {key} 应以 {kind}_ 开头", f"The role {key} must begin with {kind}_"
            )
    for role in roles.values():
        for name in sorted(role.held_by):
            if name not in roles or roles[name].kind == ANY:
                page.fault(top["roles"], role.key, "unknown-role", f"没有角色 {name}", f"There is no role {name}")
    page.refuse_faults()
    return Roles(kinds=kinds, roles=roles)


class _RuleReader:
    """Reads rules and their extensions."""

    def __init__(self, page: Page, points: Mapping[str, OpenPoint]) -> None:
        self._page = page
        self._points = points

    def rule(self, key: str, value: object) -> Rule:
        page = self._page
        content = page.mapping(value, key, _RULE_KEYS)
        rule = Rule(
            id=key,
            zh=page.text(content, "zh", key),
            en=page.text(content, "en", key),
            who=page.text(content, "who", key),
            article=page.text(content, "article", key),
            source=page.text(content, "source", key),
            status=page.one_of(content, "status", key, get_args(Status), "design"),
            open_points=self._open_points(content, key),
            note=self._maybe(content, "note", key),
            not_computable=self._maybe(content, "not_computable", key),
            **({} if "not_computable" in content else self._clock(content, key)),
        )
        self._fit(content, rule)
        return rule

    def _clock(self, content: Located, key: str) -> dict[str, Any]:
        page = self._page
        n, unit = self._length(content, key)
        return {
            "start": page.sentence(content.get("start"), key),
            "n": n,
            "unit": unit,
            "direction": page.one_of(content, "direction", key, get_args(Direction), "after"),
            "roll": page.flag(content, "roll", key),
            "custody": page.one_of(content, "custody", key, get_args(Custody), "never"),
            "extensions": tuple(self._extensions(content, key)),
        }

    def _extensions(self, content: Located, key: str) -> Iterator[Extension]:
        listed = content.get("extensions", [])
        seen: set[str] = set()
        for entry in listed if isinstance(listed, list) else [listed]:
            extension = self._extension(entry, key)
            if not _EXTENSION_ID.fullmatch(extension.id) or not extension.id.startswith(key) or extension.id in seen:
                self._page.fault(
                    entry,
                    key,
                    "bad-id",
                    f"{key} 的延长编号“{extension.id}”无效或者重复，应为 {key} 加一个小写字母",
                    f"“{extension.id}” is no new extension id of {key}: the rule's id and one small letter",
                )
            if extension.after and extension.after not in seen:
                self._page.fault(
                    entry,
                    extension.id,
                    "bad-after",
                    f"{extension.id} 之前没有 {extension.after}",
                    f"No {extension.after} stands before {extension.id}",
                )
                continue
            seen.add(extension.id)
            yield extension

    def _extension(self, value: object, key: str) -> Extension:
        page = self._page
        content = page.mapping(value, key, _EXTENSION_KEYS)
        name = page.text(content, "id", key)
        n, unit = self._length(content, name)
        return Extension(
            id=name,
            text=Sentence(page.text(content, "zh", name), page.text(content, "en", name)),
            effect=page.one_of(content, "effect", name, ("instead", "adds"), "instead"),
            n=n,
            unit=unit,
            after=page.text(content, "after", name, needed=False),
            who=page.text(content, "who", name, needed=False),
            start=self._maybe(content, "start", name),
            article=page.text(content, "article", name, needed=False),
            source=page.text(content, "source", name, needed=False),
            status=page.one_of(content, "status", name, get_args(Status), "") if "status" in content else None,
            open_points=self._open_points(content, name),
        )

    def _fit(self, content: Located, rule: Rule) -> None:
        """What is right by itself and wrong together."""
        if rule.direction == "before" and (rule.roll or rule.custody != "never"):
            continues = ("倒推的期限不顺延，也不是羁押期限", "A limit counted back neither rolls nor is of custody")
            self._page.fault(content, rule.id, "bad-roll", *continues)
        for extension in rule.extensions:
            if extension.effect == "adds" and not units_add(rule.extended_to(extension).unit, extension.unit):
                mixed = (
                    "延长的单位与期限的单位不能相加",
                    "The unit of the extension does not add to that of the limit",
                )
                self._page.fault(content, extension.id, "bad-unit", *mixed)

    def _length(self, content: Located, element: str) -> tuple[float, Unit]:
        unit: Unit = self._page.one_of(content, "unit", element, get_args(Unit), "d")
        n = content.get("n")
        try:
            length = n if isinstance(n, int | float) and not isinstance(n, bool) else 0
            check_length(max(length, 0), unit)
        except Invalid as refused:
            self._page.fault(content, element, "bad-length", f"{element}：{refused.zh}", f"{element}: {refused.en}")
            return 1, unit
        return length, unit

    def _open_points(self, content: Located, element: str) -> tuple[OpenPoint, ...]:
        listed = content.get("open_points", [])
        keys = [str(key) for key in listed] if isinstance(listed, list) else [str(listed)]
        for key in keys:
            if key not in self._points:
                self._page.fault(
                    content, element, "unknown-point", f"没有待确认事项 {key}", f"There is no open point {key}"
                )
        return tuple(self._points[key] for key in keys if key in self._points)

    def _maybe(self, content: Located, key: str, element: str) -> Sentence | None:
        return self._page.sentence(content[key], element) if key in content else None


def _days(entry: str) -> list[date]:
    """The days of `first` or `first..last`; none when it is neither."""
    found = _DAYS.fullmatch(entry.strip())
    if not found:
        return []
    try:
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2] or found[1])
    except ValueError:
        return []
    return [first + timedelta(days=ahead) for ahead in range(min((last - first).days, 366) + 1)]


def _days_off(page: Page, content: Located, key: str, year: int) -> frozenset[date]:
    """The days a year of the calendar lists under a key; a faulty entry is noted."""
    listed = content.get(key) or []
    found: set[date] = set()
    for entry in listed if isinstance(listed, list) else [listed]:
        days = _days(str(entry))
        # a New Year schedule may begin in the December before
        if not days or not all(day.year == year or (day.year, day.month) == (year - 1, 12) for day in days):
            page.fault(
                content,
                str(year),
                "bad-day",
                f"“{str(entry)[:40]}”不是 {year} 年的日期或者起止日期（首日..末日）",
                f"“{str(entry)[:40]}” is no day or range (first..last) of {year}",
            )
        found.update(days)
    return frozenset(found)
