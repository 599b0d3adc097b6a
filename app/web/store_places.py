"""Places of the store: the tree, and the forms that make, rename, move and close them."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from app.domain.errors import Conflict, Invalid
from app.domain.store_place import LEVELS, PLACE_KINDS
from app.services import store_places
from app.services.roles import keeps_store
from app.services.work import Work
from app.web.errors import said, status_of
from app.web.house import house
from app.web.language import t
from app.web.security import me, officer_required
from app.web.store import missing, placed, typed

blueprint = Blueprint("store_places", __name__)

_FIELDS = ("code", "name", "kind", "parent")


@blueprint.get("/store/places")
@officer_required
def listing() -> Any:
    """The places of the agency as a tree."""
    with house().work(read_only=True) as work:
        return _page(work)


@blueprint.post("/store/places")
@officer_required
def make() -> Any:
    """Make a place."""
    given = typed()
    errors, status = missing(given, ("code", "name")), 422
    if not errors:
        try:
            with house().work() as work:
                store_places.make_place(
                    work,
                    me(),
                    code=given["code"],
                    name=given["name"],
                    kind=given.get("kind", "ordinary"),
                    parent_id=given.get("parent") or None,
                )
        except (Invalid, Conflict) as refused:
            errors, status = [placed(refused, _FIELDS)], int(status_of(refused))
        else:
            flash(t(f"地点 {given['code']} 已设立", f"Place {given['code']} is there"), "ok")
            return redirect(url_for("store_places.listing"))
    with house().work(read_only=True) as work:
        return _page(work, values=given, errors=errors), status


@blueprint.get("/store/places/<place_id>")
@officer_required
def show(place_id: str) -> Any:
    """The form that changes a place."""
    with house().work(read_only=True) as work:
        store_places.require_custodian(work, me())
        return _page(work, place_id=place_id)


@blueprint.post("/store/places/<place_id>")
@officer_required
def change(place_id: str) -> Any:
    """Rename a place, change its kind or put it below another."""
    given = typed()
    errors, status = missing(given, ("name",)), 422
    if not errors:
        try:
            with house().work() as work:
                store_places.change_place(
                    work,
                    me(),
                    place_id,
                    name=given["name"],
                    kind=given.get("kind", ""),
                    parent_id=given.get("parent") or None,
                )
        except (Invalid, Conflict) as refused:
            errors, status = [placed(refused, _FIELDS)], int(status_of(refused))
        else:
            flash(t("地点已更改", "The place is changed"), "ok")
            return redirect(url_for("store_places.listing"))
    with house().work(read_only=True) as work:
        return _page(work, place_id=place_id, values=given, errors=errors), status


@blueprint.post("/store/places/<place_id>/close")
@officer_required
def close(place_id: str) -> Any:
    """Close a place without items."""
    try:
        with house().work() as work:
            store_places.close_place(work, me(), place_id)
    except Conflict as refused:
        return _refused(refused)
    flash(t("地点已关闭", "The place is closed"), "ok")
    return redirect(url_for("store_places.listing"))


@blueprint.post("/store/places/<place_id>/open")
@officer_required
def reopen(place_id: str) -> Any:
    """Open a closed place again."""
    try:
        with house().work() as work:
            store_places.reopen_place(work, me(), place_id)
    except Conflict as refused:
        return _refused(refused)
    flash(t("地点已重新启用", "The place is open again"), "ok")
    return redirect(url_for("store_places.listing"))


def _refused(refused: Conflict) -> Any:
    with house().work(read_only=True) as work:
        return _page(work, errors=[{"field": "", "message": said(refused)}]), int(status_of(refused))


def _page(
    work: Work,
    *,
    place_id: str = "",
    values: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> str:
    officer = me()
    place = None
    if place_id:
        row = store_places.see_place(work, officer, place_id)
        place = {"id": row.id, "code": row.code, "full_name": row.full_name}
        values = values or {"name": row.name, "kind": row.kind, "parent": row.parent_id or ""}
    branches = store_places.see_places(work, officer)
    return render_template(
        "store_places.html",
        branches=[
            {
                "id": branch.row.id,
                "code": branch.row.code,
                "name": branch.row.name,
                "full_name": branch.row.full_name,
                "level": t(*LEVELS[branch.depth - 1]),
                "depth": branch.depth,
                "kind": t(*PLACE_KINDS[branch.row.kind]),
                "closed": branch.row.state == "closed",
                "items": branch.items_below,
            }
            for branch in branches
        ],
        parents=[
            {"id": branch.row.id, "name": branch.row.full_name}
            for branch in branches
            if branch.depth < len(LEVELS) and branch.row.state == "open" and branch.row.id != place_id
        ],
        kinds=[{"key": key, "words": t(*words)} for key, words in PLACE_KINDS.items()],
        levels=t(" / ", " / ").join(t(*words) for words in LEVELS),
        place=place,
        may_keep=keeps_store(work, officer),
        values=values or {},
        errors=errors,
    )
