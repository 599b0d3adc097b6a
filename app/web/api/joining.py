"""Splitting and joining cases in the API."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from app.services import joining
from app.web.api.parsing import StrictParser
from app.web.api.schemas import IdGiven, Strict
from app.web.house import house
from app.web.security import me, officer_required

blueprint = Blueprint("api_joining", __name__, url_prefix="/api/v1", description="并案和分案")
blueprint.ARGUMENTS_PARSER = StrictParser()


class SplitGiven(Strict):
    """Who is split off, what the new case is called and shown, why, and by which decision."""

    persons = fields.List(fields.String(), required=True, validate=validate.Length(max=1000))
    name = fields.String(required=True, validate=validate.Length(max=200))
    why = fields.String(required=True, validate=validate.Length(max=500))
    document = fields.String(required=True, validate=validate.Length(max=100))
    items = fields.List(fields.String(), load_default=list, validate=validate.Length(max=1000))
    papers = fields.List(fields.String(), load_default=list, validate=validate.Length(max=1000))
    number = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=60))


class JoinGiven(Strict):
    """The case that is brought under this one, by id or number; new codes for what exists in both."""

    other = fields.String(required=True, validate=validate.Length(1, 100))
    why = fields.String(required=True, validate=validate.Length(max=500))
    document = fields.String(required=True, validate=validate.Length(max=100))
    codes = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    item_codes = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


@blueprint.post("/cases/<case_id>/split")
@blueprint.arguments(SplitGiven)
@blueprint.response(201, IdGiven)
@officer_required
def split(given: Mapping[str, Any], case_id: str) -> Any:
    """Make a case of its own of some persons; gives the new case."""
    with house().work() as work:
        new_id = joining.split(work, me(), case_id, **given)
    house().wake()
    return {"id": new_id}


@blueprint.post("/cases/<case_id>/join")
@blueprint.arguments(JoinGiven)
@blueprint.response(204)
@officer_required
def join(given: Mapping[str, Any], case_id: str) -> None:
    """Bring another case under this one; 422 names a code that exists twice and offers a free one."""
    with house().work() as work:
        joining.join(work, me(), case_id, **given)
    house().wake()
