import json

import pytest
from form_builder import NOW, a_form, choice, clean, day, rows, schema, source, text

from app.catalogue.forms import read_form
from app.domain.errors import BrokenBundle


def faults(text_of_form):
    with pytest.raises(BrokenBundle) as broken:
        read_form(text_of_form, file="forms/p/f.form")
    return broken.value.faults


def numbered(key, **more):
    return {"type": "number", "key": key, "label": key, **more}


@pytest.mark.parametrize(
    ("component", "code", "element"),
    [
        (text("Name"), "bad-name", "Name"),
        (text("案由"), "bad-name", "案由"),
        (text("a.b"), "bad-name", "a.b"),
        (text("__class__"), "bad-name", "__class__"),
        (text("typename"), "reserved-name", "typename"),
        (text("data"), "reserved-name", "data"),
        (text("due"), "reserved-name", "due"),
        (text("number"), "reserved-name", "number"),
        (text("parties"), "reserved-name", "parties"),
        (text("x", label=""), "no-label", "x"),
        ({"type": "textfield", "label": "x", "id": "f1"}, "no-key", "f1"),
        (text("x", label="=secret"), "template-syntax", "x"),
        (text("x", description="{{ data }}"), "template-syntax", "x"),
        (text("x", conditional={"hide": "=count(y) > 1"}), "bad-condition", "x"),
        (text("x", conditional={"hide": "y = 1"}), "bad-condition", "x"),
        (text("x", conditional={"hide": "=x = 1"}), "circular-condition", "x"),
        (text("x", readonly="=y"), "bad-flag", "x"),
        (text("x", validate={"required": "yes"}), "bad-flag", "x"),
        (text("x", validate={"pattern": "(a+)+$"}), "unsafe-pattern", "x"),
        (text("x", validate={"pattern": "["}), "unsafe-pattern", "x"),
        (text("x", validate={"minLength": 5, "maxLength": 4}), "min-over-max", "x"),
        (text("x", validate={"maxLength": 10**9}), "bad-limit", "x"),
        (text("x", validate={"validationType": "phone"}), "unsupported-option", "x"),
        (text("x", properties={"check": "luhn"}), "unknown-check", "x"),
        (text("x", properties={"check": "not_before"}), "unknown-check", "x"),
        (text("x", properties={"check": "not_future"}), "check-type", "x"),
        (day("x", properties={"check": "id_number"}), "check-type", "x"),
        (day("x", subtype="week"), "unknown-type", "x"),
        (numbered("x", validate={"min": 5, "max": 4}), "min-over-max", "x"),
        (numbered("x", validate={"min": "low"}), "bad-limit", "x"),
        (numbered("x", serializeToString=True), "unsupported-option", "x"),
        (choice("radio", "x"), "no-options", "x"),
        (choice("radio", "x", "a", "a"), "duplicate-option", "x"),
        ({"type": "select", "key": "x", "label": "x", "values": [{"label": "a"}]}, "bad-option", "x"),
        ({"type": "select", "key": "x", "label": "x", "valuesKey": "everyone"}, "unknown-options", "x"),
        ({"type": "select", "key": "x", "label": "x", "valuesExpression": "=y"}, "unsupported-option", "x"),
        (choice("checklist", "x", "a", properties={"minItems": "2", "maxItems": "1"}), "min-over-max", "x"),
        (rows("x"), "empty-list", "x"),
        (rows("x", text("a"), text("a")), "duplicate-key", "a"),
        (rows("X y", text("a")), "bad-name", "X y"),
        (rows("items", text("name")), "no-row-code", "items"),
        ({"type": "group", "path": "inner", "components": []}, "group-path", "inner"),
        ({"type": "filepicker", "key": "x", "label": "x"}, "unsupported-type", "x"),
        ({"type": "iframe", "id": "x", "url": "https://example.com"}, "unsupported-type", "x"),
        ({"type": "slider", "key": "x"}, "unknown-type", "x"),
        ({"id": "x"}, "unknown-type", "x"),
        ({"type": "html", "id": "x", "content": "<script>alert(1)</script>"}, "unsafe-markup", "x"),
        ({"type": "html", "id": "x", "content": "<p onclick=alert(1)>a</p>"}, "unsafe-markup", "x"),
        ({"type": "html", "id": "x", "content": "<a href='JaVa\tScript:alert(1)'>a</a>"}, "unsafe-markup", "x"),
        ({"type": "html", "id": "x", "content": "<img src=x onerror=alert(1)"}, "unsafe-markup", "x"),
        ({"type": "html", "id": "x", "content": "<style>*{display:none}</style>"}, "unsafe-markup", "x"),
        ({"type": "text", "id": "x", "text": "[a](javascript:alert(1))"}, "unsafe-markup", "x"),
        ({"type": "text", "id": "x", "text": "<svg/onload=alert(1)>"}, "unsafe-markup", "x"),
    ],
)
def test_a_wrong_component_is_refused_with_its_line_and_name(component, code, element):
    found = faults(source(text("first"), component))
    line = source(text("first"), component).split("\n").index("  },") + 2
    assert [(fault.code, fault.element) for fault in found] == [(code, element)]
    assert found[0].line >= line
    assert found[0].file == "forms/p/f.form"
    assert found[0].zh
    assert found[0].en


