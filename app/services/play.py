"""Stories played through the real forms, engine, deadlines and documents, and the arrows they walk.

A story (`catalogue/stories.py`) names tasks, who does them, with which answers, and what must follow. It is played on
a house of its own with a clock that jumps from step to step; timers fire at their own hour on the way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import yaml

from app.catalogue.bundles import collect_files, list_processes, read_bundle
from app.catalogue.stories import Step, Story, read_story
from app.domain.access import Officer
from app.domain.errors import Invalid, InvalidAnswers, XianjieError
from app.services import cases, demo, publishing, tasks
from app.services.work import Work, officer_value
from app.storage import agencies, audit, deadlines, documents, jobs, officers, processes
from app.storage import tasks as task_rows
from app.storage.database import Record

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Desk(Protocol):
    """What a story is played on: a house."""

    def work(self, *, read_only: bool = False) -> AbstractContextManager[Work]:
        """Open one transaction."""
        ...

    def work_all(self, *, limit: int = 10_000) -> int:
        """Do every due job."""
        ...

    def move_clock(self, target: datetime, *, ticking: bool = False) -> None:
        """Move the hour on; what falls due on the way happens at its own hour."""
        ...

    def migrate(self) -> None:
        """Bring the database to the newest schema."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


@dataclass(kw_only=True)
class Played:
    """How one story went."""

    file: str
    process: str
    faults: list[str] = field(default_factory=list)
    walked: dict[str, set[str]] = field(default_factory=dict)
    case_id: str = ""


@dataclass(kw_only=True)
class Report:
    """How all stories went, and which arrows of which pools they walked."""

    stories: list[Played]
    arrows: Mapping[str, Sequence[str]]

    @property
    def walked(self) -> dict[str, set[str]]:
        """The arrows walked by any story, by pool."""
        found: dict[str, set[str]] = {pool: set() for pool in self.arrows}
        for story in self.stories:
            for pool, flows in story.walked.items():
                found.setdefault(pool, set()).update(flows)
        return found

    @property
    def missing(self) -> dict[str, list[str]]:
        """The arrows nobody walked, by pool; only pools some story entered."""
        walked = self.walked
        return {
            pool: [flow for flow in flows if flow not in walked[pool]]
            for pool, flows in self.arrows.items()
            if any(flow not in walked[pool] for flow in flows)
        }

    @property
    def passed(self) -> bool:
        """Whether every story went as told."""
        return not any(story.faults for story in self.stories)

    def table(self) -> str:
        """Print stories, then coverage, then what is missing."""
        lines = []
        for story in self.stories:
            lines.append(f"{'FAIL' if story.faults else 'ok  '}  {story.file}")
            lines.extend(f"      {fault}" for fault in story.faults)
        lines += ["", f"{'pool':<32} {'arrows':>6} {'walked':>6} {'%':>6}"]
        walked = self.walked
        total = done = 0
        for pool, flows in self.arrows.items():
            count = len([flow for flow in flows if flow in walked[pool]])
            total, done = total + len(flows), done + count
            lines.append(f"{pool:<32} {len(flows):>6} {count:>6} {100 * count / max(1, len(flows)):>6.1f}")
        lines.append(f"{'all':<32} {total:>6} {done:>6} {100 * done / max(1, total):>6.1f}")
        for pool, flows in self.missing.items():
            lines.append(f"not walked in {pool}: {', '.join(flows)}")
        failed = sum(1 for story in self.stories if story.faults)
        lines.append(f"{len(self.stories) - failed} passed, {failed} failed")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain JSON."""
        return {
            "stories": [
                {"file": story.file, "process": story.process, "faults": story.faults} for story in self.stories
            ],
            "arrows": {
                pool: {"all": list(flows), "walked": sorted(self.walked[pool])} for pool, flows in self.arrows.items()
            },
            "missing": self.missing,
            "passed": self.passed,
        }


def play_files(paths: Sequence[Path], *, home: Path, open_house: Callable[[str], Desk]) -> Report:
    """Play the stories in these files and folders (all of `tests/processes` when none are named)."""
    files = collect_files(home)
    found = list(_story_files(paths or [home / "tests" / "processes"]))
    if not found:
        raise Invalid("没有找到故事文件", "No story files were found", at=", ".join(map(str, paths)))
    told = [(path, read_story(path.read_text(encoding="utf-8"), file=_shown(path, home))) for path in found]
    played = []
    for number, (path, story) in enumerate(told):
        house = open_house(f"story-{number}")
        try:
            house.migrate()
            with house.work() as work:
                publishing.publish_all(work, files)
            played.append(play_story(house, story, fixture=read_fixture(path, story, home), file=_shown(path, home)))
        finally:
            house.close()
    return Report(stories=played, arrows=arrows_of(files, {story.process for _, story in told}))


def arrows_of(files: Mapping[str, bytes], wanted: set[str]) -> dict[str, list[str]]:
    """Give the arrows of every pool of these processes."""
    arrows: dict[str, list[str]] = {}
    for process in list_processes(files):
        if process in wanted:
            diagram = read_bundle(files, process).diagram
            for flow in diagram.flows.values():
                arrows.setdefault(flow.pool, []).append(flow.id)
    return arrows


def read_fixture(path: Path, story: Story, home: Path) -> dict[str, Any]:
    """Give the named fixture beside the story (`_fixtures/<name>.yaml`) or among the demonstration's."""
    name = story.given.get("case", "kunshan")
    for folder in (path.parent.parent / "_fixtures", path.parent / "_fixtures", home / "demo"):
        file = folder / f"{name}.yaml"
        if file.is_file():
            read = yaml.safe_load(file.read_text(encoding="utf-8"))
            return read if isinstance(read, dict) else {}
    raise Invalid(f"没有名为 {name} 的案例数据", f"There is no fixture named {name}", at=str(path))


