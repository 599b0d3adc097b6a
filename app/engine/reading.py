"""From XML to the plain model: notes what cannot be read; whether it makes sense is for `checks` to say."""

from dataclasses import dataclass, field

from lxml import etree

from app.engine import elements
from app.engine.elements import BPMN, NAMES, SPIFF
from app.engine.faults import Faults
from app.engine.model import KINDS, Flow, Lane, MessageFlow, Node, Pool
from app.engine.nodes import NodeReader
from app.engine.sheet import NAME, Sheet, children, line_of, local, plain, text_of

MAX_NODES = 500
MAX_FLOWS = 1_500


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


class _Reader:
    def __init__(self, root: etree._Element, faults: Faults) -> None:
        self._root = root
        self._faults = faults
        self._result = Reading()
        self._errors: dict[str, str] = {}
        self._lanes: dict[str, Lane] = {}
        self._sheet = Sheet(faults, self._result.messages)
        self._nodes = NodeReader(self._sheet, messages=self._result.messages, errors=self._errors, lanes=self._lanes)
        self._ids: dict[str, int] = {}

    def read(self) -> Reading:
        root = self._root
        if root.tag != f"{{{BPMN}}}definitions":
            self._faults.add(
                "not-bpmn",
                "",
                line_of(root),
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
            self._sheet.note(
                "too-many-elements",
                root,
                f"流程图有 {nodes} 个节点、{flows} 条连线，最多 {MAX_NODES} 个和 {MAX_FLOWS} 条，请拆分流程",
                f"The diagram has {nodes} nodes and {flows} flows; at most {MAX_NODES} and {MAX_FLOWS}: split it",
            )
            # What follows compares elements with each other, which so many would make slow.
            self._faults.raise_if_any()
        return self._result

    def _check_ids(self) -> None:
        for element in self._root.iter(f"{{{BPMN}}}*"):
            identifier = element.get("id")
            if identifier is None:
                continue
            if identifier in self._ids:
                first = self._ids[identifier]
                self._sheet.note(
                    "duplicate-id",
                    element,
                    f"标识“{identifier}”重复，第 {first} 行已经使用",
                    f"The id “{identifier}” is used twice, first on line {first}",
                )
            self._ids.setdefault(identifier, line_of(element))

    def _read_messages(self) -> None:
        for element in children(self._root, "message"):
            identifier = self._sheet.identify(element, "消息", "message")
            if identifier:
                self._result.messages[identifier] = element.get("name") or identifier
            for payload in element.iter(f"{{{SPIFF}}}messagePayload", f"{{{SPIFF}}}messageVariable"):
                self._sheet.note(
                    "misplaced-payload",
                    payload,
                    f"消息内容要写在发送事件里，不能写在消息“{identifier}”上",
                    f"Payload and variable belong in the throwing or catching event, not on the message “{identifier}”",
                    named=identifier or "",
                )
        for element in children(self._root, "error"):
            identifier = self._sheet.identify(element, "错误", "error")
            if identifier:
                self._errors[identifier] = element.get("errorCode") or identifier

    def _collaboration(self) -> etree._Element | None:
        found = list(children(self._root, "collaboration"))
        if not found:
            self._sheet.note(
                "no-collaboration",
                self._root,
                "没有协作图（collaboration）：每个流程图都要有泳池",
                "There is no collaboration: every diagram needs pools",
            )
            return None
        for extra in found[1:]:
            self._sheet.note("several-collaborations", extra, "只能有一个协作图", "Only one collaboration is allowed")
        collaboration = found[0]
        identifier = self._sheet.identify(collaboration, "协作图", "collaboration")
        if identifier and not NAME.fullmatch(identifier):
            self._sheet.note(
                "bad-id",
                collaboration,
                f"协作图的标识“{identifier}”就是流程名，只能用小写字母、数字和下划线",
                f"The collaboration's id “{identifier}” names the process and must be lower snake_case",
            )
        self._result.id = identifier or ""
        self._result.name = collaboration.get("name") or self._result.id
        self._result.name_en = self._sheet.properties(collaboration, None).get("name_en", "")
        return collaboration

    def _read_pools(self, collaboration: etree._Element) -> None:
        processes = {process.get("id"): process for process in children(self._root, "process")}
        taken = set()
        for participant in children(collaboration, "participant"):
            identifier = self._sheet.identify(participant, "泳池", "pool")
            reference = participant.get("processRef")
            process = processes.get(plain(reference)) if reference else None
            if process is None:
                self._sheet.note(
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
                self._sheet.note(
                    "process-without-pool",
                    process,
                    "流程不属于任何泳池",
                    "The process belongs to no pool of the collaboration",
                )
        for element in children(collaboration, "messageFlow"):
            self._read_message_flow(element)

    def _read_pool(self, participant: etree._Element, participant_id: str, process: etree._Element) -> None:
        process_id = self._sheet.identify(process, "流程", "process") or ""
        prefix, _, kind = process_id.rpartition("_")
        properties = self._sheet.properties(participant, "participant")
        kinds = tuple(properties.get("agencies", kind).split())
        self._check_kinds(participant, kinds, named="agencies" in properties)
        for name in ("correlate", "subject"):
            value = properties.get(name, "")
            if value and not NAME.fullmatch(value):
                self._sheet.note(
                    f"bad-{name}",
                    participant,
                    f"{name} “{value[:40]}”不是变量名",
                    f"{name} “{value[:40]}” is no name of a variable",
                )
        if prefix != self._result.id or not ("agencies" in properties or kind in KINDS):
            self._sheet.note(
                "bad-process-id",
                process,
                f"流程标识“{process_id}”应为“{self._result.id}_<单位类型>”，单位类型为 {' '.join(KINDS)} 之一",
                f"The process id “{process_id}” must be “{self._result.id}_<kind>”, kind one of {' '.join(KINDS)}",
            )
        if process.get("isExecutable", "true") not in {"true", "1"}:
            self._sheet.note(
                "not-executable",
                process,
                "流程没有勾选“可执行”（isExecutable）",
                "The process is not marked as executable (isExecutable)",
            )
        if any(pool.process_id == process_id for pool in self._result.pools):
            self._sheet.note("process-twice", participant, "两个泳池用了同一个流程", "Two pools share one process")
            return
        lanes = self._read_lanes(process, word=kind if "agencies" in properties else "")
        self._result.pools.append(
            Pool(
                process_id=process_id,
                participant_id=participant_id,
                name=participant.get("name") or process.get("name") or process_id,
                name_en=properties.get("name_en", ""),
                kind=kind,
                lanes=tuple(lanes),
                variables=frozenset(),
                kinds=kinds,
                correlate=properties.get("correlate", "") or properties.get("subject", ""),
                subject=properties.get("subject", ""),
            )
        )
        self._read_scope(process, pool=process_id, parent=None, lane=None)

    def _check_kinds(self, participant: etree._Element, kinds: tuple[str, ...], *, named: bool) -> None:
        unknown = [kind for kind in kinds if kind not in KINDS]
        if named and (unknown or not kinds):
            shown = " ".join(unknown)[:60]
            self._sheet.note(
                "bad-agencies",
                participant,
                f"agencies 中没有这种单位：{shown}；单位类型为 {' '.join(KINDS)}",
                f"agencies names no kind of agency: {shown}; kinds are {' '.join(KINDS)}",
            )

    def _read_lanes(self, process: etree._Element, *, word: str) -> list[Lane]:
        """Read the lanes; where pools are told apart by a `word`, it may follow the role: `Lane_pol_head_objection`."""
        lanes = []
        nodes = {element.get("id") for element in process.iter(*(f"{{{BPMN}}}{kind}" for kind in NAMES))}
        for element in process.iter(f"{{{BPMN}}}lane"):
            identifier = self._sheet.identify(element, "泳道", "lane") or ""
            role = identifier.removeprefix("Lane_")
            if role == identifier or not NAME.fullmatch(role):
                self._sheet.note(
                    "bad-lane-id",
                    element,
                    f"泳道标识“{identifier}”应为“Lane_<职责>”，如 Lane_adm_officer",
                    f"The lane id “{identifier}” must be “Lane_<role>”, such as Lane_adm_officer",
                )
            told_apart = role.removesuffix(f"_{word}")
            role = told_apart if word and "_" in told_apart else role
            lane = Lane(
                id=identifier,
                name=element.get("name") or identifier,
                name_en=self._sheet.properties(element, None).get("name_en", ""),
                role=role,
            )
            lanes.append(lane)
            outer = {around.get("id") for around in element.iterancestors(f"{{{BPMN}}}lane")}
            for reference in children(element, "flowNodeRef"):
                node = text_of(reference)
                if node not in nodes:
                    self._sheet.note(
                        "lane-reference",
                        reference,
                        f"泳道“{identifier}”引用了不存在的节点“{node}”",
                        f"The lane “{identifier}” refers to “{node}”, which is not in its process",
                        named=identifier,
                    )
                known = self._lanes.get(node)
                if known is not None and known.id not in outer:
                    self._sheet.note(
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
                node = self._nodes.read(element, kind, pool=pool, parent=parent, lane=lane)
                if node is not None:
                    self._result.nodes.setdefault(node.id, node)
                if kind == "subProcess" and node is not None:
                    own = self._lanes.get(node.id, lane)
                    self._read_scope(element, pool=pool, parent=node.id, lane=own)
            elif kind not in elements.DRAWN_ONLY and not (kind in elements.LOOPS and parent):
                self._sheet.note(
                    "unsupported-element",
                    element,
                    f"不支持“{kind}”（{element.get('name') or element.get('id') or ''}）",
                    f"A “{kind}” cannot be executed here",
                )
        for element in children(scope, "sequenceFlow"):
            self._read_flow(element, pool)

    def _read_flow(self, element: etree._Element, pool: str) -> None:
        identifier = self._sheet.identify(element, "连线", "sequence flow")
        if not identifier:
            return
        condition = next(children(element, "conditionExpression"), None)
        self._result.flows[identifier] = Flow(
            id=identifier,
            name=element.get("name") or "",
            name_en=self._sheet.properties(element, None).get("name_en", ""),
            source=element.get("sourceRef") or "",
            target=element.get("targetRef") or "",
            condition=None if condition is None else text_of(condition),
            pool=pool,
            line=line_of(element),
        )

    def _read_message_flow(self, element: etree._Element) -> None:
        self._result.message_flows.append(
            MessageFlow(
                id=self._sheet.identify(element, "消息流", "message flow") or "",
                name=element.get("name") or "",
                name_en=self._sheet.properties(element, None).get("name_en", ""),
                source=plain(element.get("sourceRef") or ""),
                target=plain(element.get("targetRef") or ""),
                line=line_of(element),
            )
        )
