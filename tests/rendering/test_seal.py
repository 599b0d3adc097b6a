"""The real layouts with the seal: a picture over the signature, never words of the text."""

import io

import pytest
from pypdf import PdfReader

from app.domain.errors import Invalid
from tests.rendering.shared import AGENCY, DATA, LAYOUTS, lines_of
from tests.rendering.sheets import HEAD

SEALED = HEAD.replace("layout: letter", "layout: letter\nseal: O")


def test_the_ring_of_the_seal_is_no_text(rendered):
    pdf = PdfReader(io.BytesIO(rendered("<p>{{ reason }}</p>", head=SEALED, layouts=LAYOUTS, **DATA)))
    (page,) = pdf.pages
    assert [text for _, text in lines_of(page)] == [
        AGENCY["name"],
        DATA["number"],
        "案件移送书",
        "虚构市公安局：",
        "涉嫌销售假冒注册商标的商品",
        AGENCY["name"],
        "2026年3月13日",
        "— 1 —",
    ]


def test_a_seal_is_drawn_where_there_is_one(rendered):
    sealed, signed = (
        rendered(
            "<p>{{ reason }}</p>",
            head=HEAD.replace("layout: letter", f"layout: letter\nseal: {seal}"),
            layouts=LAYOUTS,
            **DATA,
        )
        for seal in ("O", "S")
    )
    red, plain = (PdfReader(io.BytesIO(pdf)).pages[0].get_contents().get_data() for pdf in (sealed, signed))
    assert red.count(b" c\n") > plain.count(b" c\n") + 100


def test_rare_names_are_on_seals_too(rendered):
    assert rendered("<p>x</p>", head=SEALED, layouts=LAYOUTS, **{**DATA, "agency": {**AGENCY, "name": "龘㵗局"}})


def test_a_seal_without_a_glyph_is_refused_by_name(rendered):
    with pytest.raises(Invalid, match="U\\+12000"):
        rendered("<p>x</p>", head=SEALED, layouts=LAYOUTS, **{**DATA, "agency": {**AGENCY, "name": "局\U00012000"}})
