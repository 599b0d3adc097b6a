"""A running process in memory: the library's workflow and task, made deterministic, clockless and free of prediction.

The stock task tree predicts all that may follow and keeps all that was; here a task is a token that creates its
successors when it completes, so the tree holds open tokens and the splits they came from, and nothing else.
"""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.domain.errors import Stuck
from app.engine.expressions import ExpressionError, compile_expression, compile_script
from app.engine.model import Node

if TYPE_CHECKING:
    from app.engine.definition import Definition

MAX_STEPS = 2_000
"""Automatic steps one event may cause; more means that the process does not come to rest."""

Functions = Mapping[str, Callable[..., Any]]


class Token(Task):  # type: ignore[misc]  # the library is untyped
    """A task of the library with a number for an id and no clock; data is inherited once, when it is reached."""

    def __init__(self, workflow: Any, task_spec: Any, parent: "Token | None" = None, *, state: int, id: int) -> None:  # noqa: A002 - the library's name
        self.id = id
        self.workflow = workflow
        self.task_spec = task_spec
        self.triggered = False
        self.thread_id = 0
        self.last_state_change = 0.0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self._state = state
        self._parent = None
        self._children: list[int] = []
        workflow.tasks[id] = self
        if parent is not None:
            self._parent = parent.id
            parent._children.append(id)  # noqa: SLF001 - one class

    def _set_state(self, value: int) -> None:
        self._state = value

    def _inherit_data(self) -> None:
        self.data = dict(self.parent.data)

    def _add_child(self, task_spec: Any, state: int = TaskState.FUTURE) -> "Token":
        return Token(self.workflow, task_spec, self, state=state, id=self.workflow.top_workflow.next_id())

    def _ready(self) -> None:
        if self._state < TaskState.COMPLETED:
            self._state = TaskState.READY
            if not self.task_spec.manual:
                self.workflow.top_workflow.queue.append(self)

    def cancel(self) -> None:
        """Cancel it unless it is finished; what it has already sent on its way goes on."""
        if self.unfinished:
            self._state = TaskState.CANCELLED
            self.task_spec._on_cancel(self)  # noqa: SLF001 - the library's hook

    @property
    def unfinished(self) -> bool:
        """Whether it is still open in any way."""
        return bool(self._state < TaskState.COMPLETED)

    @property
    def waiting(self) -> bool:
        """Whether it waits for an event or for other branches."""
        return bool(self._state == TaskState.WAITING)


class _Flow:
    """What the process and its sub-processes share."""

    tasks: dict[int, Token]
    completed: bool

    def update_waiting_tasks(self) -> None:
        for token in [token for token in self.tasks.values() if token.waiting and token.task_spec.rechecks]:
            if token.waiting:
                token.task_spec.recheck(self)

    def _mark_complete(self, task: Token) -> None:
        del task
        self.completed = True

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        return dct or {}

    def cancel(self) -> None:
        self.completed = True
        self.cancel_all()

    def cancel_all(self, *, but: Token | None = None) -> None:
        """Cancel every open token, but one."""
        for token in list(self.tasks.values()):
            if token.unfinished and token is not but:
                token.cancel()


class SubInstance(_Flow, BpmnSubWorkflow):  # type: ignore[misc]  # the library is untyped
    """An embedded sub-process that is running."""


class _Language:
    """The library's idea of a script engine: whatever it asks for is answered in our expression language."""

    def evaluate(self, task: Token, expression: str, external_context: Any = None) -> Any:
        del external_context
        return task.workflow.top_workflow.evaluate(task, expression)

    def execute(self, task: Token, script: str, external_context: Any = None) -> bool:
        del external_context
        task.data = task.workflow.top_workflow.execute(task, script)
        return True


_LANGUAGE = _Language()


class Instance(_Flow, BpmnWorkflow):  # type: ignore[misc]  # the library is untyped
    """A process that is running, with what happened in this step: arrows walked, elements completed, messages sent."""

    def __init__(self, definition: "Definition", *, now: datetime, functions: Functions) -> None:
        self.now = now.astimezone(UTC)
        self.functions = functions
        self.definition = definition
        self.queue: deque[Token] = deque()
        self.last_id = 0
        self.last_end: str | None = None
        self.begins_with: tuple[str, ...] = ()
        self.walked: list[str] = []
        self.completed_elements: list[str] = []
        self.sent: list[tuple[Node, dict[str, Any]]] = []
        super().__init__(definition.spec, definition.subprocesses, script_engine=_LANGUAGE, deserializing=True)

    def next_id(self) -> int:
        """Give the next token's id; ids of one instance are never used twice."""
        self.last_id += 1
        return self.last_id

    def plant(self, flow: Any, data: Mapping[str, Any]) -> Token:
        """Put the first token into a process or sub-process."""
        root = Token(flow, flow.spec.start, state=TaskState.FUTURE, id=self.next_id())
        flow.task_tree = root
        root.data = dict(data)
        root._ready()  # noqa: SLF001 - the library's hook
        return root

    def create_subprocess(self, my_task: Token, spec_name: str) -> SubInstance:
        """Make the running sub-process of a token, without a token in it yet."""
        flow = SubInstance(self.subprocess_specs[spec_name], my_task.id, self, deserializing=True)
        self.subprocesses[my_task.id] = flow
        return flow

    def flows(self) -> list[Any]:
        """The process and its running sub-processes."""
        return [self, *(flow for flow in self.subprocesses.values() if not flow.completed)]

    def tokens(self) -> list[Token]:
        """Every open token, the oldest first."""
        found = [token for flow in self.flows() for token in flow.tasks.values() if token.unfinished]
        return sorted(found, key=lambda token: token.id)

    def advance(self) -> None:
        """Run automatic elements until the process waits or ends. Raises Stuck when it does not come to rest."""
        steps, last = 0, ""
        while self.queue:
            token = self.queue.popleft()
            if token.state != TaskState.READY or token.id not in token.workflow.tasks:
                continue
            last = token.task_spec.bpmn_id or last
            steps += 1
            if steps > MAX_STEPS:
                raise Stuck(
                    f"流程在“{last}”附近不停循环（超过 {MAX_STEPS} 步），请检查循环的条件",
                    f"The process does not come to rest: more than {MAX_STEPS} steps, the last at “{last}”",
                    at=last,
                )
            token.run()

    def evaluate(self, token: Token, source: str) -> Any:
        """Compute an expression with a token's variables. Raises Stuck naming its element."""
        try:
            return compile_expression(source).evaluate(token.data, self.functions)
        except ExpressionError as error:
            raise stuck_at(token, error.zh, error.en) from error

    def execute(self, token: Token, source: str) -> dict[str, Any]:
        """Give a token's variables as a script leaves them. Raises Stuck naming its element."""
        try:
            return compile_script(source).execute(token.data, self.functions)
        except ExpressionError as error:
            raise stuck_at(token, error.zh, error.en) from error


def stuck_at(token: Token, zh: str, en: str) -> Stuck:
    """A Stuck that names the element of a token."""
    element = token.task_spec.bpmn_id or ""
    return Stuck(f"“{element}”：{zh}", f"“{element}”: {en}", at=element)
