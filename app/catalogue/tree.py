"""The tree of files a house is built from: where each part of a process lies, and how the folder is read."""

import os
from collections.abc import Mapping
from pathlib import Path

DEADLINES = "bpmn/_shared/deadlines.yaml"
HOLIDAYS = "bpmn/_shared/holidays.yaml"
ROLES = "bpmn/_shared/roles.yaml"
SHARED = (DEADLINES, HOLIDAYS, ROLES)
LAYOUTS = "documents/_shared/"
PREFLIGHT = "preflight.yaml"

MAX_FILE = 5_000_000
_FOLDERS = {
    "bpmn": frozenset({".bpmn", ".dmn", ".yaml"}),
    "forms": frozenset({".form"}),
    "documents": frozenset({".html", ".css", ".svg"}),
}


def collect_files(root: Path) -> dict[str, bytes]:
    """Read `bpmn/`, `forms/` and `documents/` below a folder: path from there (with `/`) → content, in order.

    Only the file types of a bundle are read; hidden files, links that lead outside and files over 5 MB are not.
    """
    found: dict[str, bytes] = {}
    for folder, suffixes in _FOLDERS.items():
        for directory, names, files in os.walk(root / folder):
            names[:] = sorted(name for name in names if not name.startswith("."))
            for name in sorted(files):
                path = Path(directory) / name
                shared = path.suffix != ".yaml" or path.parent.name == "_shared" or name == PREFLIGHT
                belongs = path.suffix in suffixes and shared
                if belongs and not name.startswith(".") and _is_inside(path, root):
                    found[path.relative_to(root).as_posix()] = path.read_bytes()
    return dict(sorted(found.items()))


def list_processes(files: Mapping[str, bytes]) -> list[str]:
    """The processes of a tree: the folders of `bpmn/` that hold a diagram. A misnamed diagram counts by its folder."""
    parts = (Path(path).parts for path in files if path.startswith("bpmn/") and path.endswith(".bpmn"))
    return sorted({folder for _, folder, *file in parts if file and folder != "_shared"})


def diagram_path(process: str) -> str:
    """Where the diagram of a process lies."""
    return f"bpmn/{process}/{process}.bpmn"


def preflight_path(process: str) -> str:
    """Where the checks of a process's packages lie."""
    return f"bpmn/{process}/{PREFLIGHT}"


def form_path(process: str, form: str) -> str:
    """Where a form of a process lies."""
    return f"forms/{process}/{form}.form"


def forms_of(files: Mapping[str, bytes], process: str) -> dict[str, str]:
    """The forms of a process: name → path."""
    folder, suffix = f"forms/{process}/", ".form"
    return {
        path[len(folder) : -len(suffix)]: path for path in files if path.startswith(folder) and path.endswith(suffix)
    }


def tables_of(files: Mapping[str, bytes], process: str) -> list[str]:
    """The paths of the rule tables of a process."""
    return sorted(path for path in files if path.startswith(f"bpmn/{process}/") and path.endswith(".dmn"))


def documents_of(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """All documents of the tree: code (the name of the file) → the paths that have it."""
    found: dict[str, list[str]] = {}
    for path in files:
        if path.startswith("documents/") and path.endswith(".html") and not path.startswith(LAYOUTS):
            found.setdefault(Path(path).stem, []).append(path)
    return found


def _is_inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve()) and path.is_file() and path.stat().st_size <= MAX_FILE
