"""Documents as PDF: filled in and printed in a process of their own, so that no template can harm the server."""

import threading
import weakref
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app.rendering.markup import Template, a_sheet
from app.rendering.process import ChildProcess

SECONDS = 60
RENDERS = 200
"""After so many documents the process is replaced, whatever its libraries have leaked."""


class PdfRenderer:
    """Renders one document after another in one warm process; threads wait for each other.

    `fonts` is the folder of the document fonts with its `fonts.conf`; without that file the system's fonts are used.
    """

    def __init__(self, fonts: Path, *, seconds: int = SECONDS, renders: int = RENDERS) -> None:
        self._lock = threading.Lock()
        self._child = ChildProcess(fonts, seconds=seconds, renders=renders)
        weakref.finalize(self, self._child.stop)

    def render_document(
        self,
        *,
        template: Template,
        layouts: Mapping[str, str],
        data: Mapping[str, Any],
        created: datetime,
        attached: Mapping[str, bytes] | None = None,
        seconds: int = 0,
    ) -> bytes:
        """The document as PDF/A-3u, the same bytes for the same input; `attached` are files it carries, by name.

        It may take so many `seconds` when that is more than is usual.

        Raises Invalid naming the missing field, layout, font, character or the address that may not be loaded, and
        Stuck naming the document when it takes more time or memory than a document may.
        """
        sheet = a_sheet(
            template=template, layouts=layouts, data=data, created=created, attached=attached, seconds=seconds
        )
        with self._lock:
            return self._child.render(sheet)

    def is_busy(self) -> bool:
        """Whether a document is being rendered, for which another one would have to wait."""
        return self._lock.locked()

    def close(self) -> None:
        """End the process; rendering again starts another."""
        with self._lock:
            self._child.stop()
