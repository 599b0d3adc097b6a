"""The shipped layouts against GB/T 9704-2012: the grid of the page, and a signature that never stands alone."""

import io
from itertools import pairwise

import pytest
from pypdf import PdfReader

from tests.rendering.shared import DATA, LAYOUTS, lines_of
from tests.rendering.sheets import HEAD

MILLIMETRE = 72 / 25.4
RARE = "犯罪嫌疑人某䶮、𠮷喆涉嫌销售假药一案，事实清楚，证据确实，"
SIGNED = "2026年3月13日"


@pytest.fixture
def pages(rendered):
    def of(body, *, head="layout: letter\nseal: O", **data):
        pdf = rendered(body, head=HEAD.replace("layout: letter", head), layouts=LAYOUTS, **{**DATA, **data})
        return PdfReader(io.BytesIO(pdf)).pages

    return of


def test_a_page_of_a_letter_has_22_lines_of_28_characters_whatever_names_are_in_it(pages):
    second = pages("<p>{{ reason }}</p>", reason=RARE * 40)[1]
    *body, (_, number) = lines_of(second)
    assert (len(body), number) == (22, "— 2 —")
    assert {round(below - above, 1) for (above, _), (below, _) in pairwise(body)} == {28.9}
    assert {len(text) for _, text in body} <= {27, 28}  # no line begins with a comma
    assert 37 * MILLIMETRE < body[0][0] < 47 * MILLIMETRE
    assert body[-1][0] < (297 - 35) * MILLIMETRE


@pytest.mark.parametrize("head", ["layout: letter\nseal: O", "layout: notice\nseal: O\ncopies: [Z]"])
@pytest.mark.parametrize("lines", range(3, 22, 3))
def test_a_page_with_the_seal_bears_text_too(pages, head, lines):
    for page in pages("<p>{{ reason }}</p>", head=head, reason="犯" * 28 * lines, copies_to=["虚构市人民检察院"]):
        words = [text for _, text in lines_of(page)]
        if SIGNED in words:
            assert any(text.startswith("犯犯") for text in words)


def test_a_notice_prints_each_sheet_by_name(pages):
    sheets = pages("<p>{{ reason }}</p>", head="layout: notice\nseal: O\ncopies: [C, Z, F, H, J]", reason="事由如下")
    words = ["".join(text for _, text in lines_of(page)) for page in sheets]
    assert [name in text for name, text in zip(["存根", "正本", "副本", "回执", "附卷"], words, strict=True)] == [
        True
    ] * 5
    assert ["事由如下" in text for text in words] == [False, True, True, False, True]
    assert all(DATA["number"] in text for text in words)
    assert ["骑缝章" in text for text in words] == [False, True, True, True, True]


def test_a_list_repeats_its_head_numbers_its_rows_and_strikes_empty_cells(pages):
    body = (
        '<table class="list"><thead><tr><th>序号</th><th>名称</th><th>持有人</th></tr></thead><tbody>'
        '{% for row in range(60) %}<tr><td class="row-no"></td><td>物证</td><td></td></tr>{% endfor %}</tbody></table>'
    )
    words = ["".join(text for _, text in lines_of(page)) for page in pages(body, head="layout: list\nseal: S")]
    assert len(words) > 1
    assert all("序号" in text for text in words)
    assert "60 物证 ／" in words[-1]
    assert "签名" in words[-1]


def test_a_record_says_how_many_pages_it_has(pages):
    found = pages("<p>{{ reason }}</p>", head="layout: record\nseal: S", reason=RARE * 50)
    foot = [lines_of(page)[-1][1].split() for page in found]
    assert foot == [["第", str(number), "页", "共", str(len(found)), "页"] for number in range(1, len(found) + 1)]


def test_a_form_shows_its_number_and_its_table(pages):
    body = '<table class="form"><tr><th>事由</th><td>{{ reason }}</td></tr></table>'
    words = "".join(text for _, text in lines_of(pages(body, head="layout: approval\nseal: S")[0]))
    assert DATA["number"] in words
    assert "事由 涉嫌销售假冒注册商标的商品" in words
    assert SIGNED not in words
