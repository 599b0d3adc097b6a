"""A hand-over in a real browser: the giver at a desk, the receiver at a telephone, and both sign."""

import base64
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Page, expect

from app.domain.label import item_label
from tests.custody.kunshan import H03, H04, SAMPLING
from tests.end_to_end.browser import PHONE, Seat, chromium
from tests.end_to_end.handing_over import Prepared, prepare_items
from tests.end_to_end.server import running

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

NUMBER = "昆公（食药环）接字〔2026〕44号"
CLOCK = "2026-03-18T10:00+08:00"
OTHER = "ab" * 32
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVQI12NoAAAAggCB3UNq9AAAAABJRU5ErkJggg=="
)


def list_items(seat: Seat, known: Prepared, items: dict[str, str], *, signers: int = 1) -> str:
    """List items at the desk; give the path of the hand-over."""
    seat.open(f"/cases/{known.case_id}/handovers")
    for code, quantity in items.items():
        seat.page.locator(f"#item-{code}").check()
        seat.page.locator(f"#listed-{code}").fill(quantity)
    return make_the_list(seat, signers=signers)


def make_the_list(seat: Seat, *, signers: int = 1) -> str:
    """Say for whom what is chosen is; give the path of the hand-over."""
    page = seat.page
    page.get_by_label("接收单位").select_option(label="昆山市公安局")
    page.get_by_label("交接单编号").fill(NUMBER)
    page.get_by_label("移交后的存放地点").fill("涉案财物管理中心")
    for side in ("移交方签名人数", "接收方签名人数"):
        page.get_by_label(side).select_option(str(signers))
    page.get_by_role("button", name="开具交接单").click()
    page.wait_for_url("**/handovers/*")
    return page.url.removeprefix(seat.address)


def scan(page: Page, text: str) -> None:
    """Do as a scanner does that acts as a keyboard."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def focused(page: Page, element: str) -> None:
    expect(page.locator(f"[id='{element}']")).to_be_focused()


def row(page: Page, code: str):
    return page.locator(f"[id='count-{code}']")


def press(seat: Seat, handover: str, name: str, said: str) -> None:
    """Press a button of the hand-over as soon as it is the reader's turn: papers are made in between."""
    button = seat.page.get_by_role("button", name=name)
    for _ in range(150):
        seat.open(handover)
        if button.count() and button.is_enabled():
            break
        seat.page.wait_for_timeout(200)
    button.click()
    expect(seat.page.locator(".flash").first).to_contain_text(said)


def keep_with_a_photograph(page: Page, code: str, quantity: str, picture: Path) -> None:
    """Type a quantity, photograph the item, and keep the row: what was typed outlives the photograph."""
    picture.write_bytes(PICTURE)
    field = page.locator(f"#counted-{code}")
    field.fill(quantity)
    page.locator(f"#photo-{code}").set_input_files(picture)
    expect(row(page, code).locator(".shots img")).to_be_visible()
    expect(field).to_have_value(quantity)
    row(page, code).get_by_role("button", name="保存").tap()


def explain_the_boxes(page: Page, known: Prepared) -> None:
    """640 boxes are listed, 628 are there: the sampling record explains it, all by the keyboard."""
    scan(page, item_label(known.number, "E-01"))
    focused(page, "counted-E-01")
    page.keyboard.type("628")
    boxes = row(page, "E-01")
    expect(boxes.get_by_text("-12 盒")).to_be_visible()
    assert boxes.locator(".choice-of:visible input").evaluate_all("all => all.map((one) => one.value)") == [
        "sample_consumed",
        "count_error",
        "not_moved",
    ]
    page.locator("#seal-E-01").select_option("ok")
    page.locator("#counted-E-01").press("Enter")
    expect(boxes).to_contain_text("数量不符，须注明类别：清单 640，实点 628盒")
    focused(page, "class-sample_consumed-E-01")
    page.keyboard.press("Space")
    expect(page.locator("#proof-E-01")).to_have_value(SAMPLING)
    page.keyboard.press("Enter")
    expect(boxes).to_contain_text("差异已说明")
    focused(page, "scan")  # it was scanned: the hands go back there


