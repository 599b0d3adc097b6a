from datetime import date

import pytest

from app.domain.errors import Invalid
from app.domain.identity import credit_code, id_number, name, phone_number


# the numbers of the fictional case carry sequences that belong to nobody; the other is the example of the standard
@pytest.mark.parametrize(
    "number", ["320583198604129999", "320583199009239987", "34120219790615997X", "11010519491231002X"]
)
def test_citizen_numbers(number):
    assert id_number(number) == number


def test_full_width_digits_are_digits():
    assert id_number("３２０５８３１９８６０４１２９９９９") == "320583198604129999"
    assert id_number("34120219790615997Ｘ") == "34120219790615997X"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("110105194912310021", "校验码"),
        ("34120219790615997x", "大写"),
        ("320583198602309999", "出生日期"),
        ("320583198613129999", "出生日期"),
        ("320583178604129999", "出生日期"),
        ("320583198604", "18 位"),
        ("320583860412999", "15 位"),
        ("990583198604129999", "省级地区"),
        ("3205831986041299²9", "数字"),
        ("32058319860412999٩", "数字"),
        ("320583 198604129999", "空格"),
        ("320583198604129999\u200b", "不可见"),
        ("320583198604129999\n", "空格"),
        ("\ud80020583198604129999", "不可见"),
        ("", "18 位"),
    ],
)
def test_citizen_numbers_that_are_none(number, reason):
    with pytest.raises(Invalid) as refused:
        id_number(number, at="suspect_id")
    assert reason in refused.value.zh
    assert refused.value.at == "suspect_id"
    assert refused.value.zh.encode()


def test_nobody_is_born_tomorrow():
    assert id_number("320583199009239987", today=date(1990, 9, 23))
    with pytest.raises(Invalid):
        id_number("320583199009239987", today=date(1990, 9, 22))


@pytest.mark.parametrize("place", range(18))
def test_one_wrong_digit_is_noticed(place):
    good = "320583198604129999"
    for digit in "0123456789":
        if digit != good[place]:
            with pytest.raises(Invalid):
                id_number(good[:place] + digit + good[place + 1 :])


@pytest.mark.parametrize("code", ["91320583MA0000A19R", "91512081MA62K0260E"])
def test_credit_codes(code):
    assert credit_code(code) == code
    assert credit_code(code.lower()) == code


def test_full_width_credit_codes():
    assert credit_code("９１５１２０８１ＭＡ６２Ｋ０２６０Ｅ") == "91512081MA62K0260E"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91512081MA62K0260F", "校验码"),
        ("91512081MA62K0620E", "校验码"),
        ("91512081MA62KO260E", "“O”"),
        ("9151208AMA62K0260E", "行政区划"),
        ("91512081MA62K0260", "18 位"),
        ("91512081-MA62K0260", "“-”"),
        ("91512081MA62K0260 ", "空格"),
        ("91512081МA62K0260E", "“М”"),
    ],
)
def test_credit_codes_that_are_none(code, reason):
    with pytest.raises(Invalid) as refused:
        credit_code(code)
    assert reason in refused.value.zh


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("0512-57500110", "0512-57500110"),
        ("051257500110", "0512-57500110"),
        ("0512 57500110转12", "0512-57500110-12"),
        ("010-12345678", "010-12345678"),
        ("12345", "12345"),
        ("110", "110"),
        ("400-810-8888", "400-810-8888"),
    ],
)
def test_telephone_numbers(given, kept):
    assert phone_number(given) == kept


@pytest.mark.parametrize(
    "given",
    ["", "1", "1380013800", "138001380000", "23800138000", "²3800138000", "13800138000\u200b", "call me", "000"],
)
def test_telephone_numbers_that_are_none(given):
    with pytest.raises(Invalid):
        phone_number(given)


@pytest.mark.parametrize(
    "given",
    [
        *(
            "周启航",
            "𠮷野",
            "买买提·艾力",
            "葛\U000e0100城",
            "\uf900某",
            "O'Neil John",
            "昆山禾穗堂健康用品有限公司（筹）",
        ),
        *("\U00020bb7", "\U00030edd", "某" * 100, "Ⅲ号店"),
    ],
)
def test_names_are_kept_as_they_are(given):
    assert name(given) == given


def test_names_are_tidied():
    assert name(" 古丽•娜 ") == "古丽·娜"
    assert name("Jose\u0301") == "José"


@pytest.mark.parametrize(
    "given",
    [
        *(
            "",
            "  ",
            "张\x00三",
            "张\n三",
            "张\u200b三",
            "张\u202e三",
            "张\u2066三",
            "\ufeff张三",
            "张\ud842三",
            "张\ue000三",
        ),
        *("张\u2028三", "某" * 101),
    ],
)
def test_names_that_hide_something_are_refused(given):
    with pytest.raises(Invalid) as refused:
        name(given)
    assert refused.value.en.encode()
