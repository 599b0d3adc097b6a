"""Cases split and joined: persons go with all that is about them, the rest stays and is shown; no hour changes."""

from datetime import datetime

import pytest
from sqlalchemy import select

from app.domain.errors import Conflict, Invalid, NotFound
from app.services import (
    case_view,
    cases,
    custody,
    custody_handovers,
    detention,
    documents,
    joining,
    joining_limits,
    tasks,
    transfers,
)
from app.services.custody import Cause
from app.services.custody_export import export_trail
from app.storage import audit, deadlines, facts, processes
from app.storage import cases as case_rows
from app.storage import documents as document_rows
from app.storage import tasks as task_rows
from app.storage import transfers as transfer_rows
from app.storage.jobs import job
from tests.services.asking import a_house, put_people
from tests.services.naming import HELD, answer, name_persons, naming_files, task_of

WHY = ("犯罪事实需要分别查清", "虚公分〔2026〕1号")


@pytest.fixture
def house(tmp_path, migrated_url):
    built = a_house(tmp_path, migrated_url, files=naming_files(HELD))
    built.move_clock(datetime.fromisoformat("2026-03-02T10:00+08:00"))
    yield built
    built.close()


@pytest.fixture
def people(house):
    return put_people(house)


@pytest.fixture
def pol(people):
    return people["answerer"]


def a_case(house, people, codes, *, signed=True):
    case_id = name_persons(house, people["asker"], codes)
    if signed:
        sign_all(house, people["answerer"], case_id)
    return case_id


def sign_all(house, officer, case_id):
    with house.work() as work:
        for row in transfer_rows.transfers_of_case(work.connection, case_id, agency_id=officer.agency_id):
            transfers.sign_for(work, officer, row.id)


@pytest.fixture
def case_id(house, people):
    return a_case(house, people, ["S1", "S2", "S3"])


def split(house, officer, case_id, persons, **given):
    with house.work() as work:
        return joining.split(work, officer, case_id, persons, "虚构分案", *WHY, **given)


def join(house, officer, case_id, other, **given):
    with house.work() as work:
        joining.join(work, officer, case_id, other, *WHY, **given)


def seen(house, officer, case_id):
    with house.work(read_only=True) as work:
        return case_view.see_case(work, officer, case_id)


def codes(view, kind="parties"):
    return [row["code"] for row in view[kind]]


def everything(house, *case_ids):
    """Give what is stored of cases, to show that a refusal changed nothing."""
    with house.work(read_only=True) as work:
        c = work.connection
        return [
            [
                row
                for of in (processes.processes_of_case, task_rows.tasks_of_case, deadlines.deadlines_of_case)
                for row in of(c, case_id)
            ]
            + list(audit.entries(c, case_id))
            for case_id in case_ids
        ] + [c.execute(select(case_rows.case).order_by(case_rows.case.c.id)).all()]


def put_item(house, officer, case_id, code="E-01", **data):
    with house.work() as work:
        facts.put_rows(
            work.connection,
            "items",
            case_id=case_id,
            agency_id=officer.agency_id,
            rows=[{"code": code, "name": "虚构手机", "category": "物证", "qty": "1", "unit": "部", **data}],
        )


def seize(house, officer, beside, case_id, code="E-01"):
    with house.work() as work:
        custody.seize(
            work,
            officer,
            case_id,
            code,
            Cause(why="扣押", document="虚扣1号", beside=[beside]),
            kind="seizure",
            place="虚构保管室",
        )


# Splitting


