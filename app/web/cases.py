"""Cases: found, started, followed, and shown with their live diagram."""

from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for

from app.domain.custody import ITEM_KINDS
from app.domain.errors import XianjieError
from app.services import case_view, cases, files, items
from app.services.items import STATES
from app.services.roles import may_keep, role_name
from app.services.work import Work
from app.storage.database import Record
from app.web.errors import said, status_of
from app.web.house import house
from app.web.items import CHIPS
from app.web.language import t
from app.web.presenters import (
    case_files,
    clock,
    diagram_state,
    document,
    row_dict,
    size_words,
    transfer,
)
from app.web.security import me, officer_required
from app.web.telling import tell

blueprint = Blueprint("cases", __name__)
SIZE = 30
FEW = 10
"""So many items are shown on the case itself; the list of items shows all."""


@blueprint.get("/cases")
@officer_required
def listing() -> Any:
    """Search the cases of my agency."""
    page = request.args.get("page", 1, type=int)
    if not 1 <= page <= 100_000:  # noqa: PLR2004 - no agency has so many pages
        abort(400)
    words = request.args.get("q", "")[:100]
    with house().work(read_only=True) as work:
        total, rows = cases.find_cases(work, me(), words=words, page=page, size=SIZE)
        shown = [cases.in_brief(work, me(), row) for row in rows]
    if total == 1 and words and page == 1 and words.strip() == shown[0]["number"]:
        return redirect(url_for("cases.show", case_id=shown[0]["id"]))
    return render_template("cases.html", q=words, cases=shown, total=total, page=page, size=SIZE)


@blueprint.get("/cases/<case_id>")
@officer_required
def show(case_id: str) -> Any:
    """One case: where it stands, who holds it, what it waits for and until when."""
    officer = me()
    with house().work(read_only=True) as work:
        view = case_view.see_case(work, officer, case_id)
        case: Record = view["case"]
        return render_template(
            "case.html",
            case={
                **row_dict(case),
                "opened_by": work.agency(case.opened_by).name,
                "custody": any(holder["custody"] for holder in view["holders"]),
            },
            followed=view["followed"],
            my_tasks=view["my_tasks"],
            stages=view["stages"],
            holders=[_holder(work, entry, officer.agency_id) for entry in view["holders"]],
            waits=_waits(view),
            incidents=[
                t(f"后台任务失败：{row.error}", f"Background work failed: {row.error}") for row in view["incidents"]
            ],
            diagrams=[_diagram(case.id, entry) for entry in _by_version(view["processes"])],
            deadlines=_limits(view["deadlines"]),
            parties=[_party(row) for row in view["parties"]],
            items=[_item(row) for row in view["items"]],
            item_sums=_item_sums(work, case_id, len(view["items"])),
            documents=[document(entry["row"], entry["agency"]) for entry in view["documents"]],
            files=case_files(work, files.files_of_case(work, officer, case_id)),
            most=size_words(house().config.max_file),
            transfers=[transfer(entry, officer) for entry in view["transfers"]],
            history=[tell(entry) for entry in reversed(view["history"]) if _is_a_step(entry)],
            startable=[
                {
                    "process": choice.edition.bundle.process,
                    "name": choice.edition.bundle.diagram.name,
                    "name_en": choice.edition.bundle.diagram.name_en,
                }
                for choice in view["startable"]
            ],
            typed_twice=view["typed_twice"],
        )


@blueprint.get("/cases/<case_id>/diagrams/<key>/state")
@officer_required
def state(case_id: str, key: str) -> Any:
    """Where the processes of a case stand that run one version, for its diagram."""
    with house().work(read_only=True) as work:
        found = [row for row in case_view.see_processes(work, me(), case_id) if row["row"].bundle_hash == key]
        if not found:
            abort(404)
        return jsonify(diagram_state(found, work.now))


@blueprint.get("/diagrams/<key>.bpmn")
@officer_required
def diagram(key: str) -> Any:
    """The diagram of a published version: the protocol is no secret of a case."""
    with house().work(read_only=True) as work:
        content = work.library.edition(work.connection, key).bundle.diagram.xml
    return Response(content, mimetype="application/xml", headers={"Cache-Control": "private, max-age=86400"})


@blueprint.post("/cases/<case_id>/follow")
@officer_required
def follow(case_id: str) -> Any:
    """Begin or stop following a case."""
    with house().work() as work:
        cases.follow_case(work, me(), case_id, on=request.form.get("on") == "1")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.get("/start")
@officer_required
def choose() -> Any:
    """Choose a process to start."""
    with house().work(read_only=True) as work:
        return render_template(
            "start.html", process=None, choices=[_choice(row) for row in cases.startable(work, me())]
        )


@blueprint.get("/start/<process>")
@officer_required
def start_form(process: str) -> Any:
    """Ask for the case and the agencies that take part."""
    with house().work(read_only=True) as work:
        return _start_page(work, process, request.args.get("case"), values={}, errors=[])


