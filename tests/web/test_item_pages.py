"""The pages of items: the table, acts on many, new ones, tables from a file, splitting, disposal."""

import re

import pytest
from lxml import html

from app.services import custody, items
from app.storage import facts
from tests.web.calling import finish_documents, opened, the_task
from tests.web.test_pages import Reader

ROW = {"name": "虚构物品", "category": "物证", "qty": 3, "unit": "件", "doc_no": "虚扣1号", "storage_place": "一号库"}


@pytest.fixture
def case_id(house, people):
    """Give a case that has reached the answering agency, with 60 items of the asking one and one of the other."""
    case_id = opened(house, people["asker"])
    finish_documents(house, people["asker"], the_task(house, case_id))
    with house.work() as work:
        rows = [{**ROW, "code": f"E-{number}", "name": f"虚构<b>物品{number}"} for number in range(1, 61)]
        shared = {"case_id": case_id, "kind": "items"}
        facts.put_rows(work.connection, **shared, agency_id=people["asker"].agency_id, rows=rows)
        theirs = [{**ROW, "code": "P-1"}]
        facts.put_rows(work.connection, **shared, agency_id=people["answerer"].agency_id, rows=theirs)
    return case_id


@pytest.fixture
def browser(served, people):
    del people

    def signed_in(name="asker", language="zh"):
        reader = Reader(served)
        assert reader.sign_in(name).status_code == 302
        reader.client.set_cookie("language", language)
        return reader

    return signed_in


def page_of(answer):
    return html.fromstring(answer.get_data(as_text=True))


def codes_of(answer):
    return [code.text for code in page_of(answer).xpath('//td[contains(@class, "i-code")]/a')]


def errors_of(answer):
    """Give the ids of the fields with a sentence beside them, in order."""
    return re.findall(r'class="field-error" id="([^"]+)-error"', answer.get_data(as_text=True))


def fields_of(page, number=-1):
    """Give what a browser would send of a form of the page, as it was filled in."""
    form = page.xpath("//main//form")[number]
    given = {}
    for field in form.xpath(".//input | .//select"):
        name = field.get("name")
        if not name or name in ("csrf_token", "more") or field.get("type") == "checkbox":
            continue
        options = field.xpath(".//option[@selected]/@value") or field.xpath(".//option[1]/@value")
        given.setdefault(name, []).append(options[0] if field.tag == "select" else field.get("value") or "")
    return {name: values if len(values) > 1 else values[0] for name, values in given.items()}


def ledger(house, officer, case_id, code):
    with house.work(read_only=True) as work:
        return custody.trail(work, officer, case_id, code)[0]


def seize(reader, case_id, people, *codes):
    address = f"/cases/{case_id}/item-acts/seized?" + "&".join(f"item={code}" for code in codes)
    given = {**fields_of(page_of(reader.open(address))), "why": "虚构事由", "beside": people["colleague"].id}
    answer = reader.send(f"/cases/{case_id}/item-acts/seized", **given)
    assert answer.status_code == 302, errors_of(answer)


# The table


def test_the_table_is_paged_and_finds_by_the_address(case_id, browser):
    reader, address = browser(), f"/cases/{case_id}/items"
    assert codes_of(reader.open(address)) == [f"E-{number}" for number in range(1, 51)]
    assert codes_of(reader.open(f"{address}?page=2")) == [f"E-{number}" for number in range(51, 61)]
    assert codes_of(reader.open(f"{address}?sort=-code"))[:2] == ["E-60", "E-59"]
    assert codes_of(reader.open(f"{address}?q=物品12")) == ["E-12"]
    assert codes_of(reader.open(f"{address}?state=held")) == []
    assert codes_of(reader.open(f"{address}?state=nonsense&kind=车辆")) == []
    assert reader.open(f"{address}?page=0").status_code == 400
    words = reader.open(f"{address}?q=%3Cscript%3E%00").get_data(as_text=True)
    assert "<script>" not in words.partition("<main")[2]
    assert "虚构&lt;b&gt;物品1" in reader.open(address).get_data(as_text=True)
    assert codes_of(browser("answerer").open(address)) == ["P-1"]