def test_the_persons_and_what_is_about_them_are_in_the_new_case(house, pol, case_id):
    answer(house, pol, case_id, "S2", {"decision": "起诉"})
    house.work_all()
    before = {row["row"].id: row["row"] for row in seen(house, pol, case_id)["deadlines"]}
    new = split(house, pol, case_id, ["S2"])
    old_view, new_view = seen(house, pol, case_id), seen(house, pol, new)
    assert (codes(old_view), codes(new_view)) == (["S1", "S3"], ["S2"])
    assert {entry["row"].subject for entry in new_view["processes"]} == {"S2"}
    assert {entry["row"].subject for entry in old_view["processes"]} == {"", "S1", "S3"}
    assert [entry["person"] for entry in new_view["documents"]] == ["虚构S2"]
    after = {entry["row"].id: entry["row"] for view in (old_view, new_view) for entry in view["deadlines"]}
    assert {key: (row.start, row.due, row.state) for key, row in after.items()} == {
        key: (row.start, row.due, row.state) for key, row in before.items()
    }
    assert [entry["row"].subject for entry in new_view["deadlines"]] == ["S2"]
    assert new_view["case"].charge == "虚构罪"


def test_what_was_a_document_of_the_old_case_can_still_be_read_there(house, people, pol, case_id):
    answer(house, pol, case_id, "S2", {"decision": "起诉"})
    house.work_all()
    new = split(house, pol, case_id, ["S2"])
    (paper,) = [entry["row"] for entry in seen(house, pol, case_id)["documents"] if entry["row"].subject]
    assert (paper.case_id, paper.number) == (new, "虚公决〔2026〕1号")
    with house.work(read_only=True) as work:
        assert documents.see_document(work, pol, paper.id).id == paper.id
        assert documents.case_of(work, pol, paper).id == new
        with pytest.raises(NotFound):
            documents.see_document(work, people["asker"], paper.id)


def test_the_process_goes_on_in_the_new_case_and_a_number_is_given_once(house, pol, case_id):
    new = split(house, pol, case_id, ["S2"])
    answer(house, pol, new, "S2", {"decision": "不起诉"})
    answer(house, pol, case_id, "S1", {"decision": "起诉"})
    house.work_all()
    with house.work(read_only=True) as work:
        issued = [
            (row.subject, row.number)
            for one in (new, case_id)
            for row in document_rows.issued_in_case(work.connection, one)
            if row.code == "person_decision"
        ]
    assert [subject for subject, _ in issued] == ["S2", "S1"]
    assert len({number for _, number in issued}) == 2
    answer(house, pol, new, "S2", {"decision": "不起诉"})
    assert all(entry["row"].ended_at for entry in seen(house, pol, new)["processes"])


def test_what_was_known_is_known_in_the_new_case(house, pol, case_id):
    with house.work() as work:
        facts.add_facts(
            work.connection,
            case_id=case_id,
            agency_id=pol.agency_id,
            facts={"filing_no": "虚立1号"},
            task_id=None,
            officer_id=pol.id,
            at=work.now,
        )
    new = split(house, pol, case_id, ["S2"])
    with house.work(read_only=True) as work:
        known = tasks.see_task(work, pol, task_of(house, pol, new, "S2")).known
        assert (known["filing_no"], known["person_name"]) == ("虚立1号", "虚构S2")
    assert seen(house, pol, new)["typed_twice"] == seen(house, pol, case_id)["typed_twice"] == 0


def test_both_cases_are_linked_and_their_histories_kept(house, people, pol, case_id):
    steps = len([entry for entry in seen(house, pol, case_id)["history"] if entry["action"] == "step"])
    new = split(house, pol, case_id, ["S2"])
    old_view, new_view = seen(house, people["asker"], case_id), seen(house, people["asker"], new)
    assert len([entry for entry in old_view["history"] if entry["action"] == "step"]) == steps
    assert [entry["action"] for entry in new_view["history"]][-1] == "case_split_here"
    assert any(entry["action"] == "step" for entry in new_view["history"])
    (out,), (back,) = old_view["links"], new_view["links"]
    assert (out["case_number"], out["outward"], out["kind"]) == (new_view["case"].number, True, "split")
    assert (back["case_number"], back["outward"], back["document"]) == (old_view["case"].number, False, WHY[1])
    assert [person["name"] for person in out["persons"]] == ["虚构S2"]


