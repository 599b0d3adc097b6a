"""Documents (文书) and the counters their numbers come from."""

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
    insert,
    or_,
    select,
    update,
)

from app.storage.database import Record, insert_or, new_id, table
from app.storage.facts import disclosure
from app.storage.types import Instant, Json

counter = table(
    "counter",
    Column("agency_id", Text, ForeignKey("agency.id"), primary_key=True),
    Column("series", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

document = table(
    "document",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("task_id", Text, unique=True),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("serial", Integer),
    Column("date", Text, nullable=False),
    Column("bundle_hash", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("sha256", Text),
    Column("size", Integer),
    Column("officer_id", Text),
    Column("subject", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("issued_at", Instant),
    Index("ix_document_case_id_code", "case_id", "code"),
    Index("uq_document_number", "agency_id", "series", "year", "serial", unique=True),
)


def take_number(connection: Connection, *, agency_id: str, series: str, year: int) -> int:
    """Take the next serial of a series: the row is locked, so a rolled-back transaction leaves no gap."""
    first = insert_or(connection, counter).values(agency_id=agency_id, series=series, year=year, last=1)
    taken = first.on_conflict_do_update(index_elements=list(counter.primary_key), set_={"last": counter.c.last + 1})
    return int(connection.execute(taken.returning(counter.c.last)).scalar_one())


def raise_counter(connection: Connection, *, agency_id: str, series: str, year: int, last: int) -> None:
    """Say which serial was the last one used elsewhere; a counter that is further already stays."""
    where = (counter.c.agency_id == agency_id, counter.c.series == series, counter.c.year == year)
    known = connection.execute(select(counter.c.last).where(*where)).scalar()
    if known is None:
        connection.execute(insert(counter).values(agency_id=agency_id, series=series, year=year, last=last))
    elif known < last:
        connection.execute(update(counter).where(*where).values(last=last))


def add_document(connection: Connection, **values: Any) -> str:
    """Record a document whose number has been taken and that will be rendered; give its id."""
    new = new_id()
    connection.execute(insert(document).values(id=new, state="issuing", **values))
    return new


def finish_document(connection: Connection, document_id: str, *, sha256: str, size: int, at: datetime) -> None:
    """Note that the document has been rendered and stored."""
    connection.execute(
        update(document)
        .where(document.c.id == document_id, document.c.state == "issuing")
        .values(state="issued", sha256=sha256, size=size, issued_at=at)
    )


def get_document(connection: Connection, document_id: str) -> Record | None:
    """Find a document."""
    return connection.execute(select(document).where(document.c.id == document_id)).first()


def document_of_task(connection: Connection, task_id: str) -> Record | None:
    """The document a service task has begun: a retry goes on with the same number."""
    return connection.execute(select(document).where(document.c.task_id == task_id)).first()


def documents_seen(connection: Connection, *, case_id: str, agency_id: str) -> Sequence[Record]:
    """The issued documents of a case that an agency produced or was handed, oldest first."""
    handed = exists().where(
        disclosure.c.case_id == case_id,
        disclosure.c.agency_id == agency_id,
        disclosure.c.kind == "document",
        disclosure.c.reference == document.c.id,
    )
    query = select(document).where(
        document.c.case_id == case_id,
        document.c.state == "issued",
        or_(document.c.agency_id == agency_id, handed),
    )
    return connection.execute(query.order_by(document.c.id)).all()


def newest_issued(
    connection: Connection, *, case_id: str, agency_id: str, codes: Sequence[str], subject: str = ""
) -> Sequence[Record]:
    """For each code the newest document the agency has issued in the case, in the order of the codes.

    Of one party, where a `subject` is named: its own or else the case's. Of the case: the newest of every party.
    """
    query = select(document).where(
        document.c.case_id == case_id,
        document.c.agency_id == agency_id,
        document.c.state == "issued",
        document.c.code.in_(codes),
    )
    if subject:
        query = query.where(document.c.subject.in_(["", subject]))
    rows = connection.execute(query.order_by(document.c.id))
    newest = {(row.code, "" if subject else row.subject): row for row in rows}
    return [newest[key] for code in codes for key in sorted(newest) if key[0] == code]


def issued_in_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """Every issued document of a case, whoever issued it, oldest first."""
    query = select(document).where(document.c.case_id == case_id, document.c.state == "issued")
    return connection.execute(query.order_by(document.c.id)).all()
