"""Hand-overs: the giver lists, the receiver counts, both explain what differs, both sign; then custody moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.domain.access import Officer
from app.domain.custody import read_sha256, read_text, shown
from app.domain.custody_handover import (
    SIDES,
    Difference,
    Handover,
    Line,
    Signature,
    ended_verdict,
    reconcile,
    require_reconciled,
    require_signature,
    verdict,
)
from app.domain.custody_ledger import Ledger
from app.domain.custody_movement import movement
from app.domain.custody_quantity import read_quantity, written
from app.domain.custody_sheet import (
    line_from_plain,
    line_to_plain,
    receipt_hash,
    sheet_hash,
    signature_from_plain,
    signature_to_plain,
    with_heads,
)
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.custody import Held, agency_key, hold, keep_all, persons, read_items
from app.services.item_file_travel import carry_files
from app.services.roles import require_keeper
from app.services.work import Work
from app.storage import audit, cases, custody, facts
from app.storage.database import Record

ENDED = ("signed", "cancelled")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A hand-over as its two agencies see it: its row, its value and what is still open."""

    row: Record
    value: Handover
    differences: list[Difference]


def open_handover(
    work: Work,
    officer: Officer,
    case_id: str,
    *,
    to_agency: str,
    number: str,
    place: str,
    items: Mapping[str, str | int | Decimal | None],
    signers: tuple[int, int] = (1, 1),
) -> str:
    """List items for an agency of the case (its id); give the hand-over's id.

    `items` gives the listed quantity by code, what is held when it is None; a list may still name what was seized.
    `place` is where the goods are from then on, until the receiver stores them.
    """
    held = _hold_listed(work, officer, case_id, list(items))
    require_keeper(work, officer)
    if all(row.agency_id != to_agency for row in cases.participants(work.connection, case_id)):
        raise Invalid("接收单位未参与本案", "The receiving agency takes no part in the case", at="to_agency")
    giver, receiver = agency_key(work, officer.agency_id), agency_key(work, to_agency)
    number = read_text(number, at="number")
    if custody.number_taken(work.connection, case_id=case_id, number=number):
        raise Invalid(f"编号 {number} 已被使用", f"The number {number} is taken", at="number")
    _require_free(work, held)
    lines = tuple(_line(held[code].ledger, giver, listed) for code, listed in items.items())
    value = Handover(
        number=number,
        giver=giver,
        receiver=receiver,
        place=read_text(place, at="place", longest=200),
        lines=lines,
        signers=signers,
    )
    handover_id = custody.add_handover(
        work.connection,
        case_id=case_id,
        number=number,
        from_agency=officer.agency_id,
        to_agency=to_agency,
        place=value.place,
        giver_signers=signers[0],
        receiver_signers=signers[1],
        opened_at=work.now,
        opened_by=officer.id,
        lines=[
            {"item_id": held[line.item].row.id, "item": line.item, "content": line_to_plain(line)} for line in lines
        ],
    )
    facts.disclose(
        work.connection,
        case_id=case_id,
        agency_id=to_agency,
        kind="items",
        references=list(items),
        transfer_id=None,
        at=work.now,
    )
    carry_files(work, handover_id, case_id=case_id, agency_id=officer.agency_id, codes=list(items))
    _note(work, officer, case_id, handover_id, "listed", items=list(items))
    return handover_id


def see_handover(work: Work, officer: Officer, handover_id: str) -> Seen:
    """Give a hand-over the officer's agency gives or receives, with what is still open."""
    row = _found(custody.get_handover(work.connection, handover_id), officer, handover_id)
    value = value_of(work, row)
    if row.state in ENDED:
        return Seen(row=row, value=value, differences=[])
    ledgers = {code: held.ledger for code, held in _held(work, row, value, lock=False).items()}
    return Seen(row=row, value=value, differences=reconcile(value.lines, ledgers))


