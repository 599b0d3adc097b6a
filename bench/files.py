"""A large upload: interrupted three times it arrives whole, in constant memory, and again it is stored once.

A real server in a process of its own is sent a file in pieces of 16 MiB over loopback; three times the line is cut in
the middle of a piece. Beside the wall time, in the same run, the same bytes are only hashed (SHA-256 and SM3) and only
written. Memory is the resident set of the server: after a small upload, and its peak until the end.
"""

import base64
import hashlib
import http.client
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from app.config import Config
from app.services import demo
from app.storage import agencies, cases
from app.wiring import House, plain_renderer

ROOT = Path(__file__).resolve().parent.parent
PIECE = 16 * 1024 * 1024
CUTS = 3
TUS = {"Tus-Resumable": "1.0.0"}
MEGABYTE = 1024 * 1024


def measure(size: int = 2 * 1024 * MEGABYTE) -> None:
    """Upload `size` bytes twice and print what it cost."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var" if (ROOT / "var").is_dir() else None) as folder:
        data = Path(folder)
        source = data / "source.bin"
        expected, hashed, written = _make(source, size)
        case_id = _prepare(data)
        with _serving(data) as (address, pid):
            client = _Client(address, case_id)
            client.upload(_small(data), cuts=0)
            before = _memory(pid, "VmRSS")
            begun = time.perf_counter()
            client.upload(source, cuts=CUTS)
            first = time.perf_counter() - begun
            begun = time.perf_counter()
            client.upload(source, cuts=0)
            second = time.perf_counter() - begun
            growth = _memory(pid, "VmHWM") - before
            files = client.listed()
        blobs = [path for path in (data / "data/files").rglob("*") if path.stat().st_size == size]
    arrived = [row["sha256"] for row in files if row["size"] == size]
    print(f"files: {size / MEGABYTE:.0f} MiB by tus in pieces of {PIECE // MEGABYTE} MiB, cut {CUTS} times in a piece")
    print(f"  arrived whole: {arrived == [expected, expected]}; references {len(arrived)}, stored {len(blobs)} time(s)")
    print(f"  server memory: {before:.0f} MiB before, grew by at most {growth:.0f} MiB")
    print(f"  first {first:.1f} s, again {second:.1f} s")
    print(f"  the same bytes only hashed {hashed:.1f} s, only written {written:.1f} s")


class _Client:
    def __init__(self, address: str, case_id: str) -> None:
        self._host = urlsplit(address).netloc
        self._case = case_id
        given = json.dumps({"name": "uploader", "password": demo.PASSWORD}).encode()
        answer = self._ask("POST", "/api/v1/token", given)
        self._token = json.loads(answer.read())["token"]

    def upload(self, path: Path, *, cuts: int) -> None:
        size = path.stat().st_size
        cut_at = {(number + 1) * size // (cuts + 1) // PIECE for number in range(cuts)}
        told = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}"
            for key, value in {"case": self._case, "filename": path.name}.items()
        )
        made = self._ask("POST", "/api/v1/uploads", b"", **{"Upload-Length": str(size), "Upload-Metadata": told})
        place = made.getheader("Location") or ""
        with path.open("rb") as file:
            offset = 0
            while offset < size:
                file.seek(offset)
                piece = file.read(PIECE)
                if offset // PIECE in cut_at:
                    cut_at.remove(offset // PIECE)
                    self._send_half(place, offset, piece)
                else:
                    sent = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
                    self._ask("PATCH", place, piece, **sent)
                offset = int(self._ask("HEAD", place, b"").getheader("Upload-Offset") or -1)

    def listed(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self._ask("GET", f"/api/v1/cases/{self._case}/files", b"").read())
        return found

    def _ask(self, method: str, path: str, body: bytes, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self._host, timeout=120)
        given = {"Content-Type": "application/json", **TUS, **headers}
        if hasattr(self, "_token"):
            given["Authorization"] = f"Bearer {self._token}"
        connection.request(method, path, body=body or None, headers=given)
        answer = connection.getresponse()
        if answer.status >= 300:  # noqa: PLR2004 - nothing but success is expected
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.read()!r}")
        return answer

    def _send_half(self, place: str, offset: int, piece: bytes) -> None:
        host, _, port = self._host.partition(":")
        lines = {
            "Host": self._host,
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(piece)),
            "Upload-Offset": str(offset),
            **TUS,
        }
        head = f"PATCH {place} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
        with socket.create_connection((host, int(port)), timeout=120) as line:
            line.sendall(head.encode() + piece[: len(piece) // 2])


@contextmanager
def _serving(data: Path) -> Iterator[tuple[str, int]]:
    environment = {**os.environ, "XIANJIE_DATA": str(data / "data"), "XIANJIE_HOME": str(ROOT)}
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "0"]
    with (data / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not re.match(r"http://\S+", line):
                raise RuntimeError((data / "server.log").read_text())
            yield line.strip(), process.pid
        finally:
            process.terminate()
            process.communicate(timeout=30)


def _prepare(data: Path) -> str:
    config = Config(
        home=ROOT,
        data=data / "data",
        database_url=f"sqlite:///{data / 'data' / 'xianjie.sqlite'}",
        secret_key="bench",
        demo=False,
        fonts=data,
        host="127.0.0.1",
        port=0,
    )
    house = House(config, renderer=plain_renderer())
    try:
        house.migrate()
        with house.work() as work:
            people = {
                "agencies": {"adm": {"kind": "adm", "name": "示例局", "area_code": "320583"}},
                "officers": [{"username": "uploader", "name": "示例", "role": "adm_officer"}],
            }
            demo.put_people(work, people)
            agency = agencies.agency_by_key(work.connection, "adm")
            if agency is None:
                raise LookupError("adm")
            now = datetime.now(UTC)
            about = {"number": "BENCH-1", "name": "示例", "charge": "", "area_code": "320583", "opened_at": now}
            case_id = cases.open_case(work.connection, opened_by=agency.id, **about)
            cases.add_participant(work.connection, case_id=case_id, agency_id=agency.id, kind="adm", at=now)
            return case_id
    finally:
        house.close()


def _make(path: Path, size: int) -> tuple[str, float, float]:
    noise = random.Random(7).randbytes(MEGABYTE)
    sha256, sm3 = hashlib.sha256(), hashlib.new("sm3")
    hashed = written = 0.0
    with path.open("wb") as file:
        for number in range(0, size, MEGABYTE):
            piece = (number.to_bytes(8, "big") + noise)[: min(MEGABYTE, size - number)]
            begun = time.perf_counter()
            sha256.update(piece)
            sm3.update(piece)
            middle = time.perf_counter()
            file.write(piece)
            hashed += middle - begun
            written += time.perf_counter() - middle
        begun = time.perf_counter()
        file.flush()
        os.fsync(file.fileno())
        written += time.perf_counter() - begun
    return sha256.hexdigest(), hashed, written


def _small(data: Path) -> Path:
    path = data / "small.txt"
    path.write_bytes(b"small")
    return path


def _memory(pid: int, line: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{line}:\s+(\d+) kB", status)
    if found is None:
        raise LookupError(line)
    return int(found.group(1)) / 1024
