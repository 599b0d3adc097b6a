"""Custody: the trail of each item, append-only, where it stands now, and the hand-overs with their lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
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
    or_,
    select,
    update,
)

from app.storage import store_loans, store_shelf
from app.storage.database import Record, new_id, table
from app.storage.facts import item
from app.storage.types import Instant, Json

custody_entry = table(
    "custody_entry",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("item_id", Text, ForeignKey("item.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("officer_id", Text, ForeignKey("officer.id"), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("content", Json, nullable=False),
    UniqueConstraint("item_id", "seq"),
    Index("ix_custody_entry_case_id", "case_id"),
)

custody_ledger = table(
    "custody_ledger",
    Column("item_id", Text, ForeignKey("item.id"), primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("content", Json, nullable=False),
)

handover = table(
    "handover",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("from_agency", Text, ForeignKey("agency.id"), nullable=False),
    Column("to_agency", Text, ForeignKey("agency.id"), nullable=False),
    Column("place", Text, nullable=False),
    Column("giver_signers", Integer, nullable=False),
    Column("receiver_signers", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("signatures", Json, nullable=False),
    Column("sheet", Text),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Text, ForeignKey("officer.id"), nullable=False),
    Column("signed_at", Instant),
    Column("version", Integer, nullable=False),
    UniqueConstraint("case_id", "number"),
)

handover_line = table(
    "handover_line",
    Column("handover_id", Text, ForeignKey("handover.id"), primary_key=True),
    Column("item_id", Text, ForeignKey("item.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("content", Json, nullable=False),
    Column("counted_at", Instant),
    Column("counted_by", Text, ForeignKey("officer.id")),
    Column("verdict", Text),  # derived by the rules; none when the line or the trail of its item has changed since
    Index("ix_handover_line_item_id", "item_id"),
    Index("ix_handover_line_code", "handover_id", "item", unique=True),
    Index("ix_handover_line_verdict", "handover_id", "verdict", "position"),
)


def find_items(connection: Connection, *, case_id: str, codes: Iterable[str], lock: bool) -> Sequence[Record]:
    """Find items of a case; locked, nobody else adds to their trails until the transaction ends."""
    query = select(item).where(item.c.case_id == case_id, item.c.code.in_(list(codes))).order_by(item.c.code)
    return connection.execute(query.with_for_update() if lock else query).all()


def get_ledgers(connection: Connection, item_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Where items stand, by id; an item to which nothing happened yet is left out."""
    query = select(custody_ledger.c.item_id, custody_ledger.c.content)
    rows = connection.execute(query.where(custody_ledger.c.item_id.in_(list(item_ids))))
    return {row.item_id: row.content for row in rows}


def ledgers_of_case(connection: Connection, case_id: str) -> Sequence[dict[str, Any]]:
    """Where every item of a case stands."""
    query = select(custody_ledger.c.content).where(custody_ledger.c.case_id == case_id)
    return connection.execute(query.order_by(custody_ledger.c.item_id)).scalars().all()


def append_entry(
    connection: Connection,
    *,
    case_id: str,
    item_id: str,
    content: Mapping[str, Any],
    at: datetime,
    officer_id: str,
    recorded_at: datetime,
    ledger: Mapping[str, Any],
) -> None:
    """Append an entry and note where the item stands after it; the item is locked by the caller.

    What was said of the item on a list that is still being signed is to be looked at again.
    """
    seq = content["seq"]
    connection.execute(
        insert(custody_entry).values(
            id=new_id(),
            case_id=case_id,
            item_id=item_id,
            seq=seq,
            action=content["action"],
            at=at,
            officer_id=officer_id,
            recorded_at=recorded_at,
            hash=content["hash"],
            content=content,
        )
    )
    if seq == 1:
        row = {"item_id": item_id, "case_id": case_id, "seq": seq, "content": ledger}
        connection.execute(insert(custody_ledger).values(**row))
    else:
        connection.execute(
            update(custody_ledger).where(custody_ledger.c.item_id == item_id).values(seq=seq, content=ledger)
        )
    pending = select(handover.c.id).where(handover.c.state.in_(("open", "signing")))
    connection.execute(
        update(handover_line)
        .where(
            handover_line.c.item_id == item_id,
            handover_line.c.counted_at.is_not(None),
            handover_line.c.handover_id.in_(pending),
        )
        .values(verdict=None)
    )
    store_shelf.note_stand(connection, item_id=item_id, case_id=case_id, action=content["action"], ledger=ledger, at=at)
    store_loans.note_loan(connection, item_id=item_id, case_id=case_id, entry=content, ledger=ledger, at=at)


def entries_of_item(connection: Connection, item_id: str) -> Sequence[Record]:
    """The trail of an item in order."""
    query = select(custody_entry).where(custody_entry.c.item_id == item_id)
    return connection.execute(query.order_by(custody_entry.c.seq)).all()


def entries_of_case(connection: Connection, case_id: str) -> Sequence[dict[str, Any]]:
    """The trails of all items of a case, each in order."""
    query = select(custody_entry.c.content).where(custody_entry.c.case_id == case_id)
    return connection.execute(query.order_by(custody_entry.c.item_id, custody_entry.c.seq)).scalars().all()


