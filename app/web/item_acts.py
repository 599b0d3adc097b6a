"""One act on many items on one page: prefilled from what is known, anything may be corrected row by row."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from app.domain.custody import ITEM_KINDS, KINDS, NEEDS_DOCUMENT, SEAL_STATES, TWO_PERSONS
from app.domain.custody_quantity import written
from app.domain.errors import Invalid, InvalidAnswers
from app.services import cases, custody, custody_views, items, items_batch
from app.services.custody import Cause, Held, agency_key
from app.services.items_batch import BATCH, MOST, prefilled
from app.services.roles import require_keeper
from app.services.work import Work
from app.web.custody import colleague_choices, input_moment, named, read_moment
from app.web.errors import field_errors
from app.web.house import house
from app.web.language import t
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("item_acts", __name__)

OF_A_ROW: Mapping[str, tuple[str, ...]] = {
    "seized": ("kind", "quantity", "unit", "document", "place", "seal", "at", "file"),
    "sealed": ("seal", "state"),
    "stored": ("place",),
    "viewed": (),
    "copied": ("file",),
}
"""What is asked of each item; why, with whom and when is asked once."""

OF_ALL: Mapping[str, tuple[str, ...]] = {"seized": ("place",), "stored": ("place",)}
"""What may be said once for the rows that leave it empty."""

_LONGEST = 1000
_MOST_FORM = 2 * 1024 * 1024

Errors = Sequence[Mapping[str, str]]


@blueprint.get("/cases/<case_id>/item-acts/<action>")
@officer_required
def form(case_id: str, action: str) -> Any:
    """Ask about the chosen items; about all that my agency has listed and not registered when none is named."""
    if action not in BATCH:
        abort(404)
    codes = list(dict.fromkeys(request.args.getlist("item")))[:MOST]
    with house().work(read_only=True) as work:
        if not codes and action == "seized":
            codes = items.unregistered_codes(work, me(), case_id)[:MOST]
        return _page(work, case_id, action, codes, values={}, errors=[])


@blueprint.post("/cases/<case_id>/item-acts/<action>")
@officer_required
def record(case_id: str, action: str) -> Any:
    """Add the act to the trails of all of them, or of none."""
    if action not in BATCH:
        abort(404)
    request.max_form_memory_size = _MOST_FORM
    given = {key: value.strip()[:_LONGEST] for key, value in request.form.items()}
    codes = list(dict.fromkeys(request.form.getlist("item")))
    beside = [value for value in request.form.getlist("beside") if value]
    values = {**given, "beside": beside}
    errors: list[dict[str, str]] = []
    rows = {code: _row(action, code, given) for code in codes}
    hours = _hours(codes, given, errors)
    errors += _missing(action, given, beside, rows)
    if not errors:
        try:
            with house().work() as work:
                cause = Cause(
                    why=given.get("why", ""),
                    document=given.get("document", ""),
                    beside=beside,
                    at=hours.pop("", None),
                )
                done = items_batch.record(work, me(), case_id, action, rows, cause, hours=hours)
        except InvalidAnswers as refused:
            errors = [{"field": key, "message": words[0]} for key, words in field_errors(refused).items()]
        else:
            act = named(action)
            count = len(done)
            flash(t(f"已记入 {count} 件物品的保管链：{act['zh']}", f"{act['en']}: entered for {count} items"), "ok")
            return redirect(url_for("items.listing", case_id=case_id))
    with house().work(read_only=True) as work:
        return _page(work, case_id, action, codes, values=values, errors=errors), 422


def _row(action: str, code: str, given: Mapping[str, str]) -> dict[str, str]:
    shared = {field: given.get(field, "") for field in OF_ALL.get(action, ())}
    return {field: given.get(f"{field}-{code}") or shared.get(field, "") for field in OF_A_ROW[action] if field != "at"}


def _hours(codes: Sequence[str], given: Mapping[str, str], errors: list[dict[str, str]]) -> dict[str, datetime]:
    """Read the hours by code, that of all under no code."""
    found: dict[str, datetime] = {}
    for code in ("", *codes):
        field = f"at-{code}" if code else "at"
        try:
            hour = read_moment(given.get(field, ""))
        except Invalid as refused:
            errors.append({"field": field, "message": t(refused.zh, refused.en)})
        else:
            found |= {code: hour} if hour else {}
    return found


def _missing(
    action: str, given: Mapping[str, str], beside: Sequence[str], rows: Mapping[str, Mapping[str, str]]
) -> list[dict[str, str]]:
    """Name every field that is empty at once; nothing chosen is one fault."""
    if not rows:
        return [{"field": "", "message": t("请选择物品", "Choose items")}]
    required = t("必须填写", "This is required")
    found = [] if given.get("why") else [{"field": "why", "message": required}]
    if action in TWO_PERSONS and not beside:
        found.append({"field": "beside", "message": t("应由二人以上进行", "This takes two persons or more")})
    for code, row in rows.items():
        empty = [field for field in row if not row[field] and not _optional(action, field, given)]
        found += [{"field": f"{field}-{code}", "message": required} for field in empty]
    return found


def _optional(action: str, field: str, given: Mapping[str, str]) -> bool:
    return (
        field == "file"
        or (field == "seal" and action != "sealed")
        or (field == "document" and bool(given.get("document")))
    )


def _page(
    work: Work, case_id: str, action: str, codes: Sequence[str], *, values: Mapping[str, Any], errors: Errors
) -> str:
    officer = me()
    case = cases.see_case_row(work, officer, case_id)
    held = custody.hold(work, officer, case_id, codes, lock=False) if codes else {}
    require_keeper(work, officer)
    own = {"agency_id": officer.agency_id, "key": agency_key(work, officer.agency_id)}
    fit = [code for code in codes if values or action in custody_views.possible_acts(held[code], **own)]
    return render_template(
        "items_act.html",
        case=row_dict(case),
        action=named(action),
        fields=OF_A_ROW[action],
        shared=OF_ALL.get(action, ()),
        rows=[_shown(held[code], action, values, errors) for code in fit],
        left_out=[code for code in codes if code not in fit],
        kinds=[{"key": key, "zh": words[0], "en": words[1]} for key, words in KINDS.get(action, {}).items()],
        seal_states=[{"key": key, "zh": words[0], "en": words[1]} for key, words in SEAL_STATES.items()],
        two_persons=action in TWO_PERSONS,
        needs_document=action in NEEDS_DOCUMENT,
        colleagues=colleague_choices(work, case_id),
        values=values,
        errors=errors,
        latest=input_moment(work.now),
    )


def _shown(held: Held, action: str, values: Mapping[str, Any], errors: Errors) -> dict[str, Any]:
    code, ledger, data = held.row.code, held.ledger, held.row.data
    known = prefilled(data) if action == "seized" else {}
    known["at"] = input_moment(data.get("seized_at"))
    if action == "sealed" and ledger.seal:
        known["seal"] = ledger.seal.number
    category = ledger.category or str(data.get("category") or "")
    fields = OF_A_ROW[action]
    return {
        "code": code,
        "name": ledger.name or str(data.get("name") or ""),
        "kind": t(category, ITEM_KINDS.get(category)),
        "held": f"{written(ledger.held)} {ledger.unit}" if ledger.seq else "",
        "hashed": action == "copied" or bool(known.get("file")) or category in ("电子数据", "视听资料"),
        "values": {field: values.get(f"{field}-{code}", "") if values else known.get(field, "") for field in fields},
        "errors": [error for error in errors if error["field"].partition("-")[2] == code],
    }
