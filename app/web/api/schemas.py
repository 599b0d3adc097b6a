"""The shapes of the API, as marshmallow schemas: what comes in is checked, what goes out is described."""

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from app.web.language import SHANGHAI


class Moment(fields.AwareDateTime):
    """A moment, written on the clock of Beijing with its offset."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | float | None:
        local = value.astimezone(SHANGHAI) if value is not None else None
        return super()._serialize(local, attr, obj, **kwargs)


class Strict(Schema):
    """A schema that refuses fields it does not know."""


class TokenAsked(Strict):
    """Name and password."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    password = fields.String(required=True, validate=validate.Length(1, 200), load_only=True)


class AgencyShown(Schema):
    """An agency."""

    id = fields.String()
    key = fields.String()
    kind = fields.String()
    name = fields.String()
    short = fields.String()


class OfficerShown(Schema):
    """An officer."""

    id = fields.String()
    username = fields.String()
    name = fields.String()
    agency_id = fields.String()
    agency_name = fields.String()
    kind = fields.String()
    roles = fields.List(fields.String())


class TokenGiven(Schema):
    """A bearer token, good for twelve hours."""

    token = fields.String()
    officer = fields.Nested(OfficerShown)


class TaskShown(Schema):
    """A task in a list."""

    id = fields.String()
    case_id = fields.String()
    case_number = fields.String()
    case_name = fields.String()
    process_id = fields.String()
    element = fields.String()
    name = fields.String()
    name_en = fields.String()
    role = fields.String()
    form = fields.String()
    state = fields.String()
    officer_id = fields.String(allow_none=True)
    opened_at = Moment()
    due = Moment(allow_none=True)
    custody = fields.Boolean()
    closed_at = Moment(allow_none=True)


class DeadlineShown(Schema):
    """A running or ended clock with its reasoning."""

    id = fields.String()
    rule = fields.String()
    agency_id = fields.String()
    task_id = fields.String(allow_none=True)
    start = Moment()
    due = Moment(allow_none=True)
    custody = fields.Boolean()
    calendar = fields.String()
    state = fields.String()
    ended_at = Moment(allow_none=True)
    reasoning = fields.Raw()


class TaskWhole(Schema):
    """A task with its form and what is known already."""

    task = fields.Nested(TaskShown)
    instructions = fields.String()
    form = fields.Raw(allow_none=True)
    known = fields.Raw()
    options = fields.Raw()
    draft = fields.Raw(allow_none=True)
    deadline = fields.Nested(DeadlineShown, allow_none=True)
    claimed_by = fields.String()


class TaskScope(Strict):
    """Which tasks."""

    scope = fields.String(load_default="mine", validate=validate.OneOf(["mine", "pool", "done", "all"]))


class AnswersGiven(Strict):
    """Answers to a task's form."""

    answers = fields.Dict(keys=fields.String(), required=True)


class FindingShown(Schema):
    """A fault the receiver would find; a warning is sent with a reason (`preflight`: id → reason in the answers)."""

    id = fields.String()
    severity = fields.String(metadata={"description": "block or warn"})
    sentence = fields.String()
    article = fields.String()
    status = fields.String()
    unconfirmed = fields.Boolean()
    reason = fields.String()
    settled = fields.Boolean(metadata={"description": "whether the package may be sent in spite of it"})
    field = fields.String(metadata={"description": "the field of the form it is about, or empty"})
    href = fields.String()


class ReasonGiven(Strict):
    """Why a task is given back."""

    reason = fields.String(load_default="", validate=validate.Length(max=500))


class CaseShown(Schema):
    """A case in a list."""

    id = fields.String()
    number = fields.String()
    name = fields.String()
    charge = fields.String()
    opened_at = Moment()
    state = fields.String()


class CasesAsked(Strict):
    """A search."""

    q = fields.String(load_default="", validate=validate.Length(max=100))
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    size = fields.Integer(load_default=30, validate=validate.Range(1, 200))


class CaseList(Schema):
    """A page of cases."""

    total = fields.Integer()
    cases = fields.List(fields.Nested(CaseShown))


class CaseOpened(Strict):
    """A case to be opened by starting a process."""

    process = fields.String(required=True, validate=validate.Length(1, 100))
    name = fields.String(required=True, validate=validate.Length(1, 200))
    charge = fields.String(load_default="", validate=validate.Length(max=200))
    number = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))
    partners = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class ProcessStarted(Strict):
    """A process to be started on a case."""

    process = fields.String(required=True, validate=validate.Length(1, 100))


