"""Tasks: the lists, one task with its form, and the ways it is claimed, drafted, checked and done."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from app.catalogue.preflight import KEY
from app.catalogue.wording import NOTHING
from app.domain.errors import Conflict, InvalidAnswers, XianjieError
from app.services import cases, handover_desk, preflight, tasks
from app.services.tasks import TaskView
from app.services.work import Work, officer_name
from app.web.errors import said, status_of
from app.web.house import house
from app.web.language import language, t
from app.web.preflight import panel, typed_reasons
from app.web.presenters import clock, document, task_row, transfer
from app.web.security import me, officer_required
from app.web.strict_json import json_object

blueprint = Blueprint("tasks", __name__)
TABS = ("mine", "pool", "done", "followed")


@blueprint.get("/")
@officer_required
def home() -> Any:
    """Lead to my tasks."""
    return redirect(url_for("tasks.listing"))


@blueprint.get("/tasks")
@officer_required
def listing() -> Any:
    """My tasks, the team's, done, or the cases I follow."""
    tab = request.args.get("tab", "mine")
    if tab not in TABS:
        raise BadRequest
    words = request.args.get("q", "").strip()
    custody = request.args.get("custody") == "1"
    officer = me()
    with house().work(read_only=True) as work:
        given: dict[str, Any] = {}
        if tab == "followed":
            given["cases"] = [
                row for row in cases.followed(work, officer) if not words or words in f"{row['number']} {row['name']}"
            ]
        else:
            rows = tasks.list_tasks(work, officer, scope=tab)
            given["tasks"] = [
                task_row(work, officer, row, holder=officer_name(work, row.officer_id))
                for row in rows
                if (not words or words in f"{row.case_number} {row.case_name} {row.name} {row.name_en}")
                and (not custody or row.custody)
            ]
        return render_template(
            "tasks.html",
            tab=tab,
            q=words,
            group=request.args.get("group", ""),
            custody="1" if custody else "",
            **given,
        )


@blueprint.get("/tasks/<task_id>")
@officer_required
def show(task_id: str) -> Any:
    """One task with its form; a task about a hand-over has the page of the hand-over."""
    with house().work(read_only=True) as work:
        view = tasks.see_task(work, me(), task_id)
        step = view.row.properties.get("handover")
        if step == handover_desk.LIST and view.row.state == "open":
            return redirect(url_for("handovers.listing", case_id=view.case.id, _anchor="begin"))
        if step and view.row.state == "open":
            return redirect(url_for("handovers.show", handover_id=handover_desk.handover_of(work, view.row)))
        return render_template("task.html", **_task_page(work, view))


@blueprint.post("/tasks/<task_id>/claim")
@officer_required
def claim(task_id: str) -> Any:
    """Claim a task; somebody who was faster is named in the row."""
    officer = me()
    asked_by_htmx = bool(request.headers.get("HX-Request"))
    try:
        with house().work() as work:
            tasks.claim_task(work, officer, task_id)
        lost, status = "", HTTPStatus.OK
    except Conflict as conflict:
        lost, status = said(conflict), HTTPStatus.CONFLICT
    if not asked_by_htmx:
        if lost:
            flash(lost, "warn")
        return redirect(url_for("tasks.show", task_id=task_id))
    with house().work(read_only=True) as work:
        view = tasks.see_task(work, officer, task_id)
        row = task_row(work, officer, view.row, holder=view.claimed_by, lost=lost)
        row |= {"case_number": view.case.number, "case_name": view.case.name}
        return make_response(render_template("_task_row.html", task=row), status)


@blueprint.post("/tasks/<task_id>/give-back")
@officer_required
def give_back(task_id: str) -> Any:
    """Give a task back to the pool."""
    with house().work() as work:
        tasks.give_back_task(work, me(), task_id, reason=request.form.get("reason", "")[:500])
    flash(t("已退回部门待领", "Given back to the team"), "ok")
    return redirect(url_for("tasks.listing"))


@blueprint.put("/tasks/<task_id>/draft")
@officer_required
def draft(task_id: str) -> Any:
    """Keep what has been typed so far."""
    with house().work() as work:
        saved = tasks.save_draft(work, me(), task_id, answers=_answers())
    return jsonify({"saved_at": saved.isoformat()})


@blueprint.post("/tasks/<task_id>/complete")
@officer_required
def complete(task_id: str) -> Any:
    """Do a task; before a legal act lead to the page where the answers are checked."""
    answers = _answers()
    with house().work() as work:
        view = tasks.see_task(work, me(), task_id)
        if view.row.properties.get("check") == "true" or (view.form is not None and preflight.has_checks(view)):
            tasks.check_answers(work, me(), task_id, answers=answers)
            tasks.save_draft(work, me(), task_id, answers=answers)
            return jsonify({"next": url_for("tasks.check", task_id=task_id)})
        tasks.complete_task(work, me(), task_id, answers=answers)
    house().wake()
    return jsonify({"next": url_for("tasks.done", task_id=task_id)})


@blueprint.post("/tasks/<task_id>/preflight")
@officer_required
def check_package(task_id: str) -> Any:
    """Keep the reasons for sending with warnings, and check the package again."""
    reasons = typed_reasons(request.form)
    with house().work() as work:
        view = tasks.see_task(work, me(), task_id)
        tasks.save_draft(work, me(), task_id, answers={**(view.row.draft or {}), KEY: reasons})
    if not request.headers.get("HX-Request"):
        return redirect(url_for("tasks.show", task_id=task_id, _anchor="preflight"))
    with house().work(read_only=True) as work:
        view = tasks.see_task(work, me(), task_id)
        return render_template(
            "_preflight_form.html", task=view.row, working=True, preflight=panel(work, view, view.row.draft or {})
        )


