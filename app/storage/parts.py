"""Files that are still arriving: the part on disk, how far it is certain, and its digests so far.

How many bytes count is what the database says, committed after they were on disk; what stands behind them in the part
was cut off by a crash and is written again.
"""

import fcntl
import hashlib
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.domain.content_types import HEAD, TAIL
from app.domain.errors import Conflict, Invalid, NotFound, TooLarge
from app.storage.digests import Digest, pieces_of
from app.storage.room import RESERVE, noticing_a_full_disk, want_room, write_all

CHECKSUMS = ("sha1", "sha256", "md5")
"""The algorithms by which a client may have a piece checked on arrival (tus: checksum)."""

_REMEMBERED = 256


class WrongChecksum(Invalid):
    """A piece did not arrive as it was sent."""


class Parts:
    """The folder of unfinished files; on the file system of the finished ones."""

    def __init__(self, folder: Path, *, reserve: int = RESERVE) -> None:
        self._folder = folder
        self._reserve = reserve
        self._digests: OrderedDict[str, Digest] = OrderedDict()
        self._lock = threading.Lock()

    def want_room(self, size: int) -> None:
        """Refuse with NoRoom when so many bytes would not fit."""
        self._folder.mkdir(parents=True, exist_ok=True)
        want_room(self._folder, size, reserve=self._reserve)

    def make(self, key: str) -> None:
        """Make a new part, still empty."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with noticing_a_full_disk():
            self._path(key).touch(exist_ok=False)

    @contextmanager
    def hold(self, key: str) -> Iterator["Part"]:
        """Open a part for writing by this caller alone; Conflict while another one writes."""
        with noticing_a_full_disk():
            part = Part(self, key, self._path(key))
            try:
                yield part
            finally:
                part.close()

    def drop(self, key: str) -> None:
        """Remove a part that is finished, given up or expired."""
        with self._lock:
            self._digests.pop(key, None)
        self._path(key).unlink(missing_ok=True)

    def digest(self, key: str, size: int) -> Digest:
        """Give the digests of the first `size` bytes: those remembered, carried on, or read again after a restart."""
        with self._lock:
            known = self._digests.get(key)
        digest = known.copy() if known is not None and known.size <= size else Digest()
        for piece in pieces_of(self._path(key), digest.size, size):
            digest.update(piece)
        return digest

    def remember(self, key: str, digest: Digest) -> None:
        """Keep digests for the next piece."""
        with self._lock:
            self._digests[key] = digest
            self._digests.move_to_end(key)
            while len(self._digests) > _REMEMBERED:
                self._digests.popitem(last=False)

    def _path(self, key: str) -> Path:
        return self._folder / key


class Part:
    """One part, held by one caller."""

    def __init__(self, parts: Parts, key: str, path: Path) -> None:
        self._parts = parts
        self._key = key
        self.path = path
        self._handle = self._open()

    def append(
        self, offset: int, pieces: Iterable[bytes], *, most: int, checksum: tuple[str, bytes] | None = None
    ) -> Digest:
        """Write what arrives behind the first `offset` bytes; give the digests of all there is now.

        Nothing of it stays when it is more than `most` bytes (TooLarge), when the checksum (algorithm, digest) says it
        is not what was sent (WrongChecksum), or when the disk is full (NoRoom).
        """
        self._cut(offset)
        digest = self._parts.digest(self._key, offset)
        check = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        try:
            self._write(pieces, digest, most=offset + most, check=check)
            if checksum and check is not None:
                _compare(check.digest(), checksum[1])
            os.fsync(self._handle)
        except BaseException:
            os.ftruncate(self._handle, offset)
            raise
        self._parts.remember(self._key, digest)
        return digest

    def ends(self, size: int) -> tuple[bytes, bytes]:
        """Give the first and the last bytes, by which the content is recognised."""
        return os.pread(self._handle, HEAD, 0), os.pread(self._handle, TAIL, max(0, size - TAIL))

    def close(self) -> None:
        """Let others have it."""
        os.close(self._handle)

    def _write(self, pieces: Iterable[bytes], digest: Digest, *, most: int, check: "hashlib._Hash | None") -> None:
        for piece in pieces:
            if digest.size + len(piece) > most:
                raise TooLarge("收到的内容比声明的多", "More bytes arrived than were announced", at="file")
            self._parts.want_room(len(piece))
            write_all(self._handle, piece)
            digest.update(piece)
            if check is not None:
                check.update(piece)

    def _open(self) -> int:
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            raise self._lost() from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise Conflict("该上传正在另一处继续", "This upload is being continued elsewhere", at=self._key) from None
        return handle

    def _cut(self, offset: int) -> None:
        state = os.fstat(self._handle)
        if state.st_size < offset:
            raise self._lost()
        if state.st_nlink > 1:
            self._copy()
        os.ftruncate(self._handle, offset)

    def _copy(self) -> None:
        # A crash between storing a file and noting it leaves one file of two names: the stored one is never written to.
        fresh = self.path.with_name(f"{self.path.name}.copy")
        shutil.copyfile(self.path, fresh)
        fresh.replace(self.path)
        os.close(self._handle)
        self._handle = self._open()

    def _lost(self) -> NotFound:
        return NotFound("上传的内容已丢失，请重新上传", "What was uploaded is lost; upload it again", at=self._key)


def _compare(arrived: bytes, sent: bytes) -> None:
    if arrived != sent:
        raise WrongChecksum("这一段在传输中损坏，请重传", "This piece was damaged on its way; send it again", at="file")
