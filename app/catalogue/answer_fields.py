"""The marshmallow fields answers are read with: JSON-plain in, JSON-plain out, each refusal in two languages."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Self
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields

from app.catalogue.components import Component, Plain
from app.domain import identity
from app.domain.errors import Invalid

CHINA = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 1900, 2199
LARGEST = 2**53

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}", re.ASCII)
_COMPOSABLE = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")  # NFC would change these ideographs of names
_NUMBERS: Mapping[str, Callable[[str], str]] = {
    "id_number": identity.id_number,
    "uscc": identity.credit_code,
    "phone": identity.phone_number,
}
_INVISIBLE = frozenset(
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb\ufffe\uffff"
)


class Sentence(str):
    """One sentence in Chinese, as marshmallow's message, which carries its English."""

    __slots__ = ("en",)
    en: str

    def __new__(cls, zh: str, en: str) -> Self:
        """Say it in Chinese and in English."""
        sentence = super().__new__(cls, zh)
        sentence.en = en
        return sentence


NOT_TEXT = Sentence("应为文字", "This is not text")
NOT_LIST = Sentence("应为列表", "This is not a list")
NOT_ROW = Sentence("应为一行数据", "This is not a row")
NOT_CHOICE = Sentence("不在可选项之中", "This is not one of the choices")
UNKNOWN = Sentence("表单中没有这一项", "The form has no such field")
REQUIRED = Sentence("必须填写", "This is required")


def clean_text(value: object, *, multiline: bool) -> str:
    """Text as it is kept: NFC, trimmed, and nothing in it that a reader of the paper could not see.

    Refused: control characters, lone surrogates, direction marks, zero-width characters. Kept: rare characters
    and their variation selectors (GB 18030-2022), which names of people need.
    """
    if not isinstance(value, str):
        raise ValidationError([NOT_TEXT])
    text = value.replace("\r\n", "\n") if multiline else value
    for character in text:
        hidden = character in _INVISIBLE or unicodedata.category(character) in {"Cc", "Cs"}
        if hidden and not (multiline and character in "\n\t"):
            name = f"U+{ord(character):04X}"
            raise ValidationError(
                [Sentence(f"含有不可见或非法字符 {name}", f"This holds an invisible or illegal character {name}")]
            )
    return _COMPOSABLE.sub(lambda run: unicodedata.normalize("NFC", run[0]), text).strip()


class Text(fields.Field[str]):
    """Text of a field, within its length and pattern; an empty answer is None."""

    def __init__(self, component: Component) -> None:
        super().__init__(allow_none=True)
        self._component = component

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        del attr, data, kwargs
        part = self._component
        text = clean_text(value, multiline=part.kind == "textarea")
        if text:
            text = self._numbered(text)
        if not text:
            return None
        if len(text) > part.max_length:
            raise ValidationError(
                [Sentence(f"最多 {part.max_length} 个字符", f"At most {part.max_length} characters are allowed")]
            )
        if len(text) < part.min_length:
            raise ValidationError(
                [Sentence(f"至少 {part.min_length} 个字符", f"At least {part.min_length} characters are needed")]
            )
        if (part.pattern and not part.pattern.search(text)) or (part.email and not _EMAIL.fullmatch(text)):
            raise ValidationError([Sentence("格式不正确", "This is not in the expected form")])
        return text

    def _numbered(self, text: str) -> str:
        """The number of a person, organisation or telephone as it is kept."""
        for check in self._component.checks:
            if check.name in _NUMBERS:
                try:
                    text = _NUMBERS[check.name](text)
                except Invalid as refused:
                    raise ValidationError([Sentence(refused.zh, refused.en)]) from refused
        return text


class Number(fields.Field[int | float]):
    """A JSON number, never text, true or false; within its bounds and decimal places."""

    def __init__(self, component: Component) -> None:
        super().__init__(allow_none=True)
        self._component = component

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError([Sentence("应为数字", "This is not a number")])
        if not -LARGEST <= value <= LARGEST:  # also refuses NaN and the infinities
            raise ValidationError([Sentence("数字过大", "The number is too large")])
        number = Decimal(repr(value))
        part = self._component
        if part.decimals is not None and _places(number) > part.decimals:
            raise ValidationError(
                [
                    Sentence("应为整数", "This is a whole number")
                    if part.decimals == 0
                    else Sentence(f"最多 {part.decimals} 位小数", f"At most {part.decimals} decimal places are allowed")
                ]
            )
        if part.minimum is not None and number < part.minimum:
            raise ValidationError([Sentence(f"不能小于 {part.minimum}", f"This cannot be less than {part.minimum}")])
        if part.maximum is not None and number > part.maximum:
            raise ValidationError([Sentence(f"不能大于 {part.maximum}", f"This cannot be more than {part.maximum}")])
        return int(value) if part.decimals == 0 else value


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


