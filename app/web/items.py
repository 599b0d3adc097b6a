"""The items of a case as a table: searched, filtered, sorted, paged, and chosen for an act on many."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request, url_for

from app.domain.custody import ACTIONS, ITEM_KINDS, SEAL_STATES
from app.domain.custody_quantity import written
from app.services import items
from app.services.items import ORDERS, SIZE, STATES, Line, Listing, Wanted
from app.services.items_batch import BATCH
from app.services.roles import may_keep
from app.web.custody import named
from app.web.house import house
from app.web.language import t
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("items", __name__)

CHIPS = {
    "unregistered": "week",
    "held": "ok",
    "on_loan": "week",
    "handing_over": "info",
    "lost": "soon",
    "gone": "none",
}
_LAST_PAGE = 100_000


@blueprint.get("/cases/<case_id>/items")
@officer_required
def listing(case_id: str) -> Any:
    """The items of a case that my agency may see."""
    page = request.args.get("page", 1, type=int)
    if not 1 <= page <= _LAST_PAGE:
        abort(400)
    order = request.args.get("sort", "code")
    given = {key: request.args.get(key, "")[:100] for key in ("q", "kind", "custodian", "state")}
    wanted = Wanted(
        words=given["q"],
        kind=given["kind"],
        custodian=given["custodian"],
        state=given["state"] if given["state"] in STATES else "",
        order=order.removeprefix("-") if order.removeprefix("-") in ORDERS else "code",
        falling=order.startswith("-"),
        page=page,
    )
    with house().work(read_only=True) as work:
        found = items.see_list(work, me(), case_id, wanted)
        keeper = may_keep(work, me())
    asked = {key: value for key, value in given.items() if value}
    sort = f"{'-' if wanted.falling else ''}{wanted.order}"
    kept = {**asked, "sort": sort} if sort != "code" else asked
    return render_template(
        "items.html",
        case=row_dict(found.case),
        items=[_row(line, found) for line in found.lines],
        all=found.all,
        total=found.total,
        page=page,
        size=SIZE,
        unregistered=found.unregistered,
        filters=given,
        kinds=[{"key": kind, "words": t(kind, ITEM_KINDS.get(kind))} for kind in found.kinds],
        custodians=[{"key": key, "words": found.names.get(key, key)} for key in found.custodians],
        states=[
            {"key": key, "words": t(*words), "count": found.states[key]}
            for key, words in STATES.items()
            if found.states[key] or key == wanted.state
        ],
        columns=[_column(case_id, key, words, wanted, asked) for key, words in _COLUMNS],
        acts=[named(action) for action in BATCH] if keeper else [],
        keeper=keeper,
        next=_address(case_id, **kept, page=""),
    )


_COLUMNS = (
    ("code", ("编号", "Code")),
    ("name", ("名称", "Name")),
    ("kind", ("种类", "Kind")),
    ("", ("数量", "Quantity")),
    ("custodian", ("保管单位和地点", "Kept by, where")),
    ("", ("封签", "Seal")),
    ("state", ("状态", "State")),
    ("at", ("最近操作", "Last act")),
)


def _column(case_id: str, key: str, words: tuple[str, str], wanted: Wanted, asked: dict[str, str]) -> dict[str, str]:
    if not key:
        return {"key": "", "words": t(*words), "href": "", "order": ""}
    now = wanted.order == key
    turned = f"-{key}" if now and not wanted.falling else key
    order = ("descending" if wanted.falling else "ascending") if now else ""
    href = _address(case_id, **asked, sort=turned)
    return {"key": key, "words": t(*words), "href": href, "order": order}


def _address(case_id: str, **asked: str) -> str:
    return f"{url_for('items.listing', case_id=case_id)}?{urlencode(asked)}"


def _row(line: Line, found: Listing) -> dict[str, Any]:
    ledger, newest = line.ledger, found.newest.get(line.id)
    custodian, seal = ledger.custodian, ledger.seal
    return {
        "code": line.code,
        "name": line.name,
        "spec": " ".join(str(line.data[key]) for key in ("model", "spec") if line.data.get(key)),
        "kind": t(line.kind, ITEM_KINDS.get(line.kind)),
        "unit": ledger.unit or str(line.data.get("unit") or ""),
        "listed": str(line.data.get("qty") or ""),
        "registered": bool(ledger.seq),
        "seized": written(ledger.seized),
        "held": written(ledger.held),
        "on_loan": written(ledger.on_loan) if ledger.on_loan else "",
        "lost": written(ledger.lost) if ledger.lost else "",
        "custodian": found.names.get(custodian.agency, custodian.agency) if custodian else "",
        "keeper": found.names.get(custodian.keeper, custodian.keeper)
        if custodian and custodian.keeper != custodian.agency
        else "",
        "place": custodian.place if custodian else str(line.data.get("storage_place") or ""),
        "seal": seal.number if seal else str(line.data.get("seal_no") or ""),
        "seal_fault": t(*SEAL_STATES[seal.state]) if seal and seal.state != "intact" else "",
        "state": line.state,
        "state_words": t(*STATES[line.state]),
        "chip": CHIPS[line.state],
        "handover": row_dict(line.handover) if line.handover else None,
        "act": t(*ACTIONS[newest.action]) if newest else "",
        "at": newest.at if newest else None,
    }
