"""Places: a tree of an agency's own, named in full on the trails, closed only when nothing lies there."""

import pytest

from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.store_place import SPECIAL, misfit
from app.services import custody, store, store_places
from tests.store.shop import Shop


def tree(shop: Shop, by: str = "shao") -> list[tuple[str, int, int]]:
    branches = store_places.see_places(shop.work, shop.people[by])
    return [(branch.row.full_name, branch.depth, branch.items_below) for branch in branches]


def test_the_tree_counts_what_lies_on_a_place_and_below(shop: Shop) -> None:
    cause = shop.cause("上架")
    store.put_away(shop.work, shop.people["shao"], [shop.item("P-04")], cause, place="A-1")
    assert tree(shop) == [("一号库", 1, 4), ("一号库 / 1架", 2, 1), ("冷库", 1, 0), ("旧库", 1, 0)]
    assert tree(shop, "chen") == []


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ({"code": "A"}, "code"),
        ({"code": "../etc"}, "code"),
        ({"code": "a/b"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "库"}, "code"),
        ({"code": "A\u202e"}, "code"),
        ({"name": ""}, "name"),
        ({"name": "二\u200b号库"}, "name"),
        ({"name": "二\u202e号库"}, "name"),
        ({"name": "二/号库"}, "name"),
        ({"name": "一号库"}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"kind": "castle"}, "kind"),
    ],
)
def test_what_no_place_may_be_is_refused_by_its_field(shop: Shop, values: dict[str, str], at: str) -> None:
    before = tree(shop)
    with pytest.raises(Invalid) as refused:
        store_places.make_place(shop.work, shop.people["shao"], **{"code": "B", "name": "二号库", **values})
    assert refused.value.at == at
    assert tree(shop) == before


def test_nobody_but_a_custodian_makes_or_closes_places(shop: Shop) -> None:
    for name in ("shen", "lu", "chen"):
        with pytest.raises(Forbidden):
            shop.make("B", "二号库", by=name)
    with pytest.raises(Forbidden):
        store_places.close_place(shop.work, shop.people["shen"], shop.places["C"])


def test_another_agency_does_not_see_or_change_a_place(shop: Shop) -> None:
    for act in (
        lambda: store_places.close_place(shop.work, shop.people["wen"], shop.places["C"]),
        lambda: store_places.see_place(shop.work, shop.people["wen"], shop.places["C"]),
        lambda: store_places.change_place(shop.work, shop.people["wen"], shop.places["C"], name="我的", kind="cold"),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Invalid) as refused:
        store_places.make_place(
            shop.work, shop.people["wen"], code="A", name="间", kind="ordinary", parent_id=shop.places["A"]
        )
    assert refused.value.at == "parent"
    shop.make("A", "一号库", by="wen")


def test_a_place_cannot_lie_below_itself_nor_deeper_than_a_box(shop: Shop) -> None:
    parent = "A-1"
    for code in ("A-1-1", "A-1-1-1", "A-1-1-1-1"):
        shop.make(code, code, parent=parent)
        parent = code
    with pytest.raises(Invalid) as refused:
        shop.make("deep", "深", parent=parent)
    assert refused.value.at == "parent"
    for below in ("A", "A-1", "A-1-1-1-1"):
        with pytest.raises(Invalid) as refused:
            store_places.change_place(
                shop.work,
                shop.people["shao"],
                shop.places["A"],
                name="一号库",
                kind="ordinary",
                parent_id=shop.places[below],
            )
        assert refused.value.at == "parent"
    with pytest.raises(Invalid) as refused:  # the whole branch would sink by one
        store_places.change_place(
            shop.work,
            shop.people["shao"],
            shop.places["A"],
            name="一号库",
            kind="ordinary",
            parent_id=shop.places["C"],
        )
    assert refused.value.at == "parent"


