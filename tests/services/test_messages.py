"""Messages between agencies: early ones wait, one that no pool of the diagram wants may start another process."""

import pytest

from app.services import cases, publishing, tasks, transfers
from app.storage import processes
from app.storage import tasks as task_rows
from tests.services.asking import hasty, the_files


@pytest.fixture
def early(house, people):
    with house.work() as work:
        publishing.publish_all(work, the_files(hasty=hasty()))
    with house.work() as work:
        return cases.open_case(work, people["asker"], process="hasty", name="虚构案", charge="")


def the_task(house, case_id):
    with house.work() as work:
        (row,) = task_rows.open_tasks_of_case(work.connection, case_id)
        return row


def lying(house, case_id, agency_id):
    with house.work() as work:
        return [
            row.message
            for row in processes.pending_messages(
                work.connection, case_id=case_id, pool="hasty_pol", agency_id=agency_id
            )
        ]


def test_a_message_that_comes_early_waits_until_it_is_wanted(house, people, early):
    assert lying(house, early, people["answerer"].agency_id) == ["Message_second"]
    assert the_task(house, early).element == "Task_read"
    with house.work() as work:
        tasks.complete_task(work, people["answerer"], the_task_in(work, early), answers={})
    assert the_task(house, early).element == "Task_after"
    assert lying(house, early, people["answerer"].agency_id) == []


def the_task_in(work, case_id):
    return task_rows.open_tasks_of_case(work.connection, case_id)[0].id


@pytest.mark.usefixtures("early")
def test_both_messages_are_packages_that_were_sent_and_can_be_signed_for(house, people):
    with house.work() as work:
        arrived = transfers.arriving(work, people["answerer"])
        assert [entry["row"].message for entry in arrived] == ["Message_second", "Message_first"]
        assert arrived[0]["row"].payload == {"word": "early"}
        transfers.sign_for(work, people["answerer"], arrived[0]["row"].id)
        assert [entry["row"].message for entry in transfers.arriving(work, people["answerer"])] == ["Message_first"]


def test_nobody_is_handed_the_message_of_another_case(house, people, early):
    with house.work() as work:
        other = cases.open_case(work, people["asker"], process="hasty", name="另一虚构案", charge="")
    with house.work() as work:
        tasks.complete_task(work, people["answerer"], the_task_in(work, other), answers={})
    assert lying(house, other, people["answerer"].agency_id) == []
    assert lying(house, early, people["answerer"].agency_id) == ["Message_second"]
