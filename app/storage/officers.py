"""Officers (办案人员): the people who sign in and act for one agency."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Text, insert, select, update

from app.storage.database import Record, new_id, table
from app.storage.types import Flag, Json

officer = table(
    "officer",
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False, index=True),
    Column("roles", Json, nullable=False),
    Column("cert_no", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("active", Flag, nullable=False),
    Column("fs_uniquifier", Text, nullable=False, unique=True),
    Column("language", Text, nullable=False),
)


def put_officer(connection: Connection, *, username: str, values: Mapping[str, Any]) -> str:
    """Write an officer under the user name, new or changed; give the id."""
    known = connection.execute(select(officer.c.id).where(officer.c.username == username)).scalar()
    if known is not None:
        connection.execute(update(officer).where(officer.c.id == known).values(**values))
        return str(known)
    new = new_id()
    connection.execute(
        insert(officer).values(id=new, username=username, fs_uniquifier=new_id().replace("-", ""), **values)
    )
    return new


def get_officer(connection: Connection, officer_id: str) -> Record | None:
    """Find an officer by id."""
    return connection.execute(select(officer).where(officer.c.id == officer_id)).first()


def officer_by(connection: Connection, **criteria: str) -> Record | None:
    """Find an officer by user name or another unique column."""
    conditions = [officer.c[name] == value for name, value in criteria.items()]
    return connection.execute(select(officer).where(*conditions)).first()


def officers_of(connection: Connection, agency_id: str) -> Sequence[Record]:
    """The active officers of an agency."""
    query = select(officer).where(officer.c.agency_id == agency_id, officer.c.active == True)  # noqa: E712 - SQL, not Python
    return connection.execute(query.order_by(officer.c.username)).all()


def all_officers(connection: Connection) -> Sequence[Record]:
    """Every officer, by agency."""
    return connection.execute(select(officer).order_by(officer.c.agency_id, officer.c.username)).all()


def all_names(connection: Connection) -> dict[str, str]:
    """The names of all officers, by id."""
    return {row.id: row.name for row in connection.execute(select(officer.c.id, officer.c.name))}


def set_officer(connection: Connection, officer_id: str, **values: object) -> None:
    """Change columns of one officer."""
    connection.execute(update(officer).where(officer.c.id == officer_id).values(**values))