def test_a_renamed_place_keeps_its_goods_and_the_trail_its_old_name(shop: Shop) -> None:
    shao = shop.people["shao"]
    store.put_away(shop.work, shao, [shop.item("P-04")], shop.cause("上架"), place="一号库 / 1架")
    store_places.change_place(shop.work, shao, shop.places["A"], name="甲库", kind="ordinary")
    assert shop.row("P-04").place_now == "甲库 / 1架"
    assert shop.entries("P-04")[-1]["to"]["place"] == "一号库 / 1架"
    custody.view(shop.work, shao, shop.case.id, "P-04", shop.cause("查看"))
    assert shop.row("P-04").place_now == "甲库 / 1架"


def test_two_places_may_swap_their_names(shop: Shop) -> None:
    shao = shop.people["shao"]
    for code, name in (("A", "过渡"), ("C", "一号库"), ("A", "冷库")):
        store_places.change_place(shop.work, shao, shop.places[code], name=name, kind="ordinary")
    assert [name for name, _, _ in tree(shop)] == ["冷库", "冷库 / 1架", "一号库", "旧库"]
    assert shop.row("P-01").place_now == "冷库"


def test_a_full_place_is_not_closed_nor_is_one_above_it(shop: Shop) -> None:
    shao = shop.people["shao"]
    everything = [shop.item(code) for code in ("P-01", "P-02", "P-03", "P-04")]
    store.put_away(shop.work, shao, everything, shop.cause("上架"), place="A-1", despite=True)
    for code in ("A-1", "A"):
        with pytest.raises(Conflict) as refused:
            store_places.close_place(shop.work, shao, shop.places[code])
        assert "4" in refused.value.zh
    store.put_away(shop.work, shao, everything, shop.cause("移库"), place="C", despite=True)
    store_places.close_place(shop.work, shao, shop.places["A"])
    with pytest.raises(Conflict):  # the room above it is closed
        store_places.reopen_place(shop.work, shao, shop.places["A-1"])
    store_places.reopen_place(shop.work, shao, shop.places["A"])
    store_places.reopen_place(shop.work, shao, shop.places["A-1"])


@pytest.mark.parametrize("place", ["X", "旧库", " 旧库 ", "XJ1P:{key}/X"])
def test_nothing_is_put_on_a_closed_place(shop: Shop, place: str) -> None:
    place = place.format(key=shop.agencies["pol"].key)
    with pytest.raises(Conflict):
        store.put_away(shop.work, shop.people["shao"], [shop.item("P-04")], shop.cause("上架"), place=place)
    assert len(shop.entries("P-04")) == 1


@pytest.mark.parametrize(
    "place", ["XJ1P:other/A", "XJ1P:{key}/NONE", "XJ1:{key}/P-01", "XJ1P:{key}/..", "库\u202e", "", "长" * 201]
)
def test_what_is_no_place_is_refused(shop: Shop, place: str) -> None:
    place = place.format(key=shop.agencies["pol"].key)
    with pytest.raises(Invalid) as refused:
        store.put_away(shop.work, shop.people["shao"], [shop.item("P-04")], shop.cause("上架"), place=place)
    assert refused.value.at in ("place", "label")
    assert len(shop.entries("P-04")) == 1


def test_special_goods_warn_on_a_place_of_another_kind(shop: Shop) -> None:
    shao = shop.people["shao"]
    beef = [shop.item("P-02")]
    with pytest.raises(Invalid) as refused:
        store.put_away(shop.work, shao, beef, shop.cause("上架"), place="A-1")
    assert refused.value.at == "despite"
    assert "P-02" in refused.value.zh
    assert "MPS2020 236" in refused.value.en
    store.put_away(shop.work, shao, beef, shop.cause("上架"), place="A-1", despite=True)
    assert store.demands(shop.row("P-02"))["wrong"]
    store.put_away(shop.work, shao, beef, shop.cause("冷藏"), place="C")
    asked = store.demands(shop.row("P-02"))
    assert asked["wrong"] is None
    assert "变卖" in asked["zh"]
    assert store.demands(shop.row("P-04")) is None


def test_every_special_kind_has_a_place_where_it_belongs() -> None:
    for category, special in SPECIAL.items():
        assert [misfit(category, kind) for kind in special.kinds] == [None] * len(special.kinds)
        assert misfit(category, "ordinary") is not None
    assert misfit("物证", "account") is not None
    assert misfit("款项", "account") is None
