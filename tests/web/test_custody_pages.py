"""Custody on the pages: seized, listed, counted with a difference, explained, signed by both; and what is refused."""

import base64
import hashlib
import json
import re
from io import BytesIO
from urllib.parse import quote

import pytest

from app.services import cases, custody, custody_files, custody_proof
from app.storage import facts, uploads
from tests.web.calling import finish_documents, opened, the_task
from tests.web.test_pages import Reader

CONTENT = hashlib.sha256(b"orders").hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()
SEIZING = {
    "kind": "seizure",
    "quantity": "640",
    "unit": "盒",
    "place": "一号库房",
    "why": "涉嫌销售假药",
    "document": "虚扣〔2026〕1号",
}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def case_id(house, people):
    """Give a case that has reached the answering agency, with two items of the asking one."""
    case_id = opened(house, people["asker"])
    finish_documents(house, people["asker"], the_task(house, case_id))
    rows = [
        {"code": "E-01", "name": "虚构胶囊", "category": "物证", "qty": 640, "unit": "盒"},
        {"code": "E-02", "name": "订单<b>数据", "category": "电子数据", "qty": 1, "unit": "文件"},
    ]
    with house.work() as work:
        asker = people["asker"]
        facts.put_rows(work.connection, "items", case_id=case_id, agency_id=asker.agency_id, rows=rows)
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


@pytest.fixture
def seized(case_id, browser, people):
    """Give the case after both items were seized, E-01 under a seal, and 12 boxes of it sampled."""
    asker, beside = browser(), people["colleague"].id
    root = f"/cases/{case_id}/items"
    for code, more in (
        ("E-01", {"seal": "封-1"}),
        ("E-02", {"kind": "extracted", "quantity": "1", "unit": "文件", "file": CONTENT.upper()}),
    ):
        answer = asker.send(f"{root}/{code}/acts/seized", **{**SEIZING, "beside": beside, **more})
        assert answer.headers["Location"] == f"{root}/{code}"
    taken = {"kind": "store", "quantity": "12", "why": "检验", "document": "虚抽1号", "beside": beside}
    assert asker.send(f"{root}/E-01/acts/sampled", **taken).status_code == 302
    return case_id


@pytest.fixture
def handover(seized, browser, people):
    """Give the address of a hand-over to the answering agency: 640 boxes listed, 628 there."""
    answer = list_items(browser(), people, seized)
    assert answer.status_code == 302, errors_of(answer)
    return answer.headers["Location"]


def list_items(reader, people, case_id, **values):
    fields = {
        "to_agency": people["answerer"].agency_id,
        "number": "虚交1号",
        "place": "公安库房",
        "item": ["E-01", "E-02"],
        "listed-E-01": "640",
        "listed-E-02": "1",
    }
    return reader.send(f"/cases/{case_id}/handovers", **{**fields, **values})


def errors_of(answer):
    """Give the ids of the fields with a sentence beside them, in order."""
    return re.findall(r'class="field-error" id="([^"]+)-error"', answer.get_data(as_text=True))


def ledger(house, officer, case_id, code):
    with house.work(read_only=True) as work:
        return custody.trail(work, officer, case_id, code)


def enabled_signature(page):
    """Give of the one button under which the reader's side signs whether it is disabled."""
    (form,) = re.findall(r'/sign">.*?</form>', page, re.DOTALL)
    return "disabled" not in form


# Items


def test_an_item_tells_where_it_stands_and_all_that_happened(seized, browser):
    page = browser().open(f"/cases/{seized}/items/E-01").get_data(as_text=True)
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["640", "628", "12", "0", "0", "0"]
    assert [
        words for words in ("虚扣〔2026〕1号", "虚抽1号", "一号库房", "封-1", "甲", "乙") if words not in page
    ] == []
    assert page.count('data-words="序号"') == 2
    case = browser().open(f"/cases/{seized}").get_data(as_text=True)
    assert f'href="/cases/{seized}/items/E-01"' in case


