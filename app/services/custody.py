"""Custody: what an officer does with an item, one function for each act; the trail of the item grows by one entry.

Only the agency that answers for an item, or the one that keeps it after 实物不动, acts on it; the first entry belongs
to the agency that brought the item into the case. Whoever acts holds a role for it (`roles.require_keeper`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.domain.access import Officer
from app.domain.custody import Act, Custodian, Person, Seal, read_kind, read_sha256, read_text, shown
from app.domain.custody_chain import Entry, entry_to_plain
from app.domain.custody_ledger import Ledger, add, custodian_after, ledger_from_plain, ledger_to_plain, opening
from app.domain.custody_quantity import read_quantity, read_unit
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.items import FIRST_YEAR
from app.domain.moments import BEIJING
from app.services.roles import require_keeper
from app.services.work import Work
from app.storage import audit, cases, custody, facts, item_files, officers
from app.storage.database import Record


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why an act is done, by which document, with whom, and when.

    `beside` names further officers by id (the acting officer is always the first); `at` is the hour of the act, now
    unless it is entered later.
    """

    why: str
    document: str = ""
    beside: Sequence[str] = ()
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Held:
    """An item of a case and where it stands; locked when something is to be added to its trail."""

    row: Record
    case: Record
    ledger: Ledger


def seize(
    work: Work,
    officer: Officer,
    case_id: str,
    code: str,
    cause: Cause,
    *,
    place: str,
    quantity: str | int | Decimal | None = None,
    unit: str | None = None,
    kind: str = "seizure",
    seal: str = "",
    file: str = "",
    particulars: Mapping[str, str] | None = None,
) -> Entry:
    """Take an item of the case into custody (扣押、调取、提取、退缴); what is not given is read from the item's row.

    `seal` is the number of its seal, `file` the SHA-256 of electronic data; `particulars` say what it was made from.
    """
    held = hold(work, officer, case_id, [code])[code]
    require_keeper(work, officer)
    if held.row.agency_id != officer.agency_id:
        raise Forbidden(
            f"{code} 由登记该物品的单位办理扣押登记", f"{code} is registered by the agency that brought it in", at=code
        )
    _require_linked(work, held, file)
    data = held.row.data
    measure = read_unit(str(unit if unit is not None else data.get("unit") or ""))
    key = agency_key(work, officer.agency_id)
    custodian = Custodian(agency=key, keeper=key, place=read_text(place, at="place", longest=200))
    act = Act(
        item=code,
        action="seized",
        kind=kind,
        at=moment(work, cause.at),
        who=persons(work, officer, cause.beside),
        why=read_text(cause.why, at="why", longest=500),
        document=_document(cause),
        quantity=read_quantity(_amount(quantity if quantity is not None else data.get("qty")), measure),
        unit=measure,
        origin=None,
        to=custodian,
        seal=Seal(number=read_text(seal, at="seal.number"), state="intact") if seal else None,
        file=read_sha256(file) if file else "",
        name=read_text(str(data.get("name") or ""), at="name"),
        category=read_kind(str(data.get("category") or "")),
        particulars=particulars or {},
    )
    return keep(work, officer, held, act)


def seal(
    work: Work,
    officer: Officer,
    case_id: str,
    code: str,
    cause: Cause,
    *,
    number: str,
    state: str = "intact",
    file: str = "",
) -> Entry:
    """Seal an item (封存), or note the state in which its seal was found.

    `file` registers the SHA-256 of electronic data that has none yet; a registered one never changes.
    """
    sealed = Seal(number=read_text(number, at="seal.number"), state=state)
    if file:
        held = hold(work, officer, case_id, [code])[code]
        _require_linked(work, held, file)
        known = held.ledger.file
        if known and read_sha256(file) != known:
            raise Invalid(
                f"{code} 已登记的 SHA-256 不能更改：登记的是 {known}，填写的是 {read_sha256(file)}",
                f"The SHA-256 registered for {code} does not change: {known} is registered, {read_sha256(file)} given",
                at="file",
            )
    value = read_sha256(file) if file else ""
    return _act(work, officer, case_id, code, cause, action="sealed", seal=sealed, file=value)


def sample(
    work: Work,
    officer: Officer,
    case_id: str,
    code: str,
    cause: Cause,
    *,
    quantity: str | int | Decimal,
    from_loan: bool = False,
) -> Entry:
    """Take a sample that is used up (抽样); the sampling record is `cause.document`."""
    kind = "loan" if from_loan else "store"
    return _act(work, officer, case_id, code, cause, action="sampled", kind=kind, quantity=quantity)


def store(work: Work, officer: Officer, case_id: str, code: str, cause: Cause, *, place: str) -> Entry:
    """Put an item on a place of the store (入库)."""
    return _act(work, officer, case_id, code, cause, action="stored", place=read_text(place, at="place", longest=200))


