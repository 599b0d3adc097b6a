"""What `xianjie check` says of files: every fault with file, line and element."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.catalogue.assembly import Assembly
from app.catalogue.readings import diagram_of, document_of, form_of, loaded, preflight_of, tables_in, text_of
from app.catalogue.register import load_calendar, load_register, load_roles
from app.catalogue.stories import read_story
from app.catalogue.story_check import story_faults
from app.catalogue.tree import (
    DEADLINES,
    HOLIDAYS,
    LAYOUTS,
    PREFLIGHT,
    ROLES,
    collect_files,
    diagram_path,
    list_processes,
)
from app.domain.errors import BrokenBundle, Fault, Invalid

STORIES = "tests/processes"
FIXTURES = "_fixtures"
_SHARED: Mapping[str, Callable[[bytes], object]] = {
    DEADLINES: load_register,
    HOLIDAYS: load_calendar,
    ROLES: load_roles,
}


def check_paths(paths: Sequence[Path], *, root: Path) -> list[Fault]:
    """The faults of these files and folders, in order.

    A file of the tree below `root` is also held against the rest of the tree, and so is a diagram from elsewhere
    whose collaboration is a process of the tree. Raises Invalid for a path that does not exist.
    """
    files = collect_files(root)
    whole = list(dict.fromkeys(tree_faults(files)))
    found: list[Fault] = []
    for path in paths:
        if not path.exists():
            raise Invalid(f"没有这个文件：{path}", f"There is no such file: {path}", at=str(path))
        place = _place(path, root)
        if place is not None:
            found += [fault for fault in whole if _within(fault.file, place)]
        for file in _files_beside(path, root) if path.is_dir() else [path]:
            found += _beside_the_tree(file, root, files)
    return sorted(dict.fromkeys(found), key=lambda fault: (fault.file, fault.line))


def tree_faults(files: Mapping[str, bytes]) -> Iterator[Fault]:
    """The faults of a whole tree: every process with all its parts, and every file that belongs to none."""
    for process in list_processes(files):
        yield from _faults_of(Assembly(files, process).checked)
    for path, content in files.items():
        yield from _content_faults(content, path)


def _files_beside(folder: Path, root: Path) -> Iterator[Path]:
    """The files of a folder that are no part of the tree: below the root only stories, elsewhere all."""
    inside = _place(folder, root) is not None
    for directory, names, files in os.walk(folder):
        here = _place(Path(directory), root) or ""
        names[:] = sorted(name for name in names if not name.startswith(".") and name != FIXTURES)
        if inside:
            names[:] = [name for name in names if _towards(f"{here}/{name}".removeprefix("./"), STORIES)]
        if not inside or _within(here, STORIES):
            yield from (Path(directory) / name for name in sorted(files) if not name.startswith("."))


def _beside_the_tree(path: Path, root: Path, files: Mapping[str, bytes]) -> Iterable[Fault]:
    """The faults of a file that is no part of the tree: a story, or something from elsewhere."""
    place = _place(path, root)
    if place is not None and place in files:
        return []
    content, file = path.read_bytes(), place or path.as_posix()
    if path.suffix == ".yaml" and path.name != PREFLIGHT and FIXTURES not in path.parts:
        return _story_faults(content, file, files)
    found = _content_faults(content, file)
    if path.suffix == ".bpmn" and not found:
        found = _overlay_faults(content, file, files)
    return found


def _content_faults(content: bytes, file: str) -> list[Fault]:
    """The faults of one file by itself."""
    if file in _SHARED:
        return _faults_of(partial(loaded, _SHARED[file], content))
    if Path(file).name == PREFLIGHT:
        return _faults_of(partial(preflight_of, content, file))
    readers: Mapping[str, Callable[[bytes, str], object]] = {
        ".bpmn": diagram_of,
        ".dmn": tables_in,
        ".form": form_of,
        ".html": document_of,
    }
    reader = readers.get(Path(file).suffix)
    return [] if reader is None or file.startswith(LAYOUTS) else _faults_of(partial(reader, content, file))


def _overlay_faults(content: bytes, file: str, files: Mapping[str, bytes]) -> list[Fault]:
    """The faults a diagram from elsewhere would have in the place of the one in the tree."""
    process = diagram_of(content, file).id
    if process not in list_processes(files):
        return []
    place = diagram_path(process)
    faults = _faults_of(Assembly({**files, place: content}, process).checked)
    return [replace(fault, file=file) for fault in faults if fault.file == place]


def _story_faults(content: bytes, file: str, files: Mapping[str, bytes]) -> list[Fault]:
    try:
        story = read_story(text_of(content, file), file=file)
    except BrokenBundle as broken:
        return broken.faults
    return story_faults(story, files)


def _faults_of(read: Callable[[], object]) -> list[Fault]:
    try:
        read()
    except BrokenBundle as broken:
        return broken.faults
    return []


def _place(path: Path, root: Path) -> str | None:
    """The path from the root, with `/`; None for a path outside."""
    found, top = path.resolve(), root.resolve()
    return found.relative_to(top).as_posix() if found.is_relative_to(top) else None


def _towards(place: str, goal: str) -> bool:
    return _within(place, goal) or _within(goal, place)


def _within(file: str, place: str) -> bool:
    return place in {".", file} or file.startswith(f"{place}/")
