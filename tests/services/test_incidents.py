"""Failed work of the machine: tried again, then an incident, which the head of the agency has tried once more."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.services import case_view, cases, supervision, tasks, worker
from app.storage import documents, jobs
from app.storage import tasks as task_rows


class Broken:
    """A renderer that has run out of paper."""

    def render_document(self, **_):
        raise Invalid("没有纸", "There is no paper", at="paper")


@pytest.fixture
def failed(house, people):
    """Give the id of a job of the asking agency that has failed after its last try, and its case."""
    with house.work() as work:
        case_id = cases.open_case(work, people["asker"], process="ask_help", name="虚构案", charge="")
        task = task_rows.open_tasks_of_case(work.connection, case_id)[0]
        tasks.complete_task(work, people["asker"], task.id, answers={"question": "？"})
    house.renderer, good = Broken(), house.renderer
    wall = datetime.now(UTC)
    for number in range(len(jobs.BACKOFF) + 1):
        with house.work() as work:
            job = worker.claim(work, owner="w", wall=wall)
            assert job is not None, f"try {number + 1} never came"
        with house.work() as work:
            order = worker.prepare(work, job)
        with pytest.raises(Invalid):
            worker.make(order, renderer=house.renderer, files=house.files)
        with house.work() as work:
            worker.fail(work, job, owner="w", error="没有纸 / There is no paper", wall=wall)
            assert worker.claim(work, owner="w", wall=wall) is None
        wall += max(jobs.BACKOFF) + timedelta(seconds=1)
    house.renderer = good
    return job.id, case_id


def test_after_the_last_try_a_person_is_told(house, people, failed):
    job_id, case_id = failed
    assert house.work_all() == 0
    with house.work() as work:
        ((row, number),) = supervision.incidents(work, people["head"])
        seen = case_view.see_case(work, people["asker"], case_id)
    assert (row.id, number, row.attempts) == (job_id, seen["case"].number, len(jobs.BACKOFF) + 1)
    assert [entry.id for entry in seen["incidents"]] == [job_id]
    assert "incident" in [entry["action"] for entry in seen["history"]]


def test_the_head_has_it_tried_again_and_the_case_goes_on_with_the_same_number(house, people, failed):
    job_id, case_id = failed
    with house.work() as work:
        supervision.retry_incident(work, people["head"], job_id)
    assert house.work_all() == 1
    with house.work() as work:
        assert supervision.incidents(work, people["head"]) == []
        (paper,) = documents.issued_in_case(work.connection, case_id)
        assert paper.serial == 1
        told = case_view.see_case(work, people["asker"], case_id)["history"]
    assert [entry["officer"] for entry in told if entry["action"] == "incident_retried"] == ["正"]


def test_it_is_tried_again_once(house, people, failed):
    with house.work() as work:
        supervision.retry_incident(work, people["head"], failed[0])
    with house.work() as work, pytest.raises(Conflict):
        supervision.retry_incident(work, people["head"], failed[0])


@pytest.mark.parametrize(("who", "refusal"), [("asker", Forbidden), ("other_head", NotFound), ("answerer", Forbidden)])
def test_nobody_else_may(house, people, failed, who, refusal):
    with house.work() as work, pytest.raises(refusal):
        supervision.retry_incident(work, people[who], failed[0])
    with house.work() as work:
        assert [row.state for row in jobs.incidents(work.connection)] == ["incident"]


def test_unknown_work_is_not_found(house, people):
    with house.work() as work, pytest.raises(NotFound):
        supervision.retry_incident(work, people["head"], "nothing")
