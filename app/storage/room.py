"""Room on the disk: noticed before it runs out, and said plainly when it does."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.domain.errors import NoRoom

RESERVE = 64 * 1024 * 1024
"""Bytes that files leave free: the database must still be able to write."""

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def noticing_a_full_disk() -> Iterator[None]:
    """Turn the system's error of a full disk, or of a quota used up, into NoRoom."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise no_room() from error
        raise


def is_full(error: OSError) -> bool:
    """Whether the system says that there is no room."""
    return error.errno in _FULL


def want_room(folder: Path, size: int, *, reserve: int = RESERVE) -> None:
    """Refuse with NoRoom when `size` bytes more would leave less than the reserve."""
    if shutil.disk_usage(folder).free < size + reserve:
        raise no_room()


def write_all(handle: int, piece: bytes) -> None:
    """Write a piece to its last byte; the system takes less of it when the disk is nearly full."""
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(handle, rest) :]


def no_room() -> NoRoom:
    """Give the refusal."""
    return NoRoom(
        "存储空间不足，文件未保存；已上传的部分仍保留，腾出空间后可继续上传",
        "The disk is full and the file was not stored; what has arrived is kept, and the upload goes on when there is "
        "room",
        at="file",
    )
