"""What stands on the shelves: for each item in custody, as columns, what the ledger of its trail says.

Written with every entry, so that a store of ten thousand items is searched without reading ten thousand ledgers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Select,
    Text,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from app.storage.agencies import agency
from app.storage.cases import case as case_table
from app.storage.database import Record, table
from app.storage.store_loans import store_loan
from app.storage.store_places import store_place
from app.storage.types import Flag, Instant

store_shelf = table(
    "store_shelf",
    Column("item_id", Text, ForeignKey("item.id"), primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("case_number", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("keeper_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("answers_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("held", Text, nullable=False),
    Column("on_loan", Text, nullable=False),
    Column("lent", Flag, nullable=False),
    Column("seal", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("place_id", Text, ForeignKey("store_place.id")),
    Column("head", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_store_shelf_keeper_id", "keeper_id", "case_number", "code"),
    Index("ix_store_shelf_place_id", "place_id"),
    Index("ix_store_shelf_case_id", "case_id"),
)

_PUT_DOWN = frozenset(("seized", "stored"))
"""Acts that say on which place an item lies; after any other it lies where it lay."""

PLACE = case((store_place.c.full_name.is_not(None), store_place.c.full_name), else_=store_shelf.c.place)
"""The name of a place today: one that was renamed keeps its goods, while their trails keep the name of that day."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of a store is looked for; `places` are ids, None for all, `today` ISO for what is overdue."""

    words: str = ""
    categories: Sequence[str] = ()
    places: Sequence[str] | None = None
    lent: bool = False
    overdue: str = ""
    outside: bool = False


def note_stand(
    connection: Connection, *, item_id: str, case_id: str, action: str, ledger: Mapping[str, Any], at: datetime
) -> None:
    """Write down where an item stands after an entry (`ledger` as plain JSON)."""
    custodian = ledger["custodian"]
    if custodian is None:
        connection.execute(delete(store_shelf).where(store_shelf.c.item_id == item_id))
        return
    known = connection.execute(
        select(store_shelf.c.place, agency.c.key.label("keeper"))
        .join(agency, store_shelf.c.keeper_id == agency.c.id)
        .where(store_shelf.c.item_id == item_id)
    ).first()
    seal = ledger["seal"]
    values: dict[str, Any] = {
        "held": ledger["held"],
        "on_loan": ledger["on_loan"],
        "lent": ledger["on_loan"] != "0",
        "seal": seal["number"] if seal else "",
        "head": ledger["head"],
        "at": at,
    }
    moved = known is None or (known.keeper, known.place) != (custodian["keeper"], custodian["place"])
    if moved or action in _PUT_DOWN or action == "handed_over":
        values |= _whereabouts(connection, custodian, lies_anew=moved or action in _PUT_DOWN)
    if known is None:
        number = connection.execute(select(case_table.c.number).where(case_table.c.id == case_id)).scalar_one()
        fixed = {part: ledger[part] for part in ("name", "category", "unit")}
        row = {"item_id": item_id, "case_id": case_id, "case_number": number, "code": ledger["item"], **fixed, **values}
        connection.execute(insert(store_shelf).values(**row))
    else:
        connection.execute(update(store_shelf).where(store_shelf.c.item_id == item_id).values(**values))


def _whereabouts(connection: Connection, custodian: Mapping[str, str], *, lies_anew: bool) -> dict[str, Any]:
    keys = {custodian["agency"], custodian["keeper"]}
    ids = {
        row.key: row.id for row in connection.execute(select(agency.c.key, agency.c.id).where(agency.c.key.in_(keys)))
    }
    keeper = ids[custodian["keeper"]]
    found: dict[str, Any] = {"answers_id": ids[custodian["agency"]], "keeper_id": keeper, "place": custodian["place"]}
    if lies_anew:
        named = select(store_place.c.id).where(
            store_place.c.agency_id == keeper,
            store_place.c.full_name == custodian["place"],
            store_place.c.state == "open",
        )
        found["place_id"] = connection.execute(named).scalar()
    return found


