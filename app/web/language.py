"""The reader's language: Chinese first, English by the switch; and dates as a reader in China writes them."""

from datetime import date, datetime
from typing import Literal, cast
from zoneinfo import ZoneInfo

from flask import g, has_request_context, request

Language = Literal["zh", "en"]
COOKIE = "language"
SHANGHAI = ZoneInfo("Asia/Shanghai")

_WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")


def language() -> Language:
    """Give the language of this request: what a program asks for, the switch, then the officer's own."""
    if not has_request_context():
        return "zh"
    if "language" not in g:
        g.language = _asked_for()
    return cast("Language", g.language)


def t(zh: str, en: str | None) -> str:
    """Give the sentence in the reader's language; the Chinese one when nobody has translated it."""
    return (en or zh) if language() == "en" else (zh or en or "")


def day(value: date | str | None) -> str:
    """Write a date, or the day of a moment in China, as 2026-03-16; empty for none."""
    if value is None or value == "":
        return ""
    return _local(value).isoformat()[:10]


def moment(value: datetime | str | None) -> str:
    """Write a moment in China's time as 2026-03-16 09:20; empty for none, a bare date as a day."""
    if value is None or value == "":
        return ""
    local = _local(value)
    return local.strftime("%Y-%m-%d %H:%M") if isinstance(local, datetime) else local.isoformat()


def long_day(value: date | str) -> str:
    """Write a day with its weekday: 3月16日 星期一, Monday 16 March."""
    local = _local(value)
    return t(f"{local.month}月{local.day}日 星期{_WEEKDAYS[local.weekday()]}", f"{local:%A} {local.day} {local:%B}")


def _asked_for() -> Language:
    asked = request.accept_languages if request.path.startswith("/api/") else None
    chosen = asked.best_match(["zh", "en"]) if asked else request.cookies.get(COOKIE)
    if chosen is None and g.get("officer") is not None:
        chosen = g.officer.language
    return "en" if chosen == "en" else "zh"


def _local(value: date | str) -> date:
    read = _read(value) if isinstance(value, str) else value
    if not isinstance(read, datetime):
        return read
    return read.astimezone(SHANGHAI) if read.tzinfo else read.replace(tzinfo=SHANGHAI)


def _read(text: str) -> date:
    read = datetime.fromisoformat(text)
    bare = len(text) <= len("2026-03-16")
    return read.date() if bare else read