def add_handover(connection: Connection, *, lines: Sequence[Mapping[str, Any]], **values: Any) -> str:
    """Record a hand-over with its list; give its id."""
    new = new_id()
    connection.execute(insert(handover).values(id=new, state="open", signatures=[], version=1, **values))
    begun = {"handover_id": new, "verdict": "uncounted"}
    rows = [{**begun, "position": position, **line} for position, line in enumerate(lines)]
    connection.execute(insert(handover_line), rows)
    return new


def get_handover(connection: Connection, handover_id: str) -> Record | None:
    """Find a hand-over."""
    return connection.execute(select(handover).where(handover.c.id == handover_id)).first()


def lock_handover(connection: Connection, handover_id: str) -> Record | None:
    """Find a hand-over and hold its row until the transaction ends."""
    return connection.execute(select(handover).where(handover.c.id == handover_id).with_for_update()).first()


def number_taken(connection: Connection, *, case_id: str, number: str) -> bool:
    """Whether the case has a hand-over of that number."""
    query = select(handover.c.id).where(handover.c.case_id == case_id, handover.c.number == number)
    return connection.execute(query).first() is not None


def handovers_of_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """The hand-overs of a case, oldest first."""
    return connection.execute(select(handover).where(handover.c.case_id == case_id).order_by(handover.c.id)).all()


def handovers_of_agency(connection: Connection, agency_id: str, *, limit: int) -> Sequence[Record]:
    """The hand-overs an agency gives or receives over all cases, the newest first."""
    query = select(handover).where(or_(handover.c.from_agency == agency_id, handover.c.to_agency == agency_id))
    return connection.execute(query.order_by(handover.c.id.desc()).limit(limit)).all()


def lines_of(connection: Connection, handover_id: str) -> Sequence[Record]:
    """The lines of a hand-over in the order of the list."""
    query = select(handover_line).where(handover_line.c.handover_id == handover_id)
    return connection.execute(query.order_by(handover_line.c.position)).all()


def get_line(connection: Connection, *, handover_id: str, code: str) -> Record | None:
    """Find one line by the item's code."""
    query = select(handover_line).where(handover_line.c.handover_id == handover_id, handover_line.c.item == code)
    return connection.execute(query).first()


def change_line(connection: Connection, *, handover_id: str, item_id: str, **values: Any) -> None:
    """Write what was found; whoever does not say the new `verdict` leaves the line to be looked at again."""
    where = (handover_line.c.handover_id == handover_id, handover_line.c.item_id == item_id)
    connection.execute(update(handover_line).where(*where).values(**{"verdict": None, **values}))


def tallies(connection: Connection, handover_ids: Iterable[str]) -> dict[str, dict[str | None, int]]:
    """How many lines of each verdict hand-overs have; None counts the lines that are to be looked at."""
    columns = (handover_line.c.handover_id, handover_line.c.verdict)
    query = select(*columns, func.count()).where(handover_line.c.handover_id.in_(list(handover_ids)))
    found: dict[str, dict[str | None, int]] = {}
    for handover_id, verdict, number in connection.execute(query.group_by(*columns)):
        found.setdefault(handover_id, {})[verdict] = number
    return found


def unjudged_lines(connection: Connection, handover_id: str) -> Sequence[Record]:
    """The lines of a hand-over that are to be looked at again."""
    query = select(handover_line).where(handover_line.c.handover_id == handover_id, handover_line.c.verdict.is_(None))
    return connection.execute(query.order_by(handover_line.c.position)).all()


def lines_between(
    connection: Connection, handover_id: str, *, verdicts: Iterable[str] | None = None, offset: int = 0, limit: int
) -> Sequence[Record]:
    """Some lines of a hand-over in the order of the list; those of the named verdicts, or all."""
    query = select(handover_line).where(handover_line.c.handover_id == handover_id)
    if verdicts is not None:
        query = query.where(handover_line.c.verdict.in_(list(verdicts)))
    return connection.execute(query.order_by(handover_line.c.position).offset(offset).limit(limit)).all()


def codes_like(connection: Connection, handover_id: str, code: str) -> Sequence[str]:
    """The codes on the list that are this one but for capital and small letters."""
    query = select(handover_line.c.item).where(
        handover_line.c.handover_id == handover_id, func.lower(handover_line.c.item) == code.lower()
    )
    return connection.execute(query.order_by(handover_line.c.position)).scalars().all()


def next_uncounted(connection: Connection, handover_id: str, *, after: int) -> str | None:
    """The code of the first line behind a position that nobody has counted."""
    query = select(handover_line.c.item).where(
        handover_line.c.handover_id == handover_id,
        handover_line.c.verdict == "uncounted",
        handover_line.c.position > after,
    )
    return connection.execute(query.order_by(handover_line.c.position).limit(1)).scalar()


def change_handover(connection: Connection, handover_id: str, **values: Any) -> None:
    """Change columns of a hand-over and count its version up."""
    changed = update(handover).where(handover.c.id == handover_id)
    connection.execute(changed.values(version=handover.c.version + 1, **values))


def pending_handovers(connection: Connection, item_ids: Iterable[str]) -> dict[str, Record]:
    """The hand-overs that list these items and are neither signed by all nor given up, by item."""
    query = select(handover_line.c.item_id, handover.c.id, handover.c.number, handover.c.state)
    joined = query.join(handover, handover_line.c.handover_id == handover.c.id)
    wanted = joined.where(handover_line.c.item_id.in_(list(item_ids)), handover.c.state.in_(("open", "signing")))
    return {row.item_id: row for row in connection.execute(wanted)}
