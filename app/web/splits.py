"""Splitting an item: one seizure of mixed goods becomes several items on one page."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.domain.custody_quantity import written
from app.domain.errors import Conflict, Forbidden, Invalid, InvalidAnswers
from app.domain.items import BY_KEY
from app.services import custody_views, items_split
from app.services.custody import Cause
from app.services.items_split import INHERITED, MOST_PARTS, Split
from app.services.work import Work
from app.storage.database import Record
from app.web.custody import colleague_choices, input_moment, item_words, read_moment
from app.web.errors import field_errors, said
from app.web.house import house
from app.web.language import t
from app.web.new_items import field_rows
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("splits", __name__)

_FEWEST = 2
_LONGEST = 1000
_PART = re.compile(r"part-(\d{1,2})-(\w{1,40})", re.ASCII)
_PLACES = {"who": "beside", "parts": "", "item": ""}
_ASKED = ("quantity", "why", "document", "beside", "at")


@blueprint.get("/cases/<case_id>/items/<code>/split")
@officer_required
def form(case_id: str, code: str) -> Any:
    """Ask for the parts; the fields of a part follow its kind."""
    count = request.args.get("parts", _FEWEST, type=int)
    with house().work(read_only=True) as work:
        return _page(work, case_id, code, parts=_parts(request.args, count), values={}, errors=[])


@blueprint.post("/cases/<case_id>/items/<code>/split")
@officer_required
def split(case_id: str, code: str) -> Any:
    """Make the parts, or ask for one more when the button says so."""
    given = {key: value.strip()[:_LONGEST] for key, value in request.form.items()}
    parts = _parts(given, request.form.get("parts", _FEWEST, type=int))
    values = {**given, "beside": [value for value in request.form.getlist("beside") if value]}
    errors: list[dict[str, str]] = []
    if "more" in given:
        parts = [*parts, {}][:MOST_PARTS]
    else:
        try:
            done = _split(case_id, code, values, _without_blank_end(parts))
        except InvalidAnswers as refused:
            errors = [{"field": _at(key), "message": words[0]} for key, words in field_errors(refused).items()]
        except (Invalid, Conflict) as refused:
            errors = [{"field": _at(refused.at), "message": said(refused)}]
        else:
            made = t("、", ", ").join(done)
            flash(t(f"{code} 已拆分为 {made}", f"{code} has been split into {made}"), "ok")
            return redirect(url_for("custody.show", case_id=case_id, code=code))
    with house().work(read_only=True) as work:
        page = _page(work, case_id, code, parts=parts, values=values, errors=errors)
    return page, 422 if errors else 200


def _split(case_id: str, code: str, values: Mapping[str, Any], parts: Sequence[Mapping[str, str]]) -> list[str]:
    cause = Cause(
        why=values.get("why", ""),
        document=values.get("document", ""),
        beside=values["beside"],
        at=read_moment(values.get("at", "")),
    )
    with house().work() as work:
        wanted = Split(parts=parts, quantity=values.get("quantity") or None)
        return items_split.split(work, me(), case_id, code, cause, wanted)


def _parts(given: Mapping[str, str], count: int) -> list[dict[str, str]]:
    parts: list[dict[str, str]] = [{} for _ in range(max(1, min(count, MOST_PARTS)))]
    for name, value in given.items():
        found = _PART.fullmatch(name)
        if found and int(found[1]) < len(parts) and found[2] in BY_KEY and value.strip():
            parts[int(found[1])][found[2]] = value.strip()[:_LONGEST]
    return parts


def _without_blank_end(parts: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """Leave out the last parts of which only what was filled in beforehand is there."""
    while parts and not set(parts[-1]) - {"code", "category", "unit"}:
        parts = parts[:-1]
    return parts


def _at(at: str) -> str:
    """Name the input of the page that a refusal is about."""
    found = re.fullmatch(r"parts\[(\d+)\]\.(\w+)", at)
    if found:
        return f"part-{found[1]}-{found[2]}"
    name = at.partition("[")[0]
    field = _PLACES.get(name, name)
    return field if field in _ASKED else ""


def _page(
    work: Work,
    case_id: str,
    code: str,
    *,
    parts: Sequence[Mapping[str, str]],
    values: Mapping[str, Any],
    errors: Sequence[Mapping[str, str]],
) -> str:
    view = custody_views.see_item(work, me(), case_id, code)
    if not view.may_split:
        raise Forbidden(f"目前不能拆分 {code}", f"{code} cannot be split now", at=code)
    ledger, row = view.held.ledger, view.held.row
    return render_template(
        "item_split.html",
        case=row_dict(view.held.case),
        item=item_words(view),
        available=written(ledger.available),
        parts=[
            {"index": index, "fields": _fields(row, part, index, ledger.unit, ledger.category)}
            for index, part in enumerate(parts)
        ],
        full=len(parts) >= MOST_PARTS,
        colleagues=colleague_choices(work, case_id),
        values=values,
        errors=errors,
        latest=input_moment(work.now),
    )


def _fields(row: Record, part: Mapping[str, str], index: int, unit: str, kind: str) -> list[dict[str, Any]]:
    given = {"code": f"{row.code}-{index + 1}"[:40], "category": kind, "unit": unit, **part}
    return field_rows(given["category"], given, but=INHERITED)
