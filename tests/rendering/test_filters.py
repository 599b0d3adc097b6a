from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.domain.errors import Invalid
from app.rendering.filters import FILTERS


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("cn_date", "2026-03-13", "2026年3月13日"),
        ("cn_date", date(2026, 12, 1), "2026年12月1日"),
        ("cn_date", "2026-03-13T16:30:00+00:00", "2026年3月14日"),
        ("cn_date", datetime(2026, 3, 13, 15, 59, tzinfo=UTC), "2026年3月13日"),
        ("cn_date", None, ""),
        ("cn_datetime", "2026-03-13T07:50:00Z", "2026年3月13日15时50分"),
        ("cn_datetime", "2026-03-13T09:05", "2026年3月13日9时05分"),
        ("cn_datetime", "2026-03-13", "2026年3月13日"),
        ("cn_datetime", "", ""),
        ("money", "129200", "129,200.00元"),
        ("money", 0.1, "0.10元"),
        ("money", 0, "0.00元"),
        ("money", Decimal("-3.5"), "-3.50元"),
        ("money", None, ""),
        ("cn_money", "129200", "人民币壹拾贰万玖仟贰佰元整"),
        ("cn_money", "129,200.50", "人民币壹拾贰万玖仟贰佰元伍角整"),
        ("cn_money", "1005.07", "人民币壹仟零伍元零柒分"),
        ("cn_money", "0.05", "人民币伍分"),
        ("cn_money", "0.50", "人民币伍角整"),
        ("cn_money", 0, "人民币零元整"),
        ("cn_money", "100000001", "人民币壹亿零壹元整"),
        ("cn_money", "20300405", "人民币贰仟零叁拾万零肆佰零伍元整"),
        ("cn_money", -1, "人民币负壹元整"),
        ("cn_number", 10, "十"),
        ("cn_number", 12, "十二"),
        ("cn_number", "20", "二十"),
        ("cn_number", 110, "一百一十"),
        ("cn_number", 105, "一百零五"),
        ("cn_number", 10_010, "一万零一十"),
        ("cn_number", 0, "零"),
        ("or_blank", None, "／"),
        ("or_blank", " ", "／"),
        ("or_blank", [], "／"),
        ("or_blank", 0, 0),
        ("or_blank", "x", "x"),
        ("join_cn", ["甲", "", "乙"], "甲、乙"),
        ("join_cn", "甲", "甲"),
        ("join_cn", None, ""),
        ("join_cn", 3, "3"),
    ],
)
def test_it_is_written_so(name, value, expected):
    assert FILTERS[name](value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cn_date", "yesterday"),
        ("cn_date", "2026-02-30"),
        ("cn_date", 5),
        ("money", "much"),
        ("money", "1.005"),
        ("money", "NaN"),
        ("money", "1e400"),
        ("money", True),
        ("cn_money", 10**17),
        ("cn_number", -1),
        ("cn_number", "1.5"),
        ("cn_number", True),
        ("cn_number", 10**17),
    ],
)
def test_what_is_nothing_of_the_kind_is_refused(name, value):
    with pytest.raises(Invalid, match=str(value)[:10].replace("+", ".")):
        FILTERS[name](value)