def test_every_field_of_an_act_that_is_empty_is_named_at_once(case_id, browser):
    reader = browser()
    answer = reader.send(f"/cases/{case_id}/items/E-01/acts/seized", kind="seizure", quantity="640", unit="盒")
    assert answer.status_code == 422
    assert errors_of(answer) == ["place", "why", "document", "beside"]
    assert 'value="640"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"quantity": "12.5"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "很多"}, "quantity"),
        ({"file": "abc"}, "file"),
        ({"at": "yesterday"}, "at"),
        ({"at": "0001-01-01T00:00"}, "at"),
        ({"at": "2099-01-01T00:00"}, "at"),
        ({"beside": "nobody"}, "beside"),
        ({"kind": "stolen"}, "kind"),
        ({"unit": "盒" * 11}, "unit"),
    ],
)
def test_a_value_that_no_trail_may_hold_is_refused_at_its_field(house, case_id, browser, people, values, field):
    given = {**SEIZING, "beside": people["colleague"].id, **values}
    answer = browser().send(f"/cases/{case_id}/items/E-01/acts/seized", **given)
    assert (answer.status_code, errors_of(answer)) == (422, [field])
    assert ledger(house, people["asker"], case_id, "E-01")[1] == []


def test_more_than_is_there_cannot_be_disposed_of(house, seized, browser, people):
    given = {"kind": "destruction", "quantity": "629", "why": "销毁", "method": "焚烧", "witnesses": "虚构甲、虚构乙"}
    given |= {"decision_number": "虚决1号", "decision_issuer": "虚构法院", "decision_date": "2026-01-01"}
    given |= {"beside": people["colleague"].id, "confirmed": "yes"}
    answer = browser().send(f"/cases/{seized}/items/E-01/acts/disposed", **given)
    assert (answer.status_code, errors_of(answer)) == (422, ["quantity"])
    assert "628盒" in answer.get_data(as_text=True)
    assert browser().send(f"/cases/{seized}/items/E-01/acts/disposed", **{**given, "quantity": "8"}).status_code == 302
    assert int(ledger(house, people["asker"], seized, "E-01")[0].held) == 620


@pytest.mark.parametrize(
    ("action", "values", "told"),
    [
        ("sealed", {"seal": "封-2", "state": "opened"}, "依法启封"),
        ("stored", {"place": "二号库房"}, "二号库房"),
        ("lent", {"quantity": "5", "due": "2099-01-01", "document": "虚借1号"}, "2099-01-01"),
        ("viewed", {}, "查看"),
        ("copied", {"file": OTHER}, "复制"),
        ("corrected", {"kind": "lost", "quantity": "3", "document": "虚更1号"}, "短少、灭失"),
    ],
)
def test_every_act_has_its_form_and_its_entry(seized, browser, action, values, told):
    reader = browser()
    address = f"/cases/{seized}/items/E-01/acts/{action}"
    assert f'href="{address}"' in reader.open(f"/cases/{seized}/items/E-01").get_data(as_text=True)
    assert reader.open(address).status_code == 200
    assert reader.send(address, why="虚构的事由", **values).status_code == 302
    page = reader.open(f"/cases/{seized}/items/E-01").get_data(as_text=True)
    assert page.count('data-words="序号"') == 3
    assert told in page.partition("<tbody>")[2]


def test_what_is_lent_comes_back(house, seized, browser, people):
    reader, root = browser(), f"/cases/{seized}/items/E-01/acts"
    assert reader.open(f"{root}/returned_to_store").status_code == 403
    reader.send(f"{root}/lent", why="辨认", document="虚借1号", quantity="5", due="2099-01-01")
    assert int(ledger(house, people["asker"], seized, "E-01")[0].on_loan) == 5
    assert reader.send(f"{root}/returned_to_store", why="辨认完毕", quantity="5").status_code == 302
    assert int(ledger(house, people["asker"], seized, "E-01")[0].on_loan) == 0


def test_an_unknown_act_is_not_there(seized, browser):
    reader = browser()
    assert reader.open(f"/cases/{seized}/items/E-01/acts/eaten").status_code == 404
    assert reader.send(f"/cases/{seized}/items/E-01/acts/handed_over", why="x").status_code == 404
    assert reader.open(f"/cases/{seized}/items/E-99").status_code == 404


