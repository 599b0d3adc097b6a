"""What the page of a hand-over does: each act completes the task of the process that waits for it.

A hand-over that no process runs (none with a listing task is published) is acted on as it stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.access import Officer, may_do
from app.domain.errors import Conflict, Forbidden
from app.engine.wording import HANDOVER
from app.services import cases, custody_handovers, handover_acts, tasks
from app.services.work import Work
from app.storage import processes
from app.storage import tasks as task_rows
from app.storage.database import Record

LIST, COUNT, EXPLAIN = "list", "count", "explain"
SIGN = {side: step for step, side in handover_acts.SIGNING.items()}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Whose turn it is: the open tasks of this hand-over in the officer's agency, and whether a process runs it."""

    tasks: Sequence[Record]
    run: bool

    def task(self, step: str) -> Record | None:
        """The open task of a step."""
        return next((row for row in self.tasks if row.properties[HANDOVER] == step), None)


def turn(work: Work, officer: Officer, row: Record) -> Turn:
    """Tell what the officer's agency may do now with a hand-over (its row)."""
    own = {
        process.id: process
        for process in processes.processes_of_case(work.connection, row.case_id)
        if process.variables.get(HANDOVER) == row.id
    }
    waiting = [
        task
        for task in task_rows.open_tasks_of_case(work.connection, row.case_id)
        if task.process_id in own and task.agency_id == officer.agency_id and task.properties.get(HANDOVER)
    ]
    return Turn(tasks=waiting, run=bool(own))


def listing_task(work: Work, officer: Officer, case_id: str) -> Record | None:
    """Give the open task that waits for the officer's list in a case."""
    for task in task_rows.open_tasks_of_case(work.connection, case_id):
        if task.properties.get(HANDOVER) == LIST and may_do(officer, agency_id=task.agency_id, role=task.role):
            return task
    return None


def handover_of(work: Work, task: Record) -> str:
    """Give the id of the hand-over a task is about."""
    process = processes.get_process(work.connection, task.process_id)
    return str(process.variables.get(HANDOVER) or "") if process is not None else ""


def begin(work: Work, officer: Officer, case_id: str, answers: Mapping[str, Any]) -> str:
    """List items for an agency, in the task that waits for it or in a process started for it; give the hand-over's id.

    `answers` are those of `handover_acts` for a list.
    """
    task = listing_task(work, officer, case_id) or _started(work, officer, case_id)
    if task is None:
        return handover_acts.open_listed(work, officer, case_id, answers)
    tasks.complete_task(work, officer, task.id, answers=answers)
    return handover_of(work, task)


def _started(work: Work, officer: Officer, case_id: str) -> Record | None:
    """Start the process that begins with a list; None when none is published."""
    published = [edition.bundle for edition in work.library.all_current(work.connection)]
    listing = {
        node.pool: bundle.process
        for bundle in published
        for node in bundle.diagram.nodes.values()
        if node.properties.get(HANDOVER) == LIST
    }
    if not listing:
        return None
    for choice in cases.startable(work, officer):
        if choice.pool.process_id in listing:
            cases.start_process(work, officer, case_id, process=listing[choice.pool.process_id])
            return listing_task(work, officer, case_id)
    raise Forbidden("您的职责不能移交物品", "Your role does not hand items over", at="roles")


def finish(work: Work, officer: Officer, handover_id: str, *, step: str) -> Record | None:
    """End the counting or the explaining (`step`); give the task that was done."""
    seen = custody_handovers.see_handover(work, officer, handover_id)
    found = turn(work, officer, seen.row)
    task = found.task(step)
    if task is None:
        if found.run:
            raise _not_now(handover_id)
        return None
    return tasks.complete_task(work, officer, task.id, answers={})


def sign(work: Work, officer: Officer, handover_id: str, *, side: str | None = None) -> bool:
    """Sign; true when that was the last signature needed and custody has moved.

    `side` is the side the officer means to sign for, and is refused when it is the other one.
    """
    seen = custody_handovers.see_handover(work, officer, handover_id)
    if side is not None:
        custody_handovers.require_side(officer, seen.row, side)
    found = turn(work, officer, seen.row)
    task = next((task for key in ([side] if side else SIGN) if (task := found.task(SIGN[key])) is not None), None)
    if task is not None:
        tasks.complete_task(work, officer, task.id, answers={})
        return custody_handovers.see_handover(work, officer, handover_id).value.complete
    if found.run:
        raise _not_now(handover_id)
    return custody_handovers.sign_handover(work, officer, handover_id, side=side or "")


def cancel(work: Work, officer: Officer, handover_id: str, *, why: str) -> None:
    """Give a hand-over up, on the side whose turn it is."""
    seen = custody_handovers.see_handover(work, officer, handover_id)
    found = turn(work, officer, seen.row)
    if found.tasks:
        tasks.complete_task(work, officer, found.tasks[0].id, answers={"cancel": why})
    elif found.run:
        raise _not_now(handover_id)
    else:
        custody_handovers.cancel_handover(work, officer, handover_id, why=why)


def _not_now(handover_id: str) -> Conflict:
    return Conflict("现在由对方办理，请等待", "It is the other side's turn: wait for it", at=handover_id)
