"""Custody in the API: items of a case with their trails, what is done with them, and the files that prove it."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.domain.custody_chain import custodian_to_plain, entry_to_plain
from app.domain.custody_ledger import PARTS
from app.domain.custody_quantity import written
from app.services import custody_views
from app.services.custody import Cause, Held
from app.services.custody_case_uco import MEDIA_TYPE
from app.services.custody_export import export_trail
from app.services.custody_items import find_items, state_of
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


@blueprint.get("/cases/<case_id>/items")
@blueprint.arguments(schemas.ItemsAsked, location="query")
@blueprint.response(200, schemas.ItemList)
@officer_required
def list_items(asked: Mapping[str, Any], case_id: str) -> Any:
    """The items of a case my agency may see, each with where it stands."""
    with house().work(read_only=True) as work:
        total, found = find_items(work, me(), case_id, **asked)
        return {"total": total, "items": _items(work, found)}


@blueprint.get("/cases/<case_id>/items/<code>")
@blueprint.response(200, schemas.ItemWhole)
@officer_required
def show_item(case_id: str, code: str) -> Any:
    """An item with its trail, oldest entry first."""
    with house().work(read_only=True) as work:
        view = custody_views.see_item(work, me(), case_id, code)
        return {
            **_items(work, [view.held])[0],
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
    return _done("disposed", given, case_id, code)


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


def _items(work: Work, found: Iterable[Held]) -> list[dict[str, Any]]:
    named: dict[str, dict[str, Any]] = {}

    def agency(key: str) -> dict[str, Any]:
        if key not in named:
            row = agencies.agency_by_key(work.connection, key)
            named[key] = row_dict(row) if row else {"key": key}
        return named[key]

    def custodian(held: Held) -> dict[str, Any] | None:
        side = custodian_to_plain(held.ledger.custodian)
        return side and {**side, "agency": agency(side["agency"]), "keeper": agency(side["keeper"])}

    return [
        {
            "code": held.row.code,
            "name": held.ledger.name or str(held.row.data.get("name") or ""),
            "category": held.ledger.category or str(held.row.data.get("category") or ""),
            "unit": held.ledger.unit or str(held.row.data.get("unit") or ""),
            "listed": str(held.row.data.get("qty") or ""),
            "state": state_of(held.ledger),
            "entries": held.ledger.seq,
            **{part: written(getattr(held.ledger, part)) for part in PARTS},
            "custodian": custodian(held),
            "seal": held.ledger.seal,
            "file": held.ledger.file,
            "head": held.ledger.head if held.ledger.seq else "",
        }
        for held in found
    ]
