"""Faults of the stock engine library, each beside the test that ours is right: an upgrade that fixes one fails here."""

import logging
from datetime import UTC, datetime

import pytest
from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions.timer import LOCALTZ, TimerEventDefinition
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from app.domain.errors import BrokenBundle, Stuck
from app.engine.diagram import read_diagram
from tests.engine.drawing import (
    END,
    START,
    arrow,
    message,
    node,
    path,
    script,
    simple,
    timer,
    user,
)
from tests.engine.playing import Play
from tests.engine.test_runner import FORK, GUARDED, LOOP, OUTER, remind, sub

LINE = path("Start_1", "Task_a", "End_1")


class Stock:
    """The same process in the library as it comes."""

    def __init__(self, xml, /, **variables):
        self.parser = BpmnParser()
        self.parser.add_bpmn_str(xml)
        self.spec = self.parser.get_spec("demo_adm")
        self.workflow = BpmnWorkflow(self.spec, self.parser.get_subprocess_specs("demo_adm"))
        self.workflow.task_tree.data.update(variables)
        self.workflow.do_engine_steps()

    @property
    def open(self):
        return sorted(task.task_spec.name for task in self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def do(self, name, **variables):
        task = self.workflow.get_next_task(state=TaskState.READY, spec_name=name)
        task.data.update(variables)
        task.run()
        self.workflow.do_engine_steps()


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("spiff").setLevel(logging.ERROR)


def test_a_join_in_a_loop_fires_early_in_stock_and_not_in_ours():
    xml = simple(*LOOP)
    for player, fires_early in ((Stock(xml, again=True), True), (Play(xml, again=True), False)):
        player.do("Task_a")
        player.do("Task_b")
        player.do("Task_c")
        player.do("Task_b")
        assert player.open == (["Task_a", "Task_c"] if fires_early else ["Task_a"])


def test_a_join_loses_an_update_in_stock_and_not_in_ours():
    xml = simple(*FORK)
    stock, ours = Stock(xml, x=0), Play(xml, x=0)
    for player in (stock, ours):
        player.do("Task_a", x=1)
        player.do("Task_b")
    assert stock.workflow.data["x"] == 0
    assert ours.step.variables["x"] == 1


def test_a_long_loop_freezes_in_stock_and_ends_in_ours():
    xml = simple(
        START,
        script("Script_b", "n = n + 1"),
        node("exclusiveGateway", "Gateway_1", default="Flow_out"),
        END,
        path("Start_1", "Script_b", "Gateway_1"),
        arrow("Gateway_1", "Script_b", "n < 600"),
        arrow("Gateway_1", "End_1", identifier="Flow_out"),
    )
    stock = Stock(xml, n=0)
    assert not stock.workflow.completed
    assert stock.open == []
    ours = Play(xml, n=0)
    assert ours.step.ended == "End_1"
    assert ours.step.variables == {"n": 600}


def test_stock_runs_python_and_ours_does_not():
    xml = simple(
        START,
        node("exclusiveGateway", "Gateway_1", default="Flow_out"),
        END,
        node("endEvent", "End_2"),
        arrow("Start_1", "Gateway_1"),
        arrow("Gateway_1", "End_2", "[x for x in ().__class__.__base__.__subclasses__()]"),
        arrow("Gateway_1", "End_1", identifier="Flow_out"),
    )
    stock = Stock(xml)
    assert [task.task_spec.name for task in stock.workflow.get_tasks(spec_name="End_2")] == ["End_2"]
    with pytest.raises(BrokenBundle):
        Play(xml)


def test_a_bare_duration_fails_in_stock_and_not_in_ours():
    xml = simple(
        START, node("intermediateCatchEvent", "Event_a", timer("PT1H")), END, path("Start_1", "Event_a", "End_1")
    )
    with pytest.raises(Exception, match="PT1H"):
        Stock(xml)
    assert Play(xml).wait(hours=1).ended == "End_1"


def test_a_date_without_a_zone_is_where_the_machine_stands_in_stock_and_beijing_in_ours():
    assert TimerEventDefinition.get_datetime("2026-04-01").astimezone(LOCALTZ).hour == 0
    xml = simple(
        START,
        node("intermediateCatchEvent", "Event_a", timer("2026-04-01", "timeDate")),
        END,
        path("Start_1", "Event_a", "End_1"),
    )
    assert Play(xml).step.next_due == datetime(2026, 3, 31, 16, tzinfo=UTC)


def test_an_event_gateway_with_two_timers_never_fires_in_stock_and_is_refused_by_ours():
    def xml(first, second):
        return simple(
            START,
            node("eventBasedGateway", "Gateway_1"),
            node("intermediateCatchEvent", "Event_a", timer(first)),
            node("intermediateCatchEvent", "Event_b", timer(second)),
            END,
            node("endEvent", "End_2"),
            path("Start_1", "Gateway_1", "Event_a", "End_1"),
            path("Gateway_1", "Event_b", "End_2"),
        )

    stock = Stock(xml("'PT1H'", "'PT0S'"))
    stock.workflow.refresh_timers()
    assert not stock.workflow.completed
    with pytest.raises(BrokenBundle) as caught:
        read_diagram(xml("PT1H", "PT0S"), file="demo.bpmn")
    assert [fault.code for fault in caught.value.faults] == ["two-timers"]


def test_messages_match_by_name_in_stock_and_by_id_in_ours():
    xml = simple(
        START,
        node("intermediateCatchEvent", "Event_a", message("Message_a")),
        END,
        path("Start_1", "Event_a", "End_1"),
        messages=["Message_a"],
    )
    assert Stock(xml).workflow.waiting_events()[0].name == "消息Message_a"
    assert Play(xml).step.waiting == (("Message_a", "Event_a"),)


def test_reserved_ids_break_in_stock_and_are_refused_by_ours():
    xml = simple(node("startEvent", "Start"), END, arrow("Start", "End_1"))
    with pytest.raises(Exception, match=r"connected|Start"):
        Stock(xml)
    with pytest.raises(BrokenBundle) as caught:
        read_diagram(xml, file="demo.bpmn")
    assert "reserved-id" in {fault.code for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("flow-source", [START, user("Task_a"), END, LINE, arrow("Task_x", "End_1", identifier="Flow_x")]),
        ("unreachable", [START, user("Task_a"), user("Task_b"), END, LINE, arrow("Task_b", "End_1")]),
        (
            "boundary-missing",
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
            "unsupported-event",
            [START, node("endEvent", "End_1", "<bpmn:signalEventDefinition />"), arrow("Start_1", "End_1")],
        ),
        (
            "unsupported-event",
            [
                START,
                node("intermediateThrowEvent", "Event_a", "<bpmn:linkEventDefinition />"),
                END,
                path("Start_1", "Event_a", "End_1"),
            ],
        ),
        (
            "misplaced-condition",
            [START, user("Task_a"), END, arrow("Start_1", "Task_a"), arrow("Task_a", "End_1", "False")],
        ),
        (
            "dead-end",
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
        ("duplicate-id", [START, user("Task_a"), user("Task_a"), END, LINE]),
        (
            "broken-expression",
            [
                START,
                node("exclusiveGateway", "Gateway_1", default="Flow_x"),
                END,
                user("Task_a"),
                arrow("Task_a", "End_1"),
                arrow("Start_1", "Gateway_1"),
                arrow("Gateway_1", "Task_a", "a =="),
                arrow("Gateway_1", "End_1", identifier="Flow_x"),
            ],
        ),
    ],
)
def test_what_stock_accepts_in_silence_is_refused_by_ours(code, parts):
    xml = simple(*parts)
    parser = BpmnParser()
    parser.add_bpmn_str(xml)
    assert parser.get_spec("demo_adm") is not None
    with pytest.raises(BrokenBundle) as caught:
        read_diagram(xml, file="demo.bpmn")
    assert code in {fault.code for fault in caught.value.faults}


def test_an_endless_script_loop_is_stopped_in_ours():
    xml = simple(
        START,
        script("Script_b", "n = 1"),
        node("exclusiveGateway", "Gateway_1", default="Flow_out"),
        END,
        path("Start_1", "Script_b", "Gateway_1"),
        arrow("Gateway_1", "Script_b", "n < 2"),
        arrow("Gateway_1", "End_1", identifier="Flow_out"),
    )
    with pytest.raises(Stuck):
        Play(xml)


def test_a_form_field_named_typename_cannot_be_loaded_in_stock_and_can_in_ours():
    xml = simple(START, user("Task_a"), END, LINE)
    stock = Stock(xml, answer={"typename": "x"})
    serializer = BpmnWorkflowSerializer()
    saved = serializer.serialize_json(stock.workflow)
    with pytest.raises(TypeError):
        serializer.deserialize_json(saved)
    ours = Play(xml, answer={"typename": "x"})
    assert ours.do("Task_a").variables == {"answer": {"typename": "x"}}


def test_a_variable_named_self_breaks_a_sub_process_in_stock_and_not_in_ours():
    xml = simple(START, sub(user("Task_a"), node("endEvent", "End_2"), path("Start_2", "Task_a", "End_2")), END, OUTER)
    variables = {"self": 1}
    with pytest.raises(TypeError, match="self"):
        Stock(xml, **variables)
    assert Play(xml, **variables).do("Task_a").variables == {"self": 1}


def test_branches_are_tried_in_the_order_drawn_in_stock_and_written_in_ours():
    def shape(name, y):
        return (
            f'<bpmndi:BPMNShape xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" bpmnElement="{name}">'
            f'<dc:Bounds xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" x="0" y="{y}" /></bpmndi:BPMNShape>'
        )

    xml = simple(
        START,
        node("exclusiveGateway", "Gateway_1"),
        node("endEvent", "End_a"),
        node("endEvent", "End_b"),
        arrow("Start_1", "Gateway_1"),
        arrow("Gateway_1", "End_b", "True"),
        arrow("Gateway_1", "End_a", "True"),
    ).replace(b"</bpmn:definitions>", (shape("End_a", 1) + shape("End_b", 2) + "</bpmn:definitions>").encode())
    stock = Stock(xml)
    assert stock.workflow.get_next_task(spec_name="End_a").state == TaskState.COMPLETED
    assert Play(xml).step.ended == "End_b"


def test_a_message_at_the_border_comes_once_in_stock_and_again_in_ours():
    xml = simple(
        START,
        user("Task_a"),
        END,
        LINE,
        user("Task_file"),
        node("endEvent", "End_2"),
        node("boundaryEvent", "Event_more", message("Message_a"), attachedToRef="Task_a", cancelActivity="false"),
        path("Event_more", "Task_file", "End_2"),
        messages=["Message_a"],
    )
    stock = Stock(xml)
    stock.workflow.send_event(BpmnEvent(stock.spec.task_specs["Event_more"].event_definition, {}))
    stock.workflow.do_engine_steps()
    assert stock.open == ["Task_a", "Task_file"]
    assert stock.workflow.waiting_events() == []
    ours = Play(xml)
    ours.receive("Message_a")
    assert ours.waiting == ["Event_more"]


def test_running_reminders_are_taken_away_with_the_task_in_stock_and_go_on_in_ours():
    xml = simple(*GUARDED, remind("'R3/PT0S'", "timeCycle"))
    stock = Stock(xml)
    stock.workflow.refresh_timers()
    assert "Task_remind" in stock.open
    stock.do("Task_a")
    assert stock.open == []
    ours = Play(simple(*GUARDED, remind("R3/PT1H", "timeCycle")))
    ours.wait(hours=1)
    ours.do("Task_a")
    assert ours.open == ["Task_remind"]


def test_the_size_of_the_tree_grows_with_history_in_stock_and_not_in_ours():
    xml = simple(
        START,
        user("Task_a"),
        node("exclusiveGateway", "Gateway_1", default="Flow_out"),
        END,
        path("Start_1", "Task_a", "Gateway_1"),
        arrow("Gateway_1", "Task_a", "again"),
        arrow("Gateway_1", "End_1", identifier="Flow_out"),
    )
    stock, ours = Stock(xml), Play(xml)
    tasks, bytes_ = len(stock.workflow.tasks), len(ours.step.state)
    for _ in range(20):
        stock.do("Task_a", again=True)
        ours.do("Task_a", again=True)
    assert len(stock.workflow.tasks) >= tasks + 40
    assert len(ours.step.state) <= bytes_ + 30


def test_every_error_of_a_service_is_masked_in_stock():
    task = Stock(simple(START, user("Task_a"), END, LINE)).workflow.get_next_task(spec_name="Task_a")
    with pytest.raises(NameError, match="script"):
        PythonScriptEngine().call_service(task)