@blueprint.post("/start/<process>")
@officer_required
def start(process: str) -> Any:
    """Open a case, or start the process on one."""
    given = request.form
    try:
        with house().work() as work:
            case_id = given.get("case") or ""
            if case_id:
                cases.start_process(work, me(), case_id, process=process)
            else:
                case_id = cases.open_case(
                    work,
                    me(),
                    process=process,
                    name=given.get("name", "")[:200],
                    charge=given.get("charge", "")[:200],
                    number=given.get("number", "").strip()[:60] or None,
                    partners={
                        key.removeprefix("agency_"): value
                        for key, value in given.items()
                        if key.startswith("agency_") and value
                    },
                )
    except XianjieError as refused:
        with house().work(read_only=True) as work:
            errors = [{"field": refused.at, "message": said(refused)}]
            page = _start_page(work, process, given.get("case"), values=given.to_dict(), errors=errors)
        return page, int(status_of(refused))
    house().wake()
    flash(t("流程已发起", "The process has been started"), "ok")
    return redirect(url_for("cases.show", case_id=case_id))


def _start_page(work: Work, process: str, case_id: str | None, *, values: Any, errors: Any) -> str:
    officer = me()
    chosen = next((row for row in cases.startable(work, officer) if row.edition.bundle.process == process), None)
    if chosen is None:
        abort(404)
    case = cases.see_case_row(work, officer, case_id) if case_id else None
    return render_template(
        "start.html",
        process=_choice(chosen),
        case=row_dict(case) if case else None,
        agencies=[] if case else cases.partner_choices(work, officer, chosen, words=t),
        values=values,
        errors=errors,
    )


def _choice(row: cases.Startable) -> dict[str, Any]:
    diagram_ = row.edition.bundle.diagram
    pools = [pool for pool in diagram_.pools if pool.process_id != row.pool.process_id]
    return {
        "process": row.edition.bundle.process,
        "name": diagram_.name,
        "name_en": diagram_.name_en,
        "about": f"发起方：{row.pool.name}",
        "about_en": f"Started by: {row.pool.name_en}",
        "partners": t("、", ", ").join(t(pool.name, pool.name_en) for pool in pools),
    }


def _by_version(views: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give one process of each version: the pools of one diagram are shown together."""
    return list({view["row"].bundle_hash: view for view in reversed(views)}.values())[::-1]


def _diagram(case_id: str, view: dict[str, Any]) -> dict[str, Any]:
    key = view["row"].bundle_hash
    return {
        "key": key[:12],
        "name": view["name"],
        "name_en": view["name_en"],
        "src": url_for("cases.diagram", key=key),
        "state": url_for("cases.state", case_id=case_id, key=key),
    }


def _holder(work: Work, entry: dict[str, Any], agency_id: str) -> dict[str, Any]:
    role = role_name(work, entry["role"])
    return {
        **entry,
        "agency": entry["agency"].name,
        "role_name": role[0],
        "role_name_en": role[1],
        "start": entry["since"],
        "mine": entry["agency"].id == agency_id,
    }


def _waits(view: dict[str, Any]) -> list[dict[str, Any]]:
    dues = {holder["agency"].id: holder["due"] for holder in view["holders"] if holder["due"]}
    by_pool = {entry["pool"].process_id: entry["agency"] for entry in view["processes"]}
    return [
        {
            "agency": entry["agency"].name,
            "what": row["name"],
            "what_en": row["name_en"],
            "sender": t("、", ", ").join(
                by_pool[pool.process_id].name if pool.process_id in by_pool else t(pool.name, pool.name_en)
                for pool in row["from"]
            ),
            "due": next(
                (
                    dues[by_pool[pool.process_id].id]
                    for pool in row["from"]
                    if pool.process_id in by_pool and by_pool[pool.process_id].id in dues
                ),
                None,
            ),
        }
        for entry in view["processes"]
        for row in entry["waiting"]
        if row["from"]
    ]


def _is_a_step(entry: dict[str, Any]) -> bool:
    """Tell whether the history names an entry: not what is told by the task that signs, by a trail, or by nobody."""
    signed_in_task = entry["action"] == "signed_receipt" and any(entry["element"])
    # The trail of an item tells what happened to it, the steps of its process how a hand-over went.
    told_elsewhere = entry["action"] in ("read_document", "custody", "handover")
    return not told_elsewhere and not signed_in_task


def _limits(views: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what runs first, then what ended, the newest on top; tasks that share one limit are told once."""
    once = {(view["row"].rule, view["row"].due, view["row"].state, view["agency"].id): view for view in views}
    shown = [{**clock(view["row"]), "agency": view["agency"].name} for view in reversed(once.values())]
    return sorted(shown, key=lambda limit: limit["state"] != "running")


def _party(row: dict[str, Any]) -> dict[str, Any]:
    words = [row.get(key) for key in ("sex", "birth", "id_no", "uscc", "job", "address")]
    return {
        "code": row.get("code"),
        "name": row.get("name") or "",
        "role": row.get("role") or "",
        "detail": "，".join(str(word) for word in words if word),
        "custody": row.get("custody") or "",
    }


def _item_sums(work: Work, case_id: str, count: int) -> dict[str, Any]:
    sums = items.sums(work, me(), case_id)
    return {
        "all": count,
        "few": FEW,
        "unregistered": items.count_unregistered(work, me(), case_id),
        "keeper": may_keep(work, me()),
        "states": [
            {"key": key, "words": t(*words), "count": sums[key], "chip": CHIPS[key]}
            for key, words in STATES.items()
            if sums[key]
        ],
    }


def _item(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": row.get("code"),
        "name": row.get("name") or "",
        "category": t(row.get("category") or "", ITEM_KINDS.get(str(row.get("category")))),
        "quantity": f"{row.get('qty') or ''} {row.get('unit') or ''}".strip(),
        "holder": row.get("holder") or "",
        "place": row.get("storage_place") or "",
        "sha256": row.get("hash") or "",
    }
