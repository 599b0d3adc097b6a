"""A case of several persons: the invented process that runs once for each, and clocks that hold them."""

from datetime import datetime

from app.domain.deadlines import compute
from app.services import cases, tasks
from app.storage import deadlines, processes
from app.storage import tasks as task_rows
from tests.services.asking import a_form, the_files
from tests.services.test_persons import DECIDE, DECISION, DIAGRAM, LIST, NAME

HELD = DIAGRAM.replace(
    b'<spiffworkflow:property name="deadline" value="D06"/>',
    b'<spiffworkflow:property name="deadline" value="D27"/><spiffworkflow:property name="custody" value="true"/>',
)
"""The same process where the time to decide is a limit of custody."""


CHOICES = [{"label": code, "value": code} for code in (f"S{number}" for number in range(1, 31))]
NAMING = [{**part, "values": CHOICES} if part["type"] == "checklist" else part for part in NAME]


def naming_files(diagram=DIAGRAM):
    """Give the content of the process that runs once for each person."""
    return the_files(name_persons=diagram) | {
        "forms/name_persons/name.form": a_form(NAMING),
        "forms/name_persons/decide.form": a_form(DECIDE),
        "documents/name_persons/persons_list.html": LIST.encode(),
        "documents/name_persons/person_decision.html": DECISION.encode(),
    }


def name_persons(house, officer, codes, *, named=None, listed=None):
    """Open a case and name its persons; give its id. `named` are those the process is started for."""
    with house.work() as work:
        case_id = cases.open_case(work, officer, process="name_persons", name="虚构案", charge="虚构罪")
    answers = {
        "parties": [{"code": code, "name": f"虚构{code}"} for code in listed or codes],
        "persons": list(named if named is not None else codes),
    }
    answer(house, officer, case_id, "", answers)
    house.work_all()
    return case_id


def answer(house, officer, case_id, subject, answers):
    """Complete the officer's open task about a person."""
    task_id = task_of(house, officer, case_id, subject)
    with house.work() as work:
        tasks.complete_task(work, officer, task_id, answers=answers)
    return task_id


def task_of(house, officer, case_id, subject):
    with house.work(read_only=True) as work:
        (task,) = [
            row
            for row in task_rows.open_tasks_of_case(work.connection, case_id)
            if row.subject == subject and row.agency_id == officer.agency_id
        ]
        return task.id


def hold(house, case_id, subject, rule, start, *, custody=True, state="running"):
    """Put a limit of custody on a person that begins at an hour of Beijing; give its id."""
    with house.work() as work:
        process = next(row for row in processes.processes_of_case(work.connection, case_id) if row.subject == subject)
        edition = work.library.edition(work.connection, process.bundle_hash)
        begun = datetime.fromisoformat(f"{start}+08:00")
        found = compute(edition.register.rule(rule), begun, calendar=edition.calendar, custody=custody)
        clock = deadlines.add_deadline(
            work.connection,
            case_id=case_id,
            process_id=process.id,
            task_id=None,
            agency_id=process.agency_id,
            rule=rule,
            start=begun,
            start_text=begun.isoformat(),
            due=found.due,
            custody=custody,
            calendar=edition.calendar.version,
            reasoning=found.as_dict(),
            pauses=[],
            subject=subject,
        )
        if state != "running":
            deadlines.change_deadline(work.connection, clock, state=state)
        return clock


__all__ = ["HELD", "answer", "hold", "name_persons", "naming_files", "task_of"]