def test_the_line_of_custody_goes_with_the_person(house, pol, case_id):
    with house.work(read_only=True) as work:
        before = {one.person: one.line for one in detention.held_in_case(work, pol, case_id)}
    new = split(house, pol, case_id, ["S2"])
    with house.work(read_only=True) as work:
        (held,) = detention.held_in_case(work, pol, new)
        assert held.line == before["S2"]
        assert [one.person for one in detention.held_in_case(work, pol, case_id)] == ["S1", "S3"]


def test_chosen_papers_are_shown_in_the_new_case_and_no_others(house, people, pol, case_id):
    (paper,) = [entry["row"] for entry in seen(house, pol, case_id)["documents"]]
    without = split(house, pol, case_id, ["S2"])
    having = split(house, pol, case_id, ["S3"], papers=[paper.id])
    assert seen(house, pol, without)["documents"] == []
    for officer in (pol, people["asker"]):
        assert [entry["row"].id for entry in seen(house, officer, having)["documents"]] == [paper.id]


def test_a_chosen_item_is_shown_and_stays_with_its_trail_where_it_was_seized(house, people, case_id):
    pol = people["answerer"]
    put_item(house, pol, case_id)
    put_item(house, pol, case_id, "E-02")
    seize(house, pol, people["head"].id, case_id)
    with house.work() as work:
        before = export_trail(work, pol, case_id)
    new = split(house, pol, case_id, ["S2"], items=["E-01"])
    assert codes(seen(house, pol, new), "items") == ["E-01"]
    assert codes(seen(house, pol, case_id), "items") == ["E-01", "E-02"]
    assert codes(seen(house, people["asker"], new), "items") == []
    with house.work() as work:
        old = case_rows.get_case(work.connection, case_id)
        assert old.number.encode() in before
        _, trail = custody.trail(work, pol, case_id, "E-01")
        assert len(trail) == 1
        with pytest.raises(NotFound):
            custody.trail(work, pol, new, "E-01")


@pytest.mark.parametrize(
    ("persons", "at"),
    [([], "persons"), (["S9"], "persons"), (["S1", "S2", "S3"], "persons"), (["S1", "S1", "S2", "S3"], "persons")],
)
def test_who_may_not_be_split_off(house, pol, case_id, persons, at):
    before = everything(house, case_id)
    with pytest.raises(Invalid) as refused:
        split(house, pol, case_id, persons)
    assert refused.value.at == at
    assert everything(house, case_id) == before


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ({"items": ["E-77"]}, "items"),
        ({"papers": ["x"]}, "papers"),
        ({"number": "a\nb"}, "number"),
        ({"number": "x" * 61}, "number"),
    ],
)
def test_what_may_not_be_shown_or_called(house, pol, case_id, given, at):
    before = everything(house, case_id)
    with pytest.raises(Invalid) as refused:
        split(house, pol, case_id, ["S1"], **given)
    assert refused.value.at == at
    assert everything(house, case_id) == before


@pytest.mark.parametrize(
    ("name", "why", "document", "at"),
    [
        (" ", "理由", "文号", "name"),
        ("案", "", "文号", "why"),
        ("案", "理由", " ", "document"),
        ("案", "x" * 501, "y", "why"),
    ],
)
def test_a_split_says_its_name_its_reason_and_its_decision(house, pol, case_id, name, why, document, at):
    with house.work() as work, pytest.raises(Invalid) as refused:
        joining.split(work, pol, case_id, ["S1"], name, why, document)
    assert refused.value.at == at


def test_a_number_that_is_taken_is_refused(house, pol, case_id):
    with pytest.raises(Invalid, match="taken"):
        split(house, pol, case_id, ["S1"], number=seen(house, pol, case_id)["case"].number)
    assert seen(house, pol, split(house, pol, case_id, ["S1"], number="虚-1"))["case"].number == "虚-1"


def test_a_person_on_the_way_stays(house, people, pol):
    case_id = a_case(house, people, ["S1", "S2"], signed=False)
    with house.work() as work:
        first = next(
            row
            for row in transfer_rows.transfers_of_case(work.connection, case_id, agency_id=pol.agency_id)
            if row.payload["person"] == "S1"
        )
        transfers.sign_for(work, pol, first.id)
    with pytest.raises(Conflict, match="signed for"):
        split(house, pol, case_id, ["S2"])
    assert codes(seen(house, pol, split(house, pol, case_id, ["S1"]))) == ["S1"]


