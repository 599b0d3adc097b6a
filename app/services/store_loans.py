"""Loans from the store (调用): let out on a head's approval, taken back with what is missing, late ones listed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.access import Officer
from app.domain.custody import read_text
from app.domain.custody_quantity import read_quantity, written
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.store_loan import PURPOSES, read_purpose, reason_of_loan, reason_of_return, require_sum
from app.services import custody
from app.services.custody import Cause
from app.services.roles import supervises
from app.services.store import see_kept, today
from app.services.store_places import require_custodian
from app.services.work import Work, officer_value
from app.storage import officers, store_loans
from app.storage.database import Record

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On what a loan rests: a purpose (`PURPOSES`), approver and borrower by id, the last day, and the condition."""

    purpose: str
    approver: str
    borrower: str
    due: date
    why: str
    document: str
    condition: str


@dataclass(frozen=True, kw_only=True)
class Return:
    """What came back of a loan, each in its unit as typed: `back` sound, `used` up, `missing`, `damaged` for good."""

    back: str = ""
    used: str = ""
    missing: str = ""
    damaged: str = ""


def approvers(work: Work, officer: Officer) -> list[Record]:
    """Give the heads of the officer's agency: one of them approves (PROP2015 11)."""
    rows = officers.officers_of(work.connection, officer.agency_id)
    return [row for row in rows if supervises(work, officer_value(work, row))]


def lend_items(work: Work, officer: Officer, quantities: Mapping[str, str], terms: Terms) -> list[Record]:
    """Let items leave the store, each by an entry of its trail; `quantities` by item id, empty for all that is there.

    Raises Invalid naming purpose, approver, borrower, due, condition or the item's quantity; Forbidden for an officer
    who does not keep the store.
    """
    require_custodian(work, officer)
    rows = see_kept(work, officer, list(quantities))
    purpose = read_purpose(terms.purpose)
    approver = _approver(work, officer, terms)
    if terms.due.isoformat() < today(work):
        raise Invalid("归还期限早于今天", "The last day has passed already", at="due")
    condition = read_text(terms.condition, at="condition", longest=100)
    why = reason_of_loan(
        purpose=purpose, approver=approver.name, condition=condition, why=read_text(terms.why, at="why", longest=200)
    )
    cause = Cause(why=why, document=terms.document, beside=[terms.borrower])
    for row in rows:
        available = Decimal(row.held) - Decimal(row.on_loan)
        if not available:
            raise Conflict(f"{row.code} 已全部借出", f"All of {row.code} is on loan", at=f"quantity-{row.item_id}")
        given = quantities[row.item_id]
        at = f"quantity-{row.item_id}"
        quantity = read_quantity(given, row.unit, at=at) if given else available
        if quantity > available:
            most = f"{written(available)}{row.unit}"
            raise Invalid(f"{row.code} 在库 {most}", f"{most} of {row.code} are in the store", at=at)
        entry = custody.lend(work, officer, row.case_id, row.code, cause, due=terms.due, quantity=quantity)
        store_loans.tell_loan(
            work.connection,
            item_id=row.item_id,
            seq=entry.seq,
            purpose=purpose,
            approver_id=terms.approver,
            borrower_id=terms.borrower,
            condition_out=condition,
        )
    return rows


def take_back(
    work: Work, officer: Officer, returns: Mapping[str, Return], *, condition: str, document: str = ""
) -> list[Record]:
    """Take back what was lent, by loan id; what is missing or damaged for good becomes a correction of the trail.

    `document` records a shortage, damage or what a test used up (PROP2015 11); it is required when there is any. Raises
    Invalid naming the field: back-, used-, missing-, damaged- and the loan's id, condition or document.
    """
    require_custodian(work, officer)
    found = read_text(condition, at="condition", longest=100)
    loans = see_loans(work, officer, list(returns))
    for loan in loans:
        _take_back(work, officer, loan, returns[loan.id], condition=found, document=document)
    return loans


