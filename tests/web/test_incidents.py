"""Failed work of the machine: the head of the agency is told and has it tried again, by page and by API."""

import pytest
from sqlalchemy import update

from app.services import tasks
from app.services.demo import PASSWORD
from app.storage.jobs import job
from tests.web.calling import Caller, opened, the_task, token_for


@pytest.fixture
def job_id(house, people):
    """Give the failed job of a letter that could not be made."""
    case_id = opened(house, people["asker"])
    task_id = the_task(house, case_id)
    with house.work() as work:
        tasks.complete_task(work, people["asker"], task_id, answers={"question": "？"})
    with house.work() as work:
        failed = (
            update(job).values(state="incident", attempts=4, error="没有纸 / There is no paper").returning(job.c.id)
        )
        return work.connection.execute(failed).scalar_one()


def test_the_head_has_it_tried_again_over_the_api(served, house, job_id):
    head = Caller(served, token_for(served, "head"))
    (told,) = head.get("/incidents").get_json()
    assert (told["id"], told["topic"], told["attempts"]) == (job_id, "issue_document", 4)
    assert "没有纸" in told["error"]
    assert head.post(f"/incidents/{job_id}/retry").status_code == 204
    assert head.get("/incidents").get_json() == []
    assert head.post(f"/incidents/{job_id}/retry").status_code == 409
    assert house.work_all() == 1


def test_others_are_not_told(served, people, job_id):
    del people
    assert Caller(served, token_for(served, "other_head")).get("/incidents").get_json() == []
    asker = Caller(served, token_for(served, "asker"))
    assert asker.get("/incidents").status_code == 403
    assert asker.post(f"/incidents/{job_id}/retry").status_code == 403


def test_the_head_has_it_tried_again_on_the_page(served, house, job_id):
    client = served.test_client()
    served.config["WTF_CSRF_ENABLED"] = False
    client.post("/sign-in", data={"name": "head", "password": PASSWORD})
    page = client.get("/supervise").get_data(as_text=True)
    assert f'action="/supervise/incidents/{job_id}/retry"' in page
    assert "没有纸" in page
    answer = client.post(f"/supervise/incidents/{job_id}/retry")
    assert answer.headers["Location"] == "/supervise"
    page = client.get("/supervise").get_data(as_text=True)
    assert "已重新安排后台任务" in page
    assert job_id not in page
    assert house.work_all() == 1
