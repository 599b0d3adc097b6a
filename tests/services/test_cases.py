"""Cases: what is refused when one is opened, whose rows may be written, who follows it."""

from datetime import timedelta

import pytest

from app.domain.errors import Conflict, Forbidden, Invalid, InvalidAnswers, NotFound
from app.services import accounts, answers, case_view, cases, publishing, tasks
from app.storage import facts
from app.storage import tasks as task_rows
from tests.engine.drawing import END, START, path, user
from tests.services.asking import lone, the_files


def opened(house, officer, **values):
    with house.work() as work:
        return cases.open_case(work, officer, **{"process": "ask_help", "name": "虚构案", "charge": "", **values})


def the_task(house, case_id):
    with house.work() as work:
        return task_rows.open_tasks_of_case(work.connection, case_id)[0]


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ({"name": "   "}, "name"),
        ({"partners": {"pol": "nobody"}}, "partners.pol"),
        ({"partners": {"pol": "other"}}, "partners.pol"),
        ({"partners": {"crt": "pol"}}, "partners.crt"),
        ({"number": "  "}, "number"),
    ],
)
def test_a_case_that_cannot_be_opened_names_the_field(house, people, values, at):
    with pytest.raises(Invalid) as refused:
        opened(house, people["asker"], **values)
    assert refused.value.at == at
    with house.work() as work:
        assert cases.find_cases(work, people["asker"])[0] == 0


def test_a_number_is_given_once(house, people):
    first = opened(house, people["asker"], number="虚构-1")
    with pytest.raises(Invalid, match="虚构-1") as refused:
        opened(house, people["asker"], number="虚构-1")
    assert refused.value.at == "number"
    with house.work() as work:
        assert [row.id for row in cases.find_cases(work, people["asker"])[1]] == [first]


def test_numbers_of_the_house_pass_over_those_that_are_taken(house, people):
    first = opened(house, people["asker"])
    with house.work() as work:
        number = cases.see_case_row(work, people["asker"], first).number
    head, _, serial = number.rpartition("-")
    opened(house, people["asker"], number=f"{head}-{int(serial) + 1:04d}")
    third = opened(house, people["asker"])
    with house.work() as work:
        assert cases.see_case_row(work, people["asker"], third).number == f"{head}-{int(serial) + 2:04d}"


def test_a_process_that_is_not_there_or_not_ones_own_cannot_be_started(house, people):
    with pytest.raises(NotFound):
        opened(house, people["asker"], process="nothing")
    with pytest.raises(Forbidden):
        opened(house, people["answerer"])
    with pytest.raises(Forbidden):
        opened(house, people["head"])


def test_a_process_that_runs_in_a_case_is_not_started_again(house, people):
    case_id = opened(house, people["asker"])
    with house.work() as work, pytest.raises(Invalid) as refused:
        cases.start_process(work, people["asker"], case_id, process="ask_help")
    assert refused.value.at == "ask_help"


def test_another_process_may_be_started_on_a_case_of_ones_own_only(house, people):
    more = lone("more", START, user("Task_a"), END, path("Start_1", "Task_a", "End_1"))
    with house.work() as work:
        publishing.publish_all(work, the_files(more=more))
    case_id = opened(house, people["asker"])
    with house.work() as work, pytest.raises(NotFound):
        cases.start_process(work, people["stranger"], case_id, process="more")
    with house.work() as work:
        assert cases.start_process(work, people["colleague"], case_id, process="more")
    with house.work() as work:
        names = [entry["process"] for entry in case_view.see_processes(work, people["asker"], case_id)]
        assert names == ["ask_help", "more"]


