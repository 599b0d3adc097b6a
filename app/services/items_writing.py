"""New items of a case, entered on a page or read from a table: the same rows that forms write."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.access import Officer
from app.domain.errors import InvalidAnswers
from app.domain.items import read_item
from app.services.answers import case_values, keep_answers
from app.services.cases import see_case_row
from app.services.work import Work
from app.storage import audit, facts
from app.storage.database import Record


def write_item(work: Work, officer: Officer, case_id: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Write one item down. Raises InvalidAnswers, field → sentences, with every fault; then nothing is stored."""
    case = see_case_row(work, officer, case_id)
    row = read_item(given)
    if row["code"] in facts.taken_codes(work.connection, "items", case.id):
        raise InvalidAnswers({"code": [code_taken(row["code"])]})
    keep_rows(work, officer, case, [row])
    return row


def keep_rows(work: Work, officer: Officer, case: Record, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows that have been checked and whose codes are new, as the answer of a form is written."""
    clean = {"items": [dict(row) for row in rows]}
    case_values(work, case.id, officer.agency_id, clean)
    keep_answers(work, case, agency_id=officer.agency_id, clean=clean, task_id=None, officer_id=officer.id)
    audit.note(
        work.connection,
        action="items_listed",
        at=work.now,
        case_id=case.id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"items": [row["code"] for row in rows], "title": f"{len(rows)}"},
    )


def code_taken(code: str) -> tuple[str, str]:
    """Say that a code is in use in the case, in both languages."""
    return (f"编号 {code} 在本案已被使用", f"Code {code} is already used in this case")
