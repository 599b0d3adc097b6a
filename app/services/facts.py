"""What a document is made of: everything the issuing agency may see of the case, in the words templates use."""

from typing import Any

from app.catalogue.documents import DocumentTemplate
from app.services import steps
from app.services.work import Work, plain_officer
from app.storage import cases, deadlines, documents, facts, officers
from app.storage.database import Record

SUSPECT = "犯罪嫌疑人"


def document_context(work: Work, instance: "steps.Instance", template: DocumentTemplate) -> dict[str, Any]:
    """Give the standard context of a document body, plain JSON, so that it can be kept beside the file."""
    process = instance.row
    seen = {"case_id": process.case_id, "agency_id": process.agency_id}
    case = cases.get_case(work.connection, process.case_id)
    parties = facts.rows_seen(work.connection, "parties", **seen)
    known = {**process.variables, **facts.facts_seen(work.connection, **seen)}
    named = officers_by_username(work, process.agency_id)
    return {
        **{key: named_officers(value, named) for key, value in known.items()},
        "case": {"number": case.number, "name": case.name, "charge": case.charge} if case else {},
        "case_name": case.name if case else "",
        "charge": case.charge if case else "",
        "agency": agency_words(work.agency(process.agency_id)),
        "recipient": {"name": recipient_name(work, process, template.recipient)},
        "copies_to": [recipient_name(work, process, kind) for kind in template.copies_to],
        "parties": parties,
        "suspects": [party for party in parties if SUSPECT in str(party.get("role", ""))],
        "units": [party for party in parties if party.get("kind") == "org"],
        "items": facts.rows_seen(work.connection, "items", **seen),
        "officers": [plain_officer(row) for row in named.values()],
        "issued": {
            row.code: {"number": row.number, "date": row.date, "title": row.title}
            for row in documents.documents_seen(work.connection, **seen)
        },
        "deadlines": {
            row.rule: {"due": row.due.isoformat() if row.due else None}
            for row in deadlines.deadlines_of_case(work.connection, process.case_id)
            if row.agency_id == process.agency_id
        },
    }


def officers_by_username(work: Work, agency_id: str) -> dict[str, Record]:
    """Give the officers of an agency by user name, which is how forms name them."""
    return {row.username: row for row in officers.officers_of(work.connection, agency_id)}


def named_officers(value: Any, named: dict[str, Record]) -> Any:
    """Put names in the place of user names in an answer that chose officers."""
    if isinstance(value, list):
        return [named_officers(entry, named) for entry in value]
    if isinstance(value, str) and value in named:
        return named[value].name
    return value


def agency_words(row: Record) -> dict[str, Any]:
    """Give an agency as documents show it."""
    return {"name": row.name, "short": row.short, "unit": row.unit, "head": row.head, **row.details}


def recipient_name(work: Work, process: Record, kind: str) -> str:
    """Give the name of the agency of a kind that takes part in the case, or the words the template gives."""
    participant = cases.participant_of_kind(work.connection, process.case_id, kind)
    return work.agency(participant.agency_id).name if participant else kind