def count_line(
    work: Work,
    officer: Officer,
    handover_id: str,
    code: str,
    *,
    counted: str | int | Decimal,
    classes: Sequence[str] = (),
    proof: str = "",
    seal_ok: bool | None = None,
    hash_found: str = "",
    remark: str = "",
) -> Line:
    """Write down what the receiver counted of one item; the machine compares the hash and classes a difference.

    Raises Invalid, naming the field, for more than was listed without an explanation.
    """
    row, line_row = open_line(work, officer, handover_id, code)
    if officer.agency_id != row.to_agency:
        raise Forbidden("由接收单位清点", "The receiving agency counts", at=code)
    if row.from_agency == row.to_agency and officer.id == row.opened_by:
        raise Forbidden("由保管人员清点，不能由移交人自己清点", "Who hands over does not count", at=code)
    listed = line_from_plain(line_row.content, at=code)
    found = read_sha256(hash_found, at="hash_found") if hash_found else ""
    number = read_quantity(counted, listed.unit, at="counted", zero=True)
    given = set(classes)
    if number > listed.listed and not given:
        most = f"{written(listed.listed)}{listed.unit}"
        raise Invalid(
            f"清点数超过清单的 {most}，须注明类别", f"More than the {most} listed: give a class", at="counted"
        )
    if found and found != listed.hash_listed and listed.hash_listed:
        given.add("hash_mismatch")
    line = replace(
        listed,
        counted=number,
        classes=tuple(sorted(given)),
        proof=read_text(proof, at="proof") if proof else "",
        seal_ok=seal_ok,
        hash_found=found,
        remark=read_text(remark, at="remark", longest=500) if remark else "",
    )
    keep_line(work, row, line_row, line, counted_at=work.now, counted_by=officer.id)
    _note(work, officer, row.case_id, handover_id, "counted", item=code, counted=written(number), classes=line.classes)
    return line


def note_hash(work: Work, officer: Officer, handover_id: str, code: str, *, found: str) -> Line:
    """Write down the SHA-256 the machine found in the content of one item; what was counted stays as it is."""
    row, line_row = open_line(work, officer, handover_id, code)
    if officer.agency_id != row.to_agency:
        raise Forbidden("由接收单位核对", "The receiving agency compares", at=code)
    listed = line_from_plain(line_row.content, at=code)
    value = read_sha256(found, at="hash_found")
    if listed.not_moved and listed.hash_listed and value != listed.hash_listed:
        raise Invalid(
            f"{code} 校验值不一致，不能按实物不动移交：清单 {listed.hash_listed}，实际 {value}",
            f"{code}: hash differs, it cannot be handed over unmoved: listed {listed.hash_listed}, found {value}",
            at="hash_found",
        )
    classes = set(listed.classes) - {"hash_mismatch"}
    if listed.hash_listed and value != listed.hash_listed:
        classes.add("hash_mismatch")
    line = replace(listed, hash_found=value, classes=tuple(sorted(classes)))
    keep_line(work, row, line_row, line)
    told = {"item": code, "listed": line.hash_listed, "found": value, "machine": True}
    _note(work, officer, row.case_id, handover_id, "compared", **told)
    return line


def explain_line(
    work: Work, officer: Officer, handover_id: str, code: str, *, classes: Sequence[str], proof: str
) -> Line:
    """Class and prove a difference of a counted line; either side may."""
    row, line_row = open_line(work, officer, handover_id, code)
    known = line_from_plain(line_row.content, at=code)
    if known.counted is None:
        raise Conflict(f"{code} 尚未清点", f"{code} has not been counted", at=code)
    kept = {"hash_mismatch"} if known.hash_differs else set()
    proven = read_text(proof, at="proof") if proof else ""
    line = replace(known, classes=tuple(sorted({*classes, *kept})), proof=proven)
    keep_line(work, row, line_row, line)
    _note(work, officer, row.case_id, handover_id, "explained", item=code, classes=line.classes, proof=proven)
    return line


