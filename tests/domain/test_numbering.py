from datetime import date

import pytest

from app.domain.errors import Invalid
from app.domain.numbering import check_pattern, faults_of_pattern, format_number, series_key, takes_serial

POLICE = "{short}（{unit}）立字〔{year}〕{serial}号"
CASE = "（{year}）{court_code}刑初{serial}号"


@pytest.mark.parametrize(
    ("pattern", "values", "number"),
    [
        ("{short}移〔{year}〕{serial}号", {"short": "昆市监", "year": 2026, "serial": 7}, "昆市监移〔2026〕7号"),
        (POLICE, {"short": "昆公", "unit": "食药环", "year": 2026, "serial": 98}, "昆公（食药环）立字〔2026〕98号"),
        (POLICE, {"short": "昆公", "unit": "", "year": 2026, "serial": 98}, "昆公立字〔2026〕98号"),
        (POLICE, {"short": "昆公", "unit": None, "year": 2026, "serial": 98}, "昆公立字〔2026〕98号"),
        (CASE, {"court_code": "苏0583", "year": 2026, "serial": 731}, "（2026）苏0583刑初731号"),
        (
            "{case_number}执行通知书",
            {"case_number": "（2026）苏0583刑初731号", "short": "unused"},
            "（2026）苏0583刑初731号执行通知书",
        ),
        ("{parent}之一", {"parent": "昆市监现〔2026〕87号"}, "昆市监现〔2026〕87号之一"),
    ],
)
def test_numbers(pattern, values, number):
    assert faults_of_pattern(pattern) == []
    assert format_number(pattern, **values) == number


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "字符"),
        ("移" * 101, "字符"),
        ("{short}移[{year}]{serial}号", "“[”"),
        ("{short}移({year}){serial}号", "“(”"),
        ("{short}移（{year}）{serial}号", "〔{year}〕"),
        ("{short}移{year}-{serial}号", "〔{year}〕"),
        ("{short}移〔{year}〕第{serial}号", "第"),
        ("{short}移〔{year}〕{serial:03d}号", "补零"),
        ("{short}移〔{year}〕{serial!r}号", "补零"),
        ("{short.__class__}移〔{year}〕{serial}号", "占位"),
        ("{agency[0]}移〔{year}〕{serial}号", "占位"),
        ("{}〔{year}〕{serial}号", "占位"),
        ("{short}移〔{year}〕号", "都相同"),
        ("{serial}{serial}〔{year}〕", "两次"),
        ("{short}{unit}移〔{year}〕{serial}号", "（{unit}）"),
        ("{short移〔{year}〕{serial}号", "成对"),
        ("{short}移〔{year}〕{serial号", "成对"),
        ("{short}移 〔{year}〕{serial}号", "空格"),
        ("{short}移\u200b〔{year}〕{serial}号", "不可见"),
        ("{short}移〔{year}〕{serial}号{{}}", "“{”"),
    ],
)
def test_patterns_that_may_not_be_published(pattern, reason):
    assert any(reason in fault.zh for fault in faults_of_pattern(pattern))
    with pytest.raises(Invalid) as refused:
        check_pattern(pattern)
    assert refused.value.at == "number"


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ({"year": 2026, "serial": 7}, "short"),
        ({"short": " ", "year": 2026, "serial": 7}, "short"),
        ({"short": "昆市监", "year": 2026, "serial": 0}, "serial"),
        ({"short": "昆市监", "year": 2026, "serial": None}, "serial"),
        ({"short": "昆市监", "year": 2026, "serial": True}, "serial"),
        ({"short": "昆市监", "year": 26, "serial": 7}, "year"),
        ({"short": "昆市监", "year": "2026", "serial": 7}, "year"),
    ],
)
def test_a_number_with_a_part_missing(values, at):
    with pytest.raises(Invalid) as refused:
        format_number("{short}移〔{year}〕{serial}号", **values)
    assert refused.value.at == at


def test_a_series_belongs_to_issuer_kind_and_year_of_the_document():
    keys = {
        series_key(POLICE, agency=agency, kind=kind, day=day)
        for agency in ("pol-1", "pol-2")
        for kind in ("立", "拘")
        for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 6, 1))
    }
    assert len(keys) == 8


def test_papers_under_the_case_number_have_no_series():
    assert not takes_serial("{case_number}")
    assert series_key("{case_number}", agency="crt-1", kind="judgment", day=date(2026, 8, 11)) is None
