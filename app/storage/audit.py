"""The audit trail: who did what to which case and when; appended, never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Text, insert, or_, select

from app.storage.database import Record, new_id, table
from app.storage.types import Instant, Json

audit = table(
    "audit",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id")),
    Column("process_id", Text),
    Column("agency_id", Text),
    Column("officer_id", Text),
    Column("at", Instant, nullable=False),
    Column("action", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Index("ix_audit_case_id", "case_id", "id"),
    Index("ix_audit_process_id", "process_id"),
)


def note(
    connection: Connection,
    *,
    action: str,
    at: datetime,
    case_id: str | None = None,
    process_id: str | None = None,
    agency_id: str | None = None,
    officer_id: str | None = None,
    element: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one entry."""
    connection.execute(
        insert(audit).values(
            id=new_id(),
            case_id=case_id,
            process_id=process_id,
            agency_id=agency_id,
            officer_id=officer_id,
            at=at,
            action=action,
            element=element,
            detail=detail or {},
        )
    )


def entries(
    connection: Connection, case_id: str, *, agency_id: str | None = None, process_ids: Iterable[str] = ()
) -> Sequence[Record]:
    """The entries of a case in order, with those of processes that came from another case; of one agency when named."""
    query = select(audit).where(or_(audit.c.case_id == case_id, audit.c.process_id.in_(list(process_ids))))
    if agency_id is not None:
        query = query.where(audit.c.agency_id == agency_id)
    return connection.execute(query.order_by(audit.c.id)).all()


def step_entries(connection: Connection, process_ids: Iterable[str]) -> Sequence[Record]:
    """The steps of processes in order, each with the arrows it walked."""
    query = select(audit).where(audit.c.process_id.in_(list(process_ids)), audit.c.action == "step")
    return connection.execute(query.order_by(audit.c.id)).all()