@blueprint.get("/tasks/<task_id>/check")
@officer_required
def check(task_id: str) -> Any:
    """Show the answers before a legal act."""
    with house().work(read_only=True) as work:
        view = tasks.see_task(work, me(), task_id)
        if view.row.state != "open":
            return redirect(url_for("tasks.show", task_id=task_id))
        return render_template("check.html", **_check_page(work, view), error=None)


@blueprint.post("/tasks/<task_id>/confirm")
@officer_required
def confirm(task_id: str) -> Any:
    """Do a task whose answers were checked, or one without a form."""
    try:
        with house().work() as work:
            view = tasks.see_task(work, me(), task_id)
            tasks.complete_task(work, me(), task_id, answers=_with_reasons(view))
    except XianjieError as refused:
        with house().work(read_only=True) as work:
            view = tasks.see_task(work, me(), task_id)
            sentence = _all_said(refused)
            if view.form is None or view.row.state != "open":
                flash(sentence, "warn")
                return redirect(url_for("tasks.show", task_id=task_id))
            page = render_template(
                "check.html", **_check_page(work, view, answers=_with_reasons(view)), error=sentence, refused=True
            )
        return page, int(status_of(refused))
    house().wake()
    return redirect(url_for("tasks.done", task_id=task_id))


@blueprint.get("/tasks/<task_id>/done")
@officer_required
def done(task_id: str) -> Any:
    """The receipt of a task done, and the way to the next one."""
    officer = me()
    with house().work(read_only=True) as work:
        view = tasks.see_task(work, officer, task_id)
        if view.row.state != "done":
            return redirect(url_for("tasks.show", task_id=task_id))
        follows = tasks.what_followed(work, officer, view)
        return render_template(
            "done.html",
            task=_task_words(work, view),
            at=view.row.closed_at,
            officer=officer_name(work, view.row.closed_by),
            documents=[document(row, work.agency(row.agency_id)) for row in follows.documents],
            next_task=follows.next_task,
            said=[
                *(
                    t(
                        f"已送交{work.agency(row.to_agency).name}：{row.name}",
                        f"Sent to {work.agency(row.to_agency).name}: {row.name_en}",
                    )
                    for row in follows.sent
                ),
                *(t(f"系统正在办理：{row.name}", f"The system is doing: {row.name_en}") for row in follows.machine),
            ],
        )


def _answers() -> dict[str, Any]:
    answers = json_object(request).get("answers")
    if not isinstance(answers, dict):
        raise BadRequest
    return answers


def _with_reasons(view: TaskView) -> dict[str, Any]:
    """Give the draft with the reasons that came with the page, over those kept before."""
    draft = dict(view.row.draft or {})
    reasons = typed_reasons(request.form)
    if reasons:
        draft[KEY] = {**(draft.get(KEY) or {}), **reasons}
    return draft


def _all_said(error: XianjieError) -> str:
    if isinstance(error, InvalidAnswers):
        return t("；", "; ").join(t(*sentence) for sentences in error.fields.values() for sentence in sentences)
    return said(error)


def _task_words(work: Work, view: TaskView) -> dict[str, Any]:
    row = task_row(work, me(), view.row, holder=view.claimed_by)
    return {**row, "case_number": view.case.number, "case_name": view.case.name}


def _task_page(work: Work, view: TaskView) -> dict[str, Any]:
    keys = set(view.form.keys) if view.form else set()
    # A part of the form may be shown only when an earlier fact says so: the page must know that fact too.
    read = keys | set(view.form.references) if view.form else keys
    data = {key: value for key, value in view.known.items() if key in read}
    parties = view.known.get("parties", [])
    draft = {key: value for key, value in (view.row.draft or {}).items() if key != KEY}
    signs_for = tasks.package_of(work, me(), view)
    arrived = None
    if signs_for is not None:
        papers = [document(row, None) for row in signs_for["documents"]]
        arrived = {**transfer(signs_for, me()), "documents": papers}
    return {
        "task": _task_words(work, view),
        "instructions": view.instructions[0],
        "instructions_en": view.instructions[1],
        "form": view.form.localized(language()) if view.form else None,
        "data": view.form.on_the_wall({**data, **draft}) if view.form else {},
        "preflight": panel(work, view, view.row.draft or {}),
        "options": view.options,
        "deadline": clock(view.deadline) if view.deadline else None,
        "known": tasks.known_in_words(work, view, skip=keys),
        "arrived": arrived,
        "case": {
            "charge": view.case.charge,
            "opened_at": view.case.opened_at,
            "opened_by": work.agency(view.case.opened_by).name,
            "parties": [party.get("name", "") for party in parties],
        },
    }


def _check_page(work: Work, view: TaskView, *, answers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    answers = answers if answers is not None else view.row.draft or {}
    shown = []
    if view.form:
        shown = _by_row(view.form.describe(answers, language(), options=view.options))
    return {
        "task": _task_words(work, view),
        "answers": shown,
        "consequences": [t(zh, en) for zh, en in tasks.consequences(view)],
        "deadline": clock(view.deadline) if view.deadline else None,
        "preflight": panel(work, view, answers),
    }


def _by_row(described: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Give one entry an answer, and one for a whole row of a list with what was filled in of it."""
    entries: dict[str, list[str]] = {}
    for label, text in described:
        row, in_row, field = label.rpartition(" · ")
        if not in_row:
            entries.setdefault(label, []).append(text)
        elif text != NOTHING:
            entries.setdefault(row, []).append(f"{field}{t('：', ': ')}{text}")
    joint = t("；", "; ")
    return [{"key": "", "label": label, "value": joint.join(texts)} for label, texts in entries.items()]
