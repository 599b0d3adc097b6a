"""What becomes of answers: facts of the case, its parties and its items; what was said once is never asked again."""

from collections.abc import Mapping
from typing import Any

from app.domain.errors import InvalidAnswers
from app.services.work import Work
from app.storage import cases, facts
from app.storage.database import Record

ROW_KINDS = ("parties", "items")


def case_values(work: Work, case_id: str, agency_id: str, clean: Mapping[str, Any]) -> None:
    """Refuse rows that would collide: a code twice, or one that belongs to rows the agency may not see."""
    problems: dict[str, list[tuple[str, str]]] = {}
    for kind in ROW_KINDS:
        if kind not in clean:
            continue
        seen = {row["code"] for row in facts.rows_seen(work.connection, kind, case_id=case_id, agency_id=agency_id)}
        taken = facts.taken_codes(work.connection, kind, case_id)
        met: set[str] = set()
        for index, row in enumerate(clean[kind] or []):
            code = str(row.get("code") or "")
            if not code:
                problems[f"{kind}[{index}].code"] = [("请填写编号", "Give a code")]
            elif code in met or (code in taken and code not in seen):
                problems[f"{kind}[{index}].code"] = [
                    (f"编号 {code} 已被使用", f"Code {code} is already used in this case")
                ]
            met.add(code)
    if problems:
        raise InvalidAnswers(problems)


def keep_answers(
    work: Work,
    case: Record,
    *,
    agency_id: str,
    clean: Mapping[str, Any],
    task_id: str | None,
    officer_id: str | None,
    subject: str = "",
) -> None:
    """Write accepted answers down: rows to parties and items, the case's own name and charge, the rest as facts.

    `subject` is the party they are about, when they are about one.
    """
    for kind in ROW_KINDS:
        if clean.get(kind):
            facts.put_rows(work.connection, kind, case_id=case.id, agency_id=agency_id, rows=clean[kind])
    changed = {
        column: clean[key]
        for key, column in (("case_name", "name"), ("charge", "charge"))
        if clean.get(key) and clean[key] != getattr(case, column)
    }
    if changed:
        cases.change_case(work.connection, case.id, **changed)
    known = facts.facts_seen(work.connection, case_id=case.id, agency_id=agency_id, subject=subject)
    facts.add_facts(
        work.connection,
        case_id=case.id,
        agency_id=agency_id,
        facts={
            key: value
            for key, value in clean.items()
            if key not in ROW_KINDS and not (key in known and known[key] == value)
        },
        task_id=task_id,
        officer_id=officer_id,
        at=work.now,
        subject=subject,
    )
