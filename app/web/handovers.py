"""Hand-overs of items: listed by the giver, counted by the receiver by keyboard or on a phone, signed by both."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.domain.access import Officer
from app.domain.custody_handover import CLASSES, SEAL_FAULTS, SIDES, Line
from app.domain.custody_quantity import written
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound, XianjieError
from app.services import cases, custody_handovers, custody_views
from app.services.custody_handovers import Seen
from app.services.roles import may_keep
from app.services.work import Work
from app.web.errors import said, status_of
from app.web.house import house
from app.web.language import t
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("handovers", __name__)

OF_QUANTITY = tuple(key for key in CLASSES if key not in SEAL_FAULTS and key != "hash_mismatch")
"""The classes a reader chooses: those of the seal follow from its check, the hash is compared by the machine."""

STATES = {
    "open": ("清点中", "Being counted"),
    "signing": ("签名中", "Being signed"),
    "signed": ("双方已签", "Signed by both"),
    "cancelled": ("已取消", "Cancelled"),
}
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
                new = custody_handovers.open_handover(
                    work,
                    me(),
                    case_id,
                    to_agency=given["to_agency"],
                    number=given["number"],
                    place=given["place"],
                    items=items,
                    signers=(_signers(given, "giver_signers"), _signers(given, "receiver_signers")),
                )
        except (Invalid, Conflict, Forbidden) as refused:
            errors, status = [_placed(refused)], int(status_of(refused))
        else:
            flash(t("交接单已开具，等待接收单位清点", "The list is made; the receiver counts now"), "ok")
            return redirect(url_for("handovers.show", handover_id=new))
    with house().work(read_only=True) as work:
        return _list_page(work, case_id, values={**given, "items": items}, errors=errors), status


@blueprint.get("/handovers/<handover_id>")
@officer_required
def show(handover_id: str) -> Any:
    """Count, explain and sign."""
    with house().work(read_only=True) as work:
        return _page(work, handover_id)


@blueprint.post("/handovers/<handover_id>/lines/<code>")
@officer_required
def count(handover_id: str, code: str) -> Any:
    """Keep what was counted of one item."""
    given = _given()
    seal = given.get("seal", "")
    classes = [key for key in request.form.getlist("classes") if key != "hash_mismatch"]
    try:
        if not given.get("counted"):
            raise Invalid("请填写清点数量", "Say how much was counted", at="counted")  # noqa: TRY301 - one answer for all
        with house().work() as work:
            custody_handovers.count_line(
                work,
                me(),
                handover_id,
                code,
                counted=given["counted"],
                classes=[*classes, *({seal} & SEAL_FAULTS)],
                proof=given.get("proof", ""),
                seal_ok=None if not seal else seal == "ok",
                hash_found=given.get("hash_found", ""),
                remark=given.get("remark", ""),
            )
    except (Invalid, Conflict) as refused:
        return _answer(handover_id, code, refused=refused, values={**given, "classes": classes})
    return _answer(handover_id, code)


@blueprint.post("/handovers/<handover_id>/lines/<code>/explain")
@officer_required
def explain(handover_id: str, code: str) -> Any:
    """Class and prove a difference; the giver may as well."""
    given = _given()
    classes = request.form.getlist("classes")
    try:
        with house().work() as work:
            custody_handovers.explain_line(work, me(), handover_id, code, classes=classes, proof=given.get("proof", ""))
    except (Invalid, Conflict) as refused:
        return _answer(handover_id, code, refused=refused, values={**given, "classes": classes})
    return _answer(handover_id, code)


@blueprint.post("/handovers/<handover_id>/sign")
@officer_required
def sign(handover_id: str) -> Any:
    """Sign the sheet; with the last signature custody moves."""
    try:
        with house().work() as work:
            row = custody_handovers.see_handover(work, me(), handover_id).row
            side = _given().get("side") or custody_handovers.side_of(me(), row)
            custody_handovers.require_side(me(), row, side)
            complete = custody_handovers.sign_handover(work, me(), handover_id, side=side)
    except (Invalid, Conflict) as refused:
        return _refused(handover_id, refused)
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
            custody_handovers.cancel_handover(work, me(), handover_id, why=_given().get("why", ""))
    except Conflict as refused:
        return _refused(handover_id, refused)
    except Invalid as refused:
        return _refused(handover_id, refused, field="why")
    flash(t("交接已取消，物品仍由原单位保管", "Cancelled; the goods stay where they are"), "warn")
    return redirect(url_for("handovers.show", handover_id=handover_id))


def _given() -> dict[str, str]:
    return {key: value.strip()[:_LONGEST] for key, value in request.form.items()}


def _answer(
    handover_id: str, code: str, *, refused: XianjieError | None = None, values: Mapping[str, Any] | None = None
) -> Any:
    """Give the row to htmx, the whole page to a browser without scripts."""
    status = int(status_of(refused)) if refused else 200
    with house().work(read_only=True) as work:
        seen = custody_handovers.see_handover(work, me(), handover_id)
        line = next((line for line in seen.value.lines if line.item == code), None)
        if line is None:
            raise NotFound(f"清单上没有 {code}", f"{code} is not on the list", at=code)
        errors = [_at_row(refused, line)] if refused else []
        if not request.headers.get("HX-Request"):
            if refused is None:
                return redirect(f"{url_for('handovers.show', handover_id=handover_id)}#count-{code}")
            return _page(work, handover_id, errors=errors, code=code, values=values or {}), status
        handover = _handover(work, seen, me())
    row = _row(line, seen, values=values or {}, errors=errors)
    row["focus"] = errors[0]["field"] if errors else _next(seen, row)
    return render_template("_handover_row.html", handover=handover, line=row, swapped=True), status


def _refused(handover_id: str, refused: XianjieError, *, field: str = "") -> Any:
    with house().work(read_only=True) as work:
        error = {"field": field, "message": said(refused)}
        return _page(work, handover_id, errors=[error]), int(status_of(refused))


def _page(
    work: Work,
    handover_id: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    code: str = "",
    values: Mapping[str, Any] | None = None,
) -> str:
    seen = custody_handovers.see_handover(work, me(), handover_id)
    case = cases.see_case_row(work, me(), seen.row.case_id)
    return render_template(
        "handover.html",
        case=row_dict(case),
        handover=_handover(work, seen, me()),
        lines=[
            _row(line, seen, values=values or {}, errors=errors)
            if line.item == code
            else _row(line, seen, values={}, errors=[])
            for line in seen.value.lines
        ],
        errors=errors,
    )


def _list_page(work: Work, case_id: str, *, values: Mapping[str, Any], errors: Sequence[Mapping[str, str]]) -> str:
    officer = me()
    case = cases.see_case_row(work, officer, case_id)
    key = work.agency(officer.agency_id).key
    mine = [
        held
        for held in custody_views.see_items(work, officer, case_id)
        if held.ledger.custodian is not None and held.ledger.custodian.agency == key
    ]
    chosen = values.get("items")
    shown = {f"listed-{held.row.code}" for held in mine}
    errors = [
        {**error, "field": "items"} if error["field"].startswith("listed-") and error["field"] not in shown else error
        for error in errors
    ]
    return render_template(
        "handovers.html",
        case=row_dict(case),
        handovers=[_handover(work, seen, officer) for seen in custody_views.see_handovers(work, officer, case_id)],
        keeper=may_keep(work, officer),
        receivers=[{"id": row.id, "name": row.name} for row in custody_views.receivers(work, officer, case_id)],
        items=[
            {
                "code": held.row.code,
                "name": held.ledger.name,
                "unit": held.ledger.unit,
                "held": written(held.ledger.held),
                "seized": written(held.ledger.seized),
                "chosen": chosen is not None and held.row.code in chosen,
                "listed": (chosen or {}).get(held.row.code) or written(held.ledger.held),
            }
            for held in mine
        ],
        values=values,
        errors=errors,
    )


def _missing(given: Mapping[str, str], items: Mapping[str, Any]) -> list[dict[str, str]]:
    required = t("必须填写", "This is required")
    found = [{"field": key, "message": required} for key in ("to_agency", "number", "place") if not given.get(key)]
    if not items:
        found.append({"field": "items", "message": t("请选择要移交的物品", "Choose the items to hand over")})
    return found


def _signers(given: Mapping[str, str], field: str) -> int:
    text = given.get(field) or "1"
    if text not in ("1", "2", "3", "4", "5", "6", "7", "8", "9"):
        raise Invalid("双方各须一至九人签名", "One to nine of each side sign", at=field)
    return int(text)


def _placed(refused: XianjieError) -> dict[str, str]:
    group, _, code = refused.at.partition(".")
    if group == "items" and code:
        return {"field": f"listed-{code}", "message": said(refused)}
    field = {"receiver": "to_agency"}.get(refused.at, refused.at)
    known = ("to_agency", "number", "place", "giver_signers", "receiver_signers", "items")
    return {"field": field if field in known else "", "message": said(refused)}


def _at_row(refused: XianjieError, line: Line) -> dict[str, str]:
    """Put a refusal at the input it is about, or at the row when the row does not ask for it."""
    name = {"seal_ok": "seal"}.get(refused.at, refused.at)
    asked = {"counted", "classes", "proof", "remark"}
    asked |= {"seal"} if line.seal_listed else set()
    asked |= {"hash_found"} if line.hash_listed else set()
    return {"field": f"{name if name in asked else 'count'}-{line.item}", "message": said(refused)}


def _next(seen: Seen, row: Mapping[str, Any]) -> str:
    """Give the field a keyboard goes to after a row is kept: where it is still open, then the next uncounted row."""
    if row["open"]:
        return f"classes-{row['item']}"
    codes = [line.item for line in seen.value.lines]
    after = codes.index(row["item"]) + 1
    uncounted = [line.item for line in (*seen.value.lines[after:], *seen.value.lines[:after]) if line.counted is None]
    return f"counted-{uncounted[0]}" if uncounted else f"count-{row['item']}"


def _handover(work: Work, seen: Seen, officer: Officer) -> dict[str, Any]:
    row, value = seen.row, seen.value
    mine = "giver" if officer.agency_id == row.from_agency else "receiver"
    signed = {side: [one for one in value.signatures if one.side == side] for side in SIDES}
    sentences = [t(one.zh, one.en) for one in seen.differences]
    agency = {"giver": work.agency(row.from_agency).name, "receiver": work.agency(row.to_agency).name}
    keeper = may_keep(work, officer)
    by_me = any(one.person.name == officer.name and one.person.number == officer.cert_no for one in signed[mine])
    return {
        "id": row.id,
        "number": row.number,
        "place": row.place,
        "state": row.state,
        "state_words": t(*STATES[row.state]),
        "opened_at": row.opened_at,
        "signed_at": row.signed_at,
        "sheet": row.sheet or "",
        "giver": agency["giver"],
        "receiver": agency["receiver"],
        "mine": mine,
        "keeper": keeper,
        "items": len(value.lines),
        "counted": sum(line.counted is not None for line in value.lines),
        "differences": [
            {"field": f"{_FIELD.get(one.field, 'counted')}-{one.item}", "message": sentence}
            for one, sentence in zip(seen.differences, sentences, strict=True)
        ],
        "sides": [
            {
                "key": side,
                "words": t(zh, en.removeprefix("the ").capitalize()),
                "agency": agency[side],
                "wanted": wanted,
                "signed": [{"name": one.person.name, "at": one.at} for one in signed[side]],
                "full": len(signed[side]) >= wanted,
                "mine": side == mine,
                "reason": _reason(sentences, side=side, mine=mine, by_me=by_me, keeper=keeper),
            }
            for (side, (zh, en)), wanted in zip(SIDES.items(), value.signers, strict=True)
        ],
    }


_FIELD = {"seal_ok": "seal", "hash_found": "hash_found", "classes": "classes", "proof": "proof"}


def _reason(sentences: Sequence[str], *, side: str, mine: str, by_me: bool, keeper: bool) -> str:
    """Say why a side cannot sign now; empty when it can."""
    if not keeper and side == mine:
        return t("由有保管职责的人员签名", "Somebody with a role of custody signs")
    if sentences:
        return t("尚未核对一致：", "Not reconciled: ") + sentences[0]
    if side != mine:
        return t("由对方单位的人员登录后签名", "Somebody of that agency signs in and signs")
    return t("您已签名，须由另一人签名", "You have signed; another person has to") if by_me else ""


def _row(line: Line, seen: Seen, *, values: Mapping[str, Any], errors: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    mine = [one for one in seen.differences if one.item == line.item]
    fault = next(iter(SEAL_FAULTS & set(line.classes)), "wrong_seal")
    kept = {
        "counted": "" if line.counted is None else written(line.counted),
        "seal": {None: "", True: "ok", False: fault}[line.seal_ok],
        "hash_found": line.hash_found,
        "classes": list(line.classes),
        "proof": line.proof,
        "remark": line.remark,
    }
    shown = {**kept, **values}
    return {
        "item": line.item,
        "name": line.name,
        "unit": line.unit,
        "listed": written(line.listed),
        "seal_listed": line.seal_listed,
        "hash_listed": line.hash_listed,
        "hash_differs": line.hash_differs,
        "done": line.counted is not None,
        "open": [t(one.zh, one.en) for one in mine if one.field != "counted"],
        "class_words": [t(*CLASSES[key]) for key in line.classes],
        "classes_open": bool(shown["classes"] or errors or any(one.field in ("classes", "proof") for one in mine)),
        "choices": [
            {"key": key, "zh": CLASSES[key][0], "en": CLASSES[key][1], "chosen": key in shown["classes"]}
            for key in OF_QUANTITY
        ],
        "seal_classes": sorted(SEAL_FAULTS & set(line.classes)),
        **{key: shown[key] for key in ("counted", "seal", "hash_found", "proof", "remark")},
        "errors": list(errors),
    }
