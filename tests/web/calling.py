"""Calls to the API as an officer, and what the cases of a test begin with."""

import json

from app.services import cases, tasks
from app.services.demo import PASSWORD
from app.storage import jobs
from app.storage import tasks as task_rows


class Caller:
    """An officer's program: every call bears the token."""

    def __init__(self, app, token, *, language=None):
        self._client = app.test_client()
        self._headers = {"Authorization": f"Bearer {token}"}
        if language:
            self._headers["Accept-Language"] = language

    def get(self, path):
        return self.raw("get", path, None)

    def post(self, path, body=None):
        return self.raw("post", path, None if body is None else json.dumps(body).encode())

    def put(self, path, body):
        return self.raw("put", path, json.dumps(body).encode())

    def raw(self, method, path, body, *, content_type="application/json"):
        address = path if path.startswith("/api/") else f"/api/v1{path}"
        given = {} if body is None else {"data": body, "content_type": content_type}
        return getattr(self._client, method)(address, headers=self._headers, **given)


def token_for(app, who, *, password=PASSWORD):
    answer = app.test_client().post("/api/v1/token", json={"name": who, "password": password})
    return answer.get_json()["token"]


def opened(house, officer, **values):
    given = {"process": "ask_help", "name": "虚构案", "charge": "虚构罪", **values}
    with house.work() as work:
        return cases.open_case(work, officer, **given)


def the_task(house, case_id):
    with house.work() as work:
        return task_rows.open_tasks_of_case(work.connection, case_id)[0].id


def finish_documents(house, officer, task_id, *, question="？"):
    """Complete the asking task and let the letter go out; give the id of the job that issued it."""
    with house.work() as work:
        tasks.complete_task(work, officer, task_id, answers={"question": question})
    with house.work() as work:
        job = jobs.claim_job(work.connection, owner="none", now=work.now, wall=work.now, lease=work.now - work.now)
        assert job is not None
    house.work_all()
    return job.id
