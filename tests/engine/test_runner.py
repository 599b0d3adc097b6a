import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import Conflict, Invalid, Stuck
from app.engine import runner
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
from tests.engine.playing import T0, Play

LINE = path("Start_1", "Task_a", "End_1")


def test_a_process_runs_from_start_to_end_and_says_what_it_did():
    play = Play(simple(START, user("Task_a", form="apply"), END, LINE), charge="盗窃")
    assert play.open == ["Task_a"]
    assert play.step.completed == ("Start_1",)
    assert play.step.walked == ("Flow_start_1_task_a",)
    assert play.step.ended is None
    assert play.task("Task_a").properties == {"form": "apply"}
    step = play.do("Task_a", decision="approve")
    assert step.completed == ("Task_a", "End_1")
    assert step.walked == ("Flow_task_a_end_1",)
    assert step.ended == "End_1"
    assert step.open == ()
    assert step.variables == {"charge": "盗窃", "decision": "approve"}


def test_a_step_is_a_function_of_what_goes_in():
    xml = simple(START, user("Task_a"), user("Task_b"), END, path("Start_1", "Task_a", "Task_b", "End_1"))
    play = Play(xml)
    before = play.step
    first = play.do("Task_a", x=1)
    again = runner.complete(
        play.definition, before.state, task_id=before.open[0].id, variables={"x": 1}, now=T0, functions={}
    )
    assert first == again


def test_a_task_done_twice_is_a_conflict():
    play = Play(simple(START, user("Task_a"), user("Task_b"), END, path("Start_1", "Task_a", "Task_b", "End_1")))
    task = play.task("Task_a").id
    play.do("Task_a")
    with pytest.raises(Conflict):
        play.complete(task)
    play.do("Task_b")
    for wrong in (task, "", "x", "999", "-1"):
        with pytest.raises(Conflict):
            play.complete(wrong)


def test_ids_are_never_used_again():
    back = [
        START,
        user("Task_a"),
        node("exclusiveGateway", "Gateway_1", default="Flow_out"),
        END,
        path("Start_1", "Task_a", "Gateway_1"),
        arrow("Gateway_1", "Task_a", "again"),
        arrow("Gateway_1", "End_1", identifier="Flow_out"),
    ]
    play = Play(simple(*back))
    seen = set()
    for _ in range(5):
        task = play.task("Task_a").id
        assert task not in seen
        seen.add(task)
        play.do("Task_a", again=True)


def test_expressions_of_a_task_are_computed_when_it_is_reached_and_stay():
    task = user("Task_a", deadline="=rule or 'D06'", custody="=detained", form="apply")
    machine = service("Service_b", document="kind + '_letter'", day="today()")
    play = Play(
        simple(START, task, machine, END, path("Start_1", "Task_a", "Service_b", "End_1")), detained=True, kind="pol"
    )
    assert play.task("Task_a").resolved == {"deadline": "D06", "custody": True, "form": "apply"}
    assert play.task("Task_a").properties["deadline"] == "=rule or 'D06'"
    play.do("Task_a")
    opened = play.task("Service_b")
    assert (opened.kind, opened.operator) == ("serviceTask", "issue_document")
    assert opened.parameters == {"document": "pol_letter", "day": "2026-03-12"}
    play.wait(days=3)
    assert play.task("Service_b").parameters["day"] == "2026-03-12"
    step = play.do("Service_b", result={"number": "1"})
    assert step.variables["letter"] == {"number": "1"}
    assert step.ended == "End_1"


def test_a_script_and_a_decision_run_inside_the_step():
    parts = [
        START,
        user("Task_a"),
        script("Script_b", "total = amount * 2"),
        node("exclusiveGateway", "Gateway_1", default="Flow_small"),
        node("endEvent", "End_big"),
        node("endEvent", "End_small"),
        path("Start_1", "Task_a", "Script_b", "Gateway_1"),
        arrow("Gateway_1", "End_big", "total >= 10"),
        arrow("Gateway_1", "End_small", identifier="Flow_small"),
    ]
    for amount, end in ((5, "End_big"), (4, "End_small")):
        play = Play(simple(*parts))
        assert play.do("Task_a", amount=amount).ended == end


