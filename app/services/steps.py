"""One step of a process: the engine says what follows, and everything that follows is written down together.

Whatever moves a process (an answer, a message, a timer, a finished service) ends in `_record`: new state, tasks opened
and closed with their clocks, messages sent, jobs for the worker, and one audit entry naming the arrows walked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.errors import NotFound
from app.engine import runner
from app.engine.diagram import Node, Pool
from app.engine.runner import OpenTask, Step
from app.services.clocks import functions_for, start_clock
from app.services.library import Edition
from app.services.messages import route
from app.services.work import Actor, Work
from app.storage import audit, cases, deadlines, jobs, processes, tasks
from app.storage.database import Record


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A process in the middle of a step: its row and the edition it runs."""

    row: Record
    edition: Edition
    pool: Pool


def load_instance(work: Work, process_id: str) -> Instance:
    """Read an instance and hold its row: steps of one instance come one after another."""
    row = processes.lock_process(work.connection, process_id)
    if row is None:
        raise NotFound("没有这个流程实例", "No such process", at=process_id)
    edition = work.library.edition(work.connection, row.bundle_hash)
    return Instance(row=row, edition=edition, pool=pool_of(edition, row.pool))


def pool_of(edition: Edition, pool: str) -> Pool:
    """Give a pool of an edition by its process id."""
    for candidate in edition.bundle.diagram.pools:
        if candidate.process_id == pool:
            return candidate
    raise NotFound("流程图中没有这个泳池", "The diagram has no such pool", at=pool)


def begin(
    work: Work,
    *,
    case_id: str,
    agency_id: str,
    edition: Edition,
    pool: Pool,
    actor: Actor,
    variables: Mapping[str, Any] | None = None,
    message: str | None = None,
) -> str:
    """Start a pool's instance for an agency, by hand or by a message; give its id."""
    definition = edition.bundle.definition(pool.process_id)
    given = dict(variables or {})
    functions = functions_for(edition, work.now)
    if message is None:
        step = runner.start(definition, variables=given, now=work.now, functions=functions)
    else:
        step = runner.start_by_message(definition, message=message, payload=given, now=work.now, functions=functions)
    kind = work.agency(agency_id).kind
    cases.add_participant(work.connection, case_id=case_id, agency_id=agency_id, kind=kind, at=work.now)
    process_id = processes.add_process(
        work.connection,
        case_id=case_id,
        agency_id=agency_id,
        pool=pool.process_id,
        bundle_hash=edition.bundle.hash,
        state=b"",
        waiting=[],
        variables={},
        started_at=work.now,
    )
    _record(work, load_instance(work, process_id), step, actor=actor, cause="start")
    return process_id


def complete(
    work: Work,
    instance: Instance,
    *,
    engine_task: str,
    actor: Actor,
    variables: Mapping[str, Any] | None = None,
    result: Any = None,
) -> None:
    """Complete an open task of an instance, a person's or the machine's."""
    step = runner.complete(
        instance.edition.bundle.definition(instance.row.pool),
        instance.row.state,
        task_id=engine_task,
        variables=dict(variables or {}),
        result=result,
        now=work.now,
        functions=functions_for(instance.edition, work.now),
    )
    _record(work, instance, step, actor=actor, cause="complete")


def fire_timers(work: Work, process_id: str) -> None:
    """Let the timers of an instance that are due fire."""
    instance = load_instance(work, process_id)
    if instance.row.ended_at is not None or instance.row.next_due is None or instance.row.next_due > work.now:
        return
    step = runner.fire_timers(
        instance.edition.bundle.definition(instance.row.pool),
        instance.row.state,
        now=work.now,
        functions=functions_for(instance.edition, work.now),
    )
    _record(work, instance, step, actor=Actor(agency_id=instance.row.agency_id), cause="timer")


def deliver_pending(work: Work, process_id: str) -> None:
    """Hand an instance every message in its inbox that it now waits for."""
    while True:
        instance = load_instance(work, process_id)
        if instance.row.ended_at is not None or not instance.row.waiting:
            return
        waited = {message for message, _ in instance.row.waiting}
        lying = processes.pending_messages(
            work.connection,
            case_id=instance.row.case_id,
            pool=instance.row.pool,
            agency_id=instance.row.agency_id,
        )
        letter = next((row for row in lying if row.message in waited and meant_for(instance, row.payload)), None)
        if letter is None:
            return
        processes.take_message(work.connection, letter.id, process_id=process_id, at=work.now)
        step = runner.deliver(
            instance.edition.bundle.definition(instance.row.pool),
            instance.row.state,
            message=letter.message,
            payload=letter.payload,
            now=work.now,
            functions=functions_for(instance.edition, work.now),
        )
        _record(work, instance, step, actor=Actor(agency_id=instance.row.agency_id), cause="message", deliver=False)


