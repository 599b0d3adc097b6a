"""Disposal of an item (处置): by a decision, by two persons or more, told so that the paper and the proof agree.

The particulars stand in the entry itself, whose hash covers them: they go with every export, need no second record to
be kept in step, and `custody verify` proves them without the database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.domain.access import Officer
from app.domain.custody import read_code, read_day, read_text
from app.domain.custody_chain import Entry
from app.domain.custody_particulars import BETWEEN
from app.domain.custody_quantity import read_quantity, written
from app.domain.disposals import WAYS, persons_needed, read_identity, warnings
from app.domain.errors import Invalid, InvalidAnswers
from app.domain.items import BEIJING, MONEY, plain_number
from app.services import custody
from app.services.custody import Cause, Held
from app.services.items_writing import code_taken, keep_rows
from app.services.roles import require_keeper
from app.services.work import Work
from app.storage import documents, facts, processes
from app.storage.database import Record

PERSONS_SETTING = "disposal_persons"
"""In an agency's details: {"destruction": 3} asks for a third person."""

_YUAN = "元"
_MONEY_KIND = "款项"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What it is decided by: a document of the case by its id, or an outside one by number, issuer and day (ISO)."""

    document: str = ""
    number: str = ""
    issuer: str = ""
    date: str = ""


@dataclass(frozen=True, kw_only=True)
class Disposal:
    """How an item is disposed of, as it was entered; `confirmed` says that the warnings were read.

    `quantity` is in the item's unit, `amount` in yuan. What an auction brings is kept as the money item `proceeds`,
    unless `paid_to` names who has it already.
    """

    kind: str
    quantity: str
    decision: Decision
    method: str = ""
    witnesses: Sequence[str] = ()
    recipient: str = ""
    recipient_id: str = ""
    recipient_id_kind: str = "id_no"
    amount: str = ""
    account: str = ""
    voucher: str = ""
    paid_to: str = ""
    proceeds: str = ""
    confirmed: bool = False


def dispose(work: Work, officer: Officer, case_id: str, code: str, cause: Cause, wanted: Disposal) -> Entry:
    """Return, auction, destroy or pay an item to the treasury; give the new entry of its trail.

    `cause` says why, with whom and when; its document is the decision. Raises InvalidAnswers, field → sentences, with
    every fault at once; a warning that was not confirmed stands under `confirmed`.
    """
    held = custody.hold(work, officer, case_id, [code])[code]
    require_keeper(work, officer)
    faults = _Faults()
    way = WAYS.get(wanted.kind)
    if way is None:
        raise InvalidAnswers({"kind": [("请选择处置方式", "Say how it is disposed of")]})
    decision, number = _read_decision(work, officer, held, wanted.decision, cause, faults)
    told = {**decision, **_read_particulars(wanted, held, faults)}
    for field in way.needs:
        if field not in told and field not in faults.found:
            faults.add(field, f"{way.zh}须填写这一项（{way.article}）", f"“{way.en}” needs this ({way.article})")
    _require_persons(work, officer, wanted, cause.beside, faults)
    open_warnings = warnings(wanted.kind, held.ledger.category, running=is_running(work, case_id))
    if open_warnings and not wanted.confirmed:
        for zh, en in open_warnings:
            faults.add("confirmed", zh, en)
    elif open_warnings:
        told["warned"] = "；".join(zh for zh, _ in open_warnings)
    keeps = _read_proceeds(work, held, wanted, told, faults)
    done = replace(cause, document=number)
    faults.attempt("why", lambda: read_text(cause.why, at="why", longest=500))
    if faults.found:
        raise InvalidAnswers(faults.found)
    try:
        entry = custody.dispose(
            work, officer, case_id, code, done, kind=wanted.kind, quantity=wanted.quantity, particulars=told
        )
        if keeps:
            _keep_proceeds(work, officer, held, done, told)
    except Invalid as refused:
        field = {"who": "beside"}.get(refused.at.partition("[")[0], refused.at.partition("[")[0])
        raise InvalidAnswers({field: [(refused.zh, refused.en)]}) from None
    return entry


def decisions(work: Work, officer: Officer, case_id: str) -> list[Record]:
    """Give the issued documents of a case that the officer's agency may see, the newest first."""
    seen = documents.documents_seen(work.connection, case_id=case_id, agency_id=officer.agency_id)
    return list(reversed(seen))


