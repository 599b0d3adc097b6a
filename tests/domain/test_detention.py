"""The time a person is held: one line of bases, its gaps, and what is said of its end."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.detention import Basis, line_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def end_of(text: str) -> datetime:
    return at(f"{text}T23:59:59")


KUNSHAN = [
    Basis(rule="D27", start=at("2026-03-19"), due=end_of("2026-03-22")),
    Basis(rule="D27x", start=at("2026-03-19T12:00"), due=end_of("2026-03-26")),
    Basis(rule="D29", start=at("2026-03-25"), due=end_of("2026-04-01")),
    Basis(rule="D37", start=at("2026-03-31"), due=end_of("2026-05-31")),
    Basis(rule="D40", start=at("2026-05-20"), due=end_of("2026-06-20")),
    Basis(rule="D43", start=at("2026-06-12"), due=end_of("2026-07-12")),
    Basis(rule="D40", start=at("2026-07-03"), due=end_of("2026-08-03")),
    Basis(rule="D59", start=at("2026-07-29"), due=end_of("2026-08-18")),
]


def test_the_line_of_the_worked_case_has_no_gap_and_ends_with_the_trial_limit():
    line = line_of("S1", KUNSHAN, now=at("2026-08-11T09:30"))
    assert line is not None
    assert [basis.rule for basis in line.bases] == ["D27", "D27x", "D29", "D37", "D40", "D43", "D40", "D59"]
    assert (line.gaps, line.until, line.state) == ((), end_of("2026-08-18"), "held")
    assert line.days == 146


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-08-12T00:00", "near"),
        ("2026-08-11T09:00", "held"),
        ("2026-08-16T00:00", "urgent"),
        ("2026-08-18T23:59:59", "urgent"),
        ("2026-08-19T00:00", "expired"),
    ],
)
def test_the_end_is_announced_and_then_an_alarm(now: str, state: str):
    line = line_of("S1", KUNSHAN, now=at(now))
    assert line is not None
    assert line.state == state


def test_a_time_without_a_basis_is_a_gap_even_when_another_follows():
    bases = [KUNSHAN[0], Basis(rule="D29", start=at("2026-03-25"), due=end_of("2026-04-01"))]
    line = line_of("S1", bases, now=at("2026-04-03"))
    assert line is not None
    assert [(gap.start, gap.end) for gap in line.gaps] == [
        (end_of("2026-03-22"), at("2026-03-25")),
        (end_of("2026-04-01"), at("2026-04-03")),
    ]


def test_who_was_released_is_not_held_and_his_days_stop():
    line = line_of("S1", KUNSHAN[:2], now=at("2026-09-01"), released=at("2026-03-25T16:00"))
    assert line is not None
    assert (line.state, line.days, line.gaps) == ("released", 7, ())


def test_a_release_before_a_new_arrest_does_not_end_the_new_line():
    line = line_of("S1", KUNSHAN[:4], now=at("2026-04-10"), released=at("2026-03-26T10:00"))
    assert line is not None
    assert line.state == "held"


def test_a_basis_without_end_and_nobody_held():
    open_end = [Basis(rule="D37", start=at("2026-03-31"), due=None)]
    line = line_of("S1", open_end, now=at("2026-03-31") + timedelta(days=400))
    assert line is not None
    assert (line.state, line.until, line.gaps) == ("held", None, ())
    assert line_of("S2", [], now=at("2026-03-31")) is None
