"""Items in custody: one with its trail, the form of an act, and the export that proves itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for

from app.domain.access import Officer
from app.domain.custody import ACTIONS, ITEM_KINDS, KINDS, NEEDS_DOCUMENT, SEAL_STATES, TWO_PERSONS, read_day
from app.domain.custody_chain import Entry
from app.domain.custody_ledger import Ledger
from app.domain.custody_particulars import PARTICULARS
from app.domain.custody_quantity import written
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound, XianjieError
from app.domain.items import BY_KEY, FIRST_YEAR, WORDS
from app.services import cases, custody, custody_views, store, store_places
from app.services.custody import Cause
from app.services.custody_case_uco import MEDIA_TYPE
from app.services.custody_export import export_linked, export_trail
from app.services.custody_report import RECORDED
from app.services.items_batch import prefilled
from app.services.roles import keeps_store, require_keeper
from app.services.work import Work
from app.web.errors import said, status_of
from app.web.house import house
from app.web.item_files import files_panel
from app.web.language import SHANGHAI, moment, t
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("custody", __name__)

FIELDS: Mapping[str, tuple[str, ...]] = {
    "seized": ("kind", "quantity", "unit", "place", "seal", "file"),
    "sealed": ("seal", "state", "file"),
    "sampled": ("kind", "quantity"),
    "stored": ("place",),
    "lent": ("quantity", "due"),
    "returned_to_store": ("quantity",),
    "viewed": (),
    "copied": ("file",),
    "corrected": ("kind", "quantity"),
}
"""What the form of an act asks beside why, by which document, with whom and when."""

_OF_THE_STORE = {"lent": "store_loans.lend_form", "returned_to_store": "store_loans.return_form"}
_OPTIONAL = frozenset(("seal", "file"))
PLACES = {"who": "beside", "seal.number": "seal", "seal.state": "state", "number": "seal", "to": "place"}
"""The field of a form by the part of an act that was refused."""
_LONGEST = 1000

Doing = tuple[Work, Officer, str, str, Cause, Mapping[str, Any]]


@blueprint.get("/cases/<case_id>/items/<code>")
@officer_required
def show(case_id: str, code: str) -> Any:
    """One item: what it is, where it stands, and everything that happened to it."""
    with house().work(read_only=True) as work:
        view = custody_views.see_item(work, me(), case_id, code)
        files = files_panel(work, me(), case_id, code)
    return render_template(
        "item.html",
        **files,
        case=row_dict(view.held.case),
        item=item_words(view),
        trail=[_entry(entry, view.names) for entry in view.entries],
        acts=[named(action) for action in view.acts],
        may_split=view.may_split,
        pending=row_dict(view.pending) if view.pending else None,
        keeper=view.keeper,
    )


@blueprint.get("/cases/<case_id>/items/<code>/acts/<action>")
@officer_required
def act_form(case_id: str, code: str, action: str) -> Any:
    """Ask for what the trail needs to know of an act."""
    with house().work(read_only=True) as work:
        told = request.args.get("file", "")[:_LONGEST]
        page = _act_page(work, case_id, code, action, values={"file": told} if told else {}, errors=[])
        form = _OF_THE_STORE.get(action)
        if form and keeps_store(work, me()):
            # A custodian says more of a loan than a trail asks: what for, who approved it, in which condition.
            held = custody.hold(work, me(), case_id, [code], lock=False)[code]
            return redirect(url_for(form, item=held.row.id))
    return page


@blueprint.post("/cases/<case_id>/items/<code>/acts/<action>")
@officer_required
def act(case_id: str, code: str, action: str) -> Any:
    """Add an act to the trail of an item."""
    if action not in FIELDS:
        abort(404)
    given = {key: value.strip()[:_LONGEST] for key, value in request.form.items()}
    beside = [value for value in request.form.getlist("beside") if value]
    errors, status = _missing(action, given, beside), 422
    if not errors:
        try:
            with house().work() as work:
                cause = Cause(
                    why=given.get("why", ""),
                    document=given.get("document", ""),
                    beside=beside,
                    at=read_moment(given.get("at", "")),
                )
                if "place" in FIELDS[action]:
                    given["place"] = store.place_words(work, me(), given["place"])
                entry = DO[action]((work, me(), case_id, code, cause, given))
                warned = store.unsuited(work, me(), case_id, code) if "place" in FIELDS[action] else None
        except (Invalid, Conflict) as refused:
            errors, status = [_placed(action, refused)], int(status_of(refused))
        else:
            done = named(action)
            flash(t(f"已记入保管链第 {entry.seq} 项：{done['zh']}", f"Entry {entry.seq}: {done['en']}"), "ok")
            if warned:
                flash(t(*warned), "warn")
            return redirect(url_for("custody.show", case_id=case_id, code=code))
    with house().work(read_only=True) as work:
        values = {**given, "beside": beside}
        return _act_page(work, case_id, code, action, values=values, errors=errors, refused=True), status


@blueprint.get("/cases/<case_id>/custody.json")
@officer_required
def export(case_id: str) -> Any:
    """Give the trails the agency may see as one file that proves itself; the export is noted."""
    with house().work() as work:
        content = export_trail(work, me(), case_id)
        number = cases.see_case_row(work, me(), case_id).number
    return attached(content, f"custody-{number}.json", "application/json")


@blueprint.get("/cases/<case_id>/custody.jsonld")
@officer_required
def export_case_uco(case_id: str) -> Any:
    """Give the same in the terms of CASE/UCO, for tools that know nothing of this system; the export is noted."""
    return linked(case_id)


@blueprint.get("/cases/<case_id>/items/<code>/custody.jsonld")
@officer_required
def export_item_case_uco(case_id: str, code: str) -> Any:
    """Give the trail of one item in the terms of CASE/UCO; the export is noted."""
    return linked(case_id, code)


def linked(case_id: str, code: str = "") -> Response:
    """Give the custody of a case, or of one item, as a JSON-LD file."""
    with house().work() as work:
        content = export_linked(work, me(), case_id, code)
        number = cases.see_case_row(work, me(), case_id).number
    return attached(content, f"custody-{number}{f'-{code}' if code else ''}.jsonld", MEDIA_TYPE)


def attached(content: bytes, name: str, media_type: str) -> Response:
    """Give a file to keep; nobody between caches it."""
    answer = send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _act_page(
    work: Work,
    case_id: str,
    code: str,
    action: str,
    *,
    values: Mapping[str, Any],
    errors: Sequence[Mapping[str, str]],
    refused: bool = False,
) -> str:
    view = custody_views.see_item(work, me(), case_id, code)
    if action not in FIELDS:
        raise NotFound(at=action)
    require_keeper(work, me())
    if action not in view.acts and not refused:
        raise Forbidden(
            f"目前不能对 {code} 记录“{ACTIONS[action][0]}”",
            f"“{ACTIONS[action][1]}” cannot be recorded for {code} now",
            at=code,
        )
    data = view.held.row.data
    ledger = view.held.ledger
    known = {**prefilled(data), "at": input_moment(data.get("seized_at"))} if not ledger.seq else {}
    return render_template(
        "item_act.html",
        case=row_dict(view.held.case),
        item=item_words(view),
        action=named(action),
        fields=FIELDS[action],
        kinds=[{"key": key, "zh": words[0], "en": words[1]} for key, words in KINDS.get(action, {}).items()],
        seal_states=[{"key": key, "zh": words[0], "en": words[1]} for key, words in SEAL_STATES.items()],
        two_persons=action in TWO_PERSONS,
        needs_document=action in NEEDS_DOCUMENT,
        colleagues=colleague_choices(work, case_id),
        values={**known, **values},
        errors=errors,
        latest=input_moment(work.now),
        places=[row.full_name for row in store_places.open_places(work, me())] if "place" in FIELDS[action] else [],
    )


def colleague_choices(work: Work, case_id: str) -> list[dict[str, Any]]:
    """Give the officers who can be named beside, by agency, as the choice of a form takes them."""
    return [
        {"agency": group.agency.name, "officers": [{"id": row.id, "name": row.name} for row in group.officers]}
        for group in custody_views.colleagues(work, me(), case_id)
    ]


def read_moment(text: str) -> datetime | None:
    """Read the hour of an input, on the clock of Beijing; None for an empty one. Raises Invalid."""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = datetime.min  # noqa: DTZ901 - only its year is looked at
    if read.year < FIRST_YEAR:
        raise Invalid("没有这个时间", "There is no such time", at="at")
    return read if read.tzinfo else read.replace(tzinfo=SHANGHAI)


def input_moment(value: Any) -> str:
    """Write an hour as an input of date and time takes it; empty for none, or for words that are no hour."""
    try:
        return moment(value).replace(" ", "T")
    except (TypeError, ValueError):
        return ""


def _missing(action: str, given: Mapping[str, str], beside: Sequence[str]) -> list[dict[str, str]]:
    """Name every field that is empty at once, so that nobody meets them one by one."""
    wanted = ["why", *(field for field in FIELDS[action] if field not in _OPTIONAL)]
    wanted += ["seal"] if action == "sealed" else []
    wanted += ["document"] if action in NEEDS_DOCUMENT else []
    found = [{"field": field, "message": t("必须填写", "This is required")} for field in wanted if not given.get(field)]
    if action in TWO_PERSONS and not beside:
        zh, en = ACTIONS[action]
        found.append({"field": "beside", "message": t(f"{zh}应由二人以上进行", f"“{en}” needs two persons or more")})
    return found


def _placed(action: str, refused: XianjieError) -> dict[str, str]:
    """Put a refusal at the field of the form it is about."""
    name = refused.at.partition("[")[0]
    field = PLACES.get(name, name)
    shown = {*FIELDS[action], "why", "document", "beside", "at"}
    return {"field": field if field in shown else "", "message": said(refused)}


def _seize(doing: Doing) -> Entry:
    given = doing[5]
    return custody.seize(
        *doing[:5],
        place=given["place"],
        quantity=given["quantity"],
        unit=given["unit"],
        kind=given["kind"],
        seal=given.get("seal", ""),
        file=given.get("file", ""),
    )


def _lend(doing: Doing) -> Entry:
    given = doing[5]
    return custody.lend(*doing[:5], due=read_day(given["due"], at="due"), quantity=given["quantity"])


def _sample(doing: Doing) -> Entry:
    given = doing[5]
    if given["kind"] not in KINDS["sampled"]:
        raise Invalid("没有这种抽样方式", "There is no such kind of sampling", at="kind")
    return custody.sample(*doing[:5], quantity=given["quantity"], from_loan=given["kind"] == "loan")


DO: Mapping[str, Callable[[Doing], Entry]] = {
    "seized": _seize,
    "sealed": lambda doing: custody.seal(
        *doing[:5], number=doing[5]["seal"], state=doing[5]["state"], file=doing[5].get("file", "")
    ),
    "sampled": _sample,
    "stored": lambda doing: custody.store(*doing[:5], place=doing[5]["place"]),
    "lent": _lend,
    "returned_to_store": lambda doing: custody.give_back(*doing[:5], quantity=doing[5]["quantity"]),
    "viewed": lambda doing: custody.view(*doing[:5]),
    "copied": lambda doing: custody.copy(*doing[:5], file=doing[5].get("file", "")),
    "corrected": lambda doing: custody.correct(*doing[:5], kind=doing[5]["kind"], quantity=doing[5]["quantity"]),
}
"""Each act from what was given, by the names of `FIELDS`."""


def named(action: str) -> dict[str, str]:
    """Give an action with its words."""
    zh, en = ACTIONS[action]
    return {"key": action, "zh": zh, "en": en, "verb": VERBS.get(action, en)}


VERBS = {
    "seized": "Register the seizure",
    "sealed": "Seal",
    "sampled": "Take a sample",
    "stored": "Store",
    "lent": "Lend",
    "returned_to_store": "Take back",
    "viewed": "Note a viewing",
    "copied": "Note a copy",
    "disposed": "Dispose of it",
    "corrected": "Correct",
}
"""What a button says in English of an act that has not happened yet; in Chinese it is the same word."""


def item_words(view: custody_views.ItemView) -> dict[str, Any]:
    """Give an item and where it stands, as the pages about one item take it."""
    data = view.held.row.data
    ledger: Ledger = view.held.ledger
    category = ledger.category or str(data.get("category") or "")
    custodian = ledger.custodian
    seal = ledger.seal
    return {
        "code": view.held.row.code,
        "name": ledger.name or str(data.get("name") or ""),
        "category": t(category, ITEM_KINDS.get(category)),
        "unit": ledger.unit or str(data.get("unit") or ""),
        "seq": ledger.seq,
        "listed": str(data.get("qty") or ""),
        **{part: written(getattr(ledger, part)) for part in _PARTS},
        "agency": view.names.get(custodian.agency, custodian.agency) if custodian else "",
        "keeper": view.names.get(custodian.keeper, custodian.keeper) if custodian else "",
        "place": custodian.place if custodian else "",
        "seal": seal.number if seal else "",
        "seal_state": t(*SEAL_STATES[seal.state]) if seal else "",
        "seal_good": bool(seal and seal.state == "intact"),
        "file": ledger.file,
        "head": ledger.head if ledger.seq else "",
        "written": [
            {"words": t(*WORDS[key]), "value": _shown(key, data[key])}
            for key in WORDS
            if key not in _IN_HEADING and data.get(key) not in (None, "")
        ],
        "made_from": str(data.get("split_from") or data.get("proceeds_of") or ""),
    }


_IN_HEADING = frozenset(("code", "name", "category", "qty", "unit"))


def _shown(key: str, value: Any) -> str:
    if BY_KEY[key].shape == "moment":
        try:
            return moment(str(value))
        except ValueError:  # a form of another design may keep words under this key
            return str(value)
    return t(str(value), (BY_KEY[key].choices or {}).get(str(value)))


_PARTS = ("seized", "held", "consumed", "returned", "disposed", "lost", "on_loan")


def _entry(entry: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    kind = KINDS.get(entry["action"], {}).get(entry["kind"])
    seal, to = entry["seal"], entry["to"]
    return {
        "seq": entry["seq"],
        "act": t(*ACTIONS[entry["action"]]),
        "kind": t(*kind) if kind else "",
        "who": [
            {"name": person["name"], "agency": names.get(person["agency"], person["agency"])} for person in entry["who"]
        ],
        "at": entry["at"],
        "why": entry["why"],
        "document": entry["document"],
        "quantity": f"{entry['quantity']} {entry['unit']}",
        "to": names.get(to["agency"], to["agency"]) if to else "",
        "place": to["place"] if to else "",
        "seal": f"{seal['number']} {t(*SEAL_STATES[seal['state']])}" if seal else "",
        "file": entry["file"],
        "due": entry["due"],
        "recorded": entry["action"] in RECORDED,
        "hash": entry["hash"],
        "told": [
            {"words": t(*words), "value": entry["particulars"][key], "items": key in _LINKS}
            for key, words in PARTICULARS.get(entry["action"], {}).items()
            if key in entry.get("particulars", {})
        ],
    }


_LINKS = frozenset(("into", "split_from", "proceeds", "proceeds_of"))
"""The particulars that name items."""
