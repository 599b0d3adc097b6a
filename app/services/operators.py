"""What service tasks can do: the closed list of operators. Each is a task whose clerk is the machine.

The work has three parts, so that no rendering happens inside a database transaction: `prepare` (writes down what is
needed, numbers included), the making itself, and `finish` (stores the result and completes the task in one
transaction). A retry finds what `prepare` wrote and goes on with the same number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.catalogue.documents import DocumentTemplate, collect
from app.domain.errors import Invalid, NotFound
from app.domain.numbering import format_number, placeholders, takes_serial
from app.services import steps
from app.services.facts import document_context
from app.services.work import Actor, Work
from app.storage import audit, documents, tasks
from app.storage.database import Record

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Renderer(Protocol):
    """Turns a template and its data into the bytes of a PDF."""

    def render_document(
        self,
        *,
        template: DocumentTemplate,
        layouts: Mapping[str, str],
        data: Mapping[str, Any],
        created: datetime,
        attached: Mapping[str, bytes] | None = None,
        seconds: int = 0,
    ) -> bytes:
        """Render, with files attached by name, in so many seconds or the usual ones; raises Invalid."""
        ...

    def is_busy(self) -> bool:
        """Whether a document is being rendered, for which another one would have to wait."""
        ...


@dataclass(frozen=True, kw_only=True)
class Order:
    """A document to be rendered: everything the renderer needs, nothing of the database.

    `attached` are files it carries, by name; `seconds` is the time it may take, when that is more than is usual.
    """

    document_id: str
    template: DocumentTemplate
    layouts: Mapping[str, str]
    data: Mapping[str, Any]
    created: datetime
    attached: Mapping[str, bytes] = field(default_factory=dict)
    seconds: int = 0


def prepare_document(work: Work, *, task_id: str, parameters: Mapping[str, Any]) -> Order | None:
    """Take the number and note the data of a document that a service task issues; None when it is issued already."""
    task = _open_task(work, task_id)
    if task is None:
        return None
    instance = steps.load_instance(work, task.process_id)
    bundle = instance.edition.bundle
    code = str(parameters.get("document", ""))
    if code not in bundle.documents:
        raise NotFound(f"流程中没有文书 {code}", f"The process has no document {code}", at=code)
    template = bundle.documents[code]
    known = documents.document_of_task(work.connection, task_id)
    if known is None:
        data = _data_of(work, instance, template)
        known_id = documents.add_document(
            work.connection, **_numbered(work, instance.row, template, data), task_id=task_id, bundle_hash=bundle.hash
        )
        known = documents.get_document(work.connection, known_id)
        if known is None:
            raise NotFound(at=known_id)
    return Order(
        document_id=known.id,
        template=template,
        layouts=bundle.layouts,
        data=known.data,
        created=known.created_at,
    )


def finish_document(work: Work, *, task_id: str, order: Order, sha256: str, size: int) -> None:
    """Note the document as issued and complete its task, in one transaction."""
    task = _open_task(work, task_id)
    document = documents.get_document(work.connection, order.document_id)
    if task is None or document is None:
        return
    instance = steps.load_instance(work, task.process_id)
    documents.finish_document(work.connection, document.id, sha256=sha256, size=size, at=work.now)
    tasks.close_task(work.connection, task_id, state="done", at=work.now, by=None)
    audit.note(
        work.connection,
        action="issued",
        at=work.now,
        case_id=task.case_id,
        process_id=task.process_id,
        agency_id=task.agency_id,
        element=task.element,
        detail={"document": document.id, "code": document.code, "number": document.number, "sha256": sha256},
    )
    steps.complete(
        work,
        instance,
        engine_task=task.engine_task,
        actor=Actor(agency_id=task.agency_id),
        result={
            "id": document.id,
            "number": document.number,
            "date": document.date,
            "serial": str(document.serial or ""),
        },
    )


def _open_task(work: Work, task_id: str) -> Record | None:
    task = tasks.get_task(work.connection, task_id)
    return task if task is not None and task.state == "open" else None


def _data_of(work: Work, instance: steps.Instance, template: DocumentTemplate) -> dict[str, Any]:
    context = document_context(work, instance, template)
    return {**context, **collect(template, context)}


def _numbered(work: Work, process: Record, template: DocumentTemplate, data: dict[str, Any]) -> dict[str, Any]:
    day = _day_of(template, data, work.now)
    agency = work.agency(process.agency_id)
    serial = None
    number = ""
    series = template.series
    if template.number:
        above = {name: data.get(name) for name in ("case_number", "parent") if name in placeholders(template.number)}
        if takes_serial(template.number):
            series = f"{series}/{above['parent']}" if "parent" in above else series
            serial = documents.take_number(work.connection, agency_id=agency.id, series=series, year=day.year)
        values = {**agency.details, "short": agency.short, "unit": agency.unit, "year": day.year, "serial": serial}
        number = format_number(template.number, **{**values, **above})
    return {
        "case_id": process.case_id,
        "agency_id": agency.id,
        "code": template.code,
        "title": template.title,
        "number": number,
        "series": series,
        "year": day.year,
        "serial": serial,
        "date": day.isoformat(),
        "data": {**data, "number": number, "date": day.isoformat(), "title_en": template.title_en or template.title},
        "created_at": work.now,
        "subject": process.subject,
    }


def _day_of(template: DocumentTemplate, data: Mapping[str, Any], now: datetime) -> date:
    if template.date and data.get(template.date):
        try:
            return date.fromisoformat(str(data[template.date])[:10])
        except ValueError:
            raise Invalid("文书日期不是有效日期", "The document's date is not a date", at=template.date) from None
    return now.astimezone(SHANGHAI).date()
