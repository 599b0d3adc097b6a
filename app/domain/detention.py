"""The time a person is held (羁押), as one line from the first day to now: every basis, every gap, and when it ends.

CPL 91, 156–160, 172, 175, 208: each stage gives a basis of its own; nobody is held for an hour without one (CPL 99),
and a period of custody never rolls over a holiday (CPL 105).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WARNING = timedelta(days=7)
"""From when on the end of a basis is shown as near; configuration of the display, not law."""

URGENT = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Basis:
    """One basis of custody: the rule of the register, from when, until when at most; None while it has no end.

    `clock` names the clock it was read from.
    """

    rule: str
    start: datetime
    due: datetime | None
    clock: str = ""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A time for which no basis is known."""

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Line:
    """The whole time of one person. `until` is when the last basis ends, `days` counts begun days.

    `released` is when it ended, None while the person is held.

    `state`: `released`, `held`, `near` (a week or less), `urgent` (three days or less), `expired` (CPL 99: release).
    """

    person: str
    bases: tuple[Basis, ...]
    gaps: tuple[Gap, ...]
    since: datetime
    until: datetime | None
    days: int
    state: str
    released: datetime | None = None


def line_of(person: str, bases: Sequence[Basis], *, now: datetime, released: datetime | None = None) -> Line | None:
    """Give the line of a person, None for somebody who was never held. `now` and `released` are aware."""
    ordered = sorted(bases, key=lambda basis: (basis.start, basis.due is None, basis.due or basis.start))
    if not ordered:
        return None
    gone = released is not None and released >= ordered[-1].start
    end = released if gone and released is not None else now
    until = _until(ordered)
    return Line(
        person=person,
        bases=tuple(ordered),
        gaps=tuple(_gaps(ordered, end)),
        since=ordered[0].start,
        until=until,
        days=max(0, (end.date() - ordered[0].start.astimezone(end.tzinfo).date()).days) + 1,
        state="released" if gone else _state(until, now),
        released=released if gone else None,
    )


def _until(ordered: Sequence[Basis]) -> datetime | None:
    """The end of what holds now: the newest basis takes the place of the ones before."""
    return ordered[-1].due


def _gaps(ordered: Sequence[Basis], end: datetime) -> list[Gap]:
    """The times between the end of every basis so far and the start of the next, or now."""
    found: list[Gap] = []
    covered = ordered[0].due
    for basis in ordered[1:]:
        if covered is None:
            return found
        if basis.start > covered:
            found.append(Gap(start=covered, end=basis.start))
        covered = None if basis.due is None else max(covered, basis.due)
    if covered is not None and end > covered:
        found.append(Gap(start=covered, end=end))
    return found


def _state(until: datetime | None, now: datetime) -> str:
    if until is None:
        return "held"
    left = until - now
    if left < timedelta(0):
        return "expired"
    return "urgent" if left <= URGENT else "near" if left <= WARNING else "held"
