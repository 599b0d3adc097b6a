import pytest

from app.domain.errors import BrokenBundle
from app.engine.diagram import read_diagram
from tests.engine.drawing import (
    END,
    START,
    arrow,
    file,
    message,
    node,
    path,
    process,
    properties,
    script,
    service,
    simple,
    timer,
    user,
)

GATEWAY = node("exclusiveGateway", "Gateway_1")
LINE = path("Start_1", "Task_a", "End_1")


def faults_of(xml):
    with pytest.raises(BrokenBundle) as caught:
        read_diagram(xml, file="demo.bpmn")
    for fault in caught.value.faults:
        assert fault.file == "demo.bpmn"
        assert fault.line >= 1
        assert fault.zh
        assert fault.en
    return {(fault.code, fault.element) for fault in caught.value.faults}


def codes_of(xml):
    return {code for code, _ in faults_of(xml)}


def test_a_sound_diagram_is_read_whole():
    sender = process(
        START,
        user("Task_a", form="apply", deadline="=review_rule", deadline_start="accepted_at", custody="=detained"),
        service("Service_b", document="letter_kind", copies="2"),
        node("endEvent", "End_sent", properties(encloses="adm_letter") + message("Message_sent", "{'crime': charge}")),
        path("Start_1", "Task_a", "Service_b", "End_sent"),
    )
    receiver = process(
        node("startEvent", "Start_2", message("Message_sent")),
        user("Task_c"),
        END,
        node(
            "boundaryEvent", "Event_late", timer("due('D06', filed_on)"), attachedToRef="Task_c", cancelActivity="false"
        ),
        path("Start_2", "Task_c", "End_1"),
        arrow("Event_late", "End_late"),
        node("endEvent", "End_late"),
        identifier="demo_pol",
        lane="Lane_pol_officer",
    )
    flow = '<bpmn:messageFlow id="Flow_message" name="移送" sourceRef="End_sent" targetRef="Start_2" />'
    diagram = read_diagram(file(sender, receiver, messages=["Message_sent"], flows=flow), file="demo.bpmn")
    assert diagram.id == "demo"
    assert diagram.name == "示例"
    assert [(pool.process_id, pool.kind) for pool in diagram.pools] == [("demo_adm", "adm"), ("demo_pol", "pol")]
    assert diagram.pools[0].variables == {
        "review_rule",
        "accepted_at",
        "detained",
        "letter_kind",
        "charge",
        "letter",
    }
    assert diagram.pools[1].variables == {"filed_on"}
    assert diagram.pools[0].lanes[0].role == "adm_officer"
    task = diagram.nodes["Task_a"]
    assert (task.kind, task.role, task.pool, task.position) == ("userTask", "adm_officer", "demo_adm", None)
    assert task.properties["deadline"] == "=review_rule"
    assert diagram.nodes["Service_b"].parameters == {"document": "letter_kind", "copies": "2"}
    assert diagram.nodes["Service_b"].operator == "issue_document"
    assert (diagram.nodes["End_sent"].position, diagram.nodes["End_sent"].message) == ("end", "Message_sent")
    late = diagram.nodes["Event_late"]
    assert (late.position, late.interrupting, late.attached_to) == ("boundary", False, "Task_c")
    assert diagram.flows["Flow_start_1_task_a"].target == "Task_a"
    assert diagram.message_flows[0].source == "End_sent"
    assert diagram.messages == {"Message_sent": "消息Message_sent"}
    assert [call.argument for use in diagram.expressions for call in use.code.calls] == ["D06"]


def test_utf_16_is_read():
    text = simple(START, user("Task_a"), END, LINE).decode().replace("UTF-8", "UTF-16")
    assert read_diagram(text.encode("utf-16"), file="demo.bpmn").nodes["Task_a"].name == "Task_a"


