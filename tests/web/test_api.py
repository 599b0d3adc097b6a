"""The API: what it gives, what it refuses and how it says so."""

import json
import re

import pytest

from app.services import case_view, cases, documents, transfers
from app.services.demo import PASSWORD
from tests.web.calling import Caller, finish_documents, opened, the_task, token_for

PROBLEM = "application/problem+json"


@pytest.fixture
def call(served, people):
    """Give what calls the API as one of the people."""
    del people
    return lambda who="asker", **options: Caller(served, token_for(served, who), **options)


@pytest.fixture
def case_id(house, people):
    return opened(house, people["asker"])


@pytest.fixture
def task_id(house, case_id):
    return the_task(house, case_id)


def is_problem(answer, status):
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM), answer.get_data(as_text=True)
    told = answer.get_json()
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert "Traceback" not in answer.get_data(as_text=True)
    return told


# The token


def test_a_token_is_given_for_a_password_and_says_who_it_is(served, people):
    answer = served.test_client().post("/api/v1/token", json={"name": "asker", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.get_json()["officer"]["username"] == "asker"
    assert answer.get_json()["officer"]["agency_id"] == people["asker"].agency_id
    assert Caller(served, answer.get_json()["token"]).get("/me").get_json()["name"] == "甲"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(("name", "password"), [("asker", "wrong"), ("nobody", PASSWORD), ("asker", PASSWORD + " ")])
def test_a_wrong_password_and_an_unknown_name_read_the_same(served, name, password):
    told = is_problem(served.test_client().post("/api/v1/token", json={"name": name, "password": password}), 401)
    assert told["errors"] == {"password": ["用户名或密码错误"]}


@pytest.mark.usefixtures("people")
def test_after_five_wrong_passwords_one_source_is_shut_out_and_no_other(served):
    def ask(source, password, name="asker"):
        return served.test_client().post(
            "/api/v1/token", json={"name": name, "password": password}, environ_base={"REMOTE_ADDR": source}
        )

    assert [ask("10.0.0.1", "wrong").status_code for _ in range(5)] == [401] * 5
    is_problem(ask("10.0.0.1", PASSWORD), 429)
    assert ask("10.0.0.2", PASSWORD).status_code == 200
    assert ask("10.0.0.1", PASSWORD, name="colleague").status_code == 200


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YXNrZXI6eA==", "Bearer " + "x" * 5000])
def test_no_token_no_answer(served, header):
    answer = served.test_client().get("/api/v1/me", headers={"Authorization": header} if header else {})
    is_problem(answer, 401)


def test_a_session_of_the_pages_is_no_token(served, people):
    del people
    client = served.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "asker"
    is_problem(client.get("/api/v1/me"), 401)


# A case from its opening to its end


def test_a_case_runs_to_its_end_over_the_api(house, call):
    asker, answerer = call(), call("answerer")
    (choice,) = asker.get("/processes").get_json()
    assert (choice["process"], choice["pool"], choice["partners"]) == ("ask_help", "ask_help_adm", ["pol"])
    made = asker.post("/cases", {"process": "ask_help", "name": "虚构案", "charge": "虚构罪", "number": "虚构-9"})
    assert made.status_code == 201
    case_id = made.get_json()["id"]
    listed = asker.get("/cases?q=虚构-9").get_json()
    assert (listed["total"], listed["cases"][0]["id"]) == (1, case_id)
    (task,) = asker.get("/tasks?scope=pool").get_json()
    assert (task["name"], task["case_number"]) == ("提出咨询", "虚构-9")
    assert task["due"].endswith("+08:00")
    whole = asker.get(f"/tasks/{task['id']}").get_json()
    assert {part["key"] for part in whole["form"]["components"]} == {"question", "amount"}
    assert whole["deadline"]["rule"] == "D01"
    assert asker.post(f"/tasks/{task['id']}/claim").get_json()["state"] == "open"
    assert asker.get("/tasks").get_json()[0]["id"] == task["id"]
    assert asker.post(f"/tasks/{task['id']}/give-back", {"reason": "误领"}).status_code == 204
    assert asker.put(f"/tasks/{task['id']}/draft", {"answers": {"question": "未完"}}).status_code == 204
    assert asker.get(f"/tasks/{task['id']}").get_json()["draft"] == {"question": "未完"}
    done = asker.post(f"/tasks/{task['id']}/complete", {"answers": {"question": "如何定性？", "amount": 3}})
    assert (done.status_code, done.get_json()["state"]) == (200, "done")
    assert [row["id"] for row in asker.get("/tasks?scope=done").get_json()] == [task["id"]]
    house.work_all()
    (package,) = answerer.get("/transfers").get_json()
    assert (package["message"], package["sender"]["key"], package["receiver"]["key"]) == ("Message_asked", "adm", "pol")
    (paper,) = package["documents"]
    assert answerer.get(f"/documents/{paper['id']}").get_json()["data"]["question"] == "如何定性？"
    read = answerer.get(f"/documents/{paper['id']}/pdf")
    assert (read.mimetype, read.data[:5]) == ("application/pdf", b"%PDF-")
    is_problem(answerer.post(f"/transfers/{package['id']}/sign"), 409)
    (task,) = answerer.get("/tasks?scope=all").get_json()
    assert answerer.get(f"/tasks/{task['id']}").get_json()["known"]["question"] == "如何定性？"
    assert answerer.post(f"/tasks/{task['id']}/complete", {"answers": {"answer": "yes"}}).status_code == 200
    assert answerer.get(f"/transfers/{package['id']}").get_json()["received_by"] == "丙"
    seen = asker.get(f"/cases/{case_id}").get_json()
    assert [row["end_element"] for row in seen["processes"]] == ["End_asked", "End_answered"]
    assert (seen["typed_twice"], seen["holders"]) == (0, [])
    again = asker.post(f"/cases/{case_id}/processes", {"process": "ask_help"})
    assert again.status_code == 201
    is_problem(asker.post(f"/cases/{case_id}/processes", {"process": "ask_help"}), 422)


def test_a_message_without_a_task_is_signed_for_by_itself(house, people, call, task_id):
    asker, answerer = call(), call("answerer")
    asker.post(f"/tasks/{task_id}/complete", {"answers": {"question": "？"}})
    house.work_all()
    (task,) = answerer.get("/tasks?scope=pool").get_json()
    answerer.post(f"/tasks/{task['id']}/complete", {"answers": {"answer": "yes"}})
    (package,) = asker.get("/transfers").get_json()
    is_problem(answerer.post(f"/transfers/{package['id']}/sign"), 409)
    assert asker.post(f"/transfers/{package['id']}/sign").status_code == 204
    told = is_problem(asker.post(f"/transfers/{package['id']}/sign"), 409)
    assert people["asker"].name in told["detail"]


# What is refused


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"answers": {"amount": NaN}}', 400),
        (b'{"answers": {"amount": Infinity}}', 400),
        (b'{"answers": {}, "answers": {}}', 400),
        (b'{"answers": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"answers": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", 400),
        (b"{", 400),
        (b"", 400),
        (b"\xff\xfe", 400),
        (rb'{"answers": {"question": "\ud800"}}', 400),
        (rb'{"answers": {"question": "\u0000"}}', 400),
        (rb'{"answers": {"\u0000": ["x"]}}', 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"answers": []}', 422),
        (b'{"answers": null}', 422),
        (b'{"answers": {}, "state": "done"}', 422),
    ],
)
def test_what_is_no_answer_is_refused(call, task_id, body, status):
    answer = call().raw("post", f"/tasks/{task_id}/complete", body)
    is_problem(answer, status)


