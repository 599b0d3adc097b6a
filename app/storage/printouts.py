"""Printouts: PDFs of trails and of their entries that somebody asked for and the worker makes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, Text, insert, select, update

from app.storage.database import Record, new_id, table
from app.storage.types import Instant

printout = table(
    "printout",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("officer_id", Text, ForeignKey("officer.id"), nullable=False),
    Column("item", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("made_at", Instant),
    Column("name", Text),
    Column("trail", Text),
    Column("sha256", Text),
    Column("size", Integer),
    Index("ix_printout_case_id", "case_id"),
)


def add_printout(connection: Connection, **values: Any) -> str:
    """Note that a printout was asked for; give its id."""
    new = new_id()
    connection.execute(insert(printout).values(id=new, **values))
    return new


def get_printout(connection: Connection, printout_id: str) -> Record | None:
    """Find a printout."""
    return connection.execute(select(printout).where(printout.c.id == printout_id)).first()


def unmade(connection: Connection, *, case_id: str, officer_id: str, item: str, seq: int) -> Sequence[Record]:
    """The printouts of the same subject this officer still waits for, the newest first."""
    query = select(printout).where(
        printout.c.case_id == case_id,
        printout.c.officer_id == officer_id,
        printout.c.item == item,
        printout.c.seq == seq,
        printout.c.made_at.is_(None),
    )
    return connection.execute(query.order_by(printout.c.id.desc())).all()


def finish_printout(
    connection: Connection, printout_id: str, *, name: str, trail: str, sha256: str, size: int, at: datetime
) -> None:
    """Note that a printout has been made: its file, and the SHA-256 over the trail it tells."""
    connection.execute(
        update(printout)
        .where(printout.c.id == printout_id)
        .values(name=name, trail=trail, sha256=sha256, size=size, made_at=at)
    )
