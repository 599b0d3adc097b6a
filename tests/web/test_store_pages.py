"""The store on the pages: places, putting away with a warning, lending and taking back, a stock-take, labels."""

import re
from datetime import timedelta

import pytest

from app.domain.label import item_label, place_label
from app.services import cases, custody, store, store_loans
from app.services.accounts import hash_password
from app.services.demo import PASSWORD
from app.storage import facts, store_shelf
from app.storage.store_shelf import Wanted
from tests.builders import an_officer
from tests.web.calling import opened
from tests.web.test_pages import Reader

SEIZING = {"kind": "seizure", "why": "涉嫌销售假药", "document": "虚扣1号"}


@pytest.fixture
def case_id(house, people):
    case_id = opened(house, people["asker"])
    rows = [
        {"code": "E-01", "name": "虚构<b>胶囊", "category": "物证", "qty": 640, "unit": "盒"},
        {"code": "E-02", "name": "冷冻牛肉", "category": "易腐物品", "qty": 2, "unit": "件"},
    ]
    with house.work() as work:
        adm = people["asker"].agency_id
        facts.put_rows(work.connection, "items", case_id=case_id, agency_id=adm, rows=rows)
    return case_id


@pytest.fixture
def keeper(house, people, served):
    """Sign in as the custodian of the asking agency."""
    with house.work() as work:
        an_officer(
            work.connection,
            role="adm_custodian",
            agency_id=people["asker"].agency_id,
            username="keeper",
            name="保某",
            cert_no="K1",
            password=hash_password(PASSWORD),
        )
    return signed_in(served, "keeper")


def signed_in(served, name):
    reader = Reader(served)
    assert reader.sign_in(name).status_code == 302
    reader.client.set_cookie("language", "zh")
    return reader


@pytest.fixture
def stocked(house, people, case_id, keeper):
    """Give the ids of both items: seized, on a room the custodian made, beside a cold one."""
    for code, name, kind in (("A", "一号库", "ordinary"), ("C", "冷库", "cold")):
        assert keeper.send("/store/places", code=code, name=name, kind=kind, parent="").status_code == 302
    for code, quantity, unit in (("E-01", "640", "盒"), ("E-02", "2", "件")):
        given = {**SEIZING, "quantity": quantity, "unit": unit, "place": "A", "beside": people["colleague"].id}
        assert keeper.send(f"/cases/{case_id}/items/{code}/acts/seized", **given).status_code == 302
    return {row.code: row for row in shelf(house, people)}


def shelf(house, people):
    with house.work(read_only=True) as work:
        return store_shelf.kept(work.connection, people["asker"].agency_id, Wanted())


def words(answer):
    return answer.get_data(as_text=True)


def errors_of(answer):
    return re.findall(r'class="field-error" id="([^"]+)-error"', words(answer))


def test_a_place_is_offered_and_its_code_is_read_as_its_name(stocked, keeper, case_id):
    assert stocked["E-01"].place_now == "一号库"
    page = words(keeper.open(f"/cases/{case_id}/items/E-01/acts/stored"))
    assert '<option value="冷库">' in page
    page = words(keeper.open("/store"))
    assert "虚构&lt;b&gt;胶囊" in page
    assert f'href="/cases/{case_id}/items/E-02"' in page
    assert "易腐物品应存放在“易腐冷藏”场所" in page
    assert words(keeper.open("/store?which=special")).count("data-row") == 1
    assert words(keeper.open("/store?q=640")).count("data-row") == 0


def test_putting_perishables_into_a_common_room_asks_once_more(house, people, stocked, keeper):
    items = [row.item_id for row in stocked.values()]
    page = words(keeper.open(f"/store/move?item={items[0]}&item={items[1]}"))
    assert page.count('name="item"') == 2
    given = {"item": items, "place": "冷库", "why": "入库"}
    assert keeper.send("/store/move", **given).status_code == 302
    given["place"] = "A"
    refused = keeper.send("/store/move", **given)
    assert refused.status_code == 422
    assert 'id="despite"' in words(refused)
    assert {row.place_now for row in shelf(house, people)} == {"冷库"}
    assert keeper.send("/store/move", **given, despite="yes").status_code == 302
    assert {row.place_now for row in shelf(house, people)} == {"一号库"}
    empty = keeper.send("/store/move", item=items, place="", why="")
    assert (empty.status_code, errors_of(empty)) == (422, ["place", "why"])


