"""Deadlines (期限) that run in cases: rule, start, due, the reasoning, and how they ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Text,
    exists,
    insert,
    select,
    update,
)

from app.storage.cases import case, participant
from app.storage.database import Record, new_id, table
from app.storage.types import Flag, Instant, Json

deadline = table(
    "deadline",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False, index=True),
    Column("process_id", Text, ForeignKey("process.id"), nullable=False),
    Column("task_id", Text, ForeignKey("task.id"), index=True),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("start", Instant, nullable=False),
    Column("start_text", Text, nullable=False),
    Column("due", Instant),
    Column("custody", Flag, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("reasoning", Json, nullable=False),
    Column("pauses", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("ended_at", Instant),
    Column("subject", Text, nullable=False, server_default=""),
    Index("ix_deadline_agency_id_state", "agency_id", "state", "due"),
)


def add_deadline(connection: Connection, **values: Any) -> str:
    """Start a clock; give its id."""
    new = new_id()
    connection.execute(insert(deadline).values(id=new, state="running", **values))
    return new


def end_deadlines_of_task(connection: Connection, task_id: str, *, state: str, at: datetime) -> None:
    """Stop the clocks of a task: `done` (in time or late shows from the dates) or `cancelled`."""
    connection.execute(
        update(deadline)
        .where(deadline.c.task_id == task_id, deadline.c.state == "running")
        .values(state=state, ended_at=at)
    )


def deadlines_of_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """Every clock of a case in the order in which it began."""
    return connection.execute(select(deadline).where(deadline.c.case_id == case_id).order_by(deadline.c.id)).all()


def deadline_of_task(connection: Connection, task_id: str) -> Record | None:
    """The clock of a task."""
    return connection.execute(select(deadline).where(deadline.c.task_id == task_id).order_by(deadline.c.id)).first()


def custody_clocks(connection: Connection, case_ids: Iterable[str]) -> Sequence[Record]:
    """The custody limits of persons in these cases that were not cancelled: the bases on which they are held."""
    query = select(deadline).where(deadline.c.case_id.in_(list(case_ids)), *_holding(deadline))
    return connection.execute(query.order_by(deadline.c.id)).all()


def custody_ending(connection: Connection, *, agency_id: str, until: datetime) -> Sequence[Record]:
    """Case and person wherever the newest custody limit ends by a moment, in the cases the agency takes part in."""
    later = deadline.alias()
    replaced = exists().where(
        later.c.case_id == deadline.c.case_id,
        later.c.subject == deadline.c.subject,
        later.c.start > deadline.c.start,
        *_holding(later),
    )
    query = (
        select(case.c.id, case.c.number, case.c.name, deadline.c.subject)
        .distinct()
        .select_from(deadline)
        .join(case, case.c.id == deadline.c.case_id)
        .join(participant, participant.c.case_id == deadline.c.case_id)
        .where(
            participant.c.agency_id == agency_id,
            participant.c.joined_at.is_not(None),
            deadline.c.due <= until,
            *_holding(deadline),
            ~replaced,
        )
    )
    return connection.execute(query.order_by(case.c.number, deadline.c.subject)).all()


def _holding(clocks: Any) -> tuple[ColumnElement[bool], ...]:
    return (clocks.c.custody == True, clocks.c.subject != "", clocks.c.state != "cancelled")  # noqa: E712 - SQL, not Python


def deadlines_of_tasks(connection: Connection, task_ids: Iterable[str]) -> dict[str, Record]:
    """The clocks of tasks, by task."""
    query = select(deadline).where(deadline.c.task_id.in_(list(task_ids))).order_by(deadline.c.id.desc())
    return {row.task_id: row for row in connection.execute(query)}


def running_deadlines(connection: Connection) -> Sequence[Record]:
    """Every clock that still runs: what a change of the calendar recomputes."""
    return connection.execute(select(deadline).where(deadline.c.state == "running").order_by(deadline.c.id)).all()


def change_deadline(connection: Connection, deadline_id: str, **values: Any) -> None:
    """Write a recomputed clock."""
    connection.execute(update(deadline).where(deadline.c.id == deadline_id).values(**values))