def test_items_are_handed_over_at_a_desk_and_a_telephone(tmp_path: Path) -> None:
    known = prepare_items(tmp_path, processes=True)
    complaints: list[str] = []
    with running(tmp_path, clock=CLOCK) as address, chromium() as browser:
        chen = Seat(browser, address, "chen_guodong", complaints=complaints)
        shao = Seat(browser, address, "shao_jing", complaints=complaints, phone=True)
        listed = {"E-01": "640", "E-02": "36", "E-03": "1", "E-04": "1", "E-06": "1"}
        handover = list_items(chen, known, listed, signers=2)

        page = shao.page
        shao.open(handover)
        expect(page.get_by_role("button", name="扫码")).to_be_visible()
        expect(page.get_by_role("button", name="接收方签名")).to_be_disabled()
        page.locator("#scan").focus()
        explain_the_boxes(page, known)
        scan(page, "e-02")
        focused(page, "counted-E-02")
        page.keyboard.press("=")
        expect(row(page, "E-02")).to_contain_text("相符")
        focused(page, "scan")
        for code, found, onward in (("E-03", H03, "E-04"), ("E-04", H04, "E-06")):
            row(page, code).get_by_label("实测 SHA-256").fill(found.upper())
            row(page, code).get_by_role("button", name="= 相符").tap()
            expect(row(page, code).locator(".chip").first).to_have_text("相符")
            focused(page, f"counted-{onward}")
        keep_with_a_photograph(page, "E-06", "1", tmp_path / "E-06.png")
        expect(page.locator("#progress")).to_contain_text("5 / 5 已清点")
        assert not shao.scrolls_sideways()

        press(shao, handover, "清点完毕，提交", "流程进入下一步")
        press(chen, handover, "说明完毕，提交", "流程进入下一步")
        press(shao, handover, "清点完毕，提交", "流程进入下一步")
        press(shao, handover, "接收方签名", "等待其他签名")
        expect(page.get_by_text("您已签名，须由另一人签名")).to_be_visible()
        shen, wu = (Seat(browser, address, name, complaints=complaints) for name in ("shen_tao", "wu_min"))
        press(shen, handover, "接收方签名", "等待其他签名")
        press(chen, handover, "移交方签名", "等待其他签名")
        press(wu, handover, "移交方签名", "双方已签名")
        for seat in (chen, shao):
            seat.open(handover)
            expect(seat.page.get_by_role("heading", level=1)).to_contain_text("双方已签")
            assert [name for name in ("陈国栋", "吴敏", "邵静", "沈涛") if name not in seat.page.content()] == []
            assert not seat.scrolls_sideways()
        shao.open(f"/cases/{known.case_id}/items/E-01/acts/stored")
        expect(page.get_by_label("存放地点")).to_be_visible()
    assert complaints == []


def test_another_content_blocks_the_signature_until_the_hand_over_is_given_up(tmp_path: Path) -> None:
    known = prepare_items(tmp_path)
    complaints: list[str] = []
    with running(tmp_path, clock=CLOCK) as address, chromium() as browser:
        chen = Seat(browser, address, "chen_guodong", complaints=complaints)
        shao = Seat(browser, address, "shao_jing", complaints=complaints, phone=True)
        handover = list_items(chen, known, {"E-02": "36", "E-03": "1"})
        page = shao.page
        shao.open(handover)
        row(page, "E-02").get_by_role("button", name="= 相符").tap()
        page.locator("#hash_found-E-03").fill(OTHER)
        page.locator("#counted-E-03").fill("1")
        page.keyboard.press("Enter")
        data = row(page, "E-03")
        expect(data.get_by_role("group", name="校验值不一致 E-03")).to_contain_text("校验值不一致，不能签名")
        for hash_ in (H03, OTHER):
            expect(data.locator(".mismatch")).to_contain_text(hash_)
            expect(page.locator("#reconciling")).to_contain_text(hash_)
        expect(data).not_to_contain_text("差异须附证明")
        expect(page.get_by_role("button", name="接收方签名")).to_be_disabled()
        assert not shao.scrolls_sideways()
        chen.open(handover)
        expect(chen.page.get_by_role("button", name="移交方签名")).to_be_disabled()
        expect(chen.page.locator(".mismatch")).to_contain_text(OTHER)
        chen.page.get_by_text("取消本次交接", exact=True).click()
        chen.page.get_by_label("取消的原因").fill("订单数据与登记的校验值不一致，查明后另行移交")
        chen.page.get_by_role("button", name="取消交接").click()
        expect(chen.page.get_by_role("heading", level=1)).to_contain_text("已取消")
        shao.open(handover)
        expect(page.locator("#scan")).to_have_count(0)
    assert complaints == []


