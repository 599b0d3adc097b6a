"""A trail with the files of its items, as one archive or one folder that proves itself without this system."""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.domain.custody_manifest import FOLDER, MANIFEST_NAME, TRAIL_NAME
from app.domain.errors import Conflict, Invalid, NotFound
from app.storage.archive import Archive, Member, in_memory
from app.storage.files import Files
from app.storage.room import noticing_a_full_disk


@dataclass(frozen=True, kw_only=True)
class Content:
    """A file that goes along: its SHA-256 and size, how people call it, the items it belongs to."""

    sha256: str
    size: int
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an export holds: trail and manifest as they are written, and the contents that go along."""

    case_id: str
    number: str
    trail: bytes
    manifest: bytes
    contents: tuple[Content, ...]


def pack(files: Files, plan: Plan) -> Archive:
    """Read every content once and give the archive; NotFound names the item whose file is missing or damaged.

    What a store says it checked before is not believed here: the bytes are hashed again.
    """
    contents = [_member(files, content) for content in plan.contents]
    heads = (in_memory(TRAIL_NAME, plan.trail), in_memory(MANIFEST_NAME, plan.manifest))
    return Archive(members=(*heads, *contents))


def write_archive(archive: Archive, path: Path) -> None:
    """Write an archive where no file is yet."""
    try:
        archive.write(path)
    except FileExistsError:
        raise Conflict(f"文件已存在：{path}", f"The file is there already: {path}", at="--files") from None
    except (FileNotFoundError, NotADirectoryError):
        raise Invalid(
            f"没有这个文件夹：{path.parent}", f"There is no such folder: {path.parent}", at="--files"
        ) from None


def lay_out(archive: Archive, folder: Path) -> None:
    """Write what an archive holds into an empty folder; a full disk leaves nothing of it behind."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Conflict(f"文件夹不是空的：{folder}", f"The folder is not empty: {folder}", at="--files")
    written: list[Path] = []
    try:
        with noticing_a_full_disk():
            for member in archive.members:
                path = folder / member.name
                path.parent.mkdir(exist_ok=True)
                written.append(path)
                with path.open("xb") as file:
                    for piece in member.read():
                        file.write(piece)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _member(files: Files, content: Content) -> Member:
    running, crc, size = hashlib.sha256(), 0, 0
    try:
        for piece in files.read(content.sha256):
            running.update(piece)
            crc = zlib.crc32(piece, crc)
            size += len(piece)
    except NotFound:
        raise _lost(content, "不在存储中", "is not in the store") from None
    if running.hexdigest() != content.sha256:
        raise _lost(content, "内容已损坏", "was damaged in the store")

    def read() -> Iterator[bytes]:
        return files.read(content.sha256)

    return Member(name=f"{FOLDER}{content.sha256}", size=size, crc=crc, read=read)


def _lost(content: Content, zh: str, en: str) -> NotFound:
    items = " ".join(content.items)
    return NotFound(
        f"{items} 的文件“{content.title}”{zh}，未导出：{content.sha256}",
        f"The file “{content.title}” of {items} {en}; nothing was exported: {content.sha256}",
        at=content.sha256,
    )
