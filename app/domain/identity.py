"""Identifiers of people and organisations: citizen number (GB 11643), credit code (GB 32100), telephone, name.

Each function gives the value as it is to be stored or raises Invalid with the reason. Full-width letters and digits
are read as their plain form; every other look-alike (superscripts, spaces, zero-width characters) is refused.
"""

import re
import unicodedata
from datetime import date

from app.domain.errors import Invalid

_ID_LENGTH = 18
_OLD_ID_LENGTH = 15
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ID_FORM = re.compile(r"\d{17}[\dX]", re.ASCII)
_REGIONS = frozenset(
    (
        *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
        *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
        *("71", "81", "82", "83"),
    )
)
_FIRST_BIRTH = date(1850, 1, 1)

_CODE_LENGTH = 18
_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CODE_REGION = slice(2, 8)

_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))-?([1-9]\d{6,7})(?:(?:-|转)(\d{1,6}))?", re.ASCII)
_SERVICE = re.compile(r"[48]00-?\d{3}-?\d{4}|1(?:10|19|20|22)|12\d{3}|9[5-6]\d{3,6}", re.ASCII)

_MAX_NAME = 100
_REFUSED_CATEGORIES = {
    "Cc": ("控制字符", "a control character"),
    "Cf": ("不可见的格式字符", "an invisible formatting character"),
    "Cs": ("不完整的字符编码", "half of a character"),
    "Co": ("自造字，其他电脑无法显示", "a private-use character, which other computers cannot show"),
    "Zl": ("换行字符", "a line separator"),
    "Zp": ("换行字符", "a paragraph separator"),
}
# NFC would replace compatibility ideographs, which people have in their names, by another form
_COMPOSABLE = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅･", "·"))


def id_number(text: str, *, today: date | None = None, at: str = "id_no") -> str:
    """Check a citizen number (公民身份号码, GB 11643-1999): 18 characters, region, birth date, check character.

    A lower-case x and the old 15-digit numbers are refused; with `today` a birth in the future is too.
    """
    number = _plain(text)
    _require_visible(number, at)
    if len(number) == _OLD_ID_LENGTH and number.isascii() and number.isdigit():
        raise Invalid("15 位的旧号码已停用，请填 18 位号码", "15-digit numbers are no longer valid; give the 18", at=at)
    if len(number) != _ID_LENGTH:
        raise Invalid(
            f"公民身份号码应为 18 位，现为 {len(number)} 位",
            f"A citizen number has 18 characters, not {len(number)}",
            at=at,
        )
    if number.endswith("x"):
        raise Invalid("末位校验码应为大写 X", "The check character is a capital X", at=at)
    if not _ID_FORM.fullmatch(number):
        raise Invalid("前 17 位应为数字，末位为数字或者 X", "Seventeen digits, then a digit or X", at=at)
    if number[:2] not in _REGIONS:
        raise Invalid(f"没有代码为 {number[:2]} 的省级地区", f"There is no province with the code {number[:2]}", at=at)
    _require_birth(number[6:14], today, at)
    expected = _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False)) % 11]
    if number[-1] != expected:
        raise Invalid("末位校验码不正确，请核对各位数字", "The check character does not fit the digits", at=at)
    return number


def credit_code(text: str, *, at: str = "uscc") -> str:
    """Check a unified social credit code (统一社会信用代码, GB 32100-2015); small letters become capitals."""
    code = _plain(text)
    _require_visible(code, at)
    code = code.upper() if code.isascii() else code
    if len(code) != _CODE_LENGTH:
        raise Invalid(
            f"统一社会信用代码应为 18 位，现为 {len(code)} 位",
            f"A unified social credit code has 18 characters, not {len(code)}",
            at=at,
        )
    for character in code:
        if character not in _CODE_ALPHABET:
            raise Invalid(
                f"统一社会信用代码不含“{character}”（没有 I、O、S、V、Z）",
                f"“{character}” never stands in a credit code (nor do I, O, S, V, Z)",
                at=at,
            )
    if not code[_CODE_REGION].isdigit():
        raise Invalid("第 3 至 8 位应为行政区划数字", "Characters 3 to 8 are the digits of the region", at=at)
    total = sum(
        _CODE_ALPHABET.index(character) * weight for character, weight in zip(code, _CODE_WEIGHTS, strict=False)
    )
    base = len(_CODE_ALPHABET)
    if code[-1] != _CODE_ALPHABET[(base - total % base) % base]:
        raise Invalid("末位校验码不正确，请核对各位", "The check character does not fit the code", at=at)
    return code


def phone_number(text: str, *, at: str = "phone") -> str:
    """Check a telephone number of mainland China: mobile, landline with area code, 400/800 or a short service.

    A mobile number is given without +86; a landline as area-number, with its extension behind a second hyphen.
    """
    number = _plain(text)
    _require_visible(number.replace(" ", ""), at)
    number = number.strip().replace(" ", "-") if number.startswith("0") else number.replace(" ", "")
    if mobile := _MOBILE.fullmatch(number.replace("-", "")):
        return mobile[1]
    if landline := _LANDLINE.fullmatch(number):
        return "-".join(part for part in landline.groups() if part)
    if _SERVICE.fullmatch(number):
        return number
    raise Invalid(
        "不是有效的电话号码：手机 11 位，固定电话须带区号",
        "Not a telephone number: 11 digits of a mobile, or a landline with its area code",
        at=at,
    )


def name(text: str, *, at: str = "name", longest: int = _MAX_NAME) -> str:
    """Check the name of a person, organisation or thing and give it in composed form (NFC).

    Rare Han of every plane, variation selectors and the dot of minority names are kept; control, bidirectional,
    zero-width and private-use characters, NUL and lone surrogates are refused.
    """
    for character in text:
        refused = _REFUSED_CATEGORIES.get(unicodedata.category(character))
        if refused:
            zh, en = refused
            code = f"U+{ord(character):04X}"
            raise Invalid(f"名称中有{zh}（{code}）", f"The name contains {en} ({code})", at=at)
    composed = _COMPOSABLE.sub(lambda run: unicodedata.normalize("NFC", run[0]), text).strip().translate(_DOTS)
    if not composed:
        raise Invalid("名称不能为空", "A name cannot be empty", at=at)
    if len(composed) > longest:
        raise Invalid(f"名称最多 {longest} 个字符", f"A name has at most {longest} characters", at=at)
    return composed


def _plain(text: str) -> str:
    """Full-width letters, digits and signs as ASCII; unlike NFKC it leaves superscripts and circled digits alone."""
    return "".join(
        unicodedata.normalize("NFKC", character) if "\uff01" <= character <= "\uff5e" else character
        for character in text
    )


def _require_visible(text: str, at: str) -> None:
    """Refuse what cannot be seen and would make two equal-looking numbers differ."""
    for character in text:
        if character.isspace() or unicodedata.category(character) in _REFUSED_CATEGORIES:
            code = f"U+{ord(character):04X}"
            raise Invalid(f"号码中有空格或者不可见字符（{code}）", f"A space or invisible character ({code})", at=at)


def _require_birth(digits: str, today: date | None, at: str) -> None:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        birth = None
    if birth is None or birth < _FIRST_BIRTH or birth > (today or date(2099, 12, 31)):
        raise Invalid(
            f"第 7 至 14 位“{digits}”不是可能的出生日期",
            f"Characters 7 to 14, “{digits}”, are no possible date of birth",
            at=at,
        )