@pytest.mark.parametrize("kind", ["parties", "items"])
def test_the_rows_of_another_agency_cannot_be_overwritten(house, people, kind):
    case_id = opened(house, people["asker"])
    asker, answerer = people["asker"].agency_id, people["answerer"].agency_id
    with house.work() as work:
        rows = [{"code": "A1", "name": "虚构一"}]
        facts.put_rows(work.connection, kind, case_id=case_id, agency_id=asker, rows=rows)
    forged = {kind: [{"code": "B1", "name": "新"}, {"code": "A1", "name": "改"}]}
    with house.work() as work, pytest.raises(InvalidAnswers) as refused:
        answers.case_values(work, case_id, answerer, forged)
    assert list(refused.value.fields) == [f"{kind}[1].code"]
    with house.work() as work:
        answers.case_values(work, case_id, asker, {kind: [{"code": "A1", "name": "改"}]})
        assert facts.rows_seen(work.connection, kind, case_id=case_id, agency_id=answerer) == []


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([{"code": "A"}, {"code": "A"}], "parties[1].code"),
        ([{"code": ""}], "parties[0].code"),
        ([{"name": "虚构"}], "parties[0].code"),
    ],
)
def test_a_row_needs_a_code_of_its_own(house, people, rows, wrong):
    case_id = opened(house, people["asker"])
    with house.work() as work, pytest.raises(InvalidAnswers) as refused:
        answers.case_values(work, case_id, people["asker"].agency_id, {"parties": rows})
    assert list(refused.value.fields) == [wrong]


def test_a_case_is_followed_and_let_go(house, people):
    case_id = opened(house, people["asker"])
    with house.work() as work:
        cases.follow_case(work, people["asker"], case_id, on=True)
        cases.follow_case(work, people["asker"], case_id, on=True)
        assert [row["id"] for row in cases.followed(work, people["asker"])] == [case_id]
        assert cases.followed(work, people["colleague"]) == []
        assert tasks.counts(work, people["asker"])["followed"] == 1
    with house.work() as work:
        cases.follow_case(work, people["asker"], case_id, on=False)
        assert cases.followed(work, people["asker"]) == []
    with house.work() as work, pytest.raises(NotFound):
        cases.follow_case(work, people["stranger"], case_id, on=True)


def test_only_the_holder_gives_a_task_back(house, people):
    task = the_task(house, opened(house, people["asker"]))
    with house.work() as work:
        tasks.claim_task(work, people["asker"], task.id)
    with house.work() as work, pytest.raises(Conflict):
        tasks.give_back_task(work, people["colleague"], task.id, reason="")
    with house.work() as work:
        tasks.give_back_task(work, people["asker"], task.id, reason="休假")
    with house.work() as work:
        told = case_view.see_case(work, people["asker"], task.case_id)["history"]
        assert [entry["detail"] for entry in told if entry["action"] == "given_back"] == [{"reason": "休假"}]
        assert [row.id for row in tasks.list_tasks(work, people["colleague"], scope="pool")] == [task.id]


def test_a_draft_is_kept_for_its_holder_and_not_overwritten_by_others(house, people):
    task = the_task(house, opened(house, people["asker"]))
    with house.work() as work:
        tasks.claim_task(work, people["asker"], task.id)
        tasks.save_draft(work, people["asker"], task.id, answers={"question": "未完"})
    with house.work() as work, pytest.raises(Conflict, match="甲 claimed"):
        tasks.save_draft(work, people["colleague"], task.id, answers={})
    with house.work() as work:
        assert tasks.see_task(work, people["asker"], task.id).row.draft == {"question": "未完"}


def test_words_find_what_they_say_and_no_pattern(house, people):
    case_id = opened(house, people["asker"], name="百分之100%案")
    opened(house, people["asker"], name="百分之一百案")
    with house.work() as work:
        assert [row.id for row in cases.find_cases(work, people["asker"], words="100%")[1]] == [case_id]
        assert cases.find_cases(work, people["asker"], words="_____")[0] == 0
        assert cases.find_cases(work, people["asker"], words="案")[0] == 2
        assert cases.find_cases(work, people["stranger"], words="案")[0] == 0


def test_the_brake_on_guessing_is_for_one_source_and_ends(house):
    brake = accounts.Brake()
    with house.work() as work:
        now = work.now
    for _ in range(accounts.TRIES):
        brake.wrong("asker", "10.0.0.1", now)
    with pytest.raises(Exception, match="15 minutes"):
        brake.check("asker", "10.0.0.1", now)
    brake.check("asker", "10.0.0.2", now)
    brake.check("colleague", "10.0.0.1", now)
    brake.check("asker", "10.0.0.1", now + accounts.WINDOW + timedelta(seconds=1))
