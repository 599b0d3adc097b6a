"""The stories of the processes, played through the real forms, engine, deadlines and documents."""

from pathlib import Path

import pytest

from app.catalogue.bundles import collect_files, list_processes
from app.services.play import play_files
from app.wiring import House, plain_renderer
from tests.houses import ROOT, a_config

PROCESSES = list_processes(collect_files(ROOT))


@pytest.mark.parametrize("process", PROCESSES)
def test_every_arrow_is_walked_and_every_story_goes_as_told(process: str, tmp_path: Path):
    def open_house(name: str) -> House:
        return House(a_config(tmp_path / name), renderer=plain_renderer())

    report = play_files([ROOT / "tests/processes" / process], home=ROOT, open_house=open_house)
    assert [(story.file, story.faults) for story in report.stories if story.faults] == []
    assert {pool: flows for pool, flows in report.missing.items() if pool.startswith(process)} == {}


SENT = """
process: first_instance_trial
clock: 2026-07-24T14:00+08:00
start_as: bai_xue
given: {case: kunshan, known: {crt: {parties: [S1]}}}
steps:
  - {send: MESSAGE, as: bai_xue, answers: {persons: [S1]}, expect: {open: [Task_review_filing]}}
ends: {}
"""


@pytest.mark.parametrize(
    ("message", "fault"), [("Message_indicted", ""), ("Message_unheard_of", "begins nothing at the agency of bai_xue")]
)
def test_a_message_of_a_stage_left_out_begins_the_story(tmp_path: Path, message: str, fault: str):
    folder = tmp_path / "stories" / "first_instance_trial"
    folder.mkdir(parents=True)
    (folder.parent / "_fixtures").symlink_to(ROOT / "tests/processes/_fixtures")
    (folder / "sent.yaml").write_text(
        SENT.replace("MESSAGE", message).replace("ends: {}", "ends: {first_instance_trial_crt: End_returned}"),
        encoding="utf-8",
    )

    def open_house(name: str) -> House:
        return House(a_config(tmp_path / name), renderer=plain_renderer())

    report = play_files([folder], home=ROOT, open_house=open_house)
    (story,) = report.stories
    assert (fault or "ended in") in story.faults[0]
    assert not fault or "Flow_indicted" not in story.walked.get("first_instance_trial_crt", set())
