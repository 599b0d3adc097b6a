"""Splitting and joining cases (分案, 并案): who goes, what is shown, why, and by which decision."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.domain.errors import XianjieError
from app.services import case_view, cases, joining
from app.services.persons import by_code
from app.web.errors import said, status_of
from app.web.house import house
from app.web.language import t
from app.web.presenters import document, row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("joining", __name__)

CODE, ITEM_CODE = "code-", "item-"
"""How the fields for new codes are named: the old code follows."""


@blueprint.get("/cases/<case_id>/split")
@officer_required
def split_form(case_id: str) -> Any:
    """Ask who is split off."""
    return _split_page(case_id, values={"persons": [], "items": [], "papers": []}, errors=[])


@blueprint.post("/cases/<case_id>/split")
@officer_required
def split(case_id: str) -> Any:
    """Make a new case of the chosen persons."""
    given = request.form
    texts = {key: given.get(key, "")[:1000] for key in ("name", "number", "why", "document")}
    lists = {key: given.getlist(key) for key in ("persons", "items", "papers")}
    try:
        with house().work() as work:
            new_id = joining.split(
                work,
                me(),
                case_id,
                lists["persons"],
                texts["name"],
                texts["why"],
                texts["document"],
                items=lists["items"],
                papers=lists["papers"],
                number=texts["number"] or None,
            )
    except XianjieError as refused:
        errors = [{"field": refused.at, "message": said(refused)}]
        return _split_page(case_id, values={**texts, **lists}, errors=errors), int(status_of(refused))
    house().wake()
    flash(t("已分案，所选人员已转入新案件", "The case was split; the chosen persons are in the new case"), "ok")
    return redirect(url_for("cases.show", case_id=new_id))


@blueprint.get("/cases/<case_id>/join")
@officer_required
def join_form(case_id: str) -> Any:
    """Ask which case is brought under this one."""
    return _join_page(case_id, values={"other": request.args.get("other", "")[:100]}, errors=[])


@blueprint.post("/cases/<case_id>/join")
@officer_required
def join(case_id: str) -> Any:
    """Bring another case under this one."""
    given = request.form
    values = {key: value[:1000] for key, value in given.items()}
    try:
        with house().work() as work:
            joining.join(
                work,
                me(),
                case_id,
                values.get("other", ""),
                values.get("why", ""),
                values.get("document", ""),
                codes=_codes(given, CODE),
                item_codes=_codes(given, ITEM_CODE),
            )
    except XianjieError as refused:
        errors = [{"field": _field(refused.at), "message": said(refused)}]
        return _join_page(case_id, values=values, errors=errors), int(status_of(refused))
    house().wake()
    flash(t("已并案", "The case was joined to this one"), "ok")
    return redirect(url_for("cases.show", case_id=case_id))


def _codes(given: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix) and value.strip()}


def _field(at: str) -> str:
    kind, _, code = at.partition(".")
    return {"codes": CODE, "item_codes": ITEM_CODE}.get(kind, kind) + code


def _split_page(case_id: str, *, values: Mapping[str, Any], errors: Sequence[Mapping[str, str]]) -> str:
    with house().work(read_only=True) as work:
        view = case_view.see_case(work, me(), case_id)
        return render_template(
            "case_split.html",
            case=row_dict(view["case"]),
            persons=sorted(view["parties"], key=lambda row: by_code(row["code"])),
            items=view["items"],
            papers=[document(entry["row"], entry["agency"], entry["person"]) for entry in view["documents"]],
            values=values,
            errors=errors,
        )


def _join_page(case_id: str, *, values: Mapping[str, str], errors: Sequence[Mapping[str, str]]) -> str:
    with house().work(read_only=True) as work:
        case = cases.see_case_row(work, me(), case_id)
        other: dict[str, Any] | None = None
        twice: list[dict[str, str]] = []
        faults = list(errors)
        if values.get("other", "").strip():
            try:
                row = joining.found_case(work, me(), values["other"])
                other = row_dict(row)
                offered = joining.offered_codes(work, me(), case_id, row.id)
                twice = [
                    {"key": f"{prefix}{old}", "old": old, "kind": kind, "offer": free}
                    for kind, prefix in (("parties", CODE), ("items", ITEM_CODE))
                    for old, free in offered[kind].items()
                ]
            except XianjieError as refused:
                if not faults:
                    faults = [{"field": "other", "message": said(refused)}]
        return render_template(
            "case_join.html", case=row_dict(case), other=other, twice=twice, values=values, errors=faults
        )
