"""A case as an agency may see it: where it stands, who holds it, what it waits for and until when."""

from collections.abc import Sequence
from typing import Any

from app.domain.access import Officer
from app.domain.errors import NotFound
from app.engine.diagram import Pool
from app.services import steps
from app.services.cases import see_case_row, startable
from app.services.incidents import incidents_of
from app.services.library import Edition
from app.services.names import Names
from app.services.transfers import transfer_view
from app.services.work import Work
from app.storage import audit, cases, deadlines, documents, facts, processes, tasks, transfers
from app.storage.database import Record


def see_case(work: Work, officer: Officer, case_id: str) -> dict[str, Any]:
    """Give everything the officer's agency may see of a case; NotFound when it takes no part in it."""
    case = see_case_row(work, officer, case_id)
    seen = {"case_id": case_id, "agency_id": officer.agency_id}
    named = Names(work)
    running = list(processes.processes_of_case(work.connection, case_id))
    open_tasks = tasks.open_tasks_of_case(work.connection, case_id)
    documents_seen = documents.documents_seen(work.connection, **seen)
    return {
        "case": case,
        "followed": cases.follows(work.connection, case_id=case_id, officer_id=officer.id),
        "participants": [
            {"agency": named.agency(row.agency_id), "kind": row.kind, "joined_at": row.joined_at}
            for row in cases.participants(work.connection, case_id)
        ],
        "processes": [_process_view(work, named, row, open_tasks) for row in running],
        "holders": [_holder(named, row) for row in open_tasks],
        "my_tasks": [
            row
            for row in open_tasks
            if row.agency_id == officer.agency_id and row.kind != "serviceTask" and row.role in officer.roles
        ],
        "parties": facts.rows_seen(work.connection, "parties", **seen),
        "items": facts.rows_seen(work.connection, "items", **seen),
        "documents": [
            {"row": row, "agency": named.agency(row.agency_id), "own": row.agency_id == officer.agency_id}
            for row in documents_seen
        ],
        "transfers": [transfer_view(work, named, row) for row in transfers.transfers_of_case(work.connection, **seen)],
        "deadlines": [
            _deadline_view(work, named, row) for row in deadlines.deadlines_of_case(work.connection, case_id)
        ],
        "history": history(work, named, case_id, officer),
        "stages": stages(work, named, running),
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
    named = Names(work)
    open_tasks = tasks.open_tasks_of_case(work.connection, case_id)
    rows = processes.processes_of_case(work.connection, case_id)
    return [_process_view(work, named, row, open_tasks) for row in rows]


def stages(work: Work, named: Names, running: Sequence[Record]) -> list[dict[str, Any]]:
    """Give the pools of the case's processes in the order in which the case reaches them: done, now, or to come."""
    told: list[dict[str, Any]] = []
    for key in dict.fromkeys(row.bundle_hash for row in running):
        edition = work.library.edition(work.connection, key)
        for pool in edition.bundle.diagram.pools:
            rows = [row for row in running if row.pool == pool.process_id and row.bundle_hash == key]
            last = rows[-1] if rows else None
            agency = named.agency(last.agency_id) if last else None
            over = bool(rows) and all(row.ended_at is not None for row in rows)
            told.append(
                {
                    "agency": agency.name if agency else "",
                    "name": pool.name,
                    "name_en": pool.name_en or pool.name,
                    "state": "done" if over else "now" if rows else "todo",
                    "since": last.started_at if last else None,
                }
            )
    return told


def typed_twice(work: Work, case_id: str) -> int:
    """Count the fields that had to be typed again: the same key with the same value said by two tasks."""
    said: dict[tuple[str, str], set[str | None]] = {}
    for row in facts.count_typed(work.connection, case_id):
        if row.value not in (None, "", [], False, True):
            said.setdefault((row.key, repr(row.value)), set()).add(row.task_id)
    return sum(len(by) - 1 for by in said.values())


def history(work: Work, named: Names, case_id: str, officer: Officer) -> list[dict[str, Any]]:
    """Tell what happened: the agency's own acts in full, of the others that their process moved and what was sent."""
    told = []
    for row in audit.entries(work.connection, case_id):
        if row.action == "step" and not row.detail.get("completed"):
            continue
        if row.agency_id != officer.agency_id and row.action not in ("step", "sent", "signed_receipt"):
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


def _process_view(work: Work, named: Names, row: Record, open_tasks: Sequence[Record]) -> dict[str, Any]:
    edition = work.library.edition(work.connection, row.bundle_hash)
    diagram = edition.bundle.diagram
    walked: list[str] = []
    done: list[str] = []
    for entry in audit.step_entries(work.connection, row.id):
        walked.extend(entry.detail.get("walked", ()))
        done.extend(entry.detail.get("completed", ()))
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
        "officer": named.officer(row.officer_id),
        "since": row.opened_at,
        "due": row.due,
        "custody": row.custody,
        "machine": row.kind == "serviceTask",
    }


def _deadline_view(work: Work, named: Names, row: Record) -> dict[str, Any]:
    process = processes.get_process(work.connection, row.process_id)
    if process is None:
        raise NotFound(at=row.process_id)
    edition = work.library.edition(work.connection, process.bundle_hash)
    return {"row": row, "rule": edition.register.rule(row.rule), "agency": named.agency(row.agency_id)}
