"""ZIP archives written in one way only: nothing compressed, no hours, no rights; the same content gives the same bytes.

So an archive can be sent while it is made, its length is known before, and a reader can tell whether a byte of its
container was changed, where no content would show it. PKWARE APPNOTE 6.3.3, with ZIP64 beyond 4 GiB.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.storage.room import noticing_a_full_disk

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_LARGE = 0xFFFFFFFF
_MANY = 0xFFFF
_FIRST_DAY = 33
"""1 January 1980: the hour of a file is told where it is proven, not here."""
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3 << 8


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file of an archive: its ASCII name, size in bytes, CRC-32, and how its bytes are read, in pieces."""

    name: str
    size: int
    crc: int
    read: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Files in the order in which they stand."""

    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        """Bytes of the whole archive."""
        return sum(part if isinstance(part, int) else len(part) for part in self.layout())

    def pieces(self) -> Iterator[bytes]:
        """Give the archive in pieces, in constant memory."""
        contents = iter(self.members)
        for part in self.layout():
            if isinstance(part, int):
                yield from next(contents).read()
            else:
                yield part

    def layout(self) -> Iterator[bytes | int]:
        """Give what stands in the archive in order: bytes of the container, and the size of each content."""
        offset, places = 0, []
        for member in self.members:
            places.append(offset)
            head = _local(member)
            yield head
            yield member.size
            offset += len(head) + member.size
        central = b"".join(_central(member, place) for member, place in zip(self.members, places, strict=True))
        yield central
        yield _end(len(self.members), len(central), offset)

    def write(self, path: Path) -> None:
        """Write the archive where nothing stands yet; a full disk leaves nothing behind."""
        with noticing_a_full_disk(), path.open("xb") as file:
            try:
                for piece in self.pieces():
                    file.write(piece)
                file.flush()
            except BaseException:
                path.unlink(missing_ok=True)
                raise


def in_memory(name: str, content: bytes) -> Member:
    """Give a member whose bytes are at hand."""
    return Member(name=name, size=len(content), crc=zlib.crc32(content), read=lambda: (content,))


def _local(member: Member) -> bytes:
    large = member.size >= _LARGE
    extra = struct.pack("<2H2Q", 1, 16, member.size, member.size) if large else b""
    size = _LARGE if large else member.size
    name = member.name.encode("ascii")
    version = 45 if large else 20
    fields = (version, 0, 0, 0, _FIRST_DAY, member.crc, size, size, len(name), len(extra))
    return _LOCAL.pack(b"PK\x03\x04", *fields) + name + extra


def _central(member: Member, offset: int) -> bytes:
    large, far = member.size >= _LARGE, offset >= _LARGE
    told = [*([member.size, member.size] if large else []), *([offset] if far else [])]
    extra = struct.pack(f"<2H{len(told)}Q", 1, 8 * len(told), *told) if told else b""
    size = _LARGE if large else member.size
    name = member.name.encode("ascii")
    version = 45 if told else 20
    fields = (_UNIX | version, version, 0, 0, 0, _FIRST_DAY, member.crc, size, size, len(name), len(extra))
    place = _LARGE if far else offset
    return _CENTRAL.pack(b"PK\x01\x02", *fields, 0, 0, 0, _PLAIN_FILE, place) + name + extra


def _end(count: int, size: int, offset: int) -> bytes:
    whole = b""
    if count >= _MANY or size >= _LARGE or offset >= _LARGE:
        fields = (44, _UNIX | 45, 45, 0, 0, count, count, size, offset)
        whole = _END_64.pack(b"PK\x06\x06", *fields) + _LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    told = min(count, _MANY)
    return whole + _END.pack(b"PK\x05\x06", 0, 0, told, told, min(size, _LARGE), min(offset, _LARGE), 0)
