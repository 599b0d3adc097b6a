"""Agencies (机关): who holds a case, sends and receives."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Text, insert, select, update

from app.storage.database import Record, new_id, table
from app.storage.types import Json

agency = table(
    "agency",
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("short", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("details", Json, nullable=False),
)


def put_agency(connection: Connection, *, key: str, values: Mapping[str, Any]) -> str:
    """Write an agency under its key, new or changed; give its id."""
    known = connection.execute(select(agency.c.id).where(agency.c.key == key)).scalar()
    if known is not None:
        connection.execute(update(agency).where(agency.c.id == known).values(**values))
        return str(known)
    new = new_id()
    connection.execute(insert(agency).values(id=new, key=key, **values))
    return new


def get_agency(connection: Connection, agency_id: str) -> Record | None:
    """Find an agency by its id."""
    return connection.execute(select(agency).where(agency.c.id == agency_id)).first()


def agency_by_key(connection: Connection, key: str) -> Record | None:
    """Find an agency by its key."""
    return connection.execute(select(agency).where(agency.c.key == key)).first()


def agencies_of_kind(connection: Connection, kind: str) -> Sequence[Record]:
    """All agencies of one kind, in the order of their names."""
    return connection.execute(select(agency).where(agency.c.kind == kind).order_by(agency.c.key)).all()


def all_agencies(connection: Connection) -> Sequence[Record]:
    """Every agency of this node."""
    return connection.execute(select(agency).order_by(agency.c.key)).all()
