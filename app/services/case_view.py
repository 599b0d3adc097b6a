"""A case as an agency may see it: where it stands, who holds it, what it waits for and until when."""

from collections.abc import Sequence
from typing import Any

from app.domain.access import Officer
from app.engine.diagram import Pool
from app.services import steps
from app.services.cases import see_case_row, startable
from app.services.detention import held_in_case
from app.services.incidents import incidents_of
from app.services.joining import links_of
from app.services.library import Edition
from app.services.names import Names
from app.services.persons import Naming, naming
from app.services.stages import stages
from app.services.transfers import transfer_views
from app.services.work import Work
from app.storage import audit, cases, deadlines, documents, facts, processes, tasks, transfers
from app.storage.database import Record

OF_OTHERS = ("step", "sent", "signed_receipt", "case_split", "case_split_here", "case_join", "case_join_here")
"""What an agency is told of the acts of others."""


def see_case(work: Work, officer: Officer, case_id: str) -> dict[str, Any]:
    """Give everything the officer's agency may see of a case; NotFound when it takes no part in it."""
    case = see_case_row(work, officer, case_id)
    seen = {"case_id": case_id, "agency_id": officer.agency_id}
    running = processes.processes_of_case(work.connection, case_id)
    open_tasks = tasks.open_tasks_of_case(work.connection, case_id)
    documents_seen = documents.documents_seen(work.connection, **seen)
    clocks = deadlines.deadlines_of_case(work.connection, case_id)
    named = Names(work, running)
    person = naming(work, officer.agency_id, running, open_tasks, documents_seen, clocks)
    return {
        "case": case,
        "followed": cases.follows(work.connection, case_id=case_id, officer_id=officer.id),
        "participants": [
            {"agency": named.agency(row.agency_id), "kind": row.kind, "joined_at": row.joined_at}
            for row in cases.participants(work.connection, case_id)
        ],
        "processes": _process_views(work, named, running, open_tasks, person),
        "holders": [{**_holder(named, row), "person": person(row)} for row in open_tasks],
        "my_tasks": [
            row
            for row in open_tasks
            if row.agency_id == officer.agency_id and row.kind != "serviceTask" and row.role in officer.roles
        ],
        "parties": facts.rows_seen(work.connection, "parties", **seen),
        "items": facts.rows_seen(work.connection, "items", **seen),
        "documents": [
            {
                "row": row,
                "agency": named.agency(row.agency_id),
                "own": row.agency_id == officer.agency_id,
                "person": person(row),
            }
            for row in documents_seen
        ],
        "transfers": transfer_views(work, named, transfers.transfers_of_case(work.connection, **seen)),
        "deadlines": [{"row": row, "agency": named.agency(row.agency_id), "person": person(row)} for row in clocks],
        "held": held_in_case(work, officer, case_id),
        "links": links_of(work, officer, case_id),
        "history": history(work, named, case_id, officer, process_ids=[row.id for row in running]),
        "stages": stages(work, named, running, person),
        "startable": [
            choice
            for choice in startable(work, officer)
            if choice.pool.correlate
            or not any(row.pool == choice.pool.process_id and row.ended_at is None for row in running)
        ],
        "incidents": incidents_of(work, officer.agency_id, case_ids=[case_id]),
        "typed_twice": typed_twice(work, case_id),
    }


def see_processes(work: Work, officer: Officer, case_id: str) -> list[dict[str, Any]]:
    """Give where every process of a case stands."""
    see_case_row(work, officer, case_id)
    open_tasks = tasks.open_tasks_of_case(work.connection, case_id)
    rows = processes.processes_of_case(work.connection, case_id)
    person = naming(work, officer.agency_id, rows)
    return _process_views(work, Names(work, rows), rows, open_tasks, person)


def typed_twice(work: Work, case_id: str) -> int:
    """Count the fields that had to be typed again: the same key and value said of the same party by two tasks."""
    said: dict[tuple[str, str, str], set[str | None]] = {}
    for row in facts.count_typed(work.connection, case_id):
        if row.value not in (None, "", [], False, True):
            said.setdefault((row.subject, row.key, repr(row.value)), set()).add(row.task_id)
    return sum(len(by) - 1 for by in said.values())


def history(
    work: Work, named: Names, case_id: str, officer: Officer, *, process_ids: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Tell what happened: the agency's own acts in full, of the others that their process moved and what was sent.

    What processes did before they came from another case is told too.
    """
    told = []
    for row in audit.entries(work.connection, case_id, process_ids=process_ids):
        if row.action == "step" and not row.detail.get("completed"):
            continue
        if row.agency_id != officer.agency_id and row.action not in OF_OTHERS:
            continue
        told.append(
            {
                "at": row.at,
                "action": row.action,
                "agency": named.agency(row.agency_id),
                "officer": named.officer(row.officer_id),
                "element": named.element(row.process_id, row.element),
                "detail": row.detail,
            }
        )
    return told


def _process_views(
    work: Work, named: Names, rows: Sequence[Record], open_tasks: Sequence[Record], person: Naming
) -> list[dict[str, Any]]:
    taken: dict[str, list[Record]] = {}
    for entry in audit.step_entries(work.connection, [row.id for row in rows]):
        taken.setdefault(entry.process_id, []).append(entry)
    return [
        {**_process_view(work, named, row, open_tasks, taken.get(row.id, ())), "person": person(row)} for row in rows
    ]


def _process_view(
    work: Work, named: Names, row: Record, open_tasks: Sequence[Record], taken: Sequence[Record]
) -> dict[str, Any]:
    edition = work.library.edition(work.connection, row.bundle_hash)
    diagram = edition.bundle.diagram
    walked = [element for entry in taken for element in entry.detail.get("walked", ())]
    done = [element for entry in taken for element in entry.detail.get("completed", ())]
    mine = [task for task in open_tasks if task.process_id == row.id]
    waiting = [element for _, element in row.waiting] if row.ended_at is None else []
    return {
        "row": row,
        "process": diagram.id,
        "name": diagram.name,
        "name_en": diagram.name_en or diagram.name,
        "pool": steps.pool_of(edition, row.pool),
        "agency": named.agency(row.agency_id),
        "walked": walked,
        "done": done,
        "active": [
            {"element": task.element, "name": task.name, "name_en": task.name_en, "due": task.due} for task in mine
        ],
        "waiting": [
            {
                "element": element,
                "name": diagram.nodes[element].name,
                "name_en": diagram.nodes[element].name_en or diagram.nodes[element].name,
                "from": _senders(edition, element),
            }
            for element in waiting
            if element in diagram.nodes
        ],
        "ended": diagram.nodes.get(row.end_element or ""),
    }


def _senders(edition: Edition, element: str) -> list[Pool]:
    diagram = edition.bundle.diagram
    sources = {diagram.nodes[flow.source].pool for flow in diagram.message_flows if flow.target == element}
    return [pool for pool in diagram.pools if pool.process_id in sources]


def _holder(named: Names, row: Record) -> dict[str, Any]:
    return {
        "agency": named.agency(row.agency_id),
        "task": row.name,
        "task_en": row.name_en,
        "task_id": row.id,
        "role": row.role,
        "subject": row.subject,
        "officer": named.officer(row.officer_id),
        "since": row.opened_at,
        "due": row.due,
        "custody": row.custody,
        "machine": row.kind == "serviceTask",
    }
