"""The statutory clocks of a case: started with a task, kept with their reasoning, recomputed with the calendar."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.deadlines import compute, parse_start
from app.domain.errors import Invalid
from app.services.library import Edition
from app.services.work import Work
from app.storage import audit, deadlines, processes, tasks
from app.storage.database import Record

SHANGHAI = ZoneInfo("Asia/Shanghai")


def functions_for(edition: Edition, now: datetime) -> Mapping[str, Callable[..., Any]]:
    """Give what expressions may ask of the law and the clock: `due(rule, start)`, `now()`, `today()`."""
    local = now.astimezone(SHANGHAI)

    def due(rule: str, start: str | None = None, custody: bool = False) -> str:  # noqa: FBT001, FBT002 - called from expressions
        computed = compute(
            edition.register.rule(rule),
            parse_start(start) if start else local,
            calendar=edition.calendar,
            custody=custody,
        )
        if computed.due is None:
            raise Invalid(f"期限 {rule} 无法计算", f"Limit {rule} cannot be computed", at=rule)
        return computed.due.isoformat()

    return {
        "due": due,
        "now": lambda: local.isoformat(timespec="seconds"),
        "today": lambda: local.date().isoformat(),
    }


def start_clock(
    work: Work,
    edition: Edition,
    *,
    process: Record,
    subject: str,
    task_id: str,
    rule: str,
    start: datetime | str,
    custody: bool,
) -> None:
    """Start the clock of a task and show its end on the task."""
    given = parse_start(start) if isinstance(start, str) else start.astimezone(SHANGHAI)
    result = compute(edition.register.rule(rule), given, calendar=edition.calendar, custody=custody)
    moment = given if isinstance(given, datetime) else datetime.combine(given, datetime.min.time(), SHANGHAI)
    deadlines.add_deadline(
        work.connection,
        case_id=process.case_id,
        process_id=process.id,
        task_id=task_id,
        agency_id=process.agency_id,
        rule=rule,
        start=moment,
        start_text=given.isoformat(),
        due=result.due,
        custody=custody,
        calendar=edition.calendar.version,
        reasoning=result.as_dict(),
        pauses=[],
        subject=subject,
    )
    tasks.set_due(work.connection, task_id, due=result.due, custody=custody)


def recompute(work: Work) -> int:
    """Recompute every running clock with the current calendar; give how many changed, each with an audit entry."""
    editions = {edition.bundle.process: edition for edition in work.library.all_current(work.connection)}
    if not editions:
        return 0
    calendar = next(iter(editions.values())).calendar
    changed = 0
    for row in deadlines.running_deadlines(work.connection):
        if row.calendar == calendar.version:
            continue
        edition = _edition_of(work, row)
        result = compute(
            edition.register.rule(row.rule), parse_start(row.start_text), calendar=calendar, custody=row.custody
        )
        values = {"due": result.due, "calendar": calendar.version, "reasoning": result.as_dict()}
        deadlines.change_deadline(work.connection, row.id, **values)
        if result.due == row.due:
            continue
        changed += 1
        if row.task_id:
            tasks.set_due(work.connection, row.task_id, due=result.due, custody=row.custody)
        audit.note(
            work.connection,
            action="deadline_recomputed",
            at=work.now,
            case_id=row.case_id,
            process_id=row.process_id,
            agency_id=row.agency_id,
            element=row.rule,
            detail={
                "from": row.due.isoformat() if row.due else None,
                "to": result.due.isoformat() if result.due else None,
                "calendar": calendar.version,
            },
        )
    return changed


def _edition_of(work: Work, row: Record) -> Edition:
    process = processes.get_process(work.connection, row.process_id)
    if process is None:
        raise Invalid("期限所属流程不存在", "The process of this clock is missing", at=row.process_id)
    return work.library.edition(work.connection, process.bundle_hash)