def play_story(house: Desk, story: Story, *, fixture: Mapping[str, Any], file: str) -> Played:
    """Play one story; what does not go as told is noted, and the story stops there."""
    played = Played(file=file, process=story.process)
    player = _Player(house, story, fixture, played)
    try:
        player.play()
    except XianjieError as error:
        played.faults.append(f"{player.where}: {error.at} {error.zh} / {error.en}{_fields(error)}")
    except _Untrue as untrue:
        played.faults.append(f"{player.where}: {untrue}")
    player.collect()
    return played


class _Untrue(Exception):
    """The story said something that did not happen."""


class _Player:
    def __init__(self, house: Desk, story: Story, fixture: Mapping[str, Any], played: Played) -> None:
        self.house = house
        self.story = story
        self.fixture = fixture
        self.played = played
        self.where = "start"
        self.now = story.clock

    def play(self) -> None:
        self._set_clock(self.now)
        with self.house.work() as work:
            demo.put_people(work, self.fixture)
            demo.put_counters(work, self.fixture)
        first = next((step for step in self.story.steps if step.task), None)
        self._open_case(self.story.start_as or (first.who if first else ""))
        with self.house.work() as work:
            demo.put_known(work, self.played.case_id, self.fixture, self.story.given.get("known", {}))
            if "custody" in self.story.given:
                demo.put_custody(work, self.played.case_id, self.fixture, self.story.given["custody"])
        self.house.work_all()
        for number, step in enumerate(self.story.steps, start=1):
            self.where = f"step {number} {step.task or step.start or 'wait'}"
            if step.wait_until is not None:
                self._advance(step.wait_until)
            if step.at is not None:
                self._advance(step.at)
            if step.start:
                with self.house.work() as work:
                    cases.start_process(work, self._officer(work, step.who), self.played.case_id, process=step.start)
            if step.task:
                self._do(step)
            self.house.work_all()
            self._expect(step)
        self.where = "ends"
        self._check_ends()

    def collect(self) -> None:
        if not self.played.case_id:
            return
        with self.house.work() as work:
            for row in processes.processes_of_case(work.connection, self.played.case_id):
                for entry in audit.step_entries(work.connection, [row.id]):
                    self.played.walked.setdefault(row.pool, set()).update(entry.detail.get("walked", ()))
            for job in jobs.incidents(work.connection):
                self.played.faults.append(f"incident {job.topic}: {job.error}")
            self.played.faults.extend(f"failed {job.topic}: {job.error}" for job in jobs.failed(work.connection))

    def _open_case(self, who: str) -> None:
        case = self.fixture.get("case", {})
        with self.house.work() as work:
            self.played.case_id = cases.open_case(
                work,
                self._officer(work, who),
                process=self.story.process,
                name=str(case.get("name", self.story.process)),
                charge=str(case.get("charge", "")),
                number=case.get("number") or case.get("id"),
                partners=self.story.agencies,
            )

    def _do(self, step: Step) -> None:
        with self.house.work() as work:
            open_now = [
                row
                for row in task_rows.open_tasks_of_case(work.connection, self.played.case_id)
                if row.element == step.task and row.kind != "serviceTask" and step.person in ("", row.subject)
            ]
            if not open_now:
                names = sorted(
                    row.element for row in task_rows.open_tasks_of_case(work.connection, self.played.case_id)
                )
                raise _Untrue(f"{step.task} is not open; open are {', '.join(names) or 'none'}")
            row = open_now[0]
            officer = self._officer(work, step.who or row.role, agency_id=row.agency_id)
        try:
            with self.house.work() as work:
                tasks.complete_task(work, officer, row.id, answers=step.answers)
        except InvalidAnswers as refused:
            if step.refused is None:
                raise
            missing = [
                name
                for name in step.refused
                if not any(key == name or key.startswith(f"{name}[") for key in refused.fields)
            ]
            if missing:
                raise _Untrue(f"refused {sorted(refused.fields)}, the story said {step.refused}") from refused
            return
        except XianjieError as refused:
            if step.refused is None or refused.at not in step.refused:
                raise
            return
        if step.refused is not None:
            raise _Untrue(f"was accepted, the story said that {step.refused} would be refused")

    def _officer(self, work: Work, who: str, *, agency_id: str | None = None) -> Officer:
        rows = officers.all_officers(work.connection)
        if agency_id is not None:
            rows = [row for row in rows if row.agency_id == agency_id]
        named = [row for row in rows if who in (row.username, row.name)]
        holding = [row for row in rows if who in row.roles]
        chosen = named or self._local(work, holding)
        if not chosen:
            raise _Untrue(f"nobody is {who}")
        return officer_value(work, chosen[0])

    def _local(self, work: Work, rows: Sequence[Record]) -> list[Record]:
        area = self.fixture.get("case", {}).get("area_code")
        order = {agency.id: agency.area_code != area for agency in agencies.all_agencies(work.connection)}
        return sorted(rows, key=lambda row: order[row.agency_id])

    def _advance(self, target: datetime) -> None:
        if target < self.now:
            raise _Untrue(f"the clock cannot go back to {target.isoformat()}")
        self.now = target
        self.house.move_clock(target)
        self.house.work_all()

    def _set_clock(self, moment: datetime) -> None:
        self.now = moment
        with self.house.work() as work:
            demo.set_clock(work, moment, ticking=False, machine=datetime.now(UTC))

    def _expect(self, step: Step) -> None:
        expected = step.expect
        with self.house.work() as work:
            if "open" in expected:
                now_open = {
                    row.element
                    for row in task_rows.open_tasks_of_case(work.connection, self.played.case_id)
                    if row.kind != "serviceTask"
                }
                absent = [name for name in expected["open"] if name not in now_open]
                if absent:
                    raise _Untrue(f"not open: {', '.join(absent)}; open are {', '.join(sorted(now_open)) or 'none'}")
            if "documents" in expected:
                self._expect_documents(work, expected["documents"])
            for rule, due in expected.get("deadlines", {}).items():
                known = [
                    row for row in deadlines.deadlines_of_case(work.connection, self.played.case_id) if row.rule == rule
                ]
                if not known:
                    raise _Untrue(f"no clock of {rule} runs")
                for subject, moment in due.items() if isinstance(due, Mapping) else ():
                    if not any(row.subject == subject and _same_moment(row.due, moment) for row in known):
                        raise _Untrue(f"{rule} of {subject} is not due {moment}")
                if not isinstance(due, Mapping) and not any(_same_moment(row.due, due) for row in known):
                    shown = ", ".join(_local_text(row.due) for row in known)
                    raise _Untrue(f"{rule} is due {shown}, the story said {due}")

    def _expect_documents(self, work: Work, wanted: Any) -> None:
        issued = documents.issued_in_case(work.connection, self.played.case_id)
        entries = wanted.items() if isinstance(wanted, Mapping) else ((code, None) for code in wanted)
        for code, number in entries:
            rows = [row for row in issued if row.code == code]
            if not rows:
                raise _Untrue(
                    f"{code} was not issued; issued are {', '.join(sorted({row.code for row in issued})) or 'none'}"
                )
            if isinstance(number, str) and all(row.number != number for row in rows):
                raise _Untrue(f"{code} has number {', '.join(row.number for row in rows)}, the story said {number}")
            if isinstance(number, Mapping):
                self._expect_fields(code, rows[-1], number)

    @staticmethod
    def _expect_fields(code: str, row: Record, wanted: Mapping[str, Any]) -> None:
        for key, value in wanted.items():
            real = getattr(row, key, None) if key in ("number", "date", "title") else row.data.get(key)
            if str(real) != str(value):
                raise _Untrue(f"{code}.{key} is {real!r}, the story said {value!r}")

    def _check_ends(self) -> None:
        with self.house.work() as work:
            rows = processes.processes_of_case(work.connection, self.played.case_id)
            for pool, end in self.story.ends.items():
                ends = [row.end_element for row in rows if row.pool == pool]
                if end not in ends:
                    raise _Untrue(f"{pool} ended in {ends or 'nothing: it never ran'}, the story said {end}")


def _fields(error: XianjieError) -> str:
    return f" {error.fields}" if isinstance(error, InvalidAnswers) else ""


def _same_moment(real: datetime | None, told: Any) -> bool:
    if real is None:
        return told is None
    local = real.astimezone(SHANGHAI)
    text = str(told).replace(" ", "T")
    if len(text) == len("2026-03-12"):
        return local.date().isoformat() == text and local.strftime("%H:%M:%S") == "23:59:59"
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)) == local


def _local_text(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).isoformat() if moment else "never"


def _story_files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*.yaml") if "_fixtures" not in file.parts)
        elif path.is_file():
            yield path
        else:
            raise Invalid(f"没有这个故事文件：{path}", f"No such story file: {path}", at=str(path))


def _shown(path: Path, home: Path) -> str:
    try:
        return path.resolve().relative_to(home.resolve()).as_posix()
    except ValueError:
        return path.as_posix()
