"""Officers at a real Chromium: each in a context of their own, filling the forms of the pages by their keys."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.services.demo import PASSWORD

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LISTS_OF_CHOICE = ("radio", "checklist")


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Start Chromium, with more arguments if need be, and close it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *more])
        try:
            yield browser
        finally:
            browser.close()


class Seat:
    """One officer at a browser in China; whatever the console or the page complains of is kept in `complaints`."""

    def __init__(
        self, browser: Browser, address: str, username: str, *, complaints: list[str], phone: bool = False
    ) -> None:
        self.address = address
        self.username = username
        self.complaints = complaints
        self.context = browser.new_context(
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            is_mobile=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " (event) => console.error(`${event.violatedDirective} forbids ${event.blockedURI}`))"
        )
        self.sign_in()

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self._complain(message.text)

    def _complain(self, words: str) -> None:
        self.complaints.append(f"{self.username} at {self.page.url}: {words}")

    def open(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(f"{self.address}{path}")

    def sign_in(self) -> None:
        """Sign in by the form."""
        self.open("/sign-in")
        self.page.get_by_label("用户名").fill(self.username)
        self.page.get_by_label("密码", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url("**/tasks")

    def take(self, case: str, task: str) -> None:
        """Open a task of a case: from my own list, or out of the pool when nobody has it."""
        self.open(f"/tasks?q={case}")
        mine = self.row(case, task)
        if mine.count():
            mine.get_by_role("link", name="办理").click()
        else:
            self.open(f"/tasks?tab=pool&q={case}")
            self.row(case, task).get_by_role("button", name="领办").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(task)
        expect(self.page.locator("case-form .fjs-form")).to_be_visible()

    def row(self, case: str, task: str) -> Any:
        """The row of a task in a list."""
        return self.page.locator("[data-row]").filter(has_text=case).filter(has_text=task)

    def submit(self) -> None:
        """Press the button under the form and come to the next page, or to the summary of what needs attention."""
        self.page.locator("[data-submits]").click()
        summary = self.page.locator("case-form > .error-summary:not([hidden])")
        for _ in range(300):
            if self.page.url.endswith(("/check", "/done")) or summary.count():
                return
            self.page.wait_for_timeout(50)

    def fill(self, answers: Mapping[str, Any]) -> None:
        """Fill the form of the page with answers by key, as somebody at the keyboard would."""
        text = self.page.locator('case-form script[type="application/json"]').text_content()
        given = json.loads(text or "")
        for part in _level(given["schema"]["components"]):
            key = part.get("key") or part.get("path")
            if key in answers and not part.get("readonly"):
                self._fill_part(part, answers[key], "", given["options"])

    def _fill_part(self, part: Mapping[str, Any], answer: Any, row: str, options: Mapping[str, Any]) -> None:
        kind = part["type"]
        field = f'[id^="fjs-form-"][id$="-{part["id"]}{row}'
        if kind == "dynamiclist":
            self._fill_rows(part, answer, options)
        elif kind == "datetime":
            self._fill_moment(part, answer, field)
        elif kind in LISTS_OF_CHOICE:
            values = [option["value"] for option in part["values"]]
            for one in answer if isinstance(answer, list) else [answer]:
                self.page.locator(f'{field}-{values.index(one)}"]').check()
        elif kind in ("select", "taglist"):
            offered = part.get("values") or options[part["valuesKey"]]
            labels = {option["value"]: option["label"] for option in offered}
            for one in answer if isinstance(answer, list) else [answer]:
                self._choose(field, labels[one])
            self.page.keyboard.press("Tab")
        else:
            self.page.locator(f'{field}"]').fill(str(answer))

    def _fill_rows(self, part: Mapping[str, Any], rows: Sequence[Any], options: Mapping[str, Any]) -> None:
        whole = self.page.locator(".fjs-form-field-dynamiclist").filter(
            has=self.page.locator(f'label[id$="-{part["id"]}"]')
        )
        while whole.locator(".fjs-repeat-row-rows").count() < len(rows):
            before = whole.locator(".fjs-repeat-row-rows").count()
            whole.get_by_role("button", name="新增一行").click()
            expect(whole.locator(".fjs-repeat-row-rows")).to_have_count(before + 1)
            self.drawn()
        for number, row in enumerate(rows):
            for cell in _level(part["components"]):
                if cell.get("key") in row and not cell.get("readonly"):
                    self._fill_part(cell, row[cell["key"]], f"_{number}", options)

    def _fill_moment(self, part: Mapping[str, Any], answer: str | datetime, field: str) -> None:
        moment = datetime.fromisoformat(str(answer))
        if part["subtype"] != "time":
            day = self.page.locator(f'{field}-date"]')
            day.fill(f"{moment:%Y/%m/%d}")
            self.drawn()
            day.press("Enter")
            self.drawn()
        if part["subtype"] != "date":
            hour = self.page.locator(f'{field}-time"]')
            hour.fill(f"{moment:%H:%M}")
            self.drawn()
            hour.press("Tab")
            self.drawn()
            expect(hour).to_have_value(f"{moment:%H:%M}")

    def drawn(self) -> None:
        """Wait until the page has been drawn: no hand is faster, and a form takes one key at a time."""
        self.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    def _choose(self, field: str, label: str) -> None:
        self.drawn()
        choice = self.page.locator(".fjs-dropdownlist-item").get_by_text(label, exact=True)
        if not choice.is_visible():  # a field that the Tab key came to has opened already
            shown = self.page.locator(f'{field}-display"]')  # a field that searches its choices has none
            (shown if shown.count() else self.page.locator(f'{field}"]')).click()
        choice.click()

    def scrolls_sideways(self) -> bool:
        """Tell whether the page is wider than its window."""
        wide = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert isinstance(wide, bool)
        return wide


def _level(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for part in components:
        if part["type"] == "group":
            yield from _level(part["components"])
        else:
            yield part
