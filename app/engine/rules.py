"""Decision tables (DMN) whose cells are written in the expression language; no FEEL, no Python.

An input cell is empty or `-` (anything), a value (`'theft'`), a list of values (`'a', 'b'`), a comparison that the
input stands before (`>= 2000`, `in ('a', 'b')`, `not in …`), or `cell` used by name (`18 <= cell < 60`). An output cell
is an expression. Hit policies: UNIQUE (two rules that hold are an error), FIRST, COLLECT with `SUM MIN MAX COUNT`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from app.domain.errors import Invalid
from app.engine.expressions import Expression, ExpressionError, compile_expression
from app.engine.faults import Faults
from app.engine.plain import check_plain
from app.engine.safe_xml import parse_xml

INPUT = "cell"
MAX_RULES = 1_000
_COMPARISON = re.compile(r"(?:[<>]=?|==|!=|in\b|not\s+in\b)")
_POLICIES = frozenset({"UNIQUE", "FIRST", "COLLECT"})
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
_AGGREGATIONS: Mapping[str, Callable[[list[Any]], Any]] = {"": list, "SUM": sum, "MIN": min, "MAX": max, "COUNT": len}


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """An input cell: `compares` when the expression says whether it holds, else its value must equal the input."""

    expression: Expression
    compares: bool

    def holds(self, value: Any, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> bool:
        found = self.expression.evaluate({**variables, INPUT: value}, functions)
        if self.compares:
            return bool(found)
        return value in found if isinstance(found, list) else bool(found == value)


@dataclass(frozen=True, kw_only=True)
class _Row:
    cells: tuple[_Cell | None, ...]
    outputs: tuple[Expression, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A decision table. `names`: the variables its cells read; `outputs`: the variables it sets."""

    id: str
    policy: str
    aggregation: str
    inputs: tuple[Expression, ...]
    outputs: tuple[str, ...]
    rows: tuple[_Row, ...]
    names: frozenset[str]

    def decide(self, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
        """Give the output variables for these variables. Raises ExpressionError; no matching rule gives None or []."""
        values = [expression.evaluate(variables, functions) for expression in self.inputs]
        hits = []
        for row in self.rows:
            pairs = zip(row.cells, values, strict=True)
            if all(cell is None or cell.holds(value, variables, functions) for cell, value in pairs):
                hits.append(row)
                if self.policy == "FIRST":
                    break
        if self.policy == "UNIQUE" and len(hits) > 1:
            raise ExpressionError(
                f"决策表“{self.id}”有 {len(hits)} 条规则同时成立",
                f"In the decision table “{self.id}” {len(hits)} rules hold at once",
            )
        if self.policy == "COLLECT":
            return self._checked(self._collected(hits, variables, functions))
        if not hits:
            return dict.fromkeys(self.outputs)
        found = [output.evaluate(variables, functions) for output in hits[0].outputs]
        return dict(zip(self.outputs, found, strict=True))

    def _checked(self, outputs: dict[str, Any]) -> dict[str, Any]:
        for name, value in outputs.items():
            try:
                check_plain(value, at=name)
            except Invalid as error:
                raise ExpressionError(error.zh, error.en, at=self.id) from error
        return outputs

    def _collected(
        self, hits: list[_Row], variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for index, name in enumerate(self.outputs):
            values = [row.outputs[index].evaluate(variables, functions) for row in hits]
            if not values and self.aggregation in {"MIN", "MAX"}:
                result[name] = None
                continue
            try:
                result[name] = _AGGREGATIONS[self.aggregation](values)
            except TypeError as error:
                raise ExpressionError(
                    f"决策表“{self.id}”的“{name}”不能汇总",
                    f"“{name}” of the decision table “{self.id}” cannot be aggregated",
                ) from error
        return result


def read_tables(xml: bytes, *, file: str) -> dict[str, Table]:
    """Read the decision tables of a DMN file, by decision id. Raises BrokenBundle with all faults."""
    faults = Faults(file)
    root = parse_xml(xml, faults)
    tables: dict[str, Table] = {}
    if root is not None:
        if etree.QName(root).localname != "definitions" or "DMN" not in str(etree.QName(root).namespace):
            faults.add("not-dmn", "", 1, "不是 DMN 文件", "Not a DMN file")
        for decision in _named(root, "decision"):
            table = _Reader(decision, faults).read()
            if table is not None:
                if table.id in tables:
                    faults.add(
                        "duplicate-id", table.id, _line(decision), "决策标识重复", "The decision id is used twice"
                    )
                tables[table.id] = table
        if not tables and not faults:
            faults.add("no-table", "", 1, "文件里没有决策表", "There is no decision table in the file")
    faults.raise_if_any()
    return tables


def _named(element: etree._Element, name: str) -> list[etree._Element]:
    # DMN 1.1, 1.2 and 1.3 differ in their namespace only.
    return [child for child in element.iterchildren() if str(etree.QName(child).localname) == name]


def _line(element: etree._Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) and line > 0 else 1


def _text(element: etree._Element) -> str:
    return "".join("".join(str(part) for part in child.itertext()) for child in _named(element, "text")).strip()


class _Reader:
    def __init__(self, decision: etree._Element, faults: Faults) -> None:
        self._decision = decision
        self._faults = faults
        self._id = decision.get("id") or ""
        self._names: set[str] = set()

    def read(self) -> Table | None:
        tables = _named(self._decision, "decisionTable")
        if not self._id or len(tables) != 1:
            self._note(
                "no-table", self._decision, "决策没有决策表或没有标识", "The decision has no id or no decision table"
            )
            return None
        table = tables[0]
        policy = (table.get("hitPolicy") or "UNIQUE").upper()
        aggregation = (table.get("aggregation") or "").upper()
        if policy not in _POLICIES or aggregation not in _AGGREGATIONS:
            self._note(
                "hit-policy",
                table,
                f"不支持命中策略“{policy} {aggregation}”",
                f"Hit policy “{policy} {aggregation}” is unknown",
            )
        inputs = [self._compiled(entry, _text(part)) for entry in _named(table, "input") for part in _inputs_of(entry)]
        outputs = [self._output(output) for output in _named(table, "output")]
        rules = _named(table, "rule")
        if not inputs or not outputs or not rules or len(rules) > MAX_RULES:
            self._note(
                "empty-table",
                table,
                f"决策表要有输入、输出和 1 至 {MAX_RULES} 条规则",
                f"A decision table needs inputs, outputs and 1 to {MAX_RULES} rules",
            )
        rows = [self._row(rule, len(inputs), len(outputs)) for rule in rules[:MAX_RULES]]
        if self._faults:
            return None
        return Table(
            id=self._id,
            policy=policy,
            aggregation=aggregation,
            inputs=tuple(found for found in inputs if found is not None),
            outputs=tuple(outputs),
            rows=tuple(row for row in rows if row is not None),
            names=frozenset(self._names - {INPUT}),
        )

    def _note(self, code: str, element: etree._Element, zh: str, en: str) -> None:
        self._faults.add(code, element.get("id") or self._id, _line(element), zh, en)

    def _output(self, element: etree._Element) -> str:
        name = element.get("name") or ""
        if not _NAME.fullmatch(name):
            self._note("bad-variable", element, f"输出名“{name}”无效", f"The output “{name}” is not a variable name")
        return name

    def _compiled(self, element: etree._Element, source: str) -> Expression | None:
        try:
            found = compile_expression(source)
        except ExpressionError as error:
            self._note("broken-expression", element, error.zh, error.en)
            return None
        self._names |= found.names
        return found

    def _row(self, rule: etree._Element, inputs: int, outputs: int) -> _Row | None:
        entries, results = _named(rule, "inputEntry"), _named(rule, "outputEntry")
        if len(entries) != inputs or len(results) != outputs:
            self._note("ragged-rule", rule, "规则的格数与表头不同", "The rule has not one cell for each column")
            return None
        cells = [self._cell(entry) for entry in entries]
        made = [self._compiled(result, _text(result) or "null") for result in results]
        return _Row(cells=tuple(cells), outputs=tuple(found for found in made if found is not None))

    def _cell(self, entry: etree._Element) -> _Cell | None:
        text = _text(entry)
        if text in {"", "-"}:
            return None
        compares = _COMPARISON.match(text) is not None
        found = self._compiled(entry, f"{INPUT} {text}" if compares else text)
        if found is None:
            return None
        return _Cell(expression=found, compares=compares or INPUT in found.names)


def _inputs_of(entry: etree._Element) -> list[etree._Element]:
    return _named(entry, "inputExpression") or [entry]
