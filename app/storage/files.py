"""Files, found by the SHA-256 of their content: stored once, never overwritten, read back whole or in pieces."""

import contextlib
import hashlib
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from app.domain.errors import NotFound
from app.storage.database import new_id
from app.storage.digests import Digest, digest_of, pieces_of
from app.storage.room import noticing_a_full_disk


class Files(Protocol):
    """Where the content of documents and files is kept."""

    def put(self, content: bytes) -> str:
        """Store the bytes and give their SHA-256 in hex; the same bytes again cost nothing."""
        ...

    def put_pieces(self, pieces: Iterable[bytes]) -> Digest:
        """Store what comes in pieces, in constant memory; give its digests and its size."""
        ...

    def adopt(self, path: Path, sha256: str) -> None:
        """Store a finished file of this machine whose SHA-256 the caller has computed; the path may then be removed."""
        ...

    def get(self, key: str) -> bytes:
        """Read a file back whole; NotFound when it is missing or its bytes have changed since."""
        ...

    def check(self, key: str) -> int:
        """Give the size in bytes; NotFound when the file is missing or its bytes have changed since."""
        ...

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give the bytes from `start` until before `stop` (the end when None) in pieces, unchecked: `check` first."""
        ...


class LocalFiles:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checked = Checked()

    def put(self, content: bytes) -> str:
        """Store the bytes and give their SHA-256 in hex; the same bytes again cost nothing."""
        key = hashlib.sha256(content).hexdigest()
        if not self._path(key).exists():
            self.put_pieces([content])
        return key

    def put_pieces(self, pieces: Iterable[bytes]) -> Digest:
        """Store what comes in pieces, in constant memory; a full disk leaves nothing behind."""
        self._folder.mkdir(parents=True, exist_ok=True)
        digest = Digest()
        handle, name = tempfile.mkstemp(dir=self._folder)
        path = Path(name)
        try:
            with noticing_a_full_disk(), os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    file.write(piece)
                    digest.update(piece)
                file.flush()
                os.fsync(file.fileno())
            self.adopt(path, digest.sha256)
        finally:
            path.unlink(missing_ok=True)
        return digest

    def adopt(self, path: Path, sha256: str) -> None:
        """Give the file its place; one that is there already stays, unless its bytes have been damaged.

        The path stays a name of the same bytes until the caller removes it, so nothing is lost when the caller fails.
        """
        target = self._path(sha256)
        with contextlib.suppress(NotFound):
            self.check(sha256)
            return
        with noticing_a_full_disk():
            target.parent.mkdir(parents=True, exist_ok=True)
            # A name of its own first: a link overwrites nothing, not even a damaged file, and a rename does.
            step = target.with_name(f".{target.name}.{new_id()}")
            try:
                step.hardlink_to(path)
            except OSError:  # another file system, or one that knows no links
                _copy(path, step)
            step.replace(target)
            self._checked.add(sha256, _seal(target.stat()))
        for folder in (target.parent, self._folder):
            _keep_entries(folder)

    def get(self, key: str) -> bytes:
        """Read a file back whole; one whose bytes have changed since is refused."""
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError:
            raise missing(key) from None
        if hashlib.sha256(content).hexdigest() != key:
            raise damaged(key)
        return content

    def check(self, key: str) -> int:
        """Give the size in bytes; the bytes are hashed when the file has changed since this process last did so."""
        path = self._path(key)
        try:
            state = path.stat()
        except FileNotFoundError:
            raise missing(key) from None
        seal = _seal(state)
        if not self._checked.holds(key, seal):
            if digest_of(path).sha256 != key:
                raise damaged(key)
            self._checked.add(key, seal)
        return state.st_size

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give the bytes from `start` until before `stop` in pieces."""
        try:
            yield from pieces_of(self._path(key), start, stop)
        except FileNotFoundError:
            raise missing(key) from None

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:]


class Checked:
    """Which files were found whole, and in which state: hashing gigabytes for each piece of a film would be waste."""

    LIMIT = 10_000

    def __init__(self) -> None:
        self._seals: OrderedDict[str, object] = OrderedDict()
        self._lock = threading.Lock()

    def holds(self, key: str, seal: object) -> bool:
        """Whether the file was found whole in this very state."""
        with self._lock:
            return self._seals.get(key) == seal

    def add(self, key: str, seal: object) -> None:
        """Note that it was."""
        with self._lock:
            self._seals[key] = seal
            self._seals.move_to_end(key)
            while len(self._seals) > self.LIMIT:
                self._seals.popitem(last=False)


def _seal(state: os.stat_result) -> object:
    return (state.st_ino, state.st_size, state.st_mtime_ns)


def _copy(source: Path, target: Path) -> None:
    try:
        with target.open("wb") as file:
            for piece in pieces_of(source):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _keep_entries(folder: Path) -> None:
    # A file whose folder was not written down is gone after a power cut.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def missing(key: str) -> NotFound:
    """Give the refusal of a file that is not there."""
    return NotFound("文件不存在", "The file is missing", at=key)


def damaged(key: str) -> NotFound:
    """Give the refusal of a file whose bytes have changed."""
    return NotFound("文件内容已损坏，拒绝读取", "The stored file is damaged and is not served", at=key)
