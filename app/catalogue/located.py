"""JSON and YAML that remember on which line each object stands, so a fault can name it."""

import json
import re
from collections.abc import Callable
from json import decoder, scanner
from typing import Any

import yaml

from app.domain.errors import BrokenBundle, Fault

MAX_TEXT = 1_000_000
MAX_DEPTH = 40
_BRACKET_OR_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)


class Located(dict[str, Any]):
    """A JSON object or YAML mapping with the line it begins on (from 1)."""

    line: int = 1


def line_of(value: object, default: int = 1) -> int:
    """The line a located object begins on, or the line of what holds it."""
    return value.line if isinstance(value, Located) else default


class _RefusedError(Exception):
    def __init__(self, position: int, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.position, self.code, self.zh, self.en = position, code, zh, en


class _LineDecoder(json.JSONDecoder):
    """The standard decoder in its Python form, because the C form keeps positions to itself."""

    def __init__(self, newlines: Callable[[int], int]) -> None:
        super().__init__(object_pairs_hook=list, parse_constant=_no_constant)
        self._line = newlines
        self.parse_object = self._located_object
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]  # not in the stubs

    def _located_object(self, at: tuple[str, int], *rest: Any) -> tuple[Located, int]:
        pairs, end = decoder.JSONObject(at, *rest)  # type: ignore[attr-defined]  # not in the stubs
        found = Located()
        found.line = self._line(at[1] - 1)
        for key, value in pairs:
            if key in found:
                raise _RefusedError(
                    at[1] - 1, "duplicate-name", f"同一对象里“{key}”写了两次", f"“{key}” is written twice in one object"
                )
            found[key] = value
        return found, end


def _no_constant(name: str) -> Any:
    raise _RefusedError(-1, "not-json", f"JSON 里不能有 {name}", f"JSON has no {name}")


def read_json(text: str, *, file: str) -> Any:
    """Read JSON whose objects know their line; raise BrokenBundle for anything that is not JSON.

    Stricter than the standard reader: no NaN or Infinity, no key twice, at most 1 MB and 40 levels.
    """
    if len(text) > MAX_TEXT:
        raise _broken(file, 1, "too-large", "文件超过 1 MB", "The file is larger than 1 MB")
    deep = _too_deep(text)
    if deep:
        raise _broken(file, deep, "too-deep", f"嵌套超过 {MAX_DEPTH} 层", f"Nested deeper than {MAX_DEPTH} levels")

    def line(position: int) -> int:
        return text.count("\n", 0, max(position, 0)) + 1

    try:
        return _LineDecoder(line).decode(text.removeprefix("\ufeff"))
    except _RefusedError as refused:
        raise _broken(file, line(refused.position), refused.code, refused.zh, refused.en) from refused
    except json.JSONDecodeError as error:
        raise _broken(
            file, error.lineno, "not-json", f"不是 JSON：第 {error.colno} 列", f"Not JSON: {error.msg}"
        ) from error
    except ValueError as error:  # an integer of thousands of digits
        raise _broken(file, 1, "not-json", "JSON 中有过长的数字", "A number in the JSON is too long") from error


def _too_deep(text: str) -> int:
    """The line on which brackets nest too deep, or 0; found before parsing, which recurses."""
    depth = 0
    for match in _BRACKET_OR_STRING.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match.group(), 0)
        if depth > MAX_DEPTH:
            return text.count("\n", 0, match.start()) + 1
    return 0


class _LineLoader(yaml.SafeLoader):
    """SafeLoader whose mappings know their line, refuse a key twice and know no aliases (no billion laughs).

    Plain words are read as in YAML 1.2: `on` and `no` are words, `12:30` is a text and so is `0583`.
    """

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012  PyYAML's way

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # not in the stubs
            raise yaml.constructor.ConstructorError(None, None, "aliases are not allowed", mark)
        return super().compose_node(parent, index)

    def construct_located(self, node: yaml.MappingNode) -> Located:
        found = Located()
        found.line = node.start_mark.line + 1
        for key_node, value_node in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in found:
                raise yaml.constructor.ConstructorError(None, None, f"“{key}” twice", key_node.start_mark)
            found[key] = self.construct_object(value_node, deep=True)
        return found


_LineLoader.add_constructor("tag:yaml.org,2002:map", _LineLoader.construct_located)
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", list("-+0123456789")),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _LineLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first)


def read_yaml(text: str, *, file: str) -> Any:
    """Read YAML whose mappings know their line; dates stay text, aliases and keys written twice are refused."""
    if len(text) > MAX_TEXT:
        raise _broken(file, 1, "too-large", "文件超过 1 MB", "The file is larger than 1 MB")
    try:
        return yaml.load(text, Loader=_LineLoader)  # noqa: S506  a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _broken(file, line, "not-yaml", "不是有效的 YAML", f"Not YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _broken(file, 1, "not-yaml", "不是有效的 YAML", "Not YAML") from error


def _broken(file: str, line: int, code: str, zh: str, en: str) -> BrokenBundle:
    return BrokenBundle([Fault(file=file, line=line, element="", code=code, zh=zh, en=en)])
