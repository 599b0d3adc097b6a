"""One act on many items: seize, seal, store, view, copy; all of it or nothing, every fault at its row and field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain.access import Officer
from app.domain.custody import read_text
from app.domain.custody_chain import Entry
from app.domain.custody_quantity import written
from app.domain.errors import Conflict, Forbidden, Invalid, InvalidAnswers, TooLarge
from app.domain.items import how_taken, sha256_of
from app.services import custody
from app.services.custody import Cause
from app.services.roles import require_keeper
from app.services.work import Work

MOST = 500
"""Items of one batch: what a person can look over on a page."""

Row = Mapping[str, str]
"""What is said of one item, by field; what is said of all stands in the cause and in `shared`."""

_OF_ALL = frozenset(("why", "beside"))
"""Said once for all rows, so a fault in it is told once."""

_OF_A_ROW = frozenset(("kind", "quantity", "unit", "document", "place", "seal", "state", "file", "at"))


def record(
    work: Work,
    officer: Officer,
    case_id: str,
    action: str,
    rows: Mapping[str, Row],
    cause: Cause,
    *,
    hours: Mapping[str, datetime] | None = None,
) -> list[Entry]:
    """Add an act to the trail of each item of `rows` (code → fields), in their order; give the new entries.

    A row's `document` and its hour in `hours` go before those of the cause. Raises InvalidAnswers, `<field>-<code>` →
    sentences (`<field>` alone for what is said of all, `row-<code>` for none of them), with every fault; the caller's
    transaction must then end.
    """
    if action not in BATCH:
        raise Invalid("这种操作不能批量记录", "This act is recorded item by item", at="action")
    if not rows:
        raise Invalid("请选择物品", "Choose items", at="items")
    if len(rows) > MOST:
        raise TooLarge(f"一次最多 {MOST} 件", f"At most {MOST} items at a time", at="items")
    custody.hold(work, officer, case_id, list(rows))  # locked in the order of codes, so that two batches never cross
    require_keeper(work, officer)
    faults: dict[str, list[tuple[str, str]]] = {}
    entries: list[Entry] = []
    for field, reason in _faults_of_all(work, officer, cause).items():
        faults[field] = [reason]
    for code, row in rows.items():
        own = replace(cause, document=row.get("document") or cause.document, at=(hours or {}).get(code, cause.at))
        try:
            entries.append(BATCH[action](work, officer, case_id, code, own, row))
        except (Invalid, Conflict, Forbidden) as refused:
            faults.setdefault(_place(refused.at, code, faults), []).append((refused.zh, refused.en))
    if faults:
        raise InvalidAnswers({at: sentences[:1] for at, sentences in faults.items()})
    return entries


def _place(at: str, code: str, faults: Mapping[str, object]) -> str:
    """Name the field of the page: one of all rows, one of this row, or the row when it is about none."""
    name = at.partition("[")[0]
    field = _FIELDS.get(name, name)
    if field in _OF_ALL or (field == "at" and "at" in faults):
        return field
    return f"{field if field in _OF_A_ROW else 'row'}-{code}"


_FIELDS = {"who": "beside", "seal.number": "seal", "seal.state": "state", "number": "seal", "to": "place"}


def _faults_of_all(work: Work, officer: Officer, cause: Cause) -> dict[str, tuple[str, str]]:
    checks: Sequence[tuple[str, Callable[[], object]]] = (
        ("why", lambda: read_text(cause.why, at="why", longest=500)),
        ("beside", lambda: custody.persons(work, officer, cause.beside)),
        ("at", lambda: custody.moment(work, cause.at)),
    )
    found = {}
    for field, check in checks:
        try:
            check()
        except Invalid as refused:
            found[field] = (refused.zh, refused.en)
    return found


def _seize(work: Work, officer: Officer, case_id: str, code: str, cause: Cause, row: Row) -> Entry:
    return custody.seize(
        work,
        officer,
        case_id,
        code,
        cause,
        place=row.get("place", ""),
        quantity=row.get("quantity", ""),
        unit=row.get("unit", ""),
        kind=row.get("kind", ""),
        seal=row.get("seal", ""),
        file=row.get("file", ""),
    )


def _seal(work: Work, officer: Officer, case_id: str, code: str, cause: Cause, row: Row) -> Entry:
    number, state = row.get("seal", ""), row.get("state", "")
    return custody.seal(work, officer, case_id, code, cause, number=number, state=state)


def _store(work: Work, officer: Officer, case_id: str, code: str, cause: Cause, row: Row) -> Entry:
    return custody.store(work, officer, case_id, code, cause, place=row.get("place", ""))


def _view(work: Work, officer: Officer, case_id: str, code: str, cause: Cause, _row: Row) -> Entry:
    return custody.view(work, officer, case_id, code, cause)


def _copy(work: Work, officer: Officer, case_id: str, code: str, cause: Cause, row: Row) -> Entry:
    return custody.copy(work, officer, case_id, code, cause, file=row.get("file", ""))


BATCH: Mapping[str, Callable[[Work, Officer, str, str, Cause, Row], Entry]] = {
    "seized": _seize,
    "sealed": _seal,
    "stored": _store,
    "viewed": _view,
    "copied": _copy,
}
"""The acts that many items can share."""


def prefilled(data: Mapping[str, Any]) -> dict[str, str]:
    """Give what a row says already of the seizure of its item, as the fields of the form; nothing is typed twice."""
    place = " ".join(str(data[key]) for key in ("storage_place", "shelf") if data.get(key))
    seized_at = str(data.get("seized_at") or "")
    return {
        "kind": how_taken(str(data.get("category") or "")),
        "quantity": _amount(data.get("qty")),
        "unit": str(data.get("unit") or ""),
        "document": str(data.get("doc_no") or ""),
        "place": place or str(data.get("account_no") or ""),
        "seal": str(data.get("seal_no") or ""),
        "file": sha256_of(data),
        "at": seized_at,
    }


def _amount(given: Any) -> str:
    if isinstance(given, float):
        return written(Decimal(repr(given)))
    return "" if given is None else str(given)
