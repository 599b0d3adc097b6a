"""One transaction, opened by the entry point; nothing below commits."""

import ast
from collections.abc import Iterable

import pytest

from tests.architecture.tree import Source, imported, source, sources

ENTRY_POINTS = ("app/wiring.py", "app/cli.py", "app/main.py")
TRANSACTIONS = {"begin", "commit", "rollback", "begin_twophase", "autocommit"}


def opened(among: Iterable[Source]) -> list[str]:
    below = [of for of in among if not of.is_in(*ENTRY_POINTS)]
    return [f"{of.at(call)}: {ast.unparse(call.func)}()" for of in below for call in calls(of)]


def calls(of: Source) -> Iterable[ast.Call]:
    # A use case may be called `begin`: what is asked of one of our own modules is no transaction.
    modules = {name for module, name, _ in imported(of) if module.partition(".")[0] == "app"}
    for node in ast.walk(of.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TRANSACTIONS:
            owner = node.func.value
            if not (isinstance(owner, ast.Name) and owner.id in modules):
                yield node


def test_only_the_entry_points_open_and_end_transactions() -> None:
    assert opened(sources()) == []


@pytest.mark.parametrize(
    "line", ["connection.commit()", "with engine.begin() as c: pass", "work.connection.rollback()"]
)
def test_a_commit_in_a_service_is_found(line: str) -> None:
    assert opened([source(line, "app/services/cases.py")]) != []


def test_a_savepoint_is_no_transaction() -> None:
    assert opened([source("connection.begin_nested()", "app/services/cases.py")]) == []