class Checkbox(fields.Field[bool]):
    """True or false, nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if not isinstance(value, bool):
            raise ValidationError([Sentence("应为是或否", "This is true or false")])
        return value


def chosen(value: object, allowed: frozenset[tuple[type, Plain]]) -> bool:
    """Whether the value is one of the allowed; 1, 1.0 and true are three values."""
    return isinstance(value, str | int | float | bool) and (type(value), value) in allowed


class Choice(fields.Field[Plain]):
    """One of the options; those of a `valuesKey` are compared later, when they are known."""

    def __init__(self, component: Component) -> None:
        super().__init__(allow_none=True)
        self._allowed = frozenset((type(option.value), option.value) for option in component.options)
        self._later = bool(component.values_key)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if value == "":
            return None
        plain = clean_text(value, multiline=False) if isinstance(value, str) else value
        if not (isinstance(plain, str | int | float | bool) if self._later else chosen(plain, self._allowed)):
            raise ValidationError([NOT_CHOICE])
        return plain


class Choices(fields.Field[list[Plain]]):
    """Several of the options, each once."""

    def __init__(self, component: Component) -> None:
        super().__init__(allow_none=True)
        self._component = component
        self._one = Choice(component)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError([NOT_LIST])
        found: list[Any] = [self._one.deserialize(one, attr, data, **kwargs) for one in value]
        if None in found:
            raise ValidationError([NOT_CHOICE])
        if len({(type(one), one) for one in found}) < len(found):
            raise ValidationError([Sentence("有重复的选项", "A choice is given twice")])
        count_within(found, self._component)
        return found


def count_within(found: list[Any], part: Component) -> None:
    """Whether there are as many rows or choices as the form asks; raise ValidationError when not.

    None at all is left to `required`: an optional list may be left alone.
    """
    if len(found) > part.max_items:
        raise ValidationError([Sentence(f"最多 {part.max_items} 项", f"At most {part.max_items} are allowed")])
    if (found or part.is_list) and len(found) < part.min_items:
        raise ValidationError([Sentence(f"至少 {part.min_items} 项", f"At least {part.min_items} must be given")])


class When(fields.Field[str]):
    """A date (`2026-03-12`), a time of day (`09:30`) or a moment, kept with the offset of China (+08:00).

    A moment without an offset is read as Beijing time. Years run from 1900 to 2199.
    """

    def __init__(self, component: Component) -> None:
        super().__init__(allow_none=True)
        self._read = {"date": read_date, "time": read_time, "datetime": read_moment}[component.subtype]

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if not isinstance(value, str):
            raise ValidationError([Sentence("应为日期或时间", "This is not a date or time")])
        text = value.strip()
        if not text:
            return None
        try:
            return self._read(text)
        except ValueError as error:
            raise ValidationError([Sentence("日期或时间不存在", "There is no such date or time")]) from error


def read_date(text: str) -> str:
    """An ISO date that exists; raise ValueError for any other text."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    _in_years(date.fromisoformat(text))
    return text


def read_time(text: str) -> str:
    """A time of day; one with an offset is turned into Beijing time. Raise ValueError for any other text."""
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError(text)
    found = time.fromisoformat(text)
    if match[4]:  # a fixed day will do: China has kept one offset since 1991
        found = datetime.combine(date(2000, 1, 1), found).astimezone(CHINA).time()
    return found.isoformat(timespec="seconds" if found.second else "minutes")


def read_moment(text: str) -> str:
    """An ISO date and time, given in Beijing time; raise ValueError for any other text."""
    day, separator, clock = text.partition("T")
    if not separator or not _DATE.fullmatch(day) or not _TIME.fullmatch(clock):
        raise ValueError(text)
    found = datetime.fromisoformat(text)
    _in_years(found.date())
    found = found.replace(tzinfo=CHINA) if found.tzinfo is None else found.astimezone(CHINA)
    _in_years(found.date())
    return found.replace(microsecond=0).isoformat()


def _in_years(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(str(day))


def day_and_moment(value: object) -> tuple[date, datetime | None] | None:
    """The day in China of a kept date or moment, and the moment when it has one; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        if "T" in value:
            moment = datetime.fromisoformat(read_moment(value))
            return moment.astimezone(CHINA).date(), moment.astimezone(UTC)
        return date.fromisoformat(read_date(value)), None
    except ValueError:
        return None
