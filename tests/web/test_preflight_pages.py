"""Pre-flight on pages and in the API: told before the button, answered by plain POST."""

import pytest

from app.services import publishing
from tests.services.asking import the_files
from tests.web.calling import Caller, opened, the_task, token_for
from tests.web.test_pages import Reader

CHECKS = """
checks:
  - id: too_short
    task: Task_ask
    severity: warn
    when: len(question or '') < 3
    zh: 问题太短：{question}
    en: "The question is too short: {question}"
    article: 虚构规定第1条
    status: from memory
  - id: negative
    task: Task_ask
    severity: block
    when: amount == 13
    zh: 金额不吉利
    en: An unlucky amount
    article: 虚构规定第2条
    status: verified
    mend: amount
"""


@pytest.fixture
def task_id(house, people):
    with house.work() as work:
        publishing.publish_all(work, {**the_files(), "bpmn/ask_help/preflight.yaml": CHECKS.encode()})
    return the_task(house, opened(house, people["asker"]))


@pytest.fixture
def browser(served, people, task_id):
    del people
    reader = Reader(served)
    reader.sign_in("asker")
    reader.send(f"/tasks/{task_id}/claim")
    reader.open(f"/tasks/{task_id}")
    return reader


def said(answer):
    return answer.get_data(as_text=True)


def test_a_warning_is_answered_by_plain_post(browser, task_id):
    browser.script("PUT", f"/tasks/{task_id}/draft", {"answers": {"question": "<b"}})
    page = said(browser.open(f"/tasks/{task_id}"))
    assert "发送前核验" in page
    assert "问题太短：&lt;b" in page
    assert "待核实" in page
    answer = browser.send(f"/tasks/{task_id}/preflight", **{"preflight-too_short": "急件"})
    assert answer.headers["Location"].endswith(f"/tasks/{task_id}#preflight")
    assert ">急件</textarea>" in said(browser.open(f"/tasks/{task_id}"))
    browser.script("PUT", f"/tasks/{task_id}/draft", {"answers": {"question": "？"}})
    assert ">急件</textarea>" in said(browser.open(f"/tasks/{task_id}/check"))
    assert browser.send(f"/tasks/{task_id}/confirm").headers["Location"] == f"/tasks/{task_id}/done"


def test_without_a_reason_the_page_comes_back_and_says_where(browser, task_id):
    told = browser.script("POST", f"/tasks/{task_id}/complete", {"answers": {"question": "？"}})
    assert told.get_json() == {"next": f"/tasks/{task_id}/check"}
    browser.open(f"/tasks/{task_id}/check")
    answer = browser.send(f"/tasks/{task_id}/confirm", **{"preflight-too_short": "  "})
    assert answer.status_code == 422
    assert 'id="preflight-too_short-error"' in said(answer)
    assert (
        browser.send(f"/tasks/{task_id}/confirm", **{"preflight-too_short": "急件"}).headers["Location"]
        == f"/tasks/{task_id}/done"
    )


def test_a_blocking_fault_disables_the_button_and_leads_to_its_field(browser, task_id):
    browser.script("PUT", f"/tasks/{task_id}/draft", {"answers": {"question": "很长的问题", "amount": 13}})
    page = said(browser.open(f"/tasks/{task_id}/check"))
    assert f'href="/tasks/{task_id}#amount"' in page
    assert '<button class="btn btn-primary" disabled>' in page
    answer = browser.send(f"/tasks/{task_id}/confirm", **{"preflight-negative": "没有关系"})
    assert answer.status_code == 422
    assert "金额不吉利" in said(answer)


def test_htmx_gets_the_panel_alone(browser, task_id):
    answer = browser.script("POST", f"/tasks/{task_id}/preflight", **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert said(answer).strip().startswith('<form id="preflight"')


def test_an_unknown_check_in_a_reason_breaks_no_page(browser, task_id):
    browser.send(f"/tasks/{task_id}/preflight", **{"preflight-nothing": "无"})
    assert browser.open(f"/tasks/{task_id}").status_code == 200
    assert browser.open(f"/tasks/{task_id}/check").status_code == 200


def test_a_client_reads_the_findings_and_is_refused_by_their_names(served, people, task_id):
    del people
    caller = Caller(served, token_for(served, "asker"))
    caller.post(f"/tasks/{task_id}/claim")
    found = caller.post(f"/tasks/{task_id}/preflight", {"answers": {"question": "？", "amount": 13}}).get_json()
    assert [(row["id"], row["severity"], row["settled"], row["status"]) for row in found] == [
        ("negative", "block", False, "verified"),
        ("too_short", "warn", False, "from memory"),
    ]
    assert [row["id"] for row in caller.get(f"/tasks/{task_id}/preflight").get_json()] == ["too_short"]
    refused = caller.post(f"/tasks/{task_id}/complete", {"answers": {"question": "？"}})
    assert refused.status_code == 422
    assert list(refused.get_json()["errors"]) == ["preflight.too_short"]
    answers = {"question": "？", "preflight": {"too_short": "急件"}}
    assert caller.post(f"/tasks/{task_id}/preflight", {"answers": answers}).get_json()[0]["settled"] is True
    assert caller.post(f"/tasks/{task_id}/complete", {"answers": answers}).status_code == 200