@pytest.mark.parametrize(
    ("source_text", "code", "line"),
    [
        ("", "not-json", 1),
        ("\x00\x01", "not-json", 1),
        ('{"type": "default",\n "schemaVersion": 19,\n "components": [}', "not-json", 3),
        ("[]", "not-a-form", 1),
        ("[" * 100_000, "too-deep", 1),
        (json.dumps(schema(text("x"), type="page")), "not-a-form", 1),
        (json.dumps(schema(text("x"), schemaVersion=20)), "schema-version", 1),
        (json.dumps(schema(text("x"), schemaVersion=True)), "schema-version", 1),
        (json.dumps(schema(text("x"), components={})), "not-a-form", 1),
        (json.dumps(schema(*(text(f"x{i}") for i in range(10_000)))), "too-many-fields", 1),
        ('{"type": "default",\n"type": "default"}', "duplicate-name", 1),
        ('{"x": ' + "1" * 5000 + "}", "not-json", 1),
        (" " * 1_000_001, "too-large", 1),
    ],
    ids=range(13),
)
def test_what_is_not_a_form_is_refused(source_text, code, line):
    found = faults(source_text)
    assert found[0].code == code
    assert found[0].line == line


def test_all_faults_are_told_at_once_in_the_order_of_the_file():
    found = faults(source(text("B"), text("x", label=""), rows("r", text("a", validate={"pattern": "("})), text("x")))
    assert [fault.code for fault in found] == ["bad-name", "no-label", "unsafe-pattern", "duplicate-key"]
    assert [fault.line for fault in found] == sorted({fault.line for fault in found})


def test_nesting_has_an_end():
    inner = text("x")
    for depth in range(8):
        inner = rows(f"r{depth}", inner)
    assert [fault.code for fault in faults(source(inner))] == ["too-deep"]


def test_two_fields_that_hide_each_other_are_refused():
    found = faults(source(text("a", conditional={"hide": "=b = null"}), text("b", conditional={"hide": "=a = null"})))
    assert {(fault.code, fault.element) for fault in found} == {
        ("circular-condition", "a"),
        ("circular-condition", "b"),
    }


def test_a_date_is_compared_with_a_date():
    found = faults(source(text("a"), day("b", properties={"check": "not_before:a"})))
    assert [(fault.code, fault.element) for fault in found] == [("check-type", "b")]


FORM = a_form(
    {"type": "text", "text": "# 受案审查\n请核对**材料**。", "text_en": "# Intake review"},
    choice(
        "radio", "decision", "accept", label="结论", properties={"label_en": "Decision"}, validate={"required": True}
    ),
    text("case_no", readonly=True, label="编号", label_en="Case number"),
    {
        "type": "group",
        "label": "人员",
        "components": [rows("parties", text("code"), text("name", label="姓名", label_en="Name"), label_en="Party")],
    },
    day("filed_on", dateLabel="立案日期", properties={"check": "not_before:caught_on"}),
    {"type": "checkbox", "key": "urgent", "label": "加急", "conditional": {"hide": "=prior_case = null"}},
    {"type": "taglist", "key": "handlers", "label": "承办人", "valuesKey": "officers"},
    {"type": "html", "content": "<p>说明 <b>重要</b> &lt;script&gt;</p>"},
    {"type": "button", "label": "提交", "key": "submit_it"},
)


def test_the_fields_of_a_form_are_listed_in_order_with_their_paths():
    assert [field.path for field in FORM.fields] == [
        *("decision", "case_no", "parties", "parties[].code", "parties[].name", "filed_on", "urgent", "handlers"),
    ]
    decision = FORM.fields[0]
    assert (decision.key, decision.label, decision.label_en) == ("decision", "结论", "Decision")
    assert (decision.type, decision.required, decision.readonly) == ("radio", True, False)
    assert [option.value for option in decision.options] == ["accept"]


