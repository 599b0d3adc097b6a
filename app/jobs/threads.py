"""The embedded runner: threads in the serving process that do what lies in the job table."""

import logging
import threading
from collections.abc import Callable
from typing import Self

log = logging.getLogger(__name__)


class Threads:
    """Calls `work_once(owner)` until it says that nothing is due, then waits for a wake-up or the next look."""

    def __init__(
        self, work_once: Callable[[str], bool], *, count: int = 1, pause: float = 0.5, name: str = "worker"
    ) -> None:
        self._work_once = work_once
        self._pause = pause
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(f"{name}-{number}",), name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Say that there may be work now."""
        self._wake.set()

    def stop(self, *, wait: float = 30) -> None:
        """Finish the job in hand and stop."""
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(wait)

    def join(self) -> None:
        """Wait until somebody stops the runner."""
        self._stop.wait()

    def _run(self, owner: str) -> None:
        while not self._stop.is_set():
            try:
                busy = self._work_once(owner)
            except Exception:  # the runner must outlive a broken database connection
                log.exception("the worker could not look for work")
                busy = False
            if not busy:
                self._wake.wait(self._pause)
                self._wake.clear()


class Heartbeat:
    """Extends the lease of the job in hand while it is being done."""

    def __init__(self, beat: Callable[[], bool], *, every: float = 20) -> None:
        self._beat = beat
        self._every = every
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(self._every):
            if not self._beat():
                return
