"""Reads a story: how a case went, told by a designer, to be played through the real machine (architecture §7)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.catalogue.answer_fields import CHINA, read_date, read_moment
from app.catalogue.located import Located, line_of, read_yaml
from app.catalogue.names import SNAKE_CASE
from app.domain.errors import BrokenBundle, Fault

MAX_STEPS = 500
_ELEMENT = re.compile(r"[A-Za-z_][\w.-]{0,199}", re.ASCII)
_STORY_KEYS = frozenset({"process", "clock", "given", "agencies", "start_as", "steps", "ends", "name", "note"})
_STEP_KEYS = frozenset(
    {"task", "person", "as", "at", "answers", "expect", "refused", "wait_until", "start", "send", "note"}
)
_ACTIONS = ("task", "wait_until", "start", "send")
_EXPECT_KEYS = frozenset({"open", "documents", "deadlines"})


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: a task done (or `refused`, naming fields), time passing, a process started, or a message sent.

    A message (`send`, its payload in `answers`) comes from a stage the story leaves out, and begins what it begins
    at the agency of `as`; as the first step it opens a case in which nothing runs yet.
    `person` is the code of the party whose task it is, where there is one for each.
    """

    line: int
    task: str = ""
    who: str = ""
    person: str = ""
    at: datetime | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    expect: Mapping[str, Any] = field(default_factory=dict)
    refused: Sequence[str] | None = None
    wait_until: datetime | None = None
    start: str = ""
    send: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """A whole story. `clock` is when it begins (aware), `ends` says at which end event each pool must arrive."""

    file: str
    process: str
    clock: datetime
    given: Mapping[str, Any]
    agencies: Mapping[str, str]
    start_as: str
    steps: Sequence[Step]
    ends: Mapping[str, str]


def read_story(text: str, *, file: str) -> Story:
    """Read a story; raise BrokenBundle with every fault and its line."""
    raw = read_yaml(text, file=file)
    reader = _Reader(file=file)
    story = reader.story(raw)
    if reader.faults or story is None:
        raise BrokenBundle(reader.faults)
    return story


