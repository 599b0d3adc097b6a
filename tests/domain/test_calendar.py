from datetime import date, timedelta

import pytest

from app.domain.calendar import Calendar, Schedule, fingerprint
from app.domain.errors import Invalid

PLAIN = Calendar(version="plain")


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=ahead) for ahead in range((date(year + 1, 1, 1) - first).days)]


def test_the_2026_override_agrees_with_the_package(calendar):
    assert 2026 in calendar.schedules
    assert [calendar.is_working(day) for day in days_of(2026)] == [PLAIN.is_working(day) for day in days_of(2026)]


def test_the_2026_holidays(calendar):
    off = ["01-01 01-03", "02-15 02-23", "04-04 04-06", "05-01 05-05", "06-19 06-21", "09-25 09-27", "10-01 10-07"]
    work = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}
    for day in days_of(2026):
        told = day.isoformat()[5:]
        resting = any(first <= told <= last for first, last in map(str.split, off))
        expected = told in work or (day.weekday() < 5 and not resting)
        assert calendar.is_working(day) is expected, day


def test_a_past_year_comes_from_the_package():
    assert not PLAIN.is_working(date(2023, 1, 27))
    assert PLAIN.is_working(date(2023, 1, 28))
    assert not PLAIN.is_provisional(date(2023, 1, 28))


@pytest.mark.parametrize("year", [2003, 2031])
def test_an_unknown_year_counts_weekly_rest_days_only(year):
    assert all(PLAIN.is_working(day) == (day.weekday() < 5) for day in days_of(year))
    assert PLAIN.is_provisional(date(year, 1, 1))


def test_an_override_stands_in_for_its_whole_year():
    only = Schedule(off=frozenset({date(2025, 3, 3)}), work=frozenset({date(2025, 3, 8)}), source="test")
    changed = Calendar(version="changed", schedules={2025: only})
    assert not changed.is_working(date(2025, 3, 3))
    assert changed.is_working(date(2025, 3, 8))
    assert changed.is_working(date(2025, 10, 1))
    assert not PLAIN.is_working(date(2025, 10, 1))


def test_next_working_keeps_a_working_day(calendar):
    assert calendar.next_working(date(2026, 2, 14)) == date(2026, 2, 14)
    assert calendar.next_working(date(2026, 2, 15)) == date(2026, 2, 24)


def test_working_days_are_counted_both_ways(calendar):
    assert calendar.nth_working_day_after(date(2026, 2, 12), 3) == date(2026, 2, 24)
    assert calendar.nth_working_day_before(date(2026, 2, 24), 3) == date(2026, 2, 12)
    with pytest.raises(Invalid):
        calendar.nth_working_day_after(date(2026, 2, 12), 0)


def test_the_fingerprint_follows_the_days():
    schedule = Schedule(off=frozenset({date(2027, 1, 1)}), work=frozenset(), source="a")
    renamed = Schedule(off=schedule.off, work=schedule.work, source="b")
    moved = Schedule(off=frozenset({date(2027, 1, 2)}), work=frozenset(), source="a")
    assert fingerprint({2027: schedule}) == fingerprint({2027: renamed}) != fingerprint({2027: moved})
