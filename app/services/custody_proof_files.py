"""Proof of the files that travel with an exported trail: no database, no network, nothing but the archive or folder.

With a manifest every file has its place: one that is missing, changed, renamed or too many is named. A folder without
one is searched by content. An archive is compared to its last byte with the only way in which it is written.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from app.domain.custody import shown
from app.domain.custody_chain import canonical, digest
from app.domain.custody_manifest import FOLDER, MANIFEST_NAME, TRAIL_NAME, require_manifest
from app.domain.errors import Invalid
from app.domain.item_files import CONTENT
from app.storage.archive import Archive, Member
from app.storage.digests import PIECE

_LARGEST_JSON = 256 * 1024 * 1024
_BROKEN = (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that is not as it was exported: the items and the place, a sentence."""

    zh: str
    en: str
    item: str = ""
    at: str = "files"


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """What a trail says of files: its own hash and case, the items by content, the content registered of each item."""

    trail: bytes
    sha256: str
    case: Mapping[str, Any]
    items: Mapping[str, Sequence[str]]
    registered: Mapping[str, str]
    codes: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What lies in a place: SHA-256 and size by name; what could not be read, and why."""

    files: Mapping[str, tuple[str, int]]
    unreadable: Mapping[str, str]
    faults: Sequence[Fault] = field(default_factory=list)


class Place(Protocol):
    """An archive or a folder."""

    def names(self) -> list[str]:
        """Give the names of the files in it, in order."""
        ...

    def read(self, name: str) -> Iterator[bytes]:
        """Give the bytes of one in pieces."""
        ...

    def faults(self) -> list[Fault]:
        """Give what is wrong with the container itself."""
        ...


def read_trail(path: Path) -> bytes:
    """Give the trail in a file, or in an archive or folder that was exported with files. Raises Invalid."""
    if not path.is_dir() and not zipfile.is_zipfile(path):
        return path.read_bytes()
    try:
        with open_place(path) as place:
            return _small(place, TRAIL_NAME)
    except (*_BROKEN, KeyError):
        raise Invalid(f"其中没有可读的 {TRAIL_NAME}", f"There is no {TRAIL_NAME} to read in it", at=path.name) from None


def is_bundle(path: Path) -> bool:
    """Whether it is an archive or a folder rather than the trail alone."""
    return path.is_dir() or zipfile.is_zipfile(path)


def manifest_of(path: Path) -> str:
    """Give the SHA-256 over all of the manifest as it is computed now; empty when there is none to read."""
    try:
        with open_place(path) as place:
            content = _parse(_small(place, MANIFEST_NAME))
    except (*_BROKEN, KeyError, Invalid):
        return ""
    return (
        digest({key: value for key, value in content.items() if key != "sha256"}) if isinstance(content, dict) else ""
    )


def check_files(spoken: Spoken, path: Path, *, whole: bool) -> list[Fault]:
    """Give what is wrong with the files beside a trail; `whole` when the trail was read from among them."""
    try:
        with open_place(path) as place:
            found = _look(place)
            known = set(place.names())
            packed = not path.is_dir() or any(_is_packed(name) for name in known)
            if MANIFEST_NAME not in known:
                lost = (
                    [Fault(zh="缺少文件清单", en="The manifest is missing", at=MANIFEST_NAME)]
                    if whole or packed
                    else []
                )
                return [*found.faults, *lost, *_by_content(spoken, found)]
            return [*found.faults, *_by_manifest(spoken, place, found, whole=whole)]
    except _BROKEN as broken:
        return [
            Fault(
                zh=f"压缩包或者文件夹无法读取：{type(broken).__name__}",
                en=f"The archive or folder cannot be read: {type(broken).__name__}",
                at=shown(path.name),
            )
        ]


@contextmanager
def open_place(path: Path) -> Iterator[Place]:
    """Open a folder, or an archive."""
    if path.is_dir():
        yield _Folder(path)
    else:
        with zipfile.ZipFile(path) as archive:
            yield _Zip(path, archive)


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        return sorted(path.relative_to(self._path).as_posix() for path in self._path.rglob("*") if path.is_file())

    def read(self, name: str) -> Iterator[bytes]:
        with (self._path / name).open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def faults(self) -> list[Fault]:
        return []


class _Zip:
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive

    def names(self) -> list[str]:
        return [info.filename for info in self._archive.infolist()]

    def read(self, name: str) -> Iterator[bytes]:
        info = self._archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED:  # nothing that was exported is; a bomb would be
            raise zipfile.BadZipFile("compressed")
        with self._archive.open(info) as file:
            while piece := file.read(PIECE):
                yield piece

    def faults(self) -> list[Fault]:
        if self._is_as_written():
            return []
        return [
            Fault(
                zh="压缩包不是导出时的样子：结构被改动或者重新压缩过；可解压后核验文件夹",
                en="The archive is not as it was exported: its container was changed or packed again; "
                "unpack it and verify the folder",
                at=shown(self._path.name),
            )
        ]

    def _is_as_written(self) -> bool:
        infos = self._archive.infolist()
        if not all(info.filename.isascii() for info in infos):
            return False
        members = tuple(Member(name=info.filename, size=info.file_size, crc=info.CRC, read=tuple) for info in infos)
        with self._path.open("rb") as file:
            for part in Archive(members=members).layout():
                if isinstance(part, int):
                    file.seek(part, 1)
                elif file.read(len(part)) != part:
                    return False
            return not file.read(1)


def _look(place: Place) -> Found:
    files: dict[str, tuple[str, int]] = {}
    unreadable: dict[str, str] = {}
    faults = place.faults()
    for name in place.names():
        if name in files or name in unreadable:
            faults.append(Fault(zh="同名文件出现两次", en="Two files have this name", at=shown(name)))
            continue
        running, size = hashlib.sha256(), 0
        try:
            for piece in place.read(name):
                running.update(piece)
                size += len(piece)
        except _BROKEN as broken:
            unreadable[name] = getattr(broken, "strerror", None) or type(broken).__name__
        else:
            files[name] = (running.hexdigest(), size)
    return Found(files=files, unreadable=unreadable, faults=faults)


def _by_content(spoken: Spoken, found: Found) -> Iterator[Fault]:
    for name, reason in found.unreadable.items():
        yield Fault(zh=f"文件无法读取：{reason}", en=f"The file cannot be read: {reason}", at=shown(name))
    there = {key for key, _ in found.files.values()}
    strangers = "、".join(name for name, (key, _) in found.files.items() if key not in spoken.items)
    hint = (
        (f"；不在链中的文件：{shown(strangers)}", f"; not in the trail: {shown(strangers)}") if strangers else ("", "")
    )
    for key, items in spoken.items.items():
        if key not in there:
            yield Fault(
                zh=f"缺少校验值为 {key} 的文件，或者其内容已被改动{hint[0]}",
                en=f"No file has the hash {key}: it is missing or was changed{hint[1]}",
                item=" ".join(items),
            )


def _by_manifest(spoken: Spoken, place: Place, found: Found, *, whole: bool) -> list[Fault]:
    try:
        content = require_manifest(_parse(_small(place, MANIFEST_NAME)))
    except Invalid as refused:
        return [Fault(zh=refused.zh, en=refused.en, at=refused.at or MANIFEST_NAME)]
    except _BROKEN as broken:
        words = type(broken).__name__
        return [Fault(zh=f"文件清单无法读取：{words}", en=f"The manifest cannot be read: {words}", at=MANIFEST_NAME)]
    return [
        *_of_manifest(spoken, content),
        *_of_trail(spoken, place, found, whole=whole),
        *_of_links(spoken, content),
        *_of_places(content, found),
    ]


def _of_manifest(spoken: Spoken, content: Mapping[str, Any]) -> Iterator[Fault]:
    top = digest({key: value for key, value in content.items() if key != "sha256"})
    if content["sha256"] != top:
        yield Fault(
            zh="文件清单的总校验值不符，清单已被改动",
            en="The manifest does not have its hash: changed",
            at=MANIFEST_NAME,
        )
    if content["trail"] != spoken.sha256 or content["case"] != spoken.case:
        yield Fault(
            zh="文件清单属于另一份保管链", en="The manifest belongs to another trail", at=f"{MANIFEST_NAME}.trail"
        )


def _of_trail(spoken: Spoken, place: Place, found: Found, *, whole: bool) -> Iterator[Fault]:
    if TRAIL_NAME not in found.files:
        yield Fault(zh="缺少保管链文件", en="The trail is missing", at=TRAIL_NAME)
    elif not whole and _small(place, TRAIL_NAME) != spoken.trail:
        yield Fault(zh="其中的保管链不是所核验的这一份", en="The trail among the files is another one", at=TRAIL_NAME)


def _of_links(spoken: Spoken, content: Mapping[str, Any]) -> Iterator[Fault]:
    listed = {row["sha256"] for row in content["files"]}
    for key, items in spoken.items.items():
        if key not in listed and key not in content["absent"]:
            yield Fault(
                zh=f"文件清单没有保管链所载的文件 {key}",
                en=f"The manifest does not list the file {key} of the trail",
                item=" ".join(items),
            )
    for key in content["absent"]:
        if key not in spoken.items:
            yield Fault(zh=f"保管链没有文件 {key}", en=f"The trail does not speak of {key}", at=MANIFEST_NAME)
    for row in content["files"]:
        if not row["links"] and row["sha256"] not in spoken.items:
            yield Fault(
                zh=f"文件不属于任何物品：{row['sha256']}",
                en=f"It belongs to no item: {row['sha256']}",
                at=MANIFEST_NAME,
            )
        for link in row["links"]:
            value = spoken.registered.get(link["item"], "")
            if link["item"] not in spoken.codes:
                yield Fault(
                    zh="文件所属物品不在保管链中", en="The item of a file has no trail", item=shown(link["item"])
                )
            elif link["role"] == CONTENT and value and row["sha256"] != value:
                yield Fault(
                    zh=f"内容与登记的校验值不符：登记的是 {value}，文件的是 {row['sha256']}",
                    en=f"The content is not the one registered: {value} is registered, the file has {row['sha256']}",
                    item=link["item"],
                )


def _of_places(content: Mapping[str, Any], found: Found) -> Iterator[Fault]:
    wanted = {f"{FOLDER}{row['sha256']}": row for row in content["files"]}
    extra = {name: told for name, told in found.files.items() if name not in {*wanted, TRAIL_NAME, MANIFEST_NAME}}
    renamed: set[str] = set()
    for name, row in wanted.items():
        items = " ".join(sorted({link["item"] for link in row["links"] if isinstance(link["item"], str)}))
        called = shown("、".join(row["names"]))
        if name in found.unreadable:
            reason = found.unreadable[name]
            yield Fault(
                zh=f"文件“{called}”无法读取或者已损坏：{reason}",
                en=f"The file “{called}” cannot be read or is damaged: {reason}",
                item=items,
                at=name,
            )
        elif name in found.files:
            if found.files[name] != (row["sha256"], row["size"]):
                yield Fault(
                    zh=f"文件“{called}”已被改动：清单 {row['sha256']}（{row['size']} 字节），"
                    f"实际 {found.files[name][0]}（{found.files[name][1]} 字节）",
                    en=f"The file “{called}” was changed: {row['sha256']} ({row['size']} bytes) is listed, "
                    f"{found.files[name][0]} ({found.files[name][1]} bytes) is there",
                    item=items,
                    at=name,
                )
        else:
            other = next((known for known, told in extra.items() if told[0] == row["sha256"]), "")
            renamed.add(other)
            yield (
                Fault(
                    zh=f"文件“{called}”被改名：现名 {shown(other)}",
                    en=f"The file “{called}” was renamed: it is called {shown(other)} now",
                    item=items,
                    at=name,
                )
                if other
                else Fault(zh=f"缺少文件“{called}”", en=f"The file “{called}” is missing", item=items, at=name)
            )
    for name in (*extra, *found.unreadable):
        if name not in renamed and name not in wanted:
            yield Fault(zh="清单上没有的文件", en="A file that the manifest does not list", at=shown(name))


def _parse(manifest: bytes) -> Any:
    try:
        parsed = json.loads(manifest.decode("utf-8"))
        written = canonical(parsed)
    except (ValueError, RecursionError):
        raise Invalid("文件清单不是有效的 JSON", "The manifest is not valid JSON", at=MANIFEST_NAME) from None
    if written != manifest:
        raise Invalid("文件清单不是规范写法，已被改写", "The manifest is not in canonical form", at=MANIFEST_NAME)
    return parsed


def _small(place: Place, name: str) -> bytes:
    pieces, size = [], 0
    for piece in place.read(name):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST_JSON:
            raise ValueError("too large")
    return b"".join(pieces)


def _is_packed(name: str) -> bool:
    key = name.removeprefix(FOLDER)
    return name != key and len(key) == 64 and set(key) <= set("0123456789abcdef")  # noqa: PLR2004 - digits of a SHA-256