def test_the_export_proves_itself(seized, browser):
    answer = browser().open(f"/cases/{seized}/custody.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [item["code"] for item in json.loads(answer.data)["items"]] == ["E-01", "E-02"]
    assert custody_proof.verify(answer.data) == []


# Hand-overs


def test_an_item_is_handed_over_with_its_difference_explained(house, handover, seized, browser, people):
    receiver, giver = browser("answerer"), browser()
    page = receiver.open(handover).get_data(as_text=True)
    assert not enabled_signature(page)
    assert "还有 2 件待清点" in page

    row = f"{handover}/lines/E-01"
    answer = receiver.send(row, counted="628", seal="ok")
    assert answer.headers["Location"].endswith("?at=E-01#count-E-01")
    answer = receiver.send(f"{handover}/lines/E-02", counted="1", hash_found=CONTENT)
    page = receiver.open(handover).get_data(as_text=True)
    assert "数量不符，须注明类别：清单 640，实点 628盒" in page
    assert not enabled_signature(page)
    refused = receiver.send(f"{handover}/sign")
    assert refused.status_code == 422
    assert "数量不符" in refused.get_data(as_text=True)

    page = giver.open(handover).get_data(as_text=True)
    assert f'action="{row}/explain"' in page
    assert giver.send(f"{row}/explain", classes=["sample_consumed"], proof="虚抽1号").status_code == 302
    page = receiver.open(handover).get_data(as_text=True)
    assert enabled_signature(page)
    assert receiver.send(f"{handover}/sign").status_code == 302
    page = receiver.open(handover).get_data(as_text=True)
    assert "签名中" in page
    assert "正在签名" in browser().open(f"/cases/{seized}/items/E-01").get_data(as_text=True)
    assert giver.send(f"{handover}/sign").status_code == 302
    assert "双方已签" in giver.open(handover).get_data(as_text=True)

    told, entries = ledger(house, people["answerer"], seized, "E-01")
    assert told.custodian.place == "公安库房"
    assert int(told.held) == 628
    assert entries[-1]["action"] == "handed_over"
    assert receiver.open(f"/cases/{seized}/items/E-01/acts/stored").status_code == 200
    assert giver.open(f"/cases/{seized}/items/E-01/acts/stored").status_code == 403


def test_a_row_is_swapped_by_itself_and_leads_to_the_next(handover, browser):
    receiver = browser("answerer")
    receiver.open(handover)
    answer = receiver.client.post(
        f"{handover}/lines/E-01",
        data={"csrf_token": receiver._token, "counted": "628", "seal": "ok", "proof": "虚抽1号"},
        headers=HTMX,
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<html" not in page
    assert 'data-then-focus="class-sample_consumed-E-01"' in page
    assert 'id="reconciling" hx-swap-oob="true"' in page
    data = {"csrf_token": receiver._token, "counted": "628", "seal": "ok", "proof": "虚抽1号"}
    data["classes"] = "sample_consumed"
    page = receiver.client.post(f"{handover}/lines/E-01", data=data, headers=HTMX).get_data(as_text=True)
    assert 'data-then-focus="counted-E-02"' in page
    assert "待清点 1 件" in page
    assert '<span id="shows-uncounted" hx-swap-oob="true">1</span>' in page


@pytest.mark.parametrize(
    ("code", "values", "field"),
    [
        ("E-01", {"counted": ""}, "counted-E-01"),
        ("E-01", {"counted": "641"}, "counted-E-01"),
        ("E-01", {"counted": "1.5"}, "counted-E-01"),
        ("E-01", {"counted": "5", "classes": "not_moved"}, "counted-E-01"),
        ("E-01", {"counted": "628", "hash_found": CONTENT}, "count-E-01"),
        ("E-01", {"counted": "628", "classes": "eaten"}, "classes-E-01"),
        ("E-02", {"counted": "1", "hash_found": "abc"}, "hash_found-E-02"),
        ("E-02", {"counted": "1", "seal": "ok"}, "count-E-02"),
    ],
)
@pytest.mark.parametrize("swapped", [True, False])
def test_what_no_sheet_may_hold_is_refused_in_its_row(handover, browser, code, values, field, swapped):
    receiver = browser("answerer")
    receiver.open(handover)
    answer = receiver.client.post(
        f"{handover}/lines/{code}",
        data={"csrf_token": receiver._token, **values},
        headers=HTMX if swapped else {},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert errors_of(answer) == [field]
    assert ("<html" in page) is not swapped
    assert f'id="counted-{code}" name="counted" value="{values["counted"]}"' in page
    assert f'id="counted-{code}" name="counted" value=""' in receiver.open(handover).get_data(as_text=True)


def test_another_content_blocks_the_signature_and_names_both_hashes(handover, browser):
    receiver = browser("answerer")
    receiver.send(f"{handover}/lines/E-01", counted="628", seal="ok", classes="sample_consumed", proof="虚抽1号")
    receiver.send(f"{handover}/lines/E-02", counted="1", hash_found=OTHER, classes="damaged", proof="虚证1号")
    page = receiver.open(handover).get_data(as_text=True)
    assert not enabled_signature(page)
    assert f"校验值不一致，不能签名：清单 {CONTENT}，实际 {OTHER}" in page
    assert receiver.send(f"{handover}/sign").status_code == 422
    receiver.send(f"{handover}/lines/E-02", counted="1", hash_found=CONTENT)
    assert enabled_signature(receiver.open(handover).get_data(as_text=True))


def test_only_the_receiver_counts_and_nobody_after_a_signature(handover, browser):
    giver, receiver = browser(), browser("answerer")
    assert giver.send(f"{handover}/lines/E-01", counted="628").status_code == 403
    receiver.send(f"{handover}/lines/E-01", counted="628", seal="ok", classes="sample_consumed", proof="虚抽1号")
    receiver.send(f"{handover}/lines/E-02", counted="1", hash_found=CONTENT)
    assert receiver.send(f"{handover}/sign").status_code == 302
    assert receiver.send(f"{handover}/lines/E-01", counted="600").status_code == 409
    again = receiver.send(f"{handover}/sign")
    assert again.status_code == 422
    assert "已经签名" in again.get_data(as_text=True)


def test_a_hand_over_is_given_up_with_a_reason(handover, seized, browser, people):
    giver = browser()
    assert errors_of(giver.send(f"{handover}/cancel", why=" ")) == ["why"]
    assert list_items(giver, people, seized, number="虚交2号").status_code == 409
    assert giver.send(f"{handover}/cancel", why="清单有误").status_code == 302
    assert "已取消" in giver.open(handover).get_data(as_text=True)
    assert giver.send(f"{handover}/cancel", why="又取消").status_code == 409
    assert list_items(giver, people, seized, number="虚交2号").status_code == 302


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"place": " "}, "place"),
        ({"item": []}, "items"),
        ({"listed-E-01": "641"}, "listed-E-01"),
        ({"listed-E-01": "1.5"}, "listed-E-01"),
        ({"giver_signers": "99"}, "giver_signers"),
        ({"receiver_signers": "0"}, "receiver_signers"),
        ({"to_agency": ""}, "to_agency"),
        ({"to_agency": "nobody"}, "to_agency"),
    ],
)
def test_a_list_that_cannot_be_is_refused_at_its_field(seized, browser, people, values, field):
    answer = list_items(browser(), people, seized, **values)
    assert (answer.status_code, errors_of(answer)) == (422, [field])