def test_numbers_of_any_length_are_no_trap(call, task_id):
    answer = call().raw("post", f"/tasks/{task_id}/complete", b'{"answers": {"amount": ' + b"9" * 5000 + b"}}")
    assert answer.status_code in (400, 422)
    answer = call().raw("post", f"/tasks/{task_id}/complete", b'{"answers": {"question": "?", "amount": 1e999}}')
    assert answer.status_code in (400, 422)


def test_too_much_is_refused(call, task_id):
    body = json.dumps({"answers": {"question": "x" * (2 * 1024 * 1024)}}).encode()
    is_problem(call().raw("post", f"/tasks/{task_id}/complete", body), 413)


def test_what_is_not_json_is_refused(call, task_id):
    is_problem(call().raw("post", f"/tasks/{task_id}/complete", b'{"answers": {}}', content_type="text/plain"), 415)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"process": "ask_help"}, "name"),
        ({"process": "ask_help", "name": ""}, "name"),
        ({"process": "ask_help", "name": "x" * 201}, "name"),
        ({"process": "ask_help", "name": 5}, "name"),
        ({"process": "ask_help", "name": "虚构", "id": "x"}, "id"),
        ({"process": "ask_help", "name": "虚构", "opened_by": "x"}, "opened_by"),
        ({"process": "ask_help", "name": "虚构", "partners": []}, "partners"),
        ({"process": "ask_help", "name": "虚构", "partners": {"pol": 5}}, "partners.pol.value"),
        ({"process": "ask_help", "name": "虚构", "partners": {"pol": "nobody"}}, "partners.pol"),
        ({"process": "ask_help", "name": "  "}, "name"),
    ],
)
def test_each_wrong_field_is_named(call, body, field):
    told = is_problem(call().post("/cases", body), 422)
    assert list(told["errors"]) == [field]


