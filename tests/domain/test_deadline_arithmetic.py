import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.deadlines import compute, parse_start, urgency, used_share
from app.domain.errors import Invalid, NotFound
from app.domain.moments import BEIJING
from app.domain.periods import add_months, add_years, prison_term_end

KUNSHAN = list(
    csv.DictReader((Path(__file__).parent / "kunshan_deadlines.csv").read_text(encoding="utf-8").splitlines())
)


def end_of(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T23:59:59+08:00")


@pytest.mark.parametrize("row", KUNSHAN, ids=lambda row: f"{row['rule']}-{row['start']}{row['person']}")
def test_the_kunshan_case(row, register, calendar):
    found = compute(
        register.rule(row["rule"]), parse_start(row["start"]), calendar=calendar, custody=row["custody"] == "true"
    )
    expected = f"{row['expected']}:00+08:00" if "T" in row["expected"] else f"{row['expected']}T23:59:59+08:00"
    assert found.due is not None
    assert found.due.isoformat() == expected
    assert (found.n, found.unit) == (int(row["n"]), row["unit"])


@pytest.mark.parametrize(
    ("rule", "start", "due"),
    [
        ("D10", "2026-03-14", "2026-03-17"),
        ("D11", "2026-03-17", "2026-03-20"),
        ("D12", "2026-03-20", "2026-03-23"),
        ("D14", "2026-03-30", "2026-04-07"),
        ("D15", "2026-04-20", "2026-05-06"),
        ("D54", "2026-07-31", "2026-08-03"),
    ],
)
def test_the_variants_of_the_kunshan_case(rule, start, due, register, calendar):
    assert compute(register.rule(rule), parse_start(start), calendar=calendar).due == end_of(due)


@pytest.mark.parametrize(
    ("given", "due"),
    [
        ((3, "d", "2026-09-30", False), "2026-10-08"),
        ((3, "d", "2026-02-13", False), "2026-02-24"),
        ((3, "wd", "2026-02-12", False), "2026-02-24"),
        ((1, "m", "2026-05-20", True), "2026-06-20"),
        ((1, "m", "2026-05-20", False), "2026-06-22"),
        ((2, "m", "2026-08-07", False), "2026-10-08"),
        ((1, "m", "2026-02-28", True), "2026-03-31"),
        ((1, "m", "2026-01-31", False), "2026-02-28"),
        ((3, "d", "2026-05-06", False), "2026-05-09"),
        ((1.5, "m", "2026-07-29", True), "2026-09-13"),
        ((1.5, "m", "2026-07-29", False), "2026-09-14"),
        ((0.5, "m", "2026-03-01", False), "2026-03-16"),
        ((1, "y", "2024-02-29", True), "2025-02-28"),
        ((1, "m", "2026-01-30", True), "2026-02-28"),
        ((2, "m", "2025-12-31", True), "2026-02-28"),
        ((2, "m", "2026-03-31", True), "2026-05-31"),
    ],
)
def test_the_vectors_of_the_calendar_rules(given, due, register, calendar):
    n, unit, start, custody = given
    found = compute(register.rule("D40"), parse_start(start), calendar=calendar, custody=custody, n=n, unit=unit)
    assert found.due == end_of(due)


def test_hours_run_to_the_second_through_the_holidays(register, calendar):
    found = compute(register.rule("D02"), parse_start("2026-09-30T23:10:05+08:00"), calendar=calendar)
    assert found.due == datetime.fromisoformat("2026-10-01T23:10:05+08:00")
    assert not found.rolled
    elsewhere = compute(register.rule("D02"), parse_start("2026-09-30T15:10:05Z"), calendar=calendar)
    assert elsewhere.due == found.due


def test_hours_need_a_time_of_day(register, calendar):
    with pytest.raises(Invalid, match="start") as refused:
        compute(register.rule("D02"), date(2026, 3, 13), calendar=calendar)
    assert refused.value.at == "start"


def test_a_moment_counts_by_its_day_in_beijing(register, calendar):
    found = compute(register.rule("D01"), datetime(2026, 3, 11, 16, 30, tzinfo=UTC), calendar=calendar)
    assert found.due == end_of("2026-03-16")


def test_custody_changes_nothing_where_the_law_does_not_say_so(register, calendar):
    free = compute(register.rule("D62"), date(2026, 8, 13), calendar=calendar)
    detained = compute(register.rule("D62"), date(2026, 8, 13), calendar=calendar, custody=True)
    assert detained.due == free.due == end_of("2026-08-24")
    assert not detained.custody
    assert any("not a limit of custody" in step.en for step in detained.steps)


def test_a_custody_limit_never_rolls_even_unasked(register, calendar):
    found = compute(register.rule("D27"), date(2026, 3, 19), calendar=calendar)
    assert (found.due, found.custody, found.roll, found.rolled) == (end_of("2026-03-22"), True, False, False)


def test_the_steps_tell_the_arithmetic(register, calendar):
    found = compute(register.rule("D01"), date(2026, 3, 12), calendar=calendar)
    said = [step.en for step in found.steps]
    assert said[0] == "Starts with: transfer report received, 2026-03-12 (Thursday); that day is not counted (CPL 105)"
    assert said[1] == "+3 d → 2026-03-15 (Sunday)"
    assert said[2] == "2026-03-15 (Sunday) is a rest day or holiday → 2026-03-16 (Monday) (CPL 105)"
    assert "2026-03-15（星期日）" in found.steps[2].zh
    assert found.rolled


@pytest.mark.parametrize(
    ("rule", "start", "due"),
    [
        ("D38", "2026-05-31", "2026-05-24"),  # a Sunday: counted back, never rolled
        ("D55", "2026-08-11", "2026-08-01"),
        ("D56", "2026-10-10", "2026-10-07"),
        ("D58", "2026-10-20", "2026-10-05"),
        ("D58x", "2026-10-10", "2026-10-05"),
    ],
)
def test_limits_before_an_event_are_counted_back(rule, start, due, register, calendar):
    found = compute(register.rule(rule), parse_start(start), calendar=calendar)
    assert (found.due, found.rolled, found.unconfirmed) == (end_of(due), False, True)


def test_a_negative_length_counts_back(register, calendar):
    rule = register.rule("D40")
    assert compute(rule, date(2026, 3, 31), calendar=calendar, n=-1).due == end_of("2026-02-28")
    assert compute(rule, date(2026, 3, 31), calendar=calendar, n=-1.5).due == end_of("2026-02-13")
    assert compute(rule, date(2026, 2, 24), calendar=calendar, n=-3, unit="wd").due == end_of("2026-02-12")
    assert compute(register.rule("D55"), date(2026, 8, 11), calendar=calendar, n=-3).due == end_of("2026-08-08")
    back = compute(register.rule("D24"), parse_start("2026-03-13T10:00"), calendar=calendar, n=-12)
    assert back.due == datetime.fromisoformat("2026-03-12T22:00+08:00")


def test_an_extension_starts_at_the_end_before_it_rolled(register, calendar):
    rule = register.rule("D40")
    once = compute(rule, date(2026, 5, 20), calendar=calendar, extensions=["D40x"])
    assert once.due == end_of("2026-07-06")  # 06-20 + 15 d = 07-05, a Sunday; from 06-22 it would be 07-07
    assert once.open_points == ("O14",)
    assert compute(register.rule("D40x"), date(2026, 5, 20), calendar=calendar).due == once.due
    detained = compute(rule, date(2026, 5, 20), calendar=calendar, extensions=["D40x"], custody=True)
    assert detained.due == end_of("2026-07-05")


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("D09", "2026-03-16"),
        ("D09a", "2026-03-23"),
        ("D09b", "2026-04-13"),
        ("D09c", "2026-05-12"),
        ("D06", "2026-03-16"),
        ("D07", "2026-03-20"),
        ("D08", "2026-04-13"),
    ],
)
def test_the_tracks_of_the_filing_review(rule, due, register, calendar):
    # 30 d end on Sunday 04-12; 60 d on Tuesday 05-12
    assert compute(register.rule(rule), date(2026, 3, 13), calendar=calendar).due == end_of(due)


