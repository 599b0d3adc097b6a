"""Facts, parties and items of a case: what was said about it, by which agency, and to whom it was disclosed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Select,
    Text,
    UniqueConstraint,
    exists,
    insert,
    or_,
    select,
    update,
)

from app.storage.case_links import case_link, case_move
from app.storage.database import Record, insert_or, new_id, table
from app.storage.types import Instant, Json, text_in

fact = table(
    "fact",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Json),
    Column("task_id", Text),
    Column("officer_id", Text),
    Column("at", Instant, nullable=False),
    Column("subject", Text, nullable=False, server_default=""),
    Index("ix_fact_case_id_key", "case_id", "key"),
)

party = table(
    "party",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("data", Json, nullable=False),
    UniqueConstraint("case_id", "code"),
)

item = table(
    "item",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("data", Json, nullable=False),
    UniqueConstraint("case_id", "code"),
)

disclosure = table(
    "disclosure",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.id"), nullable=False),
    Column("agency_id", Text, ForeignKey("agency.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("transfer_id", Text),
    Column("at", Instant, nullable=False),
    UniqueConstraint("case_id", "agency_id", "kind", "reference"),
)

_ROWS = {"parties": party, "items": item}


def add_facts(
    connection: Connection,
    *,
    case_id: str,
    agency_id: str,
    facts: Mapping[str, Any],
    task_id: str | None,
    officer_id: str | None,
    at: datetime,
    subject: str = "",
) -> None:
    """Append what was said of the case, or of the party `subject`; nothing said before is changed."""
    said = {
        "case_id": case_id,
        "agency_id": agency_id,
        "task_id": task_id,
        "officer_id": officer_id,
        "at": at,
        "subject": subject,
    }
    rows = [{"id": new_id(), "key": key, "value": value, **said} for key, value in facts.items()]
    if rows:
        connection.execute(insert(fact), rows)


def _disclosed(connection_agency: str, kind: str, reference: Any, case_id: Any) -> Any:
    return exists().where(
        disclosure.c.case_id == case_id,
        disclosure.c.agency_id == connection_agency,
        disclosure.c.kind == kind,
        disclosure.c.reference == reference,
    )


def facts_seen(connection: Connection, *, case_id: str, agency_id: str, subject: str = "") -> dict[str, Any]:
    """The newest value of every key the agency produced or was shown; what was said of the party goes first."""
    query = (
        select(fact.c.key, fact.c.value, fact.c.agency_id)
        .where(
            fact.c.case_id == case_id,
            fact.c.subject.in_(["", subject]),
            or_(fact.c.agency_id == agency_id, _disclosed(agency_id, "fact", fact.c.id, case_id)),
        )
        .order_by(fact.c.subject, fact.c.at, fact.c.id)
    )
    return {row.key: row.value for row in connection.execute(query)}


def newest_fact_ids(
    connection: Connection, *, case_id: str, agency_id: str, keys: Iterable[str], subject: str = ""
) -> list[str]:
    """The ids of the newest facts under these keys that the agency may see: what a document of its discloses."""
    query = (
        select(fact.c.id, fact.c.key)
        .where(
            fact.c.case_id == case_id,
            fact.c.key.in_(list(keys)),
            fact.c.subject.in_(["", subject]),
            or_(fact.c.agency_id == agency_id, _disclosed(agency_id, "fact", fact.c.id, case_id)),
        )
        .order_by(fact.c.subject, fact.c.at, fact.c.id)
    )
    return list({row.key: row.id for row in connection.execute(query)}.values())


def put_rows(
    connection: Connection, kind: str, *, case_id: str, agency_id: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write parties or items, matched by `code`; an agency changes only rows it may see (checked by the caller).

    An item that another case shows here is described there.
    """
    target = _ROWS[kind]
    elsewhere = shown_codes(connection, case_id) if kind == "items" else set()
    for data in rows:
        code = str(data["code"])
        if code in elsewhere:
            continue
        known = connection.execute(
            select(target.c.id, target.c.data).where(target.c.case_id == case_id, target.c.code == code)
        ).first()
        if known is None:
            row = {
                "id": new_id(),
                "case_id": case_id,
                "code": code,
                "agency_id": agency_id,
                "data": dict(data),
            }
            connection.execute(insert(target).values(**row))
        else:
            merged = {**known.data, **data}
            connection.execute(update(target).where(target.c.id == known.id).values(data=merged))


def shown_codes(connection: Connection, case_id: str) -> set[str]:
    """The codes under which items of other cases are shown in this one."""
    query = select(case_move.c.to_code).where(case_move.c.to_case == case_id, case_move.c.kind == "items")
    return set(connection.execute(query).scalars())


def rows_seen(connection: Connection, kind: str, *, case_id: str, agency_id: str) -> list[dict[str, Any]]:
    """The parties or items of a case the agency produced or was shown, by code."""
    target = _ROWS[kind]
    query = (
        select(target.c.data)
        .where(
            target.c.case_id == case_id,
            or_(target.c.agency_id == agency_id, _disclosed(agency_id, kind, target.c.code, case_id)),
        )
        .order_by(target.c.code)
    )
    own = [row.data for row in connection.execute(query)]
    shown = items_shown(connection, case_id=case_id, agency_id=agency_id) if kind == "items" else ()
    return [*own, *({**row.data, "code": row.to_code} for row in shown)]


