"""A saved instance: one format byte and a compressed table of tokens; the definition itself is never in it.

Elements are named by their BPMN ids, so a state outlives the library. A token's variables are kept as the difference
to its parent's.
"""

import threading
from itertools import chain
from typing import Any

import orjson
import zstandard
from SpiffWorkflow.util.task import TaskState

from app.domain.errors import Stuck
from app.engine.instance import Instance, Token

FORMAT = 1
MAX_BYTES = 50_000_000
_LEVEL = 3
_STATES = frozenset({TaskState.WAITING, TaskState.READY, TaskState.STARTED, TaskState.COMPLETED, TaskState.CANCELLED})
_local = threading.local()
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


def dump(instance: Instance) -> bytes:
    """Give the state of an instance that is at rest."""
    names: dict[str, int] = {}
    flows = [
        [key, _dump_flow(flow, names)] for key, flow in chain([(0, instance)], sorted(instance.subprocesses.items()))
    ]
    plain = [instance.last_id, instance.last_end, instance.completed, list(names), flows]
    return bytes([FORMAT]) + _compressor().compress(orjson.dumps(plain, option=_OPTIONS))


def load(state: bytes, instance: Instance) -> None:
    """Fill a new instance from a state. Raises Stuck when it is damaged or was saved for another diagram."""
    try:
        _fill(instance, _decoded(state))
    except Exception as error:  # whatever damaged bytes make the readers raise
        raise Stuck(
            "保存的流程状态已损坏或与流程图不符", "The saved state is damaged or fits not this diagram", at="state"
        ) from error


def _decoded(state: bytes) -> Any:
    if not state or state[0] != FORMAT or zstandard.frame_content_size(state[1:]) > MAX_BYTES:
        raise ValueError(state[:1])
    return orjson.loads(_decompressor().decompress(state[1:]))


def _fill(instance: Instance, plain: Any) -> None:
    instance.last_id, instance.last_end, instance.completed, names, flows = plain
    for key, table in flows:
        flow: Any = instance
        if key:
            host = instance.get_task_from_id(key)
            flow = instance.create_subprocess(host, host.task_spec.spec)
            host.task_spec.watch(flow, host)
        _load_flow(flow, table, names)
    if not isinstance(instance.last_id, int) or not instance.tasks:
        raise ValueError(instance.last_id)


def _dump_flow(flow: Any, names: dict[str, int]) -> list[Any]:
    rows: dict[int, int] = {}
    parents: list[int] = []
    states: list[int] = []
    elements: list[int] = []
    inner: dict[int, Any] = {}
    changed: dict[int, Any] = {}
    removed: dict[int, Any] = {}
    for row, token in enumerate(flow.tasks.values()):
        rows[token.id] = row
        parent = token.parent
        parents.append(-1 if parent is None else rows[parent.id])
        states.append(token.state)
        elements.append(names.setdefault(token.task_spec.name, len(names)))
        if token.internal_data and token.unfinished:
            inner[row] = token.internal_data
        before = {} if parent is None else parent.data
        _difference(row, before, token.data, changed, removed)
    return [
        list(rows),
        parents,
        states,
        elements,
        list(inner.items()),
        list(changed.items()),
        list(removed.items()),
    ]


def _difference(
    row: int, before: dict[str, Any], data: dict[str, Any], changed: dict[int, Any], removed: dict[int, Any]
) -> None:
    if data is before:
        return
    new = {
        name: value
        for name, value in data.items()
        if name not in before
        or (value is not before[name] and (type(value) is not type(before[name]) or value != before[name]))
    }
    if new:
        changed[row] = new
    gone = [name for name in before if name not in data]
    if gone:
        removed[row] = gone


def _load_flow(flow: Any, table: list[Any], names: list[str]) -> None:
    identifiers, parents, states, elements, inner, changed, removed = table
    internal, updates, deletions = dict(inner), dict(changed), dict(removed)
    specs = flow.spec.task_specs
    tokens: list[Token] = []
    for row, identifier in enumerate(identifiers):
        parent = None
        data: dict[str, Any] = {}
        if parents[row] >= 0:
            if parents[row] >= row:
                raise ValueError(row)
            parent = tokens[parents[row]]
            data = dict(parent.data)
        if states[row] not in _STATES or type(identifier) is not int or identifier in flow.tasks:
            raise ValueError(row)
        token = Token(flow, specs[names[elements[row]]], parent, state=states[row], id=identifier)
        data.update(updates.get(row, {}))
        for name in deletions.get(row, ()):
            del data[name]
        token.data = data
        token.internal_data = internal.get(row, {})
        tokens.append(token)
    if parents[0] != -1 or parents.count(-1) != 1:
        raise ValueError(parents)
    flow.task_tree = tokens[0]


def _compressor() -> zstandard.ZstdCompressor:
    # A zstd context is not safe to share between threads.
    found: zstandard.ZstdCompressor | None = getattr(_local, "compressor", None)
    if found is None:
        found = _local.compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    return found


def _decompressor() -> zstandard.ZstdDecompressor:
    found: zstandard.ZstdDecompressor | None = getattr(_local, "decompressor", None)
    if found is None:
        found = _local.decompressor = zstandard.ZstdDecompressor()
    return found
