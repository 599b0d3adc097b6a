"""An officer uploads at a real browser: the line breaks, the page is closed, and the file arrives whole."""

import hashlib
import os
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from app.services.demo import PASSWORD
from app.wiring import House, plain_renderer
from tests.builders import a_case
from tests.end_to_end.browser import PHONE, Seat, chromium
from tests.end_to_end.server import running
from tests.houses import a_config
from tests.services.asking import put_people

pytestmark = pytest.mark.browser

PIECE = 16 * 1024 * 1024
SIZE = 2 * PIECE + 1_234_567


def prepared(folder: Path) -> str:
    house = House(a_config(folder), renderer=plain_renderer())
    try:
        house.migrate()
        people = put_people(house, password=PASSWORD)
        with house.work() as work:
            return str(a_case(work.connection, agency_id=people["asker"].agency_id).id)
    finally:
        house.close()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def choose(page: Page, path: Path, **fields: str) -> None:
    page.get_by_role("button", name="上传材料").click()
    page.locator("#upload-file").set_input_files(path)
    for name, value in fields.items():
        page.locator(f"#upload-{name}").fill(value)
    page.get_by_role("button", name="开始上传").click()


def test_an_upload_outlives_a_broken_line_and_a_closed_page(tmp_path: Path) -> None:
    case_id = prepared(tmp_path)
    film = tmp_path / "现场录像.mp4"
    film.write_bytes(b"\0\0\0\x20ftypisom" + os.urandom(SIZE - 12))
    sha256 = hashlib.sha256(film.read_bytes()).hexdigest()
    complaints: list[str] = []
    requests: list[tuple[str, str]] = []
    with running(tmp_path, clock="2026-03-12T08:30+08:00") as address, chromium() as browser:
        seat = Seat(browser, address, "asker", complaints=complaints)
        page = seat.page
        seat.open(f"/cases/{case_id}")
        assert not seat.scrolls_sideways()
        page.on("request", lambda request: requests.append((request.method, request.url)))

        def break_after_the_first(route: Route) -> None:
            if [method for method, _ in requests].count("PATCH") > 1:
                route.abort()
            else:
                route.continue_()

        page.route("**/uploads/*", break_after_the_first)
        choose(page, film, name="现场录像", sha256=sha256)
        row = page.locator("#uploads li")
        expect(row.locator("progress")).to_have_js_property("value", PIECE)
        row.get_by_role("button", name="暂停").click()
        expect(row.get_by_role("status")).to_have_text("已暂停")
        page.unroute("**/uploads/*")
        complaints.clear()

        seat.open(f"/cases/{case_id}")
        choose(page, film, name="现场录像", sha256=sha256)
        expect(page.locator("#said")).to_have_text("已保存：现场录像.mp4")
        expect(page.locator("#uploads li")).to_have_count(0)
        assert [method for method, _ in requests].count("POST") == 1
        link = page.locator("#files").get_by_role("link", name="现场录像")
        expect(link).to_be_visible()
        expect(page.locator("#files")).to_contain_text(sha256[:12])

        link.click()
        expect(page.locator("video")).to_be_visible()
        expect(page.locator("aside")).to_contain_text(sha256)
        page.get_by_role("button", name="下载").click()
        page.get_by_label("下载事由").fill("核对原件")
        with page.expect_download() as saved:
            page.locator("#download").get_by_role("button", name="下载").click()
        assert saved.value.suggested_filename == "现场录像.mp4"
        assert hashlib.sha256(Path(saved.value.path()).read_bytes()).hexdigest() == sha256
        page.set_viewport_size(PHONE)
        assert not seat.scrolls_sideways()
    assert complaints == []


def test_a_wrong_hash_is_told_on_the_page_and_a_picture_is_shown(tmp_path: Path) -> None:
    case_id = prepared(tmp_path)
    picture = tmp_path / "现场.png"
    picture.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0\x80"))
        + chunk(b"IEND", b"")
    )
    complaints: list[str] = []
    with running(tmp_path, clock="2026-03-12T08:30+08:00") as address, chromium() as browser:
        seat = Seat(browser, address, "asker", complaints=complaints)
        page = seat.page
        seat.open(f"/cases/{case_id}")
        choose(page, picture, sha256="ab" * 32)
        note = page.locator("#uploads li").get_by_role("status")
        expect(note).to_contain_text("SHA-256 不符")
        expect(page.locator("#files")).to_contain_text("还没有本单位可见的材料")
        assert all("422" in words for words in complaints)
        complaints.clear()

        page.set_viewport_size(PHONE)
        seat.open(f"/cases/{case_id}")
        choose(page, picture)
        page.locator("#files").get_by_role("link", name="现场.png").click()
        image = page.locator(".preview img")
        expect(image).to_have_js_property("naturalWidth", 1)
        assert not seat.scrolls_sideways()
    assert complaints == []
