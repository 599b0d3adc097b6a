"""The store of an agency: what lies where over all its cases, and many items put on a place in one act."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.domain.access import Officer
from app.domain.custody import ITEM_KINDS
from app.domain.errors import Conflict, Invalid, XianjieError
from app.domain.store_loan import days_overdue
from app.domain.store_place import PLACE_KINDS
from app.services import custody_views, store, store_places
from app.services.custody import Cause
from app.services.roles import keeps_store
from app.services.store import Query
from app.services.work import Work
from app.storage import officers
from app.storage.database import Record
from app.web.errors import said, status_of
from app.web.house import house
from app.web.language import t
from app.web.security import me, officer_required

blueprint = Blueprint("store", __name__)

LONGEST = 1000
_LAST_PAGE = 100_000


@blueprint.get("/store")
@officer_required
def show() -> Any:
    """The whole store, searched and filtered."""
    query = Query(
        words=request.args.get("q", "").strip()[:LONGEST],
        category=request.args.get("category", ""),
        place=request.args.get("place", ""),
        which=request.args.get("which", ""),
    )
    page = page_asked()
    with house().work(read_only=True) as work:
        officer = me()
        total, rows = store.see_store(work, officer, query, page=page)
        return render_template(
            "store.html",
            items=[item_row(row, today=store.today(work)) for row in rows],
            total=total,
            page=page,
            size=store.PAGE,
            query={"q": query.words, "category": query.category, "place": query.place, "which": query.which},
            href=f"{url_for('store.show')}?{urlencode(_asked(query))}&page=",
            categories=[{"key": key, "words": t(key, en)} for key, en in ITEM_KINDS.items()],
            places=place_choices(work, officer, open_only=False),
            may_keep=keeps_store(work, officer),
        )


@blueprint.get("/store/move")
@officer_required
def move_form() -> Any:
    """Ask where the chosen items go."""
    with house().work(read_only=True) as work:
        store_places.require_custodian(work, me())
        return _move_page(work, request.args.getlist("item"), values={}, errors=[])


@blueprint.post("/store/move")
@officer_required
def move() -> Any:
    """Put the chosen items on a place: one entry in the trail of each."""
    given, chosen = typed(), request.form.getlist("item")
    errors, status = missing(given, ("place", "why")), 422
    if not errors:
        try:
            with house().work() as work:
                officer = me()
                store_places.require_custodian(work, officer)
                cause = Cause(why=given["why"], document=given.get("document", ""), beside=_beside(given))
                despite = given.get("despite") == "yes"
                done = store.put_away(work, officer, chosen, cause, place=given["place"], despite=despite)
        except (Invalid, Conflict) as refused:
            errors, status = [placed(refused, ("place", "why", "document", "beside", "despite"))], status_of(refused)
        else:
            flash(t(f"{len(done)} 件物品已入库、移位", f"Items put on their place: {len(done)}"), "ok")
            return redirect(url_for("store.show"))
    with house().work(read_only=True) as work:
        return _move_page(work, chosen, values=given, errors=errors), int(status)


def _move_page(
    work: Work, chosen: Sequence[str], *, values: Mapping[str, str], errors: Sequence[Mapping[str, str]]
) -> str:
    officer = me()
    rows = store.see_kept(work, officer, chosen)
    warned = [one for error in errors if error["field"] == "despite" for one in _warned(work, rows, values)]
    return render_template(
        "store_move.html",
        items=[item_row(row, today=store.today(work)) for row in rows],
        places=place_choices(work, officer, open_only=True),
        colleagues=[{"id": row.id, "name": row.name} for row in _colleagues(work, officer)],
        values=values,
        errors=errors,
        warned=warned,
    )


def _warned(work: Work, rows: Sequence[Record], values: Mapping[str, str]) -> list[str]:
    spot = store_places.find_place(work, me(), values.get("place", ""))
    return [f"{one.item}: {t(*one.why)}" for one in store.warnings_for(rows, spot)]


def _beside(given: Mapping[str, str]) -> list[str]:
    return [given["beside"]] if given.get("beside") else []


def _colleagues(work: Work, officer: Officer) -> list[Record]:
    return [row for row in officers.officers_of(work.connection, officer.agency_id) if row.id != officer.id]


def borrowers(work: Work, officer: Officer, rows: Iterable[Record]) -> list[dict[str, Any]]:
    """Give who may borrow: the officers of the agencies of the items' cases, by agency."""
    groups: dict[str, dict[str, Any]] = {}
    for case_id in dict.fromkeys(row.case_id for row in rows):
        for group in custody_views.colleagues(work, officer, case_id):
            people = [{"id": row.id, "name": row.name} for row in group.officers]
            groups.setdefault(group.agency.id, {"agency": group.agency.name, "officers": people})
    return list(groups.values())


def item_row(row: Record, *, today: str) -> dict[str, Any]:
    """Give an item of the store as a row of a list."""
    special = store.demands(row)
    late = days_overdue(date.fromisoformat(row.due), date.fromisoformat(today)) if row.due else 0
    return {
        "id": row.item_id,
        "case_id": row.case_id,
        "case_number": row.case_number,
        "code": row.code,
        "name": row.name,
        "category": t(row.category, ITEM_KINDS.get(row.category)),
        "held": row.held,
        "unit": row.unit,
        "on_loan": row.on_loan if row.lent else "",
        "due": row.due or "",
        "late": late,
        "place": row.place_now,
        "place_code": row.place_code or "",
        "outside": row.place_id is None,
        "seal": row.seal,
        "special": {
            "words": t(special["zh"], special["en"]),
            "article": t(special["article"], special["article"].replace("；", "; ").replace("、", ", ")),
            "wrong": t(*special["wrong"]) if special["wrong"] else "",
        }
        if special
        else None,
    }


def place_choices(work: Work, officer: Officer, *, open_only: bool) -> list[dict[str, Any]]:
    """Give the places of the agency for a choice, in the order of the tree."""
    return [
        {
            "id": branch.row.id,
            "code": branch.row.code,
            "name": branch.row.full_name,
            "kind": t(*PLACE_KINDS[branch.row.kind]),
        }
        for branch in store_places.see_places(work, officer)
        if branch.row.state == "open" or not open_only
    ]


def typed() -> dict[str, str]:
    """Give what was typed, trimmed and not endless."""
    return {key: value.strip()[:LONGEST] for key, value in request.form.items()}


def missing(given: Mapping[str, str], wanted: Iterable[str]) -> list[dict[str, str]]:
    """Name every field that is empty at once."""
    words = t("必须填写", "This is required")
    return [{"field": field, "message": words} for field in wanted if not given.get(field)]


def placed(refused: XianjieError, known: Sequence[str]) -> dict[str, str]:
    """Put a refusal at the field of the form it is about, or at none."""
    name = {"who": "beside", "to": "place", "label": "place"}.get(
        refused.at.partition("[")[0], refused.at.partition("[")[0]
    )
    return {"field": name if name in known else "", "message": said(refused)}


def page_asked() -> int:
    """Give the page of a list that was asked for, 1 when it was none."""
    page = request.args.get("page", 1, type=int)
    return page if 1 <= page <= _LAST_PAGE else 1


def _asked(query: Query) -> dict[str, str]:
    given = {"q": query.words, "category": query.category, "place": query.place, "which": query.which}
    return {key: value for key, value in given.items() if value}