def test_comments_drawings_and_layout_do_no_harm():
    drawn = (
        "<!-- note --><bpmn:textAnnotation id='Note_1'><bpmn:text>x</bpmn:text></bpmn:textAnnotation>"
        "<bpmn:dataObjectReference id='Data_1' dataObjectRef='Data_2' /><bpmn:dataObject id='Data_2' />"
    )
    xml = simple(START, drawn, script("Task_a", "x = 1").replace("x = 1", "<!-- c -->x = 1"), END, LINE)
    assert read_diagram(xml, file="demo.bpmn").nodes["Task_a"].script == "x = 1"


BOMB = b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;">]><a>&y;</a>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "empty-file"),
        (b"  \n ", "empty-file"),
        (b'{"a": 1}', "not-xml"),
        (b"\x00\xff\xfe\x01", "not-xml"),
        (b"PK\x03\x04", "not-xml"),
        (b"<a>", "not-xml"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "not-xml"),
        (b"<a/>", "not-bpmn"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not-bpmn"),
        (b"<a>" + b"x" * 10_000_000 + b"</a>", "too-large"),
        (b"<a>" * 300 + b"</a>" * 300, "not-xml"),
        (BOMB, "doctype"),
        (OUTSIDE, "doctype"),
        (BOMB.decode().encode("utf-16"), "doctype"),
        (b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "doctype"),
    ],
)
def test_what_is_no_diagram_is_refused(xml, code):
    assert codes_of(xml) == {code}


