"""Items that a form listed come into custody with what the form says of them: nothing is typed twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.access import Officer
from app.domain.errors import Invalid, InvalidAnswers
from app.services import custody
from app.services.custody import Cause
from app.services.items_batch import prefilled
from app.services.work import Work
from app.storage import officers

FIELDS: Mapping[str, str] = {
    "document": "doc_no",
    "quantity": "qty",
    "place": "storage_place",
    "seal.number": "seal_no",
    "file": "hash",
}
"""Where an act and the row of a form speak of the same by different names."""

SHA256 = "SHA-256"


def take_in(
    work: Work,
    officer: Officer,
    case_id: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    beside: Sequence[str],
    why: str,
    document: str = "",
) -> list[str]:
    """Record the seizure of every listed item that no trail knows yet (CPL 141; MPS2020 229); give their codes.

    `beside` names further officers by id; `document` stands behind items whose row names none. Raises InvalidAnswers
    naming row and field (`items[0].qty`).
    """
    case = custody.hold(work, officer, case_id, [str(row["code"]) for row in rows])
    taken = []
    problems: dict[str, list[tuple[str, str]]] = {}
    for index, row in enumerate(rows):
        code = str(row["code"])
        if case[code].ledger.seq:
            continue
        told = prefilled(row)
        cause = Cause(why=why, document=told["document"] or document, beside=beside)
        try:
            custody.seize(
                work,
                officer,
                case_id,
                code,
                cause,
                kind="seizure" if told["document"] else "obtained",
                place=told["place"] or work.agency(officer.agency_id).name,
                seal=told["seal"],
                file=str(row.get("hash") or "") if row.get("hash_alg", SHA256) == SHA256 else "",
            )
        except Invalid as refused:
            field = FIELDS.get(refused.at, refused.at)
            problems[f"items[{index}].{field}"] = [(refused.zh, refused.en)]
        else:
            taken.append(code)
    if problems:
        raise InvalidAnswers(problems)
    return taken


def colleagues(work: Work, officer: Officer, usernames: Any) -> list[str]:
    """Give the ids of officers a form named by user name, without the acting one."""
    named = usernames if isinstance(usernames, list) else [usernames]
    rows = [officers.officer_by(work.connection, username=str(name)) for name in named if name]
    return [row.id for row in rows if row is not None and row.id != officer.id]
