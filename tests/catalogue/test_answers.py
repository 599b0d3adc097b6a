import json
import unicodedata
from datetime import UTC, datetime

import pytest
from form_builder import a_form, choice, clean, day, rows, text
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidAnswers


def number(key, **more):
    return {"type": "number", "key": key, "label": key, **more}


FORM = a_form(
    text("name", validate={"maxLength": 10, "minLength": 2}),
    text("reference", validate={"pattern": r"^\d{4}-\d+$"}),
    text("mail", validate={"validationType": "email"}),
    text("phone", properties={"check": "phone"}),
    text("id_no", properties={"check": "id_number"}),
    text("uscc", properties={"check": "uscc"}),
    {"type": "textarea", "key": "remark", "label": "备注"},
    number("amount", decimalDigits=2, validate={"min": 0, "max": 1_000_000}),
    number("pages", decimalDigits=0),
    number("share"),
    {"type": "checkbox", "key": "urgent", "label": "加急"},
    choice("radio", "decision", "accept", "return"),
    choice("select", "level", *(1, True, "1")),
    choice("checklist", "papers", "letter", "list", "report", properties={"minItems": "2", "maxItems": 2}),
    {"type": "taglist", "key": "officers_on_it", "label": "承办人", "valuesKey": "officers"},
    day("filed_on", properties={"check": "not_future"}),
    day("decided_on", properties={"check": "not_before:filed_on"}),
    {"type": "datetime", "subtype": "time", "key": "clock", "timeLabel": "时间"},
    {"type": "datetime", "subtype": "datetime", "key": "arrived_at", "dateLabel": "收到"},
    text("case_no", readonly=True),
    rows("parties", text("code"), text("name", validate={"required": True}), number("age", validate={"max": 150})),
)
OPTIONS = {"officers": [{"value": "o1", "label": "沈涛"}, {"value": "o2", "label": "顾晓峰"}]}


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        ({"name": "  周启航 "}, {"name": "周启航"}),
        ({"name": ""}, {"name": None}),
        ({"name": None}, {"name": None}),
        ({}, {}),
        ({"name": "𠮷野·阿依古丽"}, {"name": "𠮷野·阿依古丽"}),
        ({"name": "葛\U000e0100城"}, {"name": "葛\U000e0100城"}),
        ({"name": "e\u0301e\u0301"}, {"name": "éé"}),
        ({"reference": "2026-12"}, {"reference": "2026-12"}),
        ({"mail": "a.b@example.com"}, {"mail": "a.b@example.com"}),
        ({"phone": "１３８ ００１３ ８０００"}, {"phone": "13800138000"}),
        ({"phone": "0512-57301234"}, {"phone": "0512-57301234"}),
        ({"id_no": "１１010519491231002X"}, {"id_no": "11010519491231002X"}),
        ({"id_no": " "}, {"id_no": None}),
        ({"uscc": "91512081ma62k0260e"}, {"uscc": "91512081MA62K0260E"}),
        ({"name": "\uf9d1某"}, {"name": "\uf9d1某"}),
        ({"remark": "一\r\n二\t三\n"}, {"remark": "一\n二\t三"}),
        ({"remark": "'; DROP TABLE x; --{{7*7}}<script>"}, {"remark": "'; DROP TABLE x; --{{7*7}}<script>"}),
        ({"amount": 0.1}, {"amount": 0.1}),
        ({"amount": None}, {"amount": None}),
        ({"pages": 12.0}, {"pages": 12}),
        ({"share": -0.125}, {"share": -0.125}),
        ({"urgent": False}, {"urgent": False}),
        ({"decision": "accept"}, {"decision": "accept"}),
        ({"level": True}, {"level": True}),
        ({"papers": ["list", "letter"]}, {"papers": ["list", "letter"]}),
        ({"papers": []}, {"papers": []}),
        ({"papers": None}, {"papers": []}),
        ({"officers_on_it": ["o1"]}, {"officers_on_it": ["o1"]}),
        ({"filed_on": "2026-03-12"}, {"filed_on": "2026-03-12"}),
        ({"decided_on": "2024-02-29"}, {"decided_on": "2024-02-29"}),
        ({"clock": "09:30"}, {"clock": "09:30"}),
        ({"clock": "01:30Z"}, {"clock": "09:30"}),
        ({"arrived_at": "2026-03-12T10:00"}, {"arrived_at": "2026-03-12T10:00:00+08:00"}),
        ({"arrived_at": "2026-03-12T02:00Z"}, {"arrived_at": "2026-03-12T10:00:00+08:00"}),
        ({"arrived_at": "2026-03-12T10:00:05.25+08:00"}, {"arrived_at": "2026-03-12T10:00:05+08:00"}),
        ({"case_no": "someone else's"}, {}),
        ({"parties": [{"code": "S1", "name": "林"}]}, {"parties": [{"code": "S1", "name": "林"}]}),
        ({"parties": []}, {"parties": []}),
    ],
)
def test_a_good_answer_is_kept_in_one_form(answers, kept):
    assert clean(FORM, answers, options=OPTIONS) == kept


