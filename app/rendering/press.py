"""Prints a document as PDF/A-3u (ISO 19005-3), the same bytes for the same sheet."""

import hashlib
import logging
import shutil
import subprocess
from datetime import UTC
from functools import cache
from typing import Any

from weasyprint import HTML, Attachment
from weasyprint.text.fonts import FontConfiguration

from app.domain.errors import Invalid, Stuck
from app.rendering.fetching import LockedFetcher
from app.rendering.markup import Sheet, fill_sheet
from app.rendering.outlines import outline
from app.rendering.typesetting import Glyphs, install

_OPTIONS = {"pdf_variant": "pdf/a-3u"}
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_NAMES = 5
_PATIENCE = 10
"""Seconds to wait for the list of fonts."""


class Press:
    """WeasyPrint, warm: one font configuration for all documents. One per process, for one thread."""

    def __init__(self, *, own_fonts: bool) -> None:
        self._own_fonts = own_fonts
        self._fonts = FontConfiguration()
        self._glyphs = Glyphs()
        self._log = _Log()
        install(self._glyphs)
        logger = logging.getLogger("weasyprint")
        logger.handlers = [self._log]
        logger.propagate = False

    def print_pdf(self, sheet: Sheet) -> bytes:
        """The PDF; raises Invalid naming the field, address, font or character that is wrong, Stuck for a bomb."""
        html = fill_sheet(sheet, outline=outline)
        self._glyphs.clear()
        self._log.errors.clear()
        fetcher = LockedFetcher(sheet.layouts)
        try:
            content = self._print(sheet, html, fetcher)
        except (RecursionError, MemoryError) as error:
            raise Stuck(
                f"文书《{sheet.title}》嵌套太深或者太大，无法排版",
                f"“{sheet.title}” is nested too deep or too large to be set",
                at=sheet.title,
            ) from error
        except Exception as error:
            self._refuse(sheet, fetcher)
            raise Invalid(
                f"文书《{sheet.title}》无法排版：{error}", f"“{sheet.title}” cannot be set: {error}", at=sheet.title
            ) from error
        self._refuse(sheet, fetcher)
        self._check_glyphs(sheet)
        return content

    def _print(self, sheet: Sheet, html: str, fetcher: LockedFetcher) -> bytes:
        source = HTML(string=html, url_fetcher=fetcher)
        document = source.render(font_config=self._fonts, **_OPTIONS)
        moment = sheet.created.astimezone(UTC).strftime(_MOMENT)
        document.metadata.title = sheet.title
        document.metadata.created = moment
        document.metadata.modified = moment
        document.metadata.attachments += [_attachment(sheet, name, content) for name, content in sheet.attached.items()]
        identifier = hashlib.sha256(f"{moment}\n{html}".encode()).hexdigest()[:32].encode()
        return bytes(document.write_pdf(pdf_identifier=identifier, **_OPTIONS))

    def _refuse(self, sheet: Sheet, fetcher: LockedFetcher) -> None:
        if fetcher.refused:
            address = fetcher.refused[0]
            raise Invalid(
                f"文书《{sheet.title}》不能读取“{address}”", f"“{sheet.title}” may not load “{address}”", at=address
            )
        if self._log.errors:
            reason = self._log.errors[0]
            raise Invalid(
                f"文书《{sheet.title}》无法排版：{reason}", f"“{sheet.title}” cannot be set: {reason}", at=sheet.title
            )

    def _check_glyphs(self, sheet: Sheet) -> None:
        missing = list(dict.fromkeys(self._glyphs.missing))[:_NAMES]
        if missing:
            zh = "、".join(f"“{character}”（U+{ord(character):04X}）" for character in missing)
            en = ", ".join(f"“{character}” (U+{ord(character):04X})" for character in missing)
            raise Invalid(
                f"文书《{sheet.title}》：没有字体能显示 {zh}", f"“{sheet.title}”: no font has {en}", at=missing[0]
            )
        for (used, asked), character in self._glyphs.foreign.items() if self._own_fonts else ():
            names = _families()
            if any(names.get(used.casefold()) is names.get(family.casefold(), "") for family in asked):
                continue
            absent = [family for family in asked if family.casefold() not in names] or list(asked)
            raise Invalid(
                f"文书《{sheet.title}》：缺少字体 {'、'.join(absent)}（“{character}”改用了 {used}）",
                f"“{sheet.title}”: the font {', '.join(absent)} is missing (“{character}” is shown in {used})",
                at=absent[0],
            )


def _attachment(sheet: Sheet, name: str, content: bytes) -> Attachment:
    """A file the document was made from (ISO 32000-2, 7.11.3: AFRelationship Source)."""
    return Attachment(string=content, name=name, relationship="Source", created=sheet.created, modified=sheet.created)


class _Log(logging.Handler):
    """What WeasyPrint would only have written down: an image or style sheet that could not be loaded."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage()[:200])


@cache
def _families() -> dict[str, Any]:
    """Every name of every font (case folded) → the names that font has: 仿宋_GB2312 is FangSong_GB2312 too."""
    program = shutil.which("fc-list")
    if program is None:
        return {}
    listed = subprocess.run(  # noqa: S603  a program of the system and no input
        [program, "--format", "%{family}\n"], capture_output=True, check=False, text=True, timeout=_PATIENCE
    )
    found: dict[str, Any] = {}
    for line in listed.stdout.splitlines():
        names = frozenset(name.strip().casefold() for name in line.split(","))
        for name in names:
            found[name] = found.get(name, names)
    return found
