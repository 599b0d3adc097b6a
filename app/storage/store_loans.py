"""Loans from the stores (调用): what is out, to whom, until when; written with the entries of the trails."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
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
    update,
)

from app.domain.custody_quantity import written
from app.storage.agencies import agency
from app.storage.cases import case
from app.storage.database import Record, new_id, table
from app.storage.types import Flag, Instant, Json

store_loan = table(
    "store_loan",
    Column("id", Text, primary_key=True),
    Column("item_id", Text, ForeignKey("item.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("lender_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("case_number", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("remaining", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("open", Flag, nullable=False),
    Column("lent_at", Instant, nullable=False),
    Column("due", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("persons", Json, nullable=False),
    Column("purpose", Text),
    Column("approver_id", Text, ForeignKey("officer.id")),
    Column("borrower_id", Text, ForeignKey("officer.id")),
    Column("condition_out", Text),
    Column("condition_back", Text),
    Column("back_at", Instant),
    UniqueConstraint("item_id", "seq"),
    Index("ix_store_loan_lender_id", "lender_id", "open", "due"),
)


def note_loan(
    connection: Connection,
    *,
    item_id: str,
    case_id: str,
    entry: Mapping[str, Any],
    ledger: Mapping[str, Any],
    at: datetime,
) -> None:
    """Write down what an entry (plain JSON) does to the loans of an item."""
    action, kind = entry["action"], entry["kind"]
    if action == "lent":
        _begin(connection, item_id=item_id, case_id=case_id, entry=entry, ledger=ledger, at=at)
    elif action == "returned_to_store" or kind in ("loan", "lost_on_loan"):
        _settle(connection, item_id, entry, at)


def _begin(connection: Connection, *, item_id: str, case_id: str, at: datetime, entry: Any, ledger: Any) -> None:
    keeper = select(agency.c.id).where(agency.c.key == ledger["custodian"]["keeper"])
    number = select(case.c.number).where(case.c.id == case_id)
    connection.execute(
        insert(store_loan).values(
            id=new_id(),
            item_id=item_id,
            seq=entry["seq"],
            case_id=case_id,
            lender_id=connection.execute(keeper).scalar_one(),
            case_number=connection.execute(number).scalar_one(),
            code=entry["item"],
            name=ledger["name"],
            quantity=entry["quantity"],
            remaining=entry["quantity"],
            unit=entry["unit"],
            open=True,
            lent_at=at,
            due=entry["due"],
            document=entry["document"],
            why=entry["why"],
            persons=entry["who"],
        )
    )


def _settle(connection: Connection, item_id: str, entry: Mapping[str, Any], at: datetime) -> None:
    """Take a quantity off an item's open loans: the document it names and its borrower come first, then the due day."""
    rows = connection.execute(
        select(store_loan).where(store_loan.c.item_id == item_id, store_loan.c.open == True)  # noqa: E712 - SQL, not Python
    ).all()
    left = Decimal(entry["quantity"])
    brought = list(entry["who"][1:])

    def rank(row: Record) -> tuple[bool, bool, str, int]:
        borrowed = any(person in brought for person in row.persons[1:])
        named = row.document == entry["document"] or row.document in entry["why"]
        return (not named, not borrowed, row.due, row.seq)

    for row in sorted(rows, key=rank):
        taken = min(left, Decimal(row.remaining))
        remaining = Decimal(row.remaining) - taken
        values = {"remaining": written(remaining), "open": remaining > 0, "back_at": None if remaining else at}
        connection.execute(update(store_loan).where(store_loan.c.id == row.id).values(**values))
        left -= taken
        if not left:
            return


def tell_loan(connection: Connection, *, item_id: str, seq: int, **values: Any) -> None:
    """Write beside a loan what the trail keeps in one sentence: purpose, approver, borrower, condition."""
    where = (store_loan.c.item_id == item_id, store_loan.c.seq == seq)
    connection.execute(update(store_loan).where(*where).values(**values))


def change_loan(connection: Connection, loan_id: str, **values: Any) -> None:
    """Change columns of a loan."""
    connection.execute(update(store_loan).where(store_loan.c.id == loan_id).values(**values))


def loans_of(
    connection: Connection, lender_id: str, *, open_only: bool, limit: int, offset: int
) -> tuple[int, Sequence[Record]]:
    """Count and list the loans of an agency: the open ones by due day, or all that came back, the newest first."""
    where = (store_loan.c.lender_id == lender_id, store_loan.c.open == open_only)
    total = connection.execute(select(func.count()).select_from(store_loan).where(*where)).scalar_one()
    order = (store_loan.c.due, store_loan.c.id) if open_only else (store_loan.c.back_at.desc(), store_loan.c.id)
    return total, connection.execute(
        select(store_loan).where(*where).order_by(*order).limit(limit).offset(offset)
    ).all()


def overdue_loans(connection: Connection, lender_id: str, *, today: str, limit: int) -> Sequence[Record]:
    """The open loans of an agency whose last day has passed, the latest first."""
    query = select(store_loan).where(*_late(lender_id, today))
    return connection.execute(query.order_by(store_loan.c.due, store_loan.c.id).limit(limit)).all()


def overdue_count(connection: Connection, lender_id: str, *, today: str) -> int:
    """How many loans of an agency are late."""
    query = select(func.count()).select_from(store_loan).where(*_late(lender_id, today))
    return int(connection.execute(query).scalar_one())


def get_loans(connection: Connection, lender_id: str, loan_ids: Sequence[str]) -> Sequence[Record]:
    """Find loans of an agency, in the order they were made."""
    query = select(store_loan).where(store_loan.c.lender_id == lender_id, store_loan.c.id.in_(loan_ids))
    return connection.execute(query.order_by(store_loan.c.id)).all()


def open_loans_of(connection: Connection, item_ids: Sequence[str]) -> Sequence[Record]:
    """The open loans of items, by due day."""
    query = select(store_loan).where(store_loan.c.item_id.in_(item_ids), store_loan.c.open == True)  # noqa: E712 - SQL, not Python
    return connection.execute(query.order_by(store_loan.c.due, store_loan.c.id)).all()


def _late(lender_id: str, today: str) -> tuple[Any, ...]:
    return (store_loan.c.lender_id == lender_id, store_loan.c.open == True, store_loan.c.due < today)  # noqa: E712 - SQL, not Python
