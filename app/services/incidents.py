"""Incidents: work of the machine that failed for good and waits for a person."""

from collections.abc import Sequence

from app.services.work import Work
from app.storage import jobs, processes, tasks
from app.storage.database import Record


def agency_of(work: Work, job: Record) -> str | None:
    """Give the agency for which the machine does a job: the one it names, that of the task, or of the process."""
    payload = job.payload
    if "agency_id" in payload:
        return str(payload["agency_id"])
    if "task_id" in payload:
        owner = tasks.get_task(work.connection, payload["task_id"])
    else:
        owner = processes.get_process(work.connection, payload.get("process_id", ""))
    return str(owner.agency_id) if owner is not None else None


def incidents_of(work: Work, agency_id: str, *, case_ids: Sequence[str] | None = None) -> list[Record]:
    """Give the failed jobs done for an agency, in these cases or in all; others' errors may tell what others hide."""
    rows = jobs.incidents(work.connection, case_ids=case_ids)
    return [row for row in rows if agency_of(work, row) == agency_id]
