"""Every page, rendered with a sample of what its view gives it, in both languages."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, render_template
from lxml import html

from app.web import jinja
from app.web.urgency import urgency
from tests.web.custody_samples import custody_pages
from tests.web.item_file_samples import item_file_pages
from tests.web.store_samples import store_pages

WEB = Path(jinja.__file__).parent
NOW = datetime(2026, 3, 16, 1, 20, tzinfo=UTC)
CHINESE = re.compile("[一-鿿]")
CASE_LISTS = (
    *("my_tasks", "stages", "holders", "waits", "incidents", "diagrams", "deadlines"),
    *("parties", "items", "files", "documents", "transfers", "history", "startable"),
)


def case_sample(say):
    return {
        "id": "c1",
        "number": "320583-2026-0001",
        "name": say("周某等人涉嫌销售假药案", "Zhou and others, fake medicine"),
        "charge": say("销售假药罪", "Selling fake medicine"),
        "state": "open",
        "opened_at": NOW - timedelta(days=4),
        "opened_by": say("昆山市市场监督管理局", "Kunshan Market Regulator"),
        "custody": True,
        "parties": [say("周某", "Zhou"), say("林某", "Lin")],
        "where": "受案审查",
        "where_en": "Review",
        "due": NOW + timedelta(days=2),
        "agencies": "",
    }


def task_sample(say, number=1, **given):
    case = case_sample(say)
    return {
        "id": f"t{number}",
        "case_id": "c1",
        "case_number": case["number"],
        "case_name": case["name"],
        "name": "受案审查",
        "name_en": "Review the case",
        "due": NOW + timedelta(days=2),
        "start": NOW - timedelta(days=1),
        "custody": False,
        "opened_at": NOW - timedelta(days=1),
        "closed_at": None,
        "basis": say("公安机关办理刑事案件程序规定第180条", "MPS 2020 art. 180"),
        "claimed_by": say("沈某", "Shen"),
        "claimed_at": NOW,
        "mine": True,
        "may_work": True,
        "state": "open",
        "role_name": "侦查员",
        "role_name_en": "Investigator",
        "officer": say("沈某", "Shen"),
        "draft_at": NOW,
        "check": True,
        **given,
    }


def preflight_sample(say, *, blocks=False):
    warning = {
        "id": "late",
        "blocks": False,
        "sentence": say("移送逾期", "It is late"),
        "article": say("第五条", "Art. 5"),
        "unconfirmed": True,
        "reason": "",
        "href": "",
        "mend": "",
    }
    stop = {**warning, "id": "seal", "blocks": True, "href": "/cases/c1/items", "mend": say("涉案物品", "items")}
    given = {**warning, "id": "lab", "reason": "A", "unconfirmed": False}
    return {
        "checked": 3,
        "blocking": int(blocks),
        "warnings": 2,
        "findings": [*([stop] if blocks else []), warning, given],
    }


def deadline_sample(say, **given):
    return {
        "rule": "D06",
        "name": "立案审查",
        "name_en": "Review for filing",
        "due": datetime(2026, 3, 16, 15, 59, 59, tzinfo=UTC),
        "start": NOW - timedelta(days=3),
        "custody": True,
        "state": "running",
        "ended_at": None,
        "late": False,
        "agency": say("昆山市公安局", "Kunshan Police"),
        "article": say("公安机关办理刑事案件程序规定第180条", "MPS 2020 art. 180"),
        "unconfirmed": True,
        "calendar": "cn-2026",
        "steps": [
            {"zh": "3月13日受案，次日起算", "en": "Accepted on 13 March; counted from the next day"},
            {"zh": "3日届满为3月16日", "en": "Three days end on 16 March"},
        ],
        "pauses": [
            {"from": NOW - timedelta(days=2), "to": NOW - timedelta(days=1), "zh": "补正材料", "en": "Supplement"}
        ],
        **given,
    }


def document_sample(say):
    return {
        "id": "d1",
        "title": "案件移送书",
        "title_en": "Transfer letter",
        "number": say("昆市监移〔2026〕7号", "KSJ-2026-7"),
        "date": "2026-03-13",
        "sheets": 2,
        "agency": say("昆山市市场监督管理局", "Kunshan Market Regulator"),
        "officer": say("陈某", "Chen"),
        "case_id": "c1",
        "case_number": "320583-2026-0001",
        "case_name": case_sample(say)["name"],
        "issued_at": NOW,
        "sha256": "ab" * 32,
        "size": 48_213,
    }


def file_sample(say, **given):
    return {
        "id": "f1",
        "title": say("询问录像", "Interview"),
        "name": "interview.mp4",
        "original_name": "interview.mp4.",
        "size": 70_000,
        "size_words": "68.4 KB",
        "declared_type": "video/mp4",
        "found_type": "video/mp4",
        "flag": "",
        "sha256": "ab" * 32,
        "sm3": "cd" * 32,
        "item_code": "E-1",
        "agency": say("昆山市市场监督管理局", "Kunshan Market Regulator"),
        "officer": say("陈某", "Chen"),
        "uploaded_at": NOW,
        "case_id": "c1",
        "case_number": "320583-2026-0001",
        "case_name": case_sample(say)["name"],
        "preview": "",
        "src": "/files/f1/content?view=x",
        **given,
    }


def transfer_sample(say, **given):
    return {
        "id": "x1",
        "case_id": "c1",
        "case_number": "320583-2026-0001",
        "case_name": case_sample(say)["name"],
        "name": "案件移送",
        "name_en": "Case handed over",
        "sender": say("昆山市市场监督管理局", "Kunshan Market Regulator"),
        "receiver": say("昆山市公安局", "Kunshan Police"),
        "sent_at": NOW - timedelta(days=3),
        "sent_by": say("陈某", "Chen"),
        "received_at": None,
        "received_by": "",
        "documents": 4,
        "copy": False,
        "task_id": None,
        "may_sign": True,
        "contents": [{"label": "罪名", "label_en": "Charge", "value": say("销售假药罪", "Fake medicine")}],
        **given,
    }


def process_sample(say):
    return {
        "process": "case_transfer",
        "name": "案件移送",
        "name_en": "Case transfer",
        "about": "行政机关向公安机关移送",
        "about_en": "From a regulator to the police",
        "hash": "0123456789abcdef",
        "published_at": NOW,
        "pools": [{"name": "行政机关", "name_en": "Regulator"}, {"name": "公安机关", "name_en": "Police"}],
        "running": 3,
        "src": "/processes/case_transfer/diagram.bpmn",
        "partners": say("公安机关", "Police"),
    }


def pages(say):
    """Template → the contexts it is tried with."""
    done = NOW + timedelta(days=1)
    tasks = [
        task_sample(say, 1, due=NOW - timedelta(days=2), custody=True),
        task_sample(say, 2),
        task_sample(say, 3, due=NOW + timedelta(hours=5), claimed_by="", mine=False),
        task_sample(say, 4, due=NOW + timedelta(days=6)),
        task_sample(say, 5, due=NOW + timedelta(days=40)),
        task_sample(say, 6, due=None, start=None, basis=""),
        task_sample(say, 7, claimed_by="", mine=False, lost=say("已被王某于 10:02 领取", "Wang claimed this at 10:02")),
    ]
    form = {
        "schemaVersion": 19,
        "type": "default",
        "components": [{"id": "f1", "type": "textfield", "key": "opinion", "label": say("意见", "Opinion")}],
    }
    task_page = {
        "task": tasks[1],
        "instructions": "请审查材料是否齐全。",
        "instructions_en": "See whether the file is complete.",
        "form": form,
        "data": {"opinion": "</script><script>alert(1)</script>"},
        "options": {"officers": [{"value": "shen", "label": say("沈某", "Shen")}]},
        "deadline": deadline_sample(say),
        "known": [{"label": "案值", "label_en": "Value", "value": "129200"}],
        "arrived": {**transfer_sample(say), "documents": [document_sample(say)]},
        "case": case_sample(say),
    }
    return {
        "sign_in.html": [
            {"me": None, "name": "shen", "error": say("用户名或密码错误", "Wrong name or password"), "accounts": None},
            {
                "me": None,
                "password": "demo-password",
                "accounts": [
                    {
                        "agency": say("昆山市公安局", "Kunshan Police"),
                        "officers": [
                            {"username": "shen", "name": say("沈某", "Shen"), "roles": say("侦查员", "Investigator")}
                        ],
                    }
                ],
            },
        ],
        "tasks.html": [
            {"tab": "mine", "tasks": tasks},
            {"tab": "mine", "tasks": []},
            {"tab": "pool", "tasks": [], "q": "x"},
            {"tab": "pool", "tasks": tasks, "group": "soon", "custody": "1"},
            {
                "tab": "done",
                "tasks": [task_sample(say, closed_at=done), task_sample(say, closed_at=done, due=NOW)],
            },
            {"tab": "followed", "cases": [case_sample(say)]},
            {"tab": "followed", "cases": []},
        ],
        "_task_row.html": [{"task": task} for task in tasks],
        "task.html": [
            task_page,
            {**task_page, "task": tasks[2], "arrived": None, "deadline": None},
            {**task_page, "task": {**tasks[2], "may_work": False}},
            {**task_page, "task": {**tasks[1], "mine": False}, "deadline": deadline_sample(say, due=None)},
            {**task_page, "task": {**tasks[1], "state": "done"}},
            {**task_page, "form": None},
            {**task_page, "preflight": preflight_sample(say)},
            {**task_page, "form": None, "preflight": preflight_sample(say, blocks=True)},
        ],
        "_preflight.html": [
            {"task": tasks[1], "working": working, "refused": working, "preflight": preflight}
            for working in (True, False)
            for preflight in ({**preflight_sample(say), "findings": []}, preflight_sample(say, blocks=True))
        ],
        "_preflight_form.html": [{"task": tasks[1], "working": True, "preflight": preflight_sample(say)}],
        "check.html": [
            {
                "task": tasks[1],
                "answers": [
                    {"key": "opinion", "label": say("意见", "Opinion"), "value": "A"},
                    {"key": "note", "label": say("备注", "Note"), "value": None},
                    {
                        "key": "items",
                        "label": say("物品", "Items"),
                        "table": {"heads": [say("名称", "Name"), say("数量", "Number")], "rows": [["A", 1], ["B", 2]]},
                    },
                ],
                "consequences": [say("出具立案决定书", "The decision is issued")],
                "error": say("任务已办结", "It is done already"),
                "preflight": preflight_sample(say, blocks=True),
            }
        ],
        "done.html": [
            {
                "task": tasks[1],
                "at": NOW,
                "officer": say("沈某", "Shen"),
                "documents": [document_sample(say)],
                "next_task": tasks[2],
                "said": [say("已移送检察院", "Sent to the procuratorate")],
            },
            {"task": tasks[1], "at": NOW, "officer": "", "documents": [], "next_task": None, "said": []},
        ],
        "case.html": [
            {
                "case": case_sample(say),
                "followed": True,
                "my_tasks": [tasks[1]],
                "stages": [
                    {
                        "agency": say("昆山市市场监督管理局", "Kunshan Market Regulator"),
                        "name": "行政机关",
                        "name_en": "Regulator",
                        "state": "done",
                        "since": NOW,
                    },
                    {
                        "agency": say("昆山市公安局", "Kunshan Police"),
                        "name": "公安机关",
                        "name_en": "Police",
                        "state": "now",
                        "since": NOW,
                    },
                    {"agency": "", "name": "检察院", "name_en": "Procuratorate", "state": "todo", "since": None},
                ],
                "holders": [
                    {
                        "task_id": "t2",
                        "task": "受案审查",
                        "task_en": "Review",
                        "agency": say("昆山市公安局", "Kunshan Police"),
                        "officer": say("沈某", "Shen"),
                        "role_name": "侦查员",
                        "role_name_en": "Investigator",
                        "since": NOW - timedelta(days=2),
                        "due": NOW + timedelta(days=1),
                        "start": None,
                        "custody": True,
                        "machine": False,
                        "mine": True,
                    },
                    {
                        "task_id": "t9",
                        "task": "出具文书",
                        "task_en": "Issue a document",
                        "agency": say("昆山市公安局", "Kunshan Police"),
                        "officer": "",
                        "role_name": "",
                        "role_name_en": "",
                        "since": NOW,
                        "due": None,
                        "start": None,
                        "custody": False,
                        "machine": True,
                        "mine": False,
                    },
                ],
                "waits": [
                    {
                        "agency": say("昆山市市场监督管理局", "Kunshan Market Regulator"),
                        "what": "立案结果",
                        "what_en": "Filing result",
                        "sender": say("昆山市公安局", "Kunshan Police"),
                        "due": NOW + timedelta(days=3),
                    }
                ],
                "incidents": [say("文书渲染失败，请联系管理员", "A document could not be rendered")],
                "diagrams": [
                    {"key": "a", "name": "案件移送", "name_en": "Case transfer", "src": "/a.bpmn", "state": "/a.json"},
                    {"key": "b", "name": "证据移交", "name_en": "Evidence", "src": "/b.bpmn", "state": "/b.json"},
                ],
                "deadlines": [
                    deadline_sample(say),
                    deadline_sample(say, state="done", ended_at=NOW, late=True),
                    deadline_sample(say, state="cancelled", ended_at=NOW, unconfirmed=False, pauses=[]),
                ],
                "parties": [
                    {
                        "code": "S1",
                        "name": say("周某", "Zhou"),
                        "role": say("犯罪嫌疑人", "Suspect"),
                        "detail": say("1986年生", "born 1986"),
                        "custody": say("在押", "In custody"),
                    }
                ],
                "items": [
                    {
                        "code": "E-03",
                        "name": say("订单数据", "Orders"),
                        "category": say("电子数据", "Electronic"),
                        "quantity": say("1 个", "1"),
                        "holder": "",
                        "place": "",
                        "sha256": "ab" * 32,
                    }
                ],
                "item_sums": {
                    "keeper": True,
                    "all": 12,
                    "few": 1,
                    "unregistered": 2,
                    "states": [{"key": "held", "words": say("在管", "Held"), "count": 12, "chip": "ok"}],
                },
                "files": [file_sample(say), file_sample(say, flag=say("含有宏", "It holds macros"))],
                "most": "8.00 GB",
                "documents": [document_sample(say)],
                "transfers": [
                    transfer_sample(say),
                    transfer_sample(say, received_at=NOW, received_by=say("沈某", "Shen"), copy=True),
                ],
                "history": [
                    {
                        "at": NOW,
                        "zh": "受案审查",
                        "en": "Review",
                        "agency": say("昆山市公安局", "Kunshan Police"),
                        "officer": say("沈某", "Shen"),
                        "kind": "now",
                    }
                ],
                "startable": [process_sample(say)],
                "typed_twice": 0,
            },
            {
                "case": {**case_sample(say), "state": "closed", "custody": False},
                **{key: [] for key in CASE_LISTS},
                "item_sums": {"all": 0, "few": 10, "unregistered": 1, "keeper": False, "states": []},
                "followed": False,
                "typed_twice": 2,
            },
        ],
        "cases.html": [
            {"q": "", "cases": [case_sample(say)], "total": 90, "page": 2, "size": 30},
            {"q": "x", "cases": [], "total": 0, "page": 1, "size": 30},
            {"q": "", "cases": [], "total": 0, "page": 1, "size": 30},
        ],
        "start.html": [
            {"process": None, "choices": [process_sample(say)]},
            {"process": None, "choices": []},
            {
                "process": process_sample(say),
                "case": None,
                "agencies": [
                    {
                        "kind": "pol",
                        "words": say("公安机关", "Police"),
                        "options": [{"key": "ks_pol", "name": say("昆山市公安局", "Kunshan Police")}],
                        "chosen": "ks_pol",
                    }
                ],
                "values": {"name": ""},
                "errors": [{"field": "name", "message": say("请填写案件名称", "Give the case a name")}],
            },
            {"process": process_sample(say), "case": case_sample(say), "values": {}, "errors": []},
        ],
        "transfers.html": [
            {
                "tab": "inbox",
                "all": False,
                "transfers": [
                    transfer_sample(say),
                    transfer_sample(say, task_id="t2"),
                    transfer_sample(say, received_at=NOW),
                ],
            },
            {"tab": "inbox", "all": False, "transfers": []},
            {"tab": "sent", "all": False, "transfers": [transfer_sample(say, copy=True)]},
        ],
        "transfer.html": [
            {"transfer": transfer_sample(say), "documents": [document_sample(say)]},
            {"transfer": transfer_sample(say, task_id="t2", copy=True), "documents": []},
            {
                "transfer": transfer_sample(say, received_at=NOW, received_by=say("沈某", "Shen")),
                "documents": [document_sample(say)],
            },
        ],
        "_files.html": [{"files": [file_sample(say, flag=say("含有宏", "It holds macros"))]}, {"files": []}],
        "_material.html": [{"case": case_sample(say), "items": [], "files": [file_sample(say)], "most": "8.00 GB"}],
        "file.html": [
            {"file": file_sample(say, preview=preview), "text": "", "text_shown": 65_536}
            for preview in ("", "image", "audio", "video", "text", "application")
        ],
        "document.html": [
            {
                "document": document_sample(say),
                "sent_to": [{"agency": say("昆山市公安局", "Kunshan Police"), "sent_at": NOW, "received_at": NOW}],
            }
        ],
        "supervise.html": [
            {
                "days": 7,
                "tasks": tasks,
                "by_officer": [{"officer": say("沈某", "Shen"), "open": 5, "soon": 2, "overdue": 1}],
                "loans": store_pages(say, NOW)["store_loans.html"][0]["loans"],
                "incidents": [
                    {
                        "case_id": "c1",
                        "case_number": "320583-2026-0001",
                        "sentence": say("文书渲染失败", "A document could not be rendered"),
                        "at": NOW,
                    }
                ],
            },
            {"days": 30, "tasks": [], "by_officer": [], "incidents": []},
        ],
        "processes.html": [
            {"process": None, "processes": [process_sample(say)]},
            {"process": None, "processes": []},
            {"process": process_sample(say), "processes": []},
        ],
        "error.html": [
            {"status": status, "sentence": say("没有成功", "It did not work")}
            for status in (401, 403, 404, 409, 422, 500)
        ],
        **custody_pages(say, NOW),
        **store_pages(say, NOW),
        **item_file_pages(say, NOW),
    }


def in_chinese(zh, _en):
    return zh


def in_english(_zh, en):
    return en


TRIES = [(template, number) for template, contexts in pages(in_chinese).items() for number in range(len(contexts))]


@pytest.fixture
def app():
    app = Flask("app", root_path=str(WEB), template_folder="templates", static_folder=None)
    app.secret_key = "only for this test"
    jinja.prepare(app)
    app.jinja_env.globals["csrf_token"] = lambda: "a-token"

    @app.context_processor
    def everywhere():
        me = SimpleNamespace(name="Shen", agency_name="Kunshan Police")
        counts = {"mine": 6, "pool": 2, "followed": 1, "unsigned": 3, "overdue": 1}
        return {"me": me, "counts": counts, "may_supervise": True, "now": NOW, "demo": True}

    return app


def render(app, template, context, language):
    with app.test_request_context("/tasks?tab=mine", headers={"Cookie": f"language={language}"}):
        return render_template(template, **context)


@pytest.mark.parametrize(("template", "number"), TRIES)
def test_an_english_reader_meets_no_chinese(app, template, number):
    said = render(app, template, pages(in_english)[template][number], "en")
    said = re.sub(r'<button name="language" value="zh".*?</button>|<span class="seal".*?</span>', "", said)

    assert not CHINESE.search(said), CHINESE.findall(said)


@pytest.mark.parametrize(("template", "number"), TRIES)
def test_a_chinese_reader_meets_chinese(app, template, number):
    said = render(app, template, pages(in_chinese)[template][number], "zh")

    assert CHINESE.search(said)
    assert template.startswith("_") or 'lang="zh-CN"' in said


@pytest.mark.parametrize(("template", "number"), TRIES)
def test_a_page_keeps_the_content_security_policy(app, template, number):
    page = html.fromstring(render(app, template, pages(in_chinese)[template][number], "zh"))

    scripts = [script for script in page.iter("script") if not script.get("src")]
    assert all(script.get("type") == "application/json" for script in scripts)
    for script in scripts:
        json.loads(script.text)
    attributes = {name for element in page.iter() if isinstance(element.tag, str) for name in element.attrib}
    assert not {name for name in attributes if name == "style" or name.startswith(("on", "hx-on"))}


@pytest.mark.parametrize(("template", "number"), TRIES)
def test_every_form_that_changes_something_carries_the_token(app, template, number):
    page = html.fromstring(render(app, template, pages(in_chinese)[template][number], "zh"))

    posting = [form for form in page.iter("form") if (form.get("method") or "").lower() == "post"]
    assert all(form.xpath('.//input[@name="csrf_token"]/@value') == ["a-token"] for form in posting)


@pytest.mark.parametrize(("template", "number"), TRIES)
def test_ids_are_unique_and_inputs_have_words(app, template, number):
    page = html.fromstring(render(app, template, pages(in_chinese)[template][number], "zh"))

    ids = page.xpath("//@id")
    assert template == "tasks.html" or len(ids) == len(set(ids))
    for field in page.xpath('//input[not(@type="hidden")] | //select | //textarea'):
        assert field.get("aria-label") or page.xpath(f'//label[@for="{field.get("id")}"]')
    for button in page.xpath("//button | //a"):
        assert button.text_content().strip() or button.get("aria-label"), html.tostring(button)


def test_what_an_officer_typed_is_never_markup(app):
    hostile = "<img src=x onerror=alert(1)>"
    context = {"q": hostile, "cases": [{**case_sample(in_chinese), "name": hostile, "charge": hostile}]}

    said = render(app, "cases.html", {**context, "total": 1, "page": 1, "size": 30}, "zh")

    assert "<img" not in said
    assert "&lt;img" in said


def test_a_draft_cannot_leave_its_script(app):
    page = html.fromstring(render(app, "task.html", pages(in_chinese)["task.html"][0], "zh"))

    (script,) = page.xpath('//case-form/script[@type="application/json"]')
    assert json.loads(script.text)["data"]["opinion"] == "</script><script>alert(1)</script>"


def test_only_a_copy_is_marked_as_one(app):
    sheets = [
        html.fromstring(render(app, "transfer.html", pages(in_english)["transfer.html"][number], "en"))
        for number in (0, 1)
    ]

    assert [sheet.xpath("//h1/span[@class='tag quiet']/text()") for sheet in sheets] == [[], ["Copy"]]


def test_the_lists_group_by_how_near_the_limit_is(app):
    page = html.fromstring(render(app, "tasks.html", pages(in_english)["tasks.html"][0], "en"))

    groups = [head.text_content().strip() for head in page.xpath('//tr[@class="grp"]/th')]
    assert groups == ["Overdue 1", "Due within 3 days 3", "Due within 7 days 1", "Ample time 1", "No time limit 1"]
    assert [tile.text_content() for tile in page.xpath('//a[contains(@class, "tile")]/b')] == ["1", "3", "1", "1", "1"]


def test_every_template_is_tried_and_tells_what_it_is_given():
    found = {path.name for path in (WEB / "templates").glob("*.html")}

    assert found - {"base.html", "_macros.html"} == set(pages(in_chinese))
    assert all((WEB / "templates" / name).read_text(encoding="utf-8").startswith("{#") for name in found)


def test_every_icon_a_template_names_travels_with_the_bundle():
    known = set(json.loads((WEB / "frontend/icons.json").read_text(encoding="utf-8")))
    named = {
        name
        for path in (WEB / "templates").glob("*.html")
        for call in re.findall(r"(?:icon|entry|empty)\(([^)]*)", path.read_text(encoding="utf-8"))
        for name in re.findall(r'"([a-z0-9-]+)"', call)
    }

    words = {"mine", "pool", "done", "followed", "cases", "start", "transfers", "store", "supervise", "processes"}
    assert named - words <= known


@pytest.mark.parametrize(
    ("cookie", "path", "asked", "expected"),
    [
        ("", "/tasks", "en", "zh-CN"),
        ("language=en", "/tasks", "zh", "en"),
        ("language=xx", "/tasks", "en", "zh-CN"),
    ],
)
def test_pages_are_chinese_until_the_switch_says_english(app, cookie, path, asked, expected):
    with app.test_request_context(path, headers={"Cookie": cookie, "Accept-Language": asked}):
        page = html.fromstring(render_template("cases.html", q="", cases=[], total=0, page=1, size=30))

    assert page.get("lang") == expected


@pytest.mark.parametrize(
    ("due", "start", "expected"),
    [
        (None, None, ("none", "No time limit", "", None)),
        (NOW - timedelta(hours=2), None, ("overdue", "2 hours overdue", "2026-03-16 07:20", None)),
        (NOW - timedelta(days=1), None, ("overdue", "1 day overdue", "2026-03-15 09:20", None)),
        (NOW + timedelta(minutes=20), None, ("soon", "Less than an hour left", "2026-03-16 09:40", None)),
        (NOW + timedelta(hours=1), NOW - timedelta(hours=3), ("soon", "1 hour left", "2026-03-16 10:20", 75)),
        (datetime(2026, 3, 16, 16, tzinfo=UTC), None, ("soon", "Due today", "2026-03-16", None)),
        (datetime(2026, 3, 16, 15, 59, 59, tzinfo=UTC), None, ("soon", "Due today", "2026-03-16", None)),
        (datetime(2026, 3, 19, 16, tzinfo=UTC), None, ("soon", "3 days left", "2026-03-19", None)),
        (datetime(2026, 3, 20, 16, tzinfo=UTC), None, ("week", "4 days left", "2026-03-20", None)),
        (datetime(2026, 3, 23, 16, tzinfo=UTC), None, ("week", "7 days left", "2026-03-23", None)),
        (datetime(2026, 3, 24, 16, tzinfo=UTC), NOW, ("ok", "8 days left", "2026-03-24", 0)),
    ],
)
def test_a_limit_is_told_in_the_days_of_the_calendar(app, due, start, expected):
    with app.test_request_context("/", headers={"Cookie": "language=en"}):
        told = urgency(due, NOW, start=start)

    assert (told.state, told.words, told.due, told.percent) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 3, 15, 16, 30, tzinfo=UTC), "2026-03-16 00:30"),
        ("2026-03-15T16:30:00+00:00", "2026-03-16 00:30"),
        ("2026-03-16", "2026-03-16"),
        (None, ""),
        ("", ""),
    ],
)
def test_moments_are_written_in_the_time_of_china(app, value, expected):
    assert app.jinja_env.filters["moment"](value) == expected
    assert app.jinja_env.filters["day"](value) == expected[:10]
