"""Translates a syntax tree into closures, or refuses it: the closed list of what an expression may say."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.errors import XianjieError
from app.engine.functions import FUNCTIONS, GIVEN, MAX_ITEMS, CallError, number_in_range, text_of
from app.engine.moments import MOMENT, parse_moment
from app.engine.plain import MAX_TEXT, check_plain

MAX_LITERAL = 10**15
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(slots=True)
class Scope:
    """What an expression can see: variables and the caller's functions."""

    values: dict[str, Any]
    functions: Mapping[str, Callable[..., Any]]


Evaluate = Callable[[Scope], Any]
Execute = Callable[[Scope], None]


class RefusedError(Exception):
    """A form that is not allowed, or a value that cannot be computed with; zh and en say which."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True)
class Call:
    """A call in an expression: the function, its first argument when that is literal text, and how many it has."""

    function: str
    argument: str | None
    count: int


def checked(value: Any) -> Any:
    """Give a value back that is plain data within bounds; raise Invalid for any other."""
    if value is None or value is True or value is False:
        return value
    check_plain(value, at="=")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


_ARITHMETIC: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", lambda left, right: left + right),
    ast.Sub: ("-", lambda left, right: left - right),
    ast.Mult: ("*", lambda left, right: left * right),
    ast.Div: ("/", lambda left, right: left / right),
    ast.FloorDiv: ("//", lambda left, right: left // right),
    ast.Mod: ("%", lambda left, right: left % right),
}
_ORDER: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
}
_MATCH: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Is: lambda left, right: left is right,
    ast.IsNot: lambda left, right: left is not right,
}
_FORMS: Mapping[str, str] = {
    "Lambda": "lambda",
    "NamedExpr": ":=",
    "Await": "await",
    "Yield": "yield",
    "For": "for",
    "While": "while",
    "FunctionDef": "def",
    "ClassDef": "class",
    "Import": "import",
    "ImportFrom": "import",
    "With": "with",
    "Try": "try",
    "Raise": "raise",
    "Global": "global",
    "Starred": "*",
    "Pow": "**",
    "Slice": "[:]",
}


def _refuse(node: ast.AST) -> RefusedError:
    form = _FORMS.get(type(node).__name__, type(node).__name__)
    return RefusedError(f"不允许使用“{form}”", f"“{form}” is not allowed")


class Translator:
    """Turns a syntax tree into closures, or refuses it; collects the names it reads and the functions it calls.

    `given` are the functions that its caller will pass in, beside the closed table that every expression may call.
    """

    def __init__(self, given: frozenset[str] = GIVEN) -> None:
        self._callable = given | frozenset(FUNCTIONS)
        self.names: set[str] = set()
        self.assigned: set[str] = set()
        self.calls: list[Call] = []
        self._known: set[str] = set()
        self._row: str | None = None

    def value(self, node: ast.AST) -> Evaluate:
        """Translate an expression."""
        translate = _TRANSLATE.get(type(node))
        if translate is None:
            raise _refuse(node)
        return translate(self, node)

    def block(self, statements: list[ast.stmt]) -> Execute:
        """Translate the statements of a script."""
        steps = [self._statement(statement) for statement in statements]

        def run(scope: Scope) -> None:
            for step in steps:
                step(scope)

        return run

    def _statement(self, node: ast.stmt) -> Execute:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return self._assignment(name, self.value(value))
            case ast.AugAssign(target=ast.Name(id=name) as target, op=operator, value=value):
                loaded = ast.Name(id=name, ctx=ast.Load())
                return self._assignment(target.id, self._binary(ast.BinOp(left=loaded, op=operator, right=value)))
            case ast.If(test=test, body=body, orelse=orelse):
                return self._branch(test, body, orelse)
            case ast.Delete(targets=targets):
                return self._deletion(targets)
            case ast.Pass():
                return lambda _: None
            case ast.Expr():
                raise RefusedError("脚本只能给变量赋值", "a script may only assign to names")
            case ast.Assign() | ast.AugAssign():
                raise RefusedError("只能写“变量名 = 表达式”", "only “name = expression” is allowed")
            case _:
                raise _refuse(node)

    def _assignment(self, name: str, compute: Evaluate) -> Execute:
        _check_name(name)
        if name in self._callable or name in _CONSTANTS:
            raise RefusedError(f"“{name}”由系统使用，不能赋值", f"“{name}” belongs to the language")
        self.assigned.add(name)
        self._known.add(name)

        def run(scope: Scope) -> None:
            scope.values[name] = checked(compute(scope))

        return run

    def _branch(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> Execute:
        condition = self.value(test)
        before = set(self._known)
        then = self.block(body)
        after_then, self._known = self._known, set(before)
        otherwise = self.block(orelse)
        self._known &= after_then
        return lambda scope: then(scope) if condition(scope) else otherwise(scope)

    def _deletion(self, targets: list[ast.expr]) -> Execute:
        names = []
        for target in targets:
            if not isinstance(target, ast.Name):
                raise RefusedError("只能写“del 变量名”", "only “del name” is allowed")
            _check_name(target.id)
            names.append(target.id)
            self._known.add(target.id)
            self.assigned.add(target.id)

        def run(scope: Scope) -> None:
            for name in names:
                scope.values.pop(name, None)

        return run

    def _constant(self, node: ast.Constant) -> Evaluate:
        value = node.value
        if value is not None and not isinstance(value, str | int | float):
            raise _refuse(node)
        if isinstance(value, int | float) and not -MAX_LITERAL <= value <= MAX_LITERAL:
            raise RefusedError("数字过大", "the number is too large")
        return lambda _: value

    def _name(self, node: ast.Name) -> Evaluate:
        name = node.id
        _check_name(name)
        if name in _CONSTANTS:
            constant = _CONSTANTS[name]
            return lambda _: constant
        if name in self._callable:
            raise RefusedError(f"“{name}”是函数，要写“{name}(…)”", f"“{name}” is a function: write “{name}(…)”")
        if name != self._row and name not in self._known:
            self.names.add(name)
        return lambda scope: scope.values.get(name)

    def _attribute(self, node: ast.Attribute) -> Evaluate:
        holder, key = self.value(node.value), node.attr
        _check_name(key)

        def read(scope: Scope) -> Any:
            held = holder(scope)
            return held.get(key) if isinstance(held, dict) else None

        return read

    def _subscript(self, node: ast.Subscript) -> Evaluate:
        holder, key = self.value(node.value), self.value(node.slice)

        def read(scope: Scope) -> Any:
            held, at = holder(scope), key(scope)
            if held is None:
                return None
            if isinstance(held, dict):
                return held.get(at) if isinstance(at, str) else None
            if isinstance(held, str | list) and isinstance(at, int):
                return held[at] if -len(held) <= at < len(held) else None
            raise RefusedError("下标不适用于这个值", "this value has no such entry")

        return read

    def _boolean(self, node: ast.BoolOp) -> Evaluate:
        parts = [self.value(value) for value in node.values]
        wanted = isinstance(node.op, ast.Or)

        def decide(scope: Scope) -> Any:
            value = None
            for part in parts:
                value = part(scope)
                if bool(value) is wanted:
                    break
            return value

        return decide

    def _unary(self, node: ast.UnaryOp) -> Evaluate:
        operand = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda scope: not operand(scope)
        if not isinstance(node.op, ast.USub | ast.UAdd):
            raise _refuse(node.op)
        negative = isinstance(node.op, ast.USub)
        shown = _shown(node.operand)

        def signed(scope: Scope) -> Any:
            value = operand(scope)
            if not _is_number(value):
                raise _no_number(shown, value)
            return -value if negative else value

        return signed

    def _binary(self, node: ast.BinOp) -> Evaluate:
        known = _ARITHMETIC.get(type(node.op))
        if known is None:
            raise _refuse(node.op)
        sign, compute = known
        left, right = self.value(node.left), self.value(node.right)
        shown = _shown(node.left), _shown(node.right)

        def calculate(scope: Scope) -> Any:
            first, second = left(scope), right(scope)
            if _is_number(first) and _is_number(second):
                if sign in "//%" and not second:
                    raise RefusedError(
                        f"“{shown[1]}”是零，不能作除数", f"“{shown[1]}” is zero; nothing can be divided by it"
                    )
                return number_in_range(compute(number_in_range(first), number_in_range(second)))
            if sign == "+" and isinstance(first, str | list) and type(first) is type(second):
                if len(first) + len(second) > (MAX_TEXT if isinstance(first, str) else MAX_ITEMS):
                    raise RefusedError("结果过长", "the result is too long")
                return compute(first, second)
            wrong = 1 if _is_number(first) or (sign == "+" and isinstance(first, str | list)) else 0
            raise _no_number(shown[wrong], (first, second)[wrong])

        return calculate

    def _comparison(self, node: ast.Compare) -> Evaluate:
        operands = [node.left, *node.comparators]
        values = [self.value(operand) for operand in operands]
        tests = [
            _test(operator, _shown(first), _shown(second))
            for operator, first, second in zip(node.ops, operands, operands[1:], strict=False)
        ]
        if len(tests) == 1:
            first, second, test = values[0], values[1], tests[0]
            return lambda scope: test(first(scope), second(scope))

        def compare(scope: Scope) -> bool:
            left = values[0](scope)
            for test, value in zip(tests, values[1:], strict=True):
                right = value(scope)
                if not test(left, right):
                    return False
                left = right
            return True

        return compare

    def _choice(self, node: ast.IfExp) -> Evaluate:
        test, then, otherwise = self.value(node.test), self.value(node.body), self.value(node.orelse)
        return lambda scope: then(scope) if test(scope) else otherwise(scope)

    def _list(self, node: ast.List | ast.Tuple) -> Evaluate:
        entries = [self.value(entry) for entry in node.elts]
        return lambda scope: [entry(scope) for entry in entries]

    def _dict(self, node: ast.Dict) -> Evaluate:
        entries = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise RefusedError("不允许使用“**”", "“**” is not allowed")
            entries.append((self.value(key), self.value(value)))

        def build(scope: Scope) -> dict[str, Any]:
            made = {}
            for key, value in entries:
                name = key(scope)
                if not isinstance(name, str):
                    raise RefusedError("对象的键必须是文字", "a key of an object must be text")
                made[name] = value(scope)
            return made

        return build

    def _call(self, node: ast.Call) -> Evaluate:
        if not isinstance(node.func, ast.Name) or node.func.id not in self._callable:
            raise RefusedError(f"不能调用“{_shown(node.func)}”", f"“{_shown(node.func)}” cannot be called")
        name = node.func.id
        if any(keyword.arg is None for keyword in node.keywords):
            raise RefusedError("不允许使用“**”", "“**” is not allowed")
        first = node.args[0] if node.args else None
        literal = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
        self.calls.append(Call(name, literal, len(node.args) + len(node.keywords)))
        arguments = [self.value(argument) for argument in node.args]
        keywords = [(str(keyword.arg), self.value(keyword.value)) for keyword in node.keywords]

        def call(scope: Scope) -> Any:
            function = scope.functions.get(name) or FUNCTIONS.get(name)
            if function is None:
                raise RefusedError(f"这里不能使用“{name}”", f"“{name}” is not available here")
            given = [argument(scope) for argument in arguments]
            named = {key: value(scope) for key, value in keywords}
            try:
                return function(*given, **named)
            except (CallError, XianjieError) as error:
                raise RefusedError(f"“{name}”：{error.zh}", f"“{name}”: {error.en}") from error
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                raise RefusedError(f"“{name}”的参数不对", f"“{name}” cannot take these arguments") from error

        return call

    def _text(self, node: ast.JoinedStr) -> Evaluate:
        parts: list[Evaluate] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue) and (part.format_spec is not None or part.conversion != -1):
                raise RefusedError("不允许使用格式说明", "format specifications are not allowed")
            parts.append(self.value(part.value if isinstance(part, ast.FormattedValue) else part))

        def join(scope: Scope) -> str:
            texts = [text_of(part(scope)) for part in parts]
            if sum(map(len, texts)) > MAX_TEXT:
                raise RefusedError("结果过长", "the result is too long")
            return "".join(texts)

        return join

    def _rows(self, node: ast.ListComp | ast.GeneratorExp) -> Evaluate:
        generator = node.generators[0]
        if self._row is not None or len(node.generators) != 1 or generator.is_async:
            raise RefusedError("只允许一层“for … in …”", "only one level of “for … in …” is allowed")
        if not isinstance(generator.target, ast.Name):
            raise RefusedError("“for”后只能写一个名称", "“for” takes one name")
        name = generator.target.id
        _check_name(name)
        source = self.value(generator.iter)
        self._row = name
        conditions = [self.value(condition) for condition in generator.ifs]
        entry = self.value(node.elt)
        self._row = None

        def build(scope: Scope) -> list[Any]:
            rows = source(scope)
            if not isinstance(rows, list) or len(rows) > MAX_ITEMS:
                raise RefusedError(
                    f"“for … in …”需要不超过 {MAX_ITEMS} 项的列表", f"“for … in …” needs a list of at most {MAX_ITEMS}"
                )
            values = dict(scope.values)
            inner = Scope(values, scope.functions)
            made = []
            for row in rows:
                values[name] = row
                if all(condition(inner) for condition in conditions):
                    made.append(entry(inner))
            return made

        return build


_TRANSLATE: Mapping[type[ast.AST], Callable[[Translator, Any], Evaluate]] = {
    ast.Constant: Translator._constant,  # noqa: SLF001 - the table of the class
    ast.Name: Translator._name,  # noqa: SLF001
    ast.Attribute: Translator._attribute,  # noqa: SLF001
    ast.Subscript: Translator._subscript,  # noqa: SLF001
    ast.BoolOp: Translator._boolean,  # noqa: SLF001
    ast.UnaryOp: Translator._unary,  # noqa: SLF001
    ast.BinOp: Translator._binary,  # noqa: SLF001
    ast.Compare: Translator._comparison,  # noqa: SLF001
    ast.IfExp: Translator._choice,  # noqa: SLF001
    ast.List: Translator._list,  # noqa: SLF001
    ast.Tuple: Translator._list,  # noqa: SLF001
    ast.Dict: Translator._dict,  # noqa: SLF001
    ast.Call: Translator._call,  # noqa: SLF001
    ast.JoinedStr: Translator._text,  # noqa: SLF001
    ast.ListComp: Translator._rows,  # noqa: SLF001
    ast.GeneratorExp: Translator._rows,  # noqa: SLF001
}


def _check_name(name: str) -> None:
    if name.startswith("_"):
        raise RefusedError(f"名称“{name}”不能以下划线开头", f"the name “{name}” may not begin with an underscore")


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 - part of a message


def _no_number(shown: str, value: Any) -> RefusedError:
    if value is None:
        return RefusedError(f"“{shown}”没有值", f"“{shown}” has no value")
    return RefusedError(f"“{shown}”不能参与计算", f"“{shown}” cannot be calculated with")


def _test(operator: ast.cmpop, first: str, second: str) -> Callable[[Any, Any], bool]:
    match = _MATCH.get(type(operator))
    if match is not None:
        return match
    order = _ORDER.get(type(operator))
    if order is None:
        negated = isinstance(operator, ast.NotIn)
        return lambda left, right: _contains(right, left, second) is not negated

    def compare(left: Any, right: Any) -> bool:
        if _is_number(left) and _is_number(right):
            return order(left, right)
        if isinstance(left, str) and isinstance(right, str):
            # A date beside a date-time, or two zones, would compare wrongly letter by letter.
            if MOMENT.fullmatch(left) and MOMENT.fullmatch(right):
                return order(parse_moment(left), parse_moment(right))
            return order(left, right)
        for shown, value in ((first, left), (second, right)):
            if value is None:
                raise RefusedError(f"“{shown}”没有值，无法比较大小", f"“{shown}” has no value and cannot be compared")
        raise RefusedError(
            f"“{first}”与“{second}”不是同一类值，无法比较大小", f"“{first}” and “{second}” are not of one kind"
        )

    return compare


def _contains(holder: Any, value: Any, shown: str) -> bool:
    """Whether it is in there; nothing is in an answer not given."""
    if holder is None:
        return False
    if isinstance(holder, str):
        return isinstance(value, str) and value in holder
    if isinstance(holder, dict):
        return isinstance(value, str) and value in holder
    if isinstance(holder, list):
        return value in holder
    raise RefusedError(f"“{shown}”不是列表", f"“{shown}” is not a list")
