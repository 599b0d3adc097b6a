"""Writes small BPMN files for tests: a pool is a list of elements and a list of arrows."""

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn">'
)


def node(tag, identifier, inner="", **attributes):
    written = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f'<bpmn:{tag} id="{identifier}" name="{identifier}"{written}>{inner}</bpmn:{tag}>'


def properties(**values):
    rows = "".join(f'<spiffworkflow:property name="{key}" value={quoteattr(value)} />' for key, value in values.items())
    return (
        f"<bpmn:extensionElements><spiffworkflow:properties>{rows}</spiffworkflow:properties></bpmn:extensionElements>"
    )


def user(identifier, **values):
    return node("userTask", identifier, properties(**values) if values else "")


def service(identifier, operator="issue_document", result="letter", **parameters):
    rows = "".join(
        f'<spiffworkflow:parameter id="{key}" type="str" value={quoteattr(value)} />'
        for key, value in parameters.items()
    )
    variable = f' resultVariable="{result}"' if result else ""
    return node(
        "serviceTask",
        identifier,
        f'<bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="{operator}"{variable}>'
        f"<spiffworkflow:parameters>{rows}</spiffworkflow:parameters>"
        "</spiffworkflow:serviceTaskOperator></bpmn:extensionElements>",
    )


def script(identifier, source):
    return node("scriptTask", identifier, f"<bpmn:script>{escape(source)}</bpmn:script>")


def timer(value, kind="timeDuration"):
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(value)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(identifier, payload=None, variable=None):
    inner = f"<spiffworkflow:messagePayload>{escape(payload)}</spiffworkflow:messagePayload>" if payload else ""
    inner += f"<spiffworkflow:messageVariable>{variable}</spiffworkflow:messageVariable>" if variable else ""
    extension = f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>" if inner else ""
    return f'<bpmn:messageEventDefinition messageRef="{identifier}">{extension}</bpmn:messageEventDefinition>'


def arrow(source, target, condition=None, identifier=None):
    identifier = identifier or f"Flow_{source}_{target}".lower().replace("flow", "Flow", 1)
    inner = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="{identifier}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def path(*nodes):
    """Arrows through these nodes in a row."""
    return "".join(arrow(source, target) for source, target in pairwise(nodes))


def process(*parts, identifier="demo_adm", lane="Lane_adm_officer", people=None):
    """A process; every user and manual task in it lies in one lane."""
    body = "\n".join(parts)
    if people is None:
        people = [
            piece.split('"', 1)[0]
            for tag in ("<bpmn:userTask id=", "<bpmn:manualTask id=")
            for piece in (chunk[1:] for chunk in body.split(tag)[1:])
        ]
    references = "".join(f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>" for name in people)
    lanes = (
        f'<bpmn:laneSet><bpmn:lane id="{lane}" name="经办人">{references}</bpmn:lane></bpmn:laneSet>' if lane else ""
    )
    return f'<bpmn:process id="{identifier}" isExecutable="true">{lanes}\n{body}\n</bpmn:process>'


def file(*processes, messages=(), collaboration="demo", flows="", head=HEAD, errors=""):
    """A whole file: one participant for each process."""
    participants = ""
    for text in processes:
        identifier = text.split('id="', 1)[1].split('"', 1)[0]
        participants += f'<bpmn:participant id="Pool_{identifier}" name="{identifier}" processRef="{identifier}" />'
    declared = "".join(f'<bpmn:message id="{name}" name="消息{name}" />' for name in messages)
    body = "\n".join(processes)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'{head}\n<bpmn:collaboration id="{collaboration}" name="示例">{participants}{flows}</bpmn:collaboration>\n'
        f"{declared}{errors}\n{body}\n</bpmn:definitions>"
    ).encode()


def simple(*parts, messages=(), **options):
    """A file with one process."""
    return file(process(*parts, **options), messages=messages)


START = node("startEvent", "Start_1")
END = node("endEvent", "End_1")