def test_custody_during_investigation_grows_month_end_by_month_end(register, calendar):
    dues = [
        compute(register.rule(key), date(2026, 3, 31), calendar=calendar).due for key in ("D37", "D37a", "D37b", "D37c")
    ]
    assert dues == [end_of(day) for day in ("2026-05-31", "2026-06-30", "2026-08-31", "2026-10-31")]


def test_an_extension_granted_shorter(register, calendar):
    rule = register.rule("D27")
    two_days = replace(rule.extension("D27x"), n=5)
    assert compute(rule, date(2026, 3, 19), calendar=calendar, extensions=[two_days]).due == end_of("2026-03-24")


def test_extensions_the_law_does_not_know_are_refused(register, calendar):
    rule = register.rule("D37")
    for wanted in (["D40x"], ["D37b"], ["D37b", "D37a"]):
        with pytest.raises(Invalid) as refused:
            compute(rule, date(2026, 3, 31), calendar=calendar, extensions=wanted)
        assert refused.value.at == "extensions"


class TestPauses:
    def test_paused_days_do_not_count(self, register, calendar):
        found = compute(
            register.rule("D40"),
            date(2026, 5, 20),
            calendar=calendar,
            custody=True,
            pauses=[(date(2026, 6, 1), date(2026, 6, 11))],
        )
        assert found.due == end_of("2026-06-30")

    def test_overlapping_pauses_count_once_and_a_same_day_pause_is_none(self, register, calendar):
        found = compute(
            register.rule("D40"),
            date(2026, 5, 20),
            calendar=calendar,
            custody=True,
            pauses=[
                (date(2026, 6, 5), date(2026, 6, 11)),
                (date(2026, 6, 1), date(2026, 6, 8)),
                (date(2026, 6, 20), date(2026, 6, 20)),
            ],
        )
        assert found.due == end_of("2026-06-30")

    def test_a_pause_reaches_into_the_days_an_earlier_one_added(self, register, calendar):
        found = compute(
            register.rule("D40"),
            date(2026, 5, 20),
            calendar=calendar,
            custody=True,
            pauses=[(date(2026, 6, 1), date(2026, 6, 11)), (date(2026, 6, 25), date(2026, 6, 27))],
        )
        assert found.due == end_of("2026-07-02")

    def test_an_open_pause_has_no_end(self, register, calendar):
        found = compute(register.rule("D40"), date(2026, 5, 20), calendar=calendar, pauses=[(date(2026, 6, 1), None)])
        assert found.due is None
        assert found.paused
        assert urgency(found.due, datetime(2026, 6, 2, tzinfo=UTC)) == "paused"

    def test_a_pause_after_the_end_changes_nothing(self, register, calendar):
        found = compute(
            register.rule("D40"),
            date(2026, 5, 20),
            calendar=calendar,
            custody=True,
            pauses=[(date(2026, 6, 21), None)],
        )
        assert found.due == end_of("2026-06-20")

    def test_working_days_skip_the_pause(self, register, calendar):
        found = compute(
            register.rule("D51"),
            date(2026, 7, 27),
            calendar=calendar,
            pauses=[(date(2026, 7, 30), date(2026, 8, 4))],
        )
        assert found.due == end_of("2026-08-13")  # 07-30, 07-31 and 08-03 do not count

    def test_hours_are_never_paused(self, register, calendar):
        with pytest.raises(Invalid) as refused:
            compute(
                register.rule("D24"),
                parse_start("2026-03-19T09:20"),
                calendar=calendar,
                pauses=[(date(2026, 3, 19), None)],
            )
        assert refused.value.at == "pauses"

    def test_a_pause_cannot_end_before_it_begins(self, register, calendar):
        with pytest.raises(Invalid):
            compute(
                register.rule("D40"),
                date(2026, 5, 20),
                calendar=calendar,
                pauses=[(date(2026, 6, 2), date(2026, 6, 1))],
            )


