"""What the worker does with one job, in the parts its runner calls: claim, prepare, make, finish, or fail."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.errors import Stuck
from app.services import operators, printouts, steps, uploads
from app.services.incidents import agency_of
from app.services.operators import Order, Renderer
from app.services.work import Work
from app.storage import audit, jobs
from app.storage.database import Record
from app.storage.files import Files

LEASE = timedelta(seconds=60)
GAVE_OUT = "后台进程每次都在此中断 / The worker died of this each time"


@dataclass(frozen=True, kw_only=True)
class Made:
    """What was made outside the database."""

    order: Order
    sha256: str
    size: int


def claim(
    work: Work, *, owner: str, wall: datetime, lease: timedelta = LEASE, only: str = "", but: str = ""
) -> Record | None:
    """Claim the next due job, of one topic only or of all but one."""
    return jobs.claim_job(work.connection, owner=owner, now=work.now, wall=wall, lease=lease, only=only, but=but)


def is_settled(work: Work, *, wall: datetime) -> bool:
    """Whether nothing is being done or could be done now; a job that waits for another try does not count."""
    return jobs.waiting_count(work.connection, now=work.now, wall=wall) == 0


def next_due(work: Work) -> datetime | None:
    """When the next waiting job falls due."""
    return jobs.next_run(work.connection)


def gave_out(job: Record) -> bool:
    """Whether a job has been begun so often without an end that its worker must have died of it each time."""
    return int(job.attempts) > len(jobs.BACKOFF) + 1


def keep_claim(work: Work, job: Record, *, owner: str, wall: datetime, lease: timedelta = LEASE) -> bool:
    """Extend the lease of a job that is still being done."""
    return jobs.extend_lease(work.connection, job.id, owner=owner, until=wall + lease)


def prepare(work: Work, job: Record) -> Order | None:
    """Read what must be made outside the database; None when the job has nothing of the kind."""
    if job.topic == "issue_document":
        payload = job.payload
        return operators.prepare_document(work, task_id=payload["task_id"], parameters=payload["parameters"])
    if job.topic == printouts.TOPIC:
        return printouts.prepare_printout(work, job.payload["printout_id"])
    if job.topic in ("timer", uploads.SWEEP):
        return None
    raise Stuck(f"未知的服务操作：{job.topic}", f"Unknown operator: {job.topic}", at=job.topic)


def make(order: Order, *, renderer: Renderer, files: Files) -> Made:
    """Render a document and store its bytes; no database is open."""
    content = renderer.render_document(
        template=order.template,
        layouts=order.layouts,
        data=order.data,
        created=order.created,
        attached=order.attached,
        seconds=order.seconds,
    )
    return Made(order=order, sha256=files.put(content), size=len(content))


def finish(work: Work, job: Record, made: Made | None, *, owner: str) -> bool:
    """Let the effect happen and mark the job done, in one transaction; false when another worker took it over."""
    if not jobs.finish_job(work.connection, job.id, owner=owner):
        return False
    if job.topic == "timer":
        steps.fire_timers(work, job.payload["process_id"])
    elif job.topic == uploads.SWEEP:
        uploads.expire_upload(work, job.payload["upload_id"])
    elif made is not None and job.topic == printouts.TOPIC:
        printouts.finish_printout(work, made.order, sha256=made.sha256, size=made.size)
    elif made is not None:
        operators.finish_document(
            work, task_id=job.payload["task_id"], order=made.order, sha256=made.sha256, size=made.size
        )
    return True


def fail(work: Work, job: Record, *, owner: str, error: str, wall: datetime) -> str:
    """Note a failure: another try later, or an incident for a person after the last one."""
    state = jobs.fail_job(work.connection, job, owner=owner, error=error, wall=wall)
    if state == "incident":
        audit.note(
            work.connection,
            action="incident",
            at=work.now,
            case_id=job.case_id,
            agency_id=agency_of(work, job),
            detail={"job": job.id, "topic": job.topic, "error": error},
        )
    return state
