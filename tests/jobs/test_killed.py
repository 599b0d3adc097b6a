"""A worker killed in the middle of its jobs: nothing is lost, nothing is done twice, no serial is left out."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.services import cases, tasks
from app.storage import jobs
from app.storage import tasks as task_rows
from app.storage.documents import document
from app.storage.jobs import job
from app.storage.transfers import transfer
from tests.houses import ROOT
from tests.services.asking import a_house, put_people

CASES = 4


@pytest.fixture
def house(tmp_path, migrated_url):
    built = a_house(tmp_path, migrated_url)
    yield built
    built.close()


def kill_in_the_middle(house, owner, documents):
    """Let a worker make some documents, kill it while it makes the next, and let its lease run out."""
    command = [sys.executable, "-m", "tests.jobs.slow_worker"]
    arguments = [str(house.config.data), house.config.database_url, owner, str(documents)]
    with subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "working\n"
        finally:
            process.kill()
        assert process.wait(20) == -signal.SIGKILL
    with house.work() as work:
        (held,) = work.connection.execute(select(job).where(job.c.state == "running")).all()
        assert held.owner == owner
        over = datetime.now(UTC) - timedelta(seconds=1)
        assert jobs.extend_lease(work.connection, held.id, owner=owner, until=over)


def test_a_killed_worker_loses_nothing_and_does_nothing_twice(house):
    people = put_people(house)
    for _ in range(CASES):
        with house.work() as work:
            case_id = cases.open_case(work, people["asker"], process="ask_help", name="虚构案", charge="")
            first = task_rows.open_tasks_of_case(work.connection, case_id)[0]
            tasks.complete_task(work, people["asker"], first.id, answers={"question": "？"})
    kill_in_the_middle(house, "first", 1)
    kill_in_the_middle(house, "second", 0)
    assert house.work_all() == CASES - 1
    with house.work() as work:
        papers = work.connection.execute(select(document)).all()
        assert {row.state for row in papers} == {"issued"}
        assert sorted(row.serial for row in papers) == list(range(1, CASES + 1))
        assert len({row.task_id for row in papers}) == CASES
        assert {row.state for row in work.connection.execute(select(job))} == {"done"}
        assert len(work.connection.execute(select(transfer)).all()) == CASES
        assert all(house.files.get(row.sha256) for row in papers)
