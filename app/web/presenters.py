"""Rows as templates and schemas like them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.domain.access import Officer
from app.domain.content_types import FLAGS
from app.services.names import Names
from app.services.persons import naming
from app.services.roles import role_names
from app.services.work import Work, officer_name
from app.storage.database import Record
from app.storage.deadlines import deadlines_of_tasks
from app.web.language import t
from app.web.urgency import urgency

_UNCONFIRMED = {
    "zh": "该条文尚未经法律专业人员核实，请以法律原文为准",
    "en": "Nobody learned in the law has confirmed this article yet; the text of the law decides",
}


def row_dict(row: Record) -> dict[str, Any]:
    """Give a row as a dictionary."""
    return row._asdict()


def roles_in_words(work: Work, roles: Iterable[str]) -> str:
    """Give the names of roles in the reader's language."""
    held = list(roles)
    names = role_names(work, held)
    return t("、", ", ").join(t(*names[role]) for role in held)


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
        "unconfirmed": unconfirmed(reasoning),
        "notes": reasoning.get("notes", []),
        "calendar": row.calendar,
        "steps": reasoning.get("steps", []),
        "pauses": reasoning.get("pauses", []),
    }


def task_rows(work: Work, officer: Officer, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Give tasks as rows of a list, each with whom it is about and the basis of its limit; four statements for all."""
    clocks = deadlines_of_tasks(work.connection, [row.id for row in rows])
    roles = role_names(work, {row.role for row in rows})
    person = naming(work, officer.agency_id, rows)
    named = Names(work)

    def shown(row: Record) -> dict[str, Any]:
        from_clock = clocks.get(row.id)
        holder = named.officer(row.officer_id)
        return {
            **row_dict(row),
            "person": person(row),
            "start": from_clock.start if from_clock else None,
            "basis": basis(from_clock) if from_clock else "",
            "claimed_by": holder,
            "mine": row.officer_id == officer.id,
            "may_work": row.role in officer.roles,
            "officer": holder,
            "role_name": roles[row.role][0],
            "role_name_en": roles[row.role][1],
            "check": row.properties.get("check") == "true",
            "lost": "",
        }

    return [shown(row) for row in rows]


def unconfirmed(reasoning: Mapping[str, Any]) -> dict[str, str] | None:
    """Say what a lawyer has still to confirm of a limit: the open points and why; None when it is read in the law."""
    if not reasoning.get("unconfirmed"):
        return None
    notes = reasoning.get("notes") or [_UNCONFIRMED]
    return {
        "points": " ".join(reasoning.get("open_points") or ()),
        "zh": "；".join(note["zh"] for note in notes),
        "en": "; ".join(note["en"] for note in notes),
    }


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


def document(row: Record, agency: Record | None, person: str = "") -> dict[str, Any]:
    """Give a document as a row of a list; `person` is the name of whom it is about."""
    return {
        **row_dict(row),
        "person": person,
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