def test_answers_that_do_not_fit_name_every_field(call, task_id):
    told = is_problem(call().post(f"/tasks/{task_id}/complete", {"answers": {"amount": -1}}), 422)
    assert set(told["errors"]) == {"question", "amount"}
    assert told["detail"] == "填写的内容有误"
    assert all(re.search("[一-鿿]", sentence) for sentences in told["errors"].values() for sentence in sentences)
    told = is_problem(call(language="en").post(f"/tasks/{task_id}/complete", {"answers": {"amount": -1}}), 422)
    assert told["detail"] == "Some answers are not valid"
    assert not any(re.search("[一-鿿]", sentence) for sentences in told["errors"].values() for sentence in sentences)


@pytest.mark.parametrize("key", ["typename", "__class__", "now", "case_id", "state", "question[0]", "ask_help_adm"])
def test_a_field_the_form_does_not_have_is_refused(call, task_id, key):
    answers = {"question": "？", key: "x"}
    assert list(is_problem(call().post(f"/tasks/{task_id}/complete", {"answers": answers}), 422)["errors"]) == [key]


@pytest.mark.parametrize("query", ["scope=everything", "scope=", "other=1"])
def test_a_query_nobody_knows_is_refused(call, query):
    is_problem(call().get(f"/tasks?{query}"), 422)


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "size=0", "size=201", "page=100001", "page=1e9"])
def test_a_page_that_cannot_be_is_refused(call, query):
    is_problem(call().get(f"/cases?{query}"), 422)


def test_a_task_done_twice_says_who_did_it(call, task_id):
    answers = {"answers": {"question": "？"}}
    assert call().post(f"/tasks/{task_id}/complete", answers).status_code == 200
    assert "甲" in is_problem(call("colleague").post(f"/tasks/{task_id}/complete", answers), 409)["detail"]


def test_of_two_who_claim_the_second_reads_who_was_first(call, task_id):
    assert call().post(f"/tasks/{task_id}/claim").status_code == 200
    assert call().post(f"/tasks/{task_id}/claim").status_code == 200
    assert "甲" in is_problem(call("colleague").post(f"/tasks/{task_id}/claim"), 409)["detail"]
    is_problem(call("colleague").post(f"/tasks/{task_id}/give-back", {}), 409)
    is_problem(call("colleague").put(f"/tasks/{task_id}/draft", {"answers": {}}), 409)


def test_a_colleague_without_the_role_may_look_and_not_act(call, task_id):
    assert call("head").get(f"/tasks/{task_id}").status_code == 200
    is_problem(call("head").post(f"/tasks/{task_id}/claim"), 403)
    is_problem(call("answerer").post("/cases", {"process": "ask_help", "name": "虚构"}), 403)
    is_problem(call().get("/incidents"), 403)


def test_a_process_that_is_not_published_is_not_found(call, case_id):
    is_problem(call().post("/cases", {"process": "nothing", "name": "虚构"}), 404)
    is_problem(call().post(f"/cases/{case_id}/processes", {"process": "nothing"}), 404)


def test_an_unknown_address_and_a_wrong_method_are_problems(call):
    is_problem(call().get("/nothing"), 404)
    is_problem(call().put("/me", {}), 405)


def test_incidents_are_told_to_heads(call):
    assert call("head").get("/incidents").get_json() == []


@pytest.mark.parametrize("path", ["/cases/%00", "/cases?q=%00", "/tasks/%00", "/documents/%00/pdf"])
def test_nobody_types_nul(call, path):
    is_problem(call().get(path), 400)


def test_a_proper_pair_of_surrogates_is_a_character(call, task_id):
    body = rb'{"answers": {"question": "\ud83d\ude00"}}'
    assert call().raw("post", f"/tasks/{task_id}/complete", body).status_code == 200


# Isolation


