"""The worked case at the keyboard: officers of two agencies do their steps in the browser, on a started server."""

import io
import re
import time
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, expect

from app.catalogue.stories import Step, read_story
from tests.end_to_end.browser import PHONE, Seat, chromium
from tests.end_to_end.server import prepare, running
from tests.end_to_end.test_kunshan_api import NUMBERS, STORY, Client, client_of, opened
from tests.houses import ROOT

pytestmark = pytest.mark.browser

CASE = "KS-2026-SY-0098"
AT_THE_BROWSER = {"chen_guodong", "xu_jianping", "shen_tao", "lu_zhiqiang"}
LAST = "Task_receive_filing_notice"
SEEN_BY = {
    "chen_guodong": {
        "adm_transfer_report",
        "adm_transfer_letter",
        "adm_investigation_report",
        "adm_party_notice_items_transferred",
        "pol_supplement_notice",
        "pol_filing_notice_adm",
    },
    "shen_tao": {
        "adm_transfer_letter",
        "adm_investigation_report",
        "pol_case_register",
        "pol_supplement_notice",
        "pol_filing_report",
        "pol_filing_decision",
        "pol_filing_notice_adm",
    },
}
LIMITS = {
    "行政执法机关正职负责人决定是否批准移送": "2026-03-16",  # D01: the 15th is a Sunday
    "行政执法机关向同级公安机关移送": "2026-03-14 10:00",  # D02: 24 hours, whatever the day
    "公安机关审查并决定立案或者不予立案": "2026-03-16",  # D06
    "行政执法机关移交涉案物品": "2026-03-19",  # D19
}
NAMES = {
    "adm_transfer_report": ("陈国栋", "许建平"),
    "adm_transfer_letter": ("周启航", "昆山市公安局"),
    "adm_investigation_report": ("周启航", "林晓棠"),
    "adm_party_notice_items_transferred": ("昆山禾穗堂健康用品有限公司",),
    "pol_case_register": ("沈涛",),
    "pol_supplement_notice": ("昆山市市场监督管理局",),
    "pol_filing_report": ("沈涛", "陆志强"),
    "pol_filing_decision": ("周启航",),
    "pol_filing_notice_adm": ("昆山市市场监督管理局",),
}


def test_the_case_is_done_at_the_keyboard(tmp_path: Path):
    story = read_story((ROOT / STORY).read_text(encoding="utf-8"), file=STORY)
    prepare(tmp_path)
    complaints: list[str] = []
    with running(tmp_path, clock="2026-03-12T08:00+08:00") as address, chromium() as browser:
        clients: dict[str, Client] = {}
        seats: dict[str, Seat] = {}
        for step in story.steps:
            who = client_of(clients, address, step.who)
            who.call("PUT", "demo/clock", {"now": (step.at or story.clock).isoformat()})
            task = opened(who, step.task)
            if step.who in AT_THE_BROWSER:
                do_at(seat_of(seats, browser, address, step.who, complaints), step, task["name"])
            else:
                who.call("POST", f"tasks/{task['id']}/claim")
                who.call("POST", f"tasks/{task['id']}/complete", {"answers": step.answers})
            if step.task == LAST:
                break
        for username, codes in SEEN_BY.items():
            wait_for_case(seats[username], codes)
            papers_are_right(seats[username], codes)
        for seat in (seats["chen_guodong"], seats["shen_tao"]):
            the_case_page_is_right(seat)
        at_phone_width(seats["shen_tao"])
    assert complaints == []


def seat_of(seats: dict[str, Seat], browser: Browser, address: str, who: str, complaints: list[str]) -> Seat:
    if who not in seats:
        seats[who] = Seat(browser, address, who, complaints=complaints)
    return seats[who]


def do_at(seat: Seat, step: Step, name: str) -> None:
    """Do a step: take it, answer it unless a draft has everything, check the answers where that is asked, confirm."""
    seat.take(CASE, name)
    page = seat.page
    drafted = page.locator("[data-draft-note]").inner_text().startswith("草稿保存于")
    if not drafted:
        seat.fill(step.answers)
    seat.submit()
    assert page.url.endswith(("/check", "/done")), page.locator("case-form > .error-summary").inner_text()
    if page.url.endswith("/check"):
        for check, reason in step.answers.get("preflight", {}).items():
            page.locator(f"#preflight-{check}").fill(reason)
        page.get_by_role("button", name="核对无误，确认提交").click()
        page.wait_for_url("**/done")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"已办结: {name}")


def to_the_case(seat: Seat) -> None:
    seat.open(f"/cases?q={CASE}")
    expect(seat.page.get_by_role("heading", level=1)).to_have_text("周启航等人涉嫌销售假药案")


def wait_for_case(seat: Seat, codes: set[str]) -> None:
    """Documents are printed in the background: look again until the page lists them all."""
    for _ in range(150):
        to_the_case(seat)
        words = seat.page.locator("main").inner_text()
        missing = [code for code in codes if NUMBERS[code][0] not in words]
        if not missing:
            return
        time.sleep(0.2)
    raise AssertionError(f"{seat.username} does not see {missing}")


def papers_are_right(seat: Seat, codes: set[str]) -> None:
    for code in sorted(codes):
        number, date = NUMBERS[code]
        row = seat.page.get_by_role("row").filter(has_text=number)
        expect(row).to_contain_text(date)
        with seat.page.expect_download() as download:
            row.get_by_role("link", name=f"下载 {number}").click()
        with Path(download.value.path()).open("rb") as file:
            text = text_of(file.read())
        year, month, day = (int(part) for part in date.split("-"))
        for words in (number, f"{year}年{month}月{day}日", *NAMES[code]):
            assert words in text, f"{code} lacks {words}: {text}"


def text_of(pdf: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))


def the_case_page_is_right(seat: Seat) -> None:
    to_the_case(seat)
    expect(seat.page.locator(".djs-container svg").first).to_be_visible()
    packages = seat.page.locator("section").filter(has=seat.page.get_by_role("heading", name="移送和签收"))
    expect(packages.get_by_role("row").filter(has_text="2026-03-13 15:50 沈涛")).to_have_count(1)
    for name, due in LIMITS.items():
        expect(seat.page.locator(".deadlines > li").filter(has_text=name).first).to_contain_text(due)
    if seat.username == "chen_guodong":  # a row's own answers decide what is asked of it: the hash of electronic data
        expect(seat.page.get_by_role("row").filter(has_text="网店订单数据")).to_contain_text("3806e9daa666")
    words = seat.page.locator("body").inner_text()
    assert "None" not in words
    assert not re.search(r"\d{4}-\d\d-\d\dT\d\d", words)


def at_phone_width(seat: Seat) -> None:
    seat.page.set_viewport_size(PHONE)
    to_the_case(seat)
    assert not seat.scrolls_sideways()
    for path in ("/tasks", "/tasks?tab=pool", "/tasks?tab=done", "/transfers?all=1"):
        seat.open(path)
        assert not seat.scrolls_sideways(), path