@pytest.mark.parametrize(
    ("code", "element", "parts"),
    [
        ("duplicate-id", "Task_a", [START, user("Task_a"), user("Task_a"), END, LINE]),
        ("missing-id", "userTask", [START, user("Task_a"), "<bpmn:userTask name='x' />", END, LINE]),
        (
            "missing-id",
            "sequenceFlow",
            [START, user("Task_a"), END, LINE, "<bpmn:sequenceFlow sourceRef='Task_a' targetRef='End_1' />"],
        ),
        ("reserved-id", "Start", [node("startEvent", "Start"), END, arrow("Start", "End_1")]),
        ("reserved-id", "End", [START, node("endEvent", "End"), arrow("Start_1", "End")]),
        ("bad-id", "审查", [START, user("审查"), END, path("Start_1", "审查", "End_1")]),
        ("bad-id", "Task-a", [START, user("Task-a"), END, path("Start_1", "Task-a", "End_1")]),
        (
            "bad-id",
            "Task_AcceptReview",
            [START, user("Task_AcceptReview"), END, path("Start_1", "Task_AcceptReview", "End_1")],
        ),
        ("unsupported-element", "Task_a", [START, node("task", "Task_a"), END, LINE]),
        ("unsupported-element", "Task_a", [START, node("callActivity", "Task_a", calledElement="demo_adm"), END, LINE]),
        ("unsupported-element", "Task_a", [START, node("complexGateway", "Task_a"), END, LINE]),
        ("unsupported-element", "Task_a", [START, node("transaction", "Task_a"), END, LINE]),
        ("unsupported-element", "Task_a", [START, node("adHocSubProcess", "Task_a"), END, LINE]),
        (
            "unsupported-event",
            "Event_a",
            [
                START,
                node("intermediateThrowEvent", "Event_a", "<bpmn:linkEventDefinition />"),
                END,
                path("Start_1", "Event_a", "End_1"),
            ],
        ),
        (
            "unsupported-event",
            "Event_a",
            [
                START,
                node("intermediateCatchEvent", "Event_a", "<bpmn:conditionalEventDefinition />"),
                END,
                path("Start_1", "Event_a", "End_1"),
            ],
        ),
        (
            "unsupported-event",
            "End_1",
            [START, node("endEvent", "End_1", "<bpmn:signalEventDefinition />"), arrow("Start_1", "End_1")],
        ),
        (
            "unsupported-event",
            "End_1",
            [START, node("endEvent", "End_1", "<bpmn:compensateEventDefinition />"), arrow("Start_1", "End_1")],
        ),
        (
            "unsupported-event",
            "Start_1",
            [node("startEvent", "Start_1", "<bpmn:signalEventDefinition />"), END, arrow("Start_1", "End_1")],
        ),
        (
            "several-events",
            "End_1",
            [
                START,
                node("endEvent", "End_1", "<bpmn:terminateEventDefinition /><bpmn:errorEventDefinition />"),
                arrow("Start_1", "End_1"),
            ],
        ),
        (
            "no-event",
            "Event_a",
            [START, node("intermediateCatchEvent", "Event_a"), END, path("Start_1", "Event_a", "End_1")],
        ),
        ("flow-source", "Flow_x", [START, user("Task_a"), END, LINE, arrow("Task_x", "End_1", identifier="Flow_x")]),
        (
            "flow-target",
            "Flow_x",
            [START, user("Task_a"), END, arrow("Start_1", "Task_a"), arrow("Task_a", "Task_x", identifier="Flow_x")],
        ),
        ("flow-target", "Flow_x", [START, END, arrow("Start_1", "End_1"), "<bpmn:sequenceFlow id='Flow_x' />"]),
        (
            "flow-into-start",
            "Flow_x",
            [START, user("Task_a"), END, LINE, arrow("Task_a", "Start_1", identifier="Flow_x")],
        ),
        (
            "flow-out-of-end",
            "Flow_x",
            [START, user("Task_a"), END, LINE, arrow("End_1", "Task_a", identifier="Flow_x")],
        ),
        (
            "boundary-missing",
            "Event_a",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node("boundaryEvent", "Event_a", timer("PT1H"), attachedToRef="Task_x"),
                arrow("Event_a", "End_1"),
            ],
        ),
        (
            "boundary-missing",
            "Event_a",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node("boundaryEvent", "Event_a", timer("PT1H")),
                arrow("Event_a", "End_1"),
            ],
        ),
        (
            "boundary-place",
            "Event_a",
            [
                START,
                script("Task_a", "x = 1"),
                END,
                LINE,
                node("boundaryEvent", "Event_a", timer("PT1H"), attachedToRef="Task_a"),
                arrow("Event_a", "End_1"),
            ],
        ),
        (
            "boundary-place",
            "Event_a",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node("boundaryEvent", "Event_a", "<bpmn:errorEventDefinition />", attachedToRef="Task_a"),
                arrow("Event_a", "End_1"),
            ],
        ),
        ("no-start", "demo_adm", [user("Task_a"), END, arrow("Task_a", "End_1")]),
        ("no-start", "demo_adm", []),
        ("no-end", "demo_adm", [START, user("Task_a"), arrow("Start_1", "Task_a")]),
        (
            "several-starts",
            "Start_2",
            [START, node("startEvent", "Start_2"), user("Task_a"), END, LINE, arrow("Start_2", "Task_a")],
        ),
        ("unreachable", "Task_b", [START, user("Task_a"), user("Task_b"), END, LINE, arrow("Task_b", "End_1")]),
        (
            "dead-end",
            "Task_b",
            [
                START,
                node("parallelGateway", "Gateway_1"),
                user("Task_a"),
                user("Task_b"),
                END,
                path("Start_1", "Gateway_1", "Task_a", "End_1"),
                arrow("Gateway_1", "Task_b"),
            ],
        ),
        ("dead-end", "Start_1", [START, END]),
        (
            "dead-end",
            "Event_a",
            [START, user("Task_a"), END, LINE, node("boundaryEvent", "Event_a", timer("PT1H"), attachedToRef="Task_a")],
        ),
        (
            "no-condition",
            "Flow_gateway_1_task_a",
            [
                START,
                GATEWAY,
                user("Task_a"),
                END,
                path("Start_1", "Gateway_1", "Task_a", "End_1"),
                arrow("Gateway_1", "End_1", "x"),
            ],
        ),
        (
            "default-condition",
            "Flow_x",
            [
                START,
                node("exclusiveGateway", "Gateway_1", default="Flow_x"),
                user("Task_a"),
                END,
                path("Start_1", "Gateway_1"),
                arrow("Gateway_1", "Task_a", "y"),
                arrow("Task_a", "End_1"),
                arrow("Gateway_1", "End_1", "x", "Flow_x"),
            ],
        ),
        (
            "unknown-default",
            "Gateway_1",
            [
                START,
                node("exclusiveGateway", "Gateway_1", default="Flow_x"),
                END,
                path("Start_1", "Gateway_1", "End_1"),
            ],
        ),
        (
            "misplaced-condition",
            "Flow_x",
            [START, user("Task_a"), END, arrow("Start_1", "Task_a"), arrow("Task_a", "End_1", "x", "Flow_x")],
        ),
        (
            "several-flows",
            "Task_a",
            [START, user("Task_a"), user("Task_b"), END, LINE, arrow("Task_a", "Task_b"), arrow("Task_b", "End_1")],
        ),
        (
            "parallel-flows",
            "Flow_y",
            [
                START,
                GATEWAY,
                END,
                arrow("Start_1", "Gateway_1"),
                arrow("Gateway_1", "End_1", "a", "Flow_x"),
                arrow("Gateway_1", "End_1", "b", "Flow_y"),
            ],
        ),
        ("broken-script", "Task_a", [START, script("Task_a", "import os"), END, LINE]),
        ("broken-script", "Task_a", [START, script("Task_a", "x = open('/etc/passwd')"), END, LINE]),
        ("broken-script", "Task_a", [START, script("Task_a", "x = "), END, LINE]),
        ("bad-variable", "Task_a", [START, script("Task_a", "变量 = 1"), END, LINE]),
        ("empty-script", "Task_a", [START, script("Task_a", "  "), END, LINE]),
        ("empty-script", "Task_a", [START, node("scriptTask", "Task_a"), END, LINE]),
        (
            "broken-expression",
            "Flow_x",
            [
                START,
                GATEWAY,
                user("Task_a"),
                END,
                arrow("Start_1", "Gateway_1"),
                arrow("Gateway_1", "Task_a", "a ="),
                arrow("Task_a", "End_1"),
                arrow("Gateway_1", "End_1", "a ==", "Flow_x"),
            ],
        ),
        (
            "broken-expression",
            "Event_a",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node("boundaryEvent", "Event_a", timer("next tuesday"), attachedToRef="Task_a"),
                arrow("Event_a", "End_1"),
            ],
        ),
        ("broken-expression", "Task_a", [START, user("Task_a", deadline="=a.b("), END, LINE]),
        ("broken-expression", "Task_a", [START, service("Task_a", document="'x"), END, LINE]),
        (
            "broken-expression",
            "Event_a",
            [
                START,
                node("intermediateThrowEvent", "Event_a", message("Message_a", "{'a': b.c.__class__}")),
                END,
                path("Start_1", "Event_a", "End_1"),
            ],
        ),
        ("no-operator", "Task_a", [START, node("serviceTask", "Task_a"), END, LINE]),
        ("no-decision", "Task_a", [START, node("businessRuleTask", "Task_a"), END, LINE]),
        (
            "unknown-message",
            "Event_a",
            [
                START,
                node("intermediateThrowEvent", "Event_a", message("Message_x")),
                END,
                path("Start_1", "Event_a", "End_1"),
            ],
        ),
        ("unknown-message", "Task_a", [START, user("Task_a", receipt="Message_x"), END, LINE]),
        (
            "no-message",
            "Event_a",
            [
                START,
                node("intermediateThrowEvent", "Event_a", "<bpmn:messageEventDefinition />"),
                END,
                path("Start_1", "Event_a", "End_1"),
            ],
        ),
        ("no-message", "Task_a", [START, node("receiveTask", "Task_a"), END, LINE]),
        (
            "unknown-error",
            "End_1",
            [
                START,
                node("endEvent", "End_1", "<bpmn:errorEventDefinition errorRef='Error_x' />"),
                arrow("Start_1", "End_1"),
            ],
        ),
        (
            "error-uncaught",
            "End_1",
            [START, node("endEvent", "End_1", "<bpmn:errorEventDefinition />"), arrow("Start_1", "End_1")],
        ),
        (
            "event-sub-process",
            "Sub_1",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node(
                    "subProcess",
                    "Sub_1",
                    node("startEvent", "Start_2") + node("endEvent", "End_2") + path("Start_2", "End_2"),
                    triggeredByEvent="true",
                ),
            ],
        ),
        ("no-start", "Sub_1", [START, node("subProcess", "Sub_1"), END, path("Start_1", "Sub_1", "End_1")]),
        (
            "sub-process-start",
            "Sub_1",
            [
                START,
                node(
                    "subProcess",
                    "Sub_1",
                    node("startEvent", "Start_2", timer("PT1H")) + node("endEvent", "End_2") + path("Start_2", "End_2"),
                ),
                END,
                path("Start_1", "Sub_1", "End_1"),
            ],
        ),
        (
            "flow-across",
            "Flow_x",
            [
                START,
                node(
                    "subProcess",
                    "Sub_1",
                    node("startEvent", "Start_2") + node("endEvent", "End_2") + path("Start_2", "End_2"),
                ),
                END,
                path("Start_1", "Sub_1"),
                arrow("Start_2", "End_1", identifier="Flow_x"),
                arrow("Sub_1", "End_1"),
            ],
        ),
        (
            "unsupported-loop",
            "Task_a",
            [
                START,
                node(
                    "userTask",
                    "Task_a",
                    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>",
                ),
                END,
                LINE,
            ],
        ),
        (
            "unsupported-loop",
            "Task_a",
            [START, node("userTask", "Task_a", "<bpmn:standardLoopCharacteristics />"), END, LINE],
        ),
        (
            "no-timer",
            "Event_a",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node("boundaryEvent", "Event_a", "<bpmn:timerEventDefinition />", attachedToRef="Task_a"),
                arrow("Event_a", "End_1"),
            ],
        ),
        (
            "bad-timer",
            "Event_a",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node(
                    "boundaryEvent",
                    "Event_a",
                    timer("R/PT30S", "timeCycle"),
                    attachedToRef="Task_a",
                    cancelActivity="false",
                ),
                arrow("Event_a", "End_1"),
            ],
        ),
        (
            "bad-timer",
            "Event_a",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node(
                    "boundaryEvent",
                    "Event_a",
                    timer("R/PT0S", "timeCycle"),
                    attachedToRef="Task_a",
                    cancelActivity="false",
                ),
                arrow("Event_a", "End_1"),
            ],
        ),
        (
            "bad-timer",
            "Event_a",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node("boundaryEvent", "Event_a", timer("'soon'"), attachedToRef="Task_a"),
                arrow("Event_a", "End_1"),
            ],
        ),
        (
            "bad-timer",
            "Event_a",
            [
                START,
                user("Task_a"),
                END,
                LINE,
                node("boundaryEvent", "Event_a", timer("2026-13-45"), attachedToRef="Task_a"),
                arrow("Event_a", "End_1"),
            ],
        ),
        ("unknown-property", "Task_a", [START, user("Task_a", colour="red"), END, LINE]),
        (
            "misplaced-property",
            "Task_a",
            [
                START,
                script("Task_a", "x = 1").replace("<bpmn:script>", properties(form="x") + "<bpmn:script>"),
                END,
                LINE,
            ],
        ),
        ("bad-property", "Task_a", [START, user("Task_a", check="yes"), END, LINE]),
        ("bad-property", "Task_a", [START, user("Task_a", form="=x"), END, LINE]),
        (
            "property-twice",
            "Task_a",
            [START, node("userTask", "Task_a", properties(form="x") + properties(form="y")), END, LINE],
        ),
        (
            "unknown-extension",
            "Task_a",
            [
                START,
                node(
                    "userTask",
                    "Task_a",
                    "<bpmn:extensionElements><spiffworkflow:preScript>x = 1</spiffworkflow:preScript>"
                    "</bpmn:extensionElements>",
                ),
                END,
                LINE,
            ],
        ),
        (
            "endless-loop",
            "Task_a",
            [
                START,
                script("Task_a", "x = 1"),
                script("Task_b", "x = 2"),
                END,
                path("Start_1", "Task_a", "Task_b", "Task_a"),
            ],
        ),
    ],
)
def test_a_broken_diagram_names_the_fault_and_the_element(code, element, parts):
    assert (code, element) in faults_of(simple(*parts, messages=["Message_a"]))


