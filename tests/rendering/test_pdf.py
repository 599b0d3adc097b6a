import io
import os
import signal
import threading

import pytest
from pypdf import PdfReader

from app.domain.errors import Invalid, Stuck
from app.rendering.pdf import PdfRenderer
from app.rendering.plain import PlainRenderer
from tests.rendering.sheets import CREATED, FONTS, HEAD, LAYOUTS, a_document


def text_of(pdf):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")


def test_a_document_becomes_an_archivable_pdf(rendered):
    pdf = rendered("<p>{{ reason }}</p>{% for p in parties %}{{ p.name }}{{ p.phone|or_blank }}{% endfor %}")
    reader = PdfReader(io.BytesIO(pdf))
    assert "案件移送书涉嫌销售假冒注册商标的商品某甲（虚构）／" in text_of(pdf)
    assert reader.metadata.title == "案件移送书"
    assert reader.metadata.creation_date == CREATED
    xmp = reader.xmp_metadata.stream.get_data().decode()
    assert "pdfaid" in xmp
    assert reader.trailer["/Root"]["/OutputIntents"]


def test_layouts_build_on_each_other(rendered):
    pdf = rendered("<p>{{ reason }}</p>", head=HEAD.replace("layout: letter", "layout: list\nseal: O+S"))
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    assert text_of(pdf).startswith("O+S涉嫌")
    assert round(float(page.mediabox.width)) == round(148 / 25.4 * 72)


def test_the_same_sheet_gives_the_same_bytes(rendered):
    first, again = (rendered("<p>{{ reason }}</p>") for _ in range(2))
    fresh = PdfRenderer(FONTS)
    elsewhere = rendered("<p>{{ reason }}</p>", by=fresh)
    fresh.close()
    assert first == again == elsewhere
    assert rendered("<p>{{ reason }}</p>", created=CREATED.replace(day=14)) != first


def test_what_officers_typed_is_text(rendered):
    assert "<b>粗</b>" in text_of(rendered("<p>{{ reason }}</p>", reason="<b>粗</b>"))


def test_lines_of_chinese_are_flush_on_both_sides(rendered):
    def drawn(style):
        words = "涉嫌销售假冒商标商品2026年查获，" * 12
        page = PdfReader(
            io.BytesIO(rendered(f"<p style='width:19.3em;{style}'>{{{{ reason }}}}</p>", reason=words))
        ).pages[0]
        return page.extract_text().split(), page.get_contents().get_data()

    lines, spread = drawn("text-align:justify")
    ragged_lines, ragged = drawn("text-align:left")
    assert lines == ragged_lines
    assert spread != ragged


def test_a_long_text_in_a_narrow_column_is_set_in_time(rendered):
    words = "本案经查证属实，证据确实充分，" * 400
    assert "证据确实充分" in text_of(rendered("<table><tr><td>{{ reason }}</td><td>短</td></tr></table>", reason=words))


@pytest.mark.parametrize(
    ("body", "data", "named"),
    [
        ("{% for p in parties %}{{ p.nmae }}{% endfor %}", {}, "nmae"),
        ("{{ issued.adm_letter.number }}", {"issued": {}}, "adm_letter"),
        ("{{ charge }}", {}, "charge"),
        ("{{ charge|or_blank }}", {}, "charge"),
        ("{{ date|cn_date }}", {"date": "soon"}, "soon"),
        ("{{ amount / 0 }}", {"amount": 1}, "案件移送书"),
        ("{{ ''.__class__.__mro__ }}", {}, "__class__"),
        ("{{ parties.append(1) }}", {}, "案件移送书"),
        ("{{ range(10000000)|list }}", {}, "案件移送书"),
    ],
)
def test_what_cannot_be_filled_in_is_named_by_both_renderers(rendered, renderer, body, data, named):
    for by in (renderer, PlainRenderer()):
        with pytest.raises(Invalid) as refused:
            rendered(body, by=by, **data)
        assert named in refused.value.zh + refused.value.at
        assert "案件移送书" in refused.value.zh


