"""Reads a BPMN file into a checked diagram, or says everything that is wrong with it at once."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from app.engine.assembly import assemble
from app.engine.checks import check
from app.engine.faults import Faults
from app.engine.model import Diagram, Flow, Lane, MessageFlow, Node, Pool, Use
from app.engine.reading import Reading, read
from app.engine.safe_xml import parse_xml
from app.engine.wording import compile_all, variables_of

__all__ = ["Diagram", "Flow", "Lane", "MessageFlow", "Node", "Pool", "Use", "read_diagram"]


def read_diagram(xml: bytes, *, file: str) -> Diagram:
    """Read and check the BPMN 2.0 collaboration in `xml`; `file` is the name faults give.

    Raises BrokenBundle with every fault: file, line, element, code and a sentence in both languages.
    """
    faults = Faults(file)
    root = parse_xml(xml, faults)
    faults.raise_if_any()
    assert root is not None  # noqa: S101 - parse_xml notes a fault when it gives no root
    reading = read(root, faults)
    if reading.pools:
        check(reading, faults)
    uses = compile_all(reading, faults)
    faults.raise_if_any()
    for pool in reading.pools:
        _try_out(pool, reading, faults)
    faults.raise_if_any()
    pools = tuple(replace(pool, variables=variables_of(pool.process_id, reading, uses)) for pool in reading.pools)
    nodes: Mapping[str, Node] = MappingProxyType(reading.nodes)
    return Diagram(
        id=reading.id,
        name=reading.name,
        name_en=reading.name_en,
        file=file,
        pools=pools,
        nodes=nodes,
        flows=MappingProxyType(reading.flows),
        message_flows=tuple(reading.message_flows),
        messages=MappingProxyType(reading.messages),
        expressions=uses,
        xml=xml,
    )


def _try_out(pool: Pool, reading: Reading, faults: Faults) -> None:
    """Build the pool once: the engine must take every node, and what it refuses must be a fault, never a traceback."""
    try:
        made = assemble(pool.process_id, nodes=reading.nodes, flows=reading.flows, tables={})
    except Exception as error:  # noqa: BLE001 - whatever the engine library may find wrong
        faults.add(
            "not-executable",
            pool.process_id,
            1,
            "流程引擎无法执行这个流程",
            f"The engine cannot execute this process: {error}",
        )
        return
    taken = {name for spec in (made.spec, *made.subprocesses.values()) for name in spec.task_specs}
    for node in reading.nodes.values():
        if node.pool == pool.process_id and node.id not in taken:
            faults.add(
                "not-executable",
                node.id,
                node.line,
                f"流程引擎没有接受“{node.id}”",
                f"The engine does not take the element “{node.id}”",
            )
