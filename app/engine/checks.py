"""Whether a diagram that could be read makes sense: everything the engine library would accept and then get wrong."""

from collections.abc import Iterable, Iterator

from app.engine.elements import NAMES
from app.engine.faults import Faults
from app.engine.model import GATEWAYS, PEOPLE_TASKS, WAITING_TASKS, Flow, Node
from app.engine.reading import Reading

DECISIONS = frozenset({"exclusiveGateway", "inclusiveGateway"})


def check(reading: Reading, faults: Faults) -> None:
    """Note every fault in the structure of the diagram."""
    checker = _Checker(reading, faults)
    checker.check_flows()
    for pool in reading.pools:
        checker.check_scope([node for node in reading.nodes.values() if node.pool == pool.process_id], pool.process_id)
    for node in reading.nodes.values():
        checker.check_node(node)
    checker.check_endless()
    checker.check_message_flows()


class _Checker:
    def __init__(self, reading: Reading, faults: Faults) -> None:
        self._reading = reading
        self._nodes = reading.nodes
        self._faults = faults
        self._out: dict[str, list[Flow]] = {node: [] for node in reading.nodes}
        self._in: dict[str, list[Flow]] = {node: [] for node in reading.nodes}
        for flow in reading.flows.values():
            if flow.source in self._out and flow.target in self._in:
                self._out[flow.source].append(flow)
                self._in[flow.target].append(flow)
        self._boundaries: dict[str, list[Node]] = {}
        for node in reading.nodes.values():
            if node.position == "boundary" and node.attached_to:
                self._boundaries.setdefault(node.attached_to, []).append(node)

    def _note(self, code: str, thing: Node | Flow, zh: str, en: str) -> None:
        self._faults.add(code, thing.id, thing.line, zh, en)

    def check_flows(self) -> None:
        for flow in self._reading.flows.values():
            source, target = self._nodes.get(flow.source), self._nodes.get(flow.target)
            if source is None:
                self._note(
                    "flow-source",
                    flow,
                    f"连线的起点“{flow.source}”不存在",
                    f"The flow begins at “{flow.source}”, which does not exist",
                )
            if target is None:
                self._note(
                    "flow-target",
                    flow,
                    f"连线的终点“{flow.target}”不存在",
                    f"The flow ends at “{flow.target}”, which does not exist",
                )
            if source is None or target is None:
                continue
            if (source.pool, source.parent) != (target.pool, target.parent):
                self._note(
                    "flow-across",
                    flow,
                    "顺序流不能穿过泳池或子流程的边界",
                    "A sequence flow may not cross the border of a pool or sub-process",
                )
            if target.position in {"start", "boundary"}:
                self._note(
                    "flow-into-start",
                    flow,
                    f"连线不能指向“{flow.target}”",
                    f"No flow may lead to “{flow.target}”: it is where a path begins",
                )
            self._check_condition(flow, source)

    def _check_condition(self, flow: Flow, source: Node) -> None:
        siblings = self._out[source.id]
        decides = source.kind in DECISIONS
        if flow.condition is not None and not decides:
            self._note(
                "misplaced-condition",
                flow,
                f"条件只能写在排他或包容网关之后，不能写在“{source.id}”之后",
                f"A condition belongs after an exclusive or inclusive gateway, not after “{source.id}”",
            )
        elif decides and source.default == flow.id:
            if flow.condition is not None:
                self._note("default-condition", flow, "默认连线不能有条件", "The default flow may not have a condition")
        elif decides and flow.condition is None and len(siblings) > 1:
            self._note(
                "no-condition",
                flow,
                f"网关“{source.id}”的这条分支没有条件，也不是默认连线",
                f"This branch of “{source.id}” has no condition and is not the default flow",
            )

    def check_scope(self, nodes: list[Node], pool: str) -> None:
        for parent in dict.fromkeys(node.parent for node in nodes):
            inside = [node for node in nodes if node.parent == parent]
            self._check_ends(inside, parent)
            self._check_reach(inside)
        if not nodes:
            self._faults.add("no-start", pool, 1, "流程没有开始事件", "The process has no start event")
        for node in nodes:
            if node.kind == "subProcess" and not any(other.parent == node.id for other in nodes):
                self._note("no-start", node, "子流程是空的", "The sub-process is empty")

    def _check_ends(self, inside: list[Node], parent: str | None) -> None:
        first = self._nodes[parent] if parent is not None else inside[0]
        place = parent or first.pool
        starts = [node for node in inside if node.position == "start"]
        if not starts:
            self._faults.add("no-start", place, first.line, f"“{place}”没有开始事件", f"“{place}” has no start event")
        if not any(node.position == "end" for node in inside):
            self._faults.add("no-end", place, first.line, f"“{place}”没有结束事件", f"“{place}” has no end event")
        plain = [node for node in starts if node.event is None]
        if parent is not None and (len(starts) != 1 or len(plain) != 1) and starts:
            self._note(
                "sub-process-start",
                first,
                "子流程要有且只有一个普通开始事件",
                "A sub-process needs exactly one start event, without message or timer",
            )
        elif len(plain) > 1:
            self._note("several-starts", plain[1], "只能有一个普通开始事件", "Only one start event may have no trigger")
        messages = [node.message for node in starts if node.message]
        for node in starts:
            if node.message and messages.count(node.message) > 1:
                self._note(
                    "same-message",
                    node,
                    f"两个开始事件等待同一个消息“{node.message}”",
                    f"Two start events wait for the same message “{node.message}”",
                )

    def _check_reach(self, inside: list[Node]) -> None:
        todo = [node for node in inside if node.position == "start"]
        if not todo:
            return
        reached: set[str] = set()
        while todo:
            node = todo.pop()
            if node.id in reached:
                continue
            reached.add(node.id)
            todo.extend(self._nodes[flow.target] for flow in self._out[node.id])
            todo.extend(self._boundaries.get(node.id, []))
        for node in inside:
            zh, en = NAMES[node.kind]
            if node.id not in reached and not (node.position == "boundary" and node.attached_to not in self._nodes):
                self._note("unreachable", node, f"{zh}“{node.id}”走不到", f"The {en} “{node.id}” cannot be reached")
            elif node.position != "end" and not self._out[node.id]:
                self._note(
                    "dead-end",
                    node,
                    f"{zh}“{node.id}”之后没有连线，流程到此无法继续",
                    f"No flow leaves the {en} “{node.id}”: the process would stop there",
                )

    def check_node(self, node: Node) -> None:
        self._check_outgoing(node)
        if node.kind == "eventBasedGateway":
            self._check_event_gateway(node)
        if node.position == "boundary":
            self._check_boundary(node)
        if node.timer_repeats and (node.position != "boundary" or node.interrupting):
            self._note(
                "misplaced-repetition",
                node,
                "只有非中断的边界事件可以重复定时",
                "Only a non-interrupting boundary event may repeat",
            )
        if node.position == "end" and node.event == "error" and not self._is_caught(node):
            self._note(
                "error-uncaught",
                node,
                "没有子流程的边界事件处理这个错误",
                "No boundary event of a sub-process around it catches this error",
            )
        if node.kind in PEOPLE_TASKS and node.role is None:
            self._note(
                "no-lane",
                node,
                f"任务“{node.id}”不在任何泳道中，不知道由谁办理",
                f"The task “{node.id}” lies in no lane, so nobody is to do it",
            )
        if node.kind == "scriptTask" and not node.script:
            self._note("empty-script", node, "脚本任务没有脚本", "The script task has no script")
        if node.kind == "businessRuleTask" and not node.decision:
            self._note(
                "no-decision",
                node,
                "业务规则任务没有选择决策表（calledDecisionId）",
                "The business rule task names no decision table (calledDecisionId)",
            )

    def _is_caught(self, node: Node) -> bool:
        parent = node.parent
        while parent is not None:
            for boundary in self._boundaries.get(parent, []):
                if boundary.event == "error" and boundary.error_code in {None, node.error_code}:
                    return True
            parent = self._nodes[parent].parent if parent in self._nodes else None
        return False

    def _check_outgoing(self, node: Node) -> None:
        flows = self._out[node.id]
        zh, en = NAMES[node.kind]
        if node.position == "end" and flows:
            self._note("flow-out-of-end", flows[0], "结束事件之后不能有连线", "No flow may leave an end event")
        elif node.kind not in GATEWAYS and len(flows) > 1:
            self._note(
                "several-flows",
                node,
                f"{zh}“{node.id}”之后有多条连线，请先接一个网关",
                f"Several flows leave the {en} “{node.id}”: put a gateway after it",
            )
        if node.default and node.default not in {flow.id for flow in flows}:
            self._note(
                "unknown-default",
                node,
                f"默认连线“{node.default}”不是从“{node.id}”出发的连线",
                f"The default flow “{node.default}” does not leave “{node.id}”",
            )
        elif node.default and node.kind not in DECISIONS:
            self._note(
                "misplaced-default",
                node,
                f"{zh}不能有默认连线",
                f"A default flow belongs to an exclusive or inclusive gateway, not to a {en}",
            )
        for flow in flows:
            if any(other.target == flow.target and other.id < flow.id for other in flows):
                self._note(
                    "parallel-flows",
                    flow,
                    f"“{node.id}”到“{flow.target}”有两条连线，请合并条件",
                    f"Two flows lead from “{node.id}” to “{flow.target}”: join their conditions with “or”",
                )

    def _check_event_gateway(self, node: Node) -> None:
        targets = [self._nodes[flow.target] for flow in self._out[node.id]]
        if len(targets) == 1:
            self._note(
                "event-gateway-branches", node, "事件网关至少要有两条分支", "An event-based gateway needs two branches"
            )
        for target in targets:
            if target.position != "catch" or len(self._in[target.id]) != 1 or target.id in self._boundaries:
                self._note(
                    "event-gateway-target",
                    target,
                    f"事件网关“{node.id}”之后只能是只由它到达的捕获事件或接收任务",
                    f"Only catch events and receive tasks reached from nowhere else may follow “{node.id}”",
                )
        timers = [target for target in targets if target.event == "timer"]
        if len(timers) > 1:
            self._note(
                "two-timers",
                node,
                f"事件网关“{node.id}”之后只能有一个定时事件",
                f"Only one timer may follow the event-based gateway “{node.id}”",
            )
        messages = [target.message for target in targets if target.message]
        if len(set(messages)) < len(messages):
            self._note(
                "same-message",
                node,
                f"事件网关“{node.id}”的两条分支等待同一个消息",
                f"Two branches of “{node.id}” wait for the same message",
            )

    def _check_boundary(self, node: Node) -> None:
        host = self._nodes.get(node.attached_to or "")
        if host is None or (host.pool, host.parent) != (node.pool, node.parent):
            self._note(
                "boundary-missing",
                node,
                f"边界事件附着的“{node.attached_to or ''}”不存在",
                f"The boundary event is attached to “{node.attached_to or ''}”, which does not exist there",
            )
            return
        if node.event == "error":
            if host.kind != "subProcess":
                self._note(
                    "boundary-place",
                    node,
                    "错误边界事件只能附着在子流程上",
                    "An error boundary event belongs on a sub-process",
                )
            elif not node.interrupting:
                self._note(
                    "boundary-place",
                    node,
                    "错误边界事件总是中断的",
                    "An error boundary event always interrupts",
                )
        elif host.kind not in WAITING_TASKS and host.kind != "subProcess":
            self._note(
                "boundary-place",
                node,
                f"“{host.id}”不等待，边界事件在它上面不会触发",
                f"“{host.id}” never waits, so a boundary event on it would never happen",
            )
        same = [other for other in self._boundaries[host.id] if other.event == node.event == "message"]
        if any(other.message == node.message and other.id < node.id for other in same):
            self._note(
                "same-message",
                node,
                f"“{host.id}”的两个边界事件等待同一个消息",
                f"Two boundary events of “{host.id}” wait for the same message",
            )

    def check_endless(self) -> None:
        """A circle of nodes that never wait, along flows that are always taken, would never end.

        Circles with a way out are left to the step budget: whether they end depends on the values.
        """
        follow = {node.id: list(self._always_next(node)) for node in self._nodes.values()}
        state: dict[str, int] = {}
        for first, successors in follow.items():
            if first in state:
                continue
            stack: list[tuple[str, Iterator[str]]] = [(first, iter(successors))]
            state[first] = 1
            while stack:
                node, rest = stack[-1]
                following = next(rest, None)
                if following is None:
                    state[node] = 2
                    stack.pop()
                elif following not in state:
                    state[following] = 1
                    stack.append((following, iter(follow[following])))
                elif state[following] == 1:
                    self._note(
                        "endless-loop",
                        self._nodes[following],
                        f"“{following}”在一个不停顿的循环里，流程永远不会结束",
                        f"“{following}” lies in a loop that never waits and never ends",
                    )

    def _always_next(self, node: Node) -> Iterable[str]:
        waits = node.kind in WAITING_TASKS or node.position == "catch" or node.kind == "eventBasedGateway"
        joins = node.kind in {"parallelGateway", "inclusiveGateway"} and len(self._in[node.id]) > 1
        # A sub-process is a step of its own and may wait inside.
        if waits or joins or node.kind == "subProcess":
            return
        flows = self._out[node.id]
        if node.kind in DECISIONS and (len(flows) > 1 or any(flow.condition for flow in flows)):
            return
        yield from (flow.target for flow in flows)

    def check_message_flows(self) -> None:
        participants = {pool.participant_id: pool.process_id for pool in self._reading.pools}
        for flow in self._reading.message_flows:
            source, target = self._nodes.get(flow.source), self._nodes.get(flow.target)
            for end, node, code in ((flow.source, source, "source"), (flow.target, target, "target")):
                if node is None and end not in participants:
                    self._faults.add(
                        f"message-flow-{code}",
                        flow.id,
                        flow.line,
                        f"消息流的{'起点' if code == 'source' else '终点'}“{end}”不存在",
                        f"The message flow's {code} “{end}” does not exist",
                    )
            sides = [
                node.pool if node is not None else participants.get(end)
                for end, node in ((flow.source, source), (flow.target, target))
            ]
            if sides[0] == sides[1] and sides[0] is not None:
                self._faults.add(
                    "message-flow-inside",
                    flow.id,
                    flow.line,
                    "消息流要连接两个不同的泳池",
                    "A message flow joins two different pools",
                )
            if source is not None and (source.position not in {"throw", "end"} or not source.message):
                self._faults.add(
                    "message-flow-sender",
                    flow.id,
                    flow.line,
                    f"“{source.id}”不发送消息",
                    f"“{source.id}” sends no message: use a message throw event, message end event or send task",
                )
            if target is not None and (target.position in {"throw", "end", None} or not target.message):
                self._faults.add(
                    "message-flow-receiver",
                    flow.id,
                    flow.line,
                    f"“{target.id}”不接收消息",
                    f"“{target.id}” receives no message: use a message start, catch or boundary event or receive task",
                )
            elif source is not None and target is not None and source.message and source.message != target.message:
                self._faults.add(
                    "message-mismatch",
                    flow.id,
                    flow.line,
                    f"消息流两端的消息不同：“{source.message}”与“{target.message}”",
                    f"The ends of the message flow name different messages: “{source.message}” and “{target.message}”",
                )
