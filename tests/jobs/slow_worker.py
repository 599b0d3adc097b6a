"""A worker of its own process, to be killed: `slow_worker FOLDER DATABASE_URL OWNER DOCUMENTS`.

It makes so many documents, says `working` when it makes the next, and never comes to the end of that one.
"""

import sys
import threading
from pathlib import Path
from typing import Any

from app.wiring import House, plain_renderer
from tests.houses import a_config


class Endless:
    """Renders as many documents as it is told; the next one takes for ever."""

    def __init__(self, documents: int) -> None:
        self._plain = plain_renderer()
        self._left = documents

    def render_document(self, **given: Any) -> bytes:
        if not self._left:
            sys.stdout.write("working\n")
            sys.stdout.flush()
            threading.Event().wait()
        self._left -= 1
        return self._plain.render_document(**given)


def main(folder: str, url: str, owner: str, documents: str) -> None:
    """Work until killed."""
    house = House(a_config(Path(folder), database_url=url), renderer=Endless(int(documents)))
    while house.work_once(owner):
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