def wrong_fields(form, answers, **more):
    try:
        clean(form, answers, **more)
    except InvalidAnswers as refused:
        return list(refused.fields)
    return []


HOSTILE = [
    ("name", "林"),
    ("name", "一二三四五六七八九十一"),
    ("name", 5),
    ("name", True),
    ("name", ["林某"]),
    ("name", {"$ne": None}),
    ("name", "林\x00某"),
    ("name", "林\n某"),
    ("name", "林\ud800某"),
    ("name", "cod\u202efdp"),
    ("name", "林\u200b某"),
    ("name", "\ufeff林某"),
    ("name", "林\u2028某"),
    ("remark", "x" * 5001),
    ("remark", "a\x07b"),
    ("remark", "a\x85b"),
    ("reference", "2026"),
    ("reference", "٢٠٢٦-١"),
    ("reference", "2026-" + "1" * 300),
    ("mail", "a@b"),
    ("mail", "a b@example.com"),
    ("phone", "12345678901234567"),
    ("phone", "1380013800²"),
    ("phone", "+1 555"),
    ("id_no", "110105194912310021"),
    ("id_no", "110105491231002"),
    ("id_no", "11010519491331002X"),
    ("id_no", "110105209912310014"),
    ("uscc", "91512081MA62K0260F"),
    ("amount", "12"),
    ("amount", True),
    ("amount", float("nan")),
    ("amount", float("inf")),
    ("amount", -0.01),
    ("amount", 1.001),
    ("amount", 1_000_000.01),
    ("amount", 10**5000),
    ("pages", 1.5),
    ("share", 2**53 + 2),
    ("share", -1e300),
    ("share", []),
    ("urgent", "true"),
    ("urgent", 1),
    ("decision", "reject"),
    ("decision", "accept "[::-1]),
    ("decision", ["accept"]),
    ("decision", 0),
    ("level", 1.0),
    ("level", False),
    ("level", float("nan")),
    ("papers", "letter"),
    ("papers", ["letter"]),
    ("papers", ["letter", "letter"]),
    ("papers", ["letter", "list", "report"]),
    ("papers", ["letter", None]),
    ("papers", ["letter", ["list"]]),
    ("papers", {"0": "letter", "1": "list"}),
    ("officers_on_it", ["o9"]),
    ("officers_on_it", [{"value": "o1"}]),
    ("filed_on", "2026-03-13"),
    ("filed_on", "2023-02-29"),
    ("filed_on", "2025-13-01"),
    ("filed_on", "0000-01-01"),
    ("filed_on", "1899-12-31"),
    ("filed_on", "2200-01-01"),
    ("filed_on", "20260312"),
    ("filed_on", "2026-W10-1"),
    ("filed_on", "２０２６-03-12"),
    ("filed_on", "2026-03-12T10:00"),
    ("filed_on", 20260312),
    ("clock", "24:00"),
    ("clock", "9:30"),
    ("clock", "23:59:60"),
    ("arrived_at", "2026-03-12"),
    ("arrived_at", "2026-03-12 10:00"),
    ("arrived_at", "2026-03-12T24:00"),
    ("arrived_at", "2026-03-12T10:00+99:00"),
    ("arrived_at", "1900-01-01T00:00+14:00"),
    ("parties", {}),
    ("parties", "S1"),
    ("parties", [{"code": "S1", "name": "x"}] * 501),
    ("agency_id", "x"),
    ("status", "closed"),
    ("__proto__", {}),
    ("typename", "Task"),
]


