"""Statutory deadlines: a due date is data with its reasoning (domain rules R1–R15, open points O12–O17)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from app.domain.calendar import Calendar
from app.domain.errors import Invalid
from app.domain.moments import in_beijing, parse_start
from app.domain.reckoning import Pause, reckon
from app.domain.rules import Direction, Extension, Register, Rule, Sentence, Status, Unit, check_length, units_add

__all__ = [
    "Deadline",
    "Extension",
    "Pause",
    "Register",
    "Rule",
    "Sentence",
    "Unit",
    "Urgency",
    "compute",
    "parse_start",
    "urgency",
    "used_share",
]

Urgency = Literal["overdue", "critical", "soon", "ample", "paused"]

_CRITICAL = timedelta(days=3)
_SOON = timedelta(days=7)
_POSTED = Sentence(
    "路途时间不计入，期满前已经交邮的不算过期（刑事诉讼法第105条）；因不可抗拒的原因耽误的，障碍消除后五日以内可以申请继续进行（第106条）",
    "Travel time is left out and what was posted before the end is in time (CPL 105); "
    "after force majeure, apply within 5 d of the obstacle ending (CPL 106)",
)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """When a limit ends and why.

    `due` is aware, on the clock of Beijing: 23:59:59 of the last day, or the very minute for limits in hours; None
    while the limit is paused. `roll` says whether this limit would move off a rest day, `rolled` whether it did;
    `custody` whether it was counted as a limit of custody; `provisional` that the holidays of its year are not
    published; `unconfirmed` that a lawyer has still to confirm the rule.
    """

    rule: str
    zh: str
    en: str
    who: str
    start: date | datetime
    start_event: Sentence
    due: datetime | None
    n: float
    unit: Unit
    direction: Direction
    roll: bool
    rolled: bool
    custody: bool
    article: str
    source: str
    status: Status
    calendar: str
    provisional: bool
    unconfirmed: bool
    open_points: tuple[str, ...]
    extensions: tuple[str, ...]
    pauses: tuple[Pause, ...]
    steps: tuple[Sentence, ...]
    notes: tuple[Sentence, ...]

    @property
    def paused(self) -> bool:
        """Whether the clock stands still, so that no end is known."""
        return self.due is None

    def as_dict(self) -> dict[str, Any]:
        """The deadline as JSON: moments in ISO 8601 with their offset, `n` a number, sentences as zh and en."""
        return {
            "rule": self.rule,
            "zh": self.zh,
            "en": self.en,
            "who": self.who,
            "start": self.start.isoformat(),
            "start_event": self.start_event.as_dict(),
            "due": self.due.isoformat() if self.due else None,
            "n": int(self.n) if self.n == int(self.n) else self.n,
            "unit": self.unit,
            "direction": self.direction,
            "roll": self.roll,
            "rolled": self.rolled,
            "custody": self.custody,
            "article": self.article,
            "source": self.source,
            "status": self.status,
            "calendar": self.calendar,
            "provisional": self.provisional,
            "unconfirmed": self.unconfirmed,
            "open_points": list(self.open_points),
            "extensions": list(self.extensions),
            "paused": self.paused,
            "pauses": [
                {"from": stops.isoformat(), "to": resumes.isoformat() if resumes else None}
                for stops, resumes in self.pauses
            ],
            "steps": [step.as_dict() for step in self.steps],
            "notes": [note.as_dict() for note in self.notes],
        }


def compute(
    rule: Rule,
    start: date | datetime,
    *,
    calendar: Calendar,
    custody: bool = False,
    n: float | None = None,
    unit: Unit | None = None,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[str | Extension] = (),
) -> Deadline:
    """Compute when a limit ends, with every step of the arithmetic.

    `start` is a day or a moment (without an offset: Beijing time); limits in hours need a moment. `custody` stops
    the roll only for rules the register marks as limits of custody. `n` and `unit` replace the register's; `n` may
    be negative (counted back from the event) and, in months, a half. `extensions` are ids of the rule's own, or
    extensions as they were granted. `pauses` are days that do not count (刑事诉讼法第149条). Raises Invalid.
    """
    if rule.not_computable is not None:
        raise Invalid(f"{rule.id}：{rule.not_computable.zh}", f"{rule.id}: {rule.not_computable.en}", at="rule")
    read = _as_read(rule, n, unit)
    keys = [wanted if isinstance(wanted, str) else wanted.id for wanted in extensions]
    for place, wanted in enumerate(extensions):
        read = _granted(rule, read, wanted, before=keys[:place])
    in_custody = read.custody == "always" or (custody and read.custody == "optional")
    given = in_beijing(start) if isinstance(start, datetime) else start
    found = reckon(read, given, calendar=calendar, in_custody=in_custody, pauses=pauses)
    ignored = custody and not in_custody
    return Deadline(
        rule=read.id,
        zh=read.zh,
        en=read.en,
        who=read.who,
        start=given,
        start_event=read.start,
        due=found.due,
        n=read.n,
        unit=read.unit,
        direction=read.direction,
        roll=_may_roll(read, in_custody=in_custody),
        rolled=found.rolled,
        custody=in_custody,
        article=read.article,
        source=read.source,
        status=read.status,
        calendar=calendar.version,
        provisional=found.provisional,
        unconfirmed=read.unconfirmed,
        open_points=tuple(point.id for point in read.open_points),
        extensions=tuple(dict.fromkeys((*(extension.id for extension in read.granted), *keys))),
        pauses=tuple(pauses),
        steps=(*found.steps, *_remarks(read, custody_ignored=ignored)),
        notes=tuple(note for note in (read.note, _POSTED if read.who == "party" else None) if note),
    )


def urgency(due: datetime | None, now: datetime, *, paused: bool = False) -> Urgency:
    """How near a deadline is: overdue, critical (3 days or less), soon (7 days or less), ample, or paused."""
    if paused or due is None:
        return "paused"
    left = due - now
    if left < timedelta(0):
        return "overdue"
    if left <= _CRITICAL:
        return "critical"
    return "soon" if left <= _SOON else "ample"


def used_share(start: date | datetime, due: datetime, now: datetime) -> float:
    """The part of a limit that has passed at `now`, from 0.0 to 1.0; a bare start day counts from its beginning."""
    begin = in_beijing(start if isinstance(start, datetime) else datetime.combine(start, datetime.min.time()))
    if due <= begin:
        return 1.0 if now >= due else 0.0
    return max(0.0, min(1.0, (now - begin) / (due - begin)))


def _as_read(rule: Rule, n: float | None, unit: Unit | None) -> Rule:
    """The rule with the length it is given; a length given in full leaves no extension of the register's."""
    if n is None and unit is None:
        return rule
    kind = unit or rule.unit
    length = rule.n if n is None else n
    check_length(length, kind)
    return replace(
        rule,
        n=abs(length),
        unit=kind,
        direction="before" if length < 0 else rule.direction,
        # hours never roll, so a rule in hours says nothing about its roll once it is counted in days
        roll=rule.roll or (rule.unit == "h" and kind != "h"),
        granted=(),
    )


