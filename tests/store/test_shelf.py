"""What an agency keeps, over all its cases: found by any word, by what is special, and many moved in one act."""

import pytest
from sqlalchemy import event

from app.domain.errors import Invalid, NotFound
from app.domain.label import item_label
from app.services import custody, store
from app.services.store import Query
from app.storage import facts, store_shelf
from tests.builders import a_case
from tests.store.shop import Shop


def found(shop: Shop, by: str = "shao", **query: str) -> list[str]:
    return [row.code for row in store.see_store(shop.work, shop.people[by], Query(**query))[1]]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, ["P-01", "P-02", "P-03", "P-04"]),
        ({"words": "牛肉"}, ["P-02"]),
        ({"words": "p-0 封-1"}, ["P-01"]),
        ({"words": "一号库 账"}, ["P-04"]),
        ({"words": "%"}, []),
        ({"words": "_"}, []),
        ({"words": "!"}, []),
        ({"words": "'; DROP TABLE item"}, []),
        ({"category": "书证"}, ["P-04"]),
        ({"which": "special"}, ["P-02", "P-03"]),
        ({"which": "lent"}, []),
        ({"which": "outside"}, []),
        ({"category": "黄金"}, []),
    ],
)
def test_the_store_is_searched_by_words_and_lists(shop: Shop, query: dict[str, str], codes: list[str]) -> None:
    assert found(shop, **query) == codes


def test_a_list_that_is_none_and_a_place_of_another_are_refused(shop: Shop) -> None:
    with pytest.raises(NotFound):
        found(shop, which="gold")
    with pytest.raises(NotFound):
        found(shop, by="wen", place=shop.places["A"])
    assert found(shop, place=shop.places["C"]) == []
    assert found(shop, by="wen") == []


def test_a_page_is_two_statements_whatever_is_in_the_store(shop: Shop) -> None:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(shop.connection.engine, "before_cursor_execute", note)
    try:
        found(shop, words="一号")
    finally:
        event.remove(shop.connection.engine, "before_cursor_execute", note)
    assert len(said) == 2


def test_many_items_are_put_away_in_one_act_with_one_entry_each(shop: Shop) -> None:
    other = a_case(shop.connection, agency_id=shop.agencies["pol"].id, clock=shop.clock)
    rows = [{"code": "Q-01", "name": "另案手机", "category": "物证", "qty": 1, "unit": "部"}]
    pol = shop.agencies["pol"].id
    facts.put_rows(shop.connection, "items", case_id=other.id, agency_id=pol, rows=rows)
    cause = shop.cause("涉嫌盗窃", "昆公扣字〔2026〕36号", "gu")
    custody.seize(shop.work, shop.people["shen"], other.id, "Q-01", cause, place="办案区")
    assert found(shop, which="outside") == ["Q-01"]
    chosen = [shop.item(code) for code in ("P-01", "P-04", "Q-01")]
    done = store.put_away(shop.work, shop.people["shao"], chosen, shop.cause("入库"), place="A-1")
    assert {entry.act.to.place for entry in done if entry.act.to} == {"一号库 / 1架"}
    assert sorted(found(shop, place=shop.places["A-1"])) == ["P-01", "P-04", "Q-01"]
    assert [entry["action"] for entry in shop.entries("P-01")] == ["seized", "stored"]


def test_one_item_that_is_not_ours_stops_the_whole_act_and_is_named(shop: Shop) -> None:
    shop.seize("E-02", "chen", "wu", "昆市监强制〔2026〕19号")
    theirs = shop.item("E-02", by="wen")
    with pytest.raises(NotFound) as refused:
        store.put_away(shop.work, shop.people["shao"], [shop.item("P-01"), theirs], shop.cause("入库"), place="A-1")
    assert "E-02" not in refused.value.zh  # the police may not know of it yet
    assert len(shop.entries("P-01")) == 1
    with pytest.raises(Invalid):
        store.put_away(shop.work, shop.people["shao"], [], shop.cause("入库"), place="A-1")


def test_goods_that_stay_are_in_the_store_of_their_keeper(shop: Shop) -> None:
    shop.seize("E-01", "chen", "wu", "昆市监强制〔2026〕19号", place="综合库")
    assert found(shop, by="wen") == ["E-01"]
    h1 = shop.open("chen", "pol", "虚交1号", ["E-01"], place="一号库 / 1架")
    shop.count("shao", h1, "E-01", counted=640)
    shop.sign(h1, "chen", "shao")
    assert found(shop, by="wen") == []
    assert shop.row("E-01").place_id == shop.places["A-1"]
    h2 = shop.open("shao", "proc", "虚交2号", ["E-01"], place="留在原处")
    shop.count("fang", h2, "E-01", counted=0, classes=["not_moved"], proof="清单及照片")
    shop.sign(h2, "shao", "fang")
    assert found(shop, by="fang") == []
    row = shop.row("E-01")
    assert (row.place_id, row.answers_id) == (shop.places["A-1"], shop.agencies["proc"].id)
    cause = shop.cause("判决没收，销毁", "虚处1号", "shen")
    custody.dispose(shop.work, shop.people["shao"], shop.case.id, "E-01", cause, kind="destruction", quantity=640)
    assert "E-01" not in found(shop)


def test_the_columns_say_what_the_ledgers_say(shop: Shop) -> None:
    for row in store_shelf.kept(shop.connection, shop.agencies["pol"].id, store_shelf.Wanted()):
        ledger = shop.ledger(row.code, by="shao")
        assert (row.held, row.head, row.unit) == (str(ledger.held), ledger.head, ledger.unit)
        assert row.place == ledger.custodian.place


def test_a_label_finds_an_item_of_the_store_and_no_other(shop: Shop) -> None:
    shao = shop.people["shao"]
    assert store.find_labelled(shop.work, shao, item_label(shop.case.number, "P-01")).code == "P-01"
    for label in (item_label(shop.case.number, "E-01"), item_label("别的案", "P-01"), "P-01", "XJ1P:x/A"):
        with pytest.raises(Invalid) as refused:
            store.find_labelled(shop.work, shao, label)
        assert refused.value.at == "label"
    with pytest.raises(Invalid) as refused:
        store.find_labelled(shop.work, shop.people["wen"], item_label(shop.case.number, "P-01"))
    assert "P-01" in refused.value.zh