def test_a_stranger_sees_no_page_of_the_case(case_id, browser):
    reader = browser("stranger")
    for path in (
        *("items", "item-acts/seized", "new-item", "item-import", "item-import/template.csv"),
        *("items/E-1/split", "items/E-1/acts/disposed"),
    ):
        assert reader.open(f"/cases/{case_id}/{path}").status_code == 404, path


def test_the_case_tells_the_sums_and_offers_to_register(case_id, browser, people):
    page = browser().open(f"/cases/{case_id}").get_data(as_text=True)
    assert "60 件物品尚未登记保管" in page
    assert f'href="/cases/{case_id}/item-acts/seized"' in page
    assert len(re.findall(rf'<td class="no nowrap"><a href="/cases/{case_id}/items/', page)) == 10
    assert "全部 60 件物品" in page
    seize(browser(), case_id, people, "E-1", "E-2")
    page = browser().open(f"/cases/{case_id}").get_data(as_text=True)
    assert "58 件物品尚未登记保管" in page
    assert f'href="/cases/{case_id}/items?state=held"' in page
    assert "P-1" not in page


# Acts on many


def test_all_that_were_listed_are_registered_on_one_page_without_typing(house, case_id, browser, people):
    reader = browser()
    page = page_of(reader.open(f"/cases/{case_id}/item-acts/seized"))
    given = fields_of(page)
    assert len(given["item"]) == 60
    assert (given["document-E-7"], given["place-E-7"], given["quantity-E-7"]) == ("虚扣1号", "一号库", "3")
    given |= {"why": "虚构事由", "beside": people["colleague"].id, "quantity-E-7": "2", "place-E-8": "二号库"}
    assert reader.send(f"/cases/{case_id}/item-acts/seized", **given).status_code == 302
    told = {code: ledger(house, people["asker"], case_id, code) for code in ("E-7", "E-8", "E-60")}
    assert [int(one.held) for one in told.values()] == [2, 3, 3]
    assert told["E-8"].custodian.place == "二号库"
    assert "尚未登记保管" not in reader.open(f"/cases/{case_id}").get_data(as_text=True)


def test_what_is_said_of_all_goes_where_a_row_says_nothing(house, case_id, browser, people):
    reader = browser()
    given = fields_of(page_of(reader.open(f"/cases/{case_id}/item-acts/seized?item=E-1&item=E-2")))
    given |= {"why": "虚构事由", "beside": people["colleague"].id, "place-E-1": "", "place": "共用库"}
    given |= {"document-E-1": "", "document": "共用1号", "at": "2026-03-12T08:00", "at-E-2": "2026-03-11T07:00"}
    answer = reader.send(f"/cases/{case_id}/item-acts/seized", **given)
    assert answer.status_code == 302, errors_of(answer)
    one, other = (ledger(house, people["asker"], case_id, code) for code in ("E-1", "E-2"))
    assert (one.custodian.place, other.custodian.place) == ("共用库", "一号库")
    assert [entry.at.isoformat()[:13] for entry in (one, other)] == ["2026-03-12T00", "2026-03-10T23"]


def test_a_fault_is_shown_at_its_row_and_nothing_is_stored(house, case_id, browser, people):
    reader, address = browser(), f"/cases/{case_id}/item-acts/seized"
    given = fields_of(page_of(reader.open(f"{address}?item=E-1&item=E-2&item=E-3")))
    answer = reader.send(address, **{**given, "quantity-E-2": "", "at-E-3": "yesterday"})
    assert (answer.status_code, errors_of(answer)) == (422, ["why", "beside", "quantity-E-2", "at-E-3"])
    given |= {"why": "虚构事由", "beside": people["colleague"].id}
    answer = reader.send(address, **{**given, "quantity-E-2": "-1", "unit-E-3": "件\u200b", "place-E-3": "改过的地方"})
    assert (answer.status_code, errors_of(answer)) == (422, ["quantity-E-2", "unit-E-3"])
    assert 'value="改过的地方"' in answer.get_data(as_text=True)
    assert [ledger(house, people["asker"], case_id, f"E-{number}").seq for number in (1, 2, 3)] == [0, 0, 0]
    assert reader.send(address, **{**given, "item": ["E-1", "P-1"]}).status_code == 404
    assert reader.send(address, **{**given, "item": []}).status_code == 422
    assert reader.send(f"/cases/{case_id}/item-acts/disposed", **given).status_code == 404