# Counting by label and by one key


def scanned(reader, handover, text):
    """Ask as the script of the page does."""
    return reader.client.get(f"{handover}/scan", query_string={"scan": text}, headers={"Accept": "application/json"})


@pytest.mark.parametrize("text", ["E-02", " e-02 ", "Ｅ－０２", "XJ1:{number}/E-02", "ＸＪ１：{number}/E-02\r\n"])
def test_a_label_or_a_code_finds_its_row(house, handover, seized, browser, people, text):
    with house.work(read_only=True) as work:
        number = cases.see_case_row(work, people["asker"], seized).number
    written = text.format(number=quote(number, safe=""))
    receiver = browser("answerer")
    answer = scanned(receiver, handover, written)
    assert answer.get_json()["code"] == "E-02"
    assert 'id="counted-E-02"' in answer.get_json()["row"]
    plain = receiver.client.get(f"{handover}/scan", query_string={"scan": written})
    assert plain.headers["Location"] == f"{handover}?at=E-02#count-E-02"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "请扫描标签或者输入物品编号"),
        ("E-03", "本交接单上没有 E-03"),
        ("XJ1:OTHER-1/E-01", "这是另一案件的标签：OTHER-1 的 E-01"),
        ("XJ1P:adm/A-01", "这是存放地点的标签，不是物品标签"),
        ("XJ1:broken", "不是本系统的标签"),
        ("<b>x</b>", "本交接单上没有"),
    ],
)
def test_a_label_that_means_nothing_here_says_why(handover, browser, text, sentence):
    receiver = browser("answerer")
    answer = scanned(receiver, handover, text)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert sentence in answer.get_json()["detail"]
    page = receiver.client.get(f"{handover}/scan", query_string={"scan": text})
    assert (page.status_code, errors_of(page)) == (422, ["scan"])
    assert "<b>x" not in page.get_data(as_text=True)


