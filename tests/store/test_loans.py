"""Loans: for four purposes only, on a head's approval; what does not come back becomes a correction of the trail."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.services import custody, store_loans
from app.services.store_loans import Return
from app.storage.database import Record
from tests.store.shop import Shop


def lend(shop: Shop, code: str = "P-01", quantity: str = "", **values: Any) -> Record:
    store_loans.lend_items(shop.work, shop.people["shao"], {shop.item(code): quantity}, shop.terms(**values))
    return open_loans(shop)[-1]


def open_loans(shop: Shop) -> list[Record]:
    rows = store_loans.list_loans(shop.work, shop.people["shao"], which="open")[1]
    return sorted(rows, key=lambda row: row.id)


def sums(shop: Shop, code: str = "P-01") -> tuple[str, str, str, str]:
    ledger = shop.ledger(code, by="shao")
    return str(ledger.held), str(ledger.on_loan), str(ledger.consumed), str(ledger.lost)


def test_a_loan_says_who_when_why_and_in_which_condition(shop: Shop) -> None:
    loan = lend(shop)
    assert (loan.quantity, loan.remaining, loan.due, loan.purpose) == ("3", "3", "2026-03-19", "appraisal")
    assert (loan.approver_id, loan.borrower_id) == (shop.people["lu"].id, shop.people["shen"].id)
    entry = shop.entries("P-01")[-1]
    assert [word for word in ("鉴定", "陆某", "包装完好", "送检") if word not in entry["why"]] == []
    assert [person["name"] for person in entry["who"]] == ["邵静", "沈涛"]
    assert shop.row("P-01").lent


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ({"purpose": "exhibition"}, "purpose"),
        ({"approver": "gu"}, "approver"),
        ({"approver": "wen"}, "approver"),
        ({"approver": "nobody"}, "approver"),
        ({"borrower": "nobody"}, "borrower"),
        ({"borrower": "lu"}, "borrower"),
        ({"borrower": "shao"}, "borrower"),
        ({"condition": ""}, "condition"),
        ({"condition": "完\u200b好"}, "condition"),
        ({"why": ""}, "why"),
        ({"why": "长" * 201}, "why"),
        ({"document": ""}, "document"),
    ],
)
def test_a_loan_without_its_terms_is_refused(shop: Shop, values: dict[str, str], at: str) -> None:
    named = {
        key: shop.people[value].id if key in ("approver", "borrower") and value in shop.people else value
        for key, value in values.items()
    }
    with pytest.raises(Invalid) as refused:
        lend(shop, **named)
    assert refused.value.at == at
    assert len(shop.entries("P-01")) == 1


@pytest.mark.parametrize("quantity", ["4", "-1", "0", "1.5", "alles"])
def test_no_more_is_lent_than_is_there(shop: Shop, quantity: str) -> None:
    with pytest.raises(Invalid) as refused:
        lend(shop, quantity=quantity)
    assert refused.value.at == f"quantity-{shop.item('P-01')}"


def test_a_loan_does_not_end_before_it_begins(shop: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        lend(shop, due=shop.clock.now.date() - timedelta(days=1))
    assert refused.value.at == "due"


def test_what_is_all_out_is_not_lent_again_and_nobody_else_lends_it(shop: Shop) -> None:
    lend(shop)
    with pytest.raises(Conflict):
        lend(shop)
    with pytest.raises(Forbidden):
        store_loans.lend_items(shop.work, shop.people["shen"], {shop.item("P-04"): ""}, shop.terms())
    with pytest.raises(NotFound):
        store_loans.lend_items(shop.work, shop.people["wen"], {shop.item("P-04"): ""}, shop.terms())


def test_a_loan_is_late_from_the_day_after_its_last(shop: Shop) -> None:
    lend(shop)
    shao = shop.people["shao"]
    shop.clock.go_to("2026-03-19T23:59")
    assert store_loans.overdue_count(shop.work, shao) == 0
    shop.clock.go_to("2026-03-20T00:01")  # in Beijing; still the 19th in UTC
    assert store_loans.overdue_count(shop.work, shao) == 1
    assert [row.code for row in store_loans.overdue(shop.work, shao)] == ["P-01"]
    assert store_loans.overdue_count(shop.work, shop.people["wen"]) == 0


def test_a_loan_recorded_on_the_item_itself_is_on_the_list_too(shop: Shop) -> None:
    cause = shop.cause("辨认", "昆公调〔2026〕9号", "shen")
    due = shop.clock.now.date()
    custody.lend(shop.work, shop.people["shao"], shop.case.id, "P-01", cause, due=due, quantity=2)
    (loan,) = open_loans(shop)
    assert (loan.remaining, loan.purpose, loan.document) == ("2", None, "昆公调〔2026〕9号")
    custody.give_back(shop.work, shop.people["shao"], shop.case.id, "P-01", shop.cause("归还"), quantity=2)
    assert open_loans(shop) == []


def test_a_return_records_what_was_used_missing_and_damaged(shop: Shop) -> None:
    loan = lend(shop, "P-03", "10")
    back = Return(back="4", used="3", missing="1", damaged="1")
    args = (shop.work, shop.people["shao"], {loan.id: back})
    with pytest.raises(Invalid) as refused, shop.connection.begin_nested():
        store_loans.take_back(*args, condition="少一箱，一箱受潮")
    assert refused.value.at == "document"
    assert sums(shop, "P-03") == ("40", "10", "0", "0")
    store_loans.take_back(*args, condition="少一箱，一箱受潮", document="昆公记〔2026〕2号")
    assert sums(shop, "P-03") == ("35", "1", "3", "2")
    (left,) = open_loans(shop)
    assert (left.remaining, left.condition_back) == ("1", "少一箱，一箱受潮")
    assert [(entry["action"], entry["kind"], entry["quantity"]) for entry in shop.entries("P-03")[2:]] == [
        ("returned_to_store", "", "4"),
        ("sampled", "loan", "3"),
        ("corrected", "lost_on_loan", "1"),
        ("corrected", "lost_on_loan", "1"),
    ]


@pytest.mark.parametrize(
    ("back", "part"),
    [
        (Return(), "back"),
        (Return(back="11"), "back"),
        (Return(back="10", missing="1"), "back"),
        (Return(back="-1"), "back"),
        (Return(missing="0.5"), "missing"),
        (Return(damaged="x"), "damaged"),
    ],
)
def test_what_cannot_come_back_is_refused_at_its_field(shop: Shop, back: Return, part: str) -> None:
    loan = lend(shop, "P-03", "10")
    with pytest.raises(Invalid) as refused:
        store_loans.take_back(shop.work, shop.people["shao"], {loan.id: back}, condition="好", document="1号")
    assert refused.value.at == f"{part}-{loan.id}"
    assert sums(shop, "P-03") == ("40", "10", "0", "0")


def test_of_two_loans_the_one_that_is_named_comes_back(shop: Shop) -> None:
    first = lend(shop, quantity="1")
    second = lend(
        shop,
        quantity="1",
        document="昆公调〔2026〕2号",
        borrower=shop.people["gu"].id,
        due=shop.clock.now.date() + timedelta(days=9),
    )
    store_loans.take_back(
        shop.work, shop.people["shao"], {second.id: Return(missing="1")}, condition="无", document="1号"
    )
    assert [row.id for row in open_loans(shop)] == [first.id]
    assert [row.id for row in store_loans.list_loans(shop.work, shop.people["shao"], which="ended")[1]] == [second.id]
    with pytest.raises(Conflict):
        store_loans.take_back(shop.work, shop.people["shao"], {second.id: Return(back="1")}, condition="好")
    with pytest.raises(NotFound):
        store_loans.take_back(shop.work, shop.people["wen"], {first.id: Return(back="1")}, condition="好")
    with pytest.raises(Forbidden):
        store_loans.take_back(shop.work, shop.people["shen"], {first.id: Return(back="1")}, condition="好")


def test_an_item_that_is_lost_whole_leaves_the_store(shop: Shop) -> None:
    loan = lend(shop)
    store_loans.take_back(
        shop.work, shop.people["shao"], {loan.id: Return(missing="3")}, condition="全部丢失", document="1号"
    )
    assert sums(shop) == ("0", "0", "0", "3")
    with pytest.raises(StopIteration):
        shop.item("P-01")
