"""The pages: signing in and out, what every answer carries, a task from the pool to its receipt."""

import re
from urllib.parse import unquote

import pytest
from werkzeug.routing import Rule

from app.main import create_app
from app.services import case_view, cases, custody, custody_handovers, store_places, store_takes, transfers
from app.services.custody import Cause
from app.services.demo import PASSWORD
from app.storage import facts, uploads
from app.storage.database import new_id
from app.wiring import House, plain_renderer
from tests.builders import an_officer
from tests.houses import a_config
from tests.web.calling import finish_documents, opened, the_task

WRITING = [
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("POST", "/language"),
    ("POST", "/tasks/<task_id>/claim"),
    ("POST", "/tasks/<task_id>/give-back"),
    ("POST", "/tasks/<task_id>/confirm"),
    ("PUT", "/tasks/<task_id>/draft"),
    ("POST", "/tasks/<task_id>/complete"),
    ("POST", "/tasks/<task_id>/preflight"),
    ("POST", "/cases/<case_id>/follow"),
    ("POST", "/cases/<case_id>/items/<code>/acts/<action>"),
    ("POST", "/cases/<case_id>/items/<code>/acts/disposed"),
    ("POST", "/cases/<case_id>/items/<code>/split"),
    ("POST", "/cases/<case_id>/item-acts/<action>"),
    ("POST", "/cases/<case_id>/new-item"),
    ("POST", "/cases/<case_id>/item-import"),
    ("POST", "/cases/<case_id>/handovers"),
    ("POST", "/handovers/<handover_id>/lines/<code>"),
    ("POST", "/handovers/<handover_id>/lines/<code>/explain"),
    ("POST", "/handovers/<handover_id>/lines/<code>/compare"),
    ("POST", "/handovers/<handover_id>/lines/<code>/photos"),
    ("POST", "/cases/<case_id>/items/<code>/files"),
    ("POST", "/cases/<case_id>/items/<code>/files/<link_id>/withdraw"),
    ("POST", "/handovers/<handover_id>/finish"),
    ("POST", "/handovers/<handover_id>/sign"),
    ("POST", "/handovers/<handover_id>/cancel"),
    ("POST", "/store/move"),
    ("POST", "/store/places"),
    ("POST", "/store/places/<place_id>"),
    ("POST", "/store/places/<place_id>/close"),
    ("POST", "/store/places/<place_id>/open"),
    ("POST", "/store/lend"),
    ("POST", "/store/return"),
    ("POST", "/store/takes"),
    ("POST", "/store/takes/<take_id>/scan"),
    ("POST", "/store/takes/<take_id>/lines/<item_id>"),
    ("POST", "/store/takes/<take_id>/lines/<item_id>/undo"),
    ("POST", "/store/takes/<take_id>/lines/<item_id>/explain"),
    ("POST", "/store/takes/<take_id>/close"),
    ("POST", "/store/takes/<take_id>/sign"),
    ("POST", "/store/takes/<take_id>/give-up"),
    ("POST", "/store/labels.pdf"),
    ("POST", "/start/<process>"),
    ("POST", "/transfers/<transfer_id>/sign"),
    ("POST", "/supervise/incidents/<job_id>/retry"),
    ("POST", "/uploads"),
    ("POST", "/cases/<case_id>/files"),
    ("PATCH", "/uploads/<upload_id>"),
    ("DELETE", "/uploads/<upload_id>"),
    ("POST", "/uploads/<upload_id>"),
]


PARTS_OF_PAGES = {
    "files.listing",
    "files.content",
    "files.picture",
    "item_files.listing",
    "item_files.export",
}  # tests/files asks for them
OTHERS = {"static", "sign_in", "custody_report"}  # the last: tests/custody asks for it


