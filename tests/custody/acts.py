"""One act with a default for everything: what the tests of the rules begin with."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain.custody import Act, Custodian, Person
from app.domain.custody_ledger import Ledger, add, custodian_after, opening

START = datetime(2026, 3, 3, 4, 10, tzinfo=UTC)
ADM = Custodian(agency="adm", keeper="adm", place="库房")
POL = Custodian(agency="pol", keeper="pol", place="管理中心")
CHEN = Person(name="陈国栋", agency="adm")
WU = Person(name="吴敏", agency="adm")
SHAO = Person(name="邵静", agency="pol")


def an_act(action: str = "seized", **values: Any) -> Act:
    """Give an act of the market regulator on E-01."""
    seizing = {"name": "筋骨康宁胶囊", "category": "物证", "kind": "seizure", "origin": None}
    given: dict[str, Any] = {
        "item": "E-01",
        "action": action,
        "at": START,
        "who": (CHEN, WU),
        "why": "涉嫌销售假药",
        "document": "昆市监强制〔2026〕19号",
        "quantity": Decimal(640),
        "unit": "盒",
        "origin": ADM,
        "to": ADM,
        **(seizing if action == "seized" else {}),
        **values,
    }
    return Act(**given)


def a_ledger(**values: Any) -> Ledger:
    """Give E-01 just seized, 640 boxes unless told otherwise."""
    return add(opening("虚构案1号", "E-01"), an_act(**values))[0]


def following(ledger: Ledger, action: str, **values: Any) -> Act:
    """Give an act that would follow, an hour later."""
    quantity = Decimal(values.pop("quantity", ledger.held))
    kind = values.pop("kind", "")
    to = values.pop("to", custodian_after(ledger, action=action, kind=kind, quantity=quantity))
    given = {
        "at": (ledger.at or START) + timedelta(hours=1),
        "unit": ledger.unit,
        "origin": ledger.custodian,
        "to": to,
        "quantity": quantity,
        "kind": kind,
        **values,
    }
    return an_act(action, **given)
