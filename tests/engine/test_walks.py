"""Random processes of nested blocks, walked at random: every walk ends, and no branch's update is lost."""

import random

import pytest

from tests.engine.drawing import END, START, arrow, node, simple, user
from tests.engine.playing import Play


class Blocks:
    """Draws a random process: sequences, choices, parallel and inclusive blocks, loops."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.parts = []
        self.count = 0
        first, last = self.block(3)
        self.parts += [START, END, arrow("Start_1", first), arrow(last, "End_1")]

    def name(self, kind):
        self.count += 1
        return f"{kind}_n{self.count}"

    def block(self, depth):
        kinds = ["task"] if depth == 0 else ["task", "sequence", "choice", "parallel", "parallel", "inclusive", "loop"]
        return getattr(self, self.chance.choice(kinds))(depth - 1)

    def task(self, _):
        name = self.name("Task")
        self.parts.append(user(name))
        return name, name

    def sequence(self, depth):
        first, middle = self.block(depth)
        following, last = self.block(depth)
        self.parts.append(arrow(middle, following))
        return first, last

    def split(self, depth, kind, condition):
        opening, closing = self.name("Gateway"), self.name("Gateway")
        self.parts.append(node(kind, closing))
        arms = self.chance.randint(2, 3)
        default = f"Flow_default_{opening.lower()}"
        for index in range(arms):
            first, last = self.block(depth)
            if condition is None:
                self.parts.append(arrow(opening, first))
            elif index == arms - 1:
                self.parts.append(arrow(opening, first, identifier=default))
            else:
                self.parts.append(arrow(opening, first, condition.format(index)))
            self.parts.append(arrow(last, closing))
        self.parts.append(node(kind, opening, **({"default": default} if condition else {})))
        return opening, closing

    def choice(self, depth):
        return self.split(depth, "exclusiveGateway", "pick == {}")

    def parallel(self, depth):
        return self.split(depth, "parallelGateway", None)

    def inclusive(self, depth):
        return self.split(depth, "inclusiveGateway", "picks[{}]")

    def loop(self, depth):
        opening, closing = self.name("Gateway"), self.name("Gateway")
        first, last = self.block(depth)
        default = f"Flow_default_{closing.lower()}"
        following = self.name("Task")
        self.parts += [
            node("exclusiveGateway", opening),
            node("exclusiveGateway", closing, default=default),
            user(following),
            arrow(opening, first),
            arrow(last, closing),
            arrow(closing, opening, "again"),
            arrow(closing, following, identifier=default),
        ]
        return opening, following


@pytest.mark.parametrize("seed", range(60))
def test_every_walk_ends_and_keeps_every_update(seed):
    xml = simple(*Blocks(seed).parts)
    chance = random.Random(seed)
    play = Play(xml, pick=0, picks=[True, False])
    written = {}
    for turn in range(400):
        if play.step.ended:
            break
        assert play.step.open, "nothing is open, and it has not ended"
        task = chance.choice(play.step.open)
        written[task.element.lower()] = turn
        again = turn < 120 and chance.random() < 0.4
        play.complete(
            task.id,
            **{
                task.element.lower(): turn,
                "again": again,
                "pick": chance.randint(0, 2),
                "picks": [chance.random() < 0.5, chance.random() < 0.5],
            },
        )
        assert written.items() <= play.step.variables.items()
        assert len(play.step.state) < 2_000
    assert play.step.ended == "End_1"
    assert play.walked.count(next(flow for flow in play.definition.diagram.flows if flow.endswith("_end_1"))) == 1
