"""How large a picture is, read from its header: truncated, absurd and hostile ones included."""

import struct
from random import Random

import pytest

from app.domain.picture_size import LARGEST_SIDE, picture_size
from tests.files.pictures import jpeg, png

GIF = b"GIF89a" + struct.pack("<HH", 640, 480)
WEBP = b"RIFF\0\0\0\0WEBP"
LOSSY = WEBP + b"VP8 \0\0\0\0" + b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 4032, 3024)
LOSSLESS = WEBP + b"VP8L\0\0\0\0\x2f" + struct.pack("<I", (4032 - 1) | (3024 - 1) << 14) + bytes(6)
EXTENDED = WEBP + b"VP8X\0\0\0\0\0\0\0\0" + (16383).to_bytes(3, "little") + (16382).to_bytes(3, "little")


def size_of(kind, content):
    return picture_size(f"image/{kind}", lambda start, stop: content[start:stop])


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("png", png(3, 2), (3, 2)),
        ("png", b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\xff" * 8, (LARGEST_SIDE, LARGEST_SIDE)),
        ("gif", GIF, (640, 480)),
        ("webp", LOSSY, (4032, 3024)),
        ("webp", LOSSLESS, (4032, 3024)),
        ("webp", EXTENDED, (16384, 16383)),
        ("webp", WEBP + b"XXXX" + bytes(20), None),
        ("jpeg", jpeg(4032, 3024), (4032, 3024)),
        ("jpeg", jpeg(4032, 3024, before=30), (4032, 3024)),
        ("jpeg", b"\xff\xd8" + b"\xff" * 20 + jpeg(5, 6)[2:], (5, 6)),
        ("jpeg", b"\xff\xd8" + b"\xff\xe0\0\0" * 20_000, None),
        ("jpeg", b"\xff\xd8nothing of a picture", None),
        ("heif", b"\0\0\0\x18ftypheic", None),
    ],
)
def test_the_size_is_read_from_the_header(kind, content, expected):
    assert size_of(kind, content) == expected


@pytest.mark.parametrize("kind", ["png", "gif", "webp", "jpeg"])
def test_cut_and_random_headers_break_nothing(kind):
    random = Random(kind)
    whole = {"png": png(3, 2), "gif": GIF, "webp": LOSSY, "jpeg": jpeg(7, 8)}[kind]
    for length in range(len(whole)):
        size_of(kind, whole[:length])
    for _ in range(300):
        size_of(kind, whole[:4] + random.randbytes(60))
