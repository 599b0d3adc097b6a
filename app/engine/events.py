"""Events: start, catch, boundary and end; and the event-based gateway, whose events exclude each other."""

from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.util.task import TaskState

from app.engine.expressions import ExpressionError
from app.engine.instance import Token, stuck_at
from app.engine.model import Node
from app.engine.moments import add_duration
from app.engine.specs import Element, send
from app.engine.timers import cycle_from, due_at

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class Catch(Element):
    """Waits for a message or a moment: catch events, receive tasks, start events with a trigger, boundary events.

    A waiting timer keeps `due` (microseconds since 1970) and, when it repeats, `times` and `every`.
    """

    def __init__(self, wf_spec: Any, name: str, *, node: Node) -> None:
        super().__init__(wf_spec, name, node=node)
        self.node: Node = node
        self.rivals = False

    def _update_hook(self, my_task: Token) -> bool:
        my_task._inherit_data()  # noqa: SLF001 - the library's hook
        if self.node.position == "start" and self.node.message:
            return True
        my_task._set_state(TaskState.WAITING)  # noqa: SLF001 - the library's hook
        if self.node.timer is not None:
            self._arm(my_task)
            if self.is_due(my_task):
                self.ring(my_task)
        return False

    def _arm(self, token: Token) -> None:
        top = token.workflow.top_workflow
        value = top.evaluate(token, self.node.timer)
        try:
            if self.node.timer_repeats:
                cycle = cycle_from(value, top.now)
                token.internal_data.update(due=(cycle.first - _EPOCH) // _TICK, times=cycle.times, every=cycle.every)
            else:
                token.internal_data["due"] = (due_at(value, top.now) - _EPOCH) // _TICK
        except ExpressionError as error:
            raise stuck_at(token, error.zh, error.en) from error

    @staticmethod
    def due_of(token: Token) -> datetime | None:
        """When a waiting timer is due (UTC); None for what waits for something else."""
        due = token.internal_data.get("due")
        return None if due is None else _EPOCH + due * _TICK

    def is_due(self, token: Token) -> bool:
        """Whether a waiting timer's moment has come."""
        due = self.due_of(token)
        return token.waiting and due is not None and due <= token.workflow.top_workflow.now

    def ring(self, token: Token) -> None:
        """Let a timer that is due happen; a repeating one sends a token on its way and waits again.

        Repetitions that were missed while nobody looked count as done but happen once.
        """
        every = token.internal_data.get("every")
        if every is None:
            token._ready()  # noqa: SLF001 - the library's hook
            return
        due, times, now = self.due_of(token), token.internal_data["times"], token.workflow.top_workflow.now
        while due is not None and due <= now and (times is None or times > 0):
            due = add_duration(due, every)
            times = None if times is None else times - 1
        if due is None or times == 0:
            token._ready()  # noqa: SLF001 - the library's hook
            return
        token.internal_data.update(due=(due - _EPOCH) // _TICK, times=times)
        if self.bpmn_id:
            token.workflow.top_workflow.completed_elements.append(self.bpmn_id)
        # On its way from where the task began, so that the end of the task does not take it along.
        self.leave(token.parent, self.targets)

    def receive(self, token: Token, payload: dict[str, Any]) -> None:
        """Let a message happen: its content becomes variables."""
        if self.node.message_variable:
            token.data[self.node.message_variable] = payload
        else:
            token.data.update(payload)
        token._ready()  # noqa: SLF001 - the library's hook

    def _run_hook(self, my_task: Token) -> bool:
        if self.rivals:
            for other in my_task.parent.children:
                if other is not my_task and other.unfinished and other.task_spec in my_task.parent.task_spec.targets:
                    other.cancel()
        return True


class Boundary(Catch):
    """A boundary event: an interrupting one ends its task; a message may come to the other kind more than once."""

    def _run_hook(self, my_task: Token) -> bool:
        siblings = [other for other in my_task.parent.children if other is not my_task and other.unfinished]
        if self.node.interrupting:
            for other in siblings:
                if self.node.attached_to in {other.task_spec.bpmn_id, other.task_spec.guards}:
                    other.cancel()
        elif self.node.message and any(other.task_spec.bpmn_id == self.node.attached_to for other in siblings):
            again = my_task.parent._add_child(self)  # noqa: SLF001 - the library's hook
            self._update(again)
        return True


class BoundarySplit(Element):
    """Stands before a task with boundary events: task and events wait side by side."""


class EventGateway(Element):
    """An event-based gateway: all its events wait, the first to happen ends the others."""

    def connect_flow(self, target: Element, *, flow: str, condition: str | None, default: bool) -> None:
        """Connect an event and make it a rival of the others."""
        super().connect_flow(target, flow=flow, condition=condition, default=default)
        if isinstance(target, Catch):
            target.rivals = True


class End(Element):
    """An end event: none, message, terminate or error."""

    def _run_hook(self, my_task: Token) -> bool:
        if self.node and self.node.message:
            send(my_task, self.node)
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        flow = my_task.workflow
        if flow.top_workflow is flow:
            flow.last_end = self.bpmn_id
        event = self.node.event if self.node else None
        if event == "terminate":
            flow.cancel_all(but=my_task)
            flow.completed = True
        elif event == "error":
            self._raise(my_task)

    def following(self, token: Token) -> tuple[Element, ...]:
        """An error leaves by the border of the sub-process, anything else by its end."""
        del token
        return () if self.node and self.node.event == "error" else self.targets

    def _raise(self, token: Token) -> None:
        """Let the error happen on the nearest sub-process whose border catches it."""
        code = self.node.error_code if self.node else None
        flow = token.workflow
        while flow.parent_task_id is not None:
            host = flow.top_workflow.get_task_from_id(flow.parent_task_id)
            for other in host.parent.children:
                node = other.task_spec.node
                caught = node is not None and node.event == "error" and node.attached_to == host.task_spec.bpmn_id
                if caught and other.waiting and node.error_code in {None, code}:
                    other.data = dict(token.data)
                    other._ready()  # noqa: SLF001 - the library's hook
                    return
            flow = host.workflow
        raise stuck_at(token, "没有人处理这个错误", "nobody catches this error")