class _Reader:
    def __init__(self, *, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def _fault(self, line: int, element: str, code: str, zh: str, en: str) -> None:
        self.faults.append(Fault(file=self.file, line=line, element=element, code=code, zh=zh, en=en))

    def story(self, raw: object) -> Story | None:
        if not isinstance(raw, Located):
            self._fault(1, "", "not-a-story", "故事应是一个 YAML 映射", "A story is a YAML mapping")
            return None
        self._known(raw, _STORY_KEYS)
        process = raw.get("process")
        if not isinstance(process, str) or not SNAKE_CASE.fullmatch(process):
            self._fault(raw.line, "process", "no-process", "缺少 process", "“process” is missing or not a process id")
            process = ""
        clock = self._moment(raw, "clock", line=raw.line)
        if clock is None and "clock" not in raw:
            self._fault(raw.line, "clock", "no-clock", "缺少 clock", "“clock” is missing")
        given = self._mapping(raw, "given", line=raw.line)
        agencies = self._texts(raw, "agencies")
        ends = self._texts(raw, "ends")
        if not ends and isinstance(raw.get("ends", {}), Mapping):
            self._fault(
                raw.line, "ends", "no-ends", "缺少 ends：每个泳池走到哪里", "“ends” is missing: where each pool arrives"
            )
        steps = tuple(self._steps(raw))
        self._in_time(clock, steps)
        if clock is None:
            return None
        return Story(
            file=self.file,
            process=process,
            clock=clock,
            given=given,
            agencies=agencies,
            start_as=self._word(raw, "start_as", line=raw.line),
            steps=steps,
            ends=ends,
        )

    def _steps(self, raw: Located) -> Iterator[Step]:
        steps = raw.get("steps")
        if not isinstance(steps, list) or not steps:
            self._fault(raw.line, "steps", "no-steps", "缺少 steps", "“steps” is missing")
            return
        if len(steps) > MAX_STEPS:
            self._fault(raw.line, "steps", "too-many-steps", f"步骤超过 {MAX_STEPS} 个", f"More than {MAX_STEPS} steps")
            return
        for number, step in enumerate(steps, start=1):
            if not isinstance(step, Located):
                self._fault(raw.line, f"step {number}", "not-a-step", "步骤应是映射", "A step is a mapping")
                continue
            yield self._step(step, number)

    def _step(self, raw: Located, number: int) -> Step:
        where = str(next((raw[name] for name in ("task", "start", "send") if raw.get(name)), f"step {number}"))
        self._known(raw, _STEP_KEYS)
        if sum(1 for name in _ACTIONS if raw.get(name)) != 1:
            self._fault(
                raw.line,
                where,
                "not-a-step",
                "步骤应恰有 task、wait_until、start、send 之一",
                "A step has exactly one of task, wait_until, start, send",
            )
        expect = self._mapping(raw, "expect", line=raw.line)
        for name in expect:
            if name not in _EXPECT_KEYS:
                self._fault(line_of(expect, raw.line), name, "unknown-name", f"未知的期望“{name}”", f"Unknown “{name}”")
        if not isinstance(expect.get("open", []), list):
            self._fault(raw.line, "open", "not-a-list", "open 应是列表", "“open” is a list")
        if not isinstance(expect.get("deadlines", {}), Mapping):
            self._fault(raw.line, "deadlines", "not-a-mapping", "deadlines 应是映射", "“deadlines” is a mapping")
        refused = raw.get("refused")
        if refused is not None and not (isinstance(refused, list) and all(isinstance(one, str) for one in refused)):
            self._fault(raw.line, where, "not-a-list", "refused 应是字段列表", "“refused” is a list of fields")
            refused = None
        return Step(
            line=raw.line,
            task=self._word(raw, "task", line=raw.line),
            who=str(raw.get("as") or ""),
            person=str(raw.get("person") or ""),
            at=self._moment(raw, "at", line=raw.line),
            answers=self._mapping(raw, "answers", line=raw.line),
            expect=expect,
            refused=refused,
            wait_until=self._moment(raw, "wait_until", line=raw.line),
            start=self._word(raw, "start", line=raw.line),
            send=self._word(raw, "send", line=raw.line),
        )

    def _in_time(self, clock: datetime | None, steps: Sequence[Step]) -> None:
        now = clock
        for step in steps:
            for moment in (step.wait_until, step.at):
                if moment is None or now is None:
                    continue
                if moment < now:
                    self._fault(
                        step.line,
                        step.task or "wait_until",
                        "back-in-time",
                        f"时间倒退到 {moment.isoformat()}",
                        f"The clock goes back to {moment.isoformat()}",
                    )
                now = max(now, moment)

    def _known(self, raw: Located, names: frozenset[str]) -> None:
        for name in raw:
            if name not in names:
                self._fault(raw.line, name, "unknown-name", f"未知的名称“{name}”", f"Unknown name “{name}”")

    def _moment(self, raw: Located, name: str, *, line: int) -> datetime | None:
        """A moment as a designer writes it: with or without an offset, or a bare date, which is its midnight."""
        value = raw.get(name)
        if value is None:
            return None
        text = str(value).strip().replace(" ", "T", 1)
        try:
            if "T" not in text:
                text = f"{read_date(text)}T00:00"
            return datetime.fromisoformat(read_moment(text)).astimezone(CHINA)
        except ValueError:
            self._fault(line, name, "bad-moment", f"“{value}”不是日期时间", f"“{value}” is not a date and time")
            return None

    def _mapping(self, raw: Located, name: str, *, line: int) -> Mapping[str, Any]:
        value = raw.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self._fault(line, name, "not-a-mapping", f"{name} 应是映射", f"“{name}” is a mapping")
            return {}
        return value

    def _texts(self, raw: Located, name: str) -> Mapping[str, str]:
        value = self._mapping(raw, name, line=raw.line)
        for key, text in value.items():
            if not isinstance(text, str):
                self._fault(line_of(value), key, "not-text", f"{name}.{key} 应是文字", f"“{name}.{key}” is text")
        return {key: text for key, text in value.items() if isinstance(text, str)}

    def _word(self, raw: Located, name: str, *, line: int) -> str:
        value = raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or not (_ELEMENT.fullmatch(value) or name == "start_as"):
            self._fault(line, name, "bad-name", f"{name} 应是元素的 id", f"“{name}” is the id of an element")
            return ""
        return value
