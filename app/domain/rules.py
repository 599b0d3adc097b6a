"""The register of statutory limits: what must be done, by whom, from which event, within how long, by which article.

Its content is data (`bpmn/_shared/deadlines.yaml`); `app.domain.deadlines` does the arithmetic.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple

from app.domain.errors import Invalid, NotFound

Unit = Literal["h", "d", "wd", "m", "y"]
Direction = Literal["after", "before"]
Custody = Literal["never", "optional", "always"]
Status = Literal["verified", "verified (secondary)", "verified (local)", "from memory", "design"]

MAX_COUNT: Mapping[Unit, int] = {"h": 876_600, "d": 36_525, "wd": 36_525, "m": 1_200, "y": 100}
"""A century in each unit: what is longer is a mistake, not a limit."""


class Sentence(NamedTuple):
    """One sentence for a person, in Chinese and in English."""

    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """The sentence as JSON."""
        return {"zh": self.zh, "en": self.en}


UNSAID = Sentence("", "")


@dataclass(frozen=True, kw_only=True)
class OpenPoint:
    """A question of law that nobody has answered yet (domain O1–O17) and the answer assumed meanwhile."""

    id: str
    text: Sentence


@dataclass(frozen=True, kw_only=True)
class Extension:
    """A longer limit: `instead` of the rule's own, or one that `adds` to its end before that end has rolled.

    `after` names the extension that must have been granted first; empty fields are those of the rule.
    """

    id: str
    text: Sentence
    effect: Literal["instead", "adds"]
    n: float
    unit: Unit
    after: str = ""
    who: str = ""
    start: Sentence | None = None
    article: str = ""
    source: str = ""
    status: Status | None = None
    open_points: tuple[OpenPoint, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One statutory limit. `n` counts `unit`s: h hours, d calendar days, wd working days, m months, y years.

    `custody` says whether it is a limit of custody, which ends on the day itself: `optional` is so when the person
    is detained. `granted` are extensions already part of the rule, as in D40x. A rule with `not_computable` is a
    threshold without a date.
    """

    id: str
    zh: str
    en: str
    who: str
    article: str
    source: str
    status: Status
    start: Sentence = UNSAID
    n: float = 0
    unit: Unit = "d"
    direction: Direction = "after"
    roll: bool = True
    custody: Custody = "never"
    open_points: tuple[OpenPoint, ...] = ()
    extensions: tuple[Extension, ...] = ()
    granted: tuple[Extension, ...] = ()
    note: Sentence | None = None
    not_computable: Sentence | None = None

    @property
    def unconfirmed(self) -> bool:
        """Whether a lawyer has still to confirm it: not read in the law itself, or a question is open."""
        return self.status != "verified" or bool(self.open_points)

    def extension(self, key: str) -> Extension:
        """The extension with this id; raises Invalid when the law knows none such for this rule."""
        for found in self.extensions:
            if found.id == key:
                return found
        raise Invalid(f"{self.id} 没有延长期限 {key}", f"{self.id} has no extension {key}", at="extensions")

    def lengthened(self, extension: Extension) -> "Rule":
        """The same rule, longer: the extension stands instead of its limit or is added to what is granted."""
        open_points = tuple(dict.fromkeys((*self.open_points, *extension.open_points)))
        if extension.effect == "adds":
            return replace(self, granted=(*self.granted, extension), open_points=open_points)
        return replace(self, n=extension.n, unit=extension.unit, granted=(), open_points=open_points)

    def extended_to(self, extension: Extension) -> "Rule":
        """The rule an extension makes, under its own id, with the extensions that must have come before it."""
        base = self.extended_to(self.extension(extension.after)) if extension.after else self
        return replace(
            base.lengthened(extension),
            id=extension.id,
            zh=f"{self.zh}：{extension.text.zh}",
            en=f"{self.en}: {extension.text.en}",
            who=extension.who or self.who,
            start=extension.start or self.start,
            article=extension.article or self.article,
            source=extension.source or self.source,
            status=extension.status or self.status,
            extensions=(),
        )


@dataclass(frozen=True, kw_only=True)
class Register:
    """All limits by id; an extension is found under its own id too (D27x)."""

    rules: Mapping[str, Rule]
    version: str = field(default="")

    def rule(self, key: str) -> Rule:
        """The rule or extended rule with this id; raises NotFound."""
        found = self._by_id.get(key)
        if found is None:
            raise NotFound(f"期限登记册中没有 {key[:20]}", f"The register has no limit {key[:20]}", at=key[:20])
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._by_id

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._by_id.values())

    @cached_property
    def _by_id(self) -> Mapping[str, Rule]:
        found: dict[str, Rule] = {}
        for key, rule in self.rules.items():
            found[key] = rule
            found.update({extension.id: rule.extended_to(extension) for extension in rule.extensions})
        return found


def units_add(unit: Unit, other: Unit) -> bool:
    """Whether a span in the other unit can prolong one in this unit: hours and working days only their own kind."""
    return unit == other or not {unit, other} & {"h", "wd"}


def check_length(n: float, unit: Unit) -> None:
    """Refuse a length that is nothing, longer than a century, or broken (only months come in halves)."""
    parts = n * 2 if unit == "m" else n
    if not abs(n) <= MAX_COUNT[unit]:
        raise Invalid(f"期限 {n:g} 过长", f"A limit of {n:g} {unit} is longer than a century", at="n")
    if not n or parts != int(parts):
        raise Invalid(
            f"期限 {n:g} 无效：须为非零整数，只有月可以有半个月",
            f"{n:g} {unit} is no limit: a whole number other than 0, or halves of a month",
            at="n",
        )
