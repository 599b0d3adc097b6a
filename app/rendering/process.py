"""The parent's side of the rendering process: it is started when needed, watched, and replaced when it fails."""

import contextlib
import json
import os
import pickle
import select
import subprocess
import sys
import time
from pathlib import Path

from app.domain.errors import Invalid, Stuck
from app.rendering.child import HEAD, INVALID, LENGTH, PDF, STUCK
from app.rendering.markup import Sheet

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "FONTCONFIG_PATH")
"""Everything else, secrets of the server among it, stays out of the process that runs templates."""
_CHUNK = 1 << 16
_START = 30
"""Seconds a cold start may take on a busy machine, on top of the document's own."""
_FAREWELL = 2


class ChildProcess:
    """One warm process; not for two threads at once. `seconds` is what one document may take."""

    def __init__(self, fonts: Path, *, seconds: int, renders: int) -> None:
        self._config = fonts.absolute() / "fonts.conf"
        self._seconds = seconds
        self._renders = renders
        self._process: subprocess.Popen[bytes] | None = None
        self._done = 0

    def render(self, sheet: Sheet) -> bytes:
        """The PDF; raises Invalid, or Stuck when the process ran out of time or memory."""
        try:
            kind, content = self._ask(sheet)
        except TimeoutError as error:
            self.stop(at_once=True)
            raise Stuck(
                f"文书《{sheet.title}》排版超过 {self._time(sheet)} 秒，已中止",
                f"“{sheet.title}” took more than {self._time(sheet)} seconds and was stopped",
                at=sheet.title,
            ) from error
        except OSError as error:
            self.stop(at_once=True)
            raise Stuck(
                f"文书《{sheet.title}》排版时用尽了时间或内存",
                f"“{sheet.title}” used up the time or memory it may take",
                at=sheet.title,
            ) from error
        except BaseException:
            # Half an answer may be on its way; the next document must not get it.
            self.stop(at_once=True)
            raise
        self._done += 1
        if self._done >= self._renders:
            self.stop()
        if kind == PDF:
            return content
        raise {INVALID: Invalid, STUCK: Stuck}[kind](**json.loads(content))

    def stop(self, *, at_once: bool = False) -> None:
        """End the process; the next document starts another."""
        process, self._process, self._done = self._process, None, 0
        if process is None or process.stdin is None or process.stdout is None:
            return
        with contextlib.suppress(OSError):  # what is left for a process that has gone
            process.stdin.close()
        if at_once:
            process.kill()
        try:
            process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _time(self, sheet: Sheet) -> int:
        return max(self._seconds, sheet.seconds)

    def _ask(self, sheet: Sheet) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + self._time(sheet)
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        if self._process is None:
            self._process = self._start()
            deadline += _START
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise BrokenPipeError
        content = pickle.dumps(sheet)
        process.stdin.write(LENGTH.pack(len(content)) + content)
        process.stdin.flush()
        source = process.stdout.fileno()
        kind, length = HEAD.unpack(_read(source, HEAD.size, deadline))
        return kind, _read(source, length, deadline)

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
        own = self._config.is_file()
        if own:
            environment["FONTCONFIG_FILE"] = str(self._config)
        arguments = [sys.executable, "-P", "-m", "app.rendering.child", str(self._seconds), "own" if own else "system"]
        return subprocess.Popen(  # noqa: S603  our own interpreter and module
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the parent, which then ends this one
        )


def _read(source: int, size: int, deadline: float) -> bytes:
    """Exactly `size` bytes; raises TimeoutError at the deadline (monotonic seconds), BrokenPipeError at the end."""
    parts: list[bytes] = []
    while size:
        ready, _, _ = select.select([source], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(source, min(size, _CHUNK))
        if not part:
            raise BrokenPipeError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
