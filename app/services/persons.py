"""Of whom a task, a clock or a document speaks: the names of parties, read at once for all rows of a page."""

from collections.abc import Callable, Iterable

from app.services.work import Work
from app.storage import facts
from app.storage.database import Record

Naming = Callable[[Record], str]
"""Gives the name of the party a row is about, empty when it is about the whole case."""


def by_code(code: str) -> tuple[int, str]:
    """Give the place of a code in a list: S2 before S10."""
    return (len(code), code)


def naming(work: Work, agency_id: str, *rows: Iterable[Record]) -> Naming:
    """Read the names that rows with `case_id` and `subject` need; the code stands for a name the agency was not shown.

    One statement, however many rows and cases there are.
    """
    about = {(row.case_id, row.subject) for several in rows for row in several if row.subject}
    names = facts.names_seen(work.connection, agency_id=agency_id, about=about)

    def name(row: Record) -> str:
        return names.get((row.case_id, row.subject), str(row.subject)) if row.subject else ""

    return name
