"""Who is held in a case and until when: the custody limits of every process, told as one line a person."""

from collections.abc import Sequence

from app.domain.access import Officer
from app.domain.detention import Basis, Line, line_of
from app.services.cases import see_case_row
from app.services.work import Work
from app.storage import deadlines, facts

RELEASED = "released_at"
"""The answer that says since when a person is no longer held."""


def detention_lines(work: Work, officer: Officer, case_id: str) -> Sequence[tuple[str, Line]]:
    """Give name and line of everybody who is or was held in a case the officer's agency takes part in.

    Every agency of the case sees whether a person is lawfully held: each of them answers for it (CPL 97–99).
    """
    see_case_row(work, officer, case_id)
    bases: dict[str, list[Basis]] = {}
    for row in deadlines.deadlines_of_case(work.connection, case_id):
        # a clock that a later event ended (a return, a transfer) was the basis until then
        if row.custody and row.subject:
            bases.setdefault(row.subject, []).append(Basis(rule=row.rule, start=row.start, due=row.due))
    released = facts.newest_of_parties(work.connection, case_id=case_id, key=RELEASED)
    names = facts.names_of_parties(work.connection, case_id=case_id)
    lines = (
        line_of(person, known, now=work.now, released=released.get(person)) for person, known in sorted(bases.items())
    )
    return [(names.get(line.person, line.person), line) for line in lines if line is not None]
