"""A demonstration that broke off half-way says so, instead of passing half a case off as loaded."""

import pytest

from app.domain.errors import Invalid
from app.services import cases, demo_cases
from tests.houses import ROOT


def test_a_case_loaded_in_part_is_named(house, people):
    number = "KS-2026-SY-0011"
    with house.work() as work:
        cases.open_case(work, people["asker"], process="ask_help", name="虚构案", charge="", number=number)
    with pytest.raises(Invalid, match="only in part") as refused:
        demo_cases.load(house, ROOT / "demo", home=ROOT, echo=lambda _: None)
    assert refused.value.at == number
