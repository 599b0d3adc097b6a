"""A PostgreSQL server for one test run: in a folder of its own, on a Unix socket, gone at the end."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

_STARTS_WITHIN = 30.0
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")  # the data does not outlive the run

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before the fork


class PostgresServer:
    """A running server; `new_database` gives the URL of a database nobody else uses."""

    def __init__(self) -> None:
        programs = _programs()
        self._as_user = _unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="xj-pg-"))
        self._databases = 0
        try:
            if self._as_user:
                shutil.chown(self._folder, user=self._as_user["user"], group=self._as_user["group"])
            self._process = self._start(programs)
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def new_database(self, *, like: str = "template0") -> str:
        """Create a database, empty or a copy of the one named `like`, and give its SQLAlchemy URL."""
        self._databases += 1
        name = f"test_{self._databases}"
        with self._administrator() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(like))
            )
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is still connected to it."""
        name = sql.Identifier(make_url(url).database or "")
        with self._administrator() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
        self._process.wait()
        shutil.rmtree(self._folder)

    def _start(self, programs: Path) -> "subprocess.Popen[bytes]":
        data, log = self._folder / "data", self._folder / "log"
        initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        made = subprocess.run(initdb, capture_output=True, text=True, check=False, cwd="/", **self._as_user)
        if made.returncode != 0:
            raise AssertionError(f"initdb failed:\n{made.stderr}")
        settings = [part for setting in _NOT_DURABLE for part in ("-c", setting)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", self._folder, "-c", "listen_addresses=", *settings],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                preexec_fn=_end_with_the_tests,  # noqa: PLW1509 - one call into C, which takes no lock
                **self._as_user,
            )
        give_up = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                self._administrator().close()
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > give_up:
                    process.kill()
                    process.wait()
                    raise AssertionError(f"PostgreSQL did not start:\n{log.read_text()}") from None
                time.sleep(0.02)
            else:
                return process

    def _administrator(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(host=str(self._folder), user="postgres", dbname="postgres", autocommit=True)


def _end_with_the_tests() -> None:
    # A test run that is killed cannot stop its server; Linux then does.
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise AssertionError("No PostgreSQL server is installed; `make test` installs it (or: bash setup/postgres.sh)")


def _unprivileged() -> dict[str, Any]:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
