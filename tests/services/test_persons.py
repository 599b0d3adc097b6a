"""One case, several persons: an instance for each, with its own answers, clocks and documents."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.domain.access import Officer
from app.services import cases, tasks
from app.storage import deadlines, documents, processes
from app.storage import tasks as task_rows
from app.wiring import House
from tests.services.asking import a_form, a_house, put_people, the_files

DIAGRAM = (Path(__file__).parent / "name_persons.bpmn").read_bytes()
NAME = [
    {
        "type": "dynamiclist",
        "id": "List_parties",
        "path": "parties",
        "label": "人员",
        "components": [
            {"type": "textfield", "id": "Field_code", "key": "code", "label": "编号"},
            {"type": "textfield", "id": "Field_name", "key": "name", "label": "姓名"},
        ],
    },
    {
        "type": "checklist",
        "id": "Field_persons",
        "key": "persons",
        "label": "移送的人员",
        "values": [{"label": code, "value": code} for code in ("S1", "S2", "S3")],
    },
]
DECIDE = [
    {"type": "textfield", "id": "Field_person_name", "key": "person_name", "label": "姓名", "readonly": True},
    {"type": "textfield", "id": "Field_decision", "key": "decision", "label": "决定"},
]
LIST = "---\ntitle: 名单\nissuer: adm\nlayout: letter\nuses: [parties]\n---\n<p>{{ parties | length }}</p>\n"
DECISION = (
    '---\ntitle: 决定书\nissuer: pol\nlayout: letter\nnumber: "{short}决〔{year}〕{serial}号"\nfields:\n'
    "  - {key: person_name, label: 姓名, type: text, required: true}\n"
    "  - {key: decision, label: 决定, type: text, required: true}\n---\n<p>{{ person_name }} {{ decision }}</p>\n"
)


@pytest.fixture
def house(tmp_path: Path, migrated_url: str) -> Iterator[House]:
    files = the_files(name_persons=DIAGRAM) | {
        "forms/name_persons/name.form": a_form(NAME),
        "forms/name_persons/decide.form": a_form(DECIDE),
        "documents/name_persons/persons_list.html": LIST.encode(),
        "documents/name_persons/person_decision.html": DECISION.encode(),
    }
    built = a_house(tmp_path, migrated_url, files=files)
    yield built
    built.close()


@pytest.fixture
def people(house: House) -> dict[str, Officer]:
    return put_people(house)


@pytest.fixture
def case_id(house: House, people: dict[str, Officer]) -> str:
    with house.work() as work:
        new = cases.open_case(work, people["asker"], process="name_persons", name="虚构案", charge="")
    answer(
        house,
        people["asker"],
        new,
        "",
        {
            "parties": [{"code": code, "name": f"虚构{code}"} for code in ("S1", "S2", "S3")],
            "persons": ["S1", "S2"],
        },
    )
    house.work_all()
    return new


def answer(house: House, officer: Officer, case_id: str, subject: str, answers: dict[str, object]) -> None:
    with house.work() as work:
        (task,) = [
            row
            for row in task_rows.open_tasks_of_case(work.connection, case_id)
            if row.subject == subject and row.agency_id == officer.agency_id
        ]
        tasks.complete_task(work, officer, task.id, answers=answers)


def known(house: House, officer: Officer, case_id: str) -> dict[str, dict[str, object]]:
    with house.work(read_only=True) as work:
        return {
            row.subject: dict(tasks.see_task(work, officer, row.id).known)
            for row in task_rows.open_tasks_of_case(work.connection, case_id)
        }


def test_a_message_for_each_starts_an_instance_for_each_person(house: House, people: dict[str, Officer], case_id: str):
    seen = known(house, people["answerer"], case_id)
    assert {subject: values["person_name"] for subject, values in seen.items()} == {"S1": "虚构S1", "S2": "虚构S2"}
    with house.work(read_only=True) as work:
        clocks = deadlines.deadlines_of_case(work.connection, case_id)
        assert sorted((row.rule, row.subject) for row in clocks) == [("D06", "S1"), ("D06", "S2")]
        rows = processes.processes_of_case(work.connection, case_id)
        assert sorted(row.subject for row in rows) == ["", "S1", "S2"]


def test_what_is_said_of_one_person_is_not_known_of_another(house: House, people: dict[str, Officer], case_id: str):
    answer(house, people["answerer"], case_id, "S1", {"decision": "起诉"})
    house.work_all()
    seen = known(house, people["answerer"], case_id)
    assert seen["S1"]["decision"] == "起诉"
    assert "decision" not in seen["S2"]
    answer(house, people["answerer"], case_id, "S2", {"decision": "不起诉"})
    house.work_all()
    with house.work(read_only=True) as work:
        issued = [row for row in documents.issued_in_case(work.connection, case_id) if row.code == "person_decision"]
        assert {row.subject: (row.data["person_name"], row.data["decision"]) for row in issued} == {
            "S1": ("虚构S1", "起诉"),
            "S2": ("虚构S2", "不起诉"),
        }
        assert len({row.number for row in issued}) == 2
        stopped = {row.subject: row.state for row in deadlines.deadlines_of_case(work.connection, case_id)}
        assert stopped == {"S1": "done", "S2": "done"}


def test_a_pool_that_names_its_kind_of_agency_is_found_by_letters_and_issues_its_papers(
    tmp_path: Path, migrated_url: str
):
    diagram = (
        DIAGRAM.decode()
        .replace("name_persons_pol", "name_persons_asked")
        .replace('"Lane_pol_intake"', '"Lane_pol_intake_asked"')
        .replace('name="subject"', 'name="agencies" value="pol"/><spiffworkflow:property name="subject"')
    )
    files = the_files(name_persons=diagram.encode()) | {
        "forms/name_persons/name.form": a_form(NAME),
        "forms/name_persons/decide.form": a_form(DECIDE),
        "documents/name_persons/persons_list.html": LIST.encode(),
        "documents/name_persons/person_decision.html": DECISION.encode(),
    }
    with closing(a_house(tmp_path, migrated_url, files=files)) as house:
        people = put_people(house)
        with house.work() as work:
            new = cases.open_case(work, people["asker"], process="name_persons", name="虚构案", charge="")
        parties = [{"code": code, "name": f"虚构{code}"} for code in ("S1", "S2", "S3")]
        answer(house, people["asker"], new, "", {"parties": parties, "persons": ["S1", "S2"]})
        house.work_all()
        answer(house, people["answerer"], new, "S2", {"decision": "起诉"})
        house.work_all()
        with house.work(read_only=True) as work:
            (issued,) = [row for row in documents.issued_in_case(work.connection, new) if row.code == "person_decision"]
            assert (issued.subject, issued.agency_id) == ("S2", people["answerer"].agency_id)


def test_a_letter_that_names_its_agency_goes_to_another_of_the_senders_own_kind(tmp_path: Path, migrated_url: str):
    diagram = (
        DIAGRAM.decode()
        .replace("name_persons_pol", "name_persons_asked")
        .replace('"Lane_pol_intake"', '"Lane_adm_officer_asked"')
        .replace('name="subject"', 'name="agencies" value="adm"/><spiffworkflow:property name="subject"')
        .replace("{'person': persons}", "{'person': persons, 'to_asked': 'other'}")
    )
    files = the_files(name_persons=diagram.encode()) | {
        "forms/name_persons/name.form": a_form(NAME),
        "forms/name_persons/decide.form": a_form(DECIDE),
        "documents/name_persons/persons_list.html": LIST.encode(),
        "documents/name_persons/person_decision.html": DECISION.replace("issuer: pol", "issuer: adm").encode(),
    }
    with closing(a_house(tmp_path, migrated_url, files=files)) as house:
        people = put_people(house)
        with house.work() as work:
            new = cases.open_case(work, people["asker"], process="name_persons", name="虚构案", charge="")
        parties = [{"code": code, "name": f"虚构{code}"} for code in ("S1", "S2", "S3")]
        answer(house, people["asker"], new, "", {"parties": parties, "persons": ["S1", "S2"]})
        house.work_all()
        assert sorted(known(house, people["stranger"], new)) == ["S1", "S2"]
        with house.work(read_only=True) as work:
            owners = {row.agency_id for row in task_rows.open_tasks_of_case(work.connection, new)}
            assert owners == {people["stranger"].agency_id}
