"""Tasks (任务): what waits for a person, or for the worker, and until when."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Text,
    bindparam,
    func,
    insert,
    select,
    update,
)

from app.storage.cases import case, follower
from app.storage.database import Record, new_id, table
from app.storage.types import Flag, Instant, Json

task = table(
    "task",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False, index=True),
    Column("process_id", Text, ForeignKey("process.id"), nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("engine_task", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("properties", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("officer_id", Text, ForeignKey("officer.id")),
    Column("claimed_at", Instant),
    Column("opened_at", Instant, nullable=False),
    Column("due", Instant),
    Column("custody", Flag, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text, ForeignKey("officer.id")),
    Column("draft", Json),
    Column("draft_at", Instant),
    Column("subject", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
    Index("ix_task_process_id_state", "process_id", "state"),
    Index("ix_task_agency_id_state", "agency_id", "state", "due"),
    Index("ix_task_officer_id_state", "officer_id", "state", "due"),
)

_OPEN_OF_PROCESS = select(task.c.id, task.c.engine_task, task.c.kind, task.c.element).where(
    task.c.process_id == bindparam("process"), task.c.state == "open"
)
_CLOSE = (
    update(task)
    .where(task.c.id == bindparam("key"), task.c.state == "open")
    .values(
        state=bindparam("new_state"),
        closed_at=bindparam("at"),
        closed_by=bindparam("by"),
        draft=None,
        version=task.c.version + 1,
    )
)


def add_task(connection: Connection, **values: Any) -> str:
    """Record a task that has opened; give its id."""
    new = new_id()
    connection.execute(insert(task).values(id=new, state="open", version=1, **values))
    return new


def get_task(connection: Connection, task_id: str) -> Record | None:
    """Find a task."""
    return connection.execute(select(task).where(task.c.id == task_id)).first()


def open_tasks_of(connection: Connection, process_id: str) -> Sequence[Record]:
    """The open tasks of an instance: id, engine_task, kind, element."""
    return connection.execute(_OPEN_OF_PROCESS, {"process": process_id}).all()


def tasks_of_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """Every task of a case, oldest first."""
    return connection.execute(select(task).where(task.c.case_id == case_id).order_by(task.c.id)).all()


def close_task(connection: Connection, task_id: str, *, state: str, at: datetime, by: str | None) -> bool:
    """Close an open task as done or cancelled; false when it was not open."""
    done = connection.execute(_CLOSE, {"key": task_id, "new_state": state, "at": at, "by": by})
    return bool(done.rowcount == 1)


def claim(connection: Connection, task_id: str, *, officer_id: str, at: datetime) -> bool:
    """Take an unclaimed open task; false when somebody was first."""
    done = connection.execute(
        update(task)
        .where(task.c.id == task_id, task.c.state == "open", task.c.officer_id.is_(None))
        .values(officer_id=officer_id, claimed_at=at, version=task.c.version + 1)
    )
    return bool(done.rowcount == 1)


def give_back(connection: Connection, task_id: str, *, officer_id: str) -> bool:
    """Give a claimed task back to the pool; false when it is not this officer's."""
    done = connection.execute(
        update(task)
        .where(task.c.id == task_id, task.c.state == "open", task.c.officer_id == officer_id)
        .values(officer_id=None, claimed_at=None, version=task.c.version + 1)
    )
    return bool(done.rowcount == 1)


def save_draft(connection: Connection, task_id: str, *, draft: Any, at: datetime) -> None:
    """Keep what has been typed so far."""
    connection.execute(update(task).where(task.c.id == task_id).values(draft=draft, draft_at=at))


def set_due(connection: Connection, task_id: str, *, due: datetime | None, custody: bool) -> None:
    """Show another due date on a task."""
    connection.execute(update(task).where(task.c.id == task_id).values(due=due, custody=custody))


_WITH_CASE = select(task, case.c.number.label("case_number"), case.c.name.label("case_name")).join(
    case, case.c.id == task.c.case_id
)
_BY_URGENCY = (task.c.due.is_(None), task.c.due, task.c.opened_at)


def my_tasks(connection: Connection, officer_id: str) -> Sequence[Record]:
    """The open tasks an officer has claimed, the most urgent first."""
    query = _WITH_CASE.where(task.c.officer_id == officer_id, task.c.state == "open")
    return connection.execute(query.order_by(*_BY_URGENCY)).all()


def pool_tasks(connection: Connection, *, agency_id: str, roles: Iterable[str]) -> Sequence[Record]:
    """The open unclaimed tasks of an agency for these roles, the most urgent first."""
    query = _WITH_CASE.where(
        task.c.agency_id == agency_id,
        task.c.state == "open",
        task.c.officer_id.is_(None),
        task.c.kind != "serviceTask",
        task.c.role.in_(list(roles)),
    )
    return connection.execute(query.order_by(*_BY_URGENCY)).all()


def done_tasks(connection: Connection, officer_id: str, *, limit: int = 100) -> Sequence[Record]:
    """What an officer has done, the newest first."""
    query = _WITH_CASE.where(task.c.closed_by == officer_id, task.c.state == "done")
    return connection.execute(query.order_by(task.c.closed_at.desc()).limit(limit)).all()


def due_tasks(connection: Connection, *, agency_id: str, until: datetime) -> Sequence[Record]:
    """The open tasks of an agency that fall due by a moment."""
    query = _WITH_CASE.where(task.c.agency_id == agency_id, task.c.state == "open", task.c.due <= until)
    return connection.execute(query.order_by(*_BY_URGENCY)).all()


def open_tasks_of_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """What is open in a case now, people's and the worker's."""
    query = _WITH_CASE.where(task.c.case_id == case_id, task.c.state == "open")
    return connection.execute(query.order_by(*_BY_URGENCY)).all()


def counts(connection: Connection, *, officer_id: str, agency_id: str, roles: Iterable[str]) -> dict[str, int]:
    """How many tasks are mine, in the pool, and how many cases are followed: the numbers beside the menu."""
    mine = select(func.count()).select_from(task).where(task.c.officer_id == officer_id, task.c.state == "open")
    pool = (
        select(func.count())
        .select_from(task)
        .where(
            task.c.agency_id == agency_id,
            task.c.state == "open",
            task.c.officer_id.is_(None),
            task.c.kind != "serviceTask",
            task.c.role.in_(list(roles)),
        )
    )
    followed = select(func.count()).select_from(follower).where(follower.c.officer_id == officer_id)
    row = connection.execute(select(mine.scalar_subquery(), pool.scalar_subquery(), followed.scalar_subquery())).one()
    return {"mine": row[0], "pool": row[1], "followed": row[2]}