def subject_of(instance: Instance, variables: Mapping[str, Any]) -> str:
    """Give the code of the party an instance is about, empty when it is about the case."""
    name = instance.pool.subject
    return str(variables.get(name) or "") if name else ""


def meant_for(instance: Instance, payload: Mapping[str, Any]) -> bool:
    """Whether a letter is for this instance, where an agency may have several of one pool in a case."""
    key = instance.pool.correlate
    return not key or payload.get(key) in (None, instance.row.variables.get(key))


def _record(work: Work, instance: Instance, step: Step, *, actor: Actor, cause: str, deliver: bool = True) -> None:
    row = instance.row
    subject = subject_of(instance, step.variables)
    processes.save_process(
        work.connection,
        row,
        state=step.state,
        waiting=step.waiting,
        variables=step.variables,
        next_due=step.next_due,
        ended_at=work.now if step.ended else None,
        end_element=step.ended,
        subject=subject,
    )
    audit.note(
        work.connection,
        action="step",
        at=work.now,
        case_id=row.case_id,
        process_id=row.id,
        agency_id=row.agency_id,
        officer_id=actor.officer_id,
        element=step.completed[0] if step.completed else "",
        detail={"cause": cause, "walked": step.walked, "completed": step.completed, "ended": step.ended},
    )
    _match_tasks(work, instance, step)
    if step.next_due != row.next_due:
        _set_timer(work, row, step.next_due)
    for sent in step.sent:
        route(work, instance, sent, subject=subject, actor=actor, begin=begin, deliver=deliver_pending)
    if deliver and step.waiting and not step.ended:
        deliver_pending(work, row.id)


def _match_tasks(work: Work, instance: Instance, step: Step) -> None:
    known = {row.engine_task: row for row in tasks.open_tasks_of(work.connection, instance.row.id)}
    for opened in step.open:
        if known.pop(opened.id, None) is None:
            _open_task(work, instance, opened, step.variables)
    for gone in known.values():
        tasks.close_task(work.connection, gone.id, state="cancelled", at=work.now, by=None)
        deadlines.end_deadlines_of_task(work.connection, gone.id, state="cancelled", at=work.now)


def _open_task(work: Work, instance: Instance, opened: OpenTask, variables: Mapping[str, Any]) -> None:
    node: Node = instance.edition.bundle.diagram.nodes[opened.element]
    row = instance.row
    task_id = tasks.add_task(
        work.connection,
        case_id=row.case_id,
        process_id=row.id,
        agency_id=row.agency_id,
        engine_task=opened.id,
        element=opened.element,
        name=node.name,
        name_en=node.name_en or node.name,
        kind=opened.kind,
        role=node.role or "",
        form=opened.resolved.get("form", ""),
        properties=dict(opened.resolved),
        opened_at=work.now,
        custody=False,
        subject=subject_of(instance, variables),
    )
    rule = opened.resolved.get("deadline")
    if rule:
        start_clock(
            work,
            instance.edition,
            process=row,
            subject=subject_of(instance, variables),
            task_id=task_id,
            rule=str(rule),
            start=_start_of(opened, variables, work.now),
            custody=opened.resolved.get("custody") in (True, "true"),
        )
    if opened.kind == "serviceTask":
        jobs.put_job(
            work.connection,
            topic=opened.operator or "",
            key=task_id,
            payload={"task_id": task_id, "parameters": dict(opened.parameters)},
            run_at=work.now,
            at=work.now,
            case_id=row.case_id,
        )


def _start_of(opened: OpenTask, variables: Mapping[str, Any], now: datetime) -> datetime | str:
    name = opened.properties.get("deadline_start")
    given = variables.get(name) if name else None
    return str(given) if given else now


def _set_timer(work: Work, row: Record, due: datetime | None) -> None:
    if due is None:
        jobs.drop_job(work.connection, topic="timer", key=row.id)
        return
    jobs.put_job(
        work.connection,
        topic="timer",
        key=row.id,
        payload={"process_id": row.id},
        run_at=due,
        at=work.now,
        case_id=row.case_id,
    )
