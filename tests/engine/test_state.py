import random

import pytest

from app.domain.errors import Stuck
from app.engine import runner
from app.engine.definition import load_definition
from app.engine.state import FORMAT
from tests.engine.drawing import END, START, node, path, simple, timer, user
from tests.engine.playing import T0, Play
from tests.engine.test_runner import FORK, GUARDED, LOOP, OUTER, remind, sub


def complete(definition, state):
    return runner.complete(definition, state, task_id="1", variables={}, now=T0)


@pytest.mark.parametrize("state", [b"", b"\x00", bytes([FORMAT]), b"{}", b"\x01garbage", b"\x02" + b"x" * 50])
def test_damaged_bytes_are_refused(state):
    play = Play(simple(*FORK))
    with pytest.raises(Stuck) as caught:
        complete(play.definition, state)
    assert caught.value.at == "state"


def test_no_damage_ends_in_anything_but_a_refusal():
    play = Play(simple(*LOOP), total=1)
    play.do("Task_a", rows=[1, 2, {"x": "中"}])
    good = play.step.state
    chance = random.Random(7)
    for _ in range(400):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        cut = bytes(bad[: chance.randint(0, len(bad))])
        for state in (bytes(bad), cut):
            if state != good:
                with pytest.raises(Stuck):
                    complete(play.definition, state)


def test_a_state_of_another_diagram_is_refused():
    play = Play(simple(*FORK))
    other = load_definition(simple(START, user("Task_z"), END, path("Start_1", "Task_z", "End_1")), "demo_adm")
    with pytest.raises(Stuck):
        complete(other, play.step.state)


def test_a_state_fits_the_same_diagram_read_again_with_small_changes():
    play = Play(simple(*FORK), x=1)
    changed = load_definition(simple(*FORK).replace(b'name="Task_b"', b'name="Other"'), "demo_adm")
    assert changed.key != play.definition.key
    assert runner.open_tasks(changed, play.step.state) == play.step.open


@pytest.mark.parametrize(
    "parts",
    [
        FORK,
        LOOP,
        [*GUARDED, remind("R5/PT1H", "timeCycle")],
        [
            START,
            sub(user("Task_a"), node("endEvent", "End_2"), path("Start_2", "Task_a", "End_2")),
            END,
            OUTER,
            node("boundaryEvent", "Event_x", timer("P9D"), attachedToRef="Sub_1"),
            path("Event_x", "End_1"),
        ],
    ],
)
def test_a_state_is_small_and_names_elements(parts):
    play = Play(simple(*parts), charge="盗窃", number="京海行移〔2026〕1号", accepted="2026-03-12")
    play.wait(hours=1)
    assert len(play.step.state) < 600
    assert play.step.state[0] == FORMAT


def test_variables_that_differ_only_in_their_kind_are_kept_apart():
    play = Play(simple(*FORK), x=1, y=True, z=0)
    play.do("Task_a", x=True, z=False)
    play.do("Task_b", y=1)
    assert [play.step.variables[name] for name in "xyz"] == [True, 1, False]
    assert [type(play.step.variables[name]) for name in "xyz"] == [bool, int, bool]
