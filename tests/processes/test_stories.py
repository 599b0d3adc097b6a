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
