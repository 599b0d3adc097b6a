"""Files in an S3-compatible store, by the same names as in a folder; what is still arriving stays on this machine."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import obstore
from obstore.store import ObjectStore, from_url

from app.domain.errors import NotFound
from app.storage.digests import PIECE, Digest
from app.storage.files import Checked, damaged, missing
from app.storage.room import noticing_a_full_disk

_CHUNK = 8 * 1024 * 1024
_AT_ONCE = 2
"""Chunks on their way at once: with their size, what storing a file of any size costs in memory."""


class ObjectFiles:
    """Files in a bucket, below a prefix."""

    def __init__(self, store: ObjectStore, scratch: Path) -> None:
        self._store = store
        self._scratch = scratch
        self._checked = Checked()

    def put(self, content: bytes) -> str:
        """Store the bytes and give their SHA-256 in hex; the same bytes again cost nothing."""
        key = hashlib.sha256(content).hexdigest()
        if not self._is_whole(key):
            obstore.put(self._store, _place(key), content)
        return key

    def put_pieces(self, pieces: Iterable[bytes]) -> Digest:
        """Store what comes in pieces, in constant memory: its name is known only when the last one has come."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        digest = Digest()
        with noticing_a_full_disk(), tempfile.NamedTemporaryFile(dir=self._scratch) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
            file.flush()
            os.fsync(file.fileno())
            self.adopt(Path(file.name), digest.sha256)
        return digest

    def adopt(self, path: Path, sha256: str) -> None:
        """Copy a finished file of this machine; the store shows it whole or not at all."""
        if not self._is_whole(sha256):
            obstore.put(self._store, _place(sha256), path, chunk_size=_CHUNK, max_concurrency=_AT_ONCE)

    def get(self, key: str) -> bytes:
        """Read a file back whole; NotFound when it is missing or its bytes have changed since."""
        try:
            content = obstore.get(self._store, _place(key)).bytes().to_bytes()
        except FileNotFoundError:
            raise missing(key) from None
        if hashlib.sha256(content).hexdigest() != key:
            raise damaged(key)
        return content

    def check(self, key: str) -> int:
        """Give the size in bytes; the bytes are hashed when the store says they are others than last time."""
        try:
            state = obstore.head(self._store, _place(key))
        except FileNotFoundError:
            raise missing(key) from None
        seal = (state["e_tag"], state["size"], state["last_modified"])
        if not self._checked.holds(key, seal):
            digest = Digest()
            for piece in self.read(key, 0, state["size"]):
                digest.update(piece)
            if digest.sha256 != key:
                raise damaged(key)
            self._checked.add(key, seal)
        return state["size"]

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give the bytes from `start` until before `stop` in pieces."""
        try:
            end = obstore.head(self._store, _place(key))["size"] if stop is None else stop
            for at in range(start, end, PIECE):
                yield obstore.get_range(self._store, _place(key), start=at, end=min(at + PIECE, end)).to_bytes()
        except FileNotFoundError:
            raise missing(key) from None

    def _is_whole(self, key: str) -> bool:
        try:
            self.check(key)
        except NotFound:
            return False
        return True


def open_bucket(url: str, scratch: Path) -> ObjectFiles:
    """Open `s3://bucket/prefix`; endpoint, region and key are taken from `AWS_*`, as every client of S3 does."""
    return ObjectFiles(from_url(url), scratch)


def _place(key: str) -> str:
    return f"{key[:2]}/{key[2:]}"
