"""Custody in the API: items of a case with their trails, what is done with them, and the files that prove it."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.domain.custody import read_kind
from app.domain.custody_chain import entry_to_plain
from app.domain.custody_ledger import PARTS
from app.domain.custody_quantity import written
from app.domain.errors import Invalid
from app.services import custody_views, disposal
from app.services.custody import Cause
from app.services.custody_case_uco import MEDIA_TYPE
from app.services.custody_export import export_trail
from app.services.disposal import Decision, Disposal
from app.services.items import STATES, Line, Wanted, see_list
from app.services.work import Work
from app.storage import agencies
from app.web.api import custody_schemas as schemas
from app.web.api.parsing import StrictParser
from app.web.api.placing import placed
from app.web.custody import DO, PLACES, linked
from app.web.house import house
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint(
    "api_custody",
    __name__,
    url_prefix="/api/v1",
    description="物品保管链; an act is a POST to acts/<action>, of those the item names in `acts`",
)
blueprint.ARGUMENTS_PARSER = StrictParser()

_OF_DISPOSAL = frozenset(
    (
        *("kind", "quantity", "method", "witnesses", "recipient", "recipient_id", "recipient_id_kind"),
        *("amount", "account", "voucher", "paid_to", "proceeds", "confirmed"),
    )
)


@blueprint.get("/cases/<case_id>/items")
@blueprint.arguments(schemas.ItemsAsked, location="query")
@blueprint.response(200, schemas.ItemList)
@officer_required
def list_items(asked: Mapping[str, Any], case_id: str) -> Any:
    """The items of a case my agency may see, each with where it stands."""
    with house().work(read_only=True) as work:
        if asked["kind"]:
            read_kind(asked["kind"], at="kind")
        if asked["state"] and asked["state"] not in STATES:
            raise Invalid("没有这种状态", "There is no such state", at="state")
        wanted = Wanted(
            words=asked["q"],
            kind=asked["kind"],
            custodian=asked["custodian"],
            state=asked["state"],
            order=asked["sort"].removeprefix("-"),
            falling=asked["sort"].startswith("-"),
            page=asked["page"],
            size=asked["size"],
        )
        found = see_list(work, me(), case_id, wanted)
        return {"total": found.total, "items": [_item(work, line) for line in found.lines]}


@blueprint.get("/cases/<case_id>/items/<code>")
@blueprint.response(200, schemas.ItemWhole)
@officer_required
def show_item(case_id: str, code: str) -> Any:
    """An item with its trail, oldest entry first."""
    with house().work(read_only=True) as work:
        view = custody_views.see_item(work, me(), case_id, code)
        held = view.held
        line = Line(
            id=held.row.id,
            code=held.row.code,
            data=held.row.data,
            mine=held.row.agency_id == me().agency_id,
            ledger=held.ledger,
            handover=view.pending,
        )
        return {
            **_item(work, line),
            "trail": view.entries,
            "acts": view.acts,
            "pending": row_dict(view.pending) if view.pending else None,
        }


@blueprint.post("/cases/<case_id>/items/<code>/acts/seized")
@blueprint.arguments(schemas.SeizeGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def seize(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Take an item into custody (扣押、调取、提取、退缴); for the agency that brought it into the case."""
    return _done("seized", given, case_id, code)