def test_items_are_stored_and_looked_at_together(house, case_id, browser, people):
    reader = browser()
    seize(reader, case_id, people, "E-1", "E-2")
    page = reader.open(f"/cases/{case_id}/item-acts/stored?item=E-1&item=E-2&item=E-9").get_data(as_text=True)
    assert "E-9" in page.partition("未列入")[2]
    given = {"item": ["E-1", "E-2"], "why": "归架", "place": "三号库", "place-E-2": "四号库"}
    assert reader.send(f"/cases/{case_id}/item-acts/stored", **given).status_code == 302
    assert [ledger(house, people["asker"], case_id, code).custodian.place for code in ("E-1", "E-2")] == [
        "三号库",
        "四号库",
    ]
    assert reader.send(f"/cases/{case_id}/item-acts/viewed", item=["E-1", "E-2"], why="核对").status_code == 302
    assert ledger(house, people["asker"], case_id, "E-2").seq == 3


# New items


def test_an_item_is_entered_with_what_its_kind_needs(case_id, browser):
    reader, address = browser(), f"/cases/{case_id}/new-item"
    page = page_of(reader.open(f"{address}?category=车辆"))
    assert page.xpath('//input[@id="plate_no"]')
    assert not page.xpath('//input[@id="hash"]')
    assert page.xpath('//input[@id="code"]/@value') == ["E-61"]
    given = {"code": "E-61", "name": "虚构轿车", "category": "车辆", "qty": "1", "unit": "辆"}
    answer = reader.send(address, **given)
    assert (answer.status_code, errors_of(answer)) == (422, ["plate_no"])
    answer = reader.send(address, **given, plate_no="苏E00000", holder="虚构甲")
    assert answer.headers["Location"] == f"/cases/{case_id}/items/E-61"
    words = reader.open(f"/cases/{case_id}/items/E-61").get_data(as_text=True)
    assert "苏E00000" in words
    assert "虚构甲" in words
    answer = reader.send(address, **given, plate_no="苏E00000")
    assert (answer.status_code, errors_of(answer)) == (422, ["code"])
    answer = reader.send(address, **{**given, "code": "E-62", "plate_no": "=1+1", "name": "虚\u202e构"})
    assert sorted(errors_of(answer)) == ["name", "plate_no"]


def upload(reader, case_id, content):
    """Send a file as a browser does; the body is written here, for the client of the tests would leave a file open."""
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{reader._token}\r\n--x\r\n'
    head += 'Content-Disposition: form-data; name="table"; filename="items.csv"\r\nContent-Type: text/csv\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    return reader.client.post(
        f"/cases/{case_id}/item-import", data=body, content_type="multipart/form-data; boundary=x"
    )


def test_a_table_is_read_or_every_fault_is_told(house, case_id, browser, people):
    reader = browser(language="en")
    empty = reader.open(f"/cases/{case_id}/item-import/template.csv")
    header = empty.data.decode("utf-8-sig").strip().split(",")
    assert header[:5] == ["Code", "Name", "Kind", "Quantity", "Unit"]
    reader.open(f"/cases/{case_id}/item-import")
    rows = [f"N-{number},虚构物品,物证,{number},件" for number in range(1, 31)]
    bad = "\n".join(["Code,Name,Kind,Quantity,Unit", *rows, "N-1,=1+1,物证,-1,件", "P-1,虚构,物证,1,件"])
    answer = upload(reader, case_id, bad.encode("gb18030"))
    assert answer.status_code == 422
    cells = page_of(answer).xpath('//table[contains(@class, "faults")]//tr/td/text()')
    assert [tuple(cells[at : at + 2]) for at in range(0, len(cells), 3)] == [
        ("32", "Name"),
        ("32", "Quantity"),
        ("32", "Code"),
        ("33", "Code"),
    ]
    good = "\n".join(["编号,名称,种类,数量,计量单位", *rows])
    assert upload(reader, case_id, good.encode("gb18030")).status_code == 302
    with house.work(read_only=True) as work:
        assert items.count_unregistered(work, people["asker"], case_id) == 90


