"""Which names an instance of a pool can come to know: from its forms, its scripts, its results and its letters."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.catalogue.forms import Form
from app.catalogue.operators import HANDOVER_RESULTS
from app.engine.diagram import Diagram, Node
from app.engine.expressions import ExpressionError, Script, compile_expression
from app.engine.rules import Table

Payload = frozenset[str] | None
"""The keys a message brings; None when they cannot be told from the diagram."""

Senders = Callable[[str], list[Payload]]
"""What the other processes of the tree send under a message id."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """The names a pool can know; `open` when a message from elsewhere, or a part that is broken, may bring others."""

    names: frozenset[str]
    open: bool


def known_names(
    diagram: Diagram,
    pool: str,
    *,
    forms: Mapping[str, Form],
    decisions: Mapping[str, Table],
    elsewhere: Senders,
) -> Known:
    """The names of one pool; `decisions` are the rule tables by their id."""
    names: set[str] = set()
    is_open = False
    for node in diagram.nodes.values():
        if node.pool != pool:
            continue
        form = forms.get(node.properties.get("form", ""))
        names |= form.collected if form else frozenset()
        is_open |= form is None and "form" in node.properties
        names |= HANDOVER_RESULTS.get(node.properties.get("handover", ""), frozenset())
        names |= {name for name in (node.result_variable, node.message_variable) if name}
        table = decisions.get(node.decision or "")
        names |= set(table.outputs) if table else set()
        is_open |= table is None and node.decision is not None
        for payload in _payloads(diagram, node, elsewhere):
            is_open |= payload is None
            names |= payload or frozenset()
    for use in diagram.expressions:
        if use.pool == pool and isinstance(use.code, Script):
            names |= use.code.assigned
    return Known(names=frozenset(names), open=is_open)


def receives(node: Node) -> bool:
    """Whether the node takes a message in."""
    return bool(node.message) and node.position in {"start", "catch", "boundary"}


def sends(node: Node) -> bool:
    """Whether the node gives a message out."""
    return bool(node.message) and node.position in {"throw", "end"}


def payload_keys(source: str | None) -> Payload:
    """The keys of a payload such as `{'crime': charge}`; None when it is not written as one object."""
    if source is None:
        return frozenset()
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(tree, ast.Dict):
        return None
    keys = [key.value for key in tree.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return frozenset(keys) if len(keys) == len(tree.keys) else None


def literal_text(source: str) -> str | None:
    """The text an expression always gives, or None when it depends on something."""
    try:
        expression = compile_expression(source)
        if expression.names or expression.calls:
            return None
        value = expression.evaluate({}, {})
    except ExpressionError:
        return None
    return value if isinstance(value, str) else None


def _payloads(diagram: Diagram, node: Node, elsewhere: Senders) -> Iterator[Payload]:
    if not receives(node) or node.message is None or node.message_variable:
        return
    inside = [
        payload_keys(other.payload)
        for other in diagram.nodes.values()
        if sends(other) and other.message == node.message and other.pool != node.pool
    ]
    outside = inside or elsewhere(node.message)
    yield from outside or [None]
