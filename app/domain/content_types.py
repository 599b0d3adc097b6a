"""What a file is by its content, and whether that is what its name says (OWASP ASVS 5.2.2)."""

import re
from dataclasses import dataclass
from typing import Final

from app.domain.file_names import extension

HEAD: Final = 4096
"""How many bytes from the beginning are looked at."""

TAIL: Final = 66_000
"""How many bytes from the end are looked at: the end of a ZIP archive with the longest comment lies within."""

SHOWN: Final = frozenset(
    {
        *("application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"),
        *("audio/mpeg", "audio/wav", "video/mp4", "video/webm", "text/plain", "text/csv"),
    }
)
"""What a browser may show in a page; everything else is only ever saved."""

MISMATCH: Final = "mismatch"
PROGRAM: Final = "program"
ACTIVE: Final = "active"
POLYGLOT: Final = "polyglot"
MACROS: Final = "macros"

FLAGS: Final = {
    MISMATCH: ("内容与文件名不符", "The content is not what its name says"),
    PROGRAM: ("可执行程序或脚本", "A program or script"),
    ACTIVE: ("网页或含脚本的图形", "A web page, or a drawing that may hold scripts"),
    POLYGLOT: ("同时是另一种文件", "It is a second kind of file as well"),
    MACROS: ("含有宏", "It holds macros"),
}
"""Why a file is never shown inline, in words."""

UNKNOWN: Final = "application/octet-stream"
_ZIP: Final = "application/zip"
_OLE: Final = "application/x-ole-storage"
_OOXML: Final = "application/vnd.openxmlformats-officedocument"

_MAGIC: Final = (
    (re.compile(rb"%PDF-"), "application/pdf"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"RIFF.{4}AVI ", re.DOTALL), "video/x-msvideo"),
    (re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL), "image/bmp"),
    (re.compile(rb"II\*\0|MM\0\*"), "image/tiff"),
    (re.compile(rb"#!AMR"), "audio/amr"),
    (re.compile(rb"OggS"), "audio/ogg"),
    (re.compile(rb"fLaC"), "audio/flac"),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xfb\xfa\xf3\xf2]"), "audio/mpeg"),
    (re.compile(rb".{4}ftypM4A", re.DOTALL), "audio/mp4"),
    (re.compile(rb".{4}ftypqt", re.DOTALL), "video/quicktime"),
    (re.compile(rb".{4}ftyp(?:heic|heix|mif1|avif)", re.DOTALL), "image/heif"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "video/mp4"),
    (re.compile(rb"\x1aE\xdf\xa3.{0,64}webm", re.DOTALL), "video/webm"),
    (re.compile(rb"\x1aE\xdf\xa3"), "video/x-matroska"),
    (re.compile(rb"PK(?:\x03\x04|\x05\x06)"), _ZIP),
    (re.compile(rb"Rar!\x1a\x07"), "application/vnd.rar"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "application/x-7z-compressed"),
    (re.compile(rb"\x1f\x8b\x08"), "application/gzip"),
    (re.compile(rb"SQLite format 3\0"), "application/vnd.sqlite3"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), _OLE),
    (re.compile(rb"MZ"), "application/vnd.microsoft.portable-executable"),
    (re.compile(rb"\x7fELF"), "application/x-elf"),
    (re.compile(rb"\xcf\xfa\xed\xfe|\xce\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]"), "application/x-mach-binary"),
    (re.compile(rb"\xca\xfe\xba\xbe"), "application/java-vm"),
    (re.compile(rb"\0asm"), "application/wasm"),
    (re.compile(rb"L\0\0\0\x01\x14\x02\0"), "application/x-ms-shortcut"),
    (re.compile(rb"#!"), "text/x-script"),
)
_PROGRAMS: Final = frozenset(
    {
        *("application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-mach-binary"),
        *("application/java-vm", "application/wasm", "application/x-ms-shortcut", "text/x-script"),
    }
)
_PROGRAM_NAMES: Final = frozenset(
    [
        "apk",
        "app",
        "bat",
        "cmd",
        "com",
        "cpl",
        "dll",
        "exe",
        "hta",
        "jar",
        "js",
        "jse",
        "lnk",
        "msi",
        "ps1",
        "py",
        "reg",
        "scr",
        "sh",
        "vbe",
        "vbs",
        "wsf",
    ]
)
_ACTIVE: Final = frozenset({"text/html", "image/svg+xml"})
_HTML: Final = re.compile(rb"(?i)<(?:!doctype\s+html|html|head|body|script|iframe|object|embed|form|meta|svg)[\s>/]")
_DRAWING: Final = re.compile(rb"(?i)<svg[\s>]")