@pytest.mark.parametrize(("key", "value"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_answer_is_refused_by_its_field(key, value):
    with pytest.raises(InvalidAnswers) as refused:
        clean(FORM, {key: value}, options=OPTIONS)
    sentences = refused.value.fields[key]
    assert all(zh and en and zh != en for zh, en in sentences)


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"code": "S1"}, "parties[0].name"),
        ({"name": " "}, "parties[0].name"),
        ({"name": "x", "age": 151}, "parties[0].age"),
        ({"name": "x", "owner": "me"}, "parties[0].owner"),
        ("S1", "parties[0]"),
        (None, "parties[0]"),
        ([{"name": "x"}], "parties[0]"),
    ],
)
def test_a_wrong_row_is_named(row, path):
    with pytest.raises(InvalidAnswers) as refused:
        clean(FORM, {"parties": [row]})
    assert list(refused.value.fields) == [path]


def test_all_wrong_fields_are_told_at_once_in_the_order_of_the_form():
    with pytest.raises(InvalidAnswers) as refused:
        clean(FORM, {"zzz": 1, "parties": [{}], "amount": -1, "name": "x"})
    assert list(refused.value.fields) == ["name", "amount", "parties[0].name", "zzz"]


@pytest.mark.parametrize(
    "answers",
    [None, [], "x", 5, {"remark": "x" * 300_000}, {"x": [[[[[[[[1]]]]]]]]}, {1: "x"}, {"x": ["y"] * 200_000}],
    ids=range(8),
)
def test_what_is_not_one_object_of_reasonable_size_is_refused(answers):
    with pytest.raises(InvalidAnswers) as refused:
        clean(FORM, answers)
    assert list(refused.value.fields) == [""]


def test_a_key_that_cannot_be_printed_is_named_printably():
    with pytest.raises(InvalidAnswers) as refused:
        clean(FORM, {"\ud800" * 500: 1})
    assert json.dumps(list(refused.value.fields), ensure_ascii=False).encode()


@given(st.text(max_size=40))
def test_text_that_is_accepted_can_be_stored_anywhere(value):
    try:
        kept = clean(FORM, {"remark": value}).get("remark")
    except InvalidAnswers:
        return
    if kept is not None:
        assert "\x00" not in kept
        assert unicodedata.normalize("NFC", kept) == unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        assert kept.encode("utf-8").decode() == kept == kept.strip()


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FORM.keys, "other"]), PLAIN, max_size=5))
def test_any_json_is_either_cleaned_to_plain_json_or_refused_by_field(answers):
    try:
        kept = clean(FORM, answers, options=OPTIONS)
    except InvalidAnswers:
        assert wrong_fields(FORM, answers, options=OPTIONS)
    else:
        assert json.loads(json.dumps(kept, allow_nan=False)) == kept


def test_a_field_is_demanded_only_while_it_is_shown():
    form = a_form(
        choice("radio", "decision", "accept", "return", validate={"required": True}),
        text("reason", conditional={"hide": '=decision != "return"'}, validate={"required": True}),
    )
    assert clean(form, {"decision": "accept", "reason": "smuggled"}) == {"decision": "accept"}
    with pytest.raises(InvalidAnswers) as refused:
        clean(form, {"decision": "return", "reason": " "})
    assert list(refused.value.fields) == ["reason"]
    assert clean(form, {"decision": "return", "reason": "证据不足"})["reason"] == "证据不足"


def test_a_hidden_answer_cannot_hide_another_field():
    form = a_form(
        choice("radio", "first", "yes", "no"),
        choice("radio", "second", "yes", "no", conditional={"hide": '=first = "no"'}),
        text("third", conditional={"hide": '=second = "yes"'}, validate={"required": True}),
    )
    with pytest.raises(InvalidAnswers) as refused:
        clean(form, {"first": "no", "second": "yes"})
    assert list(refused.value.fields) == ["third"]


def test_a_hidden_group_hides_what_it_holds():
    form = a_form(
        {"type": "checkbox", "key": "detained", "label": "羁押"},
        {
            "type": "group",
            "label": "羁押",
            "conditional": {"hide": "=detained != true"},
            "components": [
                text("place", validate={"required": True}),
                rows("visits", text("who"), properties={"minItems": 1}),
            ],
        },
    )
    assert clean(form, {"detained": False, "place": "x"}) == {"detained": False}
    with pytest.raises(InvalidAnswers) as refused:
        clean(form, {"detained": True})
    assert list(refused.value.fields) == ["place", "visits"]


