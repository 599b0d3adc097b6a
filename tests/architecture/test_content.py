"""A process is content: `app/` knows no process, form, document, role, message or rule by name."""

import re
from collections.abc import Iterable

import yaml

from tests.architecture.tree import ROOT, Source, source, sources, words


def names() -> set[str]:
    """The names content gives to things; words of one part are left out, the language has them too."""
    diagrams = [path for path in sorted((ROOT / "bpmn").glob("*/*.bpmn")) if path.parent.name != "_shared"]
    found = {path.parent.name for path in diagrams}
    found |= {path.stem for path in (ROOT / "forms").glob("*/*.form")}
    found |= {path.stem for path in (ROOT / "documents").glob("*/*.html") if path.parent.name != "_shared"}
    for path in diagrams:
        found |= set(re.findall(r'\bid="([A-Za-z_][\w.-]*)"', path.read_text(encoding="utf-8")))
    roles = ROOT / "bpmn/_shared/roles.yaml"
    if roles.is_file():
        found |= set(yaml.safe_load(roles.read_text(encoding="utf-8"))["roles"])
    return {name for name in found if "_" in name} - operators()


def operators() -> set[str]:
    """The machine's own closed words, which diagrams must use."""
    return {"issue_document"}


def known(names: set[str], among: Iterable[Source]) -> list[str]:
    return [f"{of.at(node)}: {word}" for of in among for word, node in words(of) if word in names]


def test_the_machine_knows_no_content_by_name() -> None:
    assert known(names(), sources()) == []


def test_a_role_in_a_rule_is_found_and_an_example_in_a_sentence_is_not() -> None:
    code = 'def may(role):\n    """Whether they may, as pol_head may."""\n    return role == "pol_head"\n'
    assert known({"pol_head"}, [source(code, "app/domain/access.py")]) == ["app/domain/access.py:3: pol_head"]
