"""Clocks: timers fire at their hour and not before, limits are shown, kept late, and recomputed with the calendar."""

from datetime import UTC, datetime, timedelta

import pytest

from app.services import case_view, cases, clocks, demo, publishing, tasks
from app.storage import audit, deadlines, processes
from app.storage import tasks as task_rows
from tests.clock import Clock
from tests.services.asking import reminded, reminding, the_files

HOLIDAYS = "bpmn/_shared/holidays.yaml"


def go_to(house, text):
    """Move the clock of the cases to an hour of Beijing and do what is due then."""
    with house.work() as work:
        demo.set_clock(work, Clock(text).now, ticking=False, machine=datetime.now(UTC))
    return house.work_all()


@pytest.fixture
def waiting(house, people):
    """Give a case that waits three days, from noon on Thursday 12 March 2026, before it reminds the police."""
    go_to(house, "2026-03-12T12:00")
    with house.work() as work:
        publishing.publish_all(work, the_files(remind=reminding(), reminded=reminded()))
    with house.work() as work:
        return cases.open_case(work, people["asker"], process="remind", name="虚构案", charge="")


def elements(house, case_id):
    with house.work() as work:
        return sorted(row.element for row in task_rows.open_tasks_of_case(work.connection, case_id))


def test_a_timer_fires_at_its_hour_and_not_before(house, waiting):
    assert go_to(house, "2026-03-15T11:59:59") == 0
    assert elements(house, waiting) == []
    assert go_to(house, "2026-03-15T12:00") == 1
    assert elements(house, waiting) == ["Task_hurry", "Task_note"]


def test_a_message_starts_the_process_of_another_bundle(house, people, waiting):
    go_to(house, "2026-03-16T09:00")
    with house.work() as work:
        rows = {row.pool: row for row in processes.processes_of_case(work.connection, waiting)}
        assert rows["reminded_pol"].agency_id == people["answerer"].agency_id
        assert case_view.see_case(work, people["answerer"], waiting)["case"].id == waiting


def test_a_clock_that_is_never_reached_does_nothing_twice(house, waiting):
    go_to(house, "2026-03-16T09:00")
    assert go_to(house, "2026-03-16T09:00") == 0
    assert elements(house, waiting) == ["Task_hurry", "Task_note"]


def test_a_boundary_timer_closes_the_task_and_stops_its_clock(house, waiting):
    go_to(house, "2026-03-15T12:00")
    go_to(house, "2026-03-17T12:00")
    with house.work() as work:
        note = next(row for row in task_rows.tasks_of_case(work.connection, waiting) if row.element == "Task_note")
        assert note.state == "cancelled"
        assert deadlines.deadline_of_task(work.connection, note.id).state == "cancelled"
        ended = next(row for row in processes.processes_of_case(work.connection, waiting) if row.pool == "remind_adm")
        assert ended.end_element == "End_late"


def test_a_task_done_in_time_leaves_no_timer_behind(house, people, waiting):
    go_to(house, "2026-03-15T12:00")
    with house.work() as work:
        note = next(row for row in task_rows.open_tasks_of_case(work.connection, waiting) if row.element == "Task_note")
        tasks.complete_task(work, people["asker"], note.id, answers={})
    assert go_to(house, "2026-04-01T12:00") == 0
    with house.work() as work:
        ended = next(row for row in processes.processes_of_case(work.connection, waiting) if row.pool == "remind_adm")
        assert ended.end_element == "End_1"


@pytest.fixture
def asked(house, people):
    """Give a case whose first task must be done within three days of Thursday 12 March 2026: by Monday, it rolls."""
    go_to(house, "2026-03-12T08:30")
    with house.work() as work:
        return cases.open_case(work, people["asker"], process="ask_help", name="虚构案", charge="")


def the_clock(house, officer, case_id):
    with house.work() as work:
        (entry,) = case_view.see_case(work, officer, case_id)["deadlines"]
        return entry["row"]


def test_a_clock_is_started_with_its_task_and_shown(house, people, asked):
    row = the_clock(house, people["asker"], asked)
    assert (row.rule, row.state) == ("D01", "running")
    assert row.due.astimezone(UTC) == Clock("2026-03-16T23:59:59").now
    with house.work() as work:
        (task,) = task_rows.open_tasks_of_case(work.connection, asked)
        view = tasks.see_task(work, people["asker"], task.id)
        assert task.due == view.deadline.due == row.due
        assert "R310 5" in str(row.reasoning) or "第5条" in str(row.reasoning)
        assert tasks.counts(work, people["asker"])["overdue"] == 0


def test_a_task_done_late_is_kept_as_late(house, people, asked):
    go_to(house, "2026-03-18T09:00")
    with house.work() as work:
        assert tasks.counts(work, people["asker"])["overdue"] == 1
        (task,) = task_rows.open_tasks_of_case(work.connection, asked)
        tasks.complete_task(work, people["asker"], task.id, answers={"question": "？"})
    row = the_clock(house, people["asker"], asked)
    assert row.state == "done"
    assert row.ended_at - row.due > timedelta(days=1)
    with house.work() as work:
        assert tasks.counts(work, people["asker"])["overdue"] == 0


def another_calendar(content, monday):
    """Give the calendar with one more day off, under another version."""
    changed = content.replace(b"version: ", b"version: changed-").replace(
        b"    off:\n", f"    off:\n      - {monday}\n".encode(), 1
    )
    assert changed.count(monday.encode()) == 1
    return changed


def test_another_calendar_moves_running_limits_and_says_so(house, people, asked):
    files = the_files()
    before = the_clock(house, people["asker"], asked)
    files[HOLIDAYS] = another_calendar(files[HOLIDAYS], "2026-03-16")
    with house.work() as work:
        assert set(publishing.publish_all(work, files)) == {"ask_help"}
    after = the_clock(house, people["asker"], asked)
    assert after.due - before.due == timedelta(days=1)
    assert after.calendar.startswith("changed-")
    with house.work() as work:
        (task,) = task_rows.open_tasks_of_case(work.connection, asked)
        assert task.due == after.due
        (note,) = [row for row in audit.entries(work.connection, asked) if row.action == "deadline_recomputed"]
        told = [datetime.fromisoformat(note.detail[key]) for key in ("from", "to")]
        assert told == [before.due, after.due]
        assert clocks.recompute(work) == 0


def test_a_limit_that_has_ended_is_not_recomputed(house, people, asked):
    with house.work() as work:
        (task,) = task_rows.open_tasks_of_case(work.connection, asked)
        tasks.complete_task(work, people["asker"], task.id, answers={"question": "？"})
    before = the_clock(house, people["asker"], asked)
    files = the_files()
    files[HOLIDAYS] = another_calendar(files[HOLIDAYS], "2026-03-16")
    with house.work() as work:
        publishing.publish_all(work, files)
    assert the_clock(house, people["asker"], asked).due == before.due
