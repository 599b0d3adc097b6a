"""The job table: outbox, timer queue and retry queue in one, written in the transaction of the step."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from app.storage.database import Record, new_id, table
from app.storage.types import Instant, Json

job = table(
    "job",
    Column("id", Text, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("case_id", Text, ForeignKey("case.id")),
    Column("payload", Json, nullable=False),
    Column("run_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", Text),
    Column("lease_until", Instant),
    Column("error", Text),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("topic", "key"),
    Index(
        "ix_job_ready",
        "run_at",
        "id",
        sqlite_where=Column("state") == "ready",
        postgresql_where=Column("state") == "ready",
    ),
    Index(
        "ix_job_running",
        "lease_until",
        sqlite_where=Column("state") == "running",
        postgresql_where=Column("state") == "running",
    ),
)

BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
"""How long a failed job waits before each new try; after the last it becomes an incident."""


def put_job(
    connection: Connection,
    *,
    topic: str,
    key: str,
    payload: Any,
    run_at: datetime,
    at: datetime,
    case_id: str | None = None,
) -> None:
    """Leave work for the worker, in the caller's transaction; the same topic and key replace what still waits."""
    changed = connection.execute(
        update(job)
        .where(job.c.topic == topic, job.c.key == key)
        .values(
            payload=payload,
            run_at=run_at,
            state="ready",
            attempts=0,
            owner=None,
            lease_until=None,
            error=None,
        )
    )
    if changed.rowcount == 0:
        connection.execute(
            insert(job).values(
                id=new_id(),
                topic=topic,
                key=key,
                case_id=case_id,
                payload=payload,
                run_at=run_at,
                state="ready",
                attempts=0,
                created_at=at,
            )
        )


def drop_job(connection: Connection, *, topic: str, key: str) -> None:
    """Take back work that is no longer wanted."""
    connection.execute(delete(job).where(job.c.topic == topic, job.c.key == key))


def claim_job(
    connection: Connection,
    *,
    owner: str,
    now: datetime,
    wall: datetime,
    lease: timedelta,
    only: str = "",
    but: str = "",
) -> Record | None:
    """Claim the next due job: ready, or running under a lease that ran out; of one topic only, or of all but one.

    `now` is the clock of the cases (timers follow it); `wall` is the machine's own clock, which leases follow.
    """
    query = (
        select(job.c.id)
        .where(
            or_(
                (job.c.state == "ready")
                & (job.c.run_at <= now)
                & (job.c.lease_until.is_(None) | (job.c.lease_until <= wall)),
                (job.c.state == "running") & (job.c.lease_until < wall),
            )
        )
        .order_by(job.c.run_at, job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if only:
        query = query.where(job.c.topic == only)
    if but:
        query = query.where(job.c.topic != but)
    key = connection.execute(query).scalar()
    if key is None:
        return None
    return connection.execute(
        update(job)
        .where(job.c.id == key)
        .values(state="running", owner=owner, lease_until=wall + lease, attempts=job.c.attempts + 1)
        .returning(job)
    ).first()


def get_job(connection: Connection, job_id: str) -> Record | None:
    """Find a job."""
    return connection.execute(select(job).where(job.c.id == job_id)).first()


def find_job(connection: Connection, *, topic: str, key: str) -> Record | None:
    """Find a job by what it is."""
    return connection.execute(select(job).where(job.c.topic == topic, job.c.key == key)).first()


def extend_lease(connection: Connection, job_id: str, *, owner: str, until: datetime) -> bool:
    """Show that the owner is alive; false when it has lost the job."""
    done = connection.execute(
        update(job).where(job.c.id == job_id, job.c.owner == owner, job.c.state == "running").values(lease_until=until)
    )
    return bool(done.rowcount == 1)


def finish_job(connection: Connection, job_id: str, *, owner: str) -> bool:
    """Note the work as done, in the transaction of its effect; false when another worker took it over meanwhile."""
    done = connection.execute(
        update(job)
        .where(job.c.id == job_id, job.c.owner == owner, job.c.state == "running")
        .values(state="done", lease_until=None)
    )
    return bool(done.rowcount == 1)


def fail_job(connection: Connection, row: Record, *, owner: str, error: str, wall: datetime) -> str:
    """Note a failure; give the new state: `ready` for another try, `incident` after the last, `lost` to another owner.

    The wait before the next try follows the machine's clock: a demonstration's clock may stand still.
    """
    last = row.attempts > len(BACKOFF)
    wait = timedelta() if last else BACKOFF[row.attempts - 1]
    state = "incident" if last else "ready"
    done = connection.execute(
        update(job)
        .where(job.c.id == row.id, job.c.owner == owner, job.c.state == "running")
        .values(state=state, error=error, lease_until=wall + wait, owner=None)
    )
    return state if done.rowcount == 1 else "lost"


def retry_job(connection: Connection, job_id: str, *, now: datetime) -> bool:
    """Let a job that failed, for good or for now, be tried again at once; false when it did not fail."""
    done = connection.execute(
        update(job)
        .where(job.c.id == job_id, job.c.state.in_(["incident", "ready"]), job.c.error.is_not(None))
        .values(state="ready", attempts=0, run_at=now, lease_until=None)
    )
    return bool(done.rowcount == 1)


def incidents(connection: Connection, *, case_ids: Sequence[str] | None = None) -> Sequence[Record]:
    """The jobs that a person has to look at."""
    query = select(job).where(job.c.state == "incident")
    if case_ids is not None:
        query = query.where(job.c.case_id.in_(list(case_ids)))
    return connection.execute(query.order_by(job.c.id)).all()


def waiting_count(connection: Connection, *, now: datetime, wall: datetime) -> int:
    """How many jobs are being done or could be claimed: `now` and `wall` as in `claim_job`."""
    query = select(func.count()).select_from(job)
    ready = (
        (job.c.state == "ready") & (job.c.run_at <= now) & (job.c.lease_until.is_(None) | (job.c.lease_until <= wall))
    )
    return connection.execute(query.where(ready | (job.c.state == "running"))).scalar_one()


def next_run(connection: Connection) -> datetime | None:
    """When the next waiting job is due."""
    return connection.execute(select(func.min(job.c.run_at)).where(job.c.state == "ready")).scalar()


def failed(connection: Connection) -> Sequence[Record]:
    """The jobs that failed and wait for another try."""
    return connection.execute(
        select(job).where(job.c.state == "ready", job.c.error.is_not(None)).order_by(job.c.id)
    ).all()
