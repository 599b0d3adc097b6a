"""An officer photographs an item at a real browser: chosen or taken with the phone, it stands on the item's page."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.services import custody
from app.services.custody import Cause
from app.services.demo import PASSWORD
from app.storage import facts
from app.wiring import House, plain_renderer
from tests.builders import a_case
from tests.end_to_end.browser import PHONE, Seat, chromium
from tests.end_to_end.server import running
from tests.files.pictures import png
from tests.houses import a_config
from tests.services.asking import put_people

pytestmark = pytest.mark.browser


def prepared(folder: Path) -> str:
    """Give a case with one item in custody."""
    house = House(a_config(folder), renderer=plain_renderer())
    try:
        house.migrate()
        people = put_people(house, password=PASSWORD)
        asker = people["asker"]
        with house.work() as work:
            case_id = str(a_case(work.connection, agency_id=asker.agency_id).id)
            row = {"code": "E-01", "name": "虚构手机", "category": "物证", "qty": 1, "unit": "部"}
            facts.put_rows(work.connection, "items", case_id=case_id, agency_id=asker.agency_id, rows=[row])
            cause = Cause(why="涉嫌犯罪", document="虚扣〔2026〕1号", beside=[people["colleague"].id])
            custody.seize(work, asker, case_id, "E-01", cause, place="一号库房")
        return case_id
    finally:
        house.close()


def test_a_photograph_is_brought_to_an_item_at_the_desk_and_taken_with_the_phone(tmp_path: Path) -> None:
    case_id = prepared(tmp_path)
    desk, phone, wrong = tmp_path / "封条.png", tmp_path / "IMG_0001.png", tmp_path / "图.png"
    desk.write_bytes(png(40, 30))
    phone.write_bytes(png(30, 40))
    wrong.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    complaints: list[str] = []
    with running(tmp_path, clock="2026-03-12T08:30+08:00") as address, chromium() as browser:
        seat = Seat(browser, address, "asker", complaints=complaints)
        page = seat.page
        seat.open(f"/cases/{case_id}/items/E-01")
        page.get_by_role("button", name="上传或者拍照").click()
        page.locator("#upload-file").set_input_files(desk)
        page.locator("#upload-shows").select_option("before_seal")
        page.locator("#upload-name").fill("封存前的封口")
        page.get_by_role("button", name="开始上传").click()
        photos = page.locator(".photos li")
        expect(photos).to_have_count(1)
        expect(photos.first).to_contain_text("封存前")
        expect(photos.first.locator("img")).to_have_js_property("naturalWidth", 40)
        assert not seat.scrolls_sideways()

        page.set_viewport_size(PHONE)
        seat.open(f"/cases/{case_id}/items/E-01")
        page.get_by_role("button", name="上传或者拍照").click()
        page.locator("#upload-role").select_option("proof")
        expect(page.locator("#upload-shows")).to_be_disabled()
        page.locator("#upload-camera").set_input_files(phone)
        expect(page.locator("#upload-role")).to_have_value("photo")
        page.get_by_role("button", name="开始上传").click()
        expect(photos).to_have_count(2)
        expect(photos.last.locator("img")).to_have_js_property("naturalHeight", 40)
        assert not seat.scrolls_sideways()
        assert complaints == []

        page.get_by_role("button", name="上传或者拍照").click()
        page.locator("#upload-file").set_input_files(wrong)
        page.get_by_role("button", name="开始上传").click()
        expect(page.locator("#uploads li").get_by_role("status")).to_contain_text("内容不是照片")
        assert all("422" in words for words in complaints)
        complaints.clear()

        photos.first.get_by_text("撤回").first.click()
        photos.first.get_by_label("为什么撤回").fill("拍的是另一件")
        page.on("dialog", lambda asked: asked.accept())
        photos.first.get_by_role("button", name="撤回关联").click()
        expect(page.locator(".flash")).to_contain_text("已撤回")
        expect(photos).to_have_count(1)
        expect(page.locator(".withdrawn")).to_contain_text("已撤回 1 项")
    assert complaints == []
