"""Transfers (移送): a package that left one agency for another, its contents, and the receipt signed for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Integer, Text, func, insert, or_, select, update

from app.storage.cases import case
from app.storage.database import Record, new_id, table
from app.storage.documents import document
from app.storage.types import Flag, Instant, Json

transfer = table(
    "transfer",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False, index=True),
    Column("process_id", Text, ForeignKey("process.id"), nullable=False),
    Column("from_agency", Text, ForeignKey("agency.id"), nullable=False, index=True),
    Column("to_agency", Text, ForeignKey("agency.id"), nullable=False, index=True),
    Column("message", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("copy", Flag, nullable=False),
    Column("payload", Json, nullable=False),
    Column("attachments", Json, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("sent_by", Text, ForeignKey("officer.id")),
    Column("received_at", Instant),
    Column("received_by", Text, ForeignKey("officer.id")),
    Column("version", Integer, nullable=False),
)

enclosure = table(
    "enclosure",
    Column("transfer_id", Text, ForeignKey("transfer.id"), primary_key=True),
    Column("document_id", Text, ForeignKey("document.id"), primary_key=True),
)


def add_transfer(connection: Connection, *, documents: Iterable[str], **values: Any) -> str:
    """Record a package and what it encloses; give its id."""
    new = new_id()
    connection.execute(insert(transfer).values(id=new, version=1, **values))
    rows = [{"transfer_id": new, "document_id": enclosed} for enclosed in documents]
    if rows:
        connection.execute(insert(enclosure), rows)
    return new


def get_transfer(connection: Connection, transfer_id: str) -> Record | None:
    """Find a package."""
    return connection.execute(select(transfer).where(transfer.c.id == transfer_id)).first()


def sign_receipt(connection: Connection, transfer_id: str, *, officer_id: str, at: datetime) -> bool:
    """Sign for a package; false when it has been signed for already."""
    done = connection.execute(
        update(transfer)
        .where(transfer.c.id == transfer_id, transfer.c.received_at.is_(None))
        .values(received_at=at, received_by=officer_id, version=transfer.c.version + 1)
    )
    return bool(done.rowcount == 1)


def enclosed_documents(connection: Connection, transfer_ids: Iterable[str]) -> Sequence[Record]:
    """The documents in packages, each with its `transfer_id`."""
    query = select(document, enclosure.c.transfer_id).join(enclosure, enclosure.c.document_id == document.c.id)
    within = query.where(enclosure.c.transfer_id.in_(list(transfer_ids)))
    return connection.execute(within.order_by(enclosure.c.transfer_id, document.c.id)).all()


def transfers_of_case(connection: Connection, case_id: str, *, agency_id: str) -> Sequence[Record]:
    """The packages of a case that an agency sent or received, oldest first."""
    query = select(transfer).where(
        transfer.c.case_id == case_id,
        or_(transfer.c.from_agency == agency_id, transfer.c.to_agency == agency_id),
    )
    return connection.execute(query.order_by(transfer.c.id)).all()


def last_arrived(connection: Connection, *, case_id: str, to_agency: str, message: str) -> Record | None:
    """The newest package of that message that reached the agency in this case."""
    query = select(transfer).where(
        transfer.c.case_id == case_id, transfer.c.to_agency == to_agency, transfer.c.message == message
    )
    return connection.execute(query.order_by(transfer.c.id.desc())).first()


_WITH_CASE = select(transfer, case.c.number.label("case_number"), case.c.name.label("case_name")).join(
    case, case.c.id == transfer.c.case_id
)


def arriving(connection: Connection, agency_id: str, *, unsigned_only: bool, limit: int = 200) -> Sequence[Record]:
    """The packages that came to an agency, the newest first."""
    query = _WITH_CASE.where(transfer.c.to_agency == agency_id)
    if unsigned_only:
        query = query.where(transfer.c.received_at.is_(None))
    return connection.execute(query.order_by(transfer.c.id.desc()).limit(limit)).all()


def sent(connection: Connection, agency_id: str, *, limit: int = 200) -> Sequence[Record]:
    """The packages an agency sent, the newest first."""
    query = _WITH_CASE.where(transfer.c.from_agency == agency_id)
    return connection.execute(query.order_by(transfer.c.id.desc()).limit(limit)).all()


def unsigned_count(connection: Connection, agency_id: str) -> int:
    """How many packages wait for the agency's signature."""
    query = select(func.count()).select_from(transfer)
    return connection.execute(
        query.where(transfer.c.to_agency == agency_id, transfer.c.received_at.is_(None))
    ).scalar_one()


def transfers_with(connection: Connection, document_id: str) -> Sequence[Record]:
    """The packages that enclose a document, oldest first."""
    query = select(transfer).join(enclosure, enclosure.c.transfer_id == transfer.c.id)
    return connection.execute(query.where(enclosure.c.document_id == document_id).order_by(transfer.c.id)).all()
