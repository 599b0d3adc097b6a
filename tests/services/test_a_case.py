"""A case goes from one agency to another and back: who sees what, who may do what, what is written down."""

import pytest

from app.domain.errors import Conflict, Forbidden, InvalidAnswers, NotFound
from app.services import case_view, cases, documents, tasks, transfers
from app.storage import documents as document_rows
from app.storage import jobs, processes
from app.storage import tasks as task_rows


def opened(house, officer, **values):
    with house.work() as work:
        return cases.open_case(work, officer, process="ask_help", name="虚构案", charge="虚构罪", **values)


def the_task(house, case_id):
    with house.work() as work:
        (row,) = [row for row in task_rows.open_tasks_of_case(work.connection, case_id) if row.kind == "userTask"]
        return row


def complete(house, officer, task_id, **answers):
    with house.work() as work:
        tasks.complete_task(work, officer, task_id, answers=answers)
    house.work_all()


def test_a_message_reaches_the_other_agency_with_its_letter(house, people):
    case_id = opened(house, people["asker"])
    complete(house, people["asker"], the_task(house, case_id).id, question="如何定性？", amount=5)
    with house.work() as work:
        (package,) = transfers.arriving(work, people["answerer"])
        assert package["row"].message == "Message_asked"
        assert [paper.number for paper in package["documents"]] == [f"虚局咨〔{work.now.year}〕1号"]
        assert package["task"].element == "Task_answer"
        view = tasks.see_task(work, people["answerer"], package["task"].id)
        assert view.known["question"] == "如何定性？"


def test_the_answer_comes_back_and_both_processes_end(house, people):
    case_id = opened(house, people["asker"])
    complete(house, people["asker"], the_task(house, case_id).id, question="如何定性？")
    complete(house, people["answerer"], the_task(house, case_id).id, answer="yes")
    with house.work() as work:
        ended = {row.pool: row.end_element for row in processes.processes_of_case(work.connection, case_id)}
        assert ended == {"ask_help_adm": "End_asked", "ask_help_pol": "End_answered"}
        asked = next(row for row in transfers.sent(work, people["asker"]) if row["row"].message == "Message_asked")
        assert asked["received_by"] == "丙"
        assert case_view.see_case(work, people["asker"], case_id)["typed_twice"] == 0


def test_nobody_else_knows_that_the_case_exists(house, people):
    case_id = opened(house, people["asker"])
    task = the_task(house, case_id)
    with house.work() as work, pytest.raises(NotFound):
        case_view.see_case(work, people["stranger"], case_id)
    with house.work() as work, pytest.raises(NotFound):
        tasks.see_task(work, people["stranger"], task.id)
    with house.work() as work, pytest.raises(NotFound):
        case_view.see_case(work, people["answerer"], case_id)
    complete(house, people["asker"], task.id, question="？")
    with house.work() as work:
        assert case_view.see_case(work, people["answerer"], case_id)["case"].id == case_id
        (paper,) = document_rows.issued_in_case(work.connection, case_id)
        assert documents.see_document(work, people["answerer"], paper.id).id == paper.id
    with house.work() as work, pytest.raises(NotFound):
        documents.see_document(work, people["stranger"], paper.id)


def test_what_was_not_handed_over_stays_hidden(house, people):
    case_id = opened(house, people["asker"])
    complete(house, people["asker"], the_task(house, case_id).id, question="？")
    task = the_task(house, case_id)
    with house.work() as work:
        view = tasks.see_task(work, people["answerer"], task.id)
        assert "amount" not in view.known or view.known["amount"] is None


def test_of_two_who_claim_one_wins_and_the_other_reads_who(house, people):
    task = the_task(house, opened(house, people["asker"]))
    with house.work() as work:
        tasks.claim_task(work, people["asker"], task.id)
    with house.work() as work, pytest.raises(Conflict, match="甲 claimed"):
        tasks.claim_task(work, people["colleague"], task.id)
    with house.work() as work, pytest.raises(Conflict, match="甲 claimed"):
        tasks.complete_task(work, people["colleague"], task.id, answers={"question": "？"})
    with house.work() as work:
        tasks.give_back_task(work, people["asker"], task.id, reason="休假")
    with house.work() as work:
        assert tasks.claim_task(work, people["colleague"], task.id).officer_id == people["colleague"].id


def test_a_task_done_twice_is_refused_and_says_who_did_it(house, people):
    task = the_task(house, opened(house, people["asker"]))
    complete(house, people["asker"], task.id, question="？")
    with house.work() as work, pytest.raises(Conflict, match="甲 completed"):
        tasks.complete_task(work, people["colleague"], task.id, answers={"question": "！"})


def test_answers_that_do_not_fit_store_nothing(house, people):
    case_id = opened(house, people["asker"])
    task = the_task(house, case_id)
    with house.work() as work, pytest.raises(InvalidAnswers) as refused:
        tasks.complete_task(work, people["asker"], task.id, answers={"amount": -1, "typename": "x"})
    assert {"question", "amount"} <= set(refused.value.fields)
    assert the_task(house, case_id).version == task.version
    with house.work() as work:
        assert case_view.see_case(work, people["asker"], case_id)["documents"] == []


def test_a_role_is_needed(house, people):
    task = the_task(house, opened(house, people["asker"]))
    with house.work() as work, pytest.raises(Forbidden):
        cases.open_case(work, people["answerer"], process="ask_help", name="虚构", charge="")
    with house.work() as work, pytest.raises(NotFound):
        tasks.claim_task(work, people["answerer"], task.id)
    with house.work() as work, pytest.raises(Forbidden):
        tasks.claim_task(work, people["head"], task.id)


def test_numbers_have_no_gaps_when_work_fails(house, people):
    first = opened(house, people["asker"])
    task = the_task(house, first)
    with house.work() as work:
        tasks.complete_task(work, people["asker"], task.id, answers={"question": "？"})
    broken = house.renderer
    house.renderer = _Broken()
    assert house.work_once("w1")
    with house.work() as work:
        (failed,) = jobs.failed(work.connection)
        assert "no paper" in failed.error
        assert document_rows.issued_in_case(work.connection, first) == []
    house.renderer = broken
    second = opened(house, people["asker"])
    complete(house, people["asker"], the_task(house, second).id, question="？")
    with house.work() as work:
        jobs.retry_job(work.connection, failed.id, now=work.now)
    house.work_all()
    with house.work() as work:
        serials = sorted(
            row.serial for case in (first, second) for row in document_rows.issued_in_case(work.connection, case)
        )
    assert serials == [1, 2]


class _Broken:
    def render_document(self, **_):
        raise RuntimeError("no paper")