def see_loans(work: Work, officer: Officer, loan_ids: Sequence[str]) -> list[Record]:
    """Give open loans of the officer's agency. Raises NotFound for another's, Conflict for one that came back."""
    wanted = list(dict.fromkeys(loan_ids))
    if not wanted:
        raise Invalid("请选择借出记录", "Choose loans", at="loan")
    rows = store_loans.get_loans(work.connection, officer.agency_id, wanted)
    if len(rows) != len(wanted):
        known = {row.id for row in rows}
        raise NotFound("没有这笔借出", "No such loan", at=next(one for one in wanted if one not in known))
    for row in rows:
        if not row.open:
            raise Conflict(f"{row.code} 已经归还", f"{row.code} has come back already", at=row.id)
    return list(rows)


def loans_of_items(work: Work, officer: Officer, item_ids: Sequence[str]) -> list[str]:
    """Give the ids of the open loans of items the officer's agency keeps."""
    rows = see_kept(work, officer, item_ids)
    return [loan.id for loan in store_loans.open_loans_of(work.connection, [row.item_id for row in rows])]


def list_loans(work: Work, officer: Officer, *, which: str, page: int = 1) -> tuple[int, Sequence[Record]]:
    """Count and list loans of the officer's agency: `which` is open, overdue or ended."""
    if which == "overdue":
        total = overdue_count(work, officer)
        rows = store_loans.overdue_loans(work.connection, officer.agency_id, today=today(work), limit=page * PAGE)
        return total, rows[(page - 1) * PAGE :]
    if which not in ("open", "ended"):
        raise NotFound("没有这个列表", "No such list", at=which)
    return store_loans.loans_of(
        work.connection, officer.agency_id, open_only=which == "open", limit=PAGE, offset=(page - 1) * PAGE
    )


def overdue(work: Work, officer: Officer, *, limit: int = 20) -> Sequence[Record]:
    """Give the loans of the officer's agency that are late, the latest first."""
    return store_loans.overdue_loans(work.connection, officer.agency_id, today=today(work), limit=limit)


def overdue_count(work: Work, officer: Officer) -> int:
    """Count the loans of the officer's agency that are late."""
    return store_loans.overdue_count(work.connection, officer.agency_id, today=today(work))


def _approver(work: Work, officer: Officer, terms: Terms) -> Record:
    approver = next((row for row in approvers(work, officer) if row.id == terms.approver), None)
    if approver is None:
        raise Invalid("调用由本单位负责人批准", "A head of your agency approves a loan", at="approver")
    borrower = officers.get_officer(work.connection, terms.borrower)
    if borrower is None or not borrower.active:
        raise Invalid("没有这名调用人", "There is no such borrower", at="borrower")
    if terms.borrower in (terms.approver, officer.id):
        who = "批准人" if terms.borrower == terms.approver else "保管人员"
        whom = "who approves" if terms.borrower == terms.approver else "who keeps the store"
        raise Invalid(f"调用人不能同时是{who}", f"The borrower cannot be the one {whom}", at="borrower")
    return approver


def _take_back(work: Work, officer: Officer, loan: Record, given: Return, *, condition: str, document: str) -> None:
    parts = {
        part: read_quantity(getattr(given, part) or "0", loan.unit, at=f"{part}-{loan.id}", zero=True)
        for part in ("back", "used", "missing", "damaged")
    }
    require_sum(parts, Decimal(loan.remaining), unit=loan.unit, at=f"back-{loan.id}")
    beside = [loan.borrower_id] if loan.borrower_id else []
    code = loan.code
    if parts["back"]:
        why = reason_of_return(condition=condition, document=loan.document)
        cause = Cause(why=why, document=loan.document, beside=beside)
        custody.give_back(work, officer, loan.case_id, code, cause, quantity=parts["back"])
    if parts["used"] or parts["missing"] or parts["damaged"]:
        proof = read_text(document, at="document")
        if parts["used"]:
            cause = Cause(why=f"调用期间{_purpose(loan)}消耗（{loan.document}）", document=proof, beside=beside)
            custody.sample(work, officer, loan.case_id, code, cause, quantity=parts["used"], from_loan=True)
        for part, word in (("missing", "短少"), ("damaged", "毁损")):
            if parts[part]:
                cause = Cause(why=f"归还时{word}（{loan.document}）：{condition}", document=proof, beside=beside)
                custody.correct(work, officer, loan.case_id, code, cause, kind="lost_on_loan", quantity=parts[part])
    store_loans.change_loan(work.connection, loan.id, condition_back=condition)


def _purpose(loan: Record) -> str:
    return PURPOSES[loan.purpose][0] if loan.purpose else "检验"
