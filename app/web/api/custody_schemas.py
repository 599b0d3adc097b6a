"""The shapes of custody in the API: items with their trails, acts, and hand-overs with their lines."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.domain.custody import ACTIONS, ITEM_KINDS, KINDS, SEAL_STATES
from app.domain.custody_handover import CLASSES, SIDES
from app.domain.disposals import IDENTITIES
from app.services.handover_desk import COUNT, EXPLAIN
from app.services.items import ORDERS, STATES
from app.web.api.schemas import AgencyShown, Moment, Strict

LONGEST_LIST = 20
"""Officers named beside, or classes of a difference: more are no list but an attack."""


class Quantity(fields.String):
    """A quantity: a whole number, or a plain decimal number as text, which loses nothing on the way."""

    default_error_messages = {"invalid": "Not a valid quantity."}  # noqa: RUF012 - as the library types it

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"description": 'a whole number, or text such as "12.5"', "example": "640"}
        super().__init__(metadata={**metadata, **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class Listed(fields.Dict):
    """Listed quantities by the code of the item; null is what is held."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(keys=fields.String(), values=Quantity(allow_none=True), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call] # of the library
        except ValidationError as refused:
            if not isinstance(refused.messages, dict):
                raise
            # The library speaks of key and value of an entry; the caller knows the entry.
            told = {
                code: [text for texts in parts.values() for text in texts] for code, parts in refused.messages.items()
            }
            raise ValidationError(told) from None


def _one_of(words: Mapping[str, Any], **more: Any) -> Any:
    """Give a text of a closed list; the rules of custody refuse others, in the reader's language."""
    return fields.String(metadata={"enum": list(words)}, **more)


class CustodianShown(Schema):
    """Who answers for an item, who keeps it, and where."""

    agency = fields.Nested(AgencyShown)
    keeper = fields.Nested(AgencyShown)
    place = fields.String()


class SealShown(Schema):
    """A seal and its state."""

    number = fields.String()
    state = _one_of(SEAL_STATES)


class PersonShown(Schema):
    """Who acted: name, key of the agency, number of the certificate."""

    name = fields.String()
    agency = fields.String()
    number = fields.String()


class PlaceShown(Schema):
    """A custodian as an entry names one: keys of the agencies."""

    agency = fields.String()
    keeper = fields.String()
    place = fields.String()


class EntryShown(Schema):
    """An entry of a trail exactly as it is hashed; `at` is UTC."""

    class Meta:
        """`from` is a word of Python."""

        include = {"from": fields.Nested(PlaceShown, allow_none=True)}  # noqa: RUF012 - as the library types it

    item = fields.String()
    seq = fields.Integer()
    action = _one_of(ACTIONS)
    kind = fields.String()
    at = fields.String()
    who = fields.List(fields.Nested(PersonShown))
    why = fields.String()
    document = fields.String()
    quantity = fields.String()
    unit = fields.String()
    to = fields.Nested(PlaceShown, allow_none=True)
    seal = fields.Nested(SealShown, allow_none=True)
    file = fields.String()
    receipt = fields.String()
    due = fields.String()
    name = fields.String()
    category = fields.String()
    particulars = fields.Dict(keys=fields.String(), values=fields.String())
    previous = fields.String()
    hash = fields.String()


class ItemShown(Schema):
    """An item and where it stands; quantities in `unit`, as text."""

    code = fields.String()
    name = fields.String()
    category = _one_of(ITEM_KINDS)
    unit = fields.String()
    listed = fields.String()
    state = _one_of(STATES)
    entries = fields.Integer()
    seized = fields.String()
    held = fields.String()
    consumed = fields.String()
    returned = fields.String()
    disposed = fields.String()
    lost = fields.String()
    on_loan = fields.String()
    custodian = fields.Nested(CustodianShown, allow_none=True)
    seal = fields.Nested(SealShown, allow_none=True)
    file = fields.String()
    head = fields.String()


