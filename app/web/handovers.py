"""Hand-overs of a case: begun by the giver from what its agency answers for; printed, signed by both, or given up."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.domain.custody_quantity import counts_pieces, written
from app.domain.errors import Conflict, Forbidden, Invalid, InvalidAnswers, XianjieError
from app.services import cases, custody_counting, custody_listing, custody_views, handover_desk
from app.services.roles import may_keep
from app.services.work import Work
from app.web.counting import looking, page
from app.web.errors import field_errors, said, status_of
from app.web.handover_words import handover_words, line_words, listing_words
from app.web.house import house
from app.web.language import t
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("handovers", __name__)

SIGNERS = range(1, 10)
"""How many of a side can sign: nine fit on the sheet."""

_LONGEST = 1000


@blueprint.get("/cases/<case_id>/handovers")
@officer_required
def listing(case_id: str) -> Any:
    """The hand-overs of a case, and the form that begins one."""
    with house().work(read_only=True) as work:
        return _list_page(work, case_id, values={}, errors=[])


@blueprint.post("/cases/<case_id>/handovers")
@officer_required
def begin(case_id: str) -> Any:
    """List items for another agency."""
    given = {key: value.strip()[:_LONGEST] for key, value in request.form.items()}
    items = {code: given.get(f"listed-{code}") or None for code in request.form.getlist("item")}
    errors = _missing(given, items)
    status = 422
    if not errors:
        try:
            with house().work() as work:
                listed = {
                    "to_agency": given["to_agency"],
                    "number": given.get("number", ""),
                    "place": given["place"],
                    "items": items,
                    "signers": [_signers(given, "giver_signers"), _signers(given, "receiver_signers")],
                }
                new = handover_desk.begin(work, me(), case_id, listed)
        except (Invalid, Conflict, Forbidden) as refused:
            errors, status = _all_placed(refused), int(status_of(refused))
        else:
            house().wake()
            flash(t("交接单已开具，等待接收单位清点", "The list is made; the receiver counts now"), "ok")
            return redirect(url_for("handovers.show", handover_id=new))
    with house().work(read_only=True) as work:
        return _list_page(work, case_id, values={**given, "items": items}, errors=errors), status


@blueprint.get("/handovers/<handover_id>")
@officer_required
def show(handover_id: str) -> Any:
    """Count, explain and sign."""
    with looking(handover_id) as work:
        return page(work, handover_id)


@blueprint.get("/handovers/<handover_id>/print")
@officer_required
def printed(handover_id: str) -> Any:
    """The whole list on paper, with room for what is written by hand."""
    with looking(handover_id) as work:
        standing = custody_counting.see_standing(work, me(), handover_id)
        handover = handover_words(work, standing, me())
        lines = custody_counting.see_lines(work, standing)
    return render_template(
        "handover_print.html",
        case=row_dict(standing.case),
        handover=handover,
        lines=[line_words(seen) for seen in lines],
    )


@blueprint.post("/handovers/<handover_id>/finish")
@officer_required
def finish(handover_id: str) -> Any:
    """End the counting or the explaining, and hand the turn on; `step` says which."""
    step = _given().get("step", "")
    try:
        with house().work() as work:
            if step not in (handover_desk.COUNT, handover_desk.EXPLAIN):
                raise Invalid("没有这一步", "There is no such step", at="step")  # noqa: TRY301 - one answer for all
            handover_desk.finish(work, me(), handover_id, step=step)
    except (Invalid, Conflict) as refused:
        return _refused(handover_id, refused)
    house().wake()
    flash(t("已提交，流程进入下一步", "Done: the process goes on"), "ok")
    return redirect(url_for("handovers.show", handover_id=handover_id))


@blueprint.post("/handovers/<handover_id>/sign")
@officer_required
def sign(handover_id: str) -> Any:
    """Sign the sheet; with the last signature custody moves."""
    try:
        with house().work() as work:
            complete = handover_desk.sign(work, me(), handover_id, side=_given().get("side") or None)
    except (Invalid, Conflict) as refused:
        return _refused(handover_id, refused)
    house().wake()
    flash(
        t("双方已签名，保管责任已移交", "Both have signed: custody has moved")
        if complete
        else t("已签名，等待其他签名", "Signed; other signatures are awaited"),
        "ok",
    )
    return redirect(url_for("handovers.show", handover_id=handover_id))


@blueprint.post("/handovers/<handover_id>/cancel")
@officer_required
def cancel(handover_id: str) -> Any:
    """Give a hand-over up, and say why."""
    try:
        with house().work() as work:
            handover_desk.cancel(work, me(), handover_id, why=_given().get("why", ""))
    except Conflict as refused:
        return _refused(handover_id, refused)
    except Invalid as refused:
        return _refused(handover_id, refused, field="why")
    house().wake()
    flash(t("交接已取消，物品仍由原单位保管", "Cancelled; the goods stay where they are"), "warn")
    return redirect(url_for("handovers.show", handover_id=handover_id))


def _given() -> dict[str, str]:
    return {key: value.strip()[:_LONGEST] for key, value in request.form.items()}


def _refused(handover_id: str, refused: XianjieError, *, field: str = "") -> Any:
    with looking(handover_id) as work:
        error = {"field": field, "message": said(refused)}
        return page(work, handover_id, errors=[error]), int(status_of(refused))


def _list_page(work: Work, case_id: str, *, values: Mapping[str, Any], errors: Sequence[Mapping[str, str]]) -> str:
    officer = me()
    case = cases.see_case_row(work, officer, case_id)
    offered = custody_listing.see_offered(work, officer, case_id)
    chosen = values.get("items") or {}
    shown = {f"listed-{one.held.row.code}" for one in offered if one.free}
    errors = [
        {**error, "field": "items"} if error["field"].startswith("listed-") and error["field"] not in shown else error
        for error in errors
    ]
    return render_template(
        "handovers.html",
        case=row_dict(case),
        handovers=[listing_words(work, *one) for one in custody_listing.see_listings(work, officer, case_id)],
        keeper=may_keep(work, officer),
        receivers=[{"id": row.id, "name": row.name} for row in custody_views.receivers(work, officer, case_id)],
        items=[_offered(one, chosen) for one in offered if one.free],
        kept_back=[_offered(one, chosen) for one in offered if not one.free],
        signers=SIGNERS,
        values=values,
        errors=errors,
    )


def _offered(one: custody_listing.Offered, chosen: Mapping[str, Any]) -> dict[str, Any]:
    ledger, code = one.held.ledger, one.held.row.code
    return {
        "code": code,
        "name": ledger.name,
        "category": ledger.category,
        "unit": ledger.unit,
        "pieces": counts_pieces(ledger.unit),
        "held": written(ledger.held),
        "seized": written(ledger.seized),
        "seal": ledger.seal.number if ledger.seal else "",
        "place": ledger.custodian.place if ledger.custodian else "",
        "chosen": code in chosen,
        "listed": chosen.get(code) or written(ledger.held),
        "pending": {"id": one.pending.id, "number": one.pending.number} if one.pending else None,
        "on_loan": written(ledger.on_loan) if ledger.on_loan else "",
    }


def _missing(given: Mapping[str, str], items: Mapping[str, Any]) -> list[dict[str, str]]:
    required = t("必须填写", "This is required")
    found = [{"field": key, "message": required} for key in ("to_agency", "place") if not given.get(key)]
    if not items:
        found.append({"field": "items", "message": t("请选择要移交的物品", "Choose the items to hand over")})
    return found


def _signers(given: Mapping[str, str], field: str) -> int:
    text = given.get(field) or "1"
    if text not in {str(number) for number in SIGNERS}:
        raise Invalid("双方各须一至九人签名", "One to nine of each side sign", at=field)
    return int(text)


def _all_placed(refused: XianjieError) -> list[dict[str, str]]:
    """Place a refusal, or each fault that the receiver would find with the list."""
    if isinstance(refused, InvalidAnswers):
        return [{"field": "items", "message": one} for several in field_errors(refused).values() for one in several]
    return [_placed(refused)]


def _placed(refused: XianjieError) -> dict[str, str]:
    group, _, code = refused.at.partition(".")
    if group == "items" and code:
        return {"field": f"listed-{code}", "message": said(refused)}
    field = {"receiver": "to_agency"}.get(refused.at, refused.at)
    known = ("to_agency", "number", "place", "giver_signers", "receiver_signers", "items")
    return {"field": field if field in known else "", "message": said(refused)}
