"""How large a picture is, read from its header: what a browser would have to hold is known before it is shown.

Nothing is decoded: a picture of a few kilobytes can stand for gigabytes of points.
"""

from collections.abc import Callable
from typing import Literal

MOST_SHOWN = 70_000_000
"""Points of a picture that a page shows; cameras of 64 million are in use, four bytes a point are held to show it."""

Reader = Callable[[int, int], bytes]
"""Gives the bytes from `start` until before `stop`; fewer at the end."""

LARGEST_SIDE = 2**31 - 1
"""Points; a header that says more says no more than that."""

_SEGMENTS = 2_000
_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


def picture_size(media_type: str, read: Reader) -> tuple[int, int] | None:
    """Give width and height in points; None for what is no PNG, JPEG, GIF or WebP, or does not say."""
    match media_type:
        case "image/png":
            head = read(0, 24)
            return _pair(head, 16, 20, 4, "big") if len(head) == 24 else None  # noqa: PLR2004 - signature and IHDR
        case "image/gif":
            head = read(0, 10)
            return _pair(head, 6, 8, 2, "little") if len(head) == 10 else None  # noqa: PLR2004 - signature and screen
        case "image/webp":
            return _webp(read(0, 30))
        case "image/jpeg":
            return _jpeg(read)
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    if len(head) < 30:  # noqa: PLR2004 - container, chunk and frame
        return None
    match head[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = _pair(head, 26, 28, 2, "little")
            return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(read: Reader) -> tuple[int, int] | None:
    at = 2
    for _ in range(_SEGMENTS):
        head = read(at, at + 9)
        if len(head) < 9 or head[0] != 0xFF:  # noqa: PLR2004 - marker, length and frame
            return None
        marker = head[1]
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte
            at += 1
        elif marker in _JPEG_BARE:
            at += 2
        elif marker in _JPEG_SIZES:
            height, width = _pair(head, 5, 7, 2, "big")
            return width, height
        else:
            at += 2 + max(2, int.from_bytes(head[2:4], "big"))
    return None


def _pair(head: bytes, one: int, other: int, size: int, order: Literal["big", "little"]) -> tuple[int, int]:
    told = (int.from_bytes(head[at : at + size], order) for at in (one, other))
    width, height = (min(side, LARGEST_SIDE) for side in told)
    return width, height