class HandoverNamed(Schema):
    """The hand-over an item is listed in."""

    id = fields.String()
    number = fields.String()
    state = fields.String()


class ItemWhole(ItemShown):
    """An item with its trail; `acts` are what the officer may record now."""

    trail = fields.List(fields.Nested(EntryShown))
    acts = fields.List(fields.String())
    pending = fields.Nested(HandoverNamed, allow_none=True)


class ItemsAsked(Strict):
    """Which items of a case: words in code, name or seal, a kind, the key of the agency that answers, a state."""

    q = fields.String(load_default="", validate=validate.Length(max=100))
    kind = _one_of(ITEM_KINDS, load_default="")
    custodian = fields.String(load_default="")
    state = _one_of(STATES, load_default="")
    sort = fields.String(load_default="code", validate=validate.OneOf([*ORDERS, *(f"-{order}" for order in ORDERS)]))
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    size = fields.Integer(load_default=30, validate=validate.Range(1, 200))


class ItemList(Schema):
    """A page of items."""

    total = fields.Integer()
    items = fields.List(fields.Nested(ItemShown))


class ActGiven(Strict):
    """Why, by which document, with whom (ids of officers) and when (now, when it is left out)."""

    why = fields.String(required=True)
    document = fields.String(load_default="")
    beside = fields.List(fields.String(), load_default=list, validate=validate.Length(max=LONGEST_LIST))
    at = fields.AwareDateTime(load_default=None, allow_none=True)


class SeizeGiven(ActGiven):
    """A seizure; what is left out is read from the item's row."""

    kind = _one_of(KINDS["seized"], load_default="seizure")
    place = fields.String(required=True)
    quantity = Quantity(load_default=None, allow_none=True)
    unit = fields.String(load_default=None, allow_none=True)
    seal = fields.String(load_default="")
    file = fields.String(load_default="", metadata={"description": "SHA-256 of electronic data"})


class SealGiven(ActGiven):
    """A seal put on, or the state in which it was found."""

    seal = fields.String(required=True)
    state = _one_of(SEAL_STATES, load_default="intact")


class SampleGiven(ActGiven):
    """A sample that is used up."""

    kind = _one_of(KINDS["sampled"], load_default="store")
    quantity = Quantity(required=True)


class StoreGiven(ActGiven):
    """A place in the store."""

    place = fields.String(required=True)


class LendGiven(ActGiven):
    """A loan until a day."""

    quantity = Quantity(required=True)
    due = fields.String(required=True, metadata={"format": "date"})


class QuantityGiven(ActGiven):
    """How much."""

    quantity = Quantity(required=True)


class CopyGiven(ActGiven):
    """A copy, with its SHA-256 when it is electronic data."""

    file = fields.String(load_default="")


class DisposeGiven(Strict):
    """A disposal and the decision behind it: a document of the case by its id, or one from outside.

    A refusal names what the way of disposal needs; `confirmed` says that the warnings it named there were read.
    """

    kind = _one_of(KINDS["disposed"], required=True)
    quantity = Quantity(required=True)
    why = fields.String(required=True)
    beside = fields.List(fields.String(), load_default=list, validate=validate.Length(max=LONGEST_LIST))
    at = fields.AwareDateTime(load_default=None, allow_none=True)
    decision = fields.String(load_default="", metadata={"description": "id of a document of the case"})
    decision_number = fields.String(load_default="")
    decision_issuer = fields.String(load_default="")
    decision_date = fields.String(load_default="", metadata={"format": "date"})
    method = fields.String(load_default="")
    witnesses = fields.List(fields.String(), load_default=list, validate=validate.Length(max=LONGEST_LIST))
    recipient = fields.String(load_default="")
    recipient_id = fields.String(load_default="")
    recipient_id_kind = _one_of(IDENTITIES, load_default="id_no")
    amount = Quantity(load_default="", metadata={"description": "yuan"})
    account = fields.String(load_default="")
    voucher = fields.String(load_default="")
    paid_to = fields.String(load_default="")
    proceeds = fields.String(load_default="", metadata={"description": "code under which the money is kept"})
    confirmed = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class CorrectGiven(QuantityGiven):
    """A correction."""

    kind = _one_of(KINDS["corrected"], required=True)