_NAMES: Final[dict[str, frozenset[str]]] = {
    **{name: frozenset({"application/pdf"}) for name in ("pdf",)},
    **{name: frozenset({"image/jpeg"}) for name in ("jpg", "jpeg", "jpe")},
    **{name: frozenset({f"image/{name}"}) for name in ("png", "gif", "webp", "bmp")},
    **{name: frozenset({"image/tiff"}) for name in ("tif", "tiff")},
    **{name: frozenset({"image/heif"}) for name in ("heic", "heif", "avif")},
    **{name: frozenset({"audio/mpeg"}) for name in ("mp3",)},
    **{name: frozenset({f"audio/{name}"}) for name in ("wav", "amr", "ogg", "flac")},
    **{name: frozenset({"audio/mp4", "video/mp4"}) for name in ("m4a",)},
    **{name: frozenset({"video/mp4", "video/quicktime"}) for name in ("mp4", "m4v", "mov")},
    **{name: frozenset({"video/webm"}) for name in ("webm",)},
    **{name: frozenset({"video/x-matroska", "video/webm"}) for name in ("mkv",)},
    **{name: frozenset({"video/x-msvideo"}) for name in ("avi",)},
    **{name: frozenset({_ZIP}) for name in ("zip", "ofd", "odt", "ods", "odp", "epub")},
    "docx": frozenset({f"{_OOXML}.wordprocessingml.document"}),
    "xlsx": frozenset({f"{_OOXML}.spreadsheetml.sheet"}),
    "pptx": frozenset({f"{_OOXML}.presentationml.presentation"}),
    **{name: frozenset({_OLE}) for name in ("doc", "xls", "ppt", "wps", "et", "dps", "msg")},
    "rar": frozenset({"application/vnd.rar"}),
    "7z": frozenset({"application/x-7z-compressed"}),
    "gz": frozenset({"application/gzip"}),
    "csv": frozenset({"text/csv"}),
    "svg": frozenset({"image/svg+xml"}),
    "xml": frozenset({"application/xml"}),
    **{name: frozenset({"text/html"}) for name in ("html", "htm", "xhtml")},
    **{name: frozenset({"text/plain"}) for name in ("txt", "log", "md")},
}
"""What content each extension promises; an extension that is not here promises nothing."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a file is: its media type by content, and why it is never shown inline (a key of FLAGS), or None."""

    media_type: str
    flag: str | None


def examine(name: str, *, head: bytes, tail: bytes) -> Found:
    """Say what a file is by its first HEAD and last TAIL bytes, beside what its name promises."""
    media_type = _media_type(head, tail, extension(name))
    return Found(media_type=media_type, flag=_flag(name, media_type, head, tail))


def read_text(content: bytes) -> str:
    """Read text as UTF-8, else as GB 18030; a character cut in two at the end is left out."""
    for encoding in ("utf-8-sig", "gb18030"):
        for cut in range(4):
            try:
                return content[: len(content) - cut].decode(encoding)
            except UnicodeDecodeError as error:
                if error.end < len(content) - cut - 4:
                    break
    return content.decode("utf-8", "replace")


def _media_type(head: bytes, tail: bytes, ending: str) -> str:
    for magic, media_type in _MAGIC:
        if magic.match(head):
            return _kind_of_zip(head, tail) if media_type == _ZIP else media_type
    if not _is_text(head):
        return UNKNOWN
    if _HTML.search(head):
        return "image/svg+xml" if _DRAWING.search(head) and not re.search(rb"(?i)<html", head) else "text/html"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<?xml"):
        return "application/xml"
    return "text/csv" if ending == "csv" else "text/plain"


def _kind_of_zip(head: bytes, tail: bytes) -> str:
    # The list of what an archive holds stands at its end, the names of the first entries at its beginning.
    for folder, kind in (
        (b"word/", "wordprocessingml.document"),
        (b"xl/", "spreadsheetml.sheet"),
        (b"ppt/", "presentationml.presentation"),
    ):
        if b"[Content_Types].xml" in head + tail and folder in head + tail:
            return f"{_OOXML}.{kind}"
    return _ZIP


def _is_text(head: bytes) -> bool:
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", head):
        return False
    return "\ufffd" not in read_text(head)


def _flag(name: str, media_type: str, head: bytes, tail: bytes) -> str | None:
    if media_type in _PROGRAMS or extension(name) in _PROGRAM_NAMES:
        return PROGRAM
    if media_type in _ACTIVE:
        return ACTIVE
    promised = _NAMES.get(extension(name))
    if promised is not None and media_type not in promised:
        return MISMATCH
    if b"vbaProject.bin" in tail or b"vbaProject.bin" in head:
        return MACROS
    is_archive = head.startswith(b"PK")
    if not is_archive and (_ends_as_zip(tail) or (media_type not in ("text/plain", "text/csv") and _HTML.search(head))):
        return POLYGLOT
    return None


def _ends_as_zip(tail: bytes) -> bool:
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) - at >= 22 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)  # noqa: PLR2004 - the size of that record
