"""What only other packages can be checked for: the wrong court, papers that never came, a list made for a hand-over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import InvalidAnswers
from app.services import cases, handover_desk, tasks
from app.services.work import officer_value
from app.storage import facts, officers
from app.storage import tasks as task_rows
from app.wiring import House
from tests.builders import an_agency, an_officer
from tests.engine.drawing import END, START, path, user
from tests.services.asking import a_form, a_house, lone, the_files
from tests.services.packages import Desk, a_desk

FORM = [
    {"type": "select", "id": "Field_court", "key": "to_crt", "label": "受诉法院", "valuesKey": "agencies_crt"},
    {"type": "textfield", "id": "Field_no", "key": "indictment_no", "label": "起诉书文号"},
]
CHECKS = """
checks:
  - id: wrong_court
    task: Task_send
    severity: block
    when: agency(to_crt).area_code != agency().area_code or agency(to_crt).court_code != '苏0583'
    zh: "{to_crt}没有管辖权"
    en: "{to_crt} has no jurisdiction"
    article: 虚构规定第1条
    status: verified
    mend: to_crt
  - id: no_opinion
    task: Task_send
    severity: warn
    when: not received('ask_letter') and not issued('ask_letter')
    zh: 没有收到起诉意见书
    en: The opinion of the police never came
    article: 虚构规定第2条
    status: from memory
  - id: wrong_number
    task: Task_send
    severity: warn
    when: not number_fits('{short}刑诉〔{year}〕{serial}号', indictment_no)
    zh: 文号有误：{indictment_no}
    en: "The number is wrong: {indictment_no}"
    article: 虚构规定第3条
    status: verified
  - id: incomparable
    task: Task_send
    severity: block
    when: indictment_no == '无法比较' and indictment_no > 3
    zh: 不会出现
    en: It never happens
    article: 虚构规定第4条
    status: verified
    mend: indictment_no
"""


@pytest.fixture
def house(tmp_path: Path, migrated_url: str) -> Iterator[House]:
    diagram = lone(
        "indict",
        START,
        user("Task_send", form="send"),
        END,
        path("Start_1", "Task_send", "End_1"),
        kind="proc",
        role="proc_prosecutor",
    )
    files = the_files(indict=diagram) | {
        "forms/indict/send.form": a_form(FORM),
        "bpmn/indict/preflight.yaml": CHECKS.encode(),
    }
    built = a_house(tmp_path, migrated_url, files=files)
    yield built
    built.close()


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"to_crt": "own", "indictment_no": "虚检刑诉〔2026〕486号"}, ["no_opinion"]),
        ({"to_crt": "other", "indictment_no": "虚检刑诉〔2026〕486号"}, ["wrong_court", "no_opinion"]),
        ({"to_crt": "neighbour", "indictment_no": "虚检刑诉〔2026〕486号"}, ["wrong_court", "no_opinion"]),
        ({"to_crt": "own", "indictment_no": "别检刑诉〔2026〕486号"}, ["no_opinion", "wrong_number"]),
        ({"to_crt": "own", "indictment_no": "虚检刑诉(2026)486号"}, ["no_opinion", "wrong_number"]),
        ({"to_crt": "own", "indictment_no": "无法比较"}, ["incomparable", "no_opinion", "wrong_number"]),
        ({}, ["wrong_court", "no_opinion", "wrong_number"]),
    ],
)
def test_the_wrong_court_is_found_and_what_cannot_be_computed_is_not_passed_over(house, answers, found):
    with house.work() as work:
        sender = an_agency(work.connection, kind="proc", short="虚检", area_code="320583")
        prosecutor = an_officer(work.connection, role="proc_prosecutor", agency_id=sender.id)
        for key, area, code in (
            ("own", "320583", "苏0583"),
            ("other", "320582", "苏0582"),
            ("neighbour", "320583", "沪01"),
        ):
            an_agency(work.connection, kind="crt", key=key, name=key, area_code=area, details={"court_code": code})
        case_id = cases.open_case(work, prosecutor, process="indict", name="虚构案", charge="")
        (row,) = task_rows.open_tasks_of_case(work.connection, case_id)
        view = tasks.see_task(work, prosecutor, row.id)
        given = tasks.check_package(work, prosecutor, view, answers)
        assert [finding.check.id for finding in given] == found
        if "wrong_court" in found and answers:
            assert given[0].sentence.zh == f"{answers['to_crt']}没有管辖权"
        reasons = {"no_opinion": "另案移送", "wrong_number": "已核对"}
        answers = {**answers, "preflight": {key: why for key, why in reasons.items() if key in found}}
        blocking = [finding.check.id for finding in given if finding.check.blocks]
        if not blocking:
            tasks.complete_task(work, prosecutor, row.id, answers=answers)
            return
        with pytest.raises(InvalidAnswers) as refused:
            tasks.complete_task(work, prosecutor, row.id, answers=answers)
        assert list(refused.value.fields) == [f"preflight.{name}" for name in blocking]


@pytest.fixture
def desk(tmp_path: Path, migrated_url: str) -> Iterator[Desk]:
    built = a_desk(tmp_path, migrated_url)
    yield built
    built.house.close()


def test_a_list_for_a_hand_over_is_checked_for_what_it_lists(desk: Desk):
    with desk.package() as given:
        row = officers.officer_by(given.work.connection, username="chen_guodong")
        officer = officer_value(given.work, row)
        pol = an_agency(given.work.connection, kind="pol", area_code="320583")
        given.item("E-03", hash="a" * 64)
        listed = {"to_agency": pol.key, "place": "涉案财物管理中心"}
        with pytest.raises(InvalidAnswers) as refused:
            handover_desk.begin(given.work, officer, given.case_id, {**listed, "items": {"E-03": None, "E-04": None}})
        ((zh, _),) = refused.value.fields["preflight.hash_mismatch"]
        assert "E-03" in zh
        assert "E-04" not in zh


def test_what_an_agency_may_not_see_of_a_case_is_not_told_by_its_checks(desk: Desk):
    with desk.package() as given:
        foreign = an_agency(given.work.connection, kind="adm")
        facts.put_rows(
            given.work.connection,
            "items",
            case_id=given.case_id,
            agency_id=foreign.id,
            rows=[{"code": "X-1", "name": "虚构", "category": "物证"}],
        )
        assert given.found() == []
