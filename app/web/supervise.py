"""What heads look at: the deadlines of the whole agency; and for everybody: the published processes."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from app.domain.errors import Forbidden
from app.services import detention, store_loans, supervision
from app.services.roles import supervises
from app.web.held_line import held_line
from app.web.house import house
from app.web.language import t
from app.web.presenters import task_rows
from app.web.security import me, officer_required
from app.web.store_loans import loan_row

blueprint = Blueprint("supervise", __name__)


@blueprint.get("/supervise")
@officer_required
def deadlines() -> Any:
    """What is late or soon due in the agency."""
    officer = me()
    days = request.args.get("days", 7, type=int)
    if days not in (7, 15, 30):
        abort(400)
    with house().work(read_only=True) as work:
        if not supervises(work, officer):
            raise Forbidden("期限监督由单位负责人查看", "Heads watch the deadlines of the agency")
        rows = supervision.due_tasks(work, officer, until=work.now + timedelta(days=days))
        return render_template(
            "supervise.html",
            days=days,
            tasks=task_rows(work, officer, rows),
            held=[held_line(held, work.now) for held in detention.custody_ending(work, officer)],
            by_officer=supervision.load(work, officer, rows),
            loans=[loan_row(work, row) for row in store_loans.overdue(work, officer)],
            incidents=[
                {
                    "id": row.id,
                    "sentence": t(f"后台任务失败：{row.error}", f"Background work failed: {row.error}"),
                    "case_id": row.case_id,
                    "case_number": number,
                    "at": row.created_at,
                }
                for row, number in supervision.incidents(work, officer)
            ],
        )


@blueprint.post("/supervise/incidents/<job_id>/retry")
@officer_required
def retry(job_id: str) -> Any:
    """Have failed work of the machine tried again."""
    with house().work() as work:
        supervision.retry_incident(work, me(), job_id)
    house().wake()
    flash(t("已重新安排后台任务", "The work will be tried again"), "ok")
    return redirect(url_for("supervise.deadlines"))


@blueprint.get("/processes")
@officer_required
def processes() -> Any:
    """The published processes."""
    with house().work(read_only=True) as work:
        return render_template("processes.html", processes=supervision.published(work), process=None)


@blueprint.get("/processes/<process>")
@officer_required
def process(process: str) -> Any:
    """One published process with its diagram."""
    with house().work(read_only=True) as work:
        rows = supervision.published(work)
    chosen = next((row for row in rows if row["process"] == process), None)
    if chosen is None:
        abort(404)
    shown = {**chosen, "src": url_for("cases.diagram", key=chosen["hash"])}
    return render_template("processes.html", processes=rows, process=shown)
