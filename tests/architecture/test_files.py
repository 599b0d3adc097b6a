"""What git keeps: our own text, without promises to ourselves, and locks that name no host."""

import json
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest

from tests.architecture.tree import ROOT, tracked, tracked_text

LATER = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X)\b")  # spelt so that this line does not match itself
HOST = re.compile(r"https?://|\bindex-url\b|\bfind-links\b|\b[\w-]+\.(?:org|com|net|io|cn)\b", re.IGNORECASE)
BROUGHT_IN = {"node_modules", "site-packages", "vendor", "third_party", "dist", ".venv", "var"}
NOT_OURS = {".whl", ".gz", ".zip", ".deb", ".ttf", ".otf", ".ttc", ".woff", ".woff2", ".so", ".pyc", ".sqlite", ".map"}


def promises(files: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in files
        for number, line in enumerate(text.splitlines(), 1)
        if LATER.search(line)
    ]


def brought_in(names: Iterable[str]) -> list[str]:
    found = []
    for name in names:
        path = PurePosixPath(name)
        if BROUGHT_IN & set(path.parts) or path.suffix in NOT_OURS or ".min." in path.name:
            found.append(name)
    return found


def hosts(lock: str) -> list[str]:
    return [f"{number}: {line}" for number, line in enumerate(lock.splitlines(), 1) if HOST.search(line)]


def test_nothing_is_left_for_later() -> None:
    assert promises(tracked_text()) == []


def test_nothing_is_kept_that_others_made() -> None:
    assert brought_in(tracked()) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_the_locks_pin_every_library_with_its_hash_and_name_no_host(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert hosts(lock) == []
    pinned = re.split(r"\n(?=[a-z0-9])", lock)[1:]
    assert pinned
    assert [entry.split("\n")[0] for entry in pinned if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_lock_of_the_pages_has_integrity_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "app/web/frontend/package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if not entry.get("integrity") and not entry.get("inBundle")] == []


@pytest.mark.parametrize("word", ["todo", "fixme", "xxx"])
def test_a_promise_is_found(word: str) -> None:
    assert promises([("app/x.py", f"x = 1\n# {word.upper()}: more")]) == [f"app/x.py:2: # {word.upper()}: more"]


@pytest.mark.parametrize("name", ["app/web/static/dist/site.js", "fonts/Fang.ttf", "app/web/static/htmx.min.js"])
def test_a_file_of_others_is_found(name: str) -> None:
    assert brought_in([name]) == [name]


@pytest.mark.parametrize("line", ["--index-url x", "flask @ https://a/b.whl", "# from files.example.org"])
def test_a_host_in_a_lock_is_found(line: str) -> None:
    assert hosts(f"flask==3.1.0\n{line}\n") != []
