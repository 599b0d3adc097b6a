"""Forms and lists at a real browser: faults, drafts, races, languages, the keyboard, and the way back from checking."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.browser import Seat, chromium
from tests.end_to_end.server import prepare, running
from tests.end_to_end.test_kunshan_api import Client

pytestmark = pytest.mark.browser

WORKED = "KS-2026-SY-0098"
OTHERS = ("KS-2026-SY-0201", "KS-2026-SY-0202", "KS-2026-SY-0203")
REPORT, REPORT_EN = "提出移送书面报告", "Write the transfer report"
FIRST_ID = '[id$="-Field_parties_id_no_0"]'
ID_NUMBER, CRIME = "320583198604129999", "销售假药罪"
CHARGE = '[id$="-Field_charge"]'


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("forms")
    prepare(folder)
    with running(folder, clock="2026-03-12T17:00+08:00") as served:
        opener = Client(served, "wu_min")
        for number in OTHERS:
            opener.call("POST", "cases", {"process": "case_transfer", "name": f"待领案件 {number}", "number": number})
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def chen(browser: Browser, address: str) -> Iterator[Seat]:
    seat = Seat(browser, address, "chen_guodong", complaints=[])
    yield seat
    seat.context.close()


def report_of(seat: Seat) -> Page:
    """The page of the drafted report."""
    seat.take(WORKED, REPORT)
    expect(seat.page.locator(FIRST_ID)).to_have_value(ID_NUMBER)
    expect(seat.page.locator(CHARGE)).to_have_value(CRIME)
    return seat.page


def type_and_save(seat: Seat, field: str, text: str) -> None:
    with seat.page.expect_response("**/draft"):
        seat.page.locator(field).fill(text)
    expect(seat.page.locator("[data-draft-note]")).to_contain_text("已保存")


def test_what_the_server_refuses_stands_at_the_field_and_on_top(chen: Seat):
    page = report_of(chen)
    type_and_save(chen, FIRST_ID, "320583198604120000")
    chen.submit()
    summary = page.locator("case-form > .error-summary")
    expect(summary).to_contain_text("有 1 处需要修改")
    expect(summary).to_contain_text(re.compile("公民身份号码（第 1 行）：.+"))
    field = page.locator(".fjs-form-field-textfield").filter(has=page.locator(FIRST_ID))
    expect(field.locator(".fjs-form-field-error")).not_to_be_empty()
    summary.get_by_role("link").click()
    expect(page.locator(FIRST_ID)).to_be_focused()
    assert [words for words in chen.complaints if "422" not in words] == []
    type_and_save(chen, FIRST_ID, ID_NUMBER)


def test_a_draft_outlives_a_reload(chen: Seat):
    page = report_of(chen)
    type_and_save(chen, CHARGE, "销售假药罪（草稿）")
    page.reload()
    expect(page.locator(CHARGE)).to_have_value("销售假药罪（草稿）")
    type_and_save(chen, CHARGE, CRIME)
    assert chen.complaints == []


def test_english_keeps_the_page_and_speaks_of_its_fields(chen: Seat):
    page = report_of(chen)
    where = page.url
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(REPORT_EN)
    assert page.url.rstrip("?") == where
    expect(page.get_by_label("Suspected crime")).to_have_value(CRIME)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(REPORT)
    assert chen.complaints == []


def test_the_way_back_from_checking_keeps_the_answers(chen: Seat):
    page = report_of(chen)
    page.locator('[id$="-Field_source_no"]').fill("昆市监源〔2026〕213号")
    chen.submit()
    expect(page).to_have_url(re.compile("/check$"))
    expect(page.locator(".answers")).to_contain_text("昆市监源〔2026〕213号")
    expect(page.locator(".answers")).to_contain_text("陈国栋、吴敏")
    page.locator(".answers > div").filter(has_text="213号").get_by_role("link", name="修改").click()
    expect(page.locator('[id$="-Field_source_no"]')).to_have_value("昆市监源〔2026〕213号")
    assert chen.complaints == []


def test_the_last_key_before_control_and_enter_is_sent(chen: Seat):
    page = report_of(chen)
    number = page.locator('[id$="-Field_source_no"]')
    number.fill("昆市监源〔2026〕214")
    number.press_sequentially("号")
    number.press("Control+Enter")
    expect(page.locator(".answers")).to_contain_text("昆市监源〔2026〕214号")
    assert chen.complaints == []


def test_who_comes_second_is_told_who_was_first(chen: Seat, browser: Browser, address: str):
    wu = Seat(browser, address, "wu_min", complaints=[])
    for seat in (chen, wu):
        seat.open(f"/tasks?tab=pool&q={OTHERS[0]}")
    chen.page.get_by_role("button", name="领取").click()
    expect(chen.row(OTHERS[0], REPORT).get_by_role("link", name="办理")).to_be_visible()
    wu.page.get_by_role("button", name="领取").click()
    expect(wu.page.get_by_role("status").filter(has_text="已被陈国栋")).to_contain_text(
        re.compile("已被陈国栋于.+领取")
    )
    assert [words for words in wu.complaints if "409" not in words] == []
    wu.context.close()


def test_a_list_is_worked_from_the_keyboard(chen: Seat):
    page = chen.page
    chen.open("/tasks?tab=pool")
    rows = page.locator("[data-row]")
    assert rows.count() >= 2
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("c")
    expect(rows.nth(0).get_by_role("link", name="办理")).to_be_visible()
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(REPORT)
    assert chen.complaints == []
