"""Labels with QR codes on sheets of A4: chosen, and given as PDF."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request

from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.store_label import SHEETS, read_sheet, read_start
from app.services import store_papers, store_places
from app.services.store_papers import Choice
from app.services.work import Work
from app.storage import cases, custody
from app.web.errors import status_of
from app.web.house import house
from app.web.language import t
from app.web.security import me, officer_required
from app.web.store import place_choices, placed
from app.web.store_takes import printed

blueprint = Blueprint("store_labels", __name__)

ALL = "all"


@blueprint.get("/store/labels")
@officer_required
def form() -> Any:
    """Choose what labels are printed for, and on which sheet."""
    with house().work(read_only=True) as work:
        return _page(work, request.args.to_dict(flat=False), errors=[])


@blueprint.post("/store/labels.pdf")
@officer_required
def sheets() -> Any:
    """The sheets of labels as PDF, to be printed at full size."""
    given = request.form.to_dict(flat=False)
    try:
        with house().work() as work:
            sheet = read_sheet(request.form.get("sheet", ""))
            start = read_start(request.form.get("start", "1"), sheet)
            paper = store_papers.label_paper(work, me(), _choice(work, given), sheet, start=start)
    except (Invalid, Conflict) as refused:
        with house().work(read_only=True) as work:
            return _page(work, given, errors=[placed(refused, ("sheet", "start"))]), int(status_of(refused))
    return printed(paper, name=t("标签", "labels") + ".pdf")


def _choice(work: Work, given: Mapping[str, Sequence[str]]) -> Choice:
    def one(key: str) -> str:
        return next((value.strip() for value in given.get(key, ()) if value.strip()), "")

    case_id = one("case")
    if number := one("case_number"):
        row = cases.case_by_number(work.connection, number)
        if row is None or not cases.takes_part(work.connection, row.id, me().agency_id):
            raise NotFound(f"没有案件 {number}", f"There is no case {number}", at=number)
        case_id = row.id
    places = [value for value in given.get("places", ()) if value]
    if places == [ALL]:
        places = [row.id for row in store_places.open_places(work, me())]
    return Choice(
        items=[value for value in given.get("item", ()) if value],
        place=one("place"),
        case=case_id,
        handover=one("handover"),
        places=places,
    )


def _page(work: Work, given: Mapping[str, Sequence[str]], *, errors: Sequence[Mapping[str, str]]) -> str:
    officer = me()
    choice = _choice(work, given)
    items = store_papers.chosen_items(work, officer, choice)
    places = store_papers.chosen_places(work, officer, choice.places)
    sheet = next(iter(given.get("sheet", ())), "3x8")
    return render_template(
        "store_labels.html",
        chosen=[{"code": row.code, "name": row.name, "case_number": row.case_number} for row in items]
        + [{"code": row.code, "name": row.full_name, "case_number": ""} for row in places],
        asked=bool(choice.items or choice.place or choice.case or choice.handover or choice.places),
        hidden=[("item", row.item_id) for row in items] + [("places", row.id) for row in places],
        sheets=[
            {
                "key": one.key,
                "words": t(
                    f"{one.columns} × {one.rows}，每张 {one.width:g} × {one.height:g} 毫米",
                    f"{one.columns} × {one.rows}, {one.width:g} × {one.height:g} mm each",
                ),
                "count": one.count,
            }
            for one in SHEETS.values()
        ],
        places=place_choices(work, officer, open_only=False),
        handovers=[
            {"id": row.id, "number": row.number}
            for row in custody.handovers_of_agency(work.connection, officer.agency_id, limit=50)
        ],
        values={"sheet": sheet, "start": next(iter(given.get("start", ())), "1")},
        errors=errors,
    )
