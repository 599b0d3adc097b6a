"""What a story cannot say of the review for prosecution: an act for which no task is open, and who is held how long."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.catalogue.bundles import collect_files
from app.catalogue.stories import read_story
from app.domain.errors import Conflict, InvalidAnswers
from app.services import detention, publishing, tasks
from app.services.play import play_story, read_fixture
from app.services.work import officer_value
from app.storage import officers
from app.storage import tasks as task_rows
from app.wiring import House, plain_renderer
from tests.houses import ROOT, a_config

STORIES = ROOT / "tests/processes/review_for_prosecution"
INDICT = {"person_step": "indict", "person_conclusion": "应当起诉", "propose_sentence": "no"}


@contextmanager
def told(tmp_path: Path, story: str, *, until: str) -> Iterator[tuple[House, str]]:
    """Play a story up to the first step that does this task, and give the house and the case."""
    path = STORIES / f"{story}.yaml"
    whole = read_story(path.read_text(encoding="utf-8"), file=str(path))
    first = next(index for index, step in enumerate(whole.steps) if step.task == until)
    house = House(a_config(tmp_path), renderer=plain_renderer())
    try:
        house.migrate()
        with house.work() as work:
            publishing.publish_all(work, collect_files(ROOT))
        part = replace(whole, steps=whole.steps[: first + 1], ends={})
        played = play_story(house, part, fixture=read_fixture(path, whole, ROOT), file=story)
        assert played.faults == []
        yield house, played.case_id
    finally:
        house.close()


def reviews(house: House, case_id: str) -> dict[str, str]:
    """Give the open reviews of persons: party → task."""
    with house.work(read_only=True) as work:
        rows = task_rows.open_tasks_of_case(work.connection, case_id)
        return {row.subject: row.id for row in rows if row.element == "Task_review_person"}


def review_person(house: House, task_id: str) -> None:
    with house.work() as work:
        officer = officer_value(work, officers.officer_by(work.connection, username="fang_yuan"))
        tasks.complete_task(work, officer, task_id, answers=INDICT)


def test_nobody_is_indicted_while_a_return_is_open(tmp_path: Path):
    with told(tmp_path, "kunshan", until="Task_review_prosecution") as (house, case_id):
        assert reviews(house, case_id) == {}
        with house.work(read_only=True) as work:
            gone = [
                row
                for row in task_rows.tasks_of_case(work.connection, case_id)
                if row.element == "Task_review_person" and row.state == "cancelled"
            ]
        assert {row.subject for row in gone} == {"S1", "S2"}
        for row in gone:
            with pytest.raises(Conflict):
                review_person(house, row.id)


def test_an_outcome_needs_a_reason(tmp_path: Path):
    with told(tmp_path, "kunshan", until="Task_check_package") as (house, case_id):
        with house.work() as work:
            officer = officer_value(work, officers.officer_by(work.connection, username="fang_yuan"))
            with pytest.raises(InvalidAnswers) as refused:
                tasks.complete_task(
                    work, officer, reviews(house, case_id)["S1"], answers={"person_step": "not_prosecute"}
                )
        assert {"non_prosecution_kind", "non_prosecution_reasons", "chief_approved_by"} <= set(refused.value.fields)


def test_the_time_in_custody_has_no_gap_over_a_return(tmp_path: Path):
    with told(tmp_path, "kunshan", until="Task_draft_indictment") as (house, case_id):
        with house.work(read_only=True) as work:
            officer = officer_value(work, officers.officer_by(work.connection, username="fang_yuan"))
            ((name, line),) = detention.detention_lines(work, officer, case_id)
        assert name == "周启航"
        assert [basis.rule for basis in line.bases] == ["D40", "D43", "D40"]
        assert line.gaps == ()
