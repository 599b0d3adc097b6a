"""SHA-256 and SM3 (GB/T 32905-2016) of content, computed while it passes."""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

PIECE = 1024 * 1024
"""Bytes read at once: what a transfer of any size costs in memory."""


class Digest:
    """Both digests and the size of what has passed so far."""

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._sm3 = None
        with contextlib.suppress(ValueError):  # an OpenSSL built without SM3
            self._sm3 = hashlib.new("sm3")

    def update(self, piece: bytes) -> None:
        """Let a piece pass."""
        self.size += len(piece)
        self._sha256.update(piece)
        if self._sm3 is not None:
            self._sm3.update(piece)

    def copy(self) -> Self:
        """Give a digest that goes on from here by itself."""
        other = type(self)()
        other.size = self.size
        other._sha256 = self._sha256.copy()  # noqa: SLF001 - of the same class
        other._sm3 = self._sm3.copy() if self._sm3 is not None else None  # noqa: SLF001 - same
        return other

    @property
    def sha256(self) -> str:
        """SHA-256 in hex."""
        return self._sha256.hexdigest()

    @property
    def sm3(self) -> str | None:
        """SM3 in hex; None where this machine's OpenSSL has none."""
        return self._sm3.hexdigest() if self._sm3 is not None else None


def digest_of(path: Path) -> Digest:
    """Give the digests of a file, in constant memory."""
    digest = Digest()
    for piece in pieces_of(path):
        digest.update(piece)
    return digest


def pieces_of(path: Path, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Give the bytes of a file from `start` until before `stop` (the end when None) in pieces."""
    with path.open("rb") as file:
        file.seek(start)
        left = None if stop is None else stop - start
        while left is None or left > 0:
            piece = file.read(PIECE if left is None else min(PIECE, left))
            if not piece:
                return
            if left is not None:
                left -= len(piece)
            yield piece
