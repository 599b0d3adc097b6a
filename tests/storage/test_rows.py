"""What the tables refuse: moments nobody could place, texts in numbers, and steps taken on a state that has moved."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from app.domain.errors import Conflict
from app.storage import audit, bundles, cases, facts, officers, processes
from app.storage.documents import counter
from tests.builders import a_case, an_agency, an_officer


def test_a_moment_without_an_offset_is_refused(connection):
    naive = datetime(2026, 3, 12, 8, 30)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="without an offset"):
        audit.note(connection, action="step", at=naive)


def test_a_moment_comes_back_as_the_same_moment_and_sorts_as_one(connection):
    agency = an_agency(connection)
    moments = [
        datetime.fromisoformat(told)
        for told in ("2026-03-12T08:30:00+08:00", "2026-03-12T00:30:00.000001+00:00", "2026-03-11T23:00:00-05:00")
    ]
    rows = [a_case(connection, agency_id=agency.id, opened_at=moment) for moment in moments]
    assert [row.opened_at for row in rows] == moments
    assert all(row.opened_at.utcoffset() == UTC.utcoffset(None) for row in rows)
    _, listed = cases.cases_of(connection, agency.id)
    assert [row.id for row in listed] == [rows[2].id, rows[1].id, rows[0].id]


def test_a_text_is_no_number(connection):
    agency = an_agency(connection)
    given = {"agency": agency.id, "last": "many"}
    with pytest.raises(DBAPIError), connection.begin_nested():
        connection.execute(
            text("INSERT INTO counter (agency_id, series, year, last) VALUES (:agency, '移', 2026, :last)"), given
        )
    assert connection.execute(select(counter).where(counter.c.agency_id == agency.id)).all() == []


def test_a_row_of_nobody_is_refused(connection):
    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(insert(counter).values(agency_id="nobody", series="移", year=2026, last=1))


@pytest.fixture
def process(connection, clock):
    case = a_case(connection)
    bundles.publish(connection, key="h1", process="p", content=b"", at=clock.now)
    process_id = processes.add_process(
        connection,
        case_id=case.id,
        agency_id=case.opened_by,
        pool="p_adm",
        bundle_hash="h1",
        state=b"0",
        waiting=[],
        variables={},
        started_at=clock.now,
    )
    return processes.get_process(connection, process_id)


def save(connection, row, state):
    processes.save_process(
        connection,
        row,
        state=state,
        waiting=[],
        variables={"乙": 1},
        next_due=None,
        ended_at=None,
        end_element=None,
        subject="",
    )


def test_a_step_on_a_state_that_has_moved_is_refused(connection, process):
    save(connection, process, b"1")
    with pytest.raises(Conflict):
        save(connection, process, b"2")
    now = processes.get_process(connection, process.id)
    assert (now.state, now.variables, now.version) == (b"1", {"乙": 1}, process.version + 1)


def test_messages_are_taken_once_in_the_order_they_came(connection, process, clock):
    seen = {"case_id": process.case_id, "pool": "p_adm", "agency_id": process.agency_id}
    for message in ("Message_b", "Message_a"):
        processes.put_in_inbox(connection, **seen, message=message, payload={}, arrived_at=clock.now)
    lying = processes.pending_messages(connection, **seen)
    assert [row.message for row in lying] == ["Message_b", "Message_a"]
    processes.take_message(connection, lying[0].id, process_id=process.id, at=clock.now)
    assert [row.message for row in processes.pending_messages(connection, **seen)] == ["Message_a"]
    other = {**seen, "agency_id": an_agency(connection).id}
    assert processes.pending_messages(connection, **other) == []


def test_facts_are_seen_by_those_who_said_or_were_shown_them_and_the_newest_counts(connection, clock):
    case = a_case(connection)
    other = an_agency(connection, kind="pol")
    own = {"case_id": case.id, "agency_id": case.opened_by}
    said = {**own, "task_id": None, "officer_id": None}
    facts.add_facts(connection, facts={"amount": 1, "name": "甲"}, at=clock.now, **said)
    facts.add_facts(connection, facts={"amount": 2}, at=clock.forward(minutes=1), **said)
    assert facts.facts_seen(connection, **own) == {"amount": 2, "name": "甲"}
    shown = facts.newest_fact_ids(connection, keys=["amount"], **own)
    theirs = {"case_id": case.id, "agency_id": other.id}
    assert facts.facts_seen(connection, **theirs) == {}
    facts.disclose(connection, kind="fact", references=shown * 2, transfer_id=None, at=clock.now, **theirs)
    facts.disclose(connection, kind="fact", references=shown, transfer_id=None, at=clock.now, **theirs)
    assert facts.facts_seen(connection, **theirs) == {"amount": 2}
    facts.add_facts(connection, facts={"amount": 3}, at=clock.forward(minutes=1), **said)
    assert facts.facts_seen(connection, **theirs) == {"amount": 2}


def test_a_case_number_is_given_once(connection):
    kept = a_case(connection, number="虚构-1")
    with pytest.raises(Conflict, match="虚构-1") as refused:
        a_case(connection, number="虚构-1")
    assert refused.value.at == "number"
    assert cases.case_by_number(connection, "虚构-1").id == kept.id


def test_a_closed_account_is_not_among_the_officers(connection):
    agency = an_agency(connection)
    kept = an_officer(connection, agency_id=agency.id)
    an_officer(connection, agency_id=agency.id, active=False)
    assert [row.id for row in officers.officers_of(connection, agency.id)] == [kept.id]
