"""Of whom: the pages and the API of a case of several persons, and what they cost."""

import re
from collections import Counter
from contextlib import contextmanager
from datetime import datetime

import pytest
from lxml import html
from sqlalchemy import event

from app.main import create_app
from app.services.demo import PASSWORD
from app.storage import officers
from app.web import sign_in
from app.web.api import views
from tests.services.asking import a_house, put_people
from tests.services.naming import HELD, answer, hold, name_persons, naming_files, task_of
from tests.web.calling import Caller, token_for
from tests.web.test_pages import Reader


@pytest.fixture
def house(tmp_path, databases):
    built = a_house(tmp_path, databases.migrated("sqlite"), files=naming_files(HELD))
    built.move_clock(at("2026-03-02T10:00"))
    yield built
    built.close()


@pytest.fixture
def people(house):
    known = put_people(house, password=PASSWORD)
    with house.work() as work:
        row = officers.officer_by(work.connection, username="answerer")
        officers.set_officer(work.connection, row.id, roles=["pol_intake", "pol_head"])
    return known


@pytest.fixture
def served(house):
    for module in (sign_in, views):
        module._brake._wrong.clear()
    return create_app(house)


@pytest.fixture
def case_id(house, people):
    return name_persons(house, people["asker"], ["S1", "S2"])


@pytest.fixture
def reader(served, people):
    del people

    def signed_in(name="answerer"):
        reader = Reader(served)
        assert reader.sign_in(name).status_code == 302
        return reader

    return signed_in


@pytest.fixture
def call(served, people):
    del people
    return lambda who="answerer": Caller(served, token_for(served, who))


def at(text):
    return datetime.fromisoformat(f"{text}+08:00")


def page(reader, address):
    answer_ = reader.open(address)
    assert answer_.status_code == 200, answer_.get_data(as_text=True)
    return html.fromstring(answer_.get_data(as_text=True))


def of_class(found, *names):
    """Find what bears the last of these classes within what bears the ones before."""
    path = "".join(f"//*[contains(concat(' ', @class, ' '), ' {name} ')]" for name in names)
    return found.xpath(f".{path}")


def chips(found):
    return [chip.text_content().strip() for chip in of_class(found, "whom")]


def choices(found):
    return found.xpath("//select[@data-states]/option")