class Reader:
    """An officer's browser: keeps its cookies, sends the token of the page it is on."""

    def __init__(self, app):
        self.client = app.test_client()
        self._token = ""

    def open(self, address, **options):
        answer = self.client.get(address, **options)
        page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        self._token = found.group(1) if found else self._token
        return answer

    def send(self, address, **fields):
        return self.client.post(address, data={"csrf_token": self._token, **fields})

    def script(self, method, address, body=None, **headers):
        given = {} if body is None else {"json": body}
        return self.client.open(address, method=method, headers={"X-CSRFToken": self._token, **headers}, **given)

    def sign_in(self, name, *, password=PASSWORD, **fields):
        self.open("/sign-in")
        answer = self.send("/sign-in", name=name, password=password, **fields)
        if answer.status_code == 302:
            self.open("/tasks")
        return answer


@pytest.fixture
def reader(served, people):
    """Give a browser in which one of the people has signed in."""
    del people

    def signed_in(name="asker"):
        reader = Reader(served)
        assert reader.sign_in(name).status_code == 302
        return reader

    return signed_in


@pytest.fixture
def case_id(house, people):
    return opened(house, people["asker"], name="虚构的<script>alert(1)</script>案")


@pytest.fixture
def task_id(house, case_id):
    return the_task(house, case_id)


FOR_CUSTODIANS = ("/store/move", "/store/lend", "/store/return", "/store/places/")


# Signing in and out


@pytest.mark.usefixtures("people")
def test_signing_in_leads_to_the_tasks_and_signing_out_ends_it(served):
    reader = Reader(served)
    assert reader.client.get("/tasks").headers["Location"].startswith("/sign-in")
    assert reader.sign_in("asker").headers["Location"] == "/tasks"
    assert "甲" in reader.open("/tasks").get_data(as_text=True)
    assert reader.client.get("/sign-in").headers["Location"] == "/tasks"
    out = reader.send("/sign-out")
    assert out.headers["Clear-Site-Data"] == '"cache"'
    assert reader.client.get("/tasks").status_code == 302


@pytest.mark.usefixtures("people")
def test_a_wrong_password_is_told_on_the_page(served):
    reader = Reader(served)
    answer = reader.sign_in("asker", password="wrong")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "用户名或密码错误" in text
    assert 'value="asker"' in text
    assert "wrong" not in text
    assert reader.client.get("/tasks").status_code == 302


@pytest.mark.usefixtures("people")
def test_after_five_wrong_passwords_the_page_says_wait(served):
    reader = Reader(served)
    assert [reader.sign_in("asker", password="wrong").status_code for _ in range(5)] == [401] * 5
    answer = reader.sign_in("asker")
    assert answer.status_code == 429
    assert "15分钟" in answer.get_data(as_text=True)


@pytest.mark.usefixtures("people")
def test_what_was_in_the_session_before_signing_in_does_not_sign_anybody_in(served):
    reader = Reader(served)
    reader.open("/sign-in")
    before = reader.client.get_cookie("session").value
    reader.sign_in("asker")
    after = reader.client.get_cookie("session")
    assert after.value != before
    assert after.http_only
    assert after.same_site == "Lax"
    planted = served.test_client()
    planted.set_cookie("session", before)
    assert planted.get("/tasks").status_code == 302


@pytest.mark.parametrize(("method", "address"), WRITING)
def test_nothing_is_done_without_the_token_of_a_page(reader, method, address):
    client = reader().client
    assert client.open(re.sub("<[^>]+>", "x", address), method=method, data={"name": "asker"}).status_code == 400


def test_every_address_that_writes_is_among_those(served):
    writing = {
        (method, rule.rule)
        for rule in served.url_map.iter_rules()
        for method in (rule.methods or set()) & {"POST", "PUT", "DELETE", "PATCH"}
        if not rule.endpoint.startswith("api")
    }
    assert writing == set(WRITING)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "elsewhere", ["https://x.example/", "//x.example", "/\\x.example", "javascript:alert(1)", "\\\\x", "/\t/x.example"]
)
def test_nobody_is_led_to_another_site(served, elsewhere):
    assert Reader(served).sign_in("asker", next=elsewhere).headers["Location"] == "/tasks"


@pytest.mark.usefixtures("people")
def test_the_page_that_was_asked_for_is_opened_after_signing_in(served):
    reader = Reader(served)
    asked = reader.client.get("/cases?q=虚构").headers["Location"]
    assert unquote(unquote(asked)).endswith("next=/cases?q=虚构")
    assert Reader(served).sign_in("asker", next="/cases?q=1").headers["Location"] == "/cases?q=1"