def test_one_key_says_that_all_is_as_listed(handover, browser):
    receiver = browser("answerer")
    receiver.send(f"{handover}/lines/E-01", equal="1", counted="7", classes="missing", proof="虚证1号")
    page = receiver.open(handover).get_data(as_text=True)
    # the trail says that twelve boxes were sampled: 640 cannot be there
    assert "保管链记载在管 628盒" in page
    receiver.send(f"{handover}/lines/E-02", equal="1", hash_found=CONTENT)
    assert receiver.open(f"{handover}?show=uncounted").get_data(as_text=True).count('id="count-') == 0
    page = receiver.open(f"{handover}?show=differing").get_data(as_text=True)
    assert re.findall(r'id="count-([^"]+)"', page) == ["E-01"]


def offered(page, code="E-01"):
    """Give the classes a row offers."""
    return re.findall(rf'data-when="[^"]*"><input class="[^"]*" type="checkbox" id="class-(\w+)-{code}"', page)


@pytest.mark.parametrize(
    ("counted", "classes"),
    [
        ("628", ["sample_consumed", "count_error", "not_moved"]),
        ("600", ["sample_consumed", "count_error", "missing", "damaged", "not_moved"]),
        ("630", ["sample_consumed", "count_error", "missing", "extra", "damaged", "not_moved"]),
        ("641", ["count_error", "extra", "not_moved"]),
    ],
)
def test_only_classes_that_fit_the_quantity_are_offered(handover, browser, counted, classes):
    receiver = browser("answerer")
    receiver.open(handover)
    data = {"csrf_token": receiver._token, "counted": counted, "seal": "ok"}
    page = receiver.client.post(f"{handover}/lines/E-01", data=data, headers=HTMX).get_data(as_text=True)
    assert offered(page) == classes
    assert re.search(r'<details class="f-more" id="classes-E-01" open', page)


def test_a_changed_hash_asks_for_no_proof_and_says_what_to_do(handover, browser):
    receiver = browser("answerer")
    receiver.open(handover)
    data = {"csrf_token": receiver._token, "counted": "1", "hash_found": OTHER}
    page = receiver.client.post(f"{handover}/lines/E-02", data=data, headers=HTMX).get_data(as_text=True)
    row = page.partition('id="reconciling"')[0]
    assert "差异须附证明" not in page
    assert "取消本次交接，查明原因后另行开单" in row
    assert [hash_ in row for hash_ in (CONTENT, OTHER)] == [True, True]
    assert 'data-then-focus="hash_found-E-02"' in row


def test_what_the_giver_samples_meanwhile_is_measured_again(handover, seized, browser, people):
    receiver, giver = browser("answerer"), browser()
    receiver.send(f"{handover}/lines/E-01", counted="628", seal="ok", classes="sample_consumed", proof="虚抽1号")
    receiver.send(f"{handover}/lines/E-02", counted="1", hash_found=CONTENT)
    assert enabled_signature(receiver.open(handover).get_data(as_text=True))
    taken = {"kind": "store", "quantity": "2", "why": "复检", "document": "虚抽2号", "beside": people["colleague"].id}
    assert giver.send(f"/cases/{seized}/items/E-01/acts/sampled", **taken).status_code == 302
    page = receiver.open(handover).get_data(as_text=True)
    assert not enabled_signature(page)
    assert "待核对 1" in page


def test_the_list_on_paper_has_every_line(handover, browser):
    browser("answerer").send(f"{handover}/lines/E-01", counted="628", seal="ok", classes="count_error", proof="虚证1号")
    page = browser().open(f"{handover}/print").get_data(as_text=True)
    assert re.findall(r'<td class="nowrap">(E-0\d)</td>', page) == ["E-01", "E-02"]
    assert "628 盒" in page
    assert "计数错误" in page
    assert "订单&lt;b&gt;数据" in page


PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVQI12NoAAAAggCB3UNq9AAAAABJRU5ErkJggg=="
)


