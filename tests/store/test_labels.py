"""Labels as they come out of the printer: to the millimetre, and read back by a decoder; and the report as PDF."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from app.domain.custody_chain import digest
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.label import item_label, place_label, read_label
from app.domain.store_label import HEIGHT, SHEETS, WIDTH, read_sheet, read_start, spots
from app.rendering.pdf import PdfRenderer
from app.rendering.qr import qr_picture
from app.services import store_papers, store_takes
from app.services.store_papers import Choice, Paper
from tests.houses import ROOT
from tests.rendering.shared import LAYOUTS
from tests.store.shop import Shop

DOTS = 8
"""Of the picture, in a millimetre (203 dpi, the coarsest printer of labels)."""


@pytest.fixture(scope="module")
def renderer() -> Iterator[PdfRenderer]:
    one = PdfRenderer(ROOT / "var/fonts")
    yield one
    one.close()


def printed(renderer: PdfRenderer, paper: Paper) -> bytes:
    return renderer.render_document(
        template=paper.template, layouts=paper.layouts, data=paper.data, created=datetime(2026, 3, 19, tzinfo=UTC)
    )


def drawn(pdf: bytes, *, first: int = 1) -> list[Image.Image]:
    with closing(PdfDocument(pdf)) as document:
        pages = [document[number] for number in range(first - 1, len(document))]
        return [page.render(scale=DOTS * 25.4 / 72, grayscale=True).to_pil() for page in pages]


def read(pages: Sequence[Image.Image]) -> list[tuple[int, str, float, float]]:
    """Give page, text and the middle of each code in millimetres, as a decoder finds them."""
    found = []
    for number, page in enumerate(pages):
        for code in zxingcpp.read_barcodes(page):
            corner, across = code.position.top_left, code.position.bottom_right
            middle = ((corner.x + across.x) / 2 / DOTS, (corner.y + across.y) / 2 / DOTS)
            found.append((number, code.text, *middle))
    return sorted(found, key=lambda one: (one[0], round(one[3]), one[2]))


@pytest.mark.parametrize(("key", "start"), [("3x8", 23), ("2x7", 13), ("4x10", 38)])
def test_each_label_lies_where_the_sheet_has_it_and_is_read_back(
    shop: Shop, renderer: PdfRenderer, key: str, start: int
) -> None:
    sheet = read_sheet(key)
    items = [shop.item(code) for code in ("P-01", "P-02", "P-03", "P-04")]
    paper = store_papers.label_paper(shop.work, shop.people["shao"], Choice(items=items), sheet, start=start)
    pdf = printed(renderer, paper)
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 2
    assert {
        (round(float(page.mediabox.width) / 72 * 25.4), round(float(page.mediabox.height) / 72 * 25.4))
        for page in pages
    } == {(WIDTH, HEIGHT)}
    found = read(drawn(pdf))
    number = shop.case.number
    assert [text for _, text, _, _ in found] == [item_label(number, f"P-0{n}") for n in range(1, 5)]
    for (page, _, x, y), spot in zip(found, spots(sheet, start=start, count=4), strict=True):
        middle = (spot.x + 2 + sheet.qr / 2, spot.y + sheet.height / 2)
        assert page == spot.page
        assert (x, y) == pytest.approx(middle, abs=0.4)
    words = "".join(page.extract_text() for page in pages)
    assert [word for word in ("P-01", "冷冻牛肉", "12.5 kg", "封-1", "昆山市pol机关") if word not in words] == []


def test_a_label_says_of_the_case_its_number_and_nothing_else(shop: Shop) -> None:
    paper = store_papers.label_paper(
        shop.work, shop.people["shao"], Choice(items=[shop.item("P-01")]), SHEETS["3x8"], start=1
    )
    ((label,),) = paper.data["pages"]
    assert read_label(label["text"]).case == shop.case.number
    assert shop.case.name not in str(label["lines"])
    assert shop.case.charge not in str(label["lines"])


def test_300_labels_fill_thirteen_sheets(renderer: PdfRenderer) -> None:
    sheet = SHEETS["3x8"]
    lying: dict[int, list[dict[str, object]]] = {}
    for number, spot in enumerate(spots(sheet, start=1, count=300)):
        text = item_label("虚构案〔2026〕1号", f"E-{number}")
        lines = [{"class": "code hei", "words": f"E-{number}"}]
        label = {"text": text, "picture": qr_picture(text), "lines": lines, "x": spot.x, "y": spot.y}
        lying.setdefault(spot.page, []).append(label)
    data = {"agency": {"name": "虚构局"}, "pages": list(lying.values()), "sheet": store_papers.measures(sheet)}
    template = store_papers.paper_template("labels", "标签", "Labels")
    pdf = renderer.render_document(
        template=template, layouts=LAYOUTS, data=data, created=datetime(2026, 3, 19, tzinfo=UTC)
    )
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 13
    (last,) = drawn(pdf, first=13)
    assert {text for _, text, _, _ in read([last])} == {
        item_label("虚构案〔2026〕1号", f"E-{number}") for number in range(288, 300)
    }


def test_no_label_reaches_over_the_edge_of_its_sheet() -> None:
    for sheet in SHEETS.values():
        lying = list(spots(sheet, start=1, count=sheet.count))
        assert {spot.page for spot in lying} == {0}
        assert min(spot.x for spot in lying) >= 0
        assert max(spot.x for spot in lying) + sheet.width <= WIDTH
        assert max(spot.y for spot in lying) + sheet.height <= HEIGHT
        assert sheet.qr + 2 < sheet.width / 2 + 8
        assert sheet.qr < sheet.height


@pytest.mark.parametrize("start", ["0", "25", "-1", "1.5", "", "²", "9" * 400])
def test_a_sheet_begins_at_one_of_its_labels(start: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_start(start, SHEETS["3x8"])
    assert refused.value.at == "start"
    with pytest.raises(Invalid) as refused:
        read_sheet("5x5")
    assert refused.value.at == "sheet"


def test_labels_are_chosen_by_place_case_hand_over_and_for_places(shop: Shop) -> None:
    shao, work = shop.people["shao"], shop.work

    def codes(choice: Choice) -> list[str]:
        return [row.code for row in store_papers.chosen_items(work, shao, choice)]

    assert codes(Choice(place=shop.places["A"])) == ["P-01", "P-02", "P-03", "P-04"]
    assert codes(Choice(case=shop.case.id)) == ["P-01", "P-02", "P-03", "P-04"]
    assert codes(Choice(handover=shop.open("shen", "proc", "虚交1号", ["P-04"]))) == ["P-04"]
    paper = store_papers.label_paper(
        work, shao, Choice(places=[shop.places["A-1"], shop.places["A"]]), SHEETS["4x10"], start=1
    )
    key = shop.agencies["pol"].key
    assert [label["text"] for label in paper.data["pages"][0]] == [place_label(key, "A"), place_label(key, "A-1")]


def test_labels_of_what_another_keeps_are_refused_by_name(shop: Shop) -> None:
    shop.seize("E-02", "chen", "wu", "昆市监强制〔2026〕19号")
    theirs = shop.item("E-02", by="wen")
    handover = shop.open("chen", "pol", "虚交1号", ["E-02"])
    for choice in (Choice(items=[theirs]), Choice(handover=handover)):  # listed for the police, who may see it now
        with pytest.raises(NotFound) as refused:
            store_papers.label_paper(shop.work, shop.people["shao"], choice, SHEETS["3x8"], start=1)
        assert "E-02" in refused.value.zh
    fang = shop.people["fang"]
    for choice in (Choice(items=[theirs]), Choice(handover=handover), Choice(place=shop.places["A"])):
        with pytest.raises((NotFound, Forbidden)) as refused:
            store_papers.label_paper(shop.work, fang, choice, SHEETS["3x8"], start=1)
        assert "E-02" not in refused.value.zh
    with pytest.raises(Invalid):
        store_papers.label_paper(shop.work, fang, Choice(case=shop.case.id), SHEETS["3x8"], start=1)


def test_the_report_tells_every_difference_and_both_hashes(shop: Shop, renderer: PdfRenderer) -> None:
    shao = shop.people["shao"]
    take = store_takes.open_take(shop.work, shao)
    with pytest.raises(Conflict):
        store_papers.take_paper(shop.work, shao, take)
    for code in ("P-01", "P-02", "P-03"):
        store_takes.scan(shop.work, shao, take, item_label(shop.case.number, code))
    store_takes.close_take(shop.work, shao, take)
    item = shop.item("P-04")
    store_takes.explain(shop.work, shao, take, item, difference="missing", kind="missing", remark="正在查找")
    for name in ("shao", "lu"):
        store_takes.sign_take(shop.work, shop.people[name], take)
    paper = store_papers.take_paper(shop.work, shao, take)
    pdf = printed(renderer, paper)
    assert printed(renderer, paper) == pdf
    words = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    row = store_takes.see_take(shop.work, shao, take).row
    wanted = (
        "盘点报告",
        "PD2026-0001",
        "应有4件，见到3件，有差异1件",
        "正在查找",
        row.sheet,
        row.result,
        "邵静",
        "陆某",
    )
    assert [word for word in wanted if word not in words] == []
    file = json.loads(store_papers.take_result(shop.work, shao, take))
    assert digest(file["content"]) == file["sheet"] == row.sheet
    assert digest({"sheet": file["sheet"], "signatures": file["signatures"]}) == file["result"] == row.result


def test_a_long_report_goes_by_places(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_papers, "MOST_LINES", 3)
    shao = shop.people["shao"]
    take = store_takes.open_take(shop.work, shao)
    for code in ("P-01", "P-02", "P-03", "P-04"):
        store_takes.scan(shop.work, shao, take, item_label(shop.case.number, code))
    store_takes.close_take(shop.work, shao, take)
    for name in ("shao", "lu"):
        store_takes.sign_take(shop.work, shop.people[name], take)
    data = store_papers.take_paper(shop.work, shao, take).data
    assert (data["lines"], data["places"]) == ([], [{"place": "一号库", "count": 4, "different": 0}])