def lend(
    work: Work, officer: Officer, case_id: str, code: str, cause: Cause, *, due: date, quantity: str | int | Decimal
) -> Entry:
    """Let an item leave the store (借出, PROP2015 11) until a day; the borrower is named in `cause.beside`."""
    if due < moment(work, cause.at).astimezone(BEIJING).date():
        raise Invalid("归还期限早于借出之日", "The loan would end before it begins", at="due")
    return _act(work, officer, case_id, code, cause, action="lent", quantity=quantity, due=due.isoformat())


def give_back(
    work: Work, officer: Officer, case_id: str, code: str, cause: Cause, *, quantity: str | int | Decimal
) -> Entry:
    """Take back what was lent (归还)."""
    return _act(work, officer, case_id, code, cause, action="returned_to_store", quantity=quantity)


def view(work: Work, officer: Officer, case_id: str, code: str, cause: Cause) -> Entry:
    """Note that an item was looked at (查看), and why."""
    return _act(work, officer, case_id, code, cause, action="viewed")


def copy(work: Work, officer: Officer, case_id: str, code: str, cause: Cause, *, file: str = "") -> Entry:
    """Note that an item was copied (复制); `file` is the SHA-256 of the copy."""
    return _act(work, officer, case_id, code, cause, action="copied", file=read_sha256(file) if file else "")


def dispose(
    work: Work,
    officer: Officer,
    case_id: str,
    code: str,
    cause: Cause,
    *,
    kind: str,
    quantity: str | int | Decimal,
    particulars: Mapping[str, str] | None = None,
) -> Entry:
    """Return, auction, destroy or pay an item to the treasury (处置): two persons, by a decision."""
    told = particulars or {}
    return _act(work, officer, case_id, code, cause, action="disposed", kind=kind, quantity=quantity, particulars=told)


def correct(
    work: Work,
    officer: Officer,
    case_id: str,
    code: str,
    cause: Cause,
    *,
    kind: str,
    quantity: str | int | Decimal,
    particulars: Mapping[str, str] | None = None,
) -> Entry:
    """Set right what was recorded wrongly, or record a loss or a find (更正); nothing entered before is changed."""
    told = particulars or {}
    return _act(work, officer, case_id, code, cause, action="corrected", kind=kind, quantity=quantity, particulars=told)


def trail(work: Work, officer: Officer, case_id: str, code: str) -> tuple[Ledger, list[dict[str, Any]]]:
    """Give where an item stands and its entries as plain JSON, oldest first."""
    held = hold(work, officer, case_id, [code], lock=False)[code]
    return held.ledger, [row.content for row in custody.entries_of_item(work.connection, held.row.id)]


def hold(work: Work, officer: Officer, case_id: str, codes: Sequence[str], *, lock: bool = True) -> dict[str, Held]:
    """Find items that the officer's agency may see and lock them. Raises NotFound for an item of another case."""
    case = cases.get_case(work.connection, case_id)
    if case is None or not cases.takes_part(work.connection, case_id, officer.agency_id):
        raise NotFound("没有这个案件", "No such case", at=case_id)
    whole = [code for code in codes if code.isprintable()]  # PostgreSQL takes no NUL, not even to look for it
    seen = facts.codes_seen(work.connection, "items", case_id=case_id, agency_id=officer.agency_id, codes=whole)
    for code in codes:
        if code not in seen:
            raise NotFound(f"本案没有物品 {shown(code)}", f"The case has no item {shown(code)}", at=shown(code))
    return read_items(work, case, codes, lock=lock)


def read_items(work: Work, case: Record, codes: Sequence[str], *, lock: bool) -> dict[str, Held]:
    """Read where items of a case stand; locked, nobody adds to their trails until the transaction ends."""
    rows = custody.find_items(work.connection, case_id=case.id, codes=codes, lock=lock)
    known = custody.get_ledgers(work.connection, [row.id for row in rows])
    return {
        row.code: Held(
            row=row,
            case=case,
            ledger=ledger_from_plain(known[row.id]) if row.id in known else opening(case.number, row.code),
        )
        for row in rows
    }


def keep(work: Work, officer: Officer, held: Held, act: Act) -> Entry:
    """Append an act to the trail of a locked item and note it in the audit."""
    return keep_all(work, officer, held, [act])[-1]


def keep_all(work: Work, officer: Officer, held: Held, acts: Sequence[Act]) -> list[Entry]:
    """Append acts to the trail of a locked item, one after the other."""
    ledger, entries = held.ledger, []
    for act in acts:
        ledger, entry = add(ledger, act)
        entries.append(entry)
        custody.append_entry(
            work.connection,
            case_id=held.case.id,
            item_id=held.row.id,
            content=entry_to_plain(entry),
            at=act.at,
            officer_id=officer.id,
            recorded_at=work.now,
            ledger=ledger_to_plain(ledger),
        )
        audit.note(
            work.connection,
            action="custody",
            at=work.now,
            case_id=held.case.id,
            agency_id=officer.agency_id,
            officer_id=officer.id,
            detail={"item": act.item, "act": act.action, "kind": act.kind, "seq": entry.seq, "hash": entry.hash},
        )
    return entries