class IdGiven(Schema):
    """The id of what was made."""

    id = fields.String()


class ProcessChoice(Schema):
    """A process that may be started."""

    process = fields.String()
    name = fields.String()
    name_en = fields.String()
    pool = fields.String()
    partners = fields.List(fields.String())
    hash = fields.String()


class DocumentShown(Schema):
    """A document."""

    id = fields.String()
    case_id = fields.String()
    agency_id = fields.String()
    code = fields.String()
    title = fields.String()
    number = fields.String()
    date = fields.String()
    state = fields.String()
    sha256 = fields.String()
    size = fields.Integer()
    issued_at = Moment(allow_none=True)


class DocumentWhole(DocumentShown):
    """A document with the data it was made from."""

    data = fields.Raw()


class FileShown(Schema):
    """A file of a case: what was said of it, and what it is; `flag` says why it is never shown inline."""

    id = fields.String()
    case_id = fields.String()
    agency_id = fields.String()
    officer_id = fields.String()
    title = fields.String()
    name = fields.String()
    original_name = fields.String()
    sha256 = fields.String()
    sm3 = fields.String(allow_none=True)
    size = fields.Integer(metadata={"description": "bytes"})
    declared_type = fields.String()
    found_type = fields.String()
    flag = fields.String(allow_none=True)
    item_code = fields.String(allow_none=True)
    uploaded_at = Moment()


class ReasonAsked(Strict):
    """Why a file is read; written down."""

    reason = fields.String(load_default="")


class TransferShown(Schema):
    """A package and its receipt."""

    id = fields.String()
    case_id = fields.String()
    message = fields.String()
    name = fields.String()
    name_en = fields.String()
    copy = fields.Boolean()
    sent_at = Moment()
    received_at = Moment(allow_none=True)
    sender = fields.Nested(AgencyShown)
    receiver = fields.Nested(AgencyShown)
    sent_by = fields.String()
    received_by = fields.String()
    payload = fields.Raw()
    attachments = fields.Raw()
    documents = fields.List(fields.Nested(DocumentShown))


class HolderShown(Schema):
    """Who holds a case, since when and until when."""

    agency = fields.Nested(AgencyShown)
    task = fields.String()
    task_en = fields.String()
    task_id = fields.String()
    role = fields.String()
    officer = fields.String()
    since = Moment()
    due = Moment(allow_none=True)
    machine = fields.Boolean()


class ProcessShown(Schema):
    """Where one pool's process stands."""

    id = fields.String()
    process = fields.String()
    pool = fields.String()
    name = fields.String()
    name_en = fields.String()
    agency = fields.Nested(AgencyShown)
    bundle_hash = fields.String()
    started_at = Moment()
    ended_at = Moment(allow_none=True)
    end_element = fields.String(allow_none=True)
    active = fields.Raw()
    waiting = fields.Raw()
    walked = fields.List(fields.String())


class HistoryShown(Schema):
    """One entry of the history."""

    at = Moment()
    action = fields.String()
    agency = fields.Nested(AgencyShown, allow_none=True)
    officer = fields.String()
    element = fields.Raw()
    detail = fields.Raw()


class CaseWhole(Schema):
    """A case as the officer's agency may see it."""

    case = fields.Nested(CaseShown)
    followed = fields.Boolean()
    participants = fields.Raw()
    processes = fields.List(fields.Nested(ProcessShown))
    holders = fields.List(fields.Nested(HolderShown))
    parties = fields.Raw()
    items = fields.Raw()
    documents = fields.List(fields.Nested(DocumentShown))
    transfers = fields.List(fields.Nested(TransferShown))
    deadlines = fields.List(fields.Nested(DeadlineShown))
    history = fields.List(fields.Nested(HistoryShown))
    typed_twice = fields.Integer()


class IncidentShown(Schema):
    """Work of the machine that failed for good."""

    id = fields.String()
    topic = fields.String()
    case_id = fields.String(allow_none=True)
    case_number = fields.String()
    attempts = fields.Integer()
    error = fields.String()
    created_at = Moment()


class ClockSet(Strict):
    """The hour of a demonstration: stands still unless it is told to tick."""

    now = fields.AwareDateTime(required=True)
    ticking = fields.Boolean(load_default=False)


class ClockShown(Schema):
    """The hour of the cases."""

    now = Moment()


class ProblemShown(Schema):
    """A refusal (RFC 9457), with the fields it is about."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    at = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