def put_on(connection: Connection, item_ids: Iterable[str], place_id: str) -> None:
    """Say on which place items lie."""
    connection.execute(update(store_shelf).where(store_shelf.c.item_id.in_(list(item_ids))).values(place_id=place_id))


def count_and_list(
    connection: Connection, keeper_id: str, wanted: Wanted, *, limit: int, offset: int
) -> tuple[int, Sequence[Record]]:
    """Count and list what an agency keeps, by case and item: two statements, whatever the size of the store."""
    query = _kept(keeper_id, wanted)
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    ordered = query.order_by(store_shelf.c.case_number, store_shelf.c.code).limit(limit).offset(offset)
    return total, connection.execute(ordered).all()


def kept(connection: Connection, keeper_id: str, wanted: Wanted) -> Sequence[Record]:
    """Everything an agency keeps of what is wanted, by place, case and item."""
    query = _kept(keeper_id, wanted)
    return connection.execute(query.order_by(PLACE, store_shelf.c.case_number, store_shelf.c.code)).all()


def items_kept(connection: Connection, keeper_id: str, item_ids: Iterable[str]) -> Sequence[Record]:
    """Those of these items that an agency keeps, by case and item."""
    query = _kept(keeper_id, Wanted()).where(store_shelf.c.item_id.in_(list(item_ids)))
    return connection.execute(query.order_by(store_shelf.c.case_number, store_shelf.c.code)).all()


def get_stand(connection: Connection, item_id: str) -> Record | None:
    """Find where an item stands, whoever keeps it."""
    return connection.execute(select(store_shelf).where(store_shelf.c.item_id == item_id)).first()


def kept_of_case(connection: Connection, keeper_id: str, case_id: str) -> Sequence[Record]:
    """What an agency keeps of a case, by item."""
    query = _kept(keeper_id, Wanted()).where(store_shelf.c.case_id == case_id)
    return connection.execute(query.order_by(store_shelf.c.code)).all()


def item_kept(connection: Connection, keeper_id: str, *, case_number: str, code: str) -> Record | None:
    """Find one item an agency keeps, by what its label says."""
    query = _kept(keeper_id, Wanted()).where(store_shelf.c.case_number == case_number, store_shelf.c.code == code)
    return connection.execute(query).first()


def counted_by_place(connection: Connection, keeper_id: str) -> dict[str | None, int]:
    """How many items lie on each place of an agency, by its id; None for those on no place of the store."""
    query = select(store_shelf.c.place_id, func.count()).where(store_shelf.c.keeper_id == keeper_id)
    return {row[0]: row[1] for row in connection.execute(query.group_by(store_shelf.c.place_id))}


def _kept(keeper_id: str, wanted: Wanted) -> Select[Any]:
    shelf = store_shelf.c
    due = select(func.min(store_loan.c.due)).where(store_loan.c.item_id == shelf.item_id, store_loan.c.open == True)  # noqa: E712 - SQL, not Python
    query = (
        select(
            store_shelf,
            PLACE.label("place_now"),
            store_place.c.code.label("place_code"),
            store_place.c.kind.label("place_kind"),
            due.scalar_subquery().label("due"),
        )
        .join(store_place, shelf.place_id == store_place.c.id, isouter=True)
        .where(shelf.keeper_id == keeper_id)
    )
    for word in wanted.words.split():
        pattern = f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        columns = (shelf.code, shelf.name, shelf.case_number, shelf.seal, PLACE, store_place.c.code)
        query = query.where(or_(*(column.ilike(pattern, escape="!") for column in columns)))
    if wanted.categories:
        query = query.where(shelf.category.in_(list(wanted.categories)))
    if wanted.places is not None:
        query = query.where(shelf.place_id.in_(list(wanted.places)))
    if wanted.outside:
        query = query.where(shelf.place_id.is_(None))
    if wanted.lent:
        query = query.where(shelf.lent == True)  # noqa: E712 - SQL, not Python
    if wanted.overdue:
        late = select(store_loan.c.item_id).where(store_loan.c.open == True, store_loan.c.due < wanted.overdue)  # noqa: E712 - SQL, not Python
        query = query.where(shelf.item_id.in_(late))
    return query
