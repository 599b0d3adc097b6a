"""The working days of mainland China: which days are worked, and which day comes next (节假日 and make-up days).

Holidays come from the schedule the State Council publishes each year. A year given as an override is taken as it
is; otherwise the `chinesecalendar` package answers; a year unknown to both counts weekly rest days only and is
provisional, because its schedule is not published yet.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from chinese_calendar import constants

from app.domain.errors import Invalid

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_PACKAGE_OFF: frozenset[date] = frozenset(constants.holidays)
_PACKAGE_WORK: frozenset[date] = frozenset(constants.workdays)
_PACKAGE_YEARS = range(min(_PACKAGE_OFF).year, max(_PACKAGE_OFF).year + 1)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The holiday schedule of one year: days off, rest days that are worked instead, and who published it."""

    off: frozenset[date]
    work: frozenset[date]
    source: str


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Working days under a named version; the version is kept with every deadline computed with it."""

    version: str
    schedules: Mapping[int, Schedule] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Whether the day is worked; a make-up Saturday or Sunday is (domain rule R10)."""
        if day in self._work:
            return True
        if day in self._off:
            return False
        if day.year not in self.schedules and day.year in _PACKAGE_YEARS:
            return day in _PACKAGE_WORK or (day.weekday() < _SATURDAY and day not in _PACKAGE_OFF)
        return day.weekday() < _SATURDAY

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of the day's year are not known yet, so that only weekly rest days count."""
        return day.year not in self.schedules and day.year not in _PACKAGE_YEARS

    def next_working(self, day: date) -> date:
        """The day itself when it is worked, else the first working day after it (刑事诉讼法第105条)."""
        while not self.is_working(day):
            day += _ONE_DAY
        return day

    def nth_working_day_after(self, day: date, count: int) -> date:
        """The `count`-th working day after the day, which is not counted; `count` is 1 or more."""
        return self._walk(day, count, _ONE_DAY)

    def nth_working_day_before(self, day: date, count: int) -> date:
        """The `count`-th working day before the day, which is not counted; `count` is 1 or more."""
        return self._walk(day, count, -_ONE_DAY)

    def _walk(self, day: date, count: int, step: timedelta) -> date:
        if count < 1:
            raise Invalid("工作日数应为正整数", "The number of working days must be 1 or more", at="n")
        while count:
            day += step
            count -= self.is_working(day)
        return day

    @cached_property
    def _off(self) -> frozenset[date]:
        return frozenset().union(*(schedule.off for schedule in self.schedules.values()))

    @cached_property
    def _work(self) -> frozenset[date]:
        return frozenset().union(*(schedule.work for schedule in self.schedules.values()))


def fingerprint(schedules: Mapping[int, Schedule]) -> str:
    """Eight hex digits that change exactly when a day changes its kind, in the overrides or in the package."""
    days = [
        *(f"{year}-{day}" for year in schedules for day in schedules[year].off),
        *(f"{year}+{day}" for year in schedules for day in schedules[year].work),
        *(f"-{day}" for day in _PACKAGE_OFF),
        *(f"+{day}" for day in _PACKAGE_WORK),
    ]
    return hashlib.sha256("\n".join(sorted(days)).encode()).hexdigest()[:8]
