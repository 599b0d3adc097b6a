"""From the plain model to the library's specification: the parser is given a normal form and our own elements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import SubprocessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from app.engine.elements import BPMN
from app.engine.events import Boundary, BoundarySplit, Catch, End, EventGateway
from app.engine.joins import Ending, Inclusive, Parallel
from app.engine.model import Flow, Node
from app.engine.rules import Table
from app.engine.specs import Beginning, Decision, Element, Rule, Script, SubProcess, Throw, Work


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """The library's specification of one process and, by id, of the sub-processes in it."""

    spec: Any
    subprocesses: Mapping[str, Any]


def assemble(
    process_id: str, *, nodes: Mapping[str, Node], flows: Mapping[str, Flow], tables: Mapping[str, Table]
) -> Assembly:
    """Build the specification of a process from checked nodes and flows; `tables` by decision id.

    It is complete when given: running it changes nothing in it, so threads may share it.
    """
    parser = _Parser(nodes=nodes, flows=flows, tables=tables)
    parser.add_bpmn_xml(_normal_form(process_id, nodes, flows))
    spec = parser.get_spec(process_id)
    subprocesses = parser.get_subprocess_specs(process_id)
    for part in (spec, *subprocesses.values()):
        for element in part.task_specs.values():
            element.seal()
    return Assembly(spec=spec, subprocesses=subprocesses)


def _normal_form(process_id: str, nodes: Mapping[str, Node], flows: Mapping[str, Flow]) -> etree._Element:
    """The process in the few words the library's parser needs; the rest of the file never reaches it."""
    root = etree.Element(f"{{{BPMN}}}definitions", nsmap={"bpmn": BPMN})
    process = etree.SubElement(root, f"{{{BPMN}}}process", id=process_id, isExecutable="true")
    holders: dict[str | None, etree._Element] = {None: process}
    own = [node for node in nodes.values() if node.pool == process_id]
    for node in own:
        element = etree.SubElement(holders[node.parent], f"{{{BPMN}}}{node.kind}", id=node.id)
        holders[node.id] = element
        if node.attached_to:
            element.set("attachedToRef", node.attached_to)
        if node.default:
            element.set("default", node.default)
    for flow in flows.values():
        if flow.pool == process_id:
            parent = holders[nodes[flow.source].parent]
            names = {"id": flow.id, "sourceRef": flow.source, "targetRef": flow.target}
            etree.SubElement(parent, f"{{{BPMN}}}sequenceFlow", names)
    return root


class _ElementParser(TaskParser):  # type: ignore[misc]  # the library is untyped
    """Reads an element of the normal form; what it does is in the model."""

    @property
    def model(self) -> Node:
        """The node in the model."""
        node: Node = self.process_parser.parser.nodes[self.bpmn_id]
        return node

    def create_task(self) -> Element:
        element: Element = self.spec_class(self.spec, self.bpmn_id, node=self.model)
        return element

    def handles_multiple_outgoing(self) -> bool:
        return True

    def connect_outgoing(self, outgoing_task: Element, sequence_flow_node: etree._Element, is_default: bool) -> None:  # noqa: FBT001 - the library's hook
        flow: Flow = self.process_parser.parser.flows[sequence_flow_node.get("id")]
        self.task.connect_flow(outgoing_task, flow=flow.id, condition=flow.condition, default=is_default)

    def _add_boundary_event(self, children: list[etree._Element]) -> BoundarySplit:
        split = BoundarySplit(self.spec, f"{self.bpmn_id}.BoundaryEventSplit")
        split.connect(self.task)
        self.task.guarded = True
        for child in children:
            split.connect(self.process_parser.parse_node(child))
        return split


class _StartParser(_ElementParser):
    def create_task(self) -> Element:
        node = self.model
        kind = Catch if node.event else Element
        element = kind(self.spec, self.bpmn_id, node=node)
        self.spec.start.connect(element)
        return element


class _EndParser(_ElementParser):
    def create_task(self) -> Element:
        element = End(self.spec, self.bpmn_id, node=self.model)
        element.connect(self.spec.end)
        return element


class _RuleParser(_ElementParser):
    def create_task(self) -> Element:
        node = self.model
        return Rule(self.spec, self.bpmn_id, node=node, table=self.process_parser.parser.tables.get(node.decision))


class _SubProcessParser(_ElementParser):
    def create_task(self) -> Element:
        SubprocessParser.get_subprocess_spec(self)
        return super().create_task()


class _ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]  # the library is untyped
    """A process whose start, end join and end are our own elements."""

    def __init__(self, **names: Any) -> None:
        super().__init__(**names)
        self.task_specs.clear()
        self.start = Beginning(self, "Start")
        self.end = Ending(self, f"{self.name}.EndJoin")
        self.end.connect(Element(self, "End"))


class _ProcessParser(ProcessParser):  # type: ignore[misc]  # the library is untyped
    """Parses the elements farthest from the start first, because the library's way recurses once an element."""

    def create_spec(self) -> _ProcessSpec:
        return _ProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)

    def add_tasks(self) -> None:
        starts = [child.get("id") for child in self.node.iterchildren(full_tag("startEvent"))]
        order: dict[str, None] = dict.fromkeys(starts)
        for identifier in starts:
            order.setdefault(identifier)
        todo = list(order)
        for identifier in todo:
            following = [flow.get("targetRef") for flow in self.get_outgoing_sequence_flows(identifier)]
            following += [event.get("id") for event in self.get_boundary_events(identifier)]
            for name in following:
                if name not in order:
                    order[name] = None
                    todo.append(name)
        for identifier in reversed(order):
            self.parse_node(self.get_node_by_id(identifier))
        timers = [spec for spec in self.spec.start.outputs if isinstance(spec, Catch) and spec.node.timer]
        for spec in timers:
            spec.rivals = len(timers) > 1


class _Parser(BpmnParser):  # type: ignore[misc]  # the library is untyped
    PROCESS_PARSER_CLASS = _ProcessParser
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the library's table
        full_tag("startEvent"): (_StartParser, Catch),
        full_tag("endEvent"): (_EndParser, End),
        full_tag("boundaryEvent"): (_ElementParser, Boundary),
        full_tag("intermediateCatchEvent"): (_ElementParser, Catch),
        full_tag("intermediateThrowEvent"): (_ElementParser, Throw),
        full_tag("receiveTask"): (_ElementParser, Catch),
        full_tag("sendTask"): (_ElementParser, Throw),
        full_tag("userTask"): (_ElementParser, Work),
        full_tag("manualTask"): (_ElementParser, Work),
        full_tag("serviceTask"): (_ElementParser, Work),
        full_tag("scriptTask"): (_ElementParser, Script),
        full_tag("businessRuleTask"): (_RuleParser, Rule),
        full_tag("exclusiveGateway"): (_ElementParser, Decision),
        full_tag("inclusiveGateway"): (_ElementParser, Inclusive),
        full_tag("parallelGateway"): (_ElementParser, Parallel),
        full_tag("eventBasedGateway"): (_ElementParser, EventGateway),
        full_tag("subProcess"): (_SubProcessParser, SubProcess),
    }

    def __init__(self, *, nodes: Mapping[str, Node], flows: Mapping[str, Flow], tables: Mapping[str, Table]) -> None:
        super().__init__()
        self.nodes = nodes
        self.flows = flows
        self.tables = tables