def test_a_huge_or_missing_file_is_refused(house, case_id, browser, people):
    reader = browser()
    reader.open(f"/cases/{case_id}/item-import")
    assert upload(reader, case_id, b"x" * (50 * 1024 * 1024)).status_code == 413
    assert upload(reader, case_id, b"x" * (1024 * 1024 + 1)).status_code == 422
    assert reader.send(f"/cases/{case_id}/item-import").status_code == 422
    with house.work(read_only=True) as work:
        assert items.count_unregistered(work, people["asker"], case_id) == 60


# Splitting and disposal


def test_an_item_is_split_on_its_page(house, case_id, browser, people):
    reader, address = browser(), f"/cases/{case_id}/items/E-1/split"
    assert reader.open(address).status_code == 403
    seize(reader, case_id, people, "E-1")
    given = fields_of(page_of(reader.open(address)))
    assert given["part-1-code"] == "E-1-2"
    more = reader.send(address, **given, more="1")
    assert page_of(more).xpath('//input[@id="part-2-code"]')
    given |= {"part-0-name": "虚构一", "part-0-qty": "1", "part-1-name": "虚构二", "part-1-qty": "1.5"}
    given |= {"why": "分别登记", "document": "拆1号", "beside": people["colleague"].id}
    answer = reader.send(address, **given)
    assert (answer.status_code, errors_of(answer)) == (422, ["part-1-qty"])
    answer = reader.send(address, **{**given, "part-1-qty": "2", "beside": ""})
    assert (answer.status_code, errors_of(answer)) == (422, ["beside"])
    answer = reader.send(address, **{**given, "part-1-qty": "2"})
    assert answer.status_code == 302, errors_of(answer)
    assert [int(ledger(house, people["asker"], case_id, code).held) for code in ("E-1", "E-1-1", "E-1-2")] == [0, 1, 2]
    words = reader.open(f"/cases/{case_id}/items/E-1").get_data(as_text=True)
    assert f'href="/cases/{case_id}/items/E-1-2"' in words
    assert f'href="/cases/{case_id}/items/E-1"' in reader.open(f"/cases/{case_id}/items/E-1-2").get_data(as_text=True)


def test_an_item_is_disposed_of_after_the_warning_was_read(house, case_id, browser, people):
    reader, address = browser(), f"/cases/{case_id}/items/E-1/acts/disposed"
    assert reader.open(address).status_code == 403
    seize(reader, case_id, people, "E-1")
    page = page_of(reader.open(f"{address}?kind=auction"))
    assert "公安规定第236条" in page.text_content()
    assert page.xpath('//input[@id="proceeds"]/@value') == ["E-61"]
    (letter,) = page.xpath('//select[@id="decision"]/option[@value!=""]')
    given = {
        **fields_of(page),
        "decision": letter.get("value"),
        "method": "变卖",
        "amount": "99.90",
        "account": "专户",
        "why": "依决定",
        "beside": people["colleague"].id,
    }
    answer = reader.send(address, **given)
    assert (answer.status_code, errors_of(answer)) == (422, ["confirmed"])
    answer = reader.send(address, **given, confirmed="yes")
    assert answer.status_code == 302, errors_of(answer)
    assert int(ledger(house, people["asker"], case_id, "E-1").disposed) == 3
    assert str(ledger(house, people["asker"], case_id, "E-61").held) == "99.9"
    words = reader.open(f"/cases/{case_id}/items/E-1").get_data(as_text=True)
    assert letter.text.split()[1] in words
    assert f'href="/cases/{case_id}/items/E-61"' in words


def test_an_english_reader_disposes_in_english(case_id, browser, people):
    seize(browser(), case_id, people, "E-1")
    page = page_of(browser(language="en").open(f"/cases/{case_id}/items/E-1/acts/disposed?kind=destruction"))
    (main,) = page.xpath("//form[@method='post']//div[@class='warn']")
    assert not re.search("[一-鿿]", main.text_content())