def test_only_a_custodian_acts_and_another_agency_sees_nothing(stocked, served, case_id):
    item = stocked["E-01"].item_id
    asker = signed_in(served, "asker")
    assert 'formaction="/store/lend"' not in words(asker.open("/store"))
    for path in (f"/store/move?item={item}", f"/store/lend?item={item}"):
        assert asker.open(path).status_code == 403
    for path, given in (
        ("/store/places", {"code": "Z", "name": "z"}),
        ("/store/takes", {"place": ""}),
        ("/store/move", {"item": item, "place": "A", "why": "x"}),
    ):
        assert asker.send(path, **given).status_code == 403
    stranger = signed_in(served, "stranger")
    assert "data-row" not in words(stranger.open("/store"))
    assert stranger.open(f"/store/labels?item={item}").status_code == 404
    assert stranger.open(f"/store?place={stocked['E-01'].place_id}").status_code == 404
    assert stranger.open(f"/cases/{case_id}/items/E-01").status_code == 404


def test_a_loan_goes_out_turns_late_and_comes_back_short(house, people, stocked, keeper, served, case_id):
    item = stocked["E-01"].item_id
    assert keeper.open(f"/cases/{case_id}/items/E-01/acts/lent").headers["Location"] == f"/store/lend?item={item}"
    nothing = keeper.send("/store/lend", item=item)
    assert errors_of(nothing) == ["purpose", "due", "borrower", "approver", "document", "condition", "why"]
    with house.work(read_only=True) as work:
        today = store.today(work)
    terms = {
        "item": item,
        "purpose": "testing",
        "due": today,
        "borrower": people["asker"].id,
        "approver": people["head"].id,
        "document": "虚调1号",
        "condition": "完好",
        "why": "送检",
        f"quantity-{item}": "10",
    }
    over = keeper.send("/store/lend", **{**terms, f"quantity-{item}": "641"})
    assert (over.status_code, errors_of(over)) == (422, [f"quantity-{item}"])
    assert keeper.send("/store/lend", **terms).status_code == 302
    assert keeper.open(f"/cases/{case_id}/items/E-01/acts/returned_to_store").status_code == 302
    with house.work() as work:
        loan = store_loans.list_loans(work, people["asker"], which="open")[1][0]
    page = words(keeper.open(f"/store/return?loan={loan.id}"))
    assert 'value="10"' in page
    short = {"loan": loan.id, f"back-{loan.id}": "9", f"missing-{loan.id}": "1", "condition": "少一盒"}
    refused = keeper.send("/store/return", **short)
    assert (refused.status_code, errors_of(refused)) == (422, ["document"])
    assert keeper.send("/store/return", **short, document="虚记1号").status_code == 302
    with house.work(read_only=True) as work:
        ledger, _ = custody.trail(work, people["asker"], case_id, "E-01")
    assert (ledger.held, ledger.on_loan, ledger.lost) == (639, 0, 1)
    assert "少一盒" in words(keeper.open("/store/loans?which=ended"))
    assert keeper.open("/store/loans?which=gold").status_code == 404
    head = signed_in(served, "head")
    assert "/store/loans?which=overdue" not in words(head.open("/supervise"))


def test_a_late_loan_is_counted_at_the_menu_and_shown_to_the_head(house, people, stocked, keeper, served):
    item = stocked["E-01"].item_id
    with house.work(read_only=True) as work:
        now, today = work.now, store.today(work)
    terms = {"item": item, "purpose": "testing", "due": today, "borrower": people["asker"].id}
    terms |= {"approver": people["head"].id, "document": "虚调1号", "condition": "完好", "why": "送检"}
    assert keeper.send("/store/lend", **terms).status_code == 302
    house.move_clock(now + timedelta(days=30))
    for reader, path in ((keeper, "/tasks"), (signed_in(served, "head"), "/supervise")):
        page = words(reader.open(path))
        assert re.search(r'href="/store".*?<b class="cnt hot">1</b>', page)
        assert ("/store/loans?which=overdue" in page) == (path == "/supervise")
    assert "逾期 30 天" in words(keeper.open("/store?which=overdue"))