def ids_of(house, people, case_id):
    """Give one id of every kind that addresses carry, all of the asking agency's own."""
    with house.work() as work:
        view = case_view.see_case(work, people["asker"], case_id)
        (package,) = transfers.sent(work, people["asker"])
        paper = documents.see_document(work, people["asker"], view["documents"][0]["row"].id)
    return {"case_id": case_id, "document_id": paper.id, "transfer_id": package["row"].id}


BODIES = {
    "complete_task": {"answers": {"question": "？"}},
    "save_draft": {"answers": {}},
    "check_answers": {"answers": {}},
    "give_back_task": {},
    "start_process": {"process": "ask_help"},
}


def addressed(served):
    """Give every endpoint of the API whose address names something, with its method."""
    found = [
        (rule, method)
        for rule in served.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.arguments
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    assert len(found) >= 12
    return found


def test_whatever_is_another_agencys_reads_like_what_is_not_there(served, house, people, call, case_id, task_id):
    job_id = finish_documents(house, people["asker"], task_id)
    ids = {**ids_of(house, people, case_id), "task_id": task_id, "job_id": job_id}
    outside = call("other_head")
    refused = {}
    for rule, method in addressed(served):
        body = BODIES.get(rule.endpoint.removeprefix("api."))
        given = {name: ids[name] for name in rule.arguments}
        answers = []
        for values in (given, dict.fromkeys(given, "nothing")):
            address = rule.build(values)
            assert address is not None
            answer = outside.raw(method.lower(), address[1], json.dumps(body).encode() if body is not None else None)
            answers.append((answer.status_code, answer.get_data(as_text=True).replace(*_same(values))))
        if answers[0][0] != 404 or answers[0] != answers[1]:
            refused[rule.endpoint, method] = answers
    assert refused == {}


def _same(values):
    (value,) = values.values()
    return (value, "…")


def test_the_owner_is_not_refused_what_the_stranger_is(served, house, people, call, case_id, task_id):
    job_id = finish_documents(house, people["asker"], task_id)
    ids = {**ids_of(house, people, case_id), "task_id": task_id, "job_id": job_id}
    inside = call("head")
    seen = {
        rule.endpoint: inside.raw("get", rule.build({name: ids[name] for name in rule.arguments})[1], None).status_code
        for rule, method in addressed(served)
        if method == "GET"
    }
    assert set(seen.values()) == {200}


# Faults


def test_a_fault_of_ours_is_a_number_and_no_text(served, call, monkeypatch, caplog):
    def burst(*_, **__):
        raise RuntimeError("the secret of the house")

    caller = call()
    monkeypatch.setattr(cases, "find_cases", burst)
    told = is_problem(caller.get("/cases"), 500)
    assert "secret" not in str(told)
    number = re.search(r"[0-9a-f]{12}", told["detail"])
    assert number
    assert number.group() in caplog.text
    del served


# The description


def test_the_description_names_every_route_and_every_shape_it_uses(served):
    told = served.test_client().get("/api/v1/openapi.json").get_json()
    assert told["openapi"].startswith("3.")
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    described = {
        (re.sub(r"\{(\w+)\}", r"<\1>", path), method.upper())
        for path, operations in told["paths"].items()
        for method in operations
        if method in ("get", "post", "put", "delete", "patch")
    }
    served_routes = {
        (rule.rule, method)
        for rule in served.url_map.iter_rules()
        if rule.endpoint.startswith(("api.", "api_files.", "api_custody.", "api_handovers."))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served_routes
    schemas = told["components"]["schemas"]
    assert set(re.findall(r"#/components/schemas/(\w+)", json.dumps(told))) <= set(schemas)
    assert {"TaskWhole", "CaseWhole", "IncidentShown"} <= set(schemas)
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "post", "put"):
                assert any(status.startswith("2") for status in operation["responses"]), (path, method)


# Demonstrations


def test_the_clock_of_a_demonstration_is_set(served, call):
    client = served.test_client()
    assert client.put("/api/v1/demo/clock", json={"now": "2026-03-12T08:30:00+08:00"}).status_code == 200
    assert client.get("/api/v1/demo/clock").get_json() == {"now": "2026-03-12T08:30:00+08:00"}
    for wrong in ({"now": "2026-03-12T08:30:00"}, {"now": "soon"}, {}, {"now": 5}):
        is_problem(client.put("/api/v1/demo/clock", json=wrong), 422)
    assert call().get("/me").status_code == 200
