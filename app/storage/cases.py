"""Cases (案件), the agencies that take part in them, and who follows them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    Text,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from app.domain.errors import Conflict
from app.storage.database import Record, insert_or, new_id, table
from app.storage.facts import cases_of_party
from app.storage.types import Instant

case = table(
    "case",
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("charge", Text, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("opened_at", Instant, nullable=False, index=True),
    Column("opened_by", Text, ForeignKey("agency.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

participant = table(
    "participant",
    Column("case_id", Text, ForeignKey("case.id"), primary_key=True),
    Column("agency_id", Text, ForeignKey("agency.id"), primary_key=True, index=True),
    Column("kind", Text, nullable=False),
    Column("joined_at", Instant),
)

follower = table(
    "follower",
    Column("case_id", Text, ForeignKey("case.id"), primary_key=True),
    Column("officer_id", Text, ForeignKey("officer.id"), primary_key=True, index=True),
)


def open_case(connection: Connection, *, number: str, **values: Any) -> str:
    """Record a new case; give its id. Conflict when its number has been given to another meanwhile."""
    new = new_id()
    opened = insert_or(connection, case).values(id=new, number=number, state="open", version=1, **values)
    done = opened.on_conflict_do_nothing(index_elements=[case.c.number]).returning(case.c.id)
    if connection.execute(done).first() is None:
        raise Conflict(f"案件编号 {number} 刚被使用", f"Case number {number} has just been taken", at="number")
    return new


def get_case(connection: Connection, case_id: str) -> Record | None:
    """Find a case by id."""
    return connection.execute(select(case).where(case.c.id == case_id)).first()


def cases_by_id(connection: Connection, case_ids: Iterable[str]) -> dict[str, Record]:
    """Cases by id."""
    rows = connection.execute(select(case).where(case.c.id.in_(list(case_ids)))).all()
    return {row.id: row for row in rows}


def taking_part(connection: Connection, case_ids: Iterable[str], agency_id: str) -> set[str]:
    """Which of these cases have reached the agency."""
    query = select(participant.c.case_id).where(
        participant.c.case_id.in_(list(case_ids)),
        participant.c.agency_id == agency_id,
        participant.c.joined_at.is_not(None),
    )
    return set(connection.execute(query).scalars())


def case_by_number(connection: Connection, number: str) -> Record | None:
    """Find a case by its number."""
    return connection.execute(select(case).where(case.c.number == number)).first()


def change_case(connection: Connection, case_id: str, **values: Any) -> None:
    """Change columns of a case and count its version up."""
    connection.execute(update(case).where(case.c.id == case_id).values(version=case.c.version + 1, **values))


def last_number(connection: Connection, prefix: str) -> str | None:
    """The greatest case number that begins with the prefix."""
    query = select(func.max(case.c.number)).where(case.c.number.startswith(prefix, autoescape=True))
    return connection.execute(query).scalar()


def add_participant(connection: Connection, *, case_id: str, agency_id: str, kind: str, at: datetime | None) -> None:
    """Name an agency of a case: `at` is None until the case has reached it."""
    row = {"case_id": case_id, "agency_id": agency_id, "kind": kind, "joined_at": at}
    connection.execute(
        insert_or(connection, participant)
        .values(**row)
        .on_conflict_do_update(
            index_elements=list(participant.primary_key),
            set_={"joined_at": at},
            where=participant.c.joined_at.is_(None),
        )
    )


def participants(connection: Connection, case_id: str) -> Sequence[Record]:
    """The agencies named in a case, in the order in which it reached them."""
    query = select(participant).where(participant.c.case_id == case_id)
    return connection.execute(query.order_by(participant.c.joined_at, participant.c.kind)).all()


def participant_of_kind(connection: Connection, case_id: str, kind: str) -> Record | None:
    """The agency of that kind that acts in the case; the latest to join when there were several."""
    query = select(participant).where(participant.c.case_id == case_id, participant.c.kind == kind)
    return connection.execute(query.order_by(participant.c.joined_at.desc().nulls_last())).first()


def takes_part(connection: Connection, case_id: str, agency_id: str) -> bool:
    """Whether the case has reached the agency."""
    query = select(participant.c.case_id).where(
        participant.c.case_id == case_id,
        participant.c.agency_id == agency_id,
        participant.c.joined_at.is_not(None),
    )
    return connection.execute(query).first() is not None


def cases_of(
    connection: Connection, agency_id: str, *, words: str = "", limit: int = 50, offset: int = 0
) -> tuple[int, Sequence[Record]]:
    """Count and list the cases an agency takes part in whose number, name or charge contains the words.

    A case is found by the name of a party too, when the agency recorded that party or was shown it.
    """
    conditions = [participant.c.agency_id == agency_id, participant.c.joined_at.is_not(None)]
    if words:
        conditions.append(
            or_(
                *(column.contains(words, autoescape=True) for column in (case.c.number, case.c.name, case.c.charge)),
                case.c.id.in_(cases_of_party(connection, agency_id, words)),
            )
        )
    joined = select(case).join(participant, participant.c.case_id == case.c.id).where(*conditions)
    total = connection.execute(select(func.count()).select_from(joined.subquery())).scalar_one()
    rows = connection.execute(joined.order_by(case.c.opened_at.desc(), case.c.id).limit(limit).offset(offset)).all()
    return total, rows


def follow(connection: Connection, *, case_id: str, officer_id: str, on: bool) -> None:
    """Begin or stop following a case."""
    connection.execute(delete(follower).where(follower.c.case_id == case_id, follower.c.officer_id == officer_id))
    if on:
        connection.execute(insert(follower).values(case_id=case_id, officer_id=officer_id))


def follows(connection: Connection, *, case_id: str, officer_id: str) -> bool:
    """Whether the officer follows the case."""
    query = select(follower).where(follower.c.case_id == case_id, follower.c.officer_id == officer_id)
    return connection.execute(query).first() is not None


def followed_cases(connection: Connection, officer_id: str) -> Sequence[Record]:
    """The cases an officer follows."""
    query = select(case).join(follower, follower.c.case_id == case.c.id).where(follower.c.officer_id == officer_id)
    return connection.execute(query.order_by(case.c.opened_at.desc())).all()
