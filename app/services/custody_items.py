"""The items of a case by what they are, who answers for them and where they stand, page by page."""

from collections.abc import Mapping

from app.domain.access import Officer
from app.domain.custody import Wording, read_kind, shown
from app.domain.custody_ledger import Ledger
from app.domain.errors import Invalid
from app.services.custody import Held
from app.services.custody_views import see_items
from app.services.work import Work
from app.storage import agencies

STATES: Mapping[str, Wording] = {
    "unregistered": ("尚未登记", "Nothing recorded yet"),
    "held": ("在管", "Held"),
    "on_loan": ("部分或者全部借出", "On loan, in part or whole"),
    "gone": ("已无在管", "Nothing held any more"),
}


def find_items(
    work: Work,
    officer: Officer,
    case_id: str,
    *,
    kind: str = "",
    custodian: str = "",
    state: str = "",
    page: int = 1,
    size: int = 30,
) -> tuple[int, list[Held]]:
    """Give how many items of the case the officer may see are such, and one page of them, by code.

    `custodian` is the id or key of the agency that answers for them now; empty conditions choose nothing out. Raises
    Invalid, naming the condition, for a kind or state there is not.
    """
    if kind:
        read_kind(kind, at="kind")
    if state and state not in STATES:
        raise Invalid(f"没有这种状态：{shown(state)}", f"There is no such state: {shown(state)}", at="state")
    found = agencies.get_agency(work.connection, custodian) if custodian else None
    key = str(found.key) if found else custodian
    chosen = [
        held
        for held in see_items(work, officer, case_id)
        if (not kind or kind == (held.ledger.category or held.row.data.get("category")))
        and (not key or (held.ledger.custodian is not None and held.ledger.custodian.agency == key))
        and (not state or state == state_of(held.ledger))
    ]
    return len(chosen), chosen[(page - 1) * size : page * size]


def state_of(ledger: Ledger) -> str:
    """Say where an item stands (`STATES`)."""
    if not ledger.seq:
        return "unregistered"
    if not ledger.held:
        return "gone"
    return "on_loan" if ledger.on_loan else "held"
