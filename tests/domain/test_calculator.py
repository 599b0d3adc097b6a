import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.errors import Invalid, NotFound
from app.services.calculator import compute_csv, explain_deadline, in_words

KUNSHAN = Path(__file__).parent / "kunshan_deadlines.csv"


@pytest.fixture
def table(register, calendar):
    def compute(text: str) -> tuple[int, list[dict[str, str]], str]:
        out = io.StringIO()
        failed = compute_csv(register, calendar, io.StringIO(text), out)
        return failed, list(csv.DictReader(io.StringIO(out.getvalue()))), out.getvalue()

    return compute


def test_the_kunshan_case_as_a_table(table):
    text = KUNSHAN.read_text(encoding="utf-8")
    failed, rows, _ = table(text)
    assert failed == 0
    assert len(rows) == 35
    for row in rows:
        expected = row["expected"]
        assert row["due"] == (f"{expected}:00+08:00" if "T" in expected else f"{expected}T23:59:59+08:00")


def test_own_columns_stay_in_their_order(table):
    _, rows, out = table('memo,start,rule\n"a, ""b""",2026-03-12,D01\n')
    assert out.splitlines()[0] == "memo,start,rule,due"
    assert rows[0]["memo"] == 'a, "b"'
    assert rows[0]["due"] == "2026-03-16T23:59:59+08:00"


@pytest.mark.parametrize(
    ("cells", "due"),
    [
        ("D40,2026-05-20,,,true", "2026-06-20T23:59:59+08:00"),
        ("D40,2026-05-20,,,是", "2026-06-20T23:59:59+08:00"),
        ("D40,2026-05-20,,,1", "2026-06-20T23:59:59+08:00"),
        ("D40,2026-05-20,,,YES", "2026-06-20T23:59:59+08:00"),
        ("D40,2026-05-20,,,否", "2026-06-22T23:59:59+08:00"),
        ("D40,2026-05-20,,,0", "2026-06-22T23:59:59+08:00"),
        ("D40,2026-05-20,,,", "2026-06-22T23:59:59+08:00"),
        ("D62,2026-08-13,,,true", "2026-08-23T23:59:59+08:00"),
        ("D27,2026-03-19,,,", "2026-03-22T23:59:59+08:00"),
        ("D27,2026-03-19,,,no", "2026-03-23T23:59:59+08:00"),
        ("D59,2026-07-29,m,1.5,true", "2026-09-13T23:59:59+08:00"),
        ("D01,2026-08-11,d,-3,", "2026-08-08T23:59:59+08:00"),
        ("D01,2026-02-12,wd,,", "2026-02-24T23:59:59+08:00"),
        ("D02,2026-03-13,d,2,", "2026-03-16T23:59:59+08:00"),
        ("D02,2026-03-13T10:00:07,,,", "2026-03-14T10:00:07+08:00"),
        ("local,2026-02-12,wd,3,", "2026-02-24T23:59:59+08:00"),
        ("local,2026-05-20,m,1,true", "2026-06-20T23:59:59+08:00"),
    ],
)
def test_the_row_decides_over_the_register(table, cells, due):
    failed, rows, _ = table(f"rule,start,unit,n,custody\n{cells}\n")
    assert (failed, rows[0]["due"]) == (0, due)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("D99,2026-03-12,,,", "D99"),
        ("D99,2026-03-12,d,,", "D99"),
        (",2026-03-12,,,", "rule"),
        ("D01,,,,", "start"),
        ("D01,2023-02-29,,,", "start"),
        ("D02,2026-03-13,,,", "start"),
        ("D69,2026-03-13,,,", "threshold"),
        ("D01,2026-03-12,weeks,,", "unit"),
        ("D01,2026-03-12,,three,", "n: "),
        ("D01,2026-03-12,,0,", "n: "),
        ("D01,2026-03-12,,1e5,", "n: "),
        ("D01,2026-03-12,,²,", "n: "),
        ("D01,2026-03-12,,,maybe", "custody"),
        ("D01,2026-03-12,,,,more", "more cells"),
    ],
)
def test_a_bad_row_says_why_and_the_others_go_on(table, cells, words):
    failed, rows, _ = table(f"rule,start,unit,n,custody\n{cells}\nD01,2026-03-12,,,\n")
    assert failed == 1
    assert words in rows[0]["due"]
    assert rows[1]["due"] == "2026-03-16T23:59:59+08:00"


def test_blank_lines_the_byte_order_mark_and_short_rows(table):
    failed, rows, _ = table("\ufeffRule, Start ,unit\r\n\r\nD01,2026-03-12\r\n,,\r\n\r\nD01,2026-03-12,,,,\r\n")
    assert failed == 0
    assert [row["due"][:10] for row in rows] == ["2026-03-16", "", "2026-03-16"]


def test_its_own_output_can_be_computed_again(table):
    _, _, first = table("rule,start\nD01,2026-03-12\nD99,2026-03-12\n")
    _, _, second = table(first)
    assert first == second


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", "csv"),
        ("\n\n", "csv"),
        ("rule;start\nD01;2026-03-12\n", "rule"),
        ("rule\nD01\n", "start"),
        ("rule,start,start\n", "start"),
        ("rule,start\nD01," + "x" * 200_000 + "\n", "csv"),
    ],
)
def test_a_table_that_cannot_be_read(table, text, at):
    with pytest.raises(Invalid) as refused:
        table(text)
    assert refused.value.at == at


def test_a_table_in_another_encoding(register, calendar):
    text = io.TextIOWrapper(io.BytesIO("rule,start\n立案,2026-03-12\n".encode("gb18030")), encoding="utf-8")
    with pytest.raises(Invalid, match="UTF-8"):
        compute_csv(register, calendar, text, io.StringIO())


def test_one_deadline_explained(register, calendar):
    now = datetime(2026, 3, 15, 2, 0, tzinfo=UTC)
    told = explain_deadline(register, calendar, rule="D01", start="2026-03-12", custody=False, now=now)
    assert told["due"] == "2026-03-16T23:59:59+08:00"
    assert told["state"] == "critical"
    assert told["remaining"] == {
        "seconds": 136_799,
        "zh": "剩余 1 天 13 小时 59 分",
        "en": "1 d 13 h 59 min left",
    }
    late = explain_deadline(
        register, calendar, rule="D01", start="2026-03-12", now=datetime(2026, 3, 16, 17, tzinfo=UTC)
    )
    assert late["state"] == "overdue"
    assert late["remaining"]["seconds"] == -3_601


def test_without_a_clock_nothing_is_said_of_what_is_left(register, calendar):
    told = explain_deadline(register, calendar, rule="D40x", start="2026-05-20", custody=True)
    assert not {"now", "state", "remaining"} & set(told)
    words = in_words(told)
    assert "2026-07-05T23:59:59+08:00" in words
    assert "1 m + D40x" in words


def test_what_cannot_be_explained_is_refused(register, calendar):
    with pytest.raises(NotFound):
        explain_deadline(register, calendar, rule="D99", start="2026-03-12")
    with pytest.raises(Invalid):
        explain_deadline(register, calendar, rule="D01", start="tomorrow")