def is_running(work: Work, case_id: str) -> bool:
    """Whether the proceedings go on: a process of the case has not ended, or none has begun here."""
    rows = processes.processes_of_case(work.connection, case_id)
    return not rows or any(row.ended_at is None for row in rows)


def persons_of(work: Work, officer: Officer, kind: str) -> int:
    """Give how many persons the officer's agency asks for a way of disposal."""
    return persons_needed(kind, work.agency(officer.agency_id).details.get(PERSONS_SETTING))


class _Faults:
    def __init__(self) -> None:
        self.found: dict[str, list[tuple[str, str]]] = {}

    def add(self, field: str, zh: str, en: str) -> None:
        self.found.setdefault(field, []).append((zh, en))

    def attempt(self, field: str, read: Callable[[], str]) -> str:
        """Read a value; empty when it was refused, and the refusal is kept at its field."""
        try:
            return read()
        except Invalid as refused:
            self.add(refused.at or field, refused.zh, refused.en)
            return ""

    def text(self, field: str, value: str, *, longest: int = 100) -> str:
        """Read one line of text; empty stays empty."""
        return self.attempt(field, lambda: read_text(value, at=field, longest=longest)) if value else ""


def _read_decision(
    work: Work, officer: Officer, held: Held, given: Decision, cause: Cause, faults: _Faults
) -> tuple[dict[str, str], str]:
    """Give what the entry tells of the decision, and its number."""
    if given.document:
        seen = {row.id: row for row in decisions(work, officer, held.case.id)}
        row = seen.get(given.document)
        if row is None:
            faults.add("decision", "本案没有这份文书", "The case has no such document")
            return {}, ""
        told = {
            "decision_title": row.title,
            "decision_issuer": work.agency(row.agency_id).name,
            "decision_date": row.date,
            **({"decision_sha256": row.sha256} if row.sha256 else {}),
        }
        _require_before(row.date, work, cause, faults, at="decision")
        return told, row.number
    wanted = (("number", given.number), ("issuer", given.issuer), ("date", given.date))
    if not any(value for _, value in wanted):
        faults.add("decision", "请选择或者填写决定文书", "Choose the decision, or enter one from outside")
        return {}, ""
    for field, value in wanted:
        if not value:
            faults.add(f"decision_{field}", "案外文书须填写文号、机关和日期", "Give its number, issuer and date")
    number = faults.text("decision_number", given.number)
    issuer = faults.text("decision_issuer", given.issuer)
    day = given.date and faults.attempt("decision_date", lambda: read_day(given.date, at="decision_date").isoformat())
    if day:
        _require_before(day, work, cause, faults, at="decision_date")
    return {key: value for key, value in (("decision_issuer", issuer), ("decision_date", day)) if value}, number


def _require_before(day: str, work: Work, cause: Cause, faults: _Faults, *, at: str) -> None:
    done = (cause.at or work.now).astimezone(BEIJING).date()
    if date.fromisoformat(day) > done:
        faults.add(at, "决定不能晚于处置", "The decision cannot be later than what it decides")


