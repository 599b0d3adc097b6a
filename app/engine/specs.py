"""What each element does when a token reaches it: tasks, gateways that decide, throw events, sub-processes."""

from collections.abc import Sequence
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.util.task import TaskState

from app.engine.expressions import ExpressionError
from app.engine.instance import SubInstance, Token, stuck_at
from app.engine.model import Node
from app.engine.rules import Table


class Element(BpmnTaskSpec):  # type: ignore[misc]  # the library is untyped
    """The base: runs at once and passes a token along every outgoing flow. `node` is None for internal elements."""

    rechecks = False
    """Whether it must be asked again when another token is gone (joins that wait for whoever may still come)."""

    def __init__(self, wf_spec: Any, name: str, *, node: Node | None = None, **library: Any) -> None:
        super().__init__(wf_spec, name, **library)
        self.node = node
        self.bpmn_id = node.id if node else None
        self.flow_ids: dict[str, str] = {}
        self.guarded = False
        self.targets: tuple[Element, ...] = ()

    def connect_flow(self, target: "Element", *, flow: str, condition: str | None, default: bool) -> None:
        """Connect a sequence flow; only gateways that decide look at the condition."""
        del condition, default
        self.connect(target)
        self.flow_ids[target.name] = flow

    def seal(self) -> None:
        """Compute what never changes, once all elements are connected; from here on threads share the element."""
        self.targets = tuple(self.outputs)

    def _predict(self, my_task: Token, **_: Any) -> None:
        """Nothing is predicted: successors are created when a token leaves."""

    def _update(self, my_task: Token) -> None:
        if self._update_hook(my_task):
            my_task._ready()  # noqa: SLF001 - the library's hook

    def _update_hook(self, my_task: Token) -> bool:
        my_task._inherit_data()  # noqa: SLF001 - the library's hook
        return True

    def _run_hook(self, my_task: Token) -> bool:
        del my_task
        return True

    def _on_cancel(self, my_task: Token) -> None:
        """Nothing else is to be told."""

    def _on_complete_hook(self, my_task: Token) -> None:
        if self.guarded:
            for other in my_task.parent.children:
                if other.unfinished and other.task_spec.guards == self.bpmn_id:
                    other.cancel()

    @property
    def guards(self) -> str | None:
        """The element whose boundary this is on, or None."""
        return self.node.attached_to if self.node else None

    def following(self, token: Token) -> "Sequence[Element]":
        """Which elements a completed token goes on to."""
        del token
        return self.targets

    def _on_complete(self, my_task: Token) -> None:
        flow = my_task.workflow
        if self.bpmn_id:
            flow.top_workflow.completed_elements.append(self.bpmn_id)
        self._on_complete_hook(my_task)
        if not flow.completed:
            self.leave(my_task, self.following(my_task))
        flow._task_completed_notify(my_task)  # noqa: SLF001 - the library's hook

    def leave(self, token: Token, targets: "Sequence[Element]") -> None:
        """Put a token on each target. All are there before the first moves, so that no join overlooks one."""
        walked = token.workflow.top_workflow.walked
        born = []
        for target in targets:
            arrow = self.flow_ids.get(target.name)
            if arrow:
                walked.append(arrow)
            born.append(token._add_child(target))  # noqa: SLF001 - the library's hook
        for child in born:
            if child.state == TaskState.FUTURE:
                child.task_spec._update(child)  # noqa: SLF001 - the library's hook


class Beginning(Element):
    """The library's Start: goes on to the start events that were chosen; a sub-process has one."""

    def _update_hook(self, my_task: Token) -> bool:
        del my_task
        return True

    def following(self, token: Token) -> Sequence[Element]:
        """The chosen start events."""
        top = token.workflow.top_workflow
        if token.workflow is not top:
            return self.targets
        return [target for target in self.targets if target.name in top.begins_with]


class Work(Element):
    """A task that a person or a machine outside does: it waits, with its parameters computed when it was reached."""

    def __init__(self, wf_spec: Any, name: str, *, node: Node) -> None:
        super().__init__(wf_spec, name, node=node, manual=True)
        self.node: Node = node
        self.computed = {key: value[1:] for key, value in node.properties.items() if value.startswith("=")}

    def _update_hook(self, my_task: Token) -> bool:
        my_task._inherit_data()  # noqa: SLF001 - the library's hook
        evaluate = my_task.workflow.top_workflow.evaluate
        for kept, sources in (("resolved", self.computed), ("parameters", self.node.parameters)):
            if sources:
                my_task.internal_data[kept] = {key: evaluate(my_task, source) for key, source in sources.items()}
        return True


