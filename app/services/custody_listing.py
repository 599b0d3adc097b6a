"""What the giver chooses from: the items its agency answers for, and the hand-overs there are already."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.access import Officer
from app.services.cases import see_case_row
from app.services.custody import Held, agency_key
from app.services.custody_counting import Tally, tally_of
from app.services.custody_views import see_items
from app.services.work import Work
from app.storage import custody
from app.storage.database import Record


@dataclass(frozen=True, kw_only=True)
class Offered:
    """An item the agency answers for; `pending` is the hand-over that lists it already."""

    held: Held
    pending: Record | None

    @property
    def free(self) -> bool:
        """Whether it can be listed now: on no other list, and none of it on loan."""
        return self.pending is None and not self.held.ledger.on_loan


def see_offered(work: Work, officer: Officer, case_id: str) -> list[Offered]:
    """Give the items of a case that the officer's agency answers for, by code."""
    key = agency_key(work, officer.agency_id)
    mine = [
        held
        for held in see_items(work, officer, case_id)
        if held.ledger.custodian is not None and held.ledger.custodian.agency == key
    ]
    pending = custody.pending_handovers(work.connection, [held.row.id for held in mine])
    return [Offered(held=held, pending=pending.get(held.row.id)) for held in mine]


def see_listings(work: Work, officer: Officer, case_id: str) -> Sequence[tuple[Record, Tally]]:
    """Give the hand-overs of a case the officer's agency gives or receives, the newest first, with how far each is."""
    see_case_row(work, officer, case_id)
    rows = custody.handovers_of_case(work.connection, case_id)
    mine = [row for row in rows if officer.agency_id in (row.from_agency, row.to_agency)]
    found = custody.tallies(work.connection, [row.id for row in mine])
    return [(row, tally_of(found.get(row.id, {}))) for row in reversed(mine)]
