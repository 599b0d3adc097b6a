"""Which parts of BPMN 2.0 a diagram may use, and what each is called to a designer."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"

EVENTS = {
    "startEvent": frozenset({"message", "timer"}),
    "endEvent": frozenset({"message", "terminate", "error"}),
    "intermediateCatchEvent": frozenset({"message", "timer"}),
    "intermediateThrowEvent": frozenset({"message"}),
    "boundaryEvent": frozenset({"message", "timer", "error"}),
}
"""Event definitions allowed on each kind of event; start, end and throw events may also have none."""

MAY_BE_NONE = frozenset({"startEvent", "endEvent", "intermediateThrowEvent"})

POSITIONS = {
    "startEvent": "start",
    "endEvent": "end",
    "intermediateCatchEvent": "catch",
    "intermediateThrowEvent": "throw",
    "boundaryEvent": "boundary",
    "sendTask": "throw",
    "receiveTask": "catch",
}

NAMES = {
    "startEvent": ("开始事件", "start event"),
    "endEvent": ("结束事件", "end event"),
    "intermediateCatchEvent": ("中间捕获事件", "intermediate catch event"),
    "intermediateThrowEvent": ("中间抛出事件", "intermediate throw event"),
    "boundaryEvent": ("边界事件", "boundary event"),
    "userTask": ("用户任务", "user task"),
    "manualTask": ("手工任务", "manual task"),
    "serviceTask": ("服务任务", "service task"),
    "sendTask": ("发送任务", "send task"),
    "receiveTask": ("接收任务", "receive task"),
    "businessRuleTask": ("业务规则任务", "business rule task"),
    "scriptTask": ("脚本任务", "script task"),
    "exclusiveGateway": ("排他网关", "exclusive gateway"),
    "inclusiveGateway": ("包容网关", "inclusive gateway"),
    "parallelGateway": ("并行网关", "parallel gateway"),
    "eventBasedGateway": ("事件网关", "event-based gateway"),
    "subProcess": ("子流程", "sub-process"),
}
"""Every node a diagram may hold, in Chinese and English."""

DRAWN_ONLY = frozenset(
    {
        "association",
        "auditing",
        "category",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "documentation",
        "extensionElements",
        "group",
        "incoming",
        "laneSet",
        "monitoring",
        "outgoing",
        "sequenceFlow",
        "textAnnotation",
    }
)
"""What may lie in a process without being a node of it: drawings, and what is read elsewhere."""

LOOPS = frozenset({"standardLoopCharacteristics", "multiInstanceLoopCharacteristics"})

EXTENSIONS = frozenset(
    {
        "properties",
        "instructionsForEndUser",
        "serviceTaskOperator",
        "calledDecisionId",
        "messagePayload",
        "messageVariable",
    }
)

_PEOPLE = frozenset({"userTask", "manualTask"})
_THROWING = frozenset({"intermediateThrowEvent", "sendTask", "endEvent"})
PROPERTIES = {
    "form": frozenset({"userTask"}),
    "deadline": _PEOPLE,
    "deadline_start": _PEOPLE,
    "custody": _PEOPLE,
    "receipt": _PEOPLE,
    "check": _PEOPLE,
    "encloses": _THROWING,
    "copy_to": _THROWING,
    "handover": frozenset({"userTask"}),
    "agencies": frozenset({"participant"}),
    "correlate": frozenset({"participant"}),
    "subject": frozenset({"participant"}),
    "each": _THROWING,
}
"""The properties of the dialect and the elements each belongs on; `name_en` belongs on anything."""

HANDOVER_STEPS = ("list", "count", "explain", "sign_as_giver", "sign_as_receiver")
"""What a task may do with a hand-over of items."""

COMPUTED = frozenset({"deadline", "custody"})
"""Properties whose value may be `=expression`."""

SWITCHES = frozenset({"custody", "check", "copy_to"})
"""Properties that are `true` or `false`."""
