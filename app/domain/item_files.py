"""Files that belong to items: in which role, and whether electronic data is what was registered.

EDATA 5, 8, 14 (法发〔2016〕22号): an integrity value fixes electronic data; photographs show the item, and its seal
before and after sealing. SPC2021 111: the court compares the value.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.custody import Wording, shown
from app.domain.errors import Invalid
from app.domain.items import HASHES

CONTENT = "content"
PHOTO = "photo"
ROLES: Mapping[str, Wording] = {
    CONTENT: ("电子数据内容", "The electronic data itself"),
    PHOTO: ("照片", "Photograph"),
    "copy": ("复制件、备份", "Copy or backup"),
    "proof": ("证明材料", "Proof"),
}

SHOWS: Mapping[str, Wording] = {
    "item": ("物品", "The item"),
    "before_seal": ("封存前", "Before sealing"),
    "after_seal": ("封存后", "After sealing"),
}
"""What a photograph shows (EDATA 8)."""

CARRIED = frozenset((CONTENT, PHOTO, "proof"))
"""The roles whose files go with a hand-over of the item; a working copy stays with who made it."""

PICTURES = frozenset(f"image/{kind}" for kind in ("jpeg", "png", "webp", "gif", "heif", "bmp", "tiff"))
"""Contents a photograph may have: pictures of points; a drawing (SVG) can hold scripts and is none."""

_DIGITS: Mapping[str, int] = {**HASHES, "SHA-512": 128}
_NAMES: Mapping[str, str] = {"SHA-256": "sha256", "SM3": "sm3", "SHA-1": "sha1", "MD5": "md5", "SHA-512": "sha512"}
_BY_LENGTH: Mapping[int, str] = {64: "SHA-256", 40: "SHA-1", 32: "MD5", 128: "SHA-512"}


class ContentDiffers(Invalid):
    """The file is not the registered content; both values are named."""


class NoPicture(Invalid):
    """What came as a photograph is none."""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """An integrity value as it was registered: the algorithm by its usual name, the value in small hex digits."""

    algorithm: str
    value: str


class Measured:
    """The integrity values of a content: SHA-256 and SM3 as known, others computed from its bytes when asked for.

    `read` gives the bytes in pieces; nothing is read while the values asked for are known.
    """

    def __init__(self, *, sha256: str, sm3: str | None, read: Callable[[], Iterable[bytes]]) -> None:
        self._read = read
        self._known = {"SHA-256": sha256, **({"SM3": sm3} if sm3 else {})}

    def value(self, algorithm: str) -> str:
        """Give the value by an algorithm. Raises Invalid where this machine does not know it."""
        if algorithm not in self._known:
            try:
                running = hashlib.new(_NAMES[algorithm], usedforsecurity=False)
            except ValueError:
                raise _unknown(algorithm) from None
            for piece in self._read():
                running.update(piece)
            self._known[algorithm] = running.hexdigest()
        return self._known[algorithm]


def check_role(role: str, shows: str = "", *, media_type: str = "") -> str:
    """Check in which role a file comes and give what it shows: for a photograph a key of SHOWS, else nothing.

    `media_type` is what the content was found to be, when it has arrived. Raises Invalid naming `role` or `shows`.
    """
    if role not in ROLES:
        raise Invalid(f"没有这种文件用途：{shown(role)}", f"There is no such role of a file: {shown(role)}", at="role")
    if role != PHOTO:
        if shows:
            raise Invalid("只有照片说明拍摄内容", "Only a photograph says what it shows", at="shows")
        return ""
    wanted = shows or "item"
    if wanted not in SHOWS:
        raise Invalid("照片应为物品、封存前或者封存后", "It shows the item, or its seal before or after", at="shows")
    if media_type:
        require_picture(media_type, at="role")
    return wanted


def require_picture(media_type: str, *, at: str) -> None:
    """Refuse a content that is no picture, whatever its name says."""
    if media_type not in PICTURES:
        raise NoPicture(
            f"内容不是照片（{media_type}），未保存为照片",
            f"The content is no photograph ({media_type}); it was not stored as one",
            at=at,
        )


def registered(data: Mapping[str, Any], sha256: str = "") -> tuple[Registered, ...]:
    """Give the integrity values registered for an item: that of its trail, and that of its row (`hash`, `hash_alg`).

    Raises Invalid for one in the row that no algorithm gives.
    """
    known = [Registered(algorithm="SHA-256", value=sha256)] if sha256 else []
    value = str(data.get("hash") or "").strip().lower()
    if value:
        told = str(data.get("hash_alg") or "").strip()
        algorithm = _algorithm(told) if told else _BY_LENGTH.get(len(value), "")
        if not algorithm:
            raise _unknown(told or value)
        if not re.fullmatch(rf"[0-9a-f]{{{_DIGITS[algorithm]}}}", value):
            raise Invalid(
                f"登记的 {algorithm} 校验值应为 {_DIGITS[algorithm]} 位十六进制数字，现为 {len(value)} 位",
                f"The {algorithm} registered should have {_DIGITS[algorithm]} hex digits; it has {len(value)}",
                at="hash",
            )
        own = Registered(algorithm=algorithm, value=value)
        known += [own] if own not in known else []
    return tuple(known)


def require_registered(item: str, wanted: Iterable[Registered], measured: Measured, *, at: str = "sha256") -> None:
    """Refuse a content whose value is not the one registered for the item; both are named."""
    for one in wanted:
        found = measured.value(one.algorithm)
        if found != one.value:
            raise ContentDiffers(
                f"{item} 的内容与登记的 {one.algorithm} 校验值不符，未关联：登记的是 {one.value}，文件的是 {found}",
                f"The content of {item} does not have the {one.algorithm} registered and was not linked: "
                f"{one.value} is registered, the file has {found}",
                at=at,
            )


def _algorithm(told: str) -> str:
    plain = re.sub(r"[\s_-]", "", told).upper()
    return next((name for name in _DIGITS if name.replace("-", "") == plain), "")


def _unknown(told: str) -> Invalid:
    return Invalid(
        f"无法核对的校验算法：{shown(told)}",
        f"An integrity value of an unknown algorithm: {shown(told)}",
        at="hash_alg",
    )
