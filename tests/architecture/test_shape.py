"""Small files with one noun each, and packages that say what they are for."""

import ast
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from statistics import median

import pytest

from tests.architecture.tree import APP, ROOT, sources

LONG = 500
TIMES_THE_MEDIAN = 3
NO_NOUN = {"util", "utils", "helper", "helpers", "common", "misc", "base", "manager", "managers", "tools", "stuff"}


def giants(lengths: Mapping[str, int]) -> list[str]:
    """Give the files that have outgrown their folder."""
    folders: dict[PurePosixPath, list[int]] = {}
    for name, length in lengths.items():
        if PurePosixPath(name).name != "__init__.py":
            folders.setdefault(PurePosixPath(name).parent, []).append(length)
    return [
        f"{name}: {length} lines"
        for name, length in lengths.items()
        if length > LONG and length > TIMES_THE_MEDIAN * median(folders[PurePosixPath(name).parent])
    ]


def is_one_sentence(docstring: str) -> bool:
    text = " ".join(docstring.split())
    return text.endswith(".") and re.search(r"[.!?] [A-Z]", text) is None


@pytest.mark.parametrize("path", [of.path for of in sources() if of.path.endswith("__init__.py")])
def test_each_package_says_in_one_sentence_what_it_is_for(path: str) -> None:
    of = next(of for of in sources() if of.path == path)
    docstring = ast.get_docstring(of.tree)
    assert docstring
    assert is_one_sentence(docstring.removesuffix(" Start reading at main.py."))
    assert len(of.tree.body) == 1, f"{path} holds code; a package is only its name"


def test_each_folder_with_code_is_a_package() -> None:
    folders = {(ROOT / of.path).parent for of in sources()}
    assert [folder for folder in sorted(folders) if folder != APP and not (folder / "__init__.py").is_file()] == []


def test_no_file_outgrows_its_folder() -> None:
    assert giants({of.path: of.lines for of in sources()}) == []


def test_every_file_is_called_after_a_noun() -> None:
    assert [of.path for of in sources() if PurePosixPath(of.path).stem in NO_NOUN] == []


def test_a_giant_is_found_and_a_folder_of_long_files_is_not() -> None:
    assert giants({"a/x.py": 501, "a/y.py": 100, "a/z.py": 100}) == ["a/x.py: 501 lines"]
    assert giants({"a/x.py": 501, "a/y.py": 400}) == []


def test_two_sentences_are_not_one() -> None:
    assert is_one_sentence("Rules in plain Python: no clock.")
    assert not is_one_sentence("Rules in plain Python. No clock.")
    assert not is_one_sentence("Rules in plain Python")
