"""From XML to the plain model: notes what cannot be read; whether it makes sense is for `checks` to say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from app.engine import elements
from app.engine.elements import BPMN, NAMES, SPIFF
from app.engine.faults import Faults
from app.engine.model import KINDS, Flow, Lane, MessageFlow, Node, Pool

MAX_NODES = 500
MAX_FLOWS = 1_500
RESERVED_IDS = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})
ID = re.compile(r"(?:[A-Z][A-Za-z]*|[a-z][a-z0-9]*)(?:_[a-z0-9]+)*", re.ASCII)
NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
MAX_ID = 100


@dataclass(kw_only=True)
class Reading:
    """What was read from one file, before it is checked."""

    id: str = ""
    name: str = ""
    name_en: str = ""
    pools: list[Pool] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    message_flows: list[MessageFlow] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)


def read(root: etree._Element, faults: Faults) -> Reading:
    """Read the definitions element of a file. Raises BrokenBundle at once when it is far too large."""
    return _Reader(root, faults).read()


def local(element: etree._Element) -> str:
    """The tag of an element without its namespace."""
    return str(etree.QName(element).localname)


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The BPMN children with one of these tags."""
    return element.iterchildren(*(f"{{{BPMN}}}{name}" for name in names))


def text_of(element: etree._Element | None) -> str:
    """The text of an element, stripped; a missing element has none."""
    return "".join(str(part) for part in element.itertext()).strip() if element is not None else ""


