"""Files that belong to items, and with which hand-over each of them went; a wrong link is withdrawn, never changed."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Text,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)

from app.domain.item_files import CONTENT
from app.storage.agencies import agency
from app.storage.custody import handover
from app.storage.database import Record, insert_or, metadata, new_id, table
from app.storage.facts import item
from app.storage.officers import officer
from app.storage.types import Instant

item_file = table(
    "item_file",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False, index=True),
    Column("item_id", Text, ForeignKey("item.id"), nullable=False, index=True),
    Column("file_id", Text, ForeignKey("file.id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("shows", Text, nullable=False),
    Column("handover_id", Text, ForeignKey("handover.id"), index=True),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("officer_id", Text, ForeignKey("officer.id"), nullable=False),
    Column("at", Instant, nullable=False),
)

item_file_withdrawal = table(
    "item_file_withdrawal",
    Column("item_file_id", Text, ForeignKey("item_file.id"), primary_key=True),
    Column("why", Text, nullable=False),
    Column("officer_id", Text, ForeignKey("officer.id"), nullable=False),
    Column("at", Instant, nullable=False),
)

handover_file = table(
    "handover_file",
    Column("handover_id", Text, ForeignKey("handover.id"), primary_key=True),
    Column("item_file_id", Text, ForeignKey("item_file.id"), primary_key=True),
    Index("ix_handover_file_item_file_id", "item_file_id"),
)

_links = select(
    item_file,
    item.c.code,
    item_file_withdrawal.c.why,
    item_file_withdrawal.c.at.label("withdrawn_at"),
    item_file_withdrawal.c.officer_id.label("withdrawn_by"),
).select_from(
    item_file.join(item, item.c.id == item_file.c.item_id).outerjoin(
        item_file_withdrawal, item_file_withdrawal.c.item_file_id == item_file.c.id
    )
)
_live = item_file_withdrawal.c.item_file_id.is_(None)


def add_link(connection: Connection, **values: Any) -> str:
    """Link a file to an item; give the link's id."""
    new = new_id()
    connection.execute(insert(item_file).values(id=new, **values))
    return new


def withdraw_link(connection: Connection, link_id: str, **values: Any) -> None:
    """Note that a link was wrong; it no longer goes with a hand-over that has not been signed."""
    connection.execute(insert(item_file_withdrawal).values(item_file_id=link_id, **values))
    unsigned = select(handover.c.id).where(handover.c.state != "signed")
    where = (handover_file.c.item_file_id == link_id, handover_file.c.handover_id.in_(unsigned))
    connection.execute(delete(handover_file).where(*where))


def get_link(connection: Connection, link_id: str) -> Record | None:
    """Find a link, with its withdrawal."""
    return connection.execute(_links.where(item_file.c.id == link_id)).first()


def links_of_item(connection: Connection, item_id: str) -> Sequence[Record]:
    """The links of an item, withdrawn ones too, oldest first."""
    return connection.execute(_links.where(item_file.c.item_id == item_id).order_by(item_file.c.id)).all()


def live_links(connection: Connection, *, case_id: str, codes: Iterable[str]) -> Sequence[Record]:
    """The links of items of a case that were not withdrawn, oldest first."""
    query = _links.where(item_file.c.case_id == case_id, item.c.code.in_(list(codes)), _live)
    return connection.execute(query.order_by(item_file.c.id)).all()


def live_contents(connection: Connection, item_id: str) -> Sequence[str]:
    """The SHA-256 of each content linked to an item that was not withdrawn."""
    file = metadata.tables["file"]  # its own module asks this one who was handed a file
    query = (
        select(file.c.sha256)
        .join(item_file, item_file.c.file_id == file.c.id)
        .outerjoin(item_file_withdrawal, item_file_withdrawal.c.item_file_id == item_file.c.id)
    )
    where = (item_file.c.item_id == item_id, item_file.c.role == CONTENT, _live)
    return connection.execute(query.where(*where).order_by(item_file.c.id)).scalars().all()


def photos_of_handover(
    connection: Connection, handover_id: str, *, codes: Iterable[str] | None = None
) -> Sequence[Record]:
    """The photographs taken at a hand-over (of some of its items), oldest first, each with its file and who took it.

    One that was withdrawn before the signature is not among them.
    """
    file = metadata.tables["file"]
    told = ("title", "size", "sha256", "found_type", "flag", "width", "height")
    query = (
        _links.add_columns(*(file.c[name] for name in told), officer.c.name.label("by"), agency.c.short.label("of"))
        .join(handover_file, handover_file.c.item_file_id == item_file.c.id)
        .join(file, file.c.id == item_file.c.file_id)
        .join(officer, officer.c.id == item_file.c.officer_id)
        .join(agency, agency.c.id == item_file.c.agency_id)
    )
    query = query.where(item_file.c.handover_id == handover_id, handover_file.c.handover_id == handover_id)
    if codes is not None:
        query = query.where(item.c.code.in_(list(codes)))
    return connection.execute(query.order_by(item_file.c.id)).all()


def count_photos(connection: Connection, *, handover_id: str, item_id: str) -> int:
    """How many photographs one line of a hand-over has."""
    query = select(func.count()).select_from(item_file)
    where = (item_file.c.handover_id == handover_id, item_file.c.item_id == item_id)
    return connection.execute(query.where(*where)).scalar_one()


def carry(connection: Connection, *, handover_id: str, links: Iterable[str]) -> None:
    """Note which links go with a hand-over."""
    rows = [{"handover_id": handover_id, "item_file_id": link} for link in links]
    if rows:
        connection.execute(insert_or(connection, handover_file).on_conflict_do_nothing(), rows)


def went_to(agency_id: str, file_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a file went with a hand-over that the agency gives or receives, and that was not given up."""
    joined = item_file.join(handover_file, handover_file.c.item_file_id == item_file.c.id).join(
        handover, handover.c.id == handover_file.c.handover_id
    )
    return exists(
        select(item_file.c.id)
        .select_from(joined)
        .where(
            item_file.c.file_id == file_id,
            or_(handover.c.from_agency == agency_id, handover.c.to_agency == agency_id),
            handover.c.state != "cancelled",
        )
    )
