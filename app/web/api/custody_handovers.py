"""Hand-overs in the API: listed by the giver, counted line by line by the receiver, explained and signed by both."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint

from app.domain.custody_sheet import line_to_plain
from app.services import custody_handovers, custody_views, handover_desk
from app.services.cases import see_case_row
from app.services.custody_handovers import Seen
from app.services.work import Work
from app.web.api import custody_schemas as schemas
from app.web.api.parsing import StrictParser
from app.web.api.placing import placed
from app.web.house import house
from app.web.language import t
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("api_handovers", __name__, url_prefix="/api/v1", description="物品交接")
blueprint.ARGUMENTS_PARSER = StrictParser()


@blueprint.get("/cases/<case_id>/handovers")
@blueprint.response(200, schemas.HandoverList)
@officer_required
def list_handovers(case_id: str) -> Any:
    """The hand-overs my agency gives or receives in a case, and to whom it can hand over."""
    with house().work(read_only=True) as work:
        return {
            "handovers": [_shown(work, seen) for seen in custody_views.see_handovers(work, me(), case_id)],
            "receivers": [row_dict(row) for row in custody_views.receivers(work, me(), case_id)],
        }


@blueprint.post("/cases/<case_id>/handovers")
@blueprint.arguments(schemas.HandoverOpened)
@blueprint.response(201, schemas.HandoverWhole)
@officer_required
def open_handover(given: Mapping[str, Any], case_id: str) -> Any:
    """List items for another agency of the case, in the task that waits for the list or in a process begun for it."""
    answers = {
        **{key: given[key] for key in ("to_agency", "number", "place", "items")},
        "signers": [given["giver_signers"], given["receiver_signers"]],
    }
    with placed({}), house().work() as work:
        see_case_row(work, me(), case_id)
        made = _whole(work, handover_desk.begin(work, me(), case_id, answers))
    house().wake()
    return made


@blueprint.get("/handovers/<handover_id>")
@blueprint.response(200, schemas.HandoverWhole)
@officer_required
def show_handover(handover_id: str) -> Any:
    """A hand-over with its lines, what is still open, and its signatures."""
    with house().work(read_only=True) as work:
        return _whole(work, handover_id)


@blueprint.put("/handovers/<handover_id>/lines/<code>")
@blueprint.arguments(schemas.CountGiven)
@blueprint.response(200, schemas.LineShown)
@officer_required
def count_line(given: Mapping[str, Any], handover_id: str, code: str) -> Any:
    """Write down what the receiver found of one item; again takes the place of what was found before."""
    with placed({}), house().work() as work:
        return line_to_plain(custody_handovers.count_line(work, me(), handover_id, code, **given))


@blueprint.post("/handovers/<handover_id>/lines/<code>/explanation")
@blueprint.arguments(schemas.ExplanationGiven)
@blueprint.response(200, schemas.LineShown)
@officer_required
def explain_line(given: Mapping[str, Any], handover_id: str, code: str) -> Any:
    """Class and prove a difference of a counted line; either side may."""
    with placed({}), house().work() as work:
        return line_to_plain(custody_handovers.explain_line(work, me(), handover_id, code, **given))


@blueprint.post("/handovers/<handover_id>/finish")
@blueprint.arguments(schemas.StepGiven)
@blueprint.response(200, schemas.HandoverWhole)
@officer_required
def finish_step(given: Mapping[str, str], handover_id: str) -> Any:
    """End the counting or the explaining, where a process runs the hand-over; 409 when it is the other side's turn."""
    with placed({}), house().work() as work:
        handover_desk.finish(work, me(), handover_id, step=given["step"])
        seen = _whole(work, handover_id)
    house().wake()
    return seen


@blueprint.post("/handovers/<handover_id>/sign")
@blueprint.arguments(schemas.SignGiven)
@blueprint.response(200, schemas.SignedShown)
@officer_required
def sign_handover(given: Mapping[str, str], handover_id: str) -> Any:
    """Sign for a side; with the last signature custody moves. 422 while a difference is open, naming its line."""
    with placed({}), house().work() as work:
        complete = handover_desk.sign(work, me(), handover_id, side=given["side"])
    house().wake()
    return {"complete": complete}


@blueprint.post("/handovers/<handover_id>/cancel")
@blueprint.arguments(schemas.WhyGiven)
@blueprint.response(204)
@officer_required
def cancel_handover(given: Mapping[str, str], handover_id: str) -> None:
    """Give up a hand-over that has not been signed by all."""
    with placed({"cancel": "why"}), house().work() as work:
        handover_desk.cancel(work, me(), handover_id, why=given["why"])
    house().wake()


def _whole(work: Work, handover_id: str) -> dict[str, Any]:
    seen = custody_handovers.see_handover(work, me(), handover_id)
    return {
        **_shown(work, seen),
        "lines": [line_to_plain(line) for line in seen.value.lines],
        "differences": [
            {"item": one.item, "field": one.field, "detail": t(one.zh, one.en)} for one in seen.differences
        ],
        "signatures": seen.value.signatures,
    }


def _shown(work: Work, seen: Seen) -> dict[str, Any]:
    row, value = seen.row, seen.value
    giver, receiver = value.signers
    return {
        **row_dict(row),
        "sheet": row.sheet or "",
        "giver": row_dict(work.agency(row.from_agency)),
        "receiver": row_dict(work.agency(row.to_agency)),
        "signers": {"giver": giver, "receiver": receiver},
        "items": len(value.lines),
        "counted": sum(line.counted is not None for line in value.lines),
        "open": len(seen.differences),
    }