def test_without_a_demonstration_no_account_is_shown_and_no_clock_moved(tmp_path, house, people):
    del people
    real = House(a_config(tmp_path, demo=False), renderer=plain_renderer())
    client = create_app(real).test_client()
    text = client.get("/sign-in").get_data(as_text=True)
    assert PASSWORD not in text
    assert "asker" not in text
    assert "演示" not in text
    assert client.get("/api/v1/demo/clock").status_code == 404
    assert client.put("/api/v1/demo/clock", json={"now": "2026-03-12T08:30:00+08:00"}).status_code == 404
    real.close()
    assert PASSWORD in create_app(house).test_client().get("/sign-in").get_data(as_text=True)


# Every page


@pytest.fixture
def addresses(served, house, people, case_id, task_id):
    """Give the address of every page, of a case whose letter has gone out."""
    finish_documents(house, people["asker"], task_id)
    handover_id = listed(house, people, case_id)
    with house.work() as work:
        view = case_view.see_case(work, people["asker"], case_id)
        known = {
            "case_id": case_id,
            "task_id": task_id,
            "document_id": view["documents"][0]["row"].id,
            "transfer_id": transfers.sent(work, people["asker"])[0]["row"].id,
            "process_id": view["processes"][0]["row"].id,
            "key": view["processes"][0]["row"].bundle_hash,
            "process": "ask_help",
            "file_id": a_file(work, people["asker"], case_id),
            "code": "E-01",
            "action": "viewed",
            "handover_id": handover_id,
            **a_store(work, people["asker"].agency_id),
        }
    rules = [rule for rule in served.url_map.iter_rules() if "GET" in (rule.methods or ())]
    more = [
        "/tasks?tab=pool",
        "/tasks?tab=done",
        "/tasks?tab=followed",
        "/cases?q=虚构",
        f"/start/ask_help?case={case_id}",
    ]
    return (
        more
        + [
            built(rule, known)
            for rule in rules
            if rule.endpoint.partition(".")[0] not in OTHERS
            and not rule.rule.startswith("/api/")
            and rule.endpoint not in PARTS_OF_PAGES
        ]
        + [
            "/tasks?tab=pool",
            "/tasks?tab=done",
            "/tasks?tab=followed",
            "/cases?q=虚构",
            f"/start/ask_help?case={case_id}",
        ]
    )


def a_store(work, agency_id):
    """Make a place of the store and begin a stock-take; give their ids."""
    keeper = an_officer(work.connection, role="adm_custodian", agency_id=agency_id)
    place_id = store_places.make_place(work, keeper, code="A", name="<script>alert(1)<")
    return {"place_id": place_id, "take_id": store_takes.open_take(work, keeper)}


def a_file(work, officer, case_id):
    file_id = new_id()
    uploads.add_file(
        work.connection,
        id=file_id,
        case_id=case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        title="<script>alert(1)</script>",
        name="a.txt",
        original_name="a.txt",
        sha256=work.files.put(b"<script>alert(1)</script>"),
        size=25,
        declared_type="text/plain",
        found_type="text/plain",
        uploaded_at=work.now,
    )
    return file_id


def listed(house, people, case_id):
    """Seize an item with a hostile name and list it for the other agency; give the id of the hand-over."""
    item = {"code": "E-01", "name": "<script>alert(1)</script>", "category": "物证", "qty": 640, "unit": "盒"}
    asker = people["asker"]
    cause = Cause(why="虚构", document="虚扣1号", beside=[people["colleague"].id])
    with house.work() as work:
        facts.put_rows(work.connection, "items", case_id=case_id, agency_id=asker.agency_id, rows=[item])
        custody.seize(work, asker, case_id, "E-01", cause, place="库房")
        return custody_handovers.open_handover(
            work,
            asker,
            case_id,
            to_agency=people["answerer"].agency_id,
            number="虚交1号",
            place="库房",
            items={"E-01": None},
        )