def _read_particulars(wanted: Disposal, held: Held, faults: _Faults) -> dict[str, str]:
    told: dict[str, str] = {}
    quantity = faults.attempt("quantity", lambda: written(read_quantity(wanted.quantity, held.ledger.unit)))
    if quantity and Decimal(quantity) > held.ledger.available:
        there = f"{written(held.ledger.available)}{held.ledger.unit}"
        faults.add("quantity", f"超过在库的 {there}", f"That is more than the {there} in the store")
    if wanted.recipient_id:
        kind = wanted.recipient_id_kind
        told["recipient_id"] = faults.attempt("recipient_id", lambda: read_identity(kind, wanted.recipient_id))
    if wanted.amount:
        told["amount"] = faults.attempt("amount", lambda: written(read_quantity(wanted.amount, _YUAN, at="amount")))
    elif wanted.kind == "treasury" and held.ledger.unit in MONEY:
        told["amount"] = faults.attempt("quantity", lambda: written(read_quantity(wanted.quantity, held.ledger.unit)))
    for field, longest in _LINES.items():
        told[field] = faults.text(field, getattr(wanted, field), longest=longest)
    names = [name for name in wanted.witnesses if name]
    if names:
        told["witnesses"] = faults.attempt(
            "witnesses", lambda: BETWEEN.join(read_text(name, at="witnesses", longest=50) for name in names)
        )
    return {key: value for key, value in told.items() if value}


_LINES: Mapping[str, int] = {"method": 200, "recipient": 100, "account": 100, "voucher": 100, "paid_to": 100}


def _require_persons(work: Work, officer: Officer, wanted: Disposal, beside: Sequence[str], faults: _Faults) -> None:
    needed = persons_of(work, officer, wanted.kind)
    if len(set(beside)) + 1 < needed:
        way = WAYS[wanted.kind]
        faults.add(
            "beside",
            f"{way.zh}应由 {needed} 人以上进行，现为 {len(set(beside)) + 1} 人",
            f"“{way.en}” takes {needed} persons, not {len(set(beside)) + 1}",
        )


def _read_proceeds(work: Work, held: Held, wanted: Disposal, told: dict[str, str], faults: _Faults) -> bool:
    """Tell whether the money is kept as a new item, and note its code in what the entry tells."""
    if wanted.kind != "auction":
        for field in ("paid_to", "proceeds"):
            if getattr(wanted, field):
                faults.add(field, "只有拍卖、变卖有价款", "Only a sale has proceeds")
        return False
    if wanted.paid_to and wanted.proceeds:
        faults.add("proceeds", "价款已支付的，不再登记", "What was paid out is not kept")
    elif not wanted.paid_to and not wanted.proceeds:
        faults.add("proceeds", "请填写价款的编号，或者注明已支付给谁", "Give the money a code, or say who has it")
    elif wanted.proceeds:
        code = faults.attempt("proceeds", lambda: read_code(wanted.proceeds, at="proceeds"))
        if code and code in facts.taken_codes(work.connection, "items", held.case.id):
            faults.add("proceeds", *code_taken(code))
        elif code:
            told["proceeds"] = code
            return True
    return False


def _keep_proceeds(work: Work, officer: Officer, held: Held, cause: Cause, told: Mapping[str, str]) -> None:
    """Take the money an item was sold for into custody in the item's place (替代物)."""
    code, sold = told["proceeds"], held.row.code
    row = {
        "code": code,
        "name": _cut(f"{held.ledger.name}变价款"),
        "category": _MONEY_KIND,
        "qty": plain_number(Decimal(told["amount"])),
        "unit": _YUAN,
        "account_no": told["account"],
        "origin": f"{sold} 拍卖、变卖所得",
        "doc_no": cause.document,
        "proceeds_of": sold,
    }
    keep_rows(work, officer, held.case, [row])
    kept = Cause(why=f"{sold} 的变价款（替代物）", document=cause.document, beside=cause.beside, at=cause.at)
    custody.seize(
        work,
        officer,
        held.case.id,
        code,
        kept,
        place=told["account"],
        kind="obtained",
        particulars={"proceeds_of": sold},
    )


def _cut(name: str, longest: int = 100) -> str:
    return name[-longest:]