def test_a_threshold_has_no_date(register, calendar):
    with pytest.raises(Invalid, match="threshold"):
        compute(register.rule("D69"), date(2026, 3, 12), calendar=calendar)


def test_an_unknown_rule_is_not_found(register):
    with pytest.raises(NotFound):
        register.rule("D97")


@pytest.mark.parametrize(
    ("n", "unit"), [(0, "d"), (1.5, "d"), (0.25, "m"), (1.5, "h"), (40_000, "d"), (float("nan"), "d"), (1e308, "m")]
)
def test_lengths_that_are_no_limit(n, unit, register, calendar):
    with pytest.raises(Invalid) as refused:
        compute(register.rule("D40"), parse_start("2026-03-12T10:00"), calendar=calendar, n=n, unit=unit)
    assert refused.value.at == "n"


def test_a_limit_that_ends_in_an_unpublished_year_is_provisional(register, calendar):
    found = compute(register.rule("D85"), date(2030, 3, 11), calendar=calendar)
    assert found.provisional
    assert any("not published" in step.en for step in found.steps)
    assert not compute(register.rule("D27"), date(2030, 3, 11), calendar=calendar).provisional
    assert not compute(register.rule("D85"), date(2026, 3, 11), calendar=calendar).provisional


def test_a_year_that_does_not_begin_in_the_calendar(register, calendar):
    for start in (date(1, 1, 1), date(9999, 12, 31), datetime(9999, 12, 31, 23, tzinfo=UTC), date(2999, 12, 31)):
        with pytest.raises(Invalid):
            compute(register.rule("D40"), start, calendar=calendar)


