"""The items of a case with where they stand, read at once: as many statements for five hundred as for one."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, and_, exists, func, or_, select

from app.storage.custody import custody_entry, custody_ledger, handover, handover_line
from app.storage.database import Record
from app.storage.facts import disclosure, item


def items_of_case(connection: Connection, *, case_id: str, agency_id: str) -> Sequence[Record]:
    """The items an agency produced or was shown, each with its ledger as plain JSON (none while nothing happened)."""
    shown = exists().where(
        disclosure.c.case_id == case_id,
        disclosure.c.agency_id == agency_id,
        disclosure.c.kind == "items",
        disclosure.c.reference == item.c.code,
    )
    query = (
        select(item.c.id, item.c.code, item.c.agency_id, item.c.data, custody_ledger.c.content.label("ledger"))
        .select_from(item.outerjoin(custody_ledger, custody_ledger.c.item_id == item.c.id))
        .where(item.c.case_id == case_id, or_(item.c.agency_id == agency_id, shown))
    )
    return connection.execute(query.order_by(item.c.code)).all()


def count_unregistered(connection: Connection, *, case_id: str, agency_id: str) -> int:
    """How many items an agency has listed that are not in custody yet."""
    query = (
        select(func.count())
        .select_from(item.outerjoin(custody_ledger, custody_ledger.c.item_id == item.c.id))
        .where(item.c.case_id == case_id, item.c.agency_id == agency_id, custody_ledger.c.item_id.is_(None))
    )
    return connection.execute(query).scalar_one()


def last_entries(connection: Connection, item_ids: Iterable[str]) -> dict[str, Record]:
    """The newest entry of each item: action, kind, hour; an item without a trail is left out."""
    newest = and_(custody_ledger.c.item_id == custody_entry.c.item_id, custody_ledger.c.seq == custody_entry.c.seq)
    query = (
        select(custody_entry.c.item_id, custody_entry.c.action, custody_entry.c.at)
        .join(custody_ledger, newest)
        .where(custody_ledger.c.item_id.in_(list(item_ids)))
    )
    return {row.item_id: row for row in connection.execute(query)}


def being_handed_over(connection: Connection, case_id: str) -> dict[str, Record]:
    """The hand-overs of a case that are not ended, by the items they list."""
    query = (
        select(handover_line.c.item_id, handover.c.id, handover.c.number, handover.c.state)
        .join(handover, handover_line.c.handover_id == handover.c.id)
        .where(handover.c.case_id == case_id, handover.c.state.in_(("open", "signing")))
    )
    return {row.item_id: row for row in connection.execute(query)}
