"""Publishing: content names a version, a case stays on the one it began with, a broken one changes nothing."""

import pytest

from app.domain.errors import BrokenBundle
from app.services import cases, publishing, tasks
from app.storage import bundles, processes
from app.storage import tasks as task_rows
from tests.engine.drawing import END, START, path, user
from tests.services.asking import lone, the_files

BPMN = "bpmn/ask_help/ask_help.bpmn"


def renamed(files):
    return files | {BPMN: files[BPMN].replace("提出咨询".encode(), "再次咨询".encode())}


def the_case(house, people):
    with house.work() as work:
        return cases.open_case(work, people["asker"], process="ask_help", name="虚构案", charge="")


def the_name(house, case_id):
    with house.work() as work:
        (row,) = task_rows.open_tasks_of_case(work.connection, case_id)
        return row.name


def current(house):
    with house.work() as work:
        return {row.process: row.hash for row in bundles.current_bundles(work.connection)}


def test_the_same_content_is_not_published_twice(house):
    with house.work() as work:
        assert publishing.publish_all(work, the_files()) == {}


def test_a_running_case_stays_on_its_version(house, people):
    old = the_case(house, people)
    before = current(house)["ask_help"]
    with house.work() as work:
        changed = publishing.publish_all(work, renamed(the_files()))
    assert changed == current(house) != {"ask_help": before}
    new = the_case(house, people)
    assert (the_name(house, old), the_name(house, new)) == ("提出咨询", "再次咨询")
    with house.work() as work:
        (row,) = task_rows.open_tasks_of_case(work.connection, old)
        tasks.complete_task(work, people["asker"], row.id, answers={"question": "？"})
    house.work_all()
    with house.work() as work:
        assert {row.bundle_hash for row in processes.processes_of_case(work.connection, old)} == {before}


def test_a_version_can_be_published_again(house):
    before = current(house)
    with house.work() as work:
        publishing.publish_all(work, renamed(the_files()))
    with house.work() as work:
        assert publishing.publish_all(work, the_files()) == before
    assert current(house) == before


def test_one_broken_process_publishes_nothing_and_all_faults_are_told(house):
    before = current(house)
    files = renamed(the_files(broken=b"<bpmn:definitions"))
    del files["forms/ask_help/answer.form"]
    with house.work() as work, pytest.raises(BrokenBundle) as refused:
        publishing.publish_all(work, files)
    told = {fault.file for fault in refused.value.faults}
    assert {"bpmn/broken/broken.bpmn", BPMN} <= told
    assert current(house) == before


def test_a_process_that_needs_a_role_nobody_has_is_not_offered(house, people):
    drawn = lone("judge", START, user("Task_a"), END, path("Start_1", "Task_a", "End_1"), kind="crt", role="crt_judge")
    with house.work() as work:
        publishing.publish_all(work, the_files(judge=drawn))
    with house.work() as work:
        assert [choice.edition.bundle.process for choice in cases.startable(work, people["asker"])] == ["ask_help"]
        assert cases.startable(work, people["answerer"]) == []
