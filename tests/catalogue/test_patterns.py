import pytest

from app.catalogue.patterns import PatternError, compile_pattern


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"^[\u4e00-\u9fa5]+〔\d{4}〕\d+号$", "昆市监移〔2026〕12号"),
        (r"^\d{4}-\d{2}$", "2026-03"),
        (r"^(19|20)\d{2}$", "2026"),
        (r"^(?:苏|皖)E[A-Z0-9]{5,6}$", "苏E12345"),
        (r"^\d+(\.\d{1,2})?$", "12.50"),
        (r"^[^\]]+$", "x"),
        (r"a+", "xxaa"),
    ],
)
def test_a_plain_pattern_is_compiled(source, text):
    assert compile_pattern(source).search(text)


@pytest.mark.parametrize(
    "source",
    [
        "(a+)+$",
        "^(a*)*$",
        "^(a|aa)+$",
        "^((a{1,3})){5}$",
        "^(([a-z])+.)+[A-Z]$",
        "^(.*)(.*)(.*)(.*)x$",
        "a*a*a*b",
        "(a|a)" * 30,
        "a?" * 40 + "a" * 40,
        r"(a)\1+",
        "(?=a)a",
        "(?P<x>a)",
        "a+?",
        "a++",
        "[a",
        "(a",
        "a)",
        "[a--b]",
        r"\p{Han}",
        "[z-a]",
        "a{1000000}",
        "x" * 201,
    ],
)
def test_a_pattern_that_could_run_for_ever_or_is_not_one_is_refused(source):
    with pytest.raises(PatternError) as refused:
        compile_pattern(source)
    assert refused.value.zh