@blueprint.post("/cases/<case_id>/items/<code>/acts/sealed")
@blueprint.arguments(schemas.SealGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def seal(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Seal an item (封存), or note the state in which its seal was found."""
    return _done("sealed", given, case_id, code)


@blueprint.post("/cases/<case_id>/items/<code>/acts/sampled")
@blueprint.arguments(schemas.SampleGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def sample(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Take a sample that is used up (抽样)."""
    return _done("sampled", given, case_id, code)


@blueprint.post("/cases/<case_id>/items/<code>/acts/stored")
@blueprint.arguments(schemas.StoreGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def store(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Put an item on a place of the store (入库)."""
    return _done("stored", given, case_id, code)


@blueprint.post("/cases/<case_id>/items/<code>/acts/lent")
@blueprint.arguments(schemas.LendGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def lend(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Let an item leave the store until a day (借出); `beside` names the borrower."""
    return _done("lent", given, case_id, code)


@blueprint.post("/cases/<case_id>/items/<code>/acts/returned_to_store")
@blueprint.arguments(schemas.QuantityGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def give_back(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Take back what was lent (归还)."""
    return _done("returned_to_store", given, case_id, code)


@blueprint.post("/cases/<case_id>/items/<code>/acts/viewed")
@blueprint.arguments(schemas.ActGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def view(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Note that an item was looked at (查看)."""
    return _done("viewed", given, case_id, code)


@blueprint.post("/cases/<case_id>/items/<code>/acts/copied")
@blueprint.arguments(schemas.CopyGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def copy(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Note that an item was copied (复制)."""
    return _done("copied", given, case_id, code)


@blueprint.post("/cases/<case_id>/items/<code>/acts/disposed")
@blueprint.arguments(schemas.DisposeGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def dispose(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Return, auction, destroy or pay an item to the treasury (处置): two persons, by a decision."""
    decision = Decision(
        document=given["decision"],
        number=given["decision_number"],
        issuer=given["decision_issuer"],
        date=given["decision_date"],
    )
    told = {key: value for key, value in given.items() if key in _OF_DISPOSAL}
    cause = Cause(why=given["why"], beside=given["beside"], at=given["at"])
    with placed(PLACES), house().work() as work:
        wanted = Disposal(decision=decision, **told)
        return entry_to_plain(disposal.dispose(work, me(), case_id, code, cause, wanted))


@blueprint.post("/cases/<case_id>/items/<code>/acts/corrected")
@blueprint.arguments(schemas.CorrectGiven)
@blueprint.response(201, schemas.EntryShown)
@officer_required
def correct(given: Mapping[str, Any], case_id: str, code: str) -> Any:
    """Set right what was recorded wrongly, or record a loss or a find (更正)."""
    return _done("corrected", given, case_id, code)


@blueprint.get("/cases/<case_id>/custody.json")
@blueprint.response(200, content_type="application/json")
@officer_required
def export(case_id: str) -> Any:
    """The trails my agency may see as one file that `xianjie custody verify` proves; the export is noted."""
    with house().work() as work:
        return Response(export_trail(work, me(), case_id), mimetype="application/json")


@blueprint.get("/cases/<case_id>/custody.jsonld")
@blueprint.response(200, content_type=MEDIA_TYPE)
@officer_required
def export_case_uco(case_id: str) -> Any:
    """The same in the terms of CASE/UCO (JSON-LD); the export is noted."""
    return linked(case_id)


@blueprint.get("/cases/<case_id>/items/<code>/custody.jsonld")
@blueprint.response(200, content_type=MEDIA_TYPE)
@officer_required
def export_item_case_uco(case_id: str, code: str) -> Any:
    """The trail of one item in the terms of CASE/UCO (JSON-LD); the export is noted."""
    return linked(case_id, code)


def _done(action: str, given: Mapping[str, Any], case_id: str, code: str) -> dict[str, Any]:
    cause = Cause(why=given["why"], document=given["document"], beside=given["beside"], at=given["at"])
    with placed(PLACES), house().work() as work:
        return entry_to_plain(DO[action]((work, me(), case_id, code, cause, given)))


def _item(work: Work, line: Line) -> dict[str, Any]:
    ledger = line.ledger
    side = ledger.custodian
    return {
        "code": line.code,
        "name": line.name,
        "category": line.kind,
        "unit": ledger.unit or str(line.data.get("unit") or ""),
        "listed": str(line.data.get("qty") or ""),
        "state": line.state,
        "entries": ledger.seq,
        **{part: written(getattr(ledger, part)) for part in PARTS},
        "custodian": side
        and {"agency": _agency(work, side.agency), "keeper": _agency(work, side.keeper), "place": side.place},
        "seal": ledger.seal,
        "file": ledger.file,
        "head": ledger.head if ledger.seq else "",
    }


def _agency(work: Work, key: str) -> dict[str, Any]:
    row = agencies.agency_by_key(work.connection, key)
    return row_dict(row) if row else {"key": key}
