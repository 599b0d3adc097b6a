"""The text of a label: written one way, read back whole, everything else refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import identity
from app.domain.errors import Invalid
from app.domain.label import Label, item_label, place_label, read_label


def test_a_label_is_ascii_and_the_slash_divides() -> None:
    assert item_label("320583-2026-0001", "E-01") == "XJ1:320583-2026-0001/E-01"
    assert item_label("昆公/1 号%", "E_1.a") == "XJ1:%E6%98%86%E5%85%AC%2F1%20%E5%8F%B7%25/E_1.a"
    assert place_label("pol-ks", "A-01") == "XJ1P:pol-ks/A-01"
    assert read_label("XJ1P:pol-ks/A-01\r\n") == Label(kind="place", agency="pol-ks", code="A-01")


def visible(text: str) -> str | None:
    try:
        return identity.name(text)
    except Invalid:
        return None


@given(
    st.text(min_size=1, max_size=40).map(visible).filter(bool),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", fullmatch=True).filter(str.isascii),
)
def test_what_is_written_is_read_back(case: str, code: str) -> None:
    text = item_label(case, code)
    assert text.isascii()
    assert text.count("/") == 1
    assert read_label(text) == Label(kind="item", case=case, code=code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "E-01",
        "XJ1:",
        "XJ1:/E-01",
        "XJ1:1/",
        "XJ1:1/2/3",
        "XJ1:1/../../etc",
        "XJ1:1/%2E%2E",
        "XJ1:1/%45-01",
        "XJ1:a b/E-01",
        "XJ1:昆公/E-01",
        "XJ1:%e6%98%86/E-01",
        "XJ1:%E6/E-01",
        "XJ1:%E2%80%AE1/E-01",
        "XJ1:%E2%80%8B1/E-01",
        "XJ1:%001/E-01",
        "XJ1:1/E-01\u200b",
        "xj1:1/E-01",
        "XJ2:1/E-01",
        "XJ1P:pol/A..",
        "XJ1P:pol/a/b",
        "XJ1:" + "1" * 600 + "/E-01",
        "http://example.org/XJ1:1/E-01",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_label(text)
    assert refused.value.at == "label"
    assert "\u200b" not in refused.value.zh


@pytest.mark.parametrize("code", ["", "..", "a/b", "a\\b", "库房", "A\u202e1", "A\u200b1", "-1", "a" * 41, "A."])
def test_a_place_code_is_a_plain_word(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        place_label("pol", code)
    assert refused.value.at == "code"