def built(rule: Rule, known):
    address = rule.build({name: known[name] for name in rule.arguments})
    assert address is not None
    return address[1]


@pytest.mark.parametrize("who", ["asker", "head"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_there_in_both_languages(reader, addresses, who, language):
    browser = reader(who)
    browser.client.set_cookie("language", language)
    wrong = {}
    for address in addresses:
        answer = browser.open(address)
        allowed = {200, 302}
        if who == "asker" and address == "/supervise":
            allowed = {403}
        if address.startswith(FOR_CUSTODIANS):
            allowed = {403}
        if address.endswith(("/report.pdf", "/result.json")):
            allowed = {409}  # nobody has signed yet
        if address.endswith("/scan"):
            allowed = {422}  # nothing was scanned
        if who == "head" and address.startswith("/start/"):
            allowed = {404}
        if who == "head" and any(part in address for part in ("/acts/", "/item-acts/", "/split")):
            allowed = {403}
        if answer.status_code not in allowed:
            wrong[address] = answer.status_code
        elif answer.mimetype == "text/html" and answer.status_code == 200:
            text = answer.get_data(as_text=True)
            assert f'lang="{"en" if language == "en" else "zh-CN"}"' in text
            assert "<script>alert" not in text
    assert wrong == {}


def test_every_answer_carries_the_headers_that_keep_it_safe(reader, addresses):
    browser = reader()
    client = browser.client
    for address in [*addresses, "/nothing", "/sign-in", "/api/v1/me", "/api/v1/openapi.json"]:
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "'unsafe-inline'" not in policy.partition("style-src-attr")[0]
        assert headers["X-Content-Type-Options"] == "nosniff"
        cached = address.startswith("/diagrams/")
        assert headers["Cache-Control"] == ("private, max-age=86400" if cached else "no-store"), address


def test_nobody_from_outside_sees_any_page_of_the_case(reader, addresses, case_id, task_id):
    del case_id, task_id
    browser = reader("other_head")
    own = ("/cases/", "/tasks/", "/documents/", "/files/", "/transfers/", "/handovers/", "/start/ask_help?case=")
    own += ("/store/takes/",)
    seen = {address: browser.open(address).status_code for address in addresses if address.startswith(own)}
    assert len(seen) >= 8
    assert set(seen.values()) == {404}, seen


def test_a_page_that_is_not_there_says_so_in_the_readers_language(reader):
    browser = reader()
    assert "没有这个案件" in browser.open("/cases/nothing").get_data(as_text=True)
    answer = browser.open("/nothing")
    assert answer.status_code == 404
    assert "没有找到" in answer.get_data(as_text=True)
    browser.client.set_cookie("language", "en")
    answer = browser.open("/nothing")
    assert answer.status_code == 404
    assert "Not found" in answer.get_data(as_text=True)
    assert "没有找到" not in answer.get_data(as_text=True)


def test_a_fault_of_ours_is_a_number_on_a_page(reader, monkeypatch):
    browser = reader()

    def burst(*_, **__):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(cases, "find_cases", burst)
    answer = browser.open("/cases")
    assert answer.status_code == 500
    assert answer.mimetype == "text/html"
    assert "secret" not in answer.get_data(as_text=True)
    assert re.search("[0-9a-f]{12}", answer.get_data(as_text=True))


def test_what_was_typed_is_shown_and_never_run(reader, case_id):
    browser = reader()
    for address in (f"/cases/{case_id}", "/cases", "/tasks?tab=pool"):
        text = browser.open(address).get_data(as_text=True)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text


def test_the_language_is_kept_for_the_officer(served, reader):
    reader().send("/language", language="en", next="/cases")
    again = Reader(served)
    again.sign_in("asker")
    assert "Find cases" in again.open("/cases").get_data(as_text=True)


# A task


def test_the_row_of_a_claimed_task_comes_back_and_names_who_was_first(reader, task_id):
    first, second = reader(), reader("colleague")
    answer = first.script("POST", f"/tasks/{task_id}/claim", **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert f'id="task-{task_id}"' in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)
    answer = second.script("POST", f"/tasks/{task_id}/claim", **{"HX-Request": "true"})
    assert answer.status_code == 409
    assert re.search('class="lost-note"[^>]*>已被甲于', answer.get_data(as_text=True))
    answer = second.send(f"/tasks/{task_id}/claim")
    assert answer.headers["Location"] == f"/tasks/{task_id}"
    assert "已被甲于" in second.open(f"/tasks/{task_id}").get_data(as_text=True)


def test_a_task_is_drafted_done_and_receipted(house, reader, task_id):
    browser = reader()
    browser.send(f"/tasks/{task_id}/claim")
    saved = browser.script("PUT", f"/tasks/{task_id}/draft", {"answers": {"question": "未完"}})
    assert "saved_at" in saved.get_json()
    assert "未完" in browser.open(f"/tasks/{task_id}").get_data(as_text=True)
    wrong = browser.script("POST", f"/tasks/{task_id}/complete", {"answers": {"amount": -1}})
    assert wrong.status_code == 422
    assert set(wrong.get_json()["errors"]) == {"question", "amount"}
    answer = browser.script("POST", f"/tasks/{task_id}/complete", {"answers": {"question": "？"}})
    assert answer.get_json() == {"next": f"/tasks/{task_id}/done"}
    house.work_all()
    receipt = browser.open(f"/tasks/{task_id}/done").get_data(as_text=True)
    assert "咨询函" in receipt
    assert "已送交虚构公安局" in receipt
    twice = browser.script("POST", f"/tasks/{task_id}/complete", {"answers": {"question": "？"}})
    assert twice.status_code == 409


@pytest.mark.parametrize("body", [None, [], {}, {"answers": 5}, {"answers": []}])
def test_what_is_no_answer_is_refused(reader, task_id, body):
    answer = reader().script("POST", f"/tasks/{task_id}/complete", body)
    assert answer.status_code in (400, 415)


def test_a_legal_act_is_checked_before_it_is_done(house, people, reader, case_id, task_id):
    finish_documents(house, people["asker"], task_id)
    act = the_task(house, case_id)
    browser = reader("answerer")
    assert "本次签收的移送包" in browser.open(f"/tasks/{act}").get_data(as_text=True)
    browser.send(f"/tasks/{act}/claim")
    wrong = browser.script("POST", f"/tasks/{act}/complete", {"answers": {}})
    assert wrong.status_code == 422
    answer = browser.script("POST", f"/tasks/{act}/complete", {"answers": {"answer": "yes"}})
    assert answer.get_json() == {"next": f"/tasks/{act}/check"}
    page = browser.open(f"/tasks/{act}/check").get_data(as_text=True)
    assert "同意" in page
    assert "签收" in page
    with house.work() as work:
        assert transfers.sent(work, people["asker"])[0]["row"].received_at is None
    answer = browser.send(f"/tasks/{act}/confirm")
    assert answer.headers["Location"] == f"/tasks/{act}/done"
    with house.work() as work:
        assert transfers.sent(work, people["asker"])[0]["received_by"] == "丙"
    assert browser.send(f"/tasks/{act}/confirm").headers["Location"] == f"/tasks/{act}"
    assert browser.open(f"/tasks/{act}/check").headers["Location"] == f"/tasks/{act}"


def test_a_checked_answer_that_no_longer_fits_is_told_on_the_page(house, people, reader, case_id, task_id):
    finish_documents(house, people["asker"], task_id)
    act = the_task(house, case_id)
    browser = reader("answerer")
    browser.open(f"/tasks/{act}")
    browser.script("PUT", f"/tasks/{act}/draft", {"answers": {"answer": "never"}})
    answer = browser.send(f"/tasks/{act}/confirm")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert the_task(house, case_id) == act


def test_a_task_is_given_back(reader, task_id):
    browser = reader()
    browser.send(f"/tasks/{task_id}/claim")
    assert browser.send(f"/tasks/{task_id}/give-back", reason="休假").headers["Location"] == "/tasks"
    assert "已退回部门待领" in browser.open("/tasks").get_data(as_text=True)
    assert browser.send(f"/tasks/{task_id}/give-back", reason="再退").status_code == 409


# Cases and papers


def test_a_case_is_opened_from_a_page_and_what_is_wrong_is_told_there(reader):
    browser = reader()
    browser.open("/start/ask_help")
    answer = browser.send("/start/ask_help", name="  ", charge="虚构罪")
    assert answer.status_code == 422
    assert "请填写案件名称" in answer.get_data(as_text=True)
    assert "虚构罪" in answer.get_data(as_text=True)
    answer = browser.send("/start/ask_help", name="虚构案", number="虚构-3", agency_pol="pol")
    assert re.fullmatch("/cases/[0-9a-f-]{36}", answer.headers["Location"])
    assert browser.client.get("/cases?q=虚构-3").headers["Location"] == answer.headers["Location"]
    answer = browser.send("/start/ask_help", name="虚构案", number="虚构-3")
    assert answer.status_code == 422
    assert "虚构-3 已被使用" in answer.get_data(as_text=True)


def test_a_case_is_followed_from_its_page(reader, case_id):
    browser = reader()
    browser.send(f"/cases/{case_id}/follow", on="1")
    assert case_id in browser.open("/tasks?tab=followed").get_data(as_text=True)
    browser.send(f"/cases/{case_id}/follow", on="")
    assert case_id not in browser.open("/tasks?tab=followed").get_data(as_text=True)


@pytest.mark.parametrize("address", ["/tasks?tab=all", "/cases?page=0", "/cases?page=-1", "/supervise?days=8"])
def test_an_address_that_cannot_be_is_refused(reader, address):
    assert reader("head").open(address).status_code == 400


def test_a_paper_is_a_pdf_under_its_chinese_name(house, people, reader, case_id, task_id):
    finish_documents(house, people["asker"], task_id)
    with house.work() as work:
        (paper,) = case_view.see_case(work, people["asker"], case_id)["documents"]
    address = f"/documents/{paper['row'].id}/file"
    answer = reader().open(address)
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    how, _, names = answer.headers["Content-Disposition"].partition(";")
    assert how == "inline"
    assert f"filename*=UTF-8''{'咨询函_' + paper['row'].number}.pdf" in unquote(names)
    assert reader().open(f"{address}?download=1").headers["Content-Disposition"].startswith("attachment;")
    with house.work() as work:
        read = [
            row
            for row in case_view.see_case(work, people["asker"], case_id)["history"]
            if row["action"] == "read_document"
        ]
        assert len(read) == 2


def test_a_package_without_a_task_is_signed_for_on_its_page(house, people, reader, case_id, task_id):
    finish_documents(house, people["asker"], task_id)
    act = the_task(house, case_id)
    other = reader("answerer")
    other.open(f"/tasks/{act}")
    other.script("PUT", f"/tasks/{act}/draft", {"answers": {"answer": "yes"}})
    other.send(f"/tasks/{act}/confirm")
    with house.work() as work:
        (package,) = transfers.arriving(work, people["asker"])
    browser = reader()
    assert browser.send(f"/transfers/{package['row'].id}/sign").status_code == 302
    assert "已签收" in browser.open(f"/transfers/{package['row'].id}").get_data(as_text=True)
    assert browser.send(f"/transfers/{package['row'].id}/sign").status_code == 409


def test_the_state_of_a_diagram_is_told(served, reader, house, people, case_id):
    with house.work() as work:
        (process,) = case_view.see_processes(work, people["asker"], case_id)
    (rule,) = served.url_map.iter_rules("cases.state")
    known = {"case_id": case_id, "process_id": process["row"].id, "key": process["row"].bundle_hash}
    told = reader().open(built(rule, known)).get_json()
    assert [entry["id"] for entry in told["active"]] == ["Task_ask"]
    assert "Flow_ask" in told["done"]
    unknown = dict.fromkeys(known, "nothing") | {"case_id": case_id}
    assert reader().open(built(rule, unknown)).status_code == 404
    assert reader("stranger").open(built(rule, known)).status_code == 404