def _granted(rule: Rule, read: Rule, wanted: str | Extension, *, before: Sequence[str]) -> Rule:
    extension = rule.extension(wanted) if isinstance(wanted, str) else wanted
    check_length(extension.n, extension.unit)
    if extension.after and extension.after not in before:
        raise Invalid(
            f"{extension.id} 须在 {extension.after} 之后",
            f"{extension.id} can only follow {extension.after}",
            at="extensions",
        )
    if extension.effect == "adds" and not units_add(read.unit, extension.unit):
        raise Invalid(
            f"{extension.id} 与 {read.id} 的计算单位不能相加",
            f"{extension.id} cannot be added to {read.id}: their units do not mix",
            at="extensions",
        )
    return read.lengthened(extension)


def _may_roll(rule: Rule, *, in_custody: bool) -> bool:
    return rule.roll and not in_custody and rule.unit in ("d", "m", "y") and rule.direction == "after"


def _remarks(rule: Rule, *, custody_ignored: bool) -> tuple[Sentence, ...]:
    remarks = []
    if custody_ignored:
        remarks.append(
            Sentence(
                f"{rule.id} 不是羁押期限，在押不影响其计算",
                f"{rule.id} is not a limit of custody: detention does not change it",
            )
        )
    if rule.status != "verified":
        remarks.append(
            Sentence(f"依据的状态：{rule.status}，尚待核实", f"Status of the rule: {rule.status}; to be confirmed")
        )
    remarks += [
        Sentence(f"待确认（{point.id}）：{point.text.zh}", f"Unconfirmed ({point.id}): {point.text.en}")
        for point in rule.open_points
    ]
    return tuple(remarks)