def test_a_condition_reads_what_is_known_where_the_officer_may_not_write():
    form = a_form(
        text("kind", readonly=True),
        text("unit_name", conditional={"hide": '=kind != "unit"'}, validate={"required": True}),
    )
    assert clean(form, {"kind": "unit"}, known={"kind": "person"}) == {}
    with pytest.raises(InvalidAnswers):
        clean(form, {"kind": "person"}, known={"kind": "unit"})


def test_a_condition_in_a_row_reads_its_row_and_what_stands_around_it():
    form = a_form(
        {"type": "checkbox", "key": "custody_case", "label": "羁押案件"},
        rows(
            "people",
            text("name"),
            {"type": "checkbox", "key": "detained", "label": "羁押", "conditional": {"hide": "=custody_case != true"}},
            text("place", conditional={"hide": "=this.detained != true"}, validate={"required": True}),
        ),
    )
    answers = {"custody_case": True, "people": [{"name": "a", "detained": False}, {"name": "b", "detained": True}]}
    with pytest.raises(InvalidAnswers) as refused:
        clean(form, answers)
    assert list(refused.value.fields) == ["people[1].place"]
    assert clean(form, {**answers, "custody_case": False})["people"] == [{"name": "a"}, {"name": "b"}]


def test_rows_with_a_fixed_code_can_be_filled_in_and_not_added():
    form = a_form(rows("items", text("code", readonly=True), text("name", readonly=True), text("seal_no")))
    known = {"items": [{"code": "E-01", "name": "筋骨康宁胶囊"}]}
    answers = {"items": [{"code": "E-01", "name": "黄金", "seal_no": "KSF-1"}]}
    assert clean(form, answers, known=known) == {"items": [{"code": "E-01", "seal_no": "KSF-1"}]}
    with pytest.raises(InvalidAnswers) as refused:
        clean(form, {"items": [{"code": "E-99", "seal_no": "x"}]}, known=known)
    assert list(refused.value.fields) == ["items[0].code"]


def test_a_code_stands_for_one_row():
    with pytest.raises(InvalidAnswers) as refused:
        clean(FORM, {"parties": [{"code": "S1", "name": "a"}, {"code": "S1", "name": "b"}]})
    assert list(refused.value.fields) == ["parties[1].code"]


@pytest.mark.parametrize(
    ("answers", "known", "wrong"),
    [
        ({"filed_on": "2026-03-10", "decided_on": "2026-03-09"}, {}, ["decided_on"]),
        ({"filed_on": "2026-03-10", "decided_on": "2026-03-10"}, {}, []),
        ({"decided_on": "2026-03-09"}, {"filed_on": "2026-03-10"}, ["decided_on"]),
        ({"decided_on": "2026-03-09"}, {}, []),
        ({"decided_on": "2026-03-09"}, {"filed_on": "2026-03-09T18:00:00+00:00"}, ["decided_on"]),
    ],
)
def test_a_date_does_not_come_before_its_cause(answers, known, wrong):
    assert wrong_fields(FORM, answers, known=known) == wrong


def test_today_is_counted_in_china():
    just_after_midnight = datetime(2026, 3, 12, 16, 1, tzinfo=UTC)
    assert clean(FORM, {"filed_on": "2026-03-13"}, now=just_after_midnight) == {"filed_on": "2026-03-13"}


def test_a_date_that_may_not_have_passed():
    form = a_form(day("hearing_on", disallowPassedDates=True))
    assert clean(form, {"hearing_on": "2026-03-12"})
    with pytest.raises(InvalidAnswers):
        clean(form, {"hearing_on": "2026-03-11"})


def test_what_is_required_is_not_given_by_an_empty_answer():
    form = a_form(
        text("name", validate={"required": True}),
        {"type": "checkbox", "key": "agreed", "label": "同意", "validate": {"required": True}},
        choice("checklist", "papers", "a", validate={"required": True}),
        day("on", validate={"required": True}),
    )
    with pytest.raises(InvalidAnswers) as refused:
        clean(form, {"name": "  ", "agreed": False, "papers": [], "on": ""})
    assert list(refused.value.fields) == ["name", "agreed", "papers", "on"]
