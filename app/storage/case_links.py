"""Cases that were split or joined (分案, 并案): the link between two cases, and what went from one to the other."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Text, insert, or_, select

from app.storage.database import Record, new_id, table
from app.storage.types import Instant

case_link = table(
    "case_link",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("from_case", Text, ForeignKey("case.id"), nullable=False, index=True),
    Column("to_case", Text, ForeignKey("case.id"), nullable=False, index=True),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("officer_id", Text, ForeignKey("officer.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("document", Text, nullable=False),
)

case_move = table(
    "case_move",
    Column("id", Text, primary_key=True),
    Column("link_id", Text, ForeignKey("case_link.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("from_case", Text, ForeignKey("case.id"), nullable=False),
    Column("from_code", Text, nullable=False),
    Column("to_case", Text, ForeignKey("case.id"), nullable=False),
    Column("to_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Index("ix_case_move_from_case", "from_case", "kind"),
    Index("ix_case_move_to_case", "to_case", "kind"),
)


def add_link(connection: Connection, *, moves: Iterable[Mapping[str, Any]], **values: Any) -> str:
    """Record a split or a join and what it moved or showed; give the link's id."""
    new = new_id()
    connection.execute(insert(case_link).values(id=new, **values))
    shared = {"link_id": new, "from_case": values["from_case"], "to_case": values["to_case"]}
    rows = [{"id": new_id(), **shared, **move} for move in moves]
    if rows:
        connection.execute(insert(case_move), rows)
    return new


def links_of_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """The links that lead from a case or to it, oldest first."""
    query = select(case_link).where(or_(case_link.c.from_case == case_id, case_link.c.to_case == case_id))
    return connection.execute(query.order_by(case_link.c.id)).all()


def moves_of_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """What went from a case or came to it, in the order of the codes."""
    query = select(case_move).where(or_(case_move.c.from_case == case_id, case_move.c.to_case == case_id))
    return connection.execute(query.order_by(case_move.c.link_id, case_move.c.kind, case_move.c.from_code)).all()
