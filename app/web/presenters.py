"""Rows as templates and schemas like them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.domain.access import Officer
from app.domain.content_types import FLAGS
from app.services.roles import role_name
from app.services.work import Work, officer_name
from app.storage.database import Record
from app.storage.deadlines import deadline_of_task
from app.web.language import t
from app.web.urgency import urgency


def row_dict(row: Record) -> dict[str, Any]:
    """Give a row as a dictionary."""
    return row._asdict()


def roles_in_words(work: Work, roles: Iterable[str]) -> str:
    """Give the names of roles in the reader's language."""
    return t("、", ", ").join(t(*role_name(work, role)) for role in roles)


def clock(row: Record) -> dict[str, Any]:
    """Give a running or ended clock with its reasoning, as the macro of the pages takes it."""
    reasoning: Mapping[str, Any] = row.reasoning
    return {
        "rule": row.rule,
        "name": reasoning.get("zh", row.rule),
        "name_en": reasoning.get("en", row.rule),
        "due": row.due,
        "start": row.start,
        "custody": row.custody,
        "state": row.state,
        "ended_at": row.ended_at,
        "late": bool(row.ended_at and row.due and row.ended_at > row.due),
        "article": reasoning.get("article", ""),
        "unconfirmed": reasoning.get("unconfirmed", False),
        "calendar": row.calendar,
        "steps": reasoning.get("steps", []),
        "pauses": reasoning.get("pauses", []),
    }


def task_row(work: Work, officer: Officer, row: Record, *, holder: str, lost: str = "") -> dict[str, Any]:
    """Give a task as a row of a list, with the basis of its limit."""
    from_clock = work_deadline(work, row.id)
    role = role_name(work, row.role)
    return {
        **row_dict(row),
        "start": from_clock.start if from_clock else None,
        "basis": basis(from_clock) if from_clock else "",
        "claimed_by": holder,
        "mine": row.officer_id == officer.id,
        "may_work": row.role in officer.roles,
        "officer": holder,
        "role_name": role[0],
        "role_name_en": role[1],
        "check": row.properties.get("check") == "true",
        "lost": lost,
    }


def work_deadline(work: Work, task_id: str) -> Record | None:
    """Give the clock of a task."""
    return deadline_of_task(work.connection, task_id)


def basis(row: Record) -> str:
    """Say on what a limit rests, in one sentence."""
    reasoning: Mapping[str, Any] = row.reasoning
    name = t(reasoning.get("zh", row.rule), reasoning.get("en", row.rule))
    article = reasoning.get("article", "")
    return f"{row.rule} {name} · {article}"


def diagram_state(views: Iterable[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """Give where the processes of one diagram stand: what was walked, what is open, what they wait for."""
    shown = list(views)
    return {
        "done": [element for view in shown for element in (*view["walked"], *view["done"])],
        "active": [
            {
                "id": entry["element"],
                "label": urgency(entry["due"], now).words if entry["due"] else "",
                "urgency": urgency(entry["due"], now).state,
            }
            for view in shown
            for entry in view["active"]
        ],
        "waiting": [entry["element"] for view in shown for entry in view["waiting"]],
    }


def document(row: Record, agency: Record | None) -> dict[str, Any]:
    """Give a document as a row of a list."""
    return {
        **row_dict(row),
        "title_en": row.data.get("title_en") or row.title,
        "agency": agency.name if agency else "",
    }


def case_files(work: Work, rows: Iterable[Record]) -> list[dict[str, Any]]:
    """Give files as rows of a list."""
    return [
        {
            **row_dict(row),
            "agency": work.agency(row.agency_id).name,
            "officer": officer_name(work, row.officer_id),
            "size_words": size_words(row.size),
            "flag": t(*FLAGS[row.flag]) if row.flag else "",
        }
        for row in rows
    ]


def size_words(size: int) -> str:
    """Write a number of bytes for a person: 812 B, 48.2 KB, 2.00 GB (binary multiples, as file managers count)."""
    value = float(size)
    for unit in ("B", "KB", "MB"):
        if value < 1024:  # noqa: PLR2004 - a unit holds as many of the one below
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.2f} GB"


def transfer(entry: Mapping[str, Any], officer: Officer) -> dict[str, Any]:
    """Give a package as a row of a list."""
    row: Record = entry["row"]
    task: Record | None = entry.get("task")
    return {
        **row_dict(row),
        "sender": entry["from"].name,
        "receiver": entry["to"].name,
        "sent_by": entry["sent_by"],
        "received_by": entry["received_by"],
        "documents": len(entry["documents"]),
        "task_id": task.id if task else None,
        "may_sign": row.to_agency == officer.agency_id and row.received_at is None,
        "contents": [
            {"label": paper.get("title", ""), "label_en": paper.get("title", ""), "value": paper.get("number", "")}
            for paper in row.attachments or []
            if isinstance(paper, dict)
        ],
    }
