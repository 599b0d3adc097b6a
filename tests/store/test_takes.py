"""Stock-takes: a frozen list, what was found, differences explained, two signatures, and no trail changed."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError

from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.label import item_label, place_label
from app.services import custody, store, store_loans, store_takes
from app.storage import store_takes as tables
from app.storage.database import Record
from tests.store.shop import Shop


@pytest.fixture
def take(shop: Shop) -> str:
    """Take stock of room A, after P-02 went to the cold room and one of three P-01 was lent."""
    shao = shop.people["shao"]
    store.put_away(shop.work, shao, [shop.item("P-02")], shop.cause("冷藏"), place="C")
    store_loans.lend_items(shop.work, shao, {shop.item("P-01"): "1"}, shop.terms())
    return store_takes.open_take(shop.work, shao, place_id=shop.places["A"])


def scan(shop: Shop, take: str, code: str, *, by: str = "shao", **found: str) -> Record:
    label = item_label(shop.case.number, code)
    return store_takes.scan(shop.work, shop.people[by], take, label, **found)


def differences(shop: Shop, take: str) -> dict[str, tuple[str, ...]]:
    lines = store_takes.see_lines(shop.work, shop.people["shao"], take)[1]
    return {line.item: line.differences for _, line in lines}


def close(shop: Shop, take: str) -> None:
    store_takes.close_take(shop.work, shop.people["shao"], take)


def explain(shop: Shop, take: str, code: str, difference: str, kind: str, remark: str = "已查明") -> None:
    (item,) = (row.item_id for row in tables.lines_of_take(shop.connection, take) if row.code == code)
    store_takes.explain(shop.work, shop.people["shao"], take, item, difference=difference, kind=kind, remark=remark)


def sign(shop: Shop, take: str, *names: str) -> list[bool]:
    return [store_takes.sign_take(shop.work, shop.people[name], take) for name in names]


def row_of(shop: Shop, take: str) -> Any:
    return store_takes.see_take(shop.work, shop.people["shao"], take).row


def test_the_list_is_frozen_with_the_head_of_each_trail(shop: Shop, take: str) -> None:
    lines = {row.code: row for row in tables.lines_of_take(shop.connection, take)}
    assert {code: (row.expected, row.on_loan, row.seal) for code, row in lines.items()} == {
        "P-01": ("2", "1", "封-1"),
        "P-03": ("40", "0", ""),
        "P-04": ("2", "0", ""),
    }
    head = lines["P-04"].head
    assert head == shop.ledger("P-04", by="shao").head
    custody.view(shop.work, shop.people["shao"], shop.case.id, "P-04", shop.cause("查看"))
    (row,) = (row for row in tables.lines_of_take(shop.connection, take) if row.code == "P-04")
    assert row.head == head
    assert store_takes.changed_since(shop.work, [row]) == {row.item_id}


def test_a_whole_stock_take_changes_no_trail_and_is_fixed_by_two(shop: Shop, take: str) -> None:
    before = {code: shop.entries(code) for code in ("P-01", "P-02", "P-03", "P-04")}
    scan(shop, take, "P-01")
    scan(shop, take, "P-03", quantity="39")
    scan(shop, take, "P-02")
    close(shop, take)
    seen = store_takes.see_take(shop.work, shop.people["shao"], take)
    assert (seen.lines, seen.done, seen.differ) == (4, 3, 3)
    assert differences(shop, take) == {
        "P-01": (),
        "P-03": ("quantity",),
        "P-04": ("missing",),
        "P-02": ("misplaced",),
    }
    for wrong in (("P-03", "quantity", "wrong_place"), ("P-03", "seal", "broken"), ("P-04", "missing", "")):
        with pytest.raises(Invalid):
            explain(shop, take, *wrong)
    with pytest.raises(Invalid) as refused:
        explain(shop, take, "P-04", "missing", "missing", "")
    assert refused.value.at == "remark"
    explain(shop, take, "P-03", "quantity", "count_error")
    explain(shop, take, "P-02", "misplaced", "wrong_place")
    with pytest.raises(Conflict) as unexplained:
        sign(shop, take, "shao")
    assert "P-04" in unexplained.value.zh
    explain(shop, take, "P-04", "missing", "not_recorded")
    assert sign(shop, take, "shao") == [False]
    with pytest.raises(Invalid) as twice:
        sign(shop, take, "shao")
    assert twice.value.at == "signatures"
    with pytest.raises(Conflict):
        explain(shop, take, "P-04", "missing", "missing")
    assert sign(shop, take, "lu") == [True]
    row = row_of(shop, take)
    assert (row.state, store_takes.proves(row)) == ("signed", True)
    assert [one["person"]["name"] for one in row.signatures] == ["邵静", "陆某"]
    assert {code: shop.entries(code) for code in before} == before
    with pytest.raises(Conflict):
        sign(shop, take, "gu")


def test_the_result_is_known_by_its_hash(shop: Shop, take: str) -> None:
    for code in ("P-01", "P-03", "P-04"):
        scan(shop, take, code)
    close(shop, take)
    sign(shop, take, "shao", "lu")
    row = row_of(shop, take)
    content = {**row.content, "lines": [{**line, "expected": "9"} for line in row.content["lines"]]}

    class Changed:
        def __init__(self, **values: Any) -> None:
            self.__dict__ |= {**row._asdict(), **values}

    assert store_takes.proves(Changed())
    assert not store_takes.proves(Changed(content=content))
    assert not store_takes.proves(Changed(signatures=row.signatures[:1]))
    assert not store_takes.proves(Changed(result="0" * 64))


@pytest.mark.parametrize("verb", ["update", "delete", "line", "drop", "add"])
def test_a_signed_stock_take_cannot_be_changed_even_by_hand(shop: Shop, take: str, verb: str) -> None:
    for code in ("P-01", "P-03", "P-04"):
        scan(shop, take, code)
    close(shop, take)
    sign(shop, take, "shao")
    tables.change_take(shop.connection, take, reason="")  # until the second has signed it may still be given up
    sign(shop, take, "lu")
    line = tables.lines_of_take(shop.connection, take)[0]._asdict()
    statement = {
        "update": update(tables.store_take).values(place="别处"),
        "delete": delete(tables.store_take),
        "line": update(tables.store_take_line).values(expected="9"),
        "drop": delete(tables.store_take_line),
        "add": insert(tables.store_take_line).values({**line, "item_id": shop.item("P-02")}),
    }[verb]
    with pytest.raises(DBAPIError, match="stays as it is"), shop.connection.begin_nested():
        shop.connection.execute(statement)


def test_an_item_on_the_shelf_beside_is_misplaced_and_a_mark_is_taken_back(shop: Shop, take: str) -> None:
    here = place_label(shop.agencies["pol"].key, "A-1")
    line = scan(shop, take, "P-04", place=here)
    assert store_takes.line_of(line).differences == ("misplaced",)
    store_takes.unmark(shop.work, shop.people["shao"], take, line.item_id)
    stray = scan(shop, take, "P-02", place=here)
    assert not stray.listed
    assert store_takes.line_of(stray).found.place == "一号库 / 1架"
    store_takes.unmark(shop.work, shop.people["shao"], take, stray.item_id)
    assert sorted(differences(shop, take)) == ["P-01", "P-03", "P-04"]
    seen = store_takes.see_take(shop.work, shop.people["shao"], take)
    assert (seen.lines, seen.done) == (3, 0)


def test_a_broken_seal_is_a_difference_and_an_item_without_one_has_none(shop: Shop, take: str) -> None:
    assert store_takes.line_of(scan(shop, take, "P-01", seal="broken")).differences == ("seal",)
    assert store_takes.line_of(scan(shop, take, "P-04", seal="broken")).differences == ()
    with pytest.raises(Invalid) as refused:
        scan(shop, take, "P-01", seal="melted")
    assert refused.value.at == "seal"


@pytest.mark.parametrize("quantity", ["-1", "1.5", "viele", "9" * 20])
def test_what_no_count_can_be_is_refused(shop: Shop, take: str, quantity: str) -> None:
    with pytest.raises(Invalid) as refused:
        scan(shop, take, "P-04", quantity=quantity)
    assert refused.value.at == "quantity"


def test_what_is_all_on_loan_is_not_missed(shop: Shop) -> None:
    shao = shop.people["shao"]
    store_loans.lend_items(shop.work, shao, {shop.item("P-04"): ""}, shop.terms())
    take = store_takes.open_take(shop.work, shao)
    for code in ("P-01", "P-02", "P-03"):
        scan(shop, take, code)
    close(shop, take)
    assert set(differences(shop, take).values()) == {()}
    assert sign(shop, take, "shao", "gu") == [False, True]


def test_another_agency_neither_sees_nor_counts_nor_signs(shop: Shop, take: str) -> None:
    wen = shop.people["wen"]
    label = item_label(shop.case.number, "P-04")
    for act in (
        lambda: store_takes.see_take(shop.work, wen, take),
        lambda: store_takes.scan(shop.work, wen, take, label),
        lambda: store_takes.close_take(shop.work, wen, take),
        lambda: store_takes.sign_take(shop.work, wen, take),
        lambda: store_takes.give_up(shop.work, wen, take, why="无"),
        lambda: store_takes.open_take(shop.work, wen, place_id=shop.places["A"]),
    ):
        with pytest.raises(NotFound):
            act()
    shop.seize("E-02", "chen", "wu", "昆市监强制〔2026〕19号")
    with pytest.raises(Invalid) as refused:
        scan(shop, take, "E-02")
    assert refused.value.at == "label"
    assert "E-02" in refused.value.zh


def test_counting_is_for_custodians_and_ends_with_the_counting(shop: Shop, take: str) -> None:
    for name in ("shen", "lu"):
        with pytest.raises(Forbidden):
            scan(shop, take, "P-04", by=name)
    with pytest.raises(Conflict):
        sign(shop, take, "shao")
    close(shop, take)
    for act in (lambda: scan(shop, take, "P-04"), lambda: close(shop, take)):
        with pytest.raises(Conflict):
            act()
    store_takes.give_up(shop.work, shop.people["shao"], take, why="范围有误")
    with pytest.raises(Conflict):
        sign(shop, take, "shao")
    assert row_of(shop, take).reason == "范围有误"


def test_an_empty_place_needs_no_stock_take_and_numbers_follow(shop: Shop, take: str) -> None:
    with pytest.raises(Invalid) as refused:
        store_takes.open_take(shop.work, shop.people["shao"], place_id=shop.places["A-1"])
    assert refused.value.at == "place"
    store_takes.open_take(shop.work, shop.people["shao"])
    numbers = [seen.row.number for seen in store_takes.list_takes(shop.work, shop.people["shao"])]
    assert numbers == ["PD2026-0002", "PD2026-0001"]
    assert row_of(shop, take).number == "PD2026-0001"