def test_unconfirmed_rules_say_so(register, calendar):
    assert compute(register.rule("D94"), date(2026, 3, 12), calendar=calendar).unconfirmed
    assert compute(register.rule("D53"), date(2026, 3, 12), calendar=calendar).open_points == ("O12",)
    assert not compute(register.rule("D96"), date(2026, 5, 20), calendar=calendar).unconfirmed


def test_as_json(register, calendar):
    told = compute(register.rule("D01"), date(2026, 3, 12), calendar=calendar).as_dict()
    assert told["due"] == "2026-03-16T23:59:59+08:00"
    assert told["start"] == "2026-03-12"
    assert (told["n"], told["unit"], told["status"], told["calendar"]) == (3, "d", "verified", calendar.version)
    assert type(told["n"]) is int
    assert set(told["steps"][0]) == {"zh", "en"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-12", date(2026, 3, 12)),
        (" 2026-03-12 ", date(2026, 3, 12)),
        ("2026-03-12T16:30", datetime(2026, 3, 12, 16, 30, tzinfo=BEIJING)),
        ("2026-03-12 16:30:05", datetime(2026, 3, 12, 16, 30, 5, tzinfo=BEIJING)),
        ("2026-03-12T08:30Z", datetime(2026, 3, 12, 16, 30, tzinfo=BEIJING)),
        ("2026-03-12T20:30:00.250000-04:00", datetime(2026, 3, 13, 8, 30, tzinfo=BEIJING)),
    ],
)
def test_starts_as_people_write_them(text, expected):
    found = parse_start(text)
    assert type(found) is type(expected)
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "2023-02-29", "2025-13-01", "0000-01-01", "9999-12-31", "2026-03-12T24:00", "2026-03-12T23:60"),
        *("20260312", "2026-W11-4", "12.03.2026", "2026/03/12", "２０２６-03-12", "2026-03-12T10:00+99:00", "今天"),
        *("9999-12-31T23:59-12:00", "0001-01-01T00:00+12:00", "\ud800", "2026-03-12T10", "x" * 10_000),
    ],
)
def test_starts_that_are_none(text):
    with pytest.raises(Invalid) as refused:
        parse_start(text)
    assert refused.value.at == "start"
    assert refused.value.zh.encode()


def test_how_near_a_deadline_is():
    due = end_of("2026-03-20")
    assert urgency(due, due + timedelta(seconds=1)) == "overdue"
    assert urgency(due, due) == "critical"
    assert urgency(due, due - timedelta(days=3)) == "critical"
    assert urgency(due, due - timedelta(days=3, seconds=1)) == "soon"
    assert urgency(due, due - timedelta(days=7)) == "soon"
    assert urgency(due, due - timedelta(days=7, seconds=1)) == "ample"
    assert urgency(due, due, paused=True) == "paused"


def test_the_share_of_a_limit_that_is_used():
    start, due = datetime(2026, 3, 13, 10, tzinfo=BEIJING), datetime(2026, 3, 14, 10, tzinfo=BEIJING)
    assert used_share(start, due, start) == 0
    assert used_share(start, due, start + timedelta(hours=6)) == 0.25
    assert used_share(start, due, due + timedelta(days=1)) == 1
    assert used_share(date(2026, 3, 13), end_of("2026-03-14"), start - timedelta(days=9)) == 0
    assert used_share(due, start, start - timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("start", "months", "years", "end"),
    [
        ("2026-03-19", 18, 0, "2027-09-18"),
        ("2026-03-19", 6, 1, "2027-09-18"),
        ("2026-03-01", 1, 0, "2026-03-31"),
        ("2026-01-31", 1, 0, "2026-02-27"),
        ("2026-02-28", 1, 0, "2026-03-30"),
        ("2024-02-29", 0, 1, "2025-02-27"),
        ("2026-08-30", 6, 0, "2027-02-27"),
    ],
)
def test_prison_terms_end_the_day_before(start, months, years, end):
    assert prison_term_end(date.fromisoformat(start), months, years=years) == date.fromisoformat(end)


def test_a_term_of_nothing_is_refused():
    for months, years in ((0, 0), (-1, 0), (1, -1)):
        with pytest.raises(Invalid):
            prison_term_end(date(2026, 3, 19), months, years=years)


def test_months_and_years_stay_in_the_calendar():
    for call in (lambda: add_months(date(2026, 1, 1), 12_000), lambda: add_years(date(2026, 1, 1), -100)):
        with pytest.raises(Invalid):
            call()