class LineShown(Schema):
    """An item on the list, and what the receiver found."""

    item = fields.String()
    name = fields.String()
    unit = fields.String()
    listed = fields.String()
    seal_listed = fields.String()
    hash_listed = fields.String()
    counted = fields.String(allow_none=True)
    classes = fields.List(_one_of(CLASSES))
    proof = fields.String()
    seal_ok = fields.Boolean(allow_none=True)
    hash_found = fields.String()
    remark = fields.String()
    head = fields.String(metadata={"description": "hash of the item's last entry when the sheet was first signed"})


class DifferenceShown(Schema):
    """What stands between the list and the signatures."""

    item = fields.String()
    field = fields.String()
    detail = fields.String()


class SignatureShown(Schema):
    """A signature under the sheet with that SHA-256."""

    person = fields.Nested(PersonShown)
    side = _one_of(SIDES)
    at = Moment()
    sheet = fields.String()


class SignersShown(Schema):
    """How many of each side sign."""

    giver = fields.Integer()
    receiver = fields.Integer()


class HandoverShown(HandoverNamed):
    """A hand-over in a list."""

    case_id = fields.String()
    place = fields.String()
    giver = fields.Nested(AgencyShown)
    receiver = fields.Nested(AgencyShown)
    signers = fields.Nested(SignersShown)
    items = fields.Integer()
    counted = fields.Integer()
    open = fields.Integer(metadata={"description": "differences that stand between the list and the signatures"})
    opened_at = Moment()
    signed_at = Moment(allow_none=True)
    sheet = fields.String()


class HandoverWhole(HandoverShown):
    """A hand-over with its lines, what is still open, and its signatures."""

    lines = fields.List(fields.Nested(LineShown))
    differences = fields.List(fields.Nested(DifferenceShown))
    signatures = fields.List(fields.Nested(SignatureShown))


class HandoverList(Schema):
    """The hand-overs of a case, the newest first, and to whom items can be handed over."""

    handovers = fields.List(fields.Nested(HandoverShown))
    receivers = fields.List(fields.Nested(AgencyShown))


class HandoverOpened(Strict):
    """Items listed for another agency of the case."""

    to_agency = fields.String(required=True, metadata={"description": "id or key of the receiving agency"})
    number = fields.String(load_default="", metadata={"description": "the agency's next one, when it is left out"})
    place = fields.String(required=True)
    items = Listed(required=True)
    giver_signers = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 9))
    receiver_signers = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 9))


class ExplanationGiven(Strict):
    """Classes and proof of a difference."""

    classes = fields.List(_one_of(CLASSES), required=True, validate=validate.Length(max=LONGEST_LIST))
    proof = fields.String(load_default="")


class CountGiven(Strict):
    """What the receiver found of one item; it takes the place of what was found before."""

    counted = Quantity(required=True)
    classes = fields.List(_one_of(CLASSES), load_default=list, validate=validate.Length(max=LONGEST_LIST))
    proof = fields.String(load_default="")
    seal_ok = fields.Boolean(load_default=None, allow_none=True, truthy={True}, falsy={False})
    hash_found = fields.String(load_default="")
    remark = fields.String(load_default="")


class StepGiven(Strict):
    """Which step of a hand-over is done."""

    step = fields.String(required=True, validate=validate.OneOf([COUNT, EXPLAIN]))


class SignGiven(Strict):
    """For which side the officer signs."""

    side = _one_of(SIDES, required=True)


class SignedShown(Schema):
    """Whether that was the last signature, with which custody moves."""

    complete = fields.Boolean()


class WhyGiven(Strict):
    """Why a hand-over is given up."""

    why = fields.String(required=True)
