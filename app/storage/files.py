"""Files, found by the SHA-256 of their content: stored once, never overwritten."""

import hashlib
import os
import tempfile
from pathlib import Path

from app.domain.errors import NotFound


class LocalFiles:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store the bytes and give their SHA-256 in hex; the same bytes again cost nothing."""
        key = hashlib.sha256(content).hexdigest()
        target = self._path(key)
        if target.exists():
            return key
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
        return key

    def get(self, key: str) -> bytes:
        """Read a file back; one whose bytes have changed since is refused."""
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound("文件不存在", "The file is missing", at=key) from None
        if hashlib.sha256(content).hexdigest() != key:
            raise NotFound("文件内容已损坏，拒绝读取", "The stored file is damaged and is not served", at=key)
        return content

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:]
