"""What custody refuses, over the API and on the pages: the field is named, and nothing is stored."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.storage import facts
from app.storage.schema import metadata
from tests.custody.application import CONTENT, DESTROYED, SEIZING
from tests.web.calling import opened

HOSTILE = [
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "C:/boot.ini",
    "甲/../乙",
    "虚\u202e1号",
    "虚\u200b1号",
    "\ufeff虚1号",
    "虚\u2066\u20691号",
    "虚\u07ff\u200f",
    "虚\u00071号",
    "虚\n1号",
    "虚\u20281号",
    "\u3164",
    "虚\u034f",
    "长" * 501,
]
"""Path parts, direction, zero-width, control and blank characters, and more than anybody reads."""

NO_TEXT = [["虚1号"], {"number": "虚1号"}, 5, True, None]

NO_QUANTITY = [
    *("-1", "1.5", "0", "-0", "", " ", "NaN", "Infinity", "-Infinity", "1e5", "６４０", "٦٤٠", "六百四十", "640盒"),
    *("1,000", "1_000", "+5", "0x10", "1000000000000", "9" * 400, "1.", ".5", "1\u200b2", "--1"),
]
"""As text, of what is counted in pieces."""

NO_QUANTITY_OF_JSON = [-1, 0, 10**40, 1.5, 1e5, 640.0, True, [640], {"value": 640}]

NO_HASH = ["ab" * 31, "ab" * 33, "zz" * 32, "ab" * 31 + "ａｂ", "0x" + "ab" * 31, CONTENT[:-1] + "\u200b"]


@pytest.fixture
def unchanged(house):
    """Give what runs calls and then proves that every table holds what it held."""

    def rows():
        with house.work(read_only=True) as work:
            counts = {
                table.name: work.connection.execute(select(func.count()).select_from(table)).scalar()
                for table in metadata.sorted_tables
                if table.name != "audit"
            }
            audit = metadata.tables["audit"]
            counts["audit"] = work.connection.execute(
                select(func.count()).where(audit.c.action != "signed_in")
            ).scalar()
            contents = {
                name: sorted(map(repr, work.connection.execute(select(metadata.tables[name]))))
                for name in ("custody_ledger", "handover", "handover_line")
            }
        return counts, contents

    before = rows()
    assert len(before[0]) > 20

    def proven():
        assert rows() == before

    return proven


def named(answer):
    """Give the fields an answer of the API names; its status, where it names none."""
    told = answer.get_json()
    if answer.status_code < 400:
        return (answer.status_code,)
    assert "Traceback" not in answer.get_data(as_text=True)
    assert told["detail"]
    assert all(told["errors"].values()) if "errors" in told else True
    return (answer.status_code, *sorted(told.get("errors", {})))


def fields_of(answer):
    """Give the fields a page names beside them, and its status."""
    page = answer.get_data(as_text=True)
    return (answer.status_code, *re.findall(r'class="field-error" id="([^"]+)-error"', page))


def wrong(answers, expected):
    """Give the inputs that were not refused as expected."""
    return {repr(given)[:60]: answer for given, answer in answers if answer != expected}


def act(caller, case_id, action, code="E-01", **given):
    return caller.post(f"/cases/{case_id}/items/{code}/acts/{action}", {"why": "办案需要", **given})


# Over the API: acts


def test_quantities_that_are_none_are_refused_at_their_field(seized, call, unchanged, beside):
    asker = call()
    more = {"document": "虚抽1号", "beside": beside}
    answers = [
        (given, named(act(asker, seized, "sampled", quantity=given, **more)))
        for given in [*NO_QUANTITY, *NO_QUANTITY_OF_JSON, None, 641, "641"]
    ]
    assert wrong(answers, (422, "quantity")) == {}
    loan = {"due": "2030-01-01", "document": "虚借1号"}
    assert named(act(asker, seized, "lent", quantity="12.55555", code="E-03", **loan)) == (422, "quantity")
    assert named(act(asker, seized, "lent", quantity="12.6", code="E-03", **loan)) == (422, "quantity")
    assert named(act(asker, seized, "returned_to_store", quantity=1)) == (422, "quantity")
    for kind in ("less", "lost", "lost_on_loan", "found"):
        answer = act(asker, seized, "corrected", quantity=641, kind=kind, document="虚说1号")
        assert named(answer) == (422, "quantity")
    unchanged()


def test_numbers_that_json_does_not_know_are_no_json(seized, call, unchanged):
    asker = call()
    path = f"/cases/{seized}/items/E-01/acts/returned_to_store"
    for literal in ("NaN", "Infinity", "-Infinity", "1e999", "０", "0x10", "01", "+1", "9" * 5000):
        answer = asker.raw("post", path, f'{{"why": "归还", "quantity": {literal}}}'.encode())
        assert answer.status_code == 400, literal
    for body in (b'{"why": "a", "why": "b", "quantity": 1}', b"[]", b'"x"', b"null", b"", b"[" * 100_000):
        assert asker.raw("post", path, body).status_code in (400, 422), body[:20]
    plain = asker.raw("post", path, b'{"why": "x", "quantity": 1}', content_type="text/plain")
    assert plain.status_code == 415
    unchanged()


def test_names_that_deceive_are_refused_at_their_field(seized, call, unchanged):
    asker = call()
    places = {
        "place": ("stored", {"place": ""}),
        "seal": ("sealed", {"seal": ""}),
        "document": ("viewed", {"document": "x"}),
    }
    for field, (action, given) in places.items():
        answers = [
            (value, named(act(asker, seized, action, **{**given, field: value}))) for value in [*HOSTILE, *NO_TEXT]
        ]
        assert wrong(answers, (422, field)) == {}
    prose = [value for value in HOSTILE if "/" not in value and "\\" not in value]
    answers = [(value, named(act(asker, seized, "viewed", why=value))) for value in [*prose, *NO_TEXT, "", " "]]
    assert wrong(answers, (422, "why")) == {}
    unchanged()


@pytest.mark.parametrize("name", [value for value in HOSTILE if len(value) < 100])
def test_an_item_with_a_name_that_deceives_is_not_seized(house, case_id, call, people, name):
    rows = [{"code": "E-09", "name": name, "category": "物证", "qty": 1, "unit": "件"}]
    with house.work() as work:
        facts.put_rows(work.connection, "items", case_id=case_id, agency_id=people["asker"].agency_id, rows=rows)
    given = {**SEIZING, "beside": [people["colleague"].id]}
    answer = call().post(f"/cases/{case_id}/items/E-09/acts/seized", given)
    assert named(answer) == (422, "name")
    assert call().get(f"/cases/{case_id}/items/E-09").get_json()["entries"] == 0


def test_hashes_of_another_length_are_refused(case_id, call, unchanged, beside):
    asker = call()
    answers = [
        (value, named(act(asker, case_id, "seized", "E-02", **{**SEIZING, "beside": beside, "file": value})))
        for value in [*NO_HASH, [CONTENT], 5, None]
    ]
    assert wrong(answers, (422, "file")) == {}
    unchanged()


def test_persons_days_hours_kinds_and_unknown_fields_are_refused(house, seized, call, unchanged, people, beside):
    asker, me = call(), people["asker"].id
    with house.work(read_only=True) as work:
        later = (work.now + timedelta(hours=1)).isoformat()
    loan = {"quantity": 1, "document": "虚借1号", "due": "2030-01-01"}
    sample = {"quantity": 1, "document": "虚抽1号", "beside": beside}
    disposal = {"quantity": 1, "kind": "destruction", "beside": beside, **DESTROYED}
    cases = [
        ("sampled", {**sample, "beside": []}, "beside"),
        ("sampled", {**sample, "beside": [me]}, "beside.0"),
        ("sampled", {**sample, "beside": [*beside, *beside]}, "beside.1"),
        ("sampled", {**sample, "beside": ["nobody"]}, "beside.0"),
        ("sampled", {**sample, "beside": beside[0]}, "beside"),
        ("sampled", {**sample, "beside": [5]}, "beside.0"),
        ("sampled", {**sample, "beside": beside * 21}, "beside"),
        ("disposed", {**disposal, "kind": "gift"}, "kind"),
        ("disposed", {**disposal, "kind": ["return"]}, "kind"),
        ("disposed", {key: value for key, value in disposal.items() if key != "kind"}, "kind"),
        ("sampled", {**sample, "document": ""}, "document"),
        ("sampled", {**sample, "kind": "found"}, "kind"),
        ("disposed", {**disposal, "document": "虚决1号"}, "document"),
        ("disposed", {**disposal, "beside": []}, "beside"),
        ("disposed", {**disposal, "beside": ["nobody"]}, "beside"),
        ("disposed", {**disposal, "beside": [me]}, "beside"),
        ("disposed", {**disposal, "confirmed": False}, "confirmed"),
        ("disposed", {**disposal, "confirmed": "yes"}, "confirmed"),
        ("disposed", {**disposal, "method": ""}, "method"),
        ("disposed", {**disposal, "method": "虚\u202e"}, "method"),
        ("disposed", {**disposal, "witnesses": []}, "witnesses"),
        ("disposed", {**disposal, "witnesses": "丙某"}, "witnesses"),
        ("disposed", {**disposal, "decision_date": "2026-02-30"}, "decision_date"),
        ("disposed", {**disposal, "decision": "nothing"}, "decision"),
        ("disposed", {**disposal, "amount": "NaN"}, "amount"),
        ("disposed", {**disposal, "amount": 1e5}, "amount"),
        ("disposed", {**disposal, "proceeds": "E-99"}, "proceeds"),
        ("disposed", {**disposal, "recipient_id": "320583199913321234"}, "recipient_id"),
        *(("disposed", {**disposal, "quantity": value}, "quantity") for value in (*NO_QUANTITY, *NO_QUANTITY_OF_JSON)),
        ("sealed", {"seal": "封-1", "state": "whole"}, "state"),
        *(
            ("lent", {**loan, "due": day}, "due")
            for day in (
                "2026-02-30",
                "20300101",
                "2030-W01-1",
                "1.1.2030",
                "",
                "２０３０-01-01",
                5,
                ["2030-01-01"],
                "0001-01-01",
            )
        ),
        *(
            ("viewed", {"at": at}, "at")
            for at in (
                later,
                "2026-01-01T10:00",
                "yesterday",
                "0001-01-01T00:00:00+08:00",
                "1900-01-01T00:00Z",
                5,
                ["x"],
            )
        ),
        ("viewed", {"agency": "pol"}, "agency"),
        ("viewed", {"quantity": 1}, "quantity"),
        ("viewed", {"hash": CONTENT, "why": "x"}, "hash"),
    ]
    answers = [((action, given), named(act(asker, seized, action, **given)), field) for action, given, field in cases]
    assert {repr(case)[:90]: got for case, got, field in answers if got != (422, field)} == {}
    unchanged()


def test_an_item_of_another_case_is_not_there(house, seized, call, people, unchanged):
    asker = call()
    for code in ("B-01", "e-01", "E-01 ", "%2e%2e", "E%2F01", "E-01%00", "虚\u202e", "x" * 3000):
        assert asker.post(f"/cases/{seized}/items/{code}/acts/viewed", {"why": "查看"}).status_code in (400, 404), code
    unchanged()
    other = opened(house, people["asker"], number="虚构-2")
    rows = [{"code": "B-01", "name": "别案物品", "category": "物证", "qty": 1, "unit": "件"}]
    with house.work() as work:
        facts.put_rows(work.connection, "items", case_id=other, agency_id=people["asker"].agency_id, rows=rows)
    answer = act(asker, seized, "viewed", "B-01")
    assert (answer.status_code, answer.get_json()["at"]) == (404, "B-01")
    assert act(asker, other, "viewed", "E-01").status_code == 404


def test_five_megabytes_are_not_read(seized, call, browser, unchanged):
    body = json.dumps({"why": "长" * (5 * 1024 * 1024 // 3)}, ensure_ascii=False).encode()
    assert len(body) > 5 * 1024 * 1024 - 100
    answer = call().raw("post", f"/cases/{seized}/items/E-01/acts/viewed", body)
    assert named(answer) == (413,)
    assert answer.get_json()["detail"] == "提交的内容太大"
    reader = browser()
    assert reader.send(f"/cases/{seized}/items/E-01/acts/viewed", why="x" * 5 * 1024 * 1024).status_code == 413
    unchanged()


# Over the API: hand-overs


def test_a_list_that_cannot_be_is_refused_at_its_field(seized, call, people, unchanged):
    asker = call()
    good = {
        "to_agency": people["answerer"].agency_id,
        "number": "虚交1号",
        "place": "公安库房",
        "items": {"E-01": 640},
    }
    cases = [
        *(
            ({"to_agency": agency}, "to_agency")
            for agency in (
                "x",
                "",
                people["stranger"].agency_id,
                *NO_TEXT,
                "x" * 9000,
            )
        ),
        *(({field: value}, field) for field in ("number", "place") for value in [*HOSTILE, *NO_TEXT, " "]),
        ({"place": ""}, "place"),
        *(
            ({"items": {"E-01": value}}, "items.E-01")
            for value in [*NO_QUANTITY, "641", "639x", 641, -1, 1.5, [640], True]
        ),
        ({"items": {"B-01": None}}, "items.B-01"),
        ({"items": {"E-01": None, "../E": 1}}, "items.../E"),
        *(({"items": value}, "items") for value in ({}, [], ["E-01"], "E-01", None, 5)),
        *(
            ({field: value}, field)
            for field in ("giver_signers", "receiver_signers")
            for value in (0, -1, 10, 10**30, 1.5, "二", "1e0", None, [1])
        ),
        ({"from_agency": "x"}, "from_agency"),
    ]
    answers = [
        (given, named(asker.post(f"/cases/{seized}/handovers", {**good, **given})), field) for given, field in cases
    ]
    assert {repr(given)[:90]: got for given, got, field in answers if got != (422, field)} == {}
    for field in ("to_agency", "place", "items"):
        less = {key: value for key, value in good.items() if key != field}
        assert named(asker.post(f"/cases/{seized}/handovers", less)) == (422, field)
    unchanged()
    assert asker.post(f"/cases/{seized}/handovers", good).status_code == 201
    again = {**good, "items": {"E-02": None}}
    assert named(asker.post(f"/cases/{seized}/handovers", again)) == (422, "number")
    taken = asker.post(f"/cases/{seized}/handovers", {**good, "number": "虚交2号"})
    assert (taken.status_code, taken.get_json()["at"]) == (409, "items.E-01")


def test_a_count_that_cannot_be_is_refused_at_its_field(listed, call, unchanged):
    receiver = call("answerer")
    row = f"/handovers/{listed['id']}/lines"
    cases = [
        *(("E-01", {"counted": value}, "counted") for value in NO_QUANTITY if value not in ("0", "-0")),
        *(("E-01", {"counted": value}, "counted") for value in NO_QUANTITY_OF_JSON if value != 0 or value is False),
        ("E-01", {"counted": 641}, "counted"),
        ("E-01", {"counted": "641", "seal_ok": True, "proof": "虚说1号"}, "counted"),
        ("E-01", {}, "counted"),
        ("E-01", {"counted": 5, "classes": ["not_moved"]}, "counted"),
        *(("E-02", {"counted": 1, "hash_found": value}, "hash_found") for value in [*NO_HASH, 5, [CONTENT], None]),
        ("E-01", {"counted": 640, "hash_found": CONTENT}, "hash_found"),
        ("E-02", {"counted": 1, "seal_ok": True}, "seal_ok"),
        *(("E-01", {"counted": 640, "seal_ok": value}, "seal_ok") for value in ("yes", "true", 2, [True], {})),
        ("E-01", {"counted": 628, "classes": ["eaten"]}, "classes"),
        ("E-01", {"counted": 628, "classes": "missing"}, "classes"),
        ("E-01", {"counted": 628, "classes": [5]}, "classes.0"),
        ("E-01", {"counted": 628, "classes": ["missing"] * 21}, "classes"),
        *(
            ("E-01", {"counted": 628, "classes": ["missing"], "proof": value}, "proof")
            for value in [*HOSTILE, *NO_TEXT, " "]
        ),
        *(("E-01", {"counted": 640, "remark": value}, "remark") for value in ["虚\u202e", "长" * 501, *NO_TEXT]),
        ("E-01", {"counted": 640, "listed": 700}, "listed"),
    ]
    answers = [((code, given), named(receiver.put(f"{row}/{code}", given)), field) for code, given, field in cases]
    assert {repr(case)[:90]: got for case, got, field in answers if got != (422, field)} == {}
    for code in ("E-03", "B-01", "..", "虚\u202e"):
        assert receiver.put(f"{row}/{code}", {"counted": 1}).status_code == 404
    unchanged()


def test_an_explanation_that_cannot_be_is_refused_at_its_field(listed, call):
    receiver, giver = call("answerer"), call()
    row = f"/handovers/{listed['id']}/lines/E-01"
    early = giver.post(f"{row}/explanation", {"classes": ["missing"], "proof": "虚说1号"})
    assert (early.status_code, early.get_json()["at"]) == (409, "E-01")
    assert receiver.put(row, {"counted": 628, "seal_ok": True}).status_code == 200
    before = giver.get(f"/handovers/{listed['id']}").get_json()
    cases = [
        *(({"classes": ["missing"], "proof": value}, "proof") for value in [*HOSTILE, *NO_TEXT]),
        *(
            ({"classes": value, "proof": "虚说1号"}, "classes")
            for value in (["eaten"], "missing", None, {"missing": 1})
        ),
        ({"proof": "虚说1号"}, "classes"),
        ({"classes": ["not_moved"], "proof": "虚说1号"}, "counted"),
        ({"classes": ["missing"], "proof": "虚说1号", "counted": 640}, "counted"),
    ]
    answers = [(given, named(giver.post(f"{row}/explanation", given)), field) for given, field in cases]
    assert {repr(case)[:90]: got for case, got, field in answers if got != (422, field)} == {}
    assert giver.get(f"/handovers/{listed['id']}").get_json() == before


@pytest.fixture
def counted(listed, call):
    """Give the hand-over after everything was found as listed; two of the giver have to sign."""
    receiver = call("answerer")
    receiver.put(f"/handovers/{listed['id']}/lines/E-01", {"counted": 640, "seal_ok": True})
    receiver.put(f"/handovers/{listed['id']}/lines/E-02", {"counted": 1, "hash_found": CONTENT})
    return f"/handovers/{listed['id']}"


def test_nobody_signs_for_the_other_side_or_twice(counted, call, unchanged):
    giver, receiver = call(), call("answerer")
    for caller, side in ((giver, "receiver"), (receiver, "giver"), (giver, "witness"), (giver, ""), (giver, ["giver"])):
        assert named(caller.post(f"{counted}/sign", {"side": side})) == (422, "side"), side
    assert named(giver.post(f"{counted}/sign", {})) == (422, "side")
    assert named(giver.post(f"{counted}/sign", {"side": "giver", "person": "乙"})) == (422, "person")
    unchanged()
    assert giver.post(f"{counted}/sign", {"side": "giver"}).status_code == 200
    signed = giver.get(counted).get_json()
    assert named(giver.post(f"{counted}/sign", {"side": "giver"})) == (422, "person.name")
    assert named(giver.post(f"{counted}/cancel", {"why": " "})) == (422, "why")
    assert named(giver.post(f"{counted}/cancel", {"why": "虚\u202e"})) == (422, "why")
    assert giver.get(counted).get_json() == signed


# On the pages


def test_the_form_of_an_act_refuses_the_same_at_its_fields(case_id, browser, call, people, beside):
    reader, root = browser(), f"/cases/{case_id}/items"
    good = {**SEIZING, "kind": "seizure", "quantity": "640", "unit": "盒", "beside": beside[0]}
    hostile = [value for value in HOSTILE if len(value) < 200]
    cases = [
        *(({"quantity": value}, "quantity") for value in [*NO_QUANTITY, "1000000000000"]),
        *(({field: value}, field) for field in ("place", "document", "seal") for value in hostile),
        *(({"why": value}, "why") for value in [*hostile, "长" * 501] if "/" not in value and "\\" not in value),
        *(({"file": value}, "file") for value in NO_HASH),
        ({"kind": "gift"}, "kind"),
        ({"unit": "盒\u200b"}, "unit"),
        ({"unit": "长" * 11}, "unit"),
        ({"beside": people["asker"].id}, "beside"),
        ({"beside": "nobody"}, "beside"),
        ({"beside": ""}, "beside"),
        *(({"at": value}, "at") for value in ("9999-01-01T00:00", "0001-01-01T00:00", "昨天", "1e5")),
    ]
    answers = [
        (given, fields_of(reader.send(f"{root}/E-01/acts/seized", **{**good, **given})), field)
        for given, field in cases
    ]
    assert {repr(given)[:90]: got for given, got, field in answers if got != (422, field)} == {}
    assert call().get(f"/cases/{case_id}/items/E-01").get_json()["entries"] == 0
    for code in ("B-01", "..%2fE-01", "虚"):
        assert reader.send(f"{root}/{code}/acts/seized", **good).status_code == 404


def test_the_forms_of_other_acts_refuse_the_same(seized, browser, unchanged, beside):
    reader, root = browser(), f"/cases/{seized}/items/E-01/acts"
    cases = [
        ("sampled", {"kind": "gift", "quantity": "1", "document": "虚1号", "beside": beside}, "kind"),
        ("sampled", {"kind": "store", "quantity": "641", "document": "虚1号", "beside": beside}, "quantity"),
        ("sealed", {"seal": "封-2", "state": "whole"}, "state"),
        ("lent", {"quantity": "1", "due": "2026-02-30", "document": "虚1号"}, "due"),
        ("lent", {"quantity": "1", "due": "2020-01-01", "document": "虚1号"}, "due"),
        ("returned_to_store", {"quantity": "1"}, "quantity"),
        ("copied", {"file": "ab" * 31}, "file"),
        (
            "disposed",
            {**DESTROYED, "kind": "destruction", "quantity": "1e2", "beside": beside, "confirmed": "yes"},
            "quantity",
        ),
        ("corrected", {"kind": "found", "quantity": "1", "document": "虚1号"}, "quantity"),
        ("stored", {"place": "库\u202e房"}, "place"),
    ]
    answers = [
        (action, fields_of(reader.send(f"{root}/{action}", why="办案需要", **given)), field)
        for action, given, field in cases
    ]
    assert [(action, got) for action, got, field in answers if got != (422, field)] == []
    unchanged()


def test_the_form_of_a_list_refuses_the_same_at_its_fields(seized, browser, people, unchanged):
    reader = browser()
    good = {
        "to_agency": people["answerer"].agency_id,
        "number": "虚交1号",
        "place": "公安库房",
        "item": ["E-01", "E-02"],
        "listed-E-01": "640",
        "listed-E-02": "1",
    }
    cases = [
        *(({"to_agency": agency}, "to_agency") for agency in ("x", "", people["stranger"].agency_id)),
        *(({field: value}, field) for field in ("number", "place") for value in HOSTILE),
        *(({"listed-E-01": value}, "listed-E-01") for value in [*NO_QUANTITY, "641"] if value.strip()),
        ({"item": ["E-01", "B-01"]}, "items"),
        ({"item": []}, "items"),
        *(({"giver_signers": value}, "giver_signers") for value in ("0", "10", "1.5", "１", "-1", "NaN")),
    ]
    answers = [
        (given, fields_of(reader.send(f"/cases/{seized}/handovers", **{**good, **given})), field)
        for given, field in cases
    ]
    assert {repr(given)[:90]: got for given, got, field in answers if got != (422, field)} == {}
    unchanged()


def test_the_counting_page_refuses_the_same_at_its_fields(listed, browser, unchanged):
    receiver, row = browser("answerer"), f"/handovers/{listed['id']}/lines"
    receiver.open(f"/handovers/{listed['id']}")
    cases = [
        *(("E-01", {"counted": value}, "counted-E-01") for value in NO_QUANTITY if value not in ("0", "-0")),
        ("E-01", {"counted": "641"}, "counted-E-01"),
        *(("E-02", {"counted": "1", "hash_found": value}, "hash_found-E-02") for value in NO_HASH),
        *(("E-01", {"counted": "628", "classes": "missing", "proof": value}, "proof-E-01") for value in HOSTILE),
        ("E-01", {"counted": "640", "remark": "虚\u202e"}, "remark-E-01"),
        ("E-01", {"counted": "628", "classes": "eaten"}, "classes-E-01"),
    ]
    answers = [
        ((code, given), fields_of(receiver.send(f"{row}/{code}", **given)), field) for code, given, field in cases
    ]
    assert {repr(case)[:90]: got for case, got, field in answers if got != (422, field)} == {}
    assert receiver.send(f"{row}/B-01", counted="1").status_code == 404
    unchanged()


def test_the_page_takes_no_signature_for_the_other_side_and_no_second_one(counted, browser, unchanged):
    giver = browser()
    giver.open(counted)
    refused = giver.send(f"{counted}/sign", side="receiver")
    assert refused.status_code == 422
    assert "甲不是接收方的人员" in refused.get_data(as_text=True)
    assert giver.send(f"{counted}/sign", side="witness").status_code == 422
    unchanged()
    assert giver.send(f"{counted}/sign", side="giver").status_code == 302
    again = giver.send(f"{counted}/sign", side="giver")
    assert again.status_code == 422
    assert "甲已经签名" in again.get_data(as_text=True)
    assert browser("answerer").open(counted).get_data(as_text=True).count("pen") > 0


@pytest.mark.parametrize("who", ["head"])
def test_a_head_is_offered_no_act_and_records_none(seized, counted, browser, people, unchanged, who):
    head = browser(who)
    item, lists, sheet = (
        head.open(address).get_data(as_text=True)
        for address in (f"/cases/{seized}/items/E-03", f"/cases/{seized}/handovers", counted)
    )
    assert "/acts/" not in item
    assert "/split" not in item
    for address in (f"/cases/{seized}", f"/cases/{seized}/items"):
        assert "item-acts" not in head.open(address).get_data(as_text=True).replace('/item-acts/viewed">', "")
    for address in ("item-acts/viewed?item=E-03", "items/E-03/split", "items/E-03/acts/disposed"):
        assert head.open(f"/cases/{seized}/{address}").status_code == 403
    assert "由有保管职责的人员办理" in item
    assert 'name="to_agency"' not in lists
    assert "由有保管职责的人员办理" in lists
    assert 'name="counted"' not in sheet
    assert "/explain" not in sheet
    assert "/cancel" not in sheet
    assert '<button class="btn btn-primary"' not in sheet
    assert "由有保管职责的人员签名" in sheet
    assert head.open(f"/cases/{seized}/items/E-03/acts/viewed").status_code == 403
    answers = [
        head.send(f"/cases/{seized}/item-acts/viewed", item="E-03", why="查看"),
        head.send(f"/cases/{seized}/items/E-03/acts/disposed", kind="destruction", quantity="1", why="销毁"),
        head.send(f"/cases/{seized}/items/E-03/acts/viewed", why="查看"),
        head.send(f"{counted}/sign", side="giver"),
        head.send(f"{counted}/cancel", why="改期"),
        head.send(f"{counted}/lines/E-01/explain", classes="missing", proof="虚1号"),
        head.send(
            f"/cases/{seized}/handovers",
            to_agency=people["answerer"].agency_id,
            number="虚交9号",
            place="库房",
            item="E-03",
        ),
    ]
    assert {answer.status_code for answer in answers} == {403}
    unchanged()
