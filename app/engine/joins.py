"""Parallel and inclusive gateways and the end of a process: who is waited for, and what is carried on.

An arrival is a waiting token that remembers which flow it came by and is used up when the join fires. So a loop
cannot fire a join with the arrivals of an earlier round, which the stock library does.
"""

from collections.abc import Sequence
from typing import Any

from SpiffWorkflow.util.task import TaskState

from app.engine.instance import Token
from app.engine.merging import merged
from app.engine.model import Node
from app.engine.specs import Decision, Element


class _Join(Element):
    """Waits for tokens on its incoming flows. `feeders`: for each, the elements from which a token can come by it."""

    def __init__(self, wf_spec: Any, name: str, *, node: Node | None = None) -> None:
        super().__init__(wf_spec, name, node=node)
        self.feeders: dict[str, frozenset[str]] = {}

    def seal(self) -> None:
        """Also compute the feeders."""
        super().seal()
        self.feeders = {name: self._upstream(name) for name in set(self._inputs)}

    def _upstream(self, name: str) -> frozenset[str]:
        specs = self._wf_spec.task_specs
        found: set[str] = set()
        todo = [name]
        while todo:
            current = todo.pop()
            if current not in found and current != self.name:
                found.add(current)
                todo.extend(specs[current]._inputs)  # noqa: SLF001 - the library's names
        return frozenset(found)

    def _update_hook(self, my_task: Token) -> bool:
        my_task._inherit_data()  # noqa: SLF001 - the library's hook
        if len(self._inputs) < 2:  # noqa: PLR2004 - one way in is no join
            return True
        my_task.internal_data["from"] = my_task.parent.task_spec.name
        my_task._set_state(TaskState.WAITING)  # noqa: SLF001 - the library's hook
        self.recheck(my_task.workflow)
        return False

    def recheck(self, flow: Any) -> None:
        """Fire if nobody is left to wait for."""
        arrivals: dict[str, Token] = {}
        for token in flow.tasks.values():
            if token.task_spec is self and token.waiting:
                arrivals.setdefault(token.internal_data["from"], token)
        if arrivals and self.may_fire(flow, arrivals):
            self.fire(sorted(arrivals.values(), key=lambda token: token.id))

    def may_fire(self, flow: Any, arrivals: dict[str, Token]) -> bool:
        """Whether these arrivals suffice."""
        raise NotImplementedError

    def fire(self, arrivals: Sequence[Token]) -> None:
        """Use the arrivals up: the last goes on with the variables of all."""
        last = arrivals[-1]
        data = merged(arrivals)
        for token in arrivals[:-1]:
            token.cancel()
        last.data = data
        last.internal_data.pop("from", None)
        last._ready()  # noqa: SLF001 - the library's hook


class Parallel(_Join):
    """A parallel gateway: one token from each incoming flow, then one on each outgoing flow."""

    def may_fire(self, flow: Any, arrivals: dict[str, Token]) -> bool:
        """When every flow has brought one."""
        del flow
        return len(arrivals) == len(set(self._inputs))


class Inclusive(_Join, Decision):
    """An inclusive gateway: waits for every token that can still reach it; goes on along every branch that holds."""

    rechecks = True

    def may_fire(self, flow: Any, arrivals: dict[str, Token]) -> bool:
        """When no token elsewhere can come by a flow that has brought none."""
        missing = [feeders for name, feeders in self.feeders.items() if name not in arrivals]
        if not missing:
            return True
        elsewhere = [token for token in flow.tasks.values() if token.unfinished and token.task_spec is not self]
        names = {token.task_spec.name for token in elsewhere}
        if all(feeders.isdisjoint(names) for feeders in missing):
            return True
        # Round a loop, a token at another join may be able to come here, but only after we have gone on: nobody would.
        names = {token.task_spec.name for token in elsewhere if not self._waits_for_us(token, elsewhere)}
        return all(feeders.isdisjoint(names) for feeders in missing)

    def _waits_for_us(self, token: Token, tokens: Sequence[Token]) -> bool:
        join = token.task_spec
        if not isinstance(join, _Join) or not token.waiting:
            return False
        arrived = {other.internal_data["from"] for other in tokens if other.task_spec is join and other.waiting}
        return any(self.name in feeders for name, feeders in join.feeders.items() if name not in arrived)

    def following(self, token: Token) -> Sequence[Element]:
        """The branches whose conditions hold."""
        if not self.branches:
            return self.targets
        return self.matching(token, only_first=False)


class Ending(_Join):
    """The library's end join: the process is over when no other token is left."""

    rechecks = True

    def _update_hook(self, my_task: Token) -> bool:
        my_task._inherit_data()  # noqa: SLF001 - the library's hook
        my_task.internal_data["from"] = ""
        my_task._set_state(TaskState.WAITING)  # noqa: SLF001 - the library's hook
        waiting = [token for token in my_task.workflow.tasks.values() if token.task_spec is self and token.waiting]
        if len(waiting) > 1:
            # One is enough to remember: a reminder that comes round a thousand times must not leave a thousand tokens.
            my_task.data = merged(waiting)
            for token in waiting[:-1]:
                token.cancel()
        self.recheck(my_task.workflow)
        return False

    def may_fire(self, flow: Any, arrivals: dict[str, Token]) -> bool:
        """When every open token has arrived."""
        del arrivals
        return all(token.task_spec is self for token in flow.tasks.values() if token.unfinished)