def test_the_first_condition_in_the_file_decides_wherever_it_is_drawn():
    parts = [
        START,
        node("exclusiveGateway", "Gateway_1"),
        node("endEvent", "End_a"),
        node("endEvent", "End_b"),
        arrow("Start_1", "Gateway_1"),
        arrow("Gateway_1", "End_b", "true"),
        arrow("Gateway_1", "End_a", "true"),
    ]
    assert Play(simple(*parts)).step.ended == "End_b"


@pytest.mark.parametrize(
    ("parts", "element", "word"),
    [
        (
            [START, script("Script_b", "x = amount + 1"), END, path("Start_1", "Script_b", "End_1")],
            "Script_b",
            "amount",
        ),
        (
            [
                START,
                node("exclusiveGateway", "Gateway_1", default="Flow_x"),
                END,
                path("Start_1", "Gateway_1"),
                arrow("Gateway_1", "End_1", "amount > 3"),
                user("Task_a"),
                arrow("Gateway_1", "Task_a", identifier="Flow_x"),
                arrow("Task_a", "End_1"),
            ],
            "Gateway_1",
            "amount",
        ),
        (
            [
                START,
                node("exclusiveGateway", "Gateway_1"),
                END,
                user("Task_a"),
                arrow("Task_a", "End_1"),
                path("Start_1", "Gateway_1"),
                arrow("Gateway_1", "End_1", "a"),
                arrow("Gateway_1", "Task_a", "b"),
            ],
            "Gateway_1",
            "default",
        ),
        ([START, user("Task_a", deadline="=1 / zero"), END, LINE], "Task_a", "zero"),
        (
            [START, service("Service_b", document="1 + kind"), END, path("Start_1", "Service_b", "End_1")],
            "Service_b",
            "kind",
        ),
        (
            [START, node("intermediateCatchEvent", "Event_a", timer("when")), END, path("Start_1", "Event_a", "End_1")],
            "Event_a",
            "no value",
        ),
        (
            [
                START,
                node("intermediateCatchEvent", "Event_a", timer("5 + one")),
                END,
                path("Start_1", "Event_a", "End_1"),
            ],
            "Event_a",
            "6",
        ),
        (
            [START, node("endEvent", "End_1", message("Message_a", "'text'")), path("Start_1", "End_1")],
            "End_1",
            "object",
        ),
    ],
)
def test_what_cannot_be_computed_names_the_element(parts, element, word):
    with pytest.raises(Stuck) as caught:
        Play(simple(*parts, messages=["Message_a"]), zero=0, one=1)
    assert caught.value.at == element
    assert element in caught.value.zh
    assert word in caught.value.en


def test_a_loop_without_rest_is_stopped_and_named():
    parts = [
        START,
        script("Script_b", "x = 1"),
        node("exclusiveGateway", "Gateway_1", default="Flow_back"),
        END,
        path("Start_1", "Script_b", "Gateway_1"),
        arrow("Gateway_1", "End_1", "x > 1"),
        arrow("Gateway_1", "Script_b", identifier="Flow_back"),
    ]
    with pytest.raises(Stuck) as caught:
        Play(simple(*parts))
    assert caught.value.at in {"Script_b", "Gateway_1"}


def test_a_loop_of_fifteen_hundred_rounds_keeps_its_size_and_ends():
    parts = [
        START,
        user("Task_a"),
        node("exclusiveGateway", "Gateway_1", default="Flow_out"),
        END,
        path("Start_1", "Task_a", "Gateway_1"),
        arrow("Gateway_1", "Task_a", "turn < 1500"),
        arrow("Gateway_1", "End_1", identifier="Flow_out"),
    ]
    play = Play(simple(*parts), turn=0)
    sizes = set()
    for number in range(1, 1500):
        play.do("Task_a", turn=number)
        sizes.add(len(play.step.state))
    assert max(sizes) <= min(sizes) + 12
    assert play.do("Task_a", turn=1500).ended == "End_1"


FORK = [
    START,
    node("parallelGateway", "Gateway_1"),
    user("Task_a"),
    user("Task_b"),
    node("parallelGateway", "Gateway_2"),
    END,
    path("Start_1", "Gateway_1", "Task_a", "Gateway_2", "End_1"),
    path("Gateway_1", "Task_b", "Gateway_2"),
]


