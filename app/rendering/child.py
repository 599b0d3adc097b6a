"""The process documents are rendered in: it may be killed at any moment, and nothing else is lost.

Reads sheets from its input and answers each with one frame: a byte that says what it is, the length, the content.
"""

import json
import os
import pickle
import resource
import struct
import sys
from typing import BinaryIO

from app.domain.errors import Invalid, Stuck
from app.rendering.markup import Sheet

HEAD = struct.Struct(">cQ")
LENGTH = struct.Struct(">Q")
PDF, INVALID, STUCK = b"P", b"I", b"S"
MAX_MEMORY = 3 << 30


def main(seconds: int, *, own_fonts: bool) -> None:
    """Render what comes in until the input ends; `seconds` of CPU time each."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Whatever a library prints must not end up between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from app.rendering.press import Press  # noqa: PLC0415  after the limits: it loads half the libraries there are

    press = Press(own_fonts=own_fonts)
    while (content := _read(sys.stdin.buffer)) is not None:
        sheet: Sheet = pickle.loads(content)  # noqa: S301  written by the parent, by nobody else
        _limit(max(seconds, sheet.seconds))
        try:
            kind, answer = PDF, press.print_pdf(sheet)
        except (Invalid, Stuck) as error:
            kind = INVALID if isinstance(error, Invalid) else STUCK
            answer = json.dumps({"zh": error.zh, "en": error.en, "at": error.at}).encode()
        answers.write(HEAD.pack(kind, len(answer)) + answer)
        answers.flush()


def _read(source: BinaryIO) -> bytes | None:
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _limit(seconds: int) -> None:
    """Let the next document have so many seconds of CPU time, whatever the earlier ones have used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), own_fonts=sys.argv[2] == "own")