def test_lanes_are_checked():
    parts = [START, user("Task_a"), END, LINE]
    assert ("no-lane", "Task_a") in faults_of(simple(*parts, people=[]))
    assert ("no-lane", "Task_a") in faults_of(simple(*parts, lane=None))
    assert ("lane-reference", "Lane_adm_officer") in faults_of(simple(*parts, people=["Task_a", "Task_gone"]))
    assert ("bad-lane-id", "Officers") in faults_of(simple(*parts, lane="Officers"))
    two = simple(*parts).replace(
        b"</bpmn:laneSet>",
        b'<bpmn:lane id="Lane_adm_head"><bpmn:flowNodeRef>Task_a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
    )
    assert ("two-lanes", "Task_a") in faults_of(two)


def test_an_inner_lane_decides():
    inner = (
        b'<bpmn:childLaneSet><bpmn:lane id="Lane_adm_head"><bpmn:flowNodeRef>Task_a</bpmn:flowNodeRef></bpmn:lane>'
        b"</bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    xml = simple(START, user("Task_a"), END, LINE).replace(b"</bpmn:lane></bpmn:laneSet>", inner)
    assert read_diagram(xml, file="demo.bpmn").nodes["Task_a"].role == "adm_head"


def test_a_task_in_a_sub_process_has_the_lane_of_the_sub_process():
    sub = node(
        "subProcess",
        "Sub_1",
        node("startEvent", "Start_2") + user("Task_b") + node("endEvent", "End_2") + path("Start_2", "Task_b", "End_2"),
    )
    diagram = read_diagram(
        simple(START, sub, END, path("Start_1", "Sub_1", "End_1"), people=["Sub_1"]), file="demo.bpmn"
    )
    assert diagram.nodes["Task_b"].role == "adm_officer"
    assert diagram.nodes["Task_b"].in_subprocess
    assert not diagram.nodes["Sub_1"].in_subprocess


def test_event_gateways_are_checked():
    gateway = node("eventBasedGateway", "Gateway_1")
    first = node("intermediateCatchEvent", "Event_a", timer("PT1H"))
    second = node("intermediateCatchEvent", "Event_b", timer("PT2H"))
    arrows = path("Start_1", "Gateway_1", "Event_a", "End_1") + path("Gateway_1", "Event_b", "End_1")
    assert ("two-timers", "Gateway_1") in faults_of(simple(START, gateway, first, second, END, arrows))
    task = user("Event_b")
    assert ("event-gateway-target", "Event_b") in faults_of(simple(START, gateway, first, task, END, arrows))
    catches = [node("intermediateCatchEvent", name, message("Message_a")) for name in ("Event_a", "Event_b")]
    assert ("same-message", "Gateway_1") in faults_of(
        simple(START, gateway, *catches, END, arrows, messages=["Message_a"])
    )


def test_pools_and_processes_must_fit():
    good = process(START, user("Task_a"), END, LINE)
    assert "no-collaboration" in codes_of(file(good).replace(b"bpmn:collaboration", b"bpmn:choreography"))
    assert ("bad-process-id", "other_adm") in faults_of(
        file(process(START, END, path("Start_1", "End_1"), identifier="other_adm"))
    )
    assert ("bad-process-id", "demo_xyz") in faults_of(
        file(process(START, END, path("Start_1", "End_1"), identifier="demo_xyz"))
    )
    assert ("not-executable", "demo_adm") in faults_of(
        file(good).replace(b'isExecutable="true"', b'isExecutable="false"')
    )
    assert ("no-process", "Pool_demo_adm") in faults_of(file(good).replace(b'processRef="demo_adm"', b""))
    assert ("no-process", "Pool_demo_adm") in faults_of(file(good).replace(b'processRef="demo_adm"', b'processRef="x"'))
    assert "missing-id" in codes_of(file(good).replace(b'collaboration id="demo"', b"collaboration"))
    assert "process-without-pool" in codes_of(file(good).replace(b"bpmn:participant", b"bpmn:partition"))


def test_message_flows_are_checked():
    sender = process(START, user("Task_a"), node("endEvent", "End_1", message("Message_a")), LINE)
    receiver = process(
        node("startEvent", "Start_2", message("Message_b")),
        node("endEvent", "End_2"),
        path("Start_2", "End_2"),
        identifier="demo_pol",
    )

    def codes(source, target):
        flow = f'<bpmn:messageFlow id="Flow_m" sourceRef="{source}" targetRef="{target}" />'
        return faults_of(file(sender, receiver, messages=["Message_a", "Message_b"], flows=flow))

    assert ("message-flow-source", "Flow_m") in codes("End_x", "Start_2")
    assert ("message-flow-target", "Flow_m") in codes("End_1", "Start_x")
    assert ("message-flow-sender", "Flow_m") in codes("Task_a", "Start_2")
    assert ("message-flow-receiver", "Flow_m") in codes("End_1", "End_2")
    assert ("message-flow-inside", "Flow_m") in codes("End_1", "Task_a")
    assert ("message-mismatch", "Flow_m") in codes("End_1", "Start_2")


def test_too_many_elements_are_refused():
    many = [user(f"Task_n{number}") for number in range(501)]
    assert "too-many-elements" in codes_of(simple(START, *many, END))


def test_a_file_full_of_elements_is_refused_before_they_are_compared():
    flows = "".join(arrow("Start_1", "End_1", identifier=f"Flow_n{number}") for number in range(10_000))
    assert "too-many-elements" in codes_of(simple(START, END, flows))
    nested = "".join(f'<bpmn:subProcess id="Sub_n{number}" />' for number in range(20_000))
    assert "too-many-elements" in codes_of(simple(START, nested, END))


def test_a_loop_with_a_way_out_or_a_pause_is_sound():
    wayout = [
        START,
        script("Task_a", "x = 1"),
        node("exclusiveGateway", "Gateway_1", default="Flow_out"),
        END,
        path("Start_1", "Task_a", "Gateway_1"),
        arrow("Gateway_1", "Task_a", "x < 3"),
        arrow("Gateway_1", "End_1", identifier="Flow_out"),
    ]
    assert read_diagram(simple(*wayout), file="demo.bpmn").id == "demo"


def test_all_faults_come_at_once_in_order_of_their_lines():
    xml = simple(START, script("Task_a", "import os"), user("Task_b"), END, LINE, people=[])
    with pytest.raises(BrokenBundle) as caught:
        read_diagram(xml, file="demo.bpmn")
    assert {fault.code for fault in caught.value.faults} >= {"broken-script", "unreachable", "no-lane"}
    lines = [fault.line for fault in caught.value.faults]
    assert lines == sorted(lines)


def test_no_cut_of_a_sound_file_makes_the_reader_fail():
    xml = simple(
        START,
        user("Task_a", form="x"),
        service("Service_a", document="'x'"),
        END,
        path("Start_1", "Task_a", "Service_a", "End_1"),
    )
    lines = xml.splitlines()
    for skipped in range(len(lines)):
        cut = b"\n".join(lines[:skipped] + lines[skipped + 1 :])
        try:
            read_diagram(cut, file="demo.bpmn")
        except BrokenBundle as broken:
            assert broken.faults  # noqa: PT017 - some cuts are harmless
    for length in range(0, len(xml), 37):
        assert faults_of(xml[:length])
