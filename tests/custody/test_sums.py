"""Random sequences of acts, lawful or not: the sums hold, and an item has one custodian as long as it is held."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.domain.custody import ACTIONS, KINDS, Custodian, Person, Seal
from app.domain.custody_chain import Entry, recomputed
from app.domain.custody_ledger import Ledger, add, custodian_after, fold, opening
from app.domain.errors import Invalid
from tests.custody.acts import an_act

AGENCIES = ("adm", "pol", "proc")
QUANTITIES = st.one_of(st.integers(1, 30).map(Decimal), st.decimals(-5, 700, places=1))


class Trail(RuleBasedStateMachine):
    """One item; acts that are refused leave no trace."""

    ledger: Ledger
    first: Ledger

    @initialize(quantity=st.integers(1, 640), unit=st.sampled_from(["盒", "g"]))
    def seize(self, quantity: int, unit: str) -> None:
        self.first = opening("虚构案1号", "E-01")
        self.ledger, entry = add(self.first, an_act(quantity=Decimal(quantity), unit=unit))
        self.entries: list[Entry] = [entry]

    @rule(
        action=st.sampled_from(sorted(ACTIONS)),
        kind=st.integers(0, 9),
        quantity=QUANTITIES,
        share=st.sampled_from(["given", "held", "available", "on_loan"]),
        receiver=st.sampled_from(AGENCIES),
        minutes=st.integers(-1, 90),
        strange=st.booleans(),
    )
    def act(
        self,
        action: str,
        kind: int,
        quantity: Decimal,
        share: str,
        receiver: str,
        minutes: int,
        strange: bool,  # noqa: FBT001 - hypothesis passes by name
    ) -> None:
        before = self.ledger
        kinds = sorted(KINDS.get(action, [""]))
        chosen = kinds[kind % len(kinds)]
        amount = quantity if share == "given" else getattr(before, share)
        to = custodian_after(before, action=action, kind=chosen, quantity=amount)
        if action == "handed_over" and before.custodian:
            stays = chosen == "not_moved" and not strange
            to = Custodian(
                agency=receiver,
                keeper=before.custodian.keeper if stays else receiver,
                place=before.custodian.place if stays else "管理中心",
            )
        elif strange:
            to = Custodian(agency=receiver, keeper=receiver, place="库房")
        refused = ""
        try:
            act = self.made(action, chosen, amount, to, minutes)
            self.ledger, entry = add(before, act)
            self.entries.append(entry)
        except Invalid as error:
            refused = error.at or "nothing named"
        event(f"{action}: {'refused' if refused else 'done'}")
        assert refused != "nothing named"
        assert (self.ledger is before) == bool(refused)

    def made(self, action: str, kind: str, amount: Decimal, to: Custodian | None, minutes: int) -> Any:
        agencies = {side.agency for side in (self.ledger.custodian, to) if side} or {"adm"}
        who = tuple(Person(name=name, agency=agency) for agency in sorted(agencies) for name in ("甲某", "乙某"))
        assert self.ledger.at
        return an_act(
            action,
            kind=kind,
            quantity=amount,
            unit=self.ledger.unit,
            at=self.ledger.at + timedelta(minutes=minutes),
            who=who,
            origin=self.ledger.custodian,
            to=to,
            seal=Seal(number="封1", state="intact") if action == "sealed" else None,
            due="2026-12-31" if action == "lent" else "",
        )

    @invariant()
    def sums_hold(self) -> None:
        if not hasattr(self, "entries"):
            return
        ledger = self.ledger
        assert ledger.seized == ledger.held + ledger.consumed + ledger.returned + ledger.disposed + ledger.lost
        assert min(ledger.held, ledger.consumed, ledger.returned, ledger.disposed, ledger.lost, ledger.on_loan) >= 0
        assert ledger.on_loan <= ledger.held

    @invariant()
    def there_is_one_custodian(self) -> None:
        if hasattr(self, "entries"):
            assert (self.ledger.custodian is None) == (self.ledger.held == 0)

    @invariant()
    def losses_are_recorded_and_never_silent(self) -> None:
        if hasattr(self, "entries"):
            lost = [entry for entry in self.entries if entry.act.kind in ("lost", "lost_on_loan")]
            assert not self.ledger.lost or lost

    def teardown(self) -> None:
        if hasattr(self, "entries"):
            assert fold(self.first, self.entries) == self.ledger
            assert all(recomputed(entry) == entry.hash for entry in self.entries)
            assert replace(self.ledger, head=self.entries[-1].hash) == self.ledger


TestSums = Trail.TestCase
TestSums.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