def test_hundreds_are_chosen_at_once_and_not_offered_again(tmp_path: Path) -> None:
    known = prepare_items(tmp_path, boxes=120)
    complaints: list[str] = []
    with running(tmp_path, clock=CLOCK) as address, chromium() as browser:
        chen = Seat(browser, address, "chen_guodong", complaints=complaints)
        page = chen.page
        chen.open(f"/cases/{known.case_id}/handovers")
        page.locator("#filter-items").fill("零散 B-1")
        page.get_by_label("全选筛选出的").check()
        expect(page.locator("[data-sum]")).to_have_text("已选 21 件：420 袋")
        page.locator("#filter-items").fill("零散")
        page.get_by_label("全选筛选出的").check()
        page.locator("#filter-items").fill("")
        page.locator("#listed-E-01").fill("640")  # a changed quantity chooses its item
        expect(page.locator("[data-sum]")).to_have_text("已选 121 件：2400 袋，640 盒")
        handover = make_the_list(chen)
        chen.open(f"/cases/{known.case_id}/handovers")
        expect(page.get_by_text("暂不能移交 121 件")).to_be_visible()
        assert page.locator('input[name="item"]').count() == 4
        chen.open(f"{handover}/print")
        assert page.locator("tbody tr").count() == 121
        page.set_viewport_size(PHONE)
        for path in (f"/cases/{known.case_id}/handovers", f"{handover}/print", handover):
            chen.open(path)
            assert not chen.scrolls_sideways(), path
    assert complaints == []


def test_any_item_of_a_long_list_is_found_by_its_label(tmp_path: Path) -> None:
    known = prepare_items(tmp_path, boxes=120)
    complaints: list[str] = []
    with running(tmp_path, clock=CLOCK) as address, chromium() as browser:
        chen = Seat(browser, address, "chen_guodong", complaints=complaints)
        chen.open(f"/cases/{known.case_id}/handovers")
        chen.page.get_by_label("全选筛选出的").check()
        handover = make_the_list(chen)
        shao = Seat(browser, address, "shao_jing", complaints=complaints)
        page = shao.page
        shao.open(handover)
        focused(page, "scan")
        assert page.locator(".count-row").count() == 50
        scan(page, item_label(known.number, "B-117"))
        focused(page, "counted-B-117")
        page.keyboard.type("20")
        scan(page, item_label(known.number, "B-118"))  # into the quantity: what was typed is kept, the label is found
        focused(page, "counted-B-118")
        expect(row(page, "B-117")).to_contain_text("待核对")  # its seal was not looked at
        page.keyboard.press("=")
        focused(page, "scan")
        expect(row(page, "B-118")).to_contain_text("相符")
        page.locator("#remark-B-118").evaluate(
            "remark => (remark.closest('.again').open = remark.closest('.f-more').open = true)"
        )
        page.locator("#remark-B-118").focus()
        scan(page, "外包装受潮" + item_label(known.number, "B-116"))  # into a remark, which is kept as it was
        focused(page, "counted-B-116")
        expect(page.locator("#remark-B-118")).to_have_value("外包装受潮")
        page.locator("body").click(position={"x": 5, "y": 5})
        scan(page, item_label(known.number, "B-119"))  # nothing is focused: no shortcut takes its letters
        focused(page, "counted-B-119")
        page.keyboard.press("ArrowDown")
        focused(page, "counted-B-116")
        page.locator("#counted-B-001").focus()
        page.keyboard.press("=")
        focused(page, "counted-B-002")  # by the keyboard it goes on in the list
        expect(page.locator("#progress")).to_contain_text("3 / 125 已清点 · 待核对 1")
        page.get_by_role("navigation", name="筛选").get_by_text("有差异").click()
        expect(page.locator(".count-row")).to_have_count(1)
    assert complaints == []


