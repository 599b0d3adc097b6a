"""An answer in the words of a reader: the label of a choice, a date as it is said, yes and no."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app.catalogue.components import Component

NOTHING = "—"


def in_words(part: Component, answer: object, language: str, offered: Sequence[Mapping[str, Any]]) -> str:
    """The answer as `zh` or `en` text; `offered` are the options of its `valuesKey`."""
    if answer is None or answer in ("", []):
        return NOTHING
    if isinstance(answer, list):
        joint = ", " if language == "en" else "、"
        return joint.join(in_words(part, one, language, offered) for one in answer)
    if part.kind == "checkbox":
        return ("Yes" if answer else "No") if language == "en" else ("是" if answer else "否")
    if part.options or part.values_key:
        return _label(part, answer, language, offered)
    if part.kind == "datetime" and isinstance(answer, str):
        return _date(answer, language)
    return str(answer)


def _label(part: Component, answer: object, language: str, offered: Sequence[Mapping[str, Any]]) -> str:
    for option in part.options:
        if option.value == answer and type(option.value) is type(answer):
            return (option.label_en if language == "en" else "") or option.label
    for raw in offered:
        if raw.get("value") == answer:
            return str((raw.get("label_en") if language == "en" else "") or raw.get("label") or answer)
    return str(answer)


def _date(answer: str, language: str) -> str:
    try:
        if "T" in answer:
            moment = datetime.fromisoformat(answer)
            if language == "en":
                return f"{moment:%Y-%m-%d %H:%M}"
            return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
        day = date.fromisoformat(answer)
    except ValueError:  # a time of day, or something not cleaned
        return answer
    if language == "en":
        return answer
    return f"{day.year}年{day.month}月{day.day}日"
