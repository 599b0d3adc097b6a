"""What a split or a join does to the rows: what is about a person alone goes along, what is about the case is shown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from app.storage.cases import participant
from app.storage.custody import handover, handover_line
from app.storage.database import Record, insert_or, new_id
from app.storage.deadlines import deadline
from app.storage.documents import document
from app.storage.facts import disclosure, fact, item, party
from app.storage.jobs import job
from app.storage.processes import inbox, process
from app.storage.tasks import task
from app.storage.transfers import transfer

OF_PERSONS: tuple[Table, ...] = (process, task, deadline, document, fact)
"""The rows that say whom they are about."""


def carry_person(connection: Connection, *, from_case: str, code: str, to_case: str, to_code: str) -> None:
    """Take a party to another case with everything that is about that party alone; numbers and hours stay.

    The jobs of the machine follow their processes and tasks.
    """
    where = (party.c.case_id == from_case, party.c.code == code)
    data = {**connection.execute(select(party.c.data).where(*where)).scalar_one(), "code": to_code}
    connection.execute(update(party).where(*where).values(case_id=to_case, code=to_code, data=data))
    mine = {kind.name: (kind.c.case_id == from_case, kind.c.subject == code) for kind in OF_PERSONS}
    keys = [
        *connection.execute(select(process.c.id).where(*mine["process"])).scalars(),
        *connection.execute(select(task.c.id).where(*mine["task"])).scalars(),
    ]
    if keys:
        connection.execute(update(job).where(job.c.case_id == from_case, job.c.key.in_(keys)).values(case_id=to_case))
    for kind in OF_PERSONS:
        counted = {"version": kind.c.version + 1} if "version" in kind.c else {}
        connection.execute(update(kind).where(*mine[kind.name]).values(case_id=to_case, subject=to_code, **counted))


def carry_letter(connection: Connection, letter_id: str, *, to_case: str, payload: Mapping[str, Any]) -> None:
    """Take a letter that waits for a person's process to the case where that process is now."""
    connection.execute(update(inbox).where(inbox.c.id == letter_id).values(case_id=to_case, payload=dict(payload)))


def letters_waiting(connection: Connection, case_id: str) -> Sequence[Record]:
    """The letters of a case that nobody has taken."""
    query = select(inbox).where(inbox.c.case_id == case_id, inbox.c.taken_at.is_(None))
    return connection.execute(query.order_by(inbox.c.id)).all()


def processes_about(connection: Connection, case_id: str, codes: Iterable[str]) -> Sequence[Record]:
    """The instances of a case about these parties, held until the transaction ends."""
    query = select(process).where(process.c.case_id == case_id, process.c.subject.in_(list(codes)))
    return connection.execute(query.order_by(process.c.id).with_for_update()).all()


def change_state(connection: Connection, process_id: str, *, state: bytes, variables: Mapping[str, Any]) -> None:
    """Write the state of an instance whose person has another code now."""
    connection.execute(
        update(process)
        .where(process.c.id == process_id)
        .values(state=state, variables=dict(variables), version=process.c.version + 1)
    )


def copy_participants(connection: Connection, *, from_case: str, to_case: str) -> None:
    """Let the agencies of a case take part in another, since when they did."""
    rows = connection.execute(select(participant).where(participant.c.case_id == from_case)).all()
    for row in rows:
        kept = {**row._asdict(), "case_id": to_case}
        connection.execute(insert_or(connection, participant).values(**kept).on_conflict_do_nothing())


def copy_facts(
    connection: Connection, *, from_case: str, to_case: str, subject: str, but: Iterable[tuple[str, str]] = ()
) -> dict[str, str]:
    """Say in another case what is newest of the whole case, of the party `subject` or of that case as a whole.

    `but` are pairs of agency and key that are said there already. Gives the new ids by the old ones; who said it, in
    which task and when stays as it was.
    """
    rows = connection.execute(
        select(fact).where(fact.c.case_id == from_case, fact.c.subject == "").order_by(fact.c.at, fact.c.id)
    ).all()
    known = set(but)
    newest = {(row.agency_id, row.key): row for row in rows if (row.agency_id, row.key) not in known}
    ids = {row.id: new_id() for row in newest.values()}
    copies = [{**row._asdict(), "id": ids[row.id], "case_id": to_case, "subject": subject} for row in newest.values()]
    if copies:
        connection.execute(insert(fact), copies)
    return ids


