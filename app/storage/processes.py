"""Processes: one pool's instance, owned by one agency; and the inbox where messages wait for them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    bindparam,
    func,
    insert,
    select,
    update,
)

from app.domain.errors import Conflict
from app.storage.agencies import agency
from app.storage.database import Record, new_id, table
from app.storage.types import Instant, Json

process = table(
    "process",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False, index=True),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False, index=True),
    Column("pool", Text, nullable=False),
    Column("bundle_hash", Text, ForeignKey("bundle.hash"), nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("waiting", Json, nullable=False),
    Column("variables", Json, nullable=False),
    Column("next_due", Instant),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("end_element", Text),
    Column("subject", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
)

inbox = table(
    "inbox",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("pool", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("payload", Json, nullable=False),
    Column("transfer_id", Text),
    Column("arrived_at", Instant, nullable=False),
    Column("taken_at", Instant),
    Column("process_id", Text),
    Index("ix_inbox_waiting", "case_id", "pool", "taken_at"),
)

_SAVE = (
    update(process)
    .where(process.c.id == bindparam("key"), process.c.version == bindparam("seen"))
    .values(
        state=bindparam("new_state"),
        waiting=bindparam("new_waiting"),
        variables=bindparam("new_variables"),
        next_due=bindparam("new_next_due"),
        ended_at=bindparam("new_ended_at"),
        end_element=bindparam("new_end_element"),
        subject=bindparam("new_subject"),
        version=bindparam("seen") + 1,
    )
)
_LOCK = select(process).where(process.c.id == bindparam("key")).with_for_update()
_PENDING = (
    select(inbox)
    .where(
        inbox.c.case_id == bindparam("case"),
        inbox.c.pool == bindparam("pool"),
        inbox.c.agency_id == bindparam("agency"),
        inbox.c.taken_at.is_(None),
    )
    .order_by(inbox.c.id)
)


def add_process(connection: Connection, **values: Any) -> str:
    """Record a new instance; give its id."""
    new = new_id()
    connection.execute(insert(process).values(id=new, version=1, **values))
    return new


def lock_process(connection: Connection, process_id: str) -> Record | None:
    """Find an instance and hold its row until the transaction ends: steps of one instance come one after another."""
    return connection.execute(_LOCK, {"key": process_id}).first()


def get_process(connection: Connection, process_id: str) -> Record | None:
    """Find an instance."""
    return connection.execute(select(process).where(process.c.id == process_id)).first()


def save_process(
    connection: Connection,
    row: Record,
    *,
    state: bytes,
    waiting: Sequence[Sequence[str]],
    variables: Mapping[str, Any],
    next_due: datetime | None,
    ended_at: datetime | None,
    end_element: str | None,
    subject: str,
) -> None:
    """Write the state after a step; Conflict when somebody else has moved the instance since `row` was read."""
    done = connection.execute(
        _SAVE,
        {
            "key": row.id,
            "seen": row.version,
            "new_state": state,
            "new_waiting": waiting,
            "new_variables": variables,
            "new_next_due": next_due,
            "new_ended_at": ended_at,
            "new_end_element": end_element,
            "new_subject": subject,
        },
    )
    if done.rowcount != 1:
        raise Conflict(
            "流程刚刚被他人推进，请刷新后再试",
            "Somebody else has just moved this process on; reload and try again",
        )


def processes_of_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """Every instance of a case, oldest first."""
    return connection.execute(select(process).where(process.c.case_id == case_id).order_by(process.c.id)).all()


def running(connection: Connection, *, case_id: str, pool: str, agency_id: str) -> Record | None:
    """The instance of a pool that still runs for an agency in a case; the newest when there are several."""
    return next(iter(all_running(connection, case_id=case_id, pool=pool, agency_id=agency_id)), None)


def all_running(connection: Connection, *, case_id: str, pool: str, agency_id: str) -> Sequence[Record]:
    """Every instance of a pool that still runs for an agency in a case, the newest first."""
    query = select(process).where(
        process.c.case_id == case_id,
        process.c.pool == pool,
        process.c.agency_id == agency_id,
        process.c.ended_at.is_(None),
    )
    return connection.execute(query.order_by(process.c.id.desc())).all()


def houses_of(connection: Connection, case_ids: Iterable[str], *, kind: str) -> Sequence[Record]:
    """Case, party and agency of the running instances about a person that agencies of a kind have in these cases."""
    query = (
        select(process.c.case_id, process.c.subject, process.c.agency_id)
        .join(agency, agency.c.id == process.c.agency_id)
        .where(
            process.c.case_id.in_(list(case_ids)),
            process.c.subject != "",
            process.c.ended_at.is_(None),
            agency.c.kind == kind,
        )
    )
    return connection.execute(query).all()


def put_in_inbox(connection: Connection, **values: Any) -> str:
    """Leave a message for a pool."""
    new = new_id()
    connection.execute(insert(inbox).values(id=new, **values))
    return new


def pending_messages(connection: Connection, *, case_id: str, pool: str, agency_id: str) -> Sequence[Record]:
    """What lies in the inbox of a pool and has not been taken, oldest first."""
    return connection.execute(_PENDING, {"case": case_id, "pool": pool, "agency": agency_id}).all()


def take_message(connection: Connection, inbox_id: str, *, process_id: str, at: datetime) -> None:
    """Mark a message as taken by an instance."""
    connection.execute(update(inbox).where(inbox.c.id == inbox_id).values(taken_at=at, process_id=process_id))


def running_count(connection: Connection, bundle_hash: str) -> int:
    """How many instances of a version run."""
    query = select(func.count()).select_from(process)
    return connection.execute(
        query.where(process.c.bundle_hash == bundle_hash, process.c.ended_at.is_(None))
    ).scalar_one()