class _Reader:
    def __init__(self, root: etree._Element, faults: Faults) -> None:
        self._root = root
        self._faults = faults
        self._result = Reading()
        self._errors: dict[str, str] = {}
        self._lanes: dict[str, Lane] = {}
        self._ids: dict[str, int] = {}

    def read(self) -> Reading:
        root = self._root
        if root.tag != f"{{{BPMN}}}definitions":
            self._faults.add(
                "not-bpmn",
                "",
                _line(root),
                "不是 BPMN 2.0 文件：根元素必须是 definitions",
                f"Not a BPMN 2.0 file: the root element is {local(root)}, not definitions",
            )
            return self._result
        self._check_ids()
        self._read_messages()
        collaboration = self._collaboration()
        if collaboration is not None:
            self._read_pools(collaboration)
        nodes, flows = len(self._result.nodes), len(self._result.flows) + len(self._result.message_flows)
        if nodes > MAX_NODES or flows > MAX_FLOWS:
            self._note(
                "too-many-elements",
                root,
                f"流程图有 {nodes} 个节点、{flows} 条连线，最多 {MAX_NODES} 个和 {MAX_FLOWS} 条，请拆分流程",
                f"The diagram has {nodes} nodes and {flows} flows; at most {MAX_NODES} and {MAX_FLOWS}: split it",
            )
            # What follows compares elements with each other, which so many would make slow.
            self._faults.raise_if_any()
        return self._result

    def _note(self, code: str, element: etree._Element, zh: str, en: str, *, named: str = "") -> None:
        self._faults.add(code, named or element.get("id") or local(element), _line(element), zh, en)

    def _check_ids(self) -> None:
        for element in self._root.iter(f"{{{BPMN}}}*"):
            identifier = element.get("id")
            if identifier is None:
                continue
            if identifier in self._ids:
                first = self._ids[identifier]
                self._note(
                    "duplicate-id",
                    element,
                    f"标识“{identifier}”重复，第 {first} 行已经使用",
                    f"The id “{identifier}” is used twice, first on line {first}",
                )
            self._ids.setdefault(identifier, _line(element))

    def _id(self, element: etree._Element, zh: str, en: str) -> str | None:
        identifier = element.get("id")
        if not identifier:
            self._note("missing-id", element, f"{zh}没有标识（id）", f"A {en} has no id")
            return None
        if identifier in RESERVED_IDS:
            self._note(
                "reserved-id",
                element,
                f"标识“{identifier}”由系统使用，请换一个",
                f"The id “{identifier}” belongs to the engine, choose another",
            )
        elif not ID.fullmatch(identifier) or len(identifier) > MAX_ID:
            self._note(
                "bad-id",
                element,
                f"标识“{identifier[:MAX_ID]}”只能用英文字母、数字和下划线，如 Task_accept_review",
                f"The id “{identifier[:MAX_ID]}” is not snake_case ASCII such as Task_accept_review",
            )
        return identifier

    def _read_messages(self) -> None:
        for element in children(self._root, "message"):
            identifier = self._id(element, "消息", "message")
            if identifier:
                self._result.messages[identifier] = element.get("name") or identifier
            for payload in element.iter(f"{{{SPIFF}}}messagePayload", f"{{{SPIFF}}}messageVariable"):
                self._note(
                    "misplaced-payload",
                    payload,
                    f"消息内容要写在发送事件里，不能写在消息“{identifier}”上",
                    f"Payload and variable belong in the throwing or catching event, not on the message “{identifier}”",
                    named=identifier or "",
                )
        for element in children(self._root, "error"):
            identifier = self._id(element, "错误", "error")
            if identifier:
                self._errors[identifier] = element.get("errorCode") or identifier

    def _collaboration(self) -> etree._Element | None:
        found = list(children(self._root, "collaboration"))
        if not found:
            self._note(
                "no-collaboration",
                self._root,
                "没有协作图（collaboration）：每个流程图都要有泳池",
                "There is no collaboration: every diagram needs pools",
            )
            return None
        for extra in found[1:]:
            self._note("several-collaborations", extra, "只能有一个协作图", "Only one collaboration is allowed")
        collaboration = found[0]
        identifier = self._id(collaboration, "协作图", "collaboration")
        if identifier and not NAME.fullmatch(identifier):
            self._note(
                "bad-id",
                collaboration,
                f"协作图的标识“{identifier}”就是流程名，只能用小写字母、数字和下划线",
                f"The collaboration's id “{identifier}” names the process and must be lower snake_case",
            )
        self._result.id = identifier or ""
        self._result.name = collaboration.get("name") or self._result.id
        self._result.name_en = self._properties(collaboration, None).get("name_en", "")
        return collaboration

    def _read_pools(self, collaboration: etree._Element) -> None:
        processes = {process.get("id"): process for process in children(self._root, "process")}
        taken = set()
        for participant in children(collaboration, "participant"):
            identifier = self._id(participant, "泳池", "pool")
            reference = participant.get("processRef")
            process = processes.get(_plain(reference)) if reference else None
            if process is None:
                self._note(
                    "no-process",
                    participant,
                    "泳池没有可执行的流程（processRef）",
                    "The pool has no process to execute (processRef)",
                )
                continue
            taken.add(process)
            self._read_pool(participant, identifier or "", process)
        for process in processes.values():
            if process not in taken:
                self._note(
                    "process-without-pool",
                    process,
                    "流程不属于任何泳池",
                    "The process belongs to no pool of the collaboration",
                )
        for element in children(collaboration, "messageFlow"):
            self._read_message_flow(element)

    def _read_pool(self, participant: etree._Element, participant_id: str, process: etree._Element) -> None:
        process_id = self._id(process, "流程", "process") or ""
        prefix, _, kind = process_id.rpartition("_")
        if prefix != self._result.id or kind not in KINDS:
            self._note(
                "bad-process-id",
                process,
                f"流程标识“{process_id}”应为“{self._result.id}_<单位类型>”，单位类型为 {' '.join(KINDS)} 之一",
                f"The process id “{process_id}” must be “{self._result.id}_<kind>”, kind one of {' '.join(KINDS)}",
            )
        if process.get("isExecutable", "true") not in {"true", "1"}:
            self._note(
                "not-executable",
                process,
                "流程没有勾选“可执行”（isExecutable）",
                "The process is not marked as executable (isExecutable)",
            )
        if any(pool.process_id == process_id for pool in self._result.pools):
            self._note("process-twice", participant, "两个泳池用了同一个流程", "Two pools share one process")
            return
        lanes = self._read_lanes(process)
        self._result.pools.append(
            Pool(
                process_id=process_id,
                participant_id=participant_id,
                name=participant.get("name") or process.get("name") or process_id,
                name_en=self._properties(participant, None).get("name_en", ""),
                kind=kind,
                lanes=tuple(lanes),
                variables=frozenset(),
            )
        )
        self._read_scope(process, pool=process_id, parent=None, lane=None)

    def _read_lanes(self, process: etree._Element) -> list[Lane]:
        lanes = []
        nodes = {element.get("id") for element in process.iter(*(f"{{{BPMN}}}{kind}" for kind in NAMES))}
        for element in process.iter(f"{{{BPMN}}}lane"):
            identifier = self._id(element, "泳道", "lane") or ""
            role = identifier.removeprefix("Lane_")
            if role == identifier or not NAME.fullmatch(role):
                self._note(
                    "bad-lane-id",
                    element,
                    f"泳道标识“{identifier}”应为“Lane_<职责>”，如 Lane_adm_officer",
                    f"The lane id “{identifier}” must be “Lane_<role>”, such as Lane_adm_officer",
                )
            lane = Lane(
                id=identifier,
                name=element.get("name") or identifier,
                name_en=self._properties(element, None).get("name_en", ""),
                role=role,
            )
            lanes.append(lane)
            outer = {around.get("id") for around in element.iterancestors(f"{{{BPMN}}}lane")}
            for reference in children(element, "flowNodeRef"):
                node = text_of(reference)
                if node not in nodes:
                    self._note(
                        "lane-reference",
                        reference,
                        f"泳道“{identifier}”引用了不存在的节点“{node}”",
                        f"The lane “{identifier}” refers to “{node}”, which is not in its process",
                        named=identifier,
                    )
                known = self._lanes.get(node)
                if known is not None and known.id not in outer:
                    self._note(
                        "two-lanes",
                        reference,
                        f"节点“{node}”同时在“{known.id}”和“{identifier}”两个泳道中",
                        f"The node “{node}” lies in two lanes, “{known.id}” and “{identifier}”",
                        named=node,
                    )
                self._lanes[node] = lane
        return lanes

    def _read_scope(self, scope: etree._Element, *, pool: str, parent: str | None, lane: Lane | None) -> None:
        for element in scope.iterchildren(f"{{{BPMN}}}*"):
            kind = local(element)
            if kind in NAMES:
                node = self._read_node(element, kind, pool=pool, parent=parent, lane=lane)
                if kind == "subProcess" and node is not None:
                    own = self._lanes.get(node.id, lane)
                    self._read_scope(element, pool=pool, parent=node.id, lane=own)
            elif kind not in elements.DRAWN_ONLY and not (kind in elements.LOOPS and parent):
                self._note(
                    "unsupported-element",
                    element,
                    f"不支持“{kind}”（{element.get('name') or element.get('id') or ''}）",
                    f"A “{kind}” cannot be executed here",
                )
        for element in children(scope, "sequenceFlow"):
            self._read_flow(element, pool)

    def _read_flow(self, element: etree._Element, pool: str) -> None:
        identifier = self._id(element, "连线", "sequence flow")
        if not identifier:
            return
        condition = next(children(element, "conditionExpression"), None)
        self._result.flows[identifier] = Flow(
            id=identifier,
            name=element.get("name") or "",
            name_en=self._properties(element, None).get("name_en", ""),
            source=element.get("sourceRef") or "",
            target=element.get("targetRef") or "",
            condition=None if condition is None else text_of(condition),
            pool=pool,
            line=_line(element),
        )

    def _read_message_flow(self, element: etree._Element) -> None:
        self._result.message_flows.append(
            MessageFlow(
                id=self._id(element, "消息流", "message flow") or "",
                name=element.get("name") or "",
                name_en=self._properties(element, None).get("name_en", ""),
                source=_plain(element.get("sourceRef") or ""),
                target=_plain(element.get("targetRef") or ""),
                line=_line(element),
            )
        )

    def _read_node(
        self, element: etree._Element, kind: str, *, pool: str, parent: str | None, lane: Lane | None
    ) -> Node | None:
        zh, en = NAMES[kind]
        identifier = self._id(element, zh, en)
        if not identifier:
            return None
        own = self._lanes.get(identifier, lane)
        properties = self._properties(element, kind)
        node = Node(
            id=identifier,
            name=element.get("name") or "",
            name_en=properties.pop("name_en", ""),
            kind=kind,
            pool=pool,
            line=_line(element),
            lane=own.id if own else None,
            role=own.role if own else None,
            parent=parent,
            position=elements.POSITIONS.get(kind),
            properties=properties,
            default=element.get("default"),
            attached_to=element.get("attachedToRef"),
            instructions=text_of(next(self._extensions(element, "instructionsForEndUser"), None)),
            instructions_en=text_of(next(children(element, "documentation"), None)),
            **self._details(element, kind),
        )
        self._check_extensions(element)
        for loop in children(element, *elements.LOOPS):
            self._note(
                "unsupported-loop",
                loop,
                f"不支持循环或多实例标记（“{identifier}”）",
                f"Loop and multi-instance markers cannot be executed (“{identifier}”)",
                named=identifier,
            )
        if element.get("triggeredByEvent") in {"true", "1"}:
            self._note("event-sub-process", element, "不支持事件子流程", "Event sub-processes cannot be executed")
        self._result.nodes.setdefault(identifier, node)
        return node

    def _details(self, element: etree._Element, kind: str) -> dict[str, Any]:
        if kind in elements.EVENTS:
            return self._event(element, kind)
        if kind in {"sendTask", "receiveTask"}:
            return {"event": "message", **self._message(element)}
        if kind == "scriptTask":
            return {"script": text_of(next(children(element, "script"), None))}
        if kind == "businessRuleTask":
            return {"decision": text_of(next(self._extensions(element, "calledDecisionId"), None))}
        if kind == "serviceTask":
            return self._service(element)
        return {}

    def _event(self, element: etree._Element, kind: str) -> dict[str, Any]:
        definitions = [child for child in element.iterchildren() if local(child).endswith("EventDefinition")]
        references = list(children(element, "eventDefinitionRef"))
        zh, en = NAMES[kind]
        if len(definitions) + len(references) > 1:
            self._note(
                "several-events", element, "一个事件只能有一个触发条件", "An event may have one event definition only"
            )
        if references:
            self._note(
                "unsupported-event", element, "不支持引用事件定义", "References to event definitions cannot be executed"
            )
        if not definitions:
            if kind not in elements.MAY_BE_NONE and not references:
                self._note(
                    "no-event", element, f"{zh}没有触发条件（消息或定时）", f"The {en} says not what it waits for"
                )
            return {}
        definition = definitions[0]
        event = local(definition).removesuffix("EventDefinition")
        if event not in elements.EVENTS[kind]:
            self._note(
                "unsupported-event", element, f"{zh}不支持“{event}”", f"A {en} of type “{event}” cannot be executed"
            )
            return {}
        details: dict[str, Any] = {"event": event}
        if kind == "boundaryEvent":
            details["interrupting"] = element.get("cancelActivity", "true") not in {"false", "0"}
        if event == "message":
            details.update(self._message(element, definition))
        elif event == "timer":
            details.update(self._timer(element, definition))
        elif event == "error":
            details["error_code"] = self._error(element, definition)
        return details

    def _message(self, element: etree._Element, definition: etree._Element | None = None) -> dict[str, Any]:
        holders = [element] if definition is None else [definition, element]
        if definition is None:
            holders = [element, *children(element, "messageEventDefinition")]
        reference = next((_plain(holder.get("messageRef") or "") for holder in holders if holder.get("messageRef")), "")
        if not reference:
            self._note("no-message", element, "没有选择消息（messageRef）", "No message is chosen (messageRef)")
        elif reference not in self._result.messages:
            self._note(
                "unknown-message", element, f"没有定义消息“{reference}”", f"The message “{reference}” is not defined"
            )
        payload = next(element.iter(f"{{{SPIFF}}}messagePayload"), None)
        variable = text_of(next(element.iter(f"{{{SPIFF}}}messageVariable"), None))
        if variable and not NAME.fullmatch(variable):
            self._note(
                "bad-variable", element, f"变量名“{variable}”无效", f"“{variable}” is not a variable name (snake_case)"
            )
        return {
            "message": reference or None,
            "payload": None if payload is None else text_of(payload),
            "message_variable": variable or None,
        }

    def _timer(self, element: etree._Element, definition: etree._Element) -> dict[str, Any]:
        found = list(children(definition, "timeDate", "timeDuration", "timeCycle"))
        if len(found) != 1 or not text_of(found[0]):
            self._note("no-timer", element, "定时事件没有写时间", "The timer event says not when")
            return {"timer": ""}
        return {"timer": text_of(found[0]), "timer_repeats": local(found[0]) == "timeCycle"}

    def _error(self, element: etree._Element, definition: etree._Element) -> str | None:
        reference = _plain(definition.get("errorRef") or "")
        if not reference:
            return None
        if reference not in self._errors:
            self._note(
                "unknown-error", element, f"没有定义错误“{reference}”", f"The error “{reference}” is not defined"
            )
        return self._errors.get(reference, reference)

    def _service(self, element: etree._Element) -> dict[str, Any]:
        operator = next(self._extensions(element, "serviceTaskOperator"), None)
        if operator is None or not operator.get("id"):
            self._note(
                "no-operator",
                element,
                "服务任务没有选择操作（serviceTaskOperator）",
                "The service task has no operator (serviceTaskOperator)",
            )
            return {}
        variable = operator.get("resultVariable") or None
        if variable and not NAME.fullmatch(variable):
            self._note(
                "bad-variable", element, f"变量名“{variable}”无效", f"“{variable}” is not a variable name (snake_case)"
            )
        parameters: dict[str, str] = {}
        for parameter in operator.iter(f"{{{SPIFF}}}parameter"):
            name = parameter.get("id") or ""
            if not NAME.fullmatch(name) or name in parameters:
                self._note(
                    "bad-parameter", element, f"参数名“{name}”无效或重复", f"The parameter “{name}” is not a new name"
                )
            parameters[name] = parameter.get("value") or ""
        return {"operator": operator.get("id"), "result_variable": variable, "parameters": parameters}

    def _extensions(self, element: etree._Element, name: str) -> Iterator[etree._Element]:
        for holder in children(element, "extensionElements"):
            yield from holder.iterchildren(f"{{{SPIFF}}}{name}")

    def _check_extensions(self, element: etree._Element) -> None:
        for holder in children(element, "extensionElements"):
            for extension in holder.iterchildren(f"{{{SPIFF}}}*"):
                if local(extension) not in elements.EXTENSIONS:
                    self._note(
                        "unknown-extension",
                        element,
                        f"不支持扩展“{local(extension)}”",
                        f"The extension “{local(extension)}” is not part of the dialect",
                    )

    def _properties(self, element: etree._Element, kind: str | None) -> dict[str, str]:
        found: dict[str, str] = {}
        for holder in self._extensions(element, "properties"):
            for entry in holder.iterchildren(f"{{{SPIFF}}}property"):
                name, value = entry.get("name") or "", (entry.get("value") or "").strip()
                if name in found:
                    self._note(
                        "property-twice", element, f"属性“{name}”写了两次", f"The property “{name}” is set twice"
                    )
                found[name] = value
                self._check_property(element, kind, name, value)
        return found

    def _check_property(self, element: etree._Element, kind: str | None, name: str, value: str) -> None:
        if name == "name_en":
            return
        places = elements.PROPERTIES.get(name)
        if places is None:
            self._note("unknown-property", element, f"没有属性“{name}”", f"There is no property “{name}”")
        elif kind not in places:
            self._note(
                "misplaced-property",
                element,
                f"属性“{name}”不能写在这里",
                f"The property “{name}” does not belong here",
            )
        elif value.startswith("="):
            if name not in elements.COMPUTED:
                self._note(
                    "bad-property",
                    element,
                    f"属性“{name}”不能是表达式",
                    f"The property “{name}” cannot be an expression",
                )
        elif not value:
            self._note("bad-property", element, f"属性“{name}”是空的", f"The property “{name}” is empty")
        elif name in elements.SWITCHES and value not in {"true", "false"}:
            self._note(
                "bad-property", element, f"属性“{name}”只能是 true 或 false", f"The property “{name}” is true or false"
            )
        elif name == "deadline_start" and not NAME.fullmatch(value):
            self._note("bad-property", element, f"“{value}”不是变量名", f"“{value}” in “{name}” is not a variable name")
        elif name == "receipt" and value not in self._result.messages:
            self._note("unknown-message", element, f"没有定义消息“{value}”", f"The message “{value}” is not defined")


def _line(element: etree._Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) and line > 0 else 1


def _plain(reference: str) -> str:
    """A QName reference without its prefix."""
    return reference.rpartition(":")[2]
