"""Documents: what is known of one, and its PDF."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request

from app.services import documents
from app.services.persons import naming
from app.services.work import officer_name
from app.web.house import house
from app.web.presenters import document
from app.web.security import me, officer_required

blueprint = Blueprint("documents", __name__)


@blueprint.get("/documents/<document_id>")
@officer_required
def show(document_id: str) -> Any:
    """What is known of a document, with its PDF beside it."""
    with house().work(read_only=True) as work:
        row = documents.see_document(work, me(), document_id)
        case = documents.case_of(work, me(), row)
        shown = {
            **document(row, work.agency(row.agency_id), naming(work, me().agency_id, [row])(row)),
            "officer": officer_name(work, row.officer_id),
            "case_id": case.id,
            "case_number": case.number,
            "case_name": case.name,
        }
        sent_to = [
            {"agency": work.agency(entry.to_agency).name, "sent_at": entry.sent_at, "received_at": entry.received_at}
            for entry in documents.handed_to(work, row)
        ]
    return render_template("document.html", document=shown, sent_to=sent_to)


@blueprint.get("/documents/<document_id>/file")
@officer_required
def file(document_id: str) -> Any:
    """The PDF, shown or saved; the reading is noted."""
    with house().work() as work:
        row, content = documents.read_document(work, me(), document_id)
    name = quote(f"{row.title}_{row.number or row.date}.pdf")
    how = "attachment" if request.args.get("download") else "inline"
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": f"{how}; filename=\"{row.code}.pdf\"; filename*=UTF-8''{name}"},
    )
