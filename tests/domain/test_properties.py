"""What holds for every date, not only for those somebody thought of."""

from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.calendar import Calendar
from app.domain.deadlines import Deadline, Rule, compute, parse_start
from app.domain.errors import Invalid
from app.domain.identity import credit_code, id_number, name, phone_number
from app.domain.numbering import faults_of_pattern, format_number
from app.domain.periods import FIRST_YEAR, add_months, add_years, prison_term_end

CALENDAR = Calendar(version="package")
RULE = Rule(id="D00", zh="期限", en="limit", who="adm", article="第1条", source="X 1", status="verified")
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
SPANS = st.tuples(st.integers(1, 400), st.sampled_from(["d", "m", "wd", "y"])).filter(
    lambda span: span[1] in ("d", "wd") or span[0] <= 60
)


def limit(start, n, unit, *, custody=False, pauses=()) -> Deadline:
    rule = RULE if not custody else Rule(**{**vars(RULE), "custody": "always"})
    return compute(rule, start, calendar=CALENDAR, n=n, unit=unit, pauses=pauses)


@given(DAYS, SPANS)
def test_a_limit_ends_on_a_working_day_never_before_its_calendar_end(start, span):
    rolled, held = limit(start, *span).due, limit(start, *span, custody=True).due
    assert CALENDAR.is_working(rolled.date())
    assert rolled >= held
    between = [held.date() + timedelta(days=ahead) for ahead in range((rolled - held).days)]
    assert not any(CALENDAR.is_working(day) for day in between)


@given(DAYS, st.integers(1, 300))
def test_working_days_are_counted_one_by_one(start, count):
    end = limit(start, count, "wd").due.date()
    days = [start + timedelta(days=ahead) for ahead in range(1, (end - start).days + 1)]
    assert sum(map(CALENDAR.is_working, days)) == count
    assert CALENDAR.is_working(end)


@given(DAYS, SPANS)
def test_counting_back_ends_before_the_event_and_never_rolls(event, span):
    n, unit = span
    assume(unit != "y" or event.year - n >= FIRST_YEAR)  # before it the law has no limits to count
    found = limit(event, -n, unit)
    assert found.due.date() < event
    assert not found.rolled
    if unit == "d":
        assert found.due.date() == event - timedelta(days=n)


@given(DAYS, st.integers(-400, 600))
def test_months_land_in_their_month_on_the_same_or_the_last_day(start, months):
    end = add_months(start, months)
    assert end.year * 12 + end.month == start.year * 12 + start.month + months
    is_last = (end + timedelta(days=1)).day == 1
    started_last = (start + timedelta(days=1)).day == 1
    assert is_last if started_last else (end.day == start.day or (is_last and end.day < start.day))


@given(DAYS, st.integers(1, 240))
def test_months_grow_with_their_number(start, months):
    assert add_months(start, months) < add_months(start, months + 1)
    assert prison_term_end(start, months) == add_months(start, months) - timedelta(days=1)


@given(DAYS, st.integers(1, 60))
def test_years_are_years(start, years):
    assert add_years(start, years).year == start.year + years


@given(DAYS, st.integers(1, 60), st.integers(0, 80), st.integers(0, 40))
def test_a_pause_prolongs_by_at_most_its_own_days(start, n, ahead, length):
    stops = start + timedelta(days=ahead)
    pause = (stops, stops + timedelta(days=length))
    plain, paused = limit(start, n, "d", custody=True).due, limit(start, n, "d", custody=True, pauses=[pause]).due
    assert 0 <= (paused - plain).days <= length
    if 1 <= ahead <= n:
        assert (paused - plain).days == length


def refusal_of(check, text) -> Invalid | None:
    try:
        check(text)
    except Invalid as refused:
        return refused
    return None


@given(st.text(max_size=40))
def test_a_start_is_read_or_refused(text):
    refused = refusal_of(parse_start, text)
    assert refused is None or (refused.zh.encode() and refused.en.encode())


@given(st.text(st.characters(codec=None), max_size=20))
def test_identifiers_are_checked_or_refused(text):
    for check in (id_number, credit_code, phone_number, name):
        refused = refusal_of(check, text)
        assert check(check(text)) == check(text) if refused is None else refused.at


@given(st.text("{}〔〕（）[]year serial移号:!.0第", max_size=20))
def test_a_pattern_without_faults_gives_a_number(pattern):
    if not faults_of_pattern(pattern):
        number = format_number(pattern, year=2026, serial=7)
        assert "7" in number
        assert not set(number) & set("{}[]")