@contextmanager
def counting(house):
    """Count the statements that reach the database."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(house.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(house.engine, "before_cursor_execute", note)


def test_task_lists_say_whose_task_it_is_and_find_it_by_name(reader, case_id):
    del case_id
    seat = reader()
    assert chips(page(seat, "/tasks?tab=pool")) == ["虚构S1", "虚构S2"]
    assert chips(page(seat, "/tasks?tab=pool&q=构S2")) == ["虚构S2"]
    assert chips(page(seat, "/tasks?tab=pool&q=nobody")) == []


def test_the_done_list_says_it_too_and_finds_by_name(house, people, reader, case_id):
    answer(house, people["answerer"], case_id, "S1", {"decision": "起诉"})
    answer(house, people["answerer"], case_id, "S2", {"decision": "不起诉"})
    house.work_all()
    seat = reader()
    assert sorted(chips(page(seat, "/tasks?tab=done"))) == ["虚构S1", "虚构S2"]
    assert chips(page(seat, "/tasks?tab=done&q=虚构S1")) == ["虚构S1"]


def test_a_task_says_whose_it_is(house, people, reader, case_id):
    task_id = task_of(house, people["answerer"], case_id, "S1")
    assert chips(of_class(page(reader(), f"/tasks/{task_id}"), "page-h")[0]) == ["虚构S1"]


def test_a_case_is_found_by_the_name_of_a_party_by_whom_it_was_named_to(reader, case_id):
    for who, found in (("answerer", 1), ("asker", 1), ("stranger", 0)):
        links = page(reader(who), "/cases?q=虚构S2").xpath(f"//a[@href='/cases/{case_id}']")
        assert len(links) == found


def test_the_case_tells_every_person_in_stages_limits_documents_and_diagram(house, people, reader, case_id):
    answer(house, people["answerer"], case_id, "S1", {"decision": "起诉"})
    house.work_all()
    found = page(reader(), f"/cases/{case_id}")
    (stage,) = found.xpath("//ol[starts-with(@class, 'chain')]/li")
    assert chips(stage) == ["虚构S1", "虚构S2"]
    assert sorted(chips(of_class(found, "deadlines")[0])) == ["虚构S2"]
    offered = [option.text_content() for option in choices(found)]
    assert offered == ["虚构S1 · 在办", "虚构S2 · 在办"]
    assert [chips(row) for row in found.xpath("//table[.//a[starts-with(@href, '/documents/')]]/tbody/tr")] == [
        [],
        ["虚构S1"],
    ]


def test_the_diagram_shows_one_person_at_a_time(house, people, reader, case_id):
    answer(house, people["answerer"], case_id, "S1", {"decision": "起诉"})
    house.work_all()
    seat = reader()
    addresses = [option.get("value") for option in choices(page(seat, f"/cases/{case_id}"))]
    states = [seat.open(address).get_json() for address in addresses]
    assert [[entry["id"] for entry in state["active"]] for state in states] == [["Task_tell"], ["Task_decide"]]
    assert all("Task_name" in state["done"] for state in states)
    assert seat.open(f"{addresses[0]}9").status_code == 404


def test_who_is_held_is_drawn_with_every_basis_and_gap_and_without_inline_style(house, reader, case_id):
    hold(house, case_id, "S1", "D29", "2026-03-08T09:00")
    house.move_clock(at("2026-03-10T10:00"))
    text = reader().open(f"/cases/{case_id}").get_data(as_text=True)
    assert "style=" not in text
    found = html.fromstring(text)
    first, second = of_class(found, "held")
    assert "held-near" in first.get("class")
    assert "held-expired" in second.get("class")
    listed = [" ".join(entry.text_content().split()) for entry in of_class(first, "held-bases")[0]]
    assert len(listed) == 3
    assert "2026-03-02 10:00 – 2026-03-05 23:59" in listed[0]
    assert "D27" in listed[0]
    assert "刑事诉讼法第91条" in listed[0]
    assert listed[1].startswith("无羁押依据")
    assert "2026-03-05 23:59 – 2026-03-08 09:00" in listed[1]
    widths = [float(rect.get("width").rstrip("%")) for rect in first.xpath(".//rect[@class!='hp-ahead']")]
    assert sum(widths) == pytest.approx(100, abs=0.1)


def test_the_alarm_stands_on_the_case_and_on_my_tasks_of_who_holds(house, reader, case_id):
    house.move_clock(at("2026-03-06T10:00"))
    for address in (f"/cases/{case_id}", "/tasks", "/tasks?tab=done"):
        (alarm,) = of_class(page(reader(), address), "held-alarm")
        assert chips(alarm) == ["虚构S1", "虚构S2"]
        assert of_class(page(reader("asker"), address), "held-alarm") == []


def test_heads_see_whose_basis_ends_within_seven_days(house, reader, case_id):
    hold(house, case_id, "S1", "D37", "2026-03-02T11:00")
    found = of_class(page(reader(), "/supervise"), "held")
    assert [chips(one) for one in found] == [["虚构S2"]]


@pytest.mark.parametrize(("rule", "points"), [("D27", None), ("D10", "O1")])
def test_what_is_unconfirmed_says_so_on_the_case_and_the_line(house, reader, case_id, rule, points):
    hold(house, case_id, "S1", rule, "2026-03-06T09:00")
    found = page(reader(), f"/cases/{case_id}")
    for place in (("held", "unsure"), ("deadlines", "head", "unsure")):
        said = {chip.text_content() for chip in of_class(found, *place)}
        assert said == ({f"待核实 {points}"} if points else set()), place


def test_the_api_says_of_whom(house, people, call, case_id):
    client = call()
    listed = client.get("/tasks?scope=pool").get_json()
    assert [(row["subject"], row["subject_name"]) for row in listed] == [("S1", "虚构S1"), ("S2", "虚构S2")]
    whole = client.get(f"/tasks/{listed[0]['id']}").get_json()
    assert whole["task"]["subject_name"] == whole["deadline"]["subject_name"] == "虚构S1"
    answer(house, people["answerer"], case_id, "S1", {"decision": "起诉"})
    house.work_all()
    case = client.get(f"/cases/{case_id}").get_json()
    assert {row["subject_name"] for row in case["deadlines"]} == {"虚构S1", "虚构S2"}
    assert {row["subject_name"] for row in case["holders"]} == {"虚构S1", "虚构S2"}
    assert [row["subject_name"] for row in case["documents"]] == ["", "虚构S1"]
    assert [row["name"] for row in case["stages"][0]["persons"]] == ["虚构S1", "虚构S2"]
    assert [row["subject_name"] for row in case["processes"]] == ["", "虚构S1", "虚构S2"]


def test_the_api_gives_the_lines_of_a_case(house, call, case_id):
    hold(house, case_id, "S1", "D29", "2026-03-08T09:00")
    house.move_clock(at("2026-03-10T10:00"))
    first, second = call("asker").get(f"/cases/{case_id}/detention").get_json()
    assert (first["person"], first["name"], first["state"], first["days"]) == ("S1", "虚构S1", "near", 9)
    assert [basis["rule"] for basis in first["bases"]] == ["D27", "D29"]
    assert first["bases"][0]["article"]
    assert first["gaps"] == [{"start": "2026-03-05T23:59:59+08:00", "end": "2026-03-08T09:00:00+08:00"}]
    assert (second["person"], second["state"]) == ("S2", "expired")
    assert call("stranger").get(f"/cases/{case_id}/detention").status_code == 404


@pytest.mark.parametrize(
    "address", ["/cases/{}", "/tasks?tab=pool", "/tasks?tab=done", "/supervise", "/api/v1/cases/{}"]
)
def test_more_persons_cost_no_more_statements(house, people, reader, call, address):
    counts = []
    for codes in (["S1"], ["S1", "S2", "S3"]):
        case_id = name_persons(house, people["asker"], codes)
        for code in codes:
            hold(house, case_id, code, "D29", "2026-03-05T09:00")
            answer(house, people["answerer"], case_id, code, {"decision": "起诉"})
        house.work_all()
        house.move_clock(at("2026-03-20T10:00"))
        seat = call() if address.startswith("/api") else reader()
        get = seat.get if address.startswith("/api") else seat.open
        assert get(address.format(case_id)).status_code == 200
        with counting(house) as seen:
            get(address.format(case_id))
        counts.append(Counter(re.sub(r"\(\?(, \?)*\)", "(?)", statement) for statement in seen))
    few, many = counts
    assert many - few == Counter()
