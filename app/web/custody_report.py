"""Papers of custody as PDF: the report on a case or an item, the record of an entry; long ones come from the worker."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for

from app.domain.errors import NotFound
from app.services import cases, printouts
from app.services.printouts import AT_ONCE, Progress
from app.web.house import house
from app.web.presenters import row_dict, size_words
from app.web.security import me, officer_required

blueprint = Blueprint("custody_report", __name__)

LONGEST_SEQ = 6


@blueprint.get("/cases/<case_id>/custody.pdf")
@officer_required
def of_case(case_id: str) -> Any:
    """The report on every item of a case the agency may see."""
    return _print(case_id, "", 0)


@blueprint.get("/cases/<case_id>/items/<code>/custody.pdf")
@officer_required
def of_item(case_id: str, code: str) -> Any:
    """The report on one item."""
    return _print(case_id, code, 0)


@blueprint.get("/cases/<case_id>/items/<code>/entries/<seq>/record.pdf")
@officer_required
def of_entry(case_id: str, code: str, seq: str) -> Any:
    """The record of one entry of an item's trail."""
    if not (seq.isascii() and seq.isdigit() and len(seq) <= LONGEST_SEQ and int(seq)):
        raise NotFound(f"{code} 没有这条保管记录", f"{code} has no such entry", at=code)
    return _print(case_id, code, int(seq))


@blueprint.get("/printouts/<printout_id>")
@officer_required
def show(printout_id: str) -> Any:
    """How far a printout is, and then the file; htmx asks for the state alone, again and again."""
    with house().work(read_only=True) as work:
        progress = printouts.see_printout(work, me(), printout_id)
        case = row_dict(cases.see_case_row(work, me(), progress.row.case_id))
        shown = _printout(progress)
    part = "_printout.html" if request.headers.get("HX-Request") else "printout.html"
    return Response(
        render_template(part, case=case, printout=shown), headers={"Cache-Control": "no-store"}, mimetype="text/html"
    )


@blueprint.get("/printouts/<printout_id>/file")
@officer_required
def file(printout_id: str) -> Any:
    """The PDF of a printout; taking it is noted."""
    with house().work() as work:
        row, content = printouts.read_printout(work, me(), printout_id)
    return _pdf(content, row.name)


def _print(case_id: str, code: str, seq: int) -> Any:
    """Give a short paper at once; lead to the progress of a long one, or of any while the renderer is busy."""
    with house().work(read_only=True) as work:
        wanted = printouts.paper(work, me(), case_id, code, seq)
    renderer = house().renderer
    if wanted.weight > AT_ONCE or renderer.is_busy():
        with house().work() as work:
            printout_id = printouts.ask(work, me(), wanted)
        house().wake()
        return redirect(url_for("custody_report.show", printout_id=printout_id), 303)
    content = renderer.render_document(
        template=wanted.template,
        layouts=wanted.layouts,
        data=wanted.data,
        created=wanted.created,
        attached=wanted.attached,
    )
    with house().work() as work:
        printouts.note_export(work, me(), wanted)
    return _pdf(content, wanted.name)


def _pdf(content: bytes, name: str) -> Response:
    how = "attachment" if request.args.get("download") else "inline"
    return Response(
        content,
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f"{how}; filename=\"custody.pdf\"; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
        },
    )


def _printout(progress: Progress) -> dict[str, Any]:
    row = progress.row
    return {
        "id": row.id,
        "case_id": row.case_id,
        "item": row.item,
        "seq": row.seq,
        "state": progress.state,
        "error": progress.error,
        "asked_at": row.asked_at,
        "made_at": row.made_at,
        "name": row.name,
        "trail": row.trail,
        "size": size_words(row.size) if row.size else "",
    }
