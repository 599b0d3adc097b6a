"""Every expression and script of a diagram, compiled where it stands, so that errors appear before a case does."""

from collections.abc import Callable, Iterator

from app.engine.expressions import Expression, ExpressionError, Script, compile_expression, compile_script
from app.engine.faults import Faults
from app.engine.model import Flow, Node, Use
from app.engine.reading import Reading
from app.engine.sheet import NAME
from app.engine.timers import check_cycle, check_when

HANDOVER = "handover"
"""The variable that holds the id of the hand-over which the tasks of a pool are about."""

_Compile = Callable[[str], Expression | Script]


def compile_all(reading: Reading, faults: Faults) -> tuple[Use, ...]:
    """Compile every expression of the diagram; note each that is broken with its element."""
    uses: list[Use] = []
    for flow in reading.flows.values():
        if flow.condition is not None:
            uses.extend(_compiled(flow, "condition", flow.condition, compile_expression, faults))
    for node in reading.nodes.values():
        for place, source, compile_source in _sources(node):
            uses.extend(_compiled(node, place, source, compile_source, faults))
    return tuple(uses)


def variables_of(pool: str, reading: Reading, uses: tuple[Use, ...]) -> frozenset[str]:
    """The variables a pool's own expressions and properties read or set."""
    names: set[str] = set()
    for use in uses:
        if use.pool == pool:
            names |= use.code.names
    for node in reading.nodes.values():
        if node.pool == pool:
            names |= {node.properties[key] for key in ("deadline_start",) if key in node.properties}
            names |= {name for name in (node.message_variable, node.result_variable) if name}
            names |= {HANDOVER} if "handover" in node.properties else set()
    names |= {name for one in reading.pools if one.process_id == pool for name in (one.correlate, one.subject) if name}
    return frozenset(names)


def _sources(node: Node) -> Iterator[tuple[str, str, _Compile]]:
    if node.payload is not None:
        yield "messagePayload", node.payload, compile_expression
    if node.timer:
        yield "timer", node.timer, compile_expression
    if node.script:
        yield "script", node.script, compile_script
    for name, source in node.parameters.items():
        yield f"parameter {name}", source, compile_expression
    for name, value in node.properties.items():
        if value.startswith("="):
            yield name, value[1:], compile_expression


def _compiled(thing: Node | Flow, place: str, source: str, compile_source: _Compile, faults: Faults) -> Iterator[Use]:
    try:
        code = compile_source(source)
    except ExpressionError as error:
        broken = "broken-script" if place == "script" else "broken-expression"
        faults.add(broken, thing.id, thing.line, f"{place}：{error.zh}", f"{place}: {error.en}")
        return
    if isinstance(code, Script):
        for name in code.assigned:
            if not NAME.fullmatch(name):
                faults.add(
                    "bad-variable",
                    thing.id,
                    thing.line,
                    f"变量名“{name}”只能用小写字母、数字和下划线",
                    f"The variable “{name}” is not snake_case",
                )
    elif place == "timer" and isinstance(thing, Node):
        _check_constant_timer(thing, code, faults)
    yield Use(element=thing.id, line=thing.line, pool=thing.pool, place=place, code=code)


def _check_constant_timer(node: Node, code: Expression, faults: Faults) -> None:
    if code.names or code.calls:
        return
    try:
        value = code.evaluate({}, {})
        (check_cycle if node.timer_repeats else check_when)(value)
    except ExpressionError as error:
        faults.add("bad-timer", node.id, node.line, error.zh, error.en)