def facts_about(connection: Connection, case_id: str, code: str) -> Sequence[Record]:
    """What was said of a party: id, agency, key and value, oldest first."""
    query = select(fact.c.id, fact.c.agency_id, fact.c.key, fact.c.value)
    return connection.execute(
        query.where(fact.c.case_id == case_id, fact.c.subject == code).order_by(fact.c.at, fact.c.id)
    ).all()


def documents_about(connection: Connection, case_id: str, code: str) -> Sequence[Record]:
    """The documents about a party: id and agency."""
    query = select(document.c.id, document.c.agency_id)
    return connection.execute(query.where(document.c.case_id == case_id, document.c.subject == code)).all()


def copy_disclosures(
    connection: Connection, *, from_case: str, to_case: str, kind: str, references: Mapping[str, str]
) -> None:
    """Show in another case to whom it was shown in this one; `references` are the new ones by the old."""
    if not references:
        return
    rows = connection.execute(
        select(disclosure).where(
            disclosure.c.case_id == from_case,
            disclosure.c.kind == kind,
            disclosure.c.reference.in_(list(references)),
        )
    ).all()
    copies = [
        {**row._asdict(), "id": new_id(), "case_id": to_case, "reference": references[row.reference]} for row in rows
    ]
    if copies:
        connection.execute(insert_or(connection, disclosure).on_conflict_do_nothing(), copies)


def open_packages(connection: Connection, case_id: str) -> Sequence[Record]:
    """The packages of a case for which nobody has signed, copies left out, each with whom its process is about."""
    query = (
        select(transfer.c.name, transfer.c.name_en, transfer.c.payload, process.c.subject)
        .join(process, process.c.id == transfer.c.process_id)
        .where(transfer.c.case_id == case_id, transfer.c.received_at.is_(None), transfer.c.copy == False)  # noqa: E712 - SQL, not Python
    )
    return connection.execute(query.order_by(transfer.c.id)).all()


def open_handovers(connection: Connection, case_id: str) -> Sequence[Record]:
    """The items of a case that are listed in a hand-over which has not ended: number, item and its description."""
    query = (
        select(handover.c.number, item.c.id, item.c.code, item.c.data)
        .join(handover_line, handover_line.c.handover_id == handover.c.id)
        .join(item, item.c.id == handover_line.c.item_id)
        .where(handover.c.case_id == case_id, handover.c.state.in_(("open", "signing")))
    )
    return connection.execute(query.order_by(handover.c.id, item.c.code)).all()


def tasks_about(connection: Connection, case_id: str, codes: Iterable[str]) -> Sequence[Record]:
    """The open tasks of a case about these parties: whose they are, of which kind, and how they are called."""
    query = select(task.c.subject, task.c.agency_id, task.c.kind, task.c.name, task.c.name_en)
    return connection.execute(
        query.where(task.c.case_id == case_id, task.c.state == "open", task.c.subject.in_(list(codes)))
    ).all()


def agencies_at_work(connection: Connection, case_id: str) -> set[str]:
    """The agencies that have an open task in a case."""
    return set(
        connection.execute(select(task.c.agency_id).where(task.c.case_id == case_id, task.c.state == "open")).scalars()
    )


def runs_in(connection: Connection, case_id: str, agency_id: str) -> bool:
    """Whether an agency has a running instance in a case."""
    query = select(process.c.id).where(
        process.c.case_id == case_id, process.c.agency_id == agency_id, process.c.ended_at.is_(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def items_with_codes(connection: Connection, case_id: str) -> Sequence[Record]:
    """The items of a case itself, by code."""
    return connection.execute(select(item).where(item.c.case_id == case_id).order_by(item.c.code)).all()


def parties_of_case(connection: Connection, case_id: str) -> Sequence[Record]:
    """Every party of a case, by code."""
    return connection.execute(select(party).where(party.c.case_id == case_id).order_by(party.c.code)).all()
