"""Stock-takes (盘点) with their frozen lines; the database refuses to change one that was signed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    func,
    insert,
    select,
    type_coerce,
    update,
)

from app.domain.errors import Conflict
from app.storage.database import Record, insert_or, new_id, table
from app.storage.types import Flag, Instant, Json

store_take = table(
    "store_take",
    Column("id", Text, primary_key=True),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("place_id", Text, ForeignKey("store_place.id")),
    Column("place", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Text, ForeignKey("officer.id"), nullable=False),
    Column("closed_at", Instant),
    Column("sheet", Text),
    Column("signatures", Json, nullable=False),
    Column("result", Text),
    Column("content", Json),
    Column("reason", Text),
    UniqueConstraint("agency_id", "number"),
)

store_take_line = table(
    "store_take_line",
    Column("take_id", Text, ForeignKey("store_take.id"), primary_key=True),
    Column("item_id", Text, ForeignKey("item.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("case_number", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("on_loan", Text, nullable=False),
    Column("seal", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("listed", Flag, nullable=False),
    Column("found", Json),
    Column("explained", Json, nullable=False),
    Column("done", Flag, nullable=False),
    Column("differs", Flag, nullable=False),
    Index("ix_store_take_line_take_id", "take_id", "position"),
)


def open_take(connection: Connection, *, lines: Sequence[Mapping[str, Any]], **values: Any) -> str:
    """Record a stock-take with its list; give its id. Conflict when its number has just been taken."""
    new = new_id()
    opened = insert_or(connection, store_take).values(id=new, state="open", signatures=[], **values)
    if connection.execute(opened.on_conflict_do_nothing().returning(store_take.c.id)).first() is None:
        raise Conflict("另一次盘点刚刚开始，请再试一次", "Another stock-take has just begun; try again", at="number")
    rows = [{"take_id": new, "position": position, **line} for position, line in enumerate(lines, start=1)]
    if rows:
        connection.execute(insert(store_take_line), rows)
    return new


def next_number(connection: Connection, agency_id: str, *, year: int) -> int:
    """How many stock-takes an agency has begun in a year (of their numbers), and one more."""
    where = (store_take.c.agency_id == agency_id, store_take.c.number.startswith(f"PD{year}-"))
    return int(connection.execute(select(func.count()).select_from(store_take).where(*where)).scalar_one()) + 1


def get_take(connection: Connection, take_id: str, *, lock: bool = False) -> Record | None:
    """Find a stock-take; locked, nobody else counts or signs until the transaction ends."""
    query = select(store_take).where(store_take.c.id == take_id)
    return connection.execute(query.with_for_update() if lock else query).first()


def takes_of(connection: Connection, agency_id: str, *, limit: int = 100) -> Sequence[Record]:
    """The stock-takes of an agency, the newest first."""
    query = select(store_take).where(store_take.c.agency_id == agency_id)
    return connection.execute(query.order_by(store_take.c.id.desc()).limit(limit)).all()


def change_take(connection: Connection, take_id: str, **values: Any) -> None:
    """Change columns of a stock-take."""
    connection.execute(update(store_take).where(store_take.c.id == take_id).values(**values))


def add_take_line(connection: Connection, *, take_id: str, **values: Any) -> None:
    """Add an item of another place to a stock-take."""
    position = select(func.coalesce(func.max(store_take_line.c.position), 0) + 1).where(
        store_take_line.c.take_id == take_id
    )
    connection.execute(insert(store_take_line).values(take_id=take_id, position=position.scalar_subquery(), **values))


def get_take_line(connection: Connection, take_id: str, **criteria: str) -> Record | None:
    """Find a line by the id of its item, or by case number and code."""
    conditions = [store_take_line.c[name] == value for name, value in criteria.items()]
    query = select(store_take_line).where(store_take_line.c.take_id == take_id, *conditions)
    return connection.execute(query).first()


def change_take_line(connection: Connection, take_id: str, item_id: str, **values: Any) -> None:
    """Write what was found, or why it differs."""
    where = (store_take_line.c.take_id == take_id, store_take_line.c.item_id == item_id)
    connection.execute(update(store_take_line).where(*where).values(**values))


def drop_take_line(connection: Connection, take_id: str, item_id: str) -> None:
    """Take an item of another place off a stock-take again."""
    where = (store_take_line.c.take_id == take_id, store_take_line.c.item_id == item_id)
    connection.execute(store_take_line.delete().where(*where))


def lines_of_take(connection: Connection, take_id: str) -> Sequence[Record]:
    """All lines of a stock-take in their order."""
    query = select(store_take_line).where(store_take_line.c.take_id == take_id)
    return connection.execute(query.order_by(store_take_line.c.position)).all()


def page_of_lines(
    connection: Connection, take_id: str, *, which: str, limit: int, offset: int
) -> tuple[int, Sequence[Record]]:
    """Count and list the lines: `which` is all, todo (not done yet) or differ."""
    line = store_take_line.c
    conditions = {"todo": [line.done == False], "differ": [line.differs == True], "all": []}[which]  # noqa: E712 - SQL, not Python
    where = (line.take_id == take_id, *conditions)
    total = connection.execute(select(func.count()).select_from(store_take_line).where(*where)).scalar_one()
    rows = connection.execute(
        select(store_take_line).where(*where).order_by(line.position).limit(limit).offset(offset)
    ).all()
    return total, rows


def tally(connection: Connection, take_ids: Sequence[str]) -> dict[str, Record]:
    """For each stock-take: how many lines, how many done, how many that differ."""
    line = store_take_line.c
    query = select(
        line.take_id,
        func.count().label("lines"),
        func.sum(type_coerce(line.done, Integer)).label("done"),
        func.sum(type_coerce(line.differs, Integer)).label("differ"),
    )
    rows = connection.execute(query.where(line.take_id.in_(take_ids)).group_by(line.take_id))
    return {row.take_id: row for row in rows}