def test_a_stock_take_is_scanned_explained_signed_and_reported(house, people, stocked, keeper, served, case_id):
    with house.work(read_only=True) as work:
        number = cases.see_case_row(work, people["asker"], case_id).number
        key = work.agency(people["asker"].agency_id).key
    take = keeper.send("/store/takes", place=stocked["E-01"].place_id).headers["Location"]
    htmx = {"HX-Request": "true"}
    seen = keeper.client.post(
        f"{take}/scan",
        data={"csrf_token": keeper._token, "label": item_label(number, "E-01"), "seal": "intact"},
        headers=htmx,
    )
    assert (seen.status_code, "已见 1 / 2" in words(seen)) == (200, True)
    stands = keeper.send(f"{take}/scan", label=place_label(key, "C")).headers["Location"]
    assert 'name="place" value="冷库"' in words(keeper.open(stands))
    for label in ("E-01", "", item_label(number, "E-99"), "XJ1:\u202e/E-01"):
        refused = keeper.send(f"{take}/scan", label=label)
        assert (refused.status_code, errors_of(refused)) == (422, ["label"])
    assert keeper.open(f"{take}/report.pdf").status_code == 409
    assert keeper.send(f"{take}/sign").status_code == 409
    assert keeper.send(f"{take}/close").headers["Location"].endswith("?which=differ")
    missing = f"{take}/lines/{stocked['E-02'].item_id}/explain"
    bare = keeper.send(missing, difference="missing", **{"class": "missing"}, remark="")
    assert (bare.status_code, errors_of(bare)) == (422, [f"remark-missing-{stocked['E-02'].item_id}"])
    assert keeper.send(missing, difference="rust", **{"class": "missing"}, remark="x").status_code == 422
    assert keeper.send(missing, difference="missing", **{"class": "not_recorded"}, remark="在冷库").status_code == 302
    page = words(keeper.open(f"{take}?which=all"))
    assert f'href="/cases/{case_id}/items/E-02/acts/corrected"' in page
    assert keeper.send(f"{take}/sign").status_code == 302
    twice = keeper.send(f"{take}/sign")
    assert (twice.status_code, "须由另一人签名" in words(twice)) == (422, True)
    assert signed_in(served, "head").send(f"{take}/sign").status_code == 302
    report = keeper.open(f"{take}/report.pdf")
    assert (report.status_code, report.mimetype, report.data[:5]) == (200, "application/pdf", b"%PDF-")
    stranger = signed_in(served, "stranger")
    for path in (take, f"{take}/report.pdf"):
        assert stranger.open(path).status_code == 404


def test_labels_are_chosen_and_given_as_pdf(house, people, stocked, keeper, case_id):
    item = stocked["E-01"].item_id
    page = words(keeper.open(f"/store/labels?item={item}"))
    assert page.count(f'name="item" value="{item}"') == 1
    assert "E-02" in words(keeper.open(f"/store/labels?place={stocked['E-01'].place_id}"))
    assert 'name="places"' in words(keeper.open("/store/labels?places=all"))
    with house.work(read_only=True) as work:
        number = cases.see_case_row(work, people["asker"], case_id).number
    assert "E-01" in words(keeper.open("/store/labels", query_string={"case_number": number}))
    assert keeper.open("/store/labels?case_number=nothing").status_code == 404
    answer = keeper.send("/store/labels.pdf", item=item, sheet="3x8", start="3")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    for given, field in (({"sheet": "9x9"}, "sheet"), ({"start": "25"}, "start")):
        refused = keeper.send("/store/labels.pdf", **{"item": item, "sheet": "3x8", "start": "1", **given})
        assert (refused.status_code, errors_of(refused)) == (422, [field])
