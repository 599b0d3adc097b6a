"""The one expression language: conditions, payloads, timers, parameters, scripts and rule tables.

Python's syntax is only read: the tree is translated into closures over a closed list of forms, so nothing a designer
writes ever runs as Python. `a.b` is a key of an object; an unknown name or key is None; every value is plain JSON.
There are no loops and all sizes are bounded, so every expression ends.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.domain.errors import Invalid, XianjieError
from app.engine.functions import GIVEN, CallError
from app.engine.moments import is_iso
from app.engine.translation import Call, Evaluate, Execute, RefusedError, Scope, Translator, checked

MAX_SOURCE = 4_000
MAX_TREE = 400
MAX_DEPTH = 100


class ExpressionError(Invalid):
    """An expression that cannot be read, or cannot be computed with these variables; the sentence quotes it."""


@dataclass(frozen=True)
class Expression:
    """A checked expression. `names` are the variables it reads, `calls` the functions it calls."""

    source: str
    names: frozenset[str]
    calls: tuple[Call, ...]
    _run: Evaluate

    def evaluate(self, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
        """Compute it; `functions` holds `due`, `now` and `today`. Raises ExpressionError saying what is wrong."""
        scope = Scope({name: variables.get(name) for name in self.names}, functions)
        return _guarded(self.source, lambda: checked(self._run(scope)))


@dataclass(frozen=True)
class Script:
    """A checked script: assignments, `if`/`else` and `del`. `names` are variables read before they are set."""

    source: str
    names: frozenset[str]
    assigned: frozenset[str]
    calls: tuple[Call, ...]
    _run: Execute

    def execute(self, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
        """Give the variables as they are after the script. Raises ExpressionError saying what is wrong."""
        scope = Scope(dict(variables), functions)
        _guarded(self.source, lambda: self._run(scope))
        return scope.values


@lru_cache(maxsize=4096)
def compile_expression(source: str, given: frozenset[str] = GIVEN) -> Expression:
    """Read an expression; a bare ISO 8601 value stands for itself and `${…}` is unwrapped. Raises ExpressionError.

    `given` are the functions its caller will pass to `evaluate`; beside them only the closed table may be called.
    """
    text = source.strip()
    if text[:2] in {"${", "#{"} and text.endswith("}"):
        text = text[2:-1].strip()
    if is_iso(text):
        return Expression(source, frozenset(), (), lambda _: text)
    tree = _parse(text, source, mode="eval")
    translator = Translator(given)
    try:
        run = translator.value(tree.body)
    except RefusedError as refused:
        raise _error(source, refused.zh, refused.en) from refused
    return Expression(source, frozenset(translator.names), tuple(translator.calls), run)


@lru_cache(maxsize=1024)
def compile_script(source: str) -> Script:
    """Read a script: `name = expression`, `name += …`, `if`/`else`, `del name`, `pass`. Raises ExpressionError."""
    text = "\n".join(line.rstrip() for line in source.strip("\n").splitlines()).strip()
    tree = _parse(text, source, mode="exec")
    if not tree.body:
        raise _error(source, "脚本是空的", "the script is empty")
    translator = Translator()
    try:
        run = translator.block(tree.body)
    except RefusedError as refused:
        raise _error(source, refused.zh, refused.en) from refused
    return Script(source, frozenset(translator.names), frozenset(translator.assigned), tuple(translator.calls), run)


def _parse(text: str, source: str, *, mode: str) -> Any:
    if not text:
        raise _error(source, "表达式是空的", "the expression is empty")
    if len(text) > MAX_SOURCE:
        raise _error(source, f"超过 {MAX_SOURCE} 个字符", f"longer than {MAX_SOURCE} characters")
    try:
        tree = ast.parse(text, mode=mode)
    except SyntaxError as error:
        raise _error(
            source,
            f"第 {error.lineno or 1} 行第 {error.offset or 1} 列有语法错误",
            f"syntax error at line {error.lineno or 1}, column {error.offset or 1}",
        ) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise _error(
            source, "无法读取（嵌套过深或含有无效字符）", "it nests too deep or holds an invalid character"
        ) from error
    todo: list[tuple[ast.AST, int]] = [(tree, 0)]
    count = 0
    while todo:
        node, depth = todo.pop()
        count += 1
        if count > MAX_TREE or depth > MAX_DEPTH:
            raise _error(source, "过于复杂", "it is too complex")
        todo.extend((child, depth + 1) for child in ast.iter_child_nodes(node))
    return tree


def _error(source: str, zh: str, en: str) -> ExpressionError:
    shown = " ".join(source.split())
    shown = shown if len(shown) <= 80 else shown[:79] + "…"  # noqa: PLR2004 - a line of a message
    return ExpressionError(f"表达式“{shown}”：{zh}", f"Expression “{shown}”: {en}")


def _guarded(source: str, compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except (RefusedError, CallError, XianjieError) as error:
        raise _error(source, error.zh, error.en) from error
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise _error(source, "用现有的数据无法计算", "it cannot be computed with these values") from error
