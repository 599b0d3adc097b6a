"""Pictures written by hand, small in bytes and as large in points as a test wants."""

import struct
import zlib


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 1, height: int = 1) -> bytes:
    """A grey picture, its rows of zeros compressed: a bomb when it is large enough."""
    row = b"\0" + bytes(width)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int, height: int, *, before: int = 0) -> bytes:
    """The head of a photograph with where it was taken (EXIF), `before` more segments of a camera in front."""
    exif = b"Exif\0\0" + b"GPS 31.38N 120.98E" + bytes(40)
    segments = [(0xE1, exif), *((0xE2, bytes(65_000)) for _ in range(before))]
    told = b"".join(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments)
    frame = struct.pack(">BBHBHHB", 0xFF, 0xC0, 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + told + frame + b"\xff\xd9"
