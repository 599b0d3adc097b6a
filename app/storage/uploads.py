"""Material of a case (案件材料): the files officers brought, and those that are still arriving."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Text,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from app.storage.database import Record, table
from app.storage.facts import disclosure
from app.storage.item_files import went_to
from app.storage.types import Bytes, Instant

file = table(
    "file",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("officer_id", Text, ForeignKey("officer.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("original_name", Text, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("sm3", Text),
    Column("size", Bytes, nullable=False),
    Column("declared_type", Text, nullable=False),
    Column("found_type", Text, nullable=False),
    Column("flag", Text),
    Column("item_code", Text),
    Column("uploaded_at", Instant, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Index("ix_file_case_id", "case_id", "id"),
)

upload = table(
    "upload",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("officer_id", Text, ForeignKey("officer.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("original_name", Text, nullable=False),
    Column("declared_type", Text, nullable=False),
    Column("declared_sha256", Text),
    Column("item_code", Text),
    Column("metadata", Text, nullable=False),
    Column("length", Bytes, nullable=False),
    Column("offset", Bytes, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("role", Text),
    Column("shows", Text),
)

ARRIVING = "arriving"
STORED = "stored"
REFUSED = "refused"
ENDED = "ended"
EXPIRED = "expired"


def begin_upload(connection: Connection, **values: Any) -> None:
    """Record a file that will arrive."""
    connection.execute(insert(upload).values(state=ARRIVING, offset=0, **values))


def get_upload(connection: Connection, upload_id: str) -> Record | None:
    """Find an upload."""
    return connection.execute(select(upload).where(upload.c.id == upload_id)).first()


def advance_upload(connection: Connection, upload_id: str, *, since: int, offset: int, expires_at: datetime) -> bool:
    """Note how many bytes are certain; false when the upload is over, or further than the caller knew."""
    done = connection.execute(
        update(upload)
        .where(upload.c.id == upload_id, upload.c.state == ARRIVING, upload.c.offset == since)
        .values(offset=offset, expires_at=expires_at)
    )
    return bool(done.rowcount == 1)


def close_upload(connection: Connection, upload_id: str, *, state: str) -> bool:
    """Note how an upload ended; false when it was over already."""
    done = connection.execute(
        update(upload).where(upload.c.id == upload_id, upload.c.state == ARRIVING).values(state=state)
    )
    return bool(done.rowcount == 1)


def arriving_count(connection: Connection, officer_id: str) -> int:
    """How many files of an officer are still arriving."""
    query = select(func.count()).select_from(upload).where(upload.c.officer_id == officer_id)
    return connection.execute(query.where(upload.c.state == ARRIVING)).scalar_one()


def add_file(connection: Connection, **values: Any) -> None:
    """Record a stored file."""
    connection.execute(insert(file).values(**values))


def get_file(connection: Connection, file_id: str) -> Record | None:
    """Find a file."""
    return connection.execute(select(file).where(file.c.id == file_id)).first()


def files_of_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """Every file of a case, oldest first."""
    return connection.execute(select(file).where(file.c.case_id == case_id).order_by(file.c.id)).all()


def files_seen(connection: Connection, *, case_id: str, agency_id: str, file_id: str | None = None) -> Sequence[Record]:
    """The files of a case that an agency brought, was shown or was handed over, oldest first; or the named one."""
    shown = exists().where(
        disclosure.c.case_id == case_id,
        disclosure.c.agency_id == agency_id,
        disclosure.c.kind == "file",
        disclosure.c.reference == file.c.id,
    )
    reached = or_(file.c.agency_id == agency_id, shown, went_to(agency_id, file.c.id))
    query = select(file).where(file.c.case_id == case_id, reached)
    if file_id is not None:
        query = query.where(file.c.id == file_id)
    return connection.execute(query.order_by(file.c.id)).all()
