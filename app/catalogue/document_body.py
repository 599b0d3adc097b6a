"""What the body of a document may hold: wording and tables; no other file, no script and no layout that explodes."""

import re
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, meta, nodes
from jinja2.compiler import Frame

from app.catalogue.spot import Spot
from app.rendering.sandbox import sandbox

_COMMENT = re.compile(r"/\*.*?\*/|<!--.*?-->", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t]?|([^\n]))")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,6})|([0-9]{1,7}));?")
_REFUSED = (
    (
        "forbidden-css",
        re.compile(r"\bdisplay\s*:[^;\"'}]*\b(?:inline-)?(?:flex|grid)\b|(?<![\w-])float\s*:", re.IGNORECASE),
        "不能用 flex、grid 或 float 排版",
        "flex, grid and float are not allowed: use blocks and tables",
    ),
    (
        "script",
        re.compile(r"<\s*script\b|\bjavascript\s*:|<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
        "不能有脚本",
        "Scripts are not allowed",
    ),
    (
        "external-url",
        re.compile(
            r"<\s*(?:base|link|iframe|object|embed)\b"
            r"|@import\b"
            r"|<[^<>]*[\s\"'/](?:xlink:)?(?:src|srcset|href|data|poster|background)\s*=\s*[\"']?\s*(?!data:|asset:|#|[\"'\s])"
            r"|\burl\(\s*[\"']?\s*(?!data:|asset:|#|[\"'\s])"
            r"|(?<!xmlns=[\"'])(?<!xmlns:xlink=[\"'])\b(?:https?|ftp|file)\s*:\s*/",
            re.IGNORECASE,
        ),
        "不能引用外部文件或网址，只能用 data: 和 asset:",
        "Nothing outside the document may be named, only data: and asset:",
    ),
)
_FORBIDDEN = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.Extends: "extends",
    nodes.ScopedEvalContextModifier: "autoescape",
}


def body_faults(body: str, *, spot: Spot, known: frozenset[str]) -> None:
    """Note what may not stand in a body, and the names it uses that nobody declares."""
    first = spot.line
    if not body.strip():
        spot.fault("no-body", "文书没有正文", "The document has no body")
    plain = _plain(body)
    for code, pattern, zh, en in _REFUSED:
        for match in pattern.finditer(plain):
            shown = " ".join(match.group().split())[:40]
            here = spot.at(line=first + plain.count("\n", 0, match.start()), element=shown)
            here.fault(code, f"“{shown}”：{zh}", f"“{shown}”: {en}")
    environment = sandbox()
    try:
        tree = environment.parse(body)
        unknown = _names(tree) - known
    except TemplateSyntaxError as error:
        spot.at(line=first + error.lineno - 1).fault(
            "template-syntax", f"模板语法错误：{error.message}", f"The template cannot be read: {error.message}"
        )
        return
    except (RecursionError, ValueError):  # Python refuses a number of thousands of digits
        spot.fault("too-deep", "模板嵌套太深或者数字太长", "The template is nested too deep or holds too long a number")
        return
    for node in tree.find_all(tuple(_FORBIDDEN)):
        name = _FORBIDDEN[type(node)]
        spot.at(line=first + node.lineno - 1, element=name).fault(
            "forbidden-template", f"文书正文不能用 {name}", f"A body may not use “{name}”"
        )
    for name, line in _uses(tree, unknown):
        spot.at(line=first + line - 1, element=name).fault(
            "unknown-name",
            f"“{name}”既不是文书声明的字段，也不是通用内容",
            f"“{name}” is neither a declared field nor part of what every document knows",
        )


class _Names(meta.TrackingCodeGenerator):
    """Finds the names a template looks up without working anything out.

    Jinja computes what is constant as it compiles: `'x' * 10**10` would be made while a document is published.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.optimizer = None

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        del node, frame, finalize
        raise nodes.Impossible

    def visit_EvalContextModifier(self, node: nodes.EvalContextModifier, frame: Frame) -> None:  # noqa: N802  Jinja's way
        del node, frame


def _names(tree: nodes.Template) -> set[str]:
    names = _Names(sandbox())
    names.visit(tree)
    return names.undeclared_identifiers


def _uses(tree: nodes.Template, names: set[str]) -> Iterator[tuple[str, int]]:
    """The first use of each name."""
    told: set[str] = set()
    for node in tree.find_all(nodes.Name):
        if node.ctx == "load" and node.name in names - told:
            told.add(node.name)
            yield node.name, node.lineno


def _plain(body: str) -> str:
    """The body without comments and disguises, line for line: CSS escapes and character references are resolved."""
    bare = _COMMENT.sub(lambda match: "\n" * match.group().count("\n"), body)
    return _ESCAPE.sub(_escaped, _REFERENCE.sub(_referred, bare))


def _escaped(match: re.Match[str]) -> str:
    return _character(int(match.group(1), 16)) if match.group(1) else match.group(2)


def _referred(match: re.Match[str]) -> str:
    return _character(int(match.group(1), 16) if match.group(1) else int(match.group(2)))


def _character(code: int) -> str:
    # A line break out of a reference would move the lines of every later fault.
    return " " if _is_unfit(code) else chr(code)


def _is_unfit(code: int) -> bool:
    """Whether a character reference names nothing that can stand in a line."""
    return code < ord(" ") or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF  # noqa: PLR2004  Unicode's bounds
