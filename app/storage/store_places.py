"""Places of the stores (保管场所): a tree for each agency, and the full name by which trails know a place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Text, UniqueConstraint, select, update

from app.domain.errors import Conflict
from app.storage.database import Record, insert_or, new_id, table
from app.storage.types import Instant

store_place = table(
    "store_place",
    Column("id", Text, primary_key=True),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("parent_id", Text, ForeignKey("store_place.id")),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("agency_id", "code"),
    UniqueConstraint("agency_id", "full_name"),
    Index("ix_store_place_parent_id", "parent_id"),
)


def add_place(connection: Connection, *, agency_id: str, made_at: datetime, **values: Any) -> str:
    """Record a place; give its id. Conflict when its code or name has been given to another meanwhile."""
    new = new_id()
    row = {"id": new, "agency_id": agency_id, "state": "open", "made_at": made_at, **values}
    added = insert_or(connection, store_place).values(**row).on_conflict_do_nothing().returning(store_place.c.id)
    if connection.execute(added).first() is None:
        raise Conflict(f"编号 {row['code']} 刚被使用", f"The code {row['code']} has just been taken", at="code")
    return new


def places_of(connection: Connection, agency_id: str, *, lock: bool = False) -> Sequence[Record]:
    """The places of an agency by code; locked, nobody else changes the tree until the transaction ends."""
    query = select(store_place).where(store_place.c.agency_id == agency_id).order_by(store_place.c.code)
    return connection.execute(query.with_for_update() if lock else query).all()


def get_place(connection: Connection, place_id: str) -> Record | None:
    """Find a place."""
    return connection.execute(select(store_place).where(store_place.c.id == place_id)).first()


def place_by(connection: Connection, agency_id: str, *, lock: bool = False, **criteria: str) -> Record | None:
    """Find a place of an agency by its code or full name; locked, it is neither closed nor renamed meanwhile."""
    conditions = [store_place.c[name] == value for name, value in criteria.items()]
    query = select(store_place).where(store_place.c.agency_id == agency_id, *conditions)
    return connection.execute(query.with_for_update() if lock else query).first()


def change_place(connection: Connection, place_id: str, **values: Any) -> None:
    """Change columns of a place."""
    connection.execute(update(store_place).where(store_place.c.id == place_id).values(**values))


def rename_places(connection: Connection, names: Mapping[str, str]) -> None:
    """Write the full names of places, by id."""
    # Two places may swap names: each steps aside first, because no two bear the same.
    for place_id in names:
        connection.execute(update(store_place).where(store_place.c.id == place_id).values(full_name=f"\n{place_id}"))
    for place_id, name in names.items():
        connection.execute(update(store_place).where(store_place.c.id == place_id).values(full_name=name))
