"""Who is held and until when: the custody limits of every process, told as one line a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.access import Officer
from app.domain.deadlines import parse_start
from app.domain.detention import WARNING, Basis, Line, line_of
from app.services.cases import see_case_row
from app.services.names import Names
from app.services.persons import by_code
from app.services.work import Work
from app.storage import deadlines, facts, processes
from app.storage.database import Record

SHANGHAI = ZoneInfo("Asia/Shanghai")
RELEASED = "released_at"
"""The answer that says since when a person is no longer held: a moment, or a day, which then counts whole."""

HOUSE = "det"
"""The kind of agency that keeps persons in custody."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One person's line in a case: `clocks` are its limits by id, `agency` is whose limit is the newest.

    `holders` are the ids of the agencies that answer for the person: that one, and the house in which a process about
    the person runs.
    """

    case: Record
    person: str
    name: str
    line: Line
    clocks: Mapping[str, Record]
    agency: Record | None
    holders: frozenset[str]

    @property
    def last(self) -> Record:
        """The clock of the newest basis."""
        return self.clocks[self.line.bases[-1].clock]


def held_in_case(work: Work, officer: Officer, case_id: str) -> Sequence[Held]:
    """Give the lines of everybody who is or was held in a case the officer's agency takes part in.

    Every agency of the case sees whether a person is lawfully held: each of them answers for it (CPL 97–99). The name
    is shown to whom the person was named.
    """
    return _lines(work, officer.agency_id, {case_id: see_case_row(work, officer, case_id)})


def custody_ending(work: Work, officer: Officer) -> Sequence[Held]:
    """Give everybody in the cases of the officer's agency whose basis ends within a week or has ended.

    A week is seven days as people count them: whatever ends in the course of the seventh day from today.
    """
    last = work.now.astimezone(SHANGHAI).date() + WARNING
    return _ending(work, officer, until=datetime.combine(last, time.max, SHANGHAI))


def alarms(work: Work, officer: Officer) -> Sequence[Held]:
    """Give those whom the officer's agency holds without a basis: they must be released at once (CPL 99)."""
    ended = _ending(work, officer, until=work.now)
    return [held for held in ended if held.line.state == "expired" and officer.agency_id in held.holders]


def _ending(work: Work, officer: Officer, *, until: datetime) -> Sequence[Held]:
    rows = deadlines.custody_ending(work.connection, agency_id=officer.agency_id, until=until)
    if not rows:
        return []
    wanted = {(row.id, row.subject) for row in rows}
    found = [
        held
        for held in _lines(work, officer.agency_id, {row.id: row for row in rows})
        if (held.case.id, held.person) in wanted and _ends_by(held.line, until)
    ]
    return sorted(found, key=lambda held: held.line.until or work.now)


def _lines(work: Work, agency_id: str, cases: Mapping[str, Record]) -> list[Held]:
    """Read the lines of all persons of these cases, in five statements."""
    clocks: dict[tuple[str, str], list[Record]] = {}
    for row in deadlines.custody_clocks(work.connection, cases):
        clocks.setdefault((row.case_id, row.subject), []).append(row)
    if not clocks:
        return []
    released = facts.newest_of_parties(work.connection, case_ids=cases, key=RELEASED)
    names = facts.names_seen(work.connection, agency_id=agency_id, about=clocks)
    houses: dict[tuple[str, str], set[str]] = {}
    for row in processes.houses_of(work.connection, cases, kind=HOUSE):
        houses.setdefault((row.case_id, row.subject), set()).add(row.agency_id)
    named = Names(work)
    now = work.now.astimezone(SHANGHAI)
    found = []
    for key, rows in sorted(clocks.items(), key=lambda of: (of[0][0], by_code(of[0][1]))):
        case_id, person = key
        bases = [Basis(rule=row.rule, start=row.start, due=row.due, clock=row.id) for row in rows]
        line = line_of(person, bases, now=now, released=_released(released.get(key), now))
        if line is not None:
            by_id = {row.id: row for row in rows}
            holder = by_id[line.bases[-1].clock].agency_id
            found.append(
                Held(
                    case=cases[case_id],
                    person=person,
                    name=names.get(key, person),
                    line=line,
                    clocks=by_id,
                    agency=named.agency(holder),
                    holders=frozenset({holder, *houses.get(key, ())}),
                )
            )
    return found


def _ends_by(line: Line, until: datetime) -> bool:
    return line.state != "released" and line.until is not None and line.until <= until


def _released(said: Any, now: datetime) -> datetime | None:
    """Read when a person was released; what still lies ahead has not happened."""
    if not said:
        return None
    given: date | datetime = parse_start(str(said))
    if isinstance(given, datetime):
        return given if given <= now else None
    if given == now.date():
        return now
    return datetime.combine(given, time.max, SHANGHAI) if given < now.date() else None