@pytest.mark.parametrize("order", [("Task_a", "Task_b"), ("Task_b", "Task_a")])
def test_a_parallel_join_waits_and_loses_no_update(order):
    play = Play(simple(*FORK), x=0, y=0, gone=1)
    assert play.open == ["Task_a", "Task_b"]
    changes = {"Task_a": {"x": 1, "a": True}, "Task_b": {"y": 2, "b": [1]}}
    play.do(order[0], **changes[order[0]])
    assert play.open == [order[1]]
    step = play.do(order[1], **changes[order[1]])
    assert step.ended == "End_1"
    assert step.variables == {"x": 1, "y": 2, "a": True, "b": [1], "gone": 1}
    assert sorted(play.walked).count("Flow_gateway_2_end_1") == 1


def test_the_later_branch_wins_where_both_changed_the_same():
    play = Play(simple(*FORK), x=0)
    play.do("Task_b", x="b")
    assert play.step.variables["x"] == "b"
    assert play.do("Task_a", x="a").variables["x"] == "a"


def test_a_variable_removed_in_a_branch_stays_removed():
    parts = [
        part.replace("userTask", "scriptTask").replace("></bpmn", "><bpmn:script>del x</bpmn:script></bpmn")
        if "Task_a" in part and "userTask" in part
        else part
        for part in FORK
    ]
    play = Play(simple(*parts, people=["Task_b"]), x=0, y=0)
    assert play.do("Task_b", y=1).variables == {"y": 1}


LOOP = [
    START,
    node("exclusiveGateway", "Gateway_0"),
    *FORK[1:5],
    user("Task_c"),
    node("exclusiveGateway", "Gateway_3", default="Flow_out"),
    END,
    path("Start_1", "Gateway_0", "Gateway_1", "Task_a", "Gateway_2", "Task_c", "Gateway_3"),
    path("Gateway_1", "Task_b", "Gateway_2"),
    arrow("Gateway_3", "Gateway_0", "again"),
    arrow("Gateway_3", "End_1", identifier="Flow_out"),
]


@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
def test_a_join_in_a_loop_waits_in_every_round(kind):
    parts = [part.replace("parallelGateway", kind) for part in LOOP]
    if kind == "inclusiveGateway":
        parts = [
            part.replace(
                'targetRef="Task_a">', 'targetRef="Task_a"><bpmn:conditionExpression>true</bpmn:conditionExpression>'
            ).replace(
                'targetRef="Task_b">', 'targetRef="Task_b"><bpmn:conditionExpression>true</bpmn:conditionExpression>'
            )
            for part in parts
        ]
    play = Play(simple(*parts), total=0)
    sizes = []
    for number in range(40):
        first, second = ("Task_a", "Task_b") if number % 2 else ("Task_b", "Task_a")
        play.do(first, **{first.lower(): number})
        assert play.open == [second]
        play.do(second, **{second.lower(): number})
        assert play.open == ["Task_c"]
        assert play.step.variables["task_a"] == number
        assert play.step.variables["task_b"] == number
        play.do("Task_c", again=number < 39)
        sizes.append(len(play.step.state))
    assert play.step.ended == "End_1"
    assert max(sizes[:-1]) <= sizes[1] + 12


INCLUSIVE = [
    START,
    node("inclusiveGateway", "Gateway_1", default="Flow_c"),
    user("Task_a"),
    user("Task_b"),
    user("Task_c"),
    node("inclusiveGateway", "Gateway_2"),
    END,
    arrow("Start_1", "Gateway_1"),
    arrow("Gateway_1", "Task_a", "a"),
    arrow("Gateway_1", "Task_b", "b"),
    arrow("Gateway_1", "Task_c", identifier="Flow_c"),
    path("Task_a", "Gateway_2", "End_1"),
    path("Task_b", "Gateway_2"),
    path("Task_c", "Gateway_2"),
]


@pytest.mark.parametrize(
    ("variables", "opened"),
    [
        ({"a": True}, ["Task_a"]),
        ({"a": True, "b": 1}, ["Task_a", "Task_b"]),
        ({}, ["Task_c"]),
    ],
)
def test_an_inclusive_join_waits_for_the_branches_taken(variables, opened):
    play = Play(simple(*INCLUSIVE), **variables)
    assert play.open == opened
    for task in opened:
        assert play.step.ended is None
        play.do(task)
    assert play.step.ended == "End_1"
    assert play.walked.count("Flow_gateway_2_end_1") == 1