def test_a_label_that_means_nothing_here_says_so(tmp_path: Path) -> None:
    known = prepare_items(tmp_path)
    complaints: list[str] = []
    with running(tmp_path, clock=CLOCK) as address, chromium() as browser:
        handover = list_items(
            Seat(browser, address, "chen_guodong", complaints=complaints), known, {"E-02": "36", "E-06": "1"}
        )
        shao = Seat(browser, address, "shao_jing", complaints=complaints)
        page = shao.page
        shao.open(handover)
        for text, sentence in (
            ("XJ1:OTHER-1/B-001", "这是另一案件的标签：OTHER-1 的 B-001"),
            ("E-03", "本交接单上没有 E-03"),
        ):
            scan(page, text)
            expect(page.locator("#scan-said")).to_have_text(sentence)
            focused(page, "scan")  # selected: the next scan replaces it
        assert {words.partition("Failed")[2] for words in complaints} == {
            " to load resource: the server responded with a status of 422 (UNPROCESSABLE ENTITY)"
        }
        complaints.clear()
        scan(page, "E-02")
        focused(page, "counted-E-02")
        expect(page.locator("#scan-said")).to_be_empty()
    assert complaints == []


def test_a_telephone_reads_the_label_with_its_camera(tmp_path: Path) -> None:
    known = prepare_items(tmp_path, boxes=60)
    film = tmp_path / "label.y4m"
    film.write_bytes(film_of(item_label(known.number, "B-055")))
    camera = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    complaints: list[str] = []
    loaded: list[str] = []
    with running(tmp_path, clock=CLOCK) as address, chromium(*camera) as browser:
        chen = Seat(browser, address, "chen_guodong", complaints=complaints)
        handover = list_items(chen, known, {f"B-{number:03}": "20" for number in range(1, 61)})
        shao = Seat(browser, address, "shao_jing", complaints=complaints, phone=True)
        page = shao.page
        page.on("request", lambda request: loaded.append(request.url))
        shao.open(handover)
        page.wait_for_load_state("networkidle")
        assert not [url for url in loaded if "decode" in url]
        page.get_by_role("button", name="扫码").tap()
        focused(page, "counted-B-055")
        expect(page.locator("dialog.camera")).to_have_count(0)
        row(page, "B-055").get_by_role("button", name="= 相符").tap()
        expect(row(page, "B-055")).to_contain_text("相符")
        expect(page.get_by_role("button", name="扫码")).to_be_focused()
    assert complaints == []


def film_of(text: str) -> bytes:
    """Two seconds of a label held before a camera, as YUV4MPEG2."""
    matrix = [bytes(row) for row in segno.make(text, error="m").matrix_iter(scale=6, border=8)]
    width, height = 640, 480
    left, top = (width - len(matrix[0])) // 2, (height - len(matrix)) // 2
    luma = bytearray(b"\xd0" * (width * height))
    for y, line in enumerate(matrix, start=top):
        luma[y * width + left : y * width + left + len(line)] = bytes(16 if dark else 235 for dark in line)
    frame = b"FRAME\n" + bytes(luma) + b"\x80" * (width * height // 2)
    return f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 20
