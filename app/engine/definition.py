"""A process ready to run, kept by the hash of its sources and shared between threads."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from app.domain.errors import NotFound
from app.engine.assembly import assemble
from app.engine.diagram import Diagram, read_diagram
from app.engine.faults import Faults
from app.engine.rules import Table, read_tables


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One pool of a diagram, ready to run. `key` is the hash of everything it was made from."""

    key: str
    process_id: str
    diagram: Diagram
    spec: Any = field(repr=False)
    subprocesses: Mapping[str, Any] = field(repr=False)


def load_definition(xml: bytes, process_id: str, *, tables: Mapping[str, bytes] | None = None) -> Definition:
    """Read and check a diagram and its rule tables (DMN files by name) and prepare one of its processes.

    Raises BrokenBundle with all faults, NotFound when the diagram has no such process.
    """
    return _load(xml, process_id, tuple(sorted((tables or {}).items())))


@lru_cache(maxsize=256)
def _load(xml: bytes, process_id: str, tables: tuple[tuple[str, bytes], ...]) -> Definition:
    diagram, found = _sources(xml, tables)
    if all(pool.process_id != process_id for pool in diagram.pools):
        raise NotFound(f"流程图中没有“{process_id}”", f"The diagram has no process “{process_id}”", at=process_id)
    faults = Faults(diagram.file)
    for node in diagram.nodes.values():
        if node.pool == process_id and node.decision and node.decision not in found:
            faults.add(
                "unknown-decision",
                node.id,
                node.line,
                f"没有决策表“{node.decision}”",
                f"There is no decision table “{node.decision}”",
            )
    faults.raise_if_any()
    made = assemble(process_id, nodes=diagram.nodes, flows=diagram.flows, tables=found)
    digest = hashlib.sha256(process_id.encode() + b"\0" + xml)
    for name, table in tables:
        digest.update(b"\0" + name.encode() + b"\0" + hashlib.sha256(table).digest())
    return Definition(
        key=digest.hexdigest(),
        process_id=process_id,
        diagram=diagram,
        spec=made.spec,
        subprocesses=made.subprocesses,
    )


@lru_cache(maxsize=64)
def _sources(xml: bytes, tables: tuple[tuple[str, bytes], ...]) -> tuple[Diagram, dict[str, Table]]:
    found: dict[str, Table] = {}
    for name, table in tables:
        found.update(read_tables(table, file=name))
    return read_diagram(xml, file="diagram.bpmn"), found
