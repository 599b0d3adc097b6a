"""Packages: those that came and wait for a signature, those that were sent, and the receipt."""

from collections.abc import Sequence
from typing import Any

from app.domain.access import Officer
from app.domain.errors import Conflict, NotFound
from app.services.names import Names
from app.services.work import Work, officer_name
from app.storage import audit, cases, tasks, transfers
from app.storage.database import Record


def transfer_view(work: Work, named: Names, row: Record) -> dict[str, Any]:
    """Give a package with its contents and its receipt."""
    return transfer_views(work, named, [row])[0]


def transfer_views(work: Work, named: Names, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Give packages with their contents and their receipts; the contents are read at once."""
    enclosed: dict[str, list[Record]] = {}
    for paper in transfers.enclosed_documents(work.connection, [row.id for row in rows]):
        enclosed.setdefault(paper.transfer_id, []).append(paper)
    return [_view(named, row, enclosed.get(row.id, [])) for row in rows]


def _view(named: Names, row: Record, papers: Sequence[Record]) -> dict[str, Any]:
    return {
        "row": row,
        "from": named.agency(row.from_agency),
        "to": named.agency(row.to_agency),
        "documents": papers,
        "sent_by": named.officer(row.sent_by),
        "received_by": named.officer(row.received_by),
    }


def arriving(work: Work, officer: Officer, *, unsigned_only: bool = True) -> Sequence[dict[str, Any]]:
    """The packages that came to the officer's agency, the newest first."""
    rows = transfers.arriving(work.connection, officer.agency_id, unsigned_only=unsigned_only)
    return [{**view, "task": signing_task(work, view["row"])} for view in transfer_views(work, Names(work), rows)]


def sent(work: Work, officer: Officer) -> Sequence[dict[str, Any]]:
    """The packages the officer's agency sent, the newest first."""
    return transfer_views(work, Names(work), transfers.sent(work.connection, officer.agency_id))


def see_transfer(work: Work, officer: Officer, transfer_id: str) -> dict[str, Any]:
    """Give a package the officer's agency sent or received."""
    row = transfers.get_transfer(work.connection, transfer_id)
    if row is None or officer.agency_id not in (row.from_agency, row.to_agency):
        raise NotFound("没有这个移送包", "No such package", at=transfer_id)
    return {**transfer_view(work, Names(work), row), "task": signing_task(work, row)}


def case_of(work: Work, row: Record) -> Record:
    """Give the case of a package."""
    case = cases.get_case(work.connection, row.case_id)
    if case is None:
        raise NotFound(at=row.case_id)
    return case


def signing_task(work: Work, row: Record) -> Record | None:
    """The open task of the receiver whose completion signs for the package, if its process has one."""
    if row.received_at is not None:
        return None
    for task in tasks.open_tasks_of_case(work.connection, row.case_id):
        if task.agency_id == row.to_agency and task.properties.get("receipt") == row.message:
            return task
    return None


def sign_for(work: Work, officer: Officer, transfer_id: str) -> Record:
    """Sign the receipt of a package; where a task signs for it, that task is the way and this is refused."""
    view = see_transfer(work, officer, transfer_id)
    row: Record = view["row"]
    if row.to_agency != officer.agency_id:
        raise Conflict("只有接收单位可以签收", "Only the receiving agency can sign for it", at=transfer_id)
    task = view["task"]
    if task is not None:
        raise Conflict(f"请在任务“{task.name}”中签收", f"Sign for it in the task “{task.name_en}”", at=task.id)
    if not transfers.sign_receipt(work.connection, transfer_id, officer_id=officer.id, at=work.now):
        who = officer_name(work, row.received_by)
        raise Conflict(f"该移送包已由{who}签收", f"{who} has signed for this package already", at=transfer_id)
    audit.note(
        work.connection,
        action="signed_receipt",
        at=work.now,
        case_id=row.case_id,
        process_id=row.process_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"transfer": transfer_id},
    )
    signed = transfers.get_transfer(work.connection, transfer_id)
    if signed is None:
        raise NotFound(at=transfer_id)
    return signed
