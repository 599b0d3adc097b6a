"""The step function: (definition, state, what happened, now) in, everything that follows out.

It stores nothing, calls nobody and reads no clock. A step either gives a whole `Step` or raises and changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from app.domain.errors import Conflict, Invalid
from app.engine import state as states
from app.engine.definition import Definition
from app.engine.events import Catch
from app.engine.instance import Instance, Token
from app.engine.merging import merged
from app.engine.model import Node
from app.engine.plain import check_plain, check_variables
from app.engine.pruning import prune

Functions = Mapping[str, Callable[..., Any]]
_NONE: Functions = {}


@dataclass(frozen=True, kw_only=True)
class OpenTask:
    """A task somebody outside must do. `id` stays the same as long as it is open.

    `properties` are as written; in `resolved` each `=expression` has its value; `parameters` have theirs, too, all
    computed when the task was reached.
    """

    id: str
    element: str
    kind: str
    properties: Mapping[str, str]
    operator: str | None
    parameters: Mapping[str, Any]
    resolved: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SentMessage:
    """A message an element sent: its id and content."""

    message: str
    element: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Step:
    """All that follows from one event: the new state, what is open now, and what happened in this step, in order."""

    state: bytes
    open: tuple[OpenTask, ...]
    waiting: tuple[tuple[str, str], ...]
    next_due: datetime | None
    sent: tuple[SentMessage, ...]
    walked: tuple[str, ...]
    completed: tuple[str, ...]
    ended: str | None
    variables: Mapping[str, Any]


def start(definition: Definition, *, variables: Mapping[str, Any], now: datetime, functions: Functions = _NONE) -> Step:
    """Start a process at its plain start event, or at its timers when it has none. Raises Invalid, Stuck."""
    events = definition.spec.start.targets
    chosen = [event.name for event in events if event.node.event is None]
    chosen = chosen or [event.name for event in events if event.node.event == "timer"]
    if not chosen:
        raise Invalid(
            "这个流程只能由消息启动", "This process can only be started by a message", at=definition.process_id
        )
    return _begin(definition, tuple(chosen), check_variables(variables), now=now, functions=functions)


def start_by_message(
    definition: Definition,
    *,
    message: str,
    payload: Mapping[str, Any],
    now: datetime,
    functions: Functions = _NONE,
) -> Step:
    """Start a process at the start event of a message. Raises Conflict when it has none, Invalid, Stuck."""
    content = check_variables(payload)
    for event in definition.spec.start.targets:
        node: Node = event.node
        if node.message == message:
            variables = {node.message_variable: content} if node.message_variable else content
            return _begin(definition, (event.name,), variables, now=now, functions=functions)
    raise Conflict(
        f"这个流程不由消息“{message}”启动", f"This process is not started by the message “{message}”", at=message
    )


def complete(
    definition: Definition,
    state: bytes,
    *,
    task_id: str,
    variables: Mapping[str, Any],
    now: datetime,
    functions: Functions = _NONE,
    result: Any = None,
) -> Step:
    """Complete an open task with its answers; `result` goes into a service task's result variable.

    Raises Conflict when the task is not open any more, Invalid when a value is not plain data, and Stuck.
    """
    instance = _resume(definition, state, now=now, functions=functions)
    token = next((token for token in _open(instance) if str(token.id) == task_id), None)
    if token is None:
        raise Conflict("这项任务已经办理或已被取消", "This task has been done or cancelled in the meantime", at=task_id)
    token.data.update(check_variables(variables))
    name = token.task_spec.node.result_variable
    if name:
        check_plain(result, at=name)
        token.data[name] = result
    token.run()
    return _finish(instance)


def deliver(
    definition: Definition,
    state: bytes,
    *,
    message: str,
    payload: Mapping[str, Any],
    now: datetime,
    functions: Functions = _NONE,
) -> Step:
    """Give a message to whoever has waited for it longest. Raises Conflict when nobody waits, Invalid, Stuck."""
    content = check_variables(payload)
    instance = _resume(definition, state, now=now, functions=functions)
    for token in _waiting(instance):
        if token.task_spec.node.message == message:
            token.task_spec.receive(token, content)
            instance.advance()
            return _finish(instance)
    raise Conflict(f"没有人等待消息“{message}”", f"Nobody waits for the message “{message}”", at=message)


def fire_timers(definition: Definition, state: bytes, *, now: datetime, functions: Functions = _NONE) -> Step:
    """Let every timer that is due happen, the earliest first; without one the step changes nothing. Raises Stuck."""
    instance = _resume(definition, state, now=now, functions=functions)
    while True:
        due = [token for token in _waiting(instance) if token.task_spec.is_due(token)]
        if not due:
            return _finish(instance)
        first = min(due, key=lambda token: (Catch.due_of(token), token.id))
        first.task_spec.ring(first)
        instance.advance()


def renamed(definition: Definition, state: bytes, *, variable: str, old: str, new: str, now: datetime) -> bytes:
    """Give the state of an instance in which a variable that was `old` is `new`; nothing moves."""
    instance = _resume(definition, state, now=now, functions=_NONE)
    for flow in (instance, *instance.subprocesses.values()):
        for token in flow.tasks.values():
            if token.data.get(variable) == old:
                token.data[variable] = new
    return states.dump(instance)


def open_tasks(definition: Definition, state: bytes) -> tuple[OpenTask, ...]:
    """The tasks that are open in a state."""
    instance = Instance(definition, now=_NEVER, functions=_NONE)
    states.load(state, instance)
    return tuple(_describe(token) for token in _open(instance))


_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _begin(
    definition: Definition,
    chosen: tuple[str, ...],
    variables: Mapping[str, Any],
    *,
    now: datetime,
    functions: Functions,
) -> Step:
    instance = Instance(definition, now=now, functions=functions)
    instance.begins_with = chosen
    instance.plant(instance, variables)
    return _finish(instance)


def _resume(definition: Definition, state: bytes, *, now: datetime, functions: Functions) -> Instance:
    instance = Instance(definition, now=now, functions=functions)
    states.load(state, instance)
    return instance


def _finish(instance: Instance) -> Step:
    instance.advance()
    variables = _variables(instance)
    prune(instance)
    waiting = _waiting(instance)
    dues = [due for due in map(Catch.due_of, waiting) if due is not None]
    return Step(
        state=states.dump(instance),
        open=tuple(_describe(token) for token in _open(instance)),
        waiting=tuple(
            (token.task_spec.node.message, token.task_spec.bpmn_id) for token in waiting if token.task_spec.node.message
        ),
        next_due=min(dues, default=None),
        sent=tuple(
            SentMessage(message=node.message or "", element=node.id, payload=payload) for node, payload in instance.sent
        ),
        walked=tuple(instance.walked),
        completed=tuple(instance.completed_elements),
        ended=instance.last_end if instance.completed else None,
        variables=variables,
    )


def _open(instance: Instance) -> list[Token]:
    return [token for token in instance.tokens() if token.state == TaskState.READY and token.task_spec.manual]


def _waiting(instance: Instance) -> list[Token]:
    return [token for token in instance.tokens() if token.waiting and isinstance(token.task_spec, Catch)]


def _describe(token: Token) -> OpenTask:
    node: Node = token.task_spec.node
    kept = token.internal_data
    return OpenTask(
        id=str(token.id),
        element=node.id,
        kind=node.kind,
        properties=node.properties,
        operator=node.operator,
        parameters=kept.get("parameters", {}),
        resolved={**node.properties, **kept.get("resolved", {})},
    )


def _variables(instance: Instance) -> dict[str, Any]:
    """The variables as all open branches together have them, or as they were at the end."""
    if instance.completed:
        last = instance.last_task or instance.task_tree
        return dict(last.data)
    tokens = [token for token in instance.tokens() if token.state != TaskState.STARTED]
    return merged(tokens) if tokens else {}