@pytest.mark.parametrize(
    ("layout", "named"), [("approval", "approval.html"), ("record", "gone.html")], ids=["absent", "includes-absent"]
)
def test_a_layout_that_is_not_there_is_named(rendered, layout, named):
    with pytest.raises(Invalid) as refused:
        rendered("x", head=HEAD.replace("layout: letter", f"layout: {layout}"))
    assert named in refused.value.zh


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/img">',
        '<img src="//127.0.0.1/img">',
        '<img src="/etc/passwd">',
        '<img src="asset:../secret">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<base href="file:///etc/"><link rel="attachment" href="passwd">',
        "<style>@import url(file:///etc/hostname);</style>",
        "<style>@font-face{font-family:x;src:url(file:///etc/hostname)}p{font-family:x}</style><p>x</p>",
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
        '<object data="file:///etc/passwd"></object>',
        '<embed src="file:///etc/passwd">',
    ],
)
def test_nothing_outside_is_loaded(rendered, markup):
    layouts = {**LAYOUTS, "letter.html": LAYOUTS["letter.html"] + markup}
    with pytest.raises(Invalid, match=r"may not load|cannot be set"):
        rendered("<p>x</p>", layouts=layouts)


def test_data_and_shared_layouts_are_loaded(rendered):
    svg = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>"
    body = "<img src='asset:seal.svg'><img src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E\">"
    assert rendered(body, layouts={**LAYOUTS, "seal.svg": svg}).startswith(b"%PDF-1.7")


def test_a_character_no_font_has_is_named(rendered):
    with pytest.raises(Invalid, match=r"U\+12000"):
        rendered("<p>{{ reason }}</p>", reason="某\U00012000")


def test_rare_names_are_shown_in_the_documents_fonts(rendered):
    assert "䶮𠮷喆" in text_of(rendered("<p>{{ reason }}</p>", reason="䶮𠮷喆"))
    with pytest.raises(Invalid, match="No Such Font"):
        rendered("<p style=\"font-family:'No Such Font'\">{{ reason }}</p>")


@pytest.mark.parametrize(
    "bomb",
    [
        "<table><tr><td colspan=100000>x</td></tr></table>",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'x'|center(9000000000) }}",
    ],
    ids=["colspan", "loops", "padding"],
)
def test_a_bomb_harms_only_itself(rendered, bomb):
    short = PdfRenderer(FONTS, seconds=2)
    try:
        with pytest.raises((Stuck, Invalid)) as refused:
            rendered(bomb, by=short)
        assert "案件移送书" in refused.value.zh
        assert "涉嫌" in text_of(rendered("<p>{{ reason }}</p>", by=short))
    finally:
        short.close()


def test_deep_nesting_is_refused_by_name(rendered):
    with pytest.raises((Stuck, Invalid)) as refused:
        rendered("<div>" * 2000 + "x")
    assert "案件移送书" in refused.value.zh


def test_a_process_that_dies_or_is_worn_out_is_replaced(rendered):
    one = PdfRenderer(FONTS, renders=2)
    first = rendered("<p>{{ reason }}</p>", by=one)
    os.kill(one._child._process.pid, signal.SIGKILL)
    one._child._process.wait()
    assert rendered("<p>{{ reason }}</p>", by=one) == first
    assert rendered("<p>{{ reason }}</p>", by=one) == first
    assert one._child._process is None
    assert rendered("<p>{{ reason }}</p>", by=one) == first
    one.close()
    assert one._child._process is None


def test_threads_get_their_own_documents(rendered):
    found = {}

    def render(word):
        found[word] = text_of(rendered("<p>{{ reason }}</p>", reason=word))

    threads = [threading.Thread(target=render, args=(word,)) for word in "甲乙丙丁"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(text.endswith(word) for word, text in found.items())
    assert len(found) == 4


def test_secrets_of_the_server_stay_outside(rendered, monkeypatch):
    monkeypatch.setenv("XIANJIE_SECRET", "geheim")
    one = PdfRenderer(FONTS)
    rendered("x", by=one)
    with open(f"/proc/{one._child._process.pid}/environ", "rb") as environment:  # noqa: PTH123
        assert b"geheim" not in environment.read()
    one.close()


def test_a_moment_without_a_zone_is_refused(renderer):
    for by in (renderer, PlainRenderer()):
        with pytest.raises(Invalid, match="zone"):
            by.render_document(template=a_document("x"), layouts=LAYOUTS, data={}, created=CREATED.replace(tzinfo=None))


def test_the_plain_renderer_gives_one_valid_page_with_the_title():
    pdf = PlainRenderer().render_document(template=a_document("x"), layouts={}, data={}, created=CREATED)
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    assert len(reader.pages) == 1
    assert reader.metadata.title == "案件移送书"
    assert "案件移送书" in reader.pages[0].extract_text()