def sign_handover(work: Work, officer: Officer, handover_id: str, *, side: str = "") -> bool:
    """Sign the sheet; true when that was the last signature needed and custody has moved.

    `side` (`SIDES`) need only be said inside one agency, where who made the list signs as the giver. Raises Invalid
    while a difference is open, naming the item (and both hashes when they differ), and when the officer has signed.
    """
    row = _pending(work, custody.lock_handover(work.connection, handover_id), officer, handover_id)
    value = value_of(work, row)
    held = _held(work, row, value)
    require_reconciled(value.lines, {code: one.ledger for code, one in held.items()})
    if not value.signatures:
        value = with_heads(value, {code: one.ledger.head for code, one in held.items()})
        for line in value.lines:
            custody.change_line(
                work.connection,
                handover_id=handover_id,
                item_id=held[line.item].row.id,
                content=line_to_plain(line),
                verdict=ended_verdict(line),
            )
    case = next(iter(held.values())).case
    sheet = sheet_hash(value, case=case.number, names=_names(work, row))
    signature = Signature(
        person=persons(work, officer)[0],
        side=side or side_of(officer, row),
        at=work.now,
        sheet=sheet,
    )
    require_signature(value, signature, sheet=row.sheet or sheet)
    value = replace(value, signatures=(*value.signatures, signature))
    custody.change_handover(
        work.connection,
        handover_id,
        state="signed" if value.complete else "signing",
        sheet=sheet,
        signatures=[signature_to_plain(one) for one in value.signatures],
        signed_at=work.now if value.complete else None,
    )
    _note(work, officer, row.case_id, handover_id, "signed", sheet=sheet, complete=value.complete)
    if value.complete:
        receipt = receipt_hash(sheet, value.signatures)
        for line in value.lines:
            one = held[line.item]
            keep_all(work, officer, one, movement(value, line, one.ledger, receipt=receipt))
    return value.complete


def cancel_handover(work: Work, officer: Officer, handover_id: str, *, why: str) -> None:
    """Give up a hand-over that has not been signed by all; the goods stay where they are."""
    row = _pending(work, custody.lock_handover(work.connection, handover_id), officer, handover_id)
    reason = read_text(why, at="why", longest=500)
    custody.change_handover(work.connection, handover_id, state="cancelled")
    _note(work, officer, row.case_id, handover_id, "cancelled", why=reason)


def keep_line(work: Work, row: Record, line_row: Record, line: Line, **values: Any) -> None:
    """Write down what is known of a line, with what the rules say of it; `values` are further columns."""
    case = cases.get_case(work.connection, row.case_id)
    if case is None:
        raise NotFound(at=row.case_id)
    ledger = read_items(work, case, [line.item], lock=False)[line.item].ledger
    custody.change_line(
        work.connection,
        handover_id=row.id,
        item_id=line_row.item_id,
        content=line_to_plain(line),
        verdict=verdict(line, ledger),
        **values,
    )


def require_side(officer: Officer, row: Record, side: str) -> None:
    """Refuse to sign for a side there is not, or that is not of the officer's agency; the field is `side`."""
    if side not in SIDES:
        raise Invalid("应为移交方或者接收方", "A side is giver or receiver", at="side")
    if officer.agency_id != (row.from_agency if side == "giver" else row.to_agency):
        zh, en = SIDES[side]
        raise Invalid(
            f"{officer.name}不是{zh}的人员，不能代为签名",
            f"{officer.name} is not of the agency of {en} and cannot sign for it",
            at="side",
        )


def side_of(officer: Officer, row: Record) -> str:
    """Give the side an officer stands on; inside one agency who made the list is the giver."""
    if row.from_agency == row.to_agency:
        return "giver" if officer.id == row.opened_by else "receiver"
    return "giver" if officer.agency_id == row.from_agency else "receiver"


def value_of(work: Work, row: Record) -> Handover:
    """Give a hand-over as the value the rules speak of."""
    lines = custody.lines_of(work.connection, row.id)
    return Handover(
        number=row.number,
        giver=agency_key(work, row.from_agency),
        receiver=agency_key(work, row.to_agency),
        place=row.place,
        lines=tuple(line_from_plain(line.content, at=line.item) for line in lines),
        signers=(row.giver_signers, row.receiver_signers),
        signatures=tuple(signature_from_plain(one, at="signatures") for one in row.signatures),
    )


