"""Issued documents: seen, and read as PDF; every reading is noted."""

from collections.abc import Sequence

from app.domain.access import Officer
from app.domain.errors import NotFound
from app.services.work import Work
from app.storage import audit, cases, documents, transfers
from app.storage.database import Record


def see_document(work: Work, officer: Officer, document_id: str) -> Record:
    """Give a document the officer's agency produced or was handed."""
    row = documents.get_document(work.connection, document_id)
    if row is None:
        raise NotFound("没有这份文书", "No such document", at=document_id)
    own = row.agency_id == officer.agency_id
    if row.state != "issued" or not (own or documents.was_shown(work.connection, document_id, officer.agency_id)):
        raise NotFound("没有这份文书", "No such document", at=document_id)
    return row


def read_document(work: Work, officer: Officer, document_id: str) -> tuple[Record, bytes]:
    """Give a document with its PDF, and note who read it."""
    row = see_document(work, officer, document_id)
    content = work.files.get(row.sha256)
    audit.note(
        work.connection,
        action="read_document",
        at=work.now,
        case_id=row.case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"document": document_id, "number": row.number},
    )
    return row, content


def case_of(work: Work, officer: Officer, row: Record) -> Record:
    """Give the case of a document, or the one in which the officer's agency was shown it."""
    for case_id in documents.cases_with(work.connection, row, officer.agency_id):
        case = cases.get_case(work.connection, case_id)
        if case is not None and cases.takes_part(work.connection, case_id, officer.agency_id):
            return case
    raise NotFound(at=row.case_id)


def handed_to(work: Work, row: Record) -> Sequence[Record]:
    """Give the packages a document went out in."""
    return transfers.transfers_with(work.connection, row.id)
