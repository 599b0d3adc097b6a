"""What a signed hand-over adds to the trail of an item: first what the count set right, then the hand-over itself."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain.custody import Act, Custodian
from app.domain.custody_handover import Handover, Line
from app.domain.custody_ledger import Ledger, custodian_after


def movement(handover: Handover, line: Line, ledger: Ledger, *, receipt: str) -> list[Act]:
    """Give the acts that follow from a line of a complete hand-over; `ledger` is where the item stood when signed.

    They happen at the last signature, by all who signed; `receipt` is the SHA-256 of sheet and signatures. What the
    receiver did not get is not handed over (PROP2015 11: the receiver answers for the real quantity).
    """
    at = handover.signatures[-1].at
    who = tuple(signature.person for signature in handover.signatures)
    shared: dict[str, Any] = {"item": line.item, "at": at, "who": who, "unit": ledger.unit, "receipt": receipt}
    acts = [
        Act(
            action=action,
            kind=kind,
            why=f"交接清点（{handover.number}）",
            document=line.proof,
            quantity=quantity,
            origin=ledger.custodian,
            to=custodian_after(ledger, action=action, kind=kind, quantity=quantity),
            **shared,
        )
        for action, kind, quantity in corrections(line, ledger)
    ]
    giver = ledger.custodian
    held = ledger.held if line.not_moved else line.counted or Decimal(0)
    if not held or giver is None:
        return acts
    if handover.inside:
        to = replace(giver, place=giver.place if line.not_moved else handover.place)
        stored = Act(
            action="stored",
            why=f"入库（{handover.number}）",
            document=handover.number,
            quantity=held,
            origin=giver,
            to=to,
            **shared,
        )
        return [*acts, stored]
    return [
        *acts,
        Act(
            action="handed_over",
            kind="not_moved" if line.not_moved else "moved",
            why=f"移交（{handover.number}）",
            document=handover.number,
            quantity=held,
            origin=giver,
            to=Custodian(
                agency=handover.receiver,
                keeper=giver.keeper if line.not_moved else handover.receiver,
                place=giver.place if line.not_moved else handover.place,
            ),
            **shared,
        ),
    ]


def corrections(line: Line, ledger: Ledger) -> list[tuple[str, str, Decimal]]:
    """Give what the count sets right: action, kind, quantity. The line is reconciled."""
    if line.counted is None or line.not_moved or line.counted == ledger.held:
        return []
    gap = ledger.held - line.counted
    if gap < 0:
        return [("corrected", "more", -gap)]
    if {"missing", "damaged"} & set(line.classes):
        return [("corrected", "lost", gap)]
    if "sample_consumed" in line.classes:
        return [("sampled", "store", gap)]
    return [("corrected", "less", gap)]