class Script(Element):
    """A script task: computes variables."""

    def _run_hook(self, my_task: Token) -> bool:
        source = self.node.script if self.node else None
        my_task.data = my_task.workflow.top_workflow.execute(my_task, source or "pass")
        return True


class Rule(Element):
    """A business rule task: the outputs of its table become variables."""

    def __init__(self, wf_spec: Any, name: str, *, node: Node, table: Table | None) -> None:
        super().__init__(wf_spec, name, node=node)
        self.table = table

    def _run_hook(self, my_task: Token) -> bool:
        decision = self.node.decision if self.node else ""
        if self.table is None:
            raise stuck_at(my_task, f"没有决策表“{decision}”", f"there is no decision table “{decision}”")
        try:
            outputs = self.table.decide(my_task.data, my_task.workflow.top_workflow.functions)
        except ExpressionError as error:
            raise stuck_at(my_task, error.zh, error.en) from error
        my_task.data.update(outputs)
        return True


def send(token: Token, node: Node) -> None:
    """Note the message an element sends, with its payload. Raises Stuck when the payload is not an object."""
    top = token.workflow.top_workflow
    payload = {} if node.payload is None else top.evaluate(token, node.payload)
    if not isinstance(payload, dict):
        raise stuck_at(token, "消息内容不是对象", "the payload of the message is not an object {…}")
    top.sent.append((node, payload))


class Throw(Element):
    """A throw event or send task."""

    def _run_hook(self, my_task: Token) -> bool:
        if self.node and self.node.message:
            send(my_task, self.node)
        return True


class Decision(Element):
    """An exclusive gateway: the first flow whose condition holds, in the order of the file, else the default."""

    def __init__(self, wf_spec: Any, name: str, *, node: Node) -> None:
        super().__init__(wf_spec, name, node=node)
        self.branches: list[tuple[str, str]] = []
        self.default: str | None = None

    def connect_flow(self, target: Element, *, flow: str, condition: str | None, default: bool) -> None:
        """Connect a branch; one without a condition is the default."""
        super().connect_flow(target, flow=flow, condition=condition, default=default)
        if default or condition is None:
            self.default = target.name
        else:
            self.branches.append((condition, target.name))

    def matching(self, token: Token, *, only_first: bool) -> list[Element]:
        """The branches whose conditions hold, or the default. Raises Stuck when there is none."""
        top = token.workflow.top_workflow
        specs = self._wf_spec.task_specs
        found: list[Element] = []
        for condition, target in self.branches:
            if top.evaluate(token, condition):
                found.append(specs[target])
                if only_first:
                    break
        if not found and self.default is not None:
            found.append(specs[self.default])
        if not found:
            raise stuck_at(token, "没有一条分支的条件成立", "the condition of no branch holds, and there is no default")
        return found

    def following(self, token: Token) -> Sequence[Element]:
        """The branch taken."""
        return self.matching(token, only_first=True)


class SubProcess(Element, SubWorkflowTask):  # type: ignore[misc]  # the library is untyped
    """An embedded sub-process: its variables are those of the token, and go back to it at the end."""

    def __init__(self, wf_spec: Any, name: str, *, node: Node) -> None:
        super().__init__(wf_spec, name, node=node, subworkflow_spec=node.id)

    def _update_hook(self, my_task: Token) -> bool:
        my_task._inherit_data()  # noqa: SLF001 - the library's hook
        my_task._set_state(TaskState.STARTED)  # noqa: SLF001 - the library's hook
        top = my_task.workflow.top_workflow
        flow = top.create_subprocess(my_task, self.spec)
        self.watch(flow, my_task)
        top.plant(flow, my_task.data)
        return False

    def watch(self, flow: SubInstance, token: Token) -> None:
        """Let the end of the sub-process move the token on."""
        flow.completed_event.connect(self._on_subworkflow_completed, token)

    def _on_subworkflow_completed(self, subworkflow: SubInstance, my_task: Token) -> None:
        if my_task.unfinished:
            my_task.data = dict(subworkflow.last_task.data)
            my_task._ready()  # noqa: SLF001 - the library's hook

    def _on_cancel(self, my_task: Token) -> None:
        SubWorkflowTask._on_cancel(self, my_task)  # noqa: SLF001 - the library's hook
