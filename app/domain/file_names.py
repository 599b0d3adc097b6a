"""Names of files: what an officer's file may be called, and the name under which others see it."""

import re
import unicodedata

from app.domain.errors import Invalid

LONGEST = 200
"""Characters; a name is data and never a path, so no file system sets the limit."""

_HIDDEN = {"Cc": "控制", "Cf": "零宽或方向控制", "Cs": "无效", "Zl": "换行", "Zp": "换段"}
_HIDDEN_EN = {"Cc": "control", "Cf": "zero-width or direction", "Cs": "broken", "Zl": "line", "Zp": "paragraph"}
# Letters and marks to Unicode, nothing to the eye: fillers, joiners, the blank of Braille.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")


def check_file_name(name: str, *, at: str = "filename") -> str:
    """Give the name under which a file is shown and saved; Invalid names the field and what is wrong.

    Path parts, control, direction and zero-width characters are refused (OWASP ASVS 5.3.2): cut away, they would
    leave another name than the officer's. What only Windows trips over is made harmless instead.
    """
    check_words(name, at=at)
    shown = unicodedata.normalize("NFC", name).strip().rstrip(". ")
    if not shown.strip("."):
        raise Invalid("文件名不能为空", "The file needs a name", at=at)
    if re.search(r"[/\\]", name) or re.match(r"[A-Za-z]:", name):
        raise Invalid(f"文件名不能含路径：{name}", f"The file name must not hold a path: {name}", at=at)
    if len(shown) > LONGEST:
        raise Invalid(
            f"文件名不得超过 {LONGEST} 个字符", f"The file name must not be longer than {LONGEST} characters", at=at
        )
    return f"_{shown}" if _DEVICES.match(shown) else shown


def check_words(text: str, *, at: str) -> None:
    """Refuse text with characters that nobody sees, naming the field and the character."""
    for character in text:
        kind = unicodedata.category(character)
        if kind in _HIDDEN or character in _BLANKS:
            zh, en = _HIDDEN.get(kind, "不可见"), _HIDDEN_EN.get(kind, "invisible")
            code = f"U+{ord(character):04X}"
            raise Invalid(f"不能含有{zh}字符（{code}）", f"Holds a {en} character ({code})", at=at)


def extension(name: str) -> str:
    """Give the last extension in lower case, without its dot; empty when there is none."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""
