"""Disposal of an item: the way, the decision, who and how; a warning is read before evidence is lost."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.domain.custody_quantity import written
from app.domain.disposals import IDENTITIES, WAYS, warnings
from app.domain.errors import Conflict, Forbidden, Invalid, InvalidAnswers
from app.services import custody_views, disposal, items
from app.services.custody import Cause
from app.services.disposal import Decision, Disposal
from app.services.work import Work
from app.web.custody import colleague_choices, input_moment, item_words, read_moment
from app.web.errors import field_errors, said
from app.web.house import house
from app.web.language import t
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("disposals", __name__)

_LONGEST = 1000
_BETWEEN = str.maketrans(dict.fromkeys(",，;；", "、"))
_ASKED = frozenset(
    (
        *("kind", "quantity", "decision", "decision_number", "decision_issuer", "decision_date", "method", "witnesses"),
        *("recipient", "recipient_id", "recipient_id_kind", "amount", "account", "voucher", "paid_to", "proceeds"),
        *("why", "beside", "at", "confirmed"),
    )
)


@blueprint.get("/cases/<case_id>/items/<code>/acts/disposed")
@officer_required
def form(case_id: str, code: str) -> Any:
    """Choose a way of disposal, then say how."""
    with house().work(read_only=True) as work:
        return _page(work, case_id, code, request.args.get("kind", ""), values={}, errors=[])


@blueprint.post("/cases/<case_id>/items/<code>/acts/disposed")
@officer_required
def dispose(case_id: str, code: str) -> Any:
    """Enter the disposal, with the proceeds that are kept."""
    given = {key: value.strip()[:_LONGEST] for key, value in request.form.items()}
    values = {**given, "beside": [value for value in request.form.getlist("beside") if value]}
    try:
        cause = Cause(why=given.get("why", ""), beside=values["beside"], at=read_moment(given.get("at", "")))
        with house().work() as work:
            entry = disposal.dispose(work, me(), case_id, code, cause, _wanted(given))
    except InvalidAnswers as refused:
        errors, status = _placed(field_errors(refused)), 422
    except (Invalid, Conflict) as refused:
        errors, status = _placed({refused.at: [said(refused)]}), 409 if isinstance(refused, Conflict) else 422
    else:
        way = WAYS[entry.act.kind]
        flash(t(f"已记入保管链第 {entry.seq} 项：{way.zh}", f"Entry {entry.seq}: {way.en}"), "ok")
        return redirect(url_for("custody.show", case_id=case_id, code=code))
    with house().work(read_only=True) as work:
        return _page(work, case_id, code, given.get("kind", ""), values=values, errors=errors), status


def _wanted(given: Mapping[str, str]) -> Disposal:
    told = {
        key: given.get(key, "")
        for key in (
            *("method", "recipient", "recipient_id", "amount", "account", "voucher", "paid_to", "proceeds"),
            *("kind", "quantity"),
        )
    }
    return Disposal(
        **told,
        recipient_id_kind=given.get("recipient_id_kind") or "id_no",
        decision=Decision(
            document=given.get("decision", ""),
            number=given.get("decision_number", ""),
            issuer=given.get("decision_issuer", ""),
            date=given.get("decision_date", ""),
        ),
        witnesses=[name.strip() for name in given.get("witnesses", "").translate(_BETWEEN).split("、")],
        confirmed=given.get("confirmed") == "yes",
    )


def _placed(found: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    return [{"field": key if key in _ASKED else "", "message": words[0]} for key, words in found.items()]


def _page(
    work: Work,
    case_id: str,
    code: str,
    kind: str,
    *,
    values: Mapping[str, Any],
    errors: Sequence[Mapping[str, str]],
) -> str:
    view = custody_views.see_item(work, me(), case_id, code)
    if "disposed" not in view.acts and not errors:
        raise Forbidden(f"目前不能处置 {code}", f"{code} cannot be disposed of now", at=code)
    ledger = view.held.ledger
    way = WAYS.get(kind)
    known = {
        "quantity": written(ledger.available),
        "recipient": str(view.held.row.data.get("holder") or "") if kind == "return" else "",
        "proceeds": items.next_code(work, case_id) if kind == "auction" else "",
        "account": str(view.held.row.data.get("account_no") or ""),
    }
    persons = disposal.persons_of(work, me(), kind)
    running = disposal.is_running(work, case_id)
    return render_template(
        "item_dispose.html",
        case=row_dict(view.held.case),
        item=item_words(view),
        ways=[{"key": key, "words": t(one.zh, one.en), "article": one.article} for key, one in WAYS.items()],
        kind=kind if way else "",
        needs=way.needs if way else (),
        persons=persons,
        warnings=[t(*words) for words in warnings(kind, ledger.category, running=running)] if way else [],
        decisions=[
            {
                "id": row.id,
                "words": f"{t(row.title, row.data.get('title_en'))} {row.number} ({row.date})",
            }
            for row in disposal.decisions(work, me(), case_id)
        ],
        identities=[{"key": key, "words": t(*words)} for key, words in IDENTITIES.items()],
        colleagues=colleague_choices(work, case_id),
        values=values or known,
        errors=errors,
        latest=input_moment(work.now),
    )
