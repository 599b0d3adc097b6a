"""The page of a hand-over moves the process that runs it; two at once in one case do not get into each other's way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from app.catalogue.bundles import collect_files
from app.domain.access import Officer
from app.domain.errors import Conflict, Forbidden, Invalid
from app.services import cases, custody_handovers, demo, handover_desk, publishing
from app.services.work import officer_value
from app.storage import custody, officers, processes
from app.storage import tasks as task_rows
from app.wiring import House, plain_renderer
from tests.houses import ROOT, a_config

FIXTURE = ROOT / "tests/processes/_fixtures/kunshan.yaml"
TAKEN = {"by": "chen_guodong", "beside": ["wu_min"], "items": ["E-01", "E-02", "E-06"]}


@pytest.fixture
def house(tmp_path: Path, migrated_url: str) -> Iterator[House]:
    built = House(a_config(tmp_path, database_url=migrated_url), renderer=plain_renderer())
    with built.work() as work:
        demo.put_people(work, yaml.safe_load(FIXTURE.read_text(encoding="utf-8")))
        publishing.publish_all(work, collect_files(ROOT))
    yield built
    built.close()


@pytest.fixture
def case_id(house: House) -> str:
    with house.work() as work:
        fixture = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))
        new = cases.open_case(
            work,
            someone(house, "chen_guodong"),
            process="case_transfer",
            name="虚构案",
            charge="",
            partners={"pol": "pol", "proc": "proc"},
        )
        demo.put_custody(work, new, fixture, TAKEN)
        return new


def someone(house: House, username: str) -> Officer:
    with house.work(read_only=True) as work:
        row = officers.officer_by(work.connection, username=username)
        assert row is not None
        return officer_value(work, row)


def begin(house: House, case_id: str, to: str, items: list[str], **more: object) -> str:
    with house.work() as work:
        answers = {"to_agency": to, "place": "管理中心", "items": items, **more}
        return handover_desk.begin(work, someone(house, "chen_guodong"), case_id, answers)


def count(house: House, who: str, handover: str, **counted: int) -> None:
    officer = someone(house, who)
    with house.work() as work:
        for code, number in counted.items():
            seal = True if code == "E_01" else None
            custody_handovers.count_line(work, officer, handover, code.replace("_", "-"), counted=number, seal_ok=seal)
        handover_desk.finish(work, officer, handover, step="count")


def sign(house: House, who: str, handover: str) -> bool:
    with house.work() as work:
        return handover_desk.sign(work, someone(house, who), handover)


def open_steps(house: House, case_id: str) -> dict[str, list[str]]:
    """The open tasks about hand-overs: agency key → elements."""
    found: dict[str, list[str]] = {}
    with house.work(read_only=True) as work:
        for row in task_rows.open_tasks_of_case(work.connection, case_id):
            if "handover" in row.properties:
                found.setdefault(work.agency(row.agency_id).key, []).append(row.element)
    return found


def test_two_hand_overs_of_one_case_keep_their_letters_apart(house: House, case_id: str) -> None:
    police = begin(house, case_id, "pol", ["E-01"])
    procuratorate = begin(house, case_id, "proc", ["E-02"])
    assert open_steps(house, case_id) == {"pol": ["Task_count_items"], "proc": ["Task_count_items"]}
    count(house, "fang_yuan", procuratorate, E_02=36)
    assert not sign(house, "fang_yuan", procuratorate)
    assert open_steps(house, case_id) == {"pol": ["Task_count_items"], "adm": ["Task_sign_giver"]}
    with pytest.raises(Conflict, match="other side"):
        sign(house, "chen_guodong", police)
    assert sign(house, "chen_guodong", procuratorate)
    count(house, "shao_jing", police, E_01=640)
    assert not sign(house, "shao_jing", police)
    assert sign(house, "chen_guodong", police)
    house.work_all()
    with house.work(read_only=True) as work:
        ends = {
            (row.pool.rpartition("_")[2], work.agency(row.agency_id).key): row.end_element
            for row in processes.processes_of_case(work.connection, case_id)
            if row.ended_at is not None
        }
        assert ends == {("receiver", "pol"): "End_received", ("receiver", "proc"): "End_received"}
        held = {
            plain["item"]: plain["custodian"]["agency"] for plain in custody.ledgers_of_case(work.connection, case_id)
        }
        assert held == {"E-01": "pol", "E-02": "proc", "E-06": "adm"}


def test_a_difference_goes_to_the_giver_and_only_the_side_in_turn_gives_up(house: House, case_id: str) -> None:
    handover = begin(house, case_id, "pol", ["E-02", "E-06"])
    with pytest.raises(Conflict), house.work() as work:
        handover_desk.cancel(work, someone(house, "chen_guodong"), handover, why="改期")
    with pytest.raises(Invalid) as refused:
        count(house, "shao_jing", handover, E_02=35)
    assert refused.value.at == "lines.E-06.counted"
    count(house, "shao_jing", handover, E_02=35, E_06=1)
    assert open_steps(house, case_id) == {"adm": ["Task_explain_differences"]}
    with house.work() as work:
        handover_desk.cancel(work, someone(house, "chen_guodong"), handover, why="账册缺页，查明后另行移交")
    assert open_steps(house, case_id) == {}
    with house.work(read_only=True) as work:
        row = custody.get_handover(work.connection, handover)
        assert row is not None
        assert row.state == "cancelled"
        assert {one.end_element for one in processes.processes_of_case(work.connection, case_id) if one.ended_at} == {
            "End_withdrawn_explaining",
            "End_withdrawn_counted",
        }


def test_two_of_a_side_sign_and_the_task_stays_for_the_second(house: House, case_id: str) -> None:
    handover = begin(house, case_id, "pol", ["E-06"], signers=[2, 2])
    count(house, "shao_jing", handover, E_06=1)
    assert not sign(house, "shao_jing", handover)
    assert open_steps(house, case_id) == {"pol": ["Task_sign_receiver"]}
    with pytest.raises(Invalid, match="another person"):
        sign(house, "shao_jing", handover)
    assert not sign(house, "shen_tao", handover)
    assert not sign(house, "chen_guodong", handover)
    assert sign(house, "wu_min", handover)


def test_who_holds_no_role_of_custody_neither_lists_nor_counts(house: House, case_id: str) -> None:
    with pytest.raises(Forbidden), house.work() as work:
        handover_desk.begin(
            work,
            someone(house, "xu_jianping"),
            case_id,
            {"to_agency": "pol", "place": "管理中心", "items": ["E-06"]},
        )
    handover = begin(house, case_id, "pol", ["E-06"])
    with pytest.raises(Forbidden):
        count(house, "lu_zhiqiang", handover, E_06=1)


def test_a_refused_list_leaves_no_process_behind(house: House, case_id: str) -> None:
    for answers, at in (
        ({"to_agency": "king", "place": "库", "items": ["E-01"]}, "to_agency"),
        ({"to_agency": "crt", "place": "库", "items": ["E-01"]}, "to_agency"),
        ({"to_agency": "pol", "place": "", "items": ["E-01"]}, "place"),
        ({"to_agency": "pol", "place": "库", "items": []}, "items"),
        ({"to_agency": "pol", "place": "库", "items": ["E-01", "E-01"]}, "items"),
        ({"to_agency": "pol", "place": "库", "items": {"E-01": True}}, "items.E-01"),
        ({"to_agency": "pol", "place": "库", "items": ["E-01"], "signers": [1]}, "signers"),
        ({"to_agency": "pol", "place": "库", "items": ["E-01"], "signers": [0, 1]}, "signers"),
        ({"to_agency": ["pol"], "place": "库", "items": ["E-01"]}, "to_agency"),
    ):
        with pytest.raises(Invalid) as refused, house.work() as work:
            handover_desk.begin(work, someone(house, "chen_guodong"), case_id, answers)
        assert refused.value.at == at
    assert open_steps(house, case_id) == {}
    with house.work(read_only=True) as work:
        assert custody.handovers_of_case(work.connection, case_id) == []
