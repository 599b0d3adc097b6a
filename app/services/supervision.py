"""What heads watch: deadlines, load and failed work of their agency; and which processes are published."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.domain.access import Officer
from app.domain.errors import Conflict, Forbidden, NotFound
from app.services.incidents import agency_of, incidents_of
from app.services.names import Names
from app.services.roles import supervises
from app.services.work import Work
from app.storage import audit, bundles, cases, jobs, processes, tasks
from app.storage.database import Record

SOON = timedelta(days=3)


def due_tasks(work: Work, officer: Officer, *, until: datetime) -> Sequence[Record]:
    """The open tasks of the officer's agency that fall due by a moment, the most urgent first."""
    rows = tasks.due_tasks(work.connection, agency_id=officer.agency_id, until=until)
    return [row for row in rows if row.kind != "serviceTask"]


def load(work: Work, officer: Officer, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Count for each officer what is overdue, soon due and open among these tasks."""
    del officer
    counted: dict[str, dict[str, Any]] = {}
    named = Names(work)
    for row in rows:
        name = named.officer(row.officer_id)
        entry = counted.setdefault(name, {"officer": name, "overdue": 0, "soon": 0, "open": 0})
        entry["open"] += 1
        entry["overdue"] += row.due < work.now
        entry["soon"] += work.now <= row.due < work.now + SOON
    return sorted(counted.values(), key=lambda entry: (-entry["overdue"], -entry["soon"]))


def incidents(work: Work, officer: Officer) -> list[tuple[Record, str]]:
    """The failed work of the machine for the officer's agency, each with the case's number; heads only."""
    _require_head(work, officer)
    told = []
    for row in incidents_of(work, officer.agency_id):
        case = cases.get_case(work.connection, row.case_id) if row.case_id else None
        told.append((row, str(case.number) if case is not None else ""))
    return told


def retry_incident(work: Work, officer: Officer, job_id: str) -> None:
    """Have failed work of the machine for the officer's agency tried again at once; heads only.

    Raises NotFound for the work of another agency, Conflict when it has not failed or was retried already.
    """
    _require_head(work, officer)
    row = jobs.get_job(work.connection, job_id)
    if row is None or agency_of(work, row) != officer.agency_id:
        raise NotFound("没有这项后台任务", "No such background work", at=job_id)
    if row.state != "incident" or not jobs.retry_job(work.connection, job_id, now=work.now):
        raise Conflict("该后台任务已在重试或已完成", "This work is being retried or is done already", at=job_id)
    audit.note(
        work.connection,
        action="incident_retried",
        at=work.now,
        case_id=row.case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"job": job_id, "topic": row.topic},
    )


def _require_head(work: Work, officer: Officer) -> None:
    if not supervises(work, officer):
        raise Forbidden("后台任务的故障由单位负责人处理", "Heads see to failed background work")


def published(work: Work) -> list[dict[str, Any]]:
    """The current version of every process with its size and how many instances run it."""
    told = []
    for row in bundles.current_bundles(work.connection):
        bundle = work.library.edition(work.connection, row.hash).bundle
        diagram = bundle.diagram
        told.append(
            {
                "process": row.process,
                "name": diagram.name,
                "name_en": diagram.name_en or diagram.name,
                "about": "",
                "about_en": "",
                "hash": row.hash,
                "published_at": row.published_at,
                "published_by": "",
                "pools": [{"name": pool.name, "name_en": pool.name_en or pool.name} for pool in diagram.pools],
                "tasks": sum(1 for node in diagram.nodes.values() if node.kind == "userTask"),
                "documents": len(bundle.documents),
                "running": processes.running_count(work.connection, row.hash),
            }
        )
    return told
