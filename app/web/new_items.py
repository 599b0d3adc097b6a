"""New items of a case: one on a form that asks what its kind needs, or many from a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from app.domain.custody import ITEM_KINDS
from app.domain.errors import Invalid, InvalidAnswers
from app.domain.items import BY_KEY, FIELDS, NEEDS, Field, Need, fields_of, is_required
from app.services import cases, items, items_table, items_writing
from app.services.items_table import MOST_BYTES, MOST_ROWS, TableFault, TableRefused
from app.services.work import Work
from app.web.custody import input_moment
from app.web.errors import field_errors
from app.web.house import house
from app.web.language import language, t
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("new_items", __name__)

GROUPS = (
    ("what", ("物品", "The item")),
    ("origin", ("来源和扣押", "Where it comes from")),
    ("keeping", ("保管和处理意见", "Where it is kept, and the proposal")),
)
SHOWN_FAULTS = 200
"""So many faults of a table are told one by one: whoever has more mends the first ones and tries again."""

_LONGEST = 1000


@blueprint.get("/cases/<case_id>/new-item")
@officer_required
def form(case_id: str) -> Any:
    """Ask for an item; the fields follow its kind."""
    given = {key: value[:_LONGEST] for key, value in request.args.items() if key in BY_KEY}
    with house().work(read_only=True) as work:
        return _page(work, case_id, values={"code": items.next_code(work, case_id), **given}, errors=[])


@blueprint.post("/cases/<case_id>/new-item")
@officer_required
def write(case_id: str) -> Any:
    """Write an item down."""
    given = {key: value.strip()[:_LONGEST] for key, value in request.form.items() if key in BY_KEY}
    try:
        with house().work() as work:
            row = items_writing.write_item(work, me(), case_id, given)
    except InvalidAnswers as refused:
        errors = [{"field": key, "message": words[0]} for key, words in field_errors(refused).items()]
        with house().work(read_only=True) as work:
            return _page(work, case_id, values=given, errors=errors), 422
    flash(t(f"{row['code']} 已写入清单，尚未登记保管", f"{row['code']} is on the list; it is not in custody yet"), "ok")
    if request.form.get("then") == "another":
        return redirect(url_for("new_items.form", case_id=case_id, category=row["category"]))
    return redirect(url_for("custody.show", case_id=case_id, code=row["code"]))


@blueprint.get("/cases/<case_id>/item-import")
@officer_required
def choose_table(case_id: str) -> Any:
    """Ask for a table."""
    return _import_page(case_id, faults=[], words="")


@blueprint.post("/cases/<case_id>/item-import")
@officer_required
def read_table(case_id: str) -> Any:
    """Write the items of a table down, or tell everything that is wrong with it."""
    file = request.files.get("table")
    try:
        if file is None or not file.filename:
            raise Invalid("请选择文件", "Choose a file", at="table")  # noqa: TRY301 - one answer for all
        content = file.stream.read(MOST_BYTES + 1)
        with house().work() as work:
            codes = items_table.import_table(work, me(), case_id, content)
    except TableRefused as refused:
        return _import_page(case_id, faults=refused.faults, words=t(refused.zh, refused.en)), 422
    except Invalid as refused:
        return _import_page(case_id, faults=[], words=t(refused.zh, refused.en)), 422
    count = len(codes)
    flash(t(f"已写入 {count} 件物品，尚未登记保管", f"{count} items are on the list; none is in custody yet"), "ok")
    return redirect(url_for("items.listing", case_id=case_id, state="unregistered"))


@blueprint.get("/cases/<case_id>/item-import/template.csv")
@officer_required
def template(case_id: str) -> Any:
    """Give an empty table with every column, in the reader's language."""
    with house().work(read_only=True) as work:
        cases.see_case_row(work, me(), case_id)
    content = items_table.template(english=language() == "en")
    return Response(
        content, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="items-template.csv"'}
    )


def field_rows(
    kind: str, values: Mapping[str, Any], *, but: Sequence[str] = (), own: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Give the fields of a kind as the form shows them: all but some, or only some."""
    return [
        _field(field, need, values)
        for field, need in fields_of(kind)
        if field.key not in but and (own is None or field.key in own)
    ]


def _field(field: Field, need: Need | None, values: Mapping[str, Any]) -> dict[str, Any]:
    choices = ITEM_KINDS if field.shape == "kind" else field.choices
    value = str(values.get(field.key) or "")
    return {
        "key": field.key,
        "words": t(field.zh, field.en),
        "group": field.group,
        "of_kind": need is not None,
        "required": is_required(field, need),
        "article": need.article if need else field.article,
        "type": {"day": "date", "moment": "datetime-local"}.get(field.shape, "text"),
        "longest": {"quantity": 20, "unit": 10, "code": 40}.get(field.shape, field.longest),
        "decimal": field.shape == "quantity",
        "choices": [{"key": zh, "words": t(zh, en)} for zh, en in (choices or {}).items()],
        "value": input_moment(value) or value if field.shape == "moment" else value,
    }


def _page(work: Work, case_id: str, *, values: Mapping[str, str], errors: Sequence[Mapping[str, str]]) -> str:
    case = cases.see_case_row(work, me(), case_id)
    kind = values.get("category") or next(iter(ITEM_KINDS))
    fields = field_rows(kind, {**values, "category": kind})
    return render_template(
        "item_new.html",
        case=row_dict(case),
        groups=[
            {"key": key, "words": t(*words), "fields": [field for field in fields if field["group"] == key]}
            for key, words in GROUPS
        ],
        errors=errors,
        latest=input_moment(work.now),
    )


def _import_page(case_id: str, *, faults: Sequence[TableFault], words: str) -> str:
    with house().work(read_only=True) as work:
        case = cases.see_case_row(work, me(), case_id)
    return render_template(
        "items_import.html",
        case=row_dict(case),
        columns=[_column(field) for field in FIELDS],
        most=MOST_ROWS,
        refused=words,
        faults=[
            {"row": fault.row, "column": _column_words(fault.column), "message": t(fault.zh, fault.en)}
            for fault in faults[:SHOWN_FAULTS]
        ],
        more=max(0, len(faults) - SHOWN_FAULTS),
    )


def _column_words(column: str) -> str:
    field = BY_KEY.get(column)
    return t(field.zh, field.en) if field else column


def _column(field: Field) -> dict[str, Any]:
    needed = [kind for kind, needs in NEEDS.items() if any(need.key == field.key and need.required for need in needs)]
    may = [kind for kind, needs in NEEDS.items() if any(need.key == field.key for need in needs)]
    choices = ITEM_KINDS if field.shape == "kind" else field.choices or {}
    return {
        "words": t(field.zh, field.en),
        "key": field.key,
        "required": field.required,
        "needed": t("、", ", ").join(t(kind, ITEM_KINDS[kind]) for kind in needed),
        "only": t("、", ", ").join(t(kind, ITEM_KINDS[kind]) for kind in may),
        "choices": t("、", ", ").join(t(zh, en) for zh, en in choices.items()),
        "article": field.article,
    }
