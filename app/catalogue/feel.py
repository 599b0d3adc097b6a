"""The part of FEEL that a form may use in `conditional.hide`, read and evaluated as the browser does.

FEEL is not the language of the diagrams: a comparison with null or of two kinds gives null, and `and`, `or` and
`not` have three values (DMN 1.3, table 48 ff.). The browser decides with these rules what the clerk sees, so the
server decides with the same ones what it demands.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_SOURCE = 500
MAX_PARENTHESES = 20

Scalar = str | float | bool | None
_Node = Callable[[Mapping[str, object]], object]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?(?![\w.]))
    | (?P<string>"(?:[^"\\]|\\["\\nt/])*")
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<sign>!=|<=|>=|[=<>()\-])
    )""",
    re.VERBOSE | re.ASCII,
)
_WORDS = {"true": True, "false": False, "null": None}
_UNSUPPORTED = {"if", "then", "else", "for", "in", "some", "every", "satisfies", "between", "instance", "function"}


class FeelError(ValueError):
    """The condition uses something outside the subset; `zh` and the message say what."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition: the names it reads, and whether it holds."""

    source: str
    names: frozenset[str]
    _node: _Node

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether the condition is true; null, as in the browser, is not true."""
        return self._node(values) is True


def read_condition(source: str) -> Condition:
    """Read `=decision = "reject" and not(amount > 3)`; raise FeelError outside the subset.

    The subset: names, strings, numbers, true, false, null, `= != < > <= >=`, `and`, `or`, `not(…)`, parentheses.
    """
    if len(source) > MAX_SOURCE:
        raise FeelError(f"条件超过 {MAX_SOURCE} 个字符", f"The condition is longer than {MAX_SOURCE} characters")
    if not source.startswith("="):
        raise FeelError("条件必须以“=”开头", "A condition begins with “=”")
    reader = _Reader(source[1:])
    node = reader.read()
    return Condition(source=source, names=frozenset(reader.names), _node=node)


class _Reader:
    """Recursive descent: or → and → comparison → value."""

    def __init__(self, source: str) -> None:
        self.names: set[str] = set()
        self._tokens = _tokens(source)
        self._at = 0
        self._depth = 0

    def read(self) -> _Node:
        node = self._either()
        if self._peek():
            raise FeelError(f"多余的内容“{self._peek()}”", f"Unexpected “{self._peek()}”")
        return node

    def _either(self) -> _Node:
        node = self._both()
        while self._take("or"):
            node = _or(node, self._both())
        return node

    def _both(self) -> _Node:
        node = self._comparison()
        while self._take("and"):
            node = _and(node, self._comparison())
        return node

    def _comparison(self) -> _Node:
        left = self._value()
        sign = self._peek()
        if sign not in _COMPARE:
            return left
        self._at += 1
        return _compare(sign, left, self._value())

    def _value(self) -> _Node:
        word = self._next()
        if word == "(":
            return self._inside()
        if word == "not":
            self._expect("(")
            return _not(self._inside())
        if word == "-":
            return _constant(-_number(self._next()))
        literal = _literal(word)
        if literal is not None:
            return literal
        return self._name(word)

    def _name(self, token: str) -> _Node:
        if not (token[0].isalpha() or token[0] == "_") or token in {"and", "or"} | _UNSUPPORTED:
            raise FeelError(f"这里不能用“{token}”", f"“{token}” cannot be used here")
        if self._peek() == "(":
            raise FeelError(f"不支持函数“{token}”", f"The function “{token}” is not supported")
        self.names.add(token.partition(".")[0])
        return _look_up(token.split("."))

    def _inside(self) -> _Node:
        self._depth += 1
        if self._depth > MAX_PARENTHESES:
            raise FeelError("括号嵌套过深", "Too many nested parentheses")
        node = self._either()
        self._expect(")")
        self._depth -= 1
        return node

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, word: str) -> bool:
        if self._peek() == word:
            self._at += 1
            return True
        return False

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise FeelError("条件不完整", "The condition is not complete")
        self._at += 1
        return token

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise FeelError(f"缺少“{sign}”", f"“{sign}” is missing")


def _tokens(source: str) -> list[str]:
    found, at, end = [], 0, len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            rest = source[at:].strip()[:20]
            raise FeelError(f"不支持“{rest}”", f"“{rest}” is not supported")
        found.append(match.group().strip())
        at = match.end()
    if not found:
        raise FeelError("条件为空", "The condition is empty")
    return found


def _literal(token: str) -> _Node | None:
    if token[0] == '"':
        return _constant(_string(token))
    if token[0].isdigit():
        return _constant(_number(token))
    return _constant(_WORDS[token]) if token in _WORDS else None


def _number(token: str) -> float:
    if not token[0].isdigit():
        raise FeelError(f"“{token}”不是数字", f"“{token}” is not a number")
    return float(token)


def _string(token: str) -> str:
    escapes = {"n": "\n", "t": "\t"}
    return re.sub(r"\\(.)", lambda match: escapes.get(match[1], match[1]), token[1:-1])


def _constant(value: Scalar) -> _Node:
    return lambda _values: value


def _look_up(path: list[str]) -> _Node:
    def node(values: Mapping[str, object]) -> object:
        found: object = values
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    return node


def _not(inner: _Node) -> _Node:
    def node(values: Mapping[str, object]) -> object:
        value = inner(values)
        return not value if isinstance(value, bool) else None

    return node


def _and(left: _Node, right: _Node) -> _Node:
    def node(values: Mapping[str, object]) -> object:
        found = (left(values), right(values))
        if any(value is False for value in found):
            return False
        return True if all(value is True for value in found) else None

    return node


def _or(left: _Node, right: _Node) -> _Node:
    def node(values: Mapping[str, object]) -> object:
        found = (left(values), right(values))
        if any(value is True for value in found):
            return True
        return False if all(value is False for value in found) else None

    return node


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return type(value).__name__


def _equal(left: object, right: object) -> bool | None:
    if left is None or right is None:
        return left is right
    return left == right if _kind(left) == _kind(right) else None


def _ordered(compare: Callable[[str | float, str | float], bool]) -> Callable[[object, object], bool | None]:
    def result(left: object, right: object) -> bool | None:
        if _kind(left) != _kind(right) or not isinstance(left, str | int | float) or isinstance(left, bool):
            return None
        if not isinstance(right, str | int | float):
            return None
        return compare(left, right)

    return result


def _unequal(left: object, right: object) -> bool | None:
    equal = _equal(left, right)
    return None if equal is None else not equal


_COMPARE: dict[str, Callable[[object, object], bool | None]] = {
    "=": _equal,
    "!=": _unequal,
    "<": _ordered(lambda left, right: left < right),  # type: ignore[operator]  # kinds are equal here
    ">": _ordered(lambda left, right: left > right),  # type: ignore[operator]  # kinds are equal here
    "<=": _ordered(lambda left, right: left <= right),  # type: ignore[operator]  # kinds are equal here
    ">=": _ordered(lambda left, right: left >= right),  # type: ignore[operator]  # kinds are equal here
}


def _compare(sign: str, left: _Node, right: _Node) -> _Node:
    compare = _COMPARE[sign]
    return lambda values: compare(left(values), right(values))
