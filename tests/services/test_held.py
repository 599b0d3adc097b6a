"""Who is held: one line a person over all processes, alarms for who holds, and the week ahead for heads."""

from datetime import datetime

import pytest

from app.domain.errors import NotFound
from app.services import case_view, detention
from app.storage import cases, facts, processes
from tests.builders import an_agency
from tests.services.asking import a_house, put_people
from tests.services.naming import HELD, answer, hold, name_persons, naming_files


@pytest.fixture
def house(tmp_path, migrated_url):
    built = a_house(tmp_path, migrated_url, files=naming_files(HELD))
    built.move_clock(at("2026-03-02T10:00"))
    yield built
    built.close()


@pytest.fixture
def people(house):
    return put_people(house)


@pytest.fixture
def case_id(house, people):
    return name_persons(house, people["asker"], ["S1", "S2"])


def at(text):
    return datetime.fromisoformat(f"{text}+08:00")


def held(house, officer, case_id):
    with house.work(read_only=True) as work:
        return {one.person: one for one in detention.held_in_case(work, officer, case_id)}


def say(house, officer, case_id, subject, **said):
    with house.work() as work:
        facts.add_facts(
            work.connection,
            case_id=case_id,
            agency_id=officer.agency_id,
            facts=said,
            task_id=None,
            officer_id=officer.id,
            at=work.now,
            subject=subject,
        )


def test_every_basis_of_a_person_is_on_one_line(house, people, case_id):
    hold(house, case_id, "S1", "D29", "2026-03-05T09:00")
    lines = held(house, people["asker"], case_id)
    assert [basis.rule for basis in lines["S1"].line.bases] == ["D27", "D29"]
    assert [basis.rule for basis in lines["S2"].line.bases] == ["D27"]
    assert lines["S1"].name == "虚构S1"
    assert lines["S1"].line.until == at("2026-03-12T23:59:59")
    assert lines["S1"].last.rule == "D29"


def test_a_custody_limit_ends_on_the_day_itself_even_a_sunday(house, people, case_id):
    hold(house, case_id, "S1", "D29", "2026-03-08T09:00")
    assert held(house, people["asker"], case_id)["S1"].line.until == at("2026-03-15T23:59:59")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("2026-03-04T09:00+08:00", "released"),
        ("2026-03-04", "released"),
        ("2026-04-01T09:00+08:00", "expired"),
        ("", "expired"),
    ],
)
def test_who_was_released_is_not_held_and_a_release_ahead_is_none_yet(house, people, case_id, said, state):
    house.move_clock(at("2026-03-10T10:00"))
    say(house, people["answerer"], case_id, "S1", released_at=said)
    assert held(house, people["asker"], case_id)["S1"].line.state == state


def test_somebody_else_s_release_changes_nothing(house, people, case_id):
    house.move_clock(at("2026-03-10T10:00"))
    say(house, people["answerer"], case_id, "S2", released_at="2026-03-04T09:00+08:00")
    assert held(house, people["asker"], case_id)["S1"].line.state == "expired"


@pytest.mark.usefixtures("case_id")
def test_an_expired_basis_alarms_who_holds_and_nobody_else(house, people):
    house.move_clock(at("2026-03-05T23:00"))
    with house.work(read_only=True) as work:
        assert detention.alarms(work, people["answerer"]) == []
    house.move_clock(at("2026-03-06T00:00:01"))
    with house.work(read_only=True) as work:
        assert [one.person for one in detention.alarms(work, people["answerer"])] == ["S1", "S2"]
        assert detention.alarms(work, people["asker"]) == []
        assert detention.alarms(work, people["stranger"]) == []


def test_a_new_basis_ends_the_alarm_and_the_gap_stays(house, people, case_id):
    house.move_clock(at("2026-03-07T10:00"))
    hold(house, case_id, "S1", "D37", "2026-03-07T09:00")
    with house.work(read_only=True) as work:
        assert [one.person for one in detention.alarms(work, people["answerer"])] == ["S2"]
    line = held(house, people["asker"], case_id)["S1"].line
    assert [gap.end for gap in line.gaps] == [at("2026-03-07T09:00")]


def test_the_house_that_keeps_a_person_is_alarmed_too(house, people, case_id):
    house.move_clock(at("2026-03-07T10:00"))
    with house.work() as work:
        kept = an_agency(work.connection, kind="det", key="det", name="虚构看守所")
        row = next(row for row in processes.processes_of_case(work.connection, case_id) if row.subject == "S1")
        values = {
            key: value
            for key, value in row._asdict().items()
            if key not in ("id", "version", "agency_id", "ended_at", "end_element")
        }
        processes.add_process(work.connection, **{**values, "agency_id": kept.id})
        line = next(one for one in detention.held_in_case(work, people["asker"], case_id) if one.person == "S1")
        assert line.holders == {people["answerer"].agency_id, kept.id}


def test_a_week_ahead_is_shown_to_every_agency_of_the_case_soonest_first(house, people, case_id):
    hold(house, case_id, "S1", "D29", "2026-03-02T11:00")
    hold(house, case_id, "S2", "D37", "2026-03-02T11:00")
    with house.work(read_only=True) as work:
        assert [(one.person, one.line.state) for one in detention.custody_ending(work, people["head"])] == [
            ("S1", "held")
        ]
        assert detention.custody_ending(work, people["other_head"]) == []
    house.move_clock(at("2026-04-27T10:00"))
    with house.work(read_only=True) as work:
        assert detention.custody_ending(work, people["other_head"]) == []
        found = [(one.person, one.line.state) for one in detention.custody_ending(work, people["head"])]
    assert found == [("S1", "expired"), ("S2", "near")]


def test_a_stranger_is_told_nothing(house, people, case_id):
    with house.work(read_only=True) as work, pytest.raises(NotFound):
        detention.held_in_case(work, people["stranger"], case_id)


def test_a_name_is_shown_to_whom_the_person_was_named(house, people, case_id):
    with house.work() as work:
        stranger = people["stranger"]
        cases.add_participant(work.connection, case_id=case_id, agency_id=stranger.agency_id, kind="adm", at=work.now)
    assert {one.name for one in held(house, people["stranger"], case_id).values()} == {"S1", "S2"}


def test_stages_tell_every_person_once_with_the_end_that_was_reached(house, people, case_id):
    answer(house, people["answerer"], case_id, "S1", {"decision": "起诉"})
    house.work_all()
    answer(house, people["answerer"], case_id, "S1", {"decision": "起诉"})
    house.work_all()
    with house.work(read_only=True) as work:
        (stage,) = case_view.see_case(work, people["asker"], case_id)["stages"]
    assert (stage["process"], stage["state"]) == ("name_persons", "now")
    assert [(person["code"], person["name"], person["state"]) for person in stage["persons"]] == [
        ("S1", "虚构S1", "done"),
        ("S2", "虚构S2", "now"),
    ]
    assert [(part["agency"], part["state"]) for part in stage["agencies"]] == [
        ("虚构局", "done"),
        ("虚构公安局", "now"),
    ]
