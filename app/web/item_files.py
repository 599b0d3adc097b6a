"""Files of an item on its page: shown, linked, withdrawn; and the trails of a case exported together with the files."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from app.domain.access import Officer
from app.domain.content_types import FLAGS
from app.domain.errors import Conflict, Invalid, XianjieError
from app.domain.item_files import CONTENT, PHOTO, ROLES, SHOWS
from app.services import custody_export, custody_files
from app.services.custody import agency_key
from app.services.custody_bundle import pack
from app.services.custody_files import ItemFiles, Linked
from app.services.files import is_small
from app.services.names import Names
from app.services.work import Work
from app.web.errors import said, status_of
from app.web.house import house
from app.web.language import t
from app.web.presenters import row_dict, size_words
from app.web.security import me, officer_required

blueprint = Blueprint("item_files", __name__)
_LONGEST = 1000


@blueprint.get("/cases/<case_id>/items/<code>/files")
@officer_required
def show(case_id: str, code: str) -> Any:
    """The files of an item on a page of their own."""
    with house().work(read_only=True) as work:
        return _page(work, case_id, code)


@blueprint.get("/cases/<case_id>/items/<code>/files/list")
@officer_required
def listing(case_id: str, code: str) -> Any:
    """The files of an item as a fragment of its page, fetched again when an upload has ended."""
    with house().work(read_only=True) as work:
        return render_template("_item_file_list.html", **_context(work, me(), case_id, code))


@blueprint.post("/cases/<case_id>/items/<code>/files")
@officer_required
def link(case_id: str, code: str) -> Any:
    """Link a file of the case to the item."""
    given = {key: request.form.get(key, "").strip()[:_LONGEST] for key in ("file", "role", "shows")}
    shows = given["shows"] if given["role"] == PHOTO else ""
    try:
        if not given["file"]:
            raise Invalid("请选择文件", "Choose a file", at="file")  # noqa: TRY301 - one answer for all
        with house().work(read_only=True) as work:
            measured = custody_files.measure(work, me(), case_id, code, given["file"], role=given["role"])
        with house().work() as work:
            custody_files.link_file(
                work, me(), case_id, code, given["file"], role=given["role"], shows=shows, measured=measured
            )
    except (Invalid, Conflict) as refused:
        place = refused.at if refused.at in given else "file"
        return _refused(case_id, code, refused, field=f"link-{place}", values=given)
    flash(t("文件已关联", "The file is linked"), "ok")
    return redirect(_place(case_id, code))


@blueprint.post("/cases/<case_id>/items/<code>/files/<link_id>/withdraw")
@officer_required
def withdraw(case_id: str, code: str, link_id: str) -> Any:
    """Say that a link was wrong, and why."""
    why = request.form.get("why", "").strip()[:_LONGEST]
    try:
        with house().work() as work:
            custody_files.withdraw_link(work, me(), case_id, code, link_id, why=why)
    except (Invalid, Conflict) as refused:
        return _refused(case_id, code, refused, field=f"why-{link_id}", values={"why": why, "link": link_id})
    flash(t("已撤回，记录仍保留", "Withdrawn; the record of it is kept"), "warn")
    return redirect(_place(case_id, code))


@blueprint.get("/cases/<case_id>/custody.zip")
@officer_required
def export(case_id: str) -> Any:
    """Give the trails the agency may see with the files of their items, and the manifest that proves them."""
    reason = request.args.get("reason", "")
    with house().work(read_only=True) as work:
        plan = custody_export.plan_trail(work, me(), case_id, reason=reason)
    archive = pack(house().files, plan)
    with house().work() as work:
        custody_export.note_files(work, me(), plan, reason=reason)
    response = Response(archive.pieces(), content_type="application/zip")
    response.content_length = archive.size
    response.headers.set("Content-Disposition", "attachment", filename=f"custody-{plan.number}.zip")
    response.headers["Cache-Control"] = "no-store"
    return response


def files_panel(work: Work, officer: Officer, case_id: str, code: str) -> dict[str, Any]:
    """Give what the panel of the files takes on the page of an item, beside `case` and `item`."""
    return _panel(work, officer, custody_files.see_item_files(work, officer, case_id, code))


def _page(
    work: Work,
    case_id: str,
    code: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    values: Mapping[str, str] | None = None,
) -> str:
    context = {**_context(work, me(), case_id, code), "link_errors": errors, "link_values": values or {}}
    return render_template("item_files.html", **context)


def _refused(
    case_id: str, code: str, refused: XianjieError, *, field: str, values: Mapping[str, str]
) -> tuple[str, int]:
    with house().work(read_only=True) as work:
        errors = [{"field": field, "message": said(refused)}]
        return _page(work, case_id, code, errors=errors, values=values), int(status_of(refused))


def _context(work: Work, officer: Officer, case_id: str, code: str) -> dict[str, Any]:
    seen = custody_files.see_item_files(work, officer, case_id, code)
    name = seen.held.ledger.name or str(seen.held.row.data.get("name") or "")
    return {
        **_panel(work, officer, seen),
        "case": row_dict(seen.held.case),
        "item": {"code": code, "name": name},
    }


def _panel(work: Work, officer: Officer, seen: ItemFiles) -> dict[str, Any]:
    named = Names(work)
    closed = seen.pending is not None and seen.pending.state == "signing"
    return {
        "linked": [_linked(named, officer, one, closed=closed) for one in seen.linked],
        "others": [{"id": row.id, "title": row.title, "item_code": row.item_code or ""} for row in seen.others],
        "registered": [{"algorithm": one.algorithm, "value": one.value} for one in seen.registered],
        "register": _register(work, officer, seen) if not closed else None,
        "roles": [{"key": key, "zh": words[0], "en": words[1]} for key, words in ROLES.items()],
        "shows": [{"key": key, "zh": words[0], "en": words[1]} for key, words in SHOWS.items()],
        "likely": CONTENT if _lacks_content(seen) else PHOTO,
        "may_link": not closed,
        "most": size_words(house().config.max_file),
        "link_errors": [],
        "link_values": {},
    }


def _lacks_content(seen: ItemFiles) -> bool:
    category = seen.held.ledger.category or seen.held.row.data.get("category")
    has = any(one.link.role == CONTENT and one.link.why is None for one in seen.linked)
    return category == "电子数据" and not has


def _linked(named: Names, officer: Officer, one: Linked, *, closed: bool) -> dict[str, Any]:
    link, row = one.link, one.file
    agency = named.agency(link.agency_id)
    return {
        "id": link.id,
        "file_id": row.id,
        "title": row.title,
        "role": link.role,
        "role_words": t(*ROLES[link.role]),
        "shows_words": t(*SHOWS[link.shows]) if link.shows else "",
        "src": f"/files/{row.id}/picture" if is_small(row) else "",
        "width": row.width,
        "height": row.height,
        "size_words": size_words(row.size),
        "sha256": row.sha256,
        "flag": t(*FLAGS[row.flag]) if row.flag else "",
        "agency": agency.name if agency else "",
        "officer": named.officer(link.officer_id),
        "at": link.at,
        "handover_id": link.handover_id or "",
        "agrees": one.agrees,
        "why": link.why or "",
        "withdrawn_at": link.withdrawn_at,
        "withdrawn_by": named.officer(link.withdrawn_by) if link.withdrawn_by else "",
        "may_withdraw": link.why is None and link.agency_id == officer.agency_id and not closed,
    }


def _register(work: Work, officer: Officer, seen: ItemFiles) -> dict[str, str] | None:
    """Say where the hash of linked content is registered, while the trail has none and the officer may."""
    ledger = seen.held.ledger
    contents = [one.file.sha256 for one in seen.linked if one.link.role == CONTENT and one.link.why is None]
    if ledger.file or not contents:
        return None
    custodian = ledger.custodian
    key = agency_key(work, officer.agency_id)
    if ledger.seq and (custodian is None or key not in (custodian.agency, custodian.keeper)):
        return None
    action = "sealed" if ledger.seq else "seized"
    place = url_for(
        "custody.act_form", case_id=seen.held.case.id, code=seen.held.row.code, action=action, file=contents[0]
    )
    return {"href": place, "sha256": contents[0]}


def _place(case_id: str, code: str) -> str:
    return f"{url_for('custody.show', case_id=case_id, code=code)}#item-files"