def test_a_person_at_whom_the_machine_or_another_agency_works_stays(house, people, pol, case_id):
    with pytest.raises(Conflict, match="at work on 虚构S1"):
        split(house, people["asker"], case_id, ["S1"])
    answer(house, pol, case_id, "S1", {"decision": "起诉"})
    with pytest.raises(Conflict, match="The system is doing"):
        split(house, pol, case_id, ["S1"])
    house.work_all()
    split(house, pol, case_id, ["S1"])


def test_things_being_handed_over_stay(house, people, pol, case_id):
    put_item(house, pol, case_id, holder="虚构S2")
    seize(house, pol, people["head"].id, case_id)
    with house.work() as work:
        custody_handovers.open_handover(
            work,
            pol,
            case_id,
            number="虚交1号",
            to_agency=people["asker"].agency_id,
            items={"E-01": None},
            place="虚构处",
        )
    for persons, given in ((["S1"], {"items": ["E-01"]}), (["S2"], {})):
        with pytest.raises(Conflict, match="being handed over"):
            split(house, pol, case_id, persons, **given)
    split(house, pol, case_id, ["S1"])


def test_a_stranger_is_told_that_there_is_no_such_case(house, people, case_id):
    with pytest.raises(NotFound):
        split(house, people["stranger"], case_id, ["S1"])


# Joining


@pytest.fixture
def other(house, people):
    return a_case(house, people, ["S7", "S8"])


def test_the_persons_of_the_other_case_come_under_the_leading_one(house, pol, case_id, other):
    answer(house, pol, other, "S7", {"decision": "起诉"})
    house.work_all()
    before = {entry["row"].id: (entry["row"].start, entry["row"].due) for entry in seen(house, pol, other)["deadlines"]}
    join(house, pol, case_id, other)
    view = seen(house, pol, case_id)
    assert codes(view) == ["S1", "S2", "S3", "S7", "S8"]
    after = {entry["row"].id: (entry["row"].start, entry["row"].due) for entry in view["deadlines"]}
    assert {key: after[key] for key in before} == before
    assert sorted(entry["person"] for entry in view["documents"]) == ["", "", "虚构S7"]
    old = seen(house, pol, other)
    assert (old["case"].state, codes(old)) == ("joined", [])
    assert [link["case_number"] for link in old["links"]] == [view["case"].number]
    assert [link["outward"] for link in view["links"]] == [False]
    answer(house, pol, case_id, "S8", {"decision": "不起诉"})
    house.work_all()
    assert {entry["person"] for entry in seen(house, pol, case_id)["documents"]} == {"", "虚构S7", "虚构S8"}


def test_what_was_said_of_the_joined_case_is_said_of_its_persons_only(house, pol, case_id, other):
    for one, number in ((case_id, "虚立1号"), (other, "虚立2号")):
        with house.work() as work:
            facts.add_facts(
                work.connection,
                case_id=one,
                agency_id=pol.agency_id,
                facts={"filing_no": number},
                task_id=None,
                officer_id=pol.id,
                at=work.now,
            )
    join(house, pol, case_id, other)
    with house.work(read_only=True) as work:
        said = {
            subject: tasks.see_task(work, pol, task_of(house, pol, case_id, subject)).known["filing_no"]
            for subject in ("S1", "S7", "S8")
        }
    assert said == {"S1": "虚立1号", "S7": "虚立2号", "S8": "虚立2号"}