def test_an_inclusive_join_goes_on_when_the_other_branch_leaves():
    parts = [
        START,
        node("inclusiveGateway", "Gateway_1"),
        user("Task_a"),
        user("Task_b"),
        node("exclusiveGateway", "Gateway_3", default="Flow_in"),
        node("inclusiveGateway", "Gateway_2"),
        user("Task_c"),
        END,
        node("endEvent", "End_2"),
        arrow("Start_1", "Gateway_1"),
        arrow("Gateway_1", "Task_a", "true"),
        arrow("Gateway_1", "Task_b", "true"),
        path("Task_a", "Gateway_2", "Task_c", "End_1"),
        path("Task_b", "Gateway_3"),
        arrow("Gateway_3", "End_2", "leave"),
        arrow("Gateway_3", "Gateway_2", identifier="Flow_in"),
    ]
    play = Play(simple(*parts))
    play.do("Task_a")
    assert play.open == ["Task_b"]
    play.do("Task_b", leave=True)
    assert play.open == ["Task_c"]
    assert play.do("Task_c").ended == "End_1"


def test_timers_go_by_the_clock_that_is_passed_in():
    xml = simple(
        START, node("intermediateCatchEvent", "Event_a", timer("PT24H")), END, path("Start_1", "Event_a", "End_1")
    )
    play = Play(xml)
    assert play.step.next_due == T0 + timedelta(hours=24)
    before = play.step.state
    step = play.wait(hours=23, minutes=59)
    assert (step.ended, step.state, step.walked) == (None, before, ())
    assert play.wait(minutes=1).ended == "End_1"
    assert play.step.next_due is None
    assert play.wait(days=1).ended == "End_1"


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("2026-04-01", datetime(2026, 3, 31, 16, 0, tzinfo=UTC)),
        ("2026-04-01T10:00", datetime(2026, 4, 1, 2, 0, tzinfo=UTC)),
        ("2026-04-01T10:00:00Z", datetime(2026, 4, 1, 10, 0, tzinfo=UTC)),
        ("due('D10')", datetime(2026, 3, 22, 1, 0, tzinfo=UTC)),
        ("due('D10', filed)", datetime(2026, 4, 4, 16, 0, tzinfo=UTC)),
        ("P1M", datetime(2026, 4, 12, 1, 0, tzinfo=UTC)),
        ("'P' + str(days) + 'D'", datetime(2026, 3, 14, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_timer_is_due(written, due):
    xml = simple(
        START,
        node("intermediateCatchEvent", "Event_a", timer(written, "timeDate")),
        END,
        path("Start_1", "Event_a", "End_1"),
    )
    assert Play(xml, filed="2026-04-05", days=2).step.next_due == due


def test_a_timer_that_is_over_when_it_is_reached_happens_at_once():
    xml = simple(
        START,
        node("intermediateCatchEvent", "Event_a", timer("2020-01-01", "timeDate")),
        END,
        path("Start_1", "Event_a", "End_1"),
    )
    assert Play(xml).step.ended == "End_1"


GUARDED = [
    START,
    user("Task_a"),
    END,
    LINE,
    node("endEvent", "End_late"),
    user("Task_remind"),
    arrow("Event_remind", "Task_remind"),
    arrow("Task_remind", "End_late"),
]


def remind(written, kind="timeDuration", cancel="false"):
    return node("boundaryEvent", "Event_remind", timer(written, kind), attachedToRef="Task_a", cancelActivity=cancel)


def test_an_interrupting_timer_takes_the_task_away():
    play = Play(simple(*GUARDED, remind("PT2H", cancel="true")))
    task = play.task("Task_a").id
    play.wait(hours=2)
    assert play.open == ["Task_remind"]
    with pytest.raises(Conflict):
        play.complete(task)
    assert play.do("Task_remind").ended == "End_late"


def test_a_timer_is_gone_with_its_task():
    play = Play(simple(*GUARDED, remind("PT2H", cancel="true")))
    assert play.do("Task_a").ended == "End_1"
    assert play.step.next_due is None


def test_a_reminder_leaves_the_task_open_and_outlives_it():
    play = Play(simple(*GUARDED, remind("PT2H")))
    play.wait(hours=3)
    assert play.open == ["Task_a", "Task_remind"]
    assert play.do("Task_a", x=1).ended is None
    assert play.open == ["Task_remind"]
    step = play.do("Task_remind", y=2)
    assert step.ended == "End_late"
    assert step.variables == {"x": 1, "y": 2}


def test_a_reminder_repeats_as_often_as_it_says():
    play = Play(simple(*GUARDED, remind("R3/PT2H", "timeCycle")))
    for number in range(1, 6):
        play.wait(hours=2)
        assert play.open.count("Task_remind") == min(number, 3)
    assert play.step.next_due is None
    play.do("Task_a")
    assert play.open == ["Task_remind"] * 3
    for _ in range(3):
        play.do("Task_remind")
    assert play.step.ended == "End_late"
    assert play.walked.count("Flow_event_remind_task_remind") == 3


def test_missed_reminders_come_once():
    play = Play(simple(*GUARDED, remind("R5/PT2H", "timeCycle")))
    play.wait(hours=7)
    assert play.open == ["Task_a", "Task_remind"]
    assert play.step.next_due == T0 + timedelta(hours=8)
    play.wait(hours=4)
    assert play.step.next_due is None


def test_a_thousand_reminders_leave_nothing_behind():
    parts = [
        START,
        user("Task_a"),
        END,
        LINE,
        remind("R/PT2H", "timeCycle"),
        script("Script_b", "count = 1"),
        node("endEvent", "End_late"),
        path("Event_remind", "Script_b", "End_late"),
    ]
    play = Play(simple(*parts))
    play.wait(hours=2)
    size = len(play.step.state)
    for _ in range(300):
        play.wait(hours=2)
    assert len(play.step.state) <= size + 12
    assert play.do("Task_a").ended == "End_1"


def test_a_repetition_computed_too_fast_is_refused_when_it_is_reached():
    with pytest.raises(Stuck) as caught:
        Play(simple(*GUARDED, remind("'R/PT' + str(seconds) + 'S'", "timeCycle")), seconds=5)
    assert caught.value.at == "Event_remind"


def test_two_timers_on_one_task_each_have_their_time():
    second = node("boundaryEvent", "Event_end", timer("PT5H"), attachedToRef="Task_a")
    play = Play(simple(*GUARDED, remind("PT2H"), second, node("endEvent", "End_2"), arrow("Event_end", "End_2")))
    assert play.step.next_due == T0 + timedelta(hours=2)
    play.wait(hours=2)
    assert play.open == ["Task_a", "Task_remind"]
    assert play.step.next_due == T0 + timedelta(hours=5)
    play.wait(hours=3)
    assert play.open == ["Task_remind"]
    assert play.do("Task_remind").ended == "End_late"


def test_late_timers_happen_in_the_order_of_their_moments():
    first = node("boundaryEvent", "Event_end", timer("PT5H"), attachedToRef="Task_a")
    play = Play(simple(*GUARDED, first, remind("PT2H"), node("endEvent", "End_2"), arrow("Event_end", "End_2")))
    play.wait(days=1)
    assert play.step.completed == ("Event_remind", "Event_end", "End_2")
    assert play.open == ["Task_remind"]


WAIT = [
    START,
    node("eventBasedGateway", "Gateway_1"),
    node("intermediateCatchEvent", "Event_reply", message("Message_a")),
    node("intermediateCatchEvent", "Event_late", timer("PT2H")),
    node("receiveTask", "Receive_b", messageRef="Message_b"),
    END,
    node("endEvent", "End_late"),
    node("endEvent", "End_b"),
    path("Start_1", "Gateway_1", "Event_reply", "End_1"),
    path("Gateway_1", "Event_late", "End_late"),
    path("Gateway_1", "Receive_b", "End_b"),
]


def test_the_first_event_after_an_event_gateway_decides():
    xml = simple(*WAIT, messages=["Message_a", "Message_b"])
    play = Play(xml, kept=1)
    assert play.step.waiting == (("Message_a", "Event_reply"), ("Message_b", "Receive_b"))
    assert play.step.next_due == T0 + timedelta(hours=2)
    step = play.receive("Message_a", answer="yes")
    assert (step.ended, step.waiting, step.next_due) == ("End_1", (), None)
    assert step.variables == {"kept": 1, "answer": "yes"}
    late = Play(xml)
    assert late.wait(hours=2).ended == "End_late"
    with pytest.raises(Conflict):
        late.receive("Message_a")
    assert Play(xml).receive("Message_b").ended == "End_b"


def test_a_message_nobody_waits_for_is_a_conflict():
    play = Play(simple(START, user("Task_a"), END, LINE, messages=["Message_a"]))
    with pytest.raises(Conflict):
        play.receive("Message_a")


def test_the_content_of_a_message_can_go_into_one_variable():
    catch = node("intermediateCatchEvent", "Event_a", message("Message_a", variable="letter"))
    play = Play(simple(START, catch, END, path("Start_1", "Event_a", "End_1"), messages=["Message_a"]))
    assert play.receive("Message_a", number=3).variables == {"letter": {"number": 3}}


def test_a_message_goes_to_one_receiver_the_one_that_waits_longest():
    parts = [
        part.replace("userTask", "receiveTask").replace('name="Task_', 'messageRef="Message_a" name="Task_')
        for part in FORK
    ]
    play = Play(simple(*parts, messages=["Message_a"]))
    assert play.waiting == ["Task_a", "Task_b"]
    play.receive("Message_a")
    assert play.waiting == ["Task_b"]
    assert play.receive("Message_a").ended == "End_1"


def test_a_message_at_the_border_comes_again_and_again_when_it_does_not_interrupt():
    more = node("boundaryEvent", "Event_more", message("Message_a"), attachedToRef="Task_a", cancelActivity="false")
    parts = [START, user("Task_a"), END, LINE, more, user("Task_file"), node("endEvent", "End_2")]
    play = Play(simple(*parts, path("Event_more", "Task_file", "End_2"), messages=["Message_a"]))
    for number in (1, 2, 3):
        play.receive("Message_a", part=number)
        assert play.open == ["Task_a"] + ["Task_file"] * number
        assert play.waiting == ["Event_more"]
    play.do("Task_a")
    assert play.waiting == []
    for _ in range(3):
        play.do("Task_file")
    assert play.step.ended == "End_2"


def test_an_interrupting_message_at_the_border_ends_the_task():
    stop = node("boundaryEvent", "Event_stop", message("Message_a"), attachedToRef="Task_a")
    parts = [START, user("Task_a"), END, LINE, stop, node("endEvent", "End_2"), arrow("Event_stop", "End_2")]
    play = Play(simple(*parts, messages=["Message_a"]))
    assert play.receive("Message_a").ended == "End_2"


def test_messages_are_sent_with_their_content():
    send = node(
        "sendTask",
        "Send_a",
        "<bpmn:extensionElements><spiffworkflow:messagePayload>{'n': n}</spiffworkflow:messagePayload>"
        "</bpmn:extensionElements>",
        messageRef="Message_a",
    )
    throw = node("intermediateThrowEvent", "Event_b", message("Message_b", "{'n': n + 1, 'to_pol': 'x'}"))
    plain = node("intermediateThrowEvent", "Event_c")
    end = node("endEvent", "End_1", message("Message_a"))
    xml = simple(
        START,
        send,
        throw,
        plain,
        end,
        path("Start_1", "Send_a", "Event_b", "Event_c", "End_1"),
        messages=["Message_a", "Message_b"],
    )
    sent = Play(xml, n=1).step.sent
    assert [(item.message, item.element, item.payload) for item in sent] == [
        ("Message_a", "Send_a", {"n": 1}),
        ("Message_b", "Event_b", {"n": 2, "to_pol": "x"}),
        ("Message_a", "End_1", {}),
    ]


def test_a_process_started_by_a_message_begins_with_its_content():
    begin = node("startEvent", "Start_2", message("Message_a"))
    parts = [START, begin, user("Task_a"), user("Task_b"), END, LINE, path("Start_2", "Task_b", "End_1")]
    xml = simple(*parts, messages=["Message_a", "Message_b"])
    play = Play(xml, message="Message_a", crime="264")
    assert play.open == ["Task_b"]
    assert play.step.completed == ("Start_2",)
    assert play.step.variables == {"crime": "264"}
    assert Play(xml).open == ["Task_a"]
    with pytest.raises(Conflict):
        Play(xml, message="Message_b")


def test_a_process_that_only_a_message_starts_is_not_started_by_hand():
    begin = node("startEvent", "Start_1", message("Message_a"))
    with pytest.raises(Invalid):
        Play(simple(begin, user("Task_a"), END, LINE, messages=["Message_a"]))


def test_a_process_that_a_timer_starts_waits_for_it():
    begin = node("startEvent", "Start_1", timer("PT1H"))
    play = Play(simple(begin, user("Task_a"), END, LINE))
    assert (play.open, play.step.next_due) == ([], T0 + timedelta(hours=1))
    play.wait(hours=1)
    assert play.open == ["Task_a"]


def sub(*inner):
    return node("subProcess", "Sub_1", node("startEvent", "Start_2") + "".join(inner))


OUTER = path("Start_1", "Sub_1", "End_1")


def test_a_sub_process_shares_its_variables():
    inside = sub(user("Task_a"), node("endEvent", "End_2"), path("Start_2", "Task_a", "End_2"))
    play = Play(simple(START, inside, user("Task_b"), END, path("Start_1", "Sub_1", "Task_b", "End_1")), x=0)
    assert play.open == ["Task_a"]
    assert play.step.variables == {"x": 0}
    play.do("Task_a", x=1, data="typed", task="typed", self="typed")
    assert play.open == ["Task_b"]
    assert play.step.variables == {"x": 1, "data": "typed", "task": "typed", "self": "typed"}
    assert play.walked == ["Flow_start_1_sub_1", "Flow_start_2_task_a", "Flow_task_a_end_2", "Flow_sub_1_task_b"]
    assert play.do("Task_b").ended == "End_1"


def test_an_error_leaves_the_sub_process_by_its_border():
    wrong = node("endEvent", "End_wrong", '<bpmn:errorEventDefinition errorRef="Error_1" />')
    inside = sub(user("Task_a"), wrong, path("Start_2", "Task_a", "End_wrong"))
    caught = node(
        "boundaryEvent", "Event_wrong", '<bpmn:errorEventDefinition errorRef="Error_1" />', attachedToRef="Sub_1"
    )
    other = node(
        "boundaryEvent", "Event_other", '<bpmn:errorEventDefinition errorRef="Error_2" />', attachedToRef="Sub_1"
    )
    body = process(
        START,
        inside,
        caught,
        other,
        user("Task_b"),
        END,
        OUTER,
        path("Event_wrong", "Task_b", "End_1"),
        path("Event_other", "End_1"),
    )
    errors = '<bpmn:error id="Error_1" errorCode="E1" /><bpmn:error id="Error_2" errorCode="E2" />'
    play = Play(file(body, errors=errors))
    play.do("Task_a", reason="x")
    assert play.open == ["Task_b"]
    assert play.step.variables == {"reason": "x"}
    assert "Sub_1" not in play.step.completed
    assert play.do("Task_b").ended == "End_1"


def test_a_timer_at_the_border_takes_the_whole_sub_process_away():
    inside = sub(
        node("parallelGateway", "Gateway_1"),
        user("Task_a"),
        user("Task_b"),
        node("endEvent", "End_2"),
        path("Start_2", "Gateway_1", "Task_a", "End_2"),
        path("Gateway_1", "Task_b", "End_2"),
    )
    late = node("boundaryEvent", "Event_late", timer("PT1H"), attachedToRef="Sub_1")
    parts = [START, inside, late, user("Task_c"), END, OUTER, path("Event_late", "Task_c", "End_1")]
    play = Play(simple(*parts))
    assert play.open == ["Task_a", "Task_b"]
    play.wait(hours=1)
    assert play.open == ["Task_c"]
    assert play.do("Task_c").ended == "End_1"
    again = Play(simple(*parts))
    again.do("Task_a", a=1)
    assert again.do("Task_b", b=2).variables == {"a": 1, "b": 2}
    assert again.step.ended == "End_1"


def test_terminate_ends_everything_at_once():
    stop = node("endEvent", "End_stop", "<bpmn:terminateEventDefinition />")
    parts = [
        *FORK[:4],
        stop,
        END,
        path("Start_1", "Gateway_1", "Task_a", "End_stop"),
        path("Gateway_1", "Task_b", "End_1"),
    ]
    play = Play(simple(*parts))
    step = play.do("Task_a", why="x")
    assert (step.ended, step.open) == ("End_stop", ())
    assert step.variables["why"] == "x"


def test_terminate_in_a_sub_process_ends_only_that():
    stop = node("endEvent", "End_stop", "<bpmn:terminateEventDefinition />")
    inside = sub(
        node("parallelGateway", "Gateway_1"),
        user("Task_a"),
        user("Task_b"),
        stop,
        node("endEvent", "End_2"),
        path("Start_2", "Gateway_1", "Task_a", "End_stop"),
        path("Gateway_1", "Task_b", "End_2"),
    )
    play = Play(simple(START, inside, user("Task_c"), END, path("Start_1", "Sub_1", "Task_c", "End_1")))
    play.do("Task_a", x=1)
    assert play.open == ["Task_c"]
    assert play.step.variables == {"x": 1}


def test_the_last_end_event_ends_the_instance():
    parts = [
        START,
        node("parallelGateway", "Gateway_1"),
        user("Task_a"),
        user("Task_b"),
        node("endEvent", "End_a"),
        node("endEvent", "End_b"),
        path("Start_1", "Gateway_1", "Task_a", "End_a"),
        path("Gateway_1", "Task_b", "End_b"),
    ]
    play = Play(simple(*parts), x=0)
    assert play.do("Task_b", x=1).ended is None
    step = play.do("Task_a", y=2)
    assert step.ended == "End_a"
    assert step.variables == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    "name",
    [
        "typename",
        "__class__",
        "data",
        "task",
        "spec",
        "self",
        "data_objects",
        "from",
        "due",
        "End",
        "state",
        "中文",
        "",
    ],
)
def test_an_answer_named_like_an_internal_is_only_an_answer(name):
    play = Play(simple(*FORK))
    play.complete(play.task("Task_a").id, **{name: {"typename": "x"}} if name else {})
    play.do("Task_b")
    assert play.step.ended == "End_1"
    assert play.step.variables == ({name: {"typename": "x"}} if name else {})


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        (1,),
        b"x",
        datetime(2026, 1, 1, tzinfo=UTC),
        float("nan"),
        float("inf"),
        2**60,
        {1: 2},
        "\ud800",
        "x" * 200_000,
        [[]] * 30_000,
    ],
)
def test_a_value_that_is_not_plain_is_refused_by_name(value):
    play = Play(simple(START, user("Task_a"), END, LINE))
    with pytest.raises(Invalid) as caught:
        play.do("Task_a", amount=value)
    assert caught.value.at == "amount"
    with pytest.raises(Invalid):
        Play(simple(START, user("Task_a"), END, LINE), amount=value)


