"""What a document is made of: everything the issuing agency may see of the case, in the words templates use."""

from collections.abc import Mapping
from typing import Any

from app.catalogue.documents import DocumentTemplate
from app.domain.custody_handover import SIDES
from app.services import steps
from app.services.custody_papers import handover_of
from app.services.work import Work, plain_officer
from app.storage import agencies, cases, custody, deadlines, documents, facts, officers
from app.storage.database import Record

SUSPECT = "犯罪嫌疑人"


def document_context(work: Work, instance: "steps.Instance", template: DocumentTemplate) -> dict[str, Any]:
    """Give the standard context of a document body, plain JSON, so that it can be kept beside the file."""
    process = instance.row
    seen = {"case_id": process.case_id, "agency_id": process.agency_id}
    case = cases.get_case(work.connection, process.case_id)
    parties = facts.rows_seen(work.connection, "parties", **seen)
    known = {
        **process.variables,
        **facts.facts_seen(work.connection, **seen, subject=process.subject),
        **facts_of_party(work, process),
    }
    named = officers_by_username(work, process.agency_id)
    handover = handover_shown(work, process, template)
    standing = standing_of_items(work, process.case_id)
    return {
        **{key: named_officers(value, named) for key, value in known.items()},
        **({"handover": handover} if handover else {}),
        "case": {"number": case.number, "name": case.name, "charge": case.charge} if case else {},
        "case_name": case.name if case else "",
        "charge": case.charge if case else "",
        "agency": agency_words(work.agency(process.agency_id)),
        "recipient": {"name": recipient_name(work, process, template.recipient, handover)},
        "copies_to": [recipient_name(work, process, kind, handover) for kind in template.copies_to],
        "parties": parties,
        "suspects": [party for party in parties if SUSPECT in str(party.get("role", ""))],
        "units": [party for party in parties if party.get("kind") == "org"],
        "items": [
            {**row, "standing": standing.get(row["code"])} for row in facts.rows_seen(work.connection, "items", **seen)
        ],
        "officers": [plain_officer(row) for row in named.values()],
        "issued": {
            row.code: {"number": row.number, "date": row.date, "title": row.title}
            for row in documents.documents_seen(work.connection, **seen)
            if row.subject in ("", process.subject)
        },
        "deadlines": {
            row.rule: {"due": row.due.isoformat() if row.due else None}
            for row in deadlines.deadlines_of_case(work.connection, process.case_id)
            if row.agency_id == process.agency_id and row.subject in ("", process.subject)
        },
    }


def facts_of_party(work: Work, process: Record) -> dict[str, Any]:
    """Give what is known of the party a process is about, by the names of its row: `person_name`, `person_id_no` …."""
    if not process.subject:
        return {}
    rows = facts.rows_seen(work.connection, "parties", case_id=process.case_id, agency_id=process.agency_id)
    row = next((row for row in rows if row["code"] == process.subject), {})
    return {f"person_{key}": value for key, value in row.items()}


def standing_of_items(work: Work, case_id: str) -> dict[str, dict[str, str]]:
    """Give where the items in custody stand, by code: what is held, its place, its seal."""
    return {
        ledger["item"]: {
            "held": ledger["held"],
            "place": ledger["custodian"]["place"] if ledger["custodian"] else "",
            "seal": ledger["seal"]["number"] if ledger["seal"] else "",
        }
        for ledger in custody.ledgers_of_case(work.connection, case_id)
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


def handover_shown(work: Work, process: Record, template: DocumentTemplate) -> dict[str, Any] | None:
    """Give the hand-over a document uses, the one its process is about; None for a document without one."""
    if "handover" not in template.uses:
        return None
    return handover_of(
        work,
        process.variables.get("handover"),
        case_id=process.case_id,
        agency_id=process.agency_id,
        title=template.title,
    )


def recipient_name(work: Work, process: Record, kind: str, handover: Mapping[str, Any] | None = None) -> str:
    """Give the name of the agency of a kind that takes part in the case, or the words the template gives.

    Where the pools of a process are named by what they do, the recipient is such a pool: the hand-over knows its
    agency, or the process in its variable `to_<pool>` (the key of an agency).
    """
    if handover and kind in SIDES:
        return str(handover[kind]["name"])
    key = process.variables.get(f"to_{kind}")
    named = agencies.agency_by_key(work.connection, key) if isinstance(key, str) else None
    if named is not None:
        return str(named.name)
    participant = cases.participant_of_kind(work.connection, process.case_id, kind)
    return work.agency(participant.agency_id).name if participant else kind