def test_a_form_knows_what_it_collects_and_what_it_reads():
    assert FORM.keys == ("decision", "case_no", "parties", "filed_on", "urgent", "handlers")
    assert FORM.collected == {"decision", "parties", "filed_on", "urgent", "handlers"}
    assert set(FORM.references) == {"caught_on", "prior_case"}
    assert FORM.values_keys == {"officers"}


def test_a_form_is_shown_in_either_language():
    assert FORM.localized("zh")["components"][1]["label"] == "结论"
    english = FORM.localized("en")["components"]
    assert english[0]["text"] == "# Intake review"
    assert english[1]["label"] == "Decision"
    assert english[2]["label"] == "Case number"
    assert english[3]["components"][0]["components"][1]["label"] == "Name"
    assert FORM.localized("zh")["components"][1]["label"] == "结论"


def test_answers_are_told_in_words():
    form = a_form(
        choice("radio", "decision", "accept", label="结论"),
        {
            "type": "select",
            "key": "to_pol",
            "label": "接收单位",
            "label_en": "Receiver",
            "valuesKey": "agencies_pol",
        },
        {"type": "checkbox", "key": "urgent", "label": "加急"},
        day("filed_on", dateLabel="日期"),
        rows("people", text("name", label="姓名"), label="当事人"),
        text("remark", label="备注"),
        text("unseen", label="不见", conditional={"hide": "=urgent = true"}),
    )
    options = {"agencies_pol": [{"value": "ks", "label": "昆山市公安局", "label_en": "Kunshan police"}]}
    answers = clean(
        form,
        {
            "decision": "accept",
            "to_pol": "ks",
            "urgent": True,
            "filed_on": "2026-03-02",
            "people": [{"name": "周启航"}],
            "remark": "",
        },
        options=options,
    )
    assert form.describe(answers, "zh", options=options) == [
        ("结论", "accept"),
        ("接收单位", "昆山市公安局"),
        ("加急", "是"),
        ("日期", "2026年3月2日"),
        ("当事人 1 · 姓名", "周启航"),
        ("备注", "—"),
    ]
    assert ("Receiver", "Kunshan police") in form.describe(answers, "en", options=options)


def test_a_draft_is_told_as_it_will_be_kept():
    form = a_form(
        text("case_no", readonly=True),
        text("kind"),
        text("reason", conditional={"hide": '=kind != "refusal" or urgent = true'}),
        rows("items", text("code", readonly=True), text("name", readonly=True), text("seal_no")),
    )
    draft = {"case_no": "1", "kind": "refusal", "reason": "x", "items": [{"code": "E-1", "name": "n", "seal_no": "s"}]}
    row = [("items 1 · CODE", "E-1"), ("items 1 · SEAL_NO", "s")]
    assert form.describe(draft, "zh") == [("KIND", "refusal"), ("REASON", "x"), *row]
    assert form.describe(draft, "zh", known={"urgent": True}) == [("KIND", "refusal"), *row]


@pytest.mark.parametrize("name", ["fields", "load", "dump", "context", "opts", "validate", "declared_fields"])
def test_a_field_may_be_called_like_something_of_the_library(name):
    form = a_form(text(name), rows("listed", text(name)))
    assert form.clean({name: "x", "listed": [{name: "y"}]}, options={}, known={}, now=NOW) == {
        name: "x",
        "listed": [{name: "y"}],
    }


def test_an_hour_is_shown_and_sent_as_beijing_has_it():
    moment = {"type": "datetime", "subtype": "datetime", "id": "A", "key": "done_at", "dateLabel": "日期"}
    moment |= {"timeSerializingFormat": "utc_offset"}
    rows = {
        "type": "dynamiclist",
        "id": "L",
        "path": "attachments",
        "label": "附件",
        "components": [dict(moment, id="B")],
    }
    text = json.dumps({"type": "default", "schemaVersion": 19, "components": [moment, rows]})
    form = read_form(text, file="forms/x/y.form")
    assert form.localized("zh")["components"][0]["timeSerializingFormat"] == "no_timezone"
    assert form.localized("en")["components"][1]["components"][0]["timeSerializingFormat"] == "no_timezone"
    given = {"done_at": "2026-03-12T08:30:00Z", "attachments": [{"done_at": "2026-03-12T16:30:00+08:00"}, 7], "x": 1}
    shown = form.on_the_wall(given)
    assert shown == {"done_at": "2026-03-12T16:30", "attachments": [{"done_at": "2026-03-12T16:30"}, 7], "x": 1}
    assert form.on_the_wall({"done_at": "soon"}) == {"done_at": "soon"}
    cleaned = form.clean({"done_at": "2026-03-12T16:30"}, options={}, known={}, now=NOW)
    assert cleaned["done_at"] == "2026-03-12T16:30:00+08:00"