def test_what_is_passed_in_is_not_changed():
    given = {"rows": [1]}
    play = Play(
        simple(
            START,
            script("Script_b", "rows = rows + [2]"),
            user("Task_a"),
            END,
            path("Start_1", "Script_b", "Task_a", "End_1"),
        ),
        **given,
    )
    assert play.step.variables == {"rows": [1, 2]}
    assert given == {"rows": [1]}


def test_open_tasks_can_be_asked_of_a_state():
    play = Play(simple(*FORK))
    assert runner.open_tasks(play.definition, play.step.state) == play.step.open


def test_one_definition_serves_many_threads():
    xml = simple(*LOOP)
    failures = []

    def work():
        try:
            play = Play(xml, total=0)
            for number in range(10):
                play.do("Task_a", a=number)
                play.do("Task_b", b=number)
                assert play.step.variables["a"] == play.step.variables["b"] == number
                play.do("Task_c", again=number < 9)
            assert play.step.ended == "End_1"
        except Exception as error:  # noqa: BLE001 - told to the main thread
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_chain_of_four_hundred_tasks_runs():
    names = [f"Task_n{number}" for number in range(400)]
    parts = [START, END, *(user(name) for name in names), path("Start_1", *names, "End_1")]
    play = Play(simple(*parts))
    for name in names:
        play.do(name)
    assert play.step.ended == "End_1"
    assert len(play.walked) == 401


def test_properties_of_a_throw_event_are_read():
    end = node("endEvent", "End_1", properties(encloses="a b") + message("Message_a"))
    play = Play(simple(START, end, path("Start_1", "End_1"), messages=["Message_a"]))
    assert play.definition.diagram.nodes["End_1"].properties == {"encloses": "a b"}
    assert play.step.ended == "End_1"