def agency_key(work: Work, agency_id: str) -> str:
    """Give the key of an agency, by which trails name it."""
    return str(work.agency(agency_id).key)


def persons(work: Work, officer: Officer, beside: Sequence[str] = ()) -> tuple[Person, ...]:
    """Give the acting officer and those beside, as trails name them."""
    found = [Person(name=officer.name, agency=agency_key(work, officer.agency_id), number=officer.cert_no)]
    for index, officer_id in enumerate(beside):
        row = officers.get_officer(work.connection, officer_id) if officer_id.isprintable() else None
        if row is None or not row.active:
            raise Invalid("没有这名人员", "There is no such officer", at=f"beside[{index}]")
        found.append(Person(name=row.name, agency=agency_key(work, row.agency_id), number=row.cert_no or ""))
    return tuple(found)


def moment(work: Work, at: datetime | None) -> datetime:
    """Give the hour of an act: now, or an earlier one. Raises Invalid for one that has not come yet."""
    if at is None:
        return work.now
    if at.tzinfo is None:
        raise Invalid("时间须带时区", "A moment needs its offset", at="at")
    if at > work.now:
        raise Invalid("时间不能晚于现在", "It cannot lie in the future", at="at")
    if at.year < FIRST_YEAR:
        raise Invalid(f"时间不能早于 {FIRST_YEAR} 年", f"It cannot lie before {FIRST_YEAR}", at="at")
    return at


def _act(
    work: Work,
    officer: Officer,
    case_id: str,
    code: str,
    cause: Cause,
    *,
    action: str,
    kind: str = "",
    quantity: str | int | Decimal | None = None,
    place: str = "",
    **more: Any,
) -> Entry:
    held = hold(work, officer, case_id, [code])[code]
    require_keeper(work, officer)
    ledger = held.ledger
    if ledger.seq == 0:
        raise Invalid(f"{code} 尚未扣押登记", f"{code} has not been seized yet", at="action")
    _require_custody(work, officer, ledger)
    _require_no_signature(work, held)
    if quantity is None and not ledger.held:
        raise Invalid(f"{code} 已无在管数量", f"Nothing of {code} is held any more", at="quantity")
    amount = ledger.held if quantity is None else read_quantity(quantity, ledger.unit)
    after = custodian_after(ledger, action=action, kind=kind, quantity=amount)
    act = Act(
        item=code,
        action=action,
        kind=kind,
        at=moment(work, cause.at),
        who=persons(work, officer, cause.beside),
        why=read_text(cause.why, at="why", longest=500),
        document=_document(cause),
        quantity=amount,
        unit=ledger.unit,
        origin=ledger.custodian,
        to=replace(after, place=place) if after is not None and place else after,
        **more,
    )
    return keep(work, officer, held, act)


def _require_custody(work: Work, officer: Officer, ledger: Ledger) -> None:
    custodian = ledger.custodian or ledger.answerable
    key = agency_key(work, officer.agency_id)
    if custodian is None or key not in (custodian.agency, custodian.keeper):
        raise Forbidden(
            f"{ledger.item} 不由本单位保管", f"{ledger.item} is not in the custody of your agency", at=ledger.item
        )


def _require_no_signature(work: Work, held: Held) -> None:
    pending: Mapping[str, Record] = custody.pending_handovers(work.connection, [held.row.id])
    for row in pending.values():
        if row.state == "signing":
            raise Conflict(
                f"{held.row.code} 正在按 {row.number} 签名移交", f"{held.row.code} is being handed over", at=row.number
            )


def _require_linked(work: Work, held: Held, file: str) -> None:
    """Refuse to register another SHA-256 than that of the content linked to the item (EDATA 5)."""
    value = read_sha256(file) if file else ""
    for linked in item_files.live_contents(work.connection, held.row.id) if value else ():
        if linked != value:
            raise Invalid(
                f"{held.row.code} 已关联的内容 SHA-256 为 {linked}，填写的是 {value}",
                f"The content linked to {held.row.code} has the SHA-256 {linked}; {value} was entered",
                at="file",
            )


def _document(cause: Cause) -> str:
    return read_text(cause.document, at="document") if cause.document else ""


def _amount(given: Any) -> str | int | Decimal:
    # A form gives a JSON number: 12.5 arrives as a float and is read as it is written.
    return given if isinstance(given, str | int | Decimal) else repr(given)
