"""The tree as the house rules see it: source files with their syntax, and what git keeps."""

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
APP = ROOT / "app"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A Python file: its path from the root, and its syntax tree."""

    path: str
    tree: ast.Module
    lines: int

    def at(self, node: ast.AST) -> str:
        """Give `file:line` of a node, as an editor opens it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def is_in(self, *places: str) -> bool:
        """Whether the file is one of the places, or lies in one of them."""
        return any(self.path == place or self.path.startswith(f"{place}/") for place in places)


@cache
def sources(folder: Path = APP) -> tuple[Source, ...]:
    """Every Python file below a folder, by path."""
    return tuple(
        source(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
        for path in sorted(folder.rglob("*.py"))
        if "node_modules" not in path.parts
    )


def source(text: str, path: str) -> Source:
    """Read Python."""
    return Source(path=path, tree=ast.parse(text), lines=len(text.splitlines()))


@cache
def tracked() -> tuple[str, ...]:
    """Every file git keeps, by its path from the root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return tuple(name for name in listed.decode().split("\0") if name and (ROOT / name).is_file())


def tracked_text() -> Iterator[tuple[str, str]]:
    """Give path and text of every tracked file that is text."""
    for name in tracked():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content:
            yield name, content.decode("utf-8")


def imported(of: Source) -> Iterator[tuple[str, str, ast.AST]]:
    """Give module, name (empty for a whole module) and node of each absolute import."""
    for node in ast.walk(of.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "", node
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                yield node.module or "", alias.name, node


def words(of: Source) -> Iterator[tuple[str, ast.AST]]:
    """Give each word of the literals a machine compares with, and its node; sentences for people are left out."""
    for node in ast.walk(of.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[!-~]+", node.value):
            for word in re.findall(r"[A-Za-z_]\w*", node.value):
                yield word, node