def items_shown(connection: Connection, *, case_id: str, agency_id: str) -> Sequence[Record]:
    """The items of other cases that a split or a join shows in this one, as far as the agency may see them.

    Each has its own id and case, and the code it has here: it stays in the case in which it was seized.
    """
    query = (
        select(item.c.id, item.c.case_id, item.c.agency_id, item.c.data, case_move.c.to_code)
        .join(case_move, case_move.c.reference == item.c.id)
        .where(
            case_move.c.to_case == case_id,
            case_move.c.kind == "items",
            or_(item.c.agency_id == agency_id, _disclosed(agency_id, "items", case_move.c.to_code, case_id)),
        )
    )
    return connection.execute(query.order_by(case_move.c.to_code)).all()


def codes_seen(connection: Connection, kind: str, *, case_id: str, agency_id: str, codes: Iterable[str]) -> set[str]:
    """Which of these parties or items the agency produced or was shown."""
    target = _ROWS[kind]
    query = select(target.c.code).where(
        target.c.case_id == case_id,
        target.c.code.in_(list(codes)),
        or_(target.c.agency_id == agency_id, _disclosed(agency_id, kind, target.c.code, case_id)),
    )
    return set(connection.execute(query).scalars())


def taken_codes(connection: Connection, kind: str, case_id: str) -> dict[str, str]:
    """Which agency produced each code in a case: a row hidden from an agency must not be overwritten by it.

    A code that went to another case with its party, or under which another case's item is shown, stays taken.
    """
    target = _ROWS[kind]
    query = select(target.c.code, target.c.agency_id).where(target.c.case_id == case_id)
    moved = select(case_move.c.from_code, case_link.c.agency_id).join(case_link).where(case_move.c.from_case == case_id)
    shown = select(case_move.c.to_code, case_link.c.agency_id).join(case_link).where(case_move.c.to_case == case_id)
    every = [part.where(case_move.c.kind == kind) for part in ((moved, shown) if kind == "items" else (moved,))]
    taken = {row[0]: row[1] for part in every for row in connection.execute(part)}
    return taken | {row.code: row.agency_id for row in connection.execute(query)}


def disclose(
    connection: Connection,
    *,
    case_id: str,
    agency_id: str,
    kind: str,
    references: Iterable[str],
    transfer_id: str | None,
    at: datetime,
) -> None:
    """Note that an agency has been shown these facts, parties, items or documents."""
    shared = {"case_id": case_id, "agency_id": agency_id, "kind": kind, "transfer_id": transfer_id, "at": at}
    rows = [{"id": new_id(), "reference": reference, **shared} for reference in dict.fromkeys(references)]
    if rows:
        connection.execute(insert_or(connection, disclosure).on_conflict_do_nothing(), rows)


def newest_of_parties(connection: Connection, *, case_ids: Iterable[str], key: str) -> dict[tuple[str, str], Any]:
    """The newest value said under a key of each party of these cases, whoever said it, by case and code."""
    query = select(fact.c.case_id, fact.c.subject, fact.c.value).where(
        fact.c.case_id.in_(list(case_ids)), fact.c.key == key, fact.c.subject != ""
    )
    rows = connection.execute(query.order_by(fact.c.at, fact.c.id)).all()
    return {(row.case_id, row.subject): row.value for row in rows}


def names_seen(
    connection: Connection, *, agency_id: str, about: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """The names of parties, by case and code, as far as the agency produced them or was shown them."""
    wanted = set(about)
    if not wanted:
        return {}
    query = select(party.c.case_id, party.c.code, party.c.data).where(
        party.c.case_id.in_({case_id for case_id, _ in wanted}),
        party.c.code.in_({code for _, code in wanted}),
        or_(party.c.agency_id == agency_id, _disclosed(agency_id, "parties", party.c.code, party.c.case_id)),
    )
    rows = connection.execute(query).all()
    return {(row.case_id, row.code): str(row.data.get("name") or row.code) for row in rows}


def cases_of_party(connection: Connection, agency_id: str, words: str) -> Select[tuple[str]]:
    """The query for the cases with a party whose name contains the words and which the agency recorded or was shown."""
    return select(party.c.case_id).where(
        text_in(connection, party.c.data, "name").contains(words, autoescape=True),
        or_(party.c.agency_id == agency_id, _disclosed(agency_id, "parties", party.c.code, party.c.case_id)),
    )


def count_typed(connection: Connection, case_id: str) -> Sequence[Record]:
    """Every fact of a case in the order it was said: key, value, agency, task, and of whom."""
    query = select(fact.c.key, fact.c.value, fact.c.agency_id, fact.c.task_id, fact.c.subject).where(
        fact.c.case_id == case_id
    )
    return connection.execute(query.order_by(fact.c.at, fact.c.id)).all()
