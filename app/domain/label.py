"""The text in the QR code of a label: which item of which case, or which place of which agency, and nothing else.

`XJ1:<case number>/<item code>` and `XJ1P:<agency key>/<place code>`. Each part is percent-escaped (UTF-8, RFC 3986), so
that the text is plain ASCII, which every scanner that acts as a keyboard can type, and the one slash divides.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote_to_bytes

from app.domain import identity
from app.domain.custody import read_code, read_text, shown
from app.domain.errors import Invalid

LONGEST = 500
"""Characters of a label's text; more would make squares too small for a telephone to read."""

_ITEM = "XJ1:"
_PLACE = "XJ1P:"
_ENDINGS = " \t\r\n"
"""What a scanner types behind a code."""
_FORM = re.compile(r"(XJ1P?:)([^/]+)/([^/]+)", re.ASCII)
_PLACE_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9_-])?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Label:
    """What a label says: `kind` item with the number of its `case`, or `kind` place with the key of its `agency`."""

    kind: Literal["item", "place"]
    case: str = ""
    agency: str = ""
    code: str


def item_label(case: str, code: str) -> str:
    """Give the text for an item; `case` is the number of its case. Raises Invalid, naming `case` or `code`."""
    return _written(_ITEM, identity.name(case, at="case"), read_code(code, at="code"), at="case")


def place_label(agency: str, code: str) -> str:
    """Give the text for a place; `agency` is the key of its agency. Raises Invalid, naming `agency` or `code`."""
    return _written(_PLACE, read_text(agency, at="agency"), read_place_code(code), at="agency")


def read_label(text: str) -> Label:
    """Read what a scanner typed. Raises Invalid, at `label`, for anything the two functions above do not write."""
    given = text.strip(_ENDINGS)
    form = _FORM.fullmatch(given) if len(given) <= LONGEST else None
    if form is None:
        raise _unknown(given)
    mark, owner, code = form.groups()
    try:
        whose, what = (unquote_to_bytes(part).decode() for part in (owner, code))
        again = item_label(whose, what) if mark == _ITEM else place_label(whose, what)
    except (UnicodeDecodeError, Invalid):
        raise _unknown(given) from None
    if again != given:
        raise _unknown(given)
    return Label(kind="item", case=whose, code=what) if mark == _ITEM else Label(kind="place", agency=whose, code=what)


def read_place_code(text: str, *, at: str = "code") -> str:
    """Check the code of a storage place, unique in its agency."""
    if not _PLACE_CODE.fullmatch(text):
        raise Invalid(
            "地点编号应为字母、数字和 . _ -，最多 40 个字符",
            "A place's code is letters, digits and . _ -, at most 40 characters",
            at=at,
        )
    return text


def _written(mark: str, owner: str, code: str, *, at: str) -> str:
    text = f"{mark}{quote(owner, safe='')}/{quote(code, safe='')}"
    if len(text) > LONGEST:
        raise Invalid(f"太长，标签最多 {LONGEST} 个字符", f"Too long: a label has at most {LONGEST} characters", at=at)
    return text


def _unknown(text: str) -> Invalid:
    return Invalid(
        f"不是本系统的标签：{shown(text) or '（空）'}",
        f"Not a label of this system: {shown(text) or '(empty)'}",
        at="label",
    )