def test_a_code_that_exists_twice_is_refused_with_a_free_one(house, people, pol, case_id):
    twin = a_case(house, people, ["S1", "S2"])
    before = everything(house, case_id, twin)
    with pytest.raises(Invalid) as refused:
        join(house, pol, case_id, twin)
    assert (refused.value.at, "S4" in refused.value.zh) == ("codes.S1", True)
    assert everything(house, case_id, twin) == before
    with house.work(read_only=True) as work:
        assert joining.offered_codes(work, pol, case_id, twin)["parties"] == {"S1": "S4", "S2": "S5"}
    with pytest.raises(Invalid):
        join(house, pol, case_id, twin, codes={"S1": "S4", "S2": "S4"})
    join(house, pol, case_id, twin, codes={"S1": "S4", "S2": "S5"})
    view = seen(house, pol, case_id)
    assert codes(view) == ["S1", "S2", "S3", "S4", "S5"]
    answer(house, pol, case_id, "S4", {"decision": "起诉"})
    house.work_all()
    answer(house, pol, case_id, "S4", {"decision": "起诉"})
    subjects = [entry["row"].subject for entry in seen(house, pol, case_id)["processes"]]
    assert sorted(subjects) == ["", "S1", "S2", "S3", "S4", "S5"]
    with house.work(read_only=True) as work:
        (paper,) = [row for row in document_rows.issued_in_case(work.connection, case_id) if row.subject == "S4"]
        assert paper.data["person_name"] == "虚构S1"


def test_items_of_the_joined_case_are_shown_under_a_code_of_the_leading_one(house, people, pol, case_id, other):
    for one in (case_id, other):
        put_item(house, pol, one)
        seize(house, pol, people["head"].id, one)
    with pytest.raises(Invalid) as refused:
        join(house, pol, case_id, other)
    assert refused.value.at == "item_codes.E-01"
    join(house, pol, case_id, other, item_codes={"E-01": "E-02"})
    assert codes(seen(house, pol, case_id), "items") == ["E-01", "E-02"]
    with house.work() as work:
        number = case_rows.get_case(work.connection, other).number
        assert number.encode() in export_trail(work, pol, other)
        with pytest.raises(Invalid):
            joining_limits.new_codes(work, case_id, "items", ["E-02"], {})


def test_a_case_is_not_joined_to_itself_nor_twice_nor_started_again(house, people, pol, case_id, other):
    with pytest.raises(Invalid):
        join(house, pol, case_id, case_id)
    join(house, pol, case_id, other)
    third = a_case(house, people, ["S21"])
    for leading, brought in ((case_id, other), (third, other), (other, third)):
        with pytest.raises(Conflict, match="joined to another"):
            join(house, pol, leading, brought)
    with house.work() as work, pytest.raises(Conflict, match="joined to another"):
        cases.start_process(work, people["asker"], other, process="name_persons")


def test_cases_of_others_are_refused(house, people, case_id, other):
    with pytest.raises(Conflict, match="is at work on case"):
        join(house, people["asker"], case_id, other)
    with pytest.raises(NotFound):
        join(house, people["stranger"], case_id, other)
    with house.work() as work:
        case_rows.add_participant(
            work.connection, case_id=case_id, agency_id=people["stranger"].agency_id, kind="adm", at=work.now
        )
    with pytest.raises(Conflict, match="not your agency's"):
        split(house, people["stranger"], case_id, ["S1"])


def test_timers_and_letters_go_with_the_person(house, pol, case_id):
    with house.work() as work:
        row = next(row for row in processes.processes_of_case(work.connection, case_id) if row.subject == "S2")
        letter = processes.put_in_inbox(
            work.connection,
            case_id=case_id,
            agency_id=pol.agency_id,
            pool=row.pool,
            message="Message_named",
            payload={"person": "S2"},
            transfer_id=None,
            arrived_at=work.now,
        )
        work.connection.execute(
            job.insert().values(
                id="job",
                topic="timer",
                key=row.id,
                case_id=case_id,
                payload={"process_id": row.id},
                run_at=work.now.replace(year=2030),
                state="ready",
                attempts=0,
                created_at=work.now,
            )
        )
    new = split(house, pol, case_id, ["S2"])
    with house.work(read_only=True) as work:
        assert work.connection.execute(select(job.c.case_id).where(job.c.id == "job")).scalar_one() == new
        (lying,) = processes.pending_messages(
            work.connection, case_id=new, pool="name_persons_pol", agency_id=pol.agency_id
        )
        assert lying.id == letter
