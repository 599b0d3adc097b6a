"""The length of months, years and prison terms: 法释〔2021〕1号 art. 202.

A month runs to the same day of the next month; from the last day of a month to the last day of the next; where the
day is missing, to the last day; half a month is fifteen days.
"""

import calendar
from datetime import date, timedelta

from app.domain.errors import Invalid

FIRST_YEAR = 1949
LAST_YEAR = 2999
_MONTHS = 12


def add_months(start: date, months: int) -> date:
    """The day that ends a period of whole months; a negative number counts back by the same rule."""
    year, month = divmod(start.year * _MONTHS + start.month - 1 + months, _MONTHS)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise out_of_range()
    last = calendar.monthrange(year, month + 1)[1]
    ends_month = start.day == calendar.monthrange(start.year, start.month)[1]
    return date(year, month + 1, last if ends_month else min(start.day, last))


def add_years(start: date, years: int) -> date:
    """The same day of another year, or the last day of that month where the day is missing (29 February)."""
    year = start.year + years
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise out_of_range()
    return date(year, start.month, min(start.day, calendar.monthrange(year, start.month)[1]))


def add_days(start: date, days: int) -> date:
    """The day so many calendar days away, the start not counted."""
    try:
        end = start + timedelta(days=days)
    except OverflowError:
        raise out_of_range() from None
    if not FIRST_YEAR <= end.year <= LAST_YEAR:
        raise out_of_range()
    return end


def prison_term_end(start: date, months: int, *, years: int = 0) -> date:
    """The last day of a term: the day before the one on which the same period would end (art. 202, 刑法第47条).

    `start` is the first day of the term and counts; years are counted before months.
    """
    if months < 0 or years < 0 or not (months or years):
        raise Invalid("刑期应为正数", "A term must be longer than nothing", at="months")
    end = add_years(start, years) if years else start
    return (add_months(end, months) if months else end) - timedelta(days=1)


def out_of_range() -> Invalid:
    """The refusal of a date outside the years the calendar serves."""
    return Invalid(
        f"日期超出 {FIRST_YEAR} 年至 {LAST_YEAR} 年",
        f"The date lies outside the years {FIRST_YEAR} to {LAST_YEAR}",
        at="start",
    )