def _hold_listed(work: Work, officer: Officer, case_id: str, codes: Sequence[str]) -> dict[str, Held]:
    try:
        return hold(work, officer, case_id, codes)
    except NotFound as missing:
        if missing.at not in map(shown, codes):
            raise
        # The list is what the officer wrote: an item of another case is a wrong entry in it.
        raise Invalid(missing.zh, missing.en, at=f"items.{missing.at}") from None


def _line(ledger: Ledger, giver: str, listed: str | int | Decimal | None) -> Line:
    if ledger.custodian is None or ledger.custodian.agency != giver:
        raise Forbidden(
            f"{ledger.item} 不由本单位保管，不能移交",
            f"{ledger.item} is not in the custody of your agency",
            at=f"items.{ledger.item}",
        )
    if ledger.on_loan:
        raise Conflict(
            f"{ledger.item} 有借出部分，归还后才能移交",
            f"Part of {ledger.item} is on loan and has to come back first",
            at=f"items.{ledger.item}",
        )
    at = f"items.{ledger.item}"
    quantity = ledger.held if listed is None else read_quantity(listed, ledger.unit, at=at)
    if not ledger.held <= quantity <= ledger.seized:
        low, high = written(ledger.held), written(ledger.seized)
        raise Invalid(
            f"{ledger.item} 清单数量应在 {low} 与 {high}{ledger.unit} 之间",
            f"The listed quantity of {ledger.item} lies between {low} and {high} {ledger.unit}",
            at=at,
        )
    return Line(
        item=ledger.item,
        name=ledger.name,
        unit=ledger.unit,
        listed=quantity,
        seal_listed=ledger.seal.number if ledger.seal else "",
        hash_listed=ledger.file,
    )


def _require_free(work: Work, held: Mapping[str, Held]) -> None:
    pending = custody.pending_handovers(work.connection, [one.row.id for one in held.values()])
    for code, one in held.items():
        if one.row.id in pending:
            number = pending[one.row.id].number
            raise Conflict(f"{code} 已列入 {number}", f"{code} is already listed in {number}", at=f"items.{code}")


def _found(row: Record | None, officer: Officer, handover_id: str) -> Record:
    if row is None or officer.agency_id not in (row.from_agency, row.to_agency):
        raise NotFound("没有这次交接", "No such hand-over", at=handover_id)
    return row


def _pending(work: Work, row: Record | None, officer: Officer, handover_id: str) -> Record:
    known = _found(row, officer, handover_id)
    require_keeper(work, officer)
    if known.state in ENDED:
        raise Conflict(f"{known.number} 已经办结", f"{known.number} has ended", at=handover_id)
    return known


def open_line(work: Work, officer: Officer, handover_id: str, code: str) -> tuple[Record, Record]:
    """Lock a hand-over nobody has signed yet; give its row and that of one line."""
    row = _pending(work, custody.lock_handover(work.connection, handover_id), officer, handover_id)
    if row.state != "open":
        raise Conflict(
            f"{row.number} 已有人签名，不能再改", f"{row.number} has been signed; nothing changes now", at=handover_id
        )
    line = custody.get_line(work.connection, handover_id=handover_id, code=code)
    if line is None:
        raise NotFound(f"清单上没有 {shown(code)}", f"{shown(code)} is not on the list", at=code)
    return row, line


def _held(work: Work, row: Record, value: Handover, *, lock: bool = True) -> dict[str, Held]:
    case = cases.get_case(work.connection, row.case_id)
    if case is None:
        raise NotFound(at=row.case_id)
    return read_items(work, case, [line.item for line in value.lines], lock=lock)


def _names(work: Work, row: Record) -> dict[str, str]:
    both = (work.agency(row.from_agency), work.agency(row.to_agency))
    return {agency.key: agency.name for agency in both}


def _note(work: Work, officer: Officer, case_id: str, handover_id: str, act: str, **detail: Any) -> None:
    audit.note(
        work.connection,
        action="handover",
        at=work.now,
        case_id=case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"handover": handover_id, "act": act, **detail},
    )