def test_a_row_keeps_its_photograph_and_what_was_wrong_with_one(handover, browser):
    receiver = browser("answerer")
    receiver.open(handover)

    def photograph(content, name="E-01.png"):
        data = {"csrf_token": receiver._token, "photo": (BytesIO(content), name)}
        return receiver.client.post(f"{handover}/lines/E-01/photos", data=data, headers=HTMX)

    answer = photograph(PICTURE)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert re.search(r'<ul class="shots".*?aria-label="照片 E-01.png".*?<img src="/files/[^"]+/picture"', page)
    assert 'data-then-focus="counted-E-01"' in page
    refused = photograph(b"<html>", name="E-01.png")
    assert (refused.status_code, errors_of(refused)) == (422, ["photo-E-01"])
    assert refused.get_data(as_text=True).count("<img") == 1
    giver = browser().open(handover).get_data(as_text=True)
    assert giver.count("/picture") == 1
    assert 'type="file"' not in giver


def test_the_machine_compares_what_is_stored(house, handover, seized, browser, people):
    receiver = browser("answerer")
    assert "/compare" not in receiver.open(handover).get_data(as_text=True)
    with house.work() as work:
        asker = people["asker"]
        digest = house.files.put_pieces(iter([b"orders"]))
        told = {"title": "订单", "name": "订单.txt", "original_name": "订单.txt", "flag": None, "item_code": "E-02"}
        told |= {"declared_type": "text/plain", "found_type": "text/plain", "uploaded_at": work.now}
        told |= {"sha256": digest.sha256, "sm3": digest.sm3, "size": digest.size, "width": None, "height": None}
        whose = {"case_id": seized, "agency_id": asker.agency_id, "officer_id": asker.id}
        uploads.add_file(work.connection, id="f" * 32, **whose, **told)
        custody_files.link_file(work, asker, seized, "E-02", "f" * 32, role="content")
    assert f'formaction="{handover}/lines/E-02/compare"' in receiver.open(handover).get_data(as_text=True)
    receiver.send(f"{handover}/lines/E-02", counted="1")
    data = {"csrf_token": receiver._token}
    page = receiver.client.post(f"{handover}/lines/E-02/compare", data=data, headers=HTMX).get_data(as_text=True)
    assert f'<span class="hash muted">{CONTENT[:12]}' in page
    assert 'class="count-row done"' in page


def test_an_item_on_another_list_is_not_offered(handover, seized, browser):
    page = browser().open(f"/cases/{seized}/handovers").get_data(as_text=True)
    assert 'name="item"' not in page
    assert "暂不能移交 2 件" in page
    assert f'href="{handover}?at=E-01#count-E-01"' in page


# Who sees them


def test_a_foreign_agency_sees_none_of_it(handover, seized, browser):
    stranger = browser("stranger")
    root = f"/cases/{seized}"
    gets = [f"{root}/items/E-01", f"{root}/items/E-01/acts/viewed", f"{root}/custody.json", f"{root}/handovers"]
    gets += [f"{handover}/print", f"{handover}/scan?scan=E-01"]
    assert {stranger.open(address).status_code for address in [*gets, handover]} == {404}
    posts = [f"{handover}/sign", f"{handover}/cancel", f"{handover}/lines/E-01", f"{handover}/lines/E-01/explain"]
    posts += [f"{root}/items/E-01/acts/viewed"]
    assert {stranger.send(address, why="x", counted="1").status_code for address in posts} == {404}
    assert stranger.send(f"{root}/handovers", to_agency="x", number="1", place="x", item="E-01").status_code == 404


def test_an_item_that_was_not_disclosed_is_not_there_for_the_other_agency(seized, browser):
    assert browser("answerer").open(f"/cases/{seized}/items/E-01").status_code == 404


@pytest.mark.parametrize(("language", "words"), [("zh", "保管链"), ("en", "Trail")])
@pytest.mark.parametrize("who", ["asker", "answerer"])
def test_both_languages_are_rendered(handover, seized, browser, language, words, who):
    reader = browser(who, language)
    addresses = [f"/cases/{seized}/items/E-02", f"/cases/{seized}/handovers", handover, f"{handover}/print"]
    pages = [reader.open(address).get_data(as_text=True) for address in addresses]
    assert all(f'lang="{"en" if language == "en" else "zh-CN"}"' in page for page in pages)
    assert words in pages[0]
    assert all("<b>数据" not in page for page in pages)
