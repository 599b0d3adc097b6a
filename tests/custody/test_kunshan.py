"""H1, H2 and H3 of the Kunshan case, and its variant V4: a changed hash."""

from decimal import Decimal

import pytest

from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.services import custody, custody_handovers
from app.services.custody_export import export_case, export_trail
from app.services.custody_proof import verify
from tests.custody.kunshan import (
    CHAT,
    H03,
    ORDERS,
    SAMPLING,
    Stage,
    count_h1,
    hand_over_h1,
    hand_over_h2,
    play_all,
    seize_all,
)


def test_h1_is_reconciled_by_the_sampling_record_and_the_police_answer_for_628(stage: Stage) -> None:
    seize_all(stage)
    hand_over_h1(stage)
    ledger = stage.ledger("E-01")
    assert (ledger.seized, ledger.held, ledger.consumed) == (640, 628, 12)
    assert ledger.custodian.agency == ledger.custodian.keeper == stage.agencies["pol"].key
    _, entries = custody.trail(stage.work, stage.people["shen"], stage.case.id, "E-01")
    assert [entry["action"] for entry in entries] == ["seized", "sampled", "handed_over"]
    assert [person["name"] for person in entries[-1]["who"]] == ["陈国栋", "吴敏", "沈涛", "邵静"]


def test_a_sampling_that_was_never_entered_is_entered_by_the_count(stage: Stage) -> None:
    seize_all(stage, sample=False)
    hand_over_h1(stage)
    _, entries = custody.trail(stage.work, stage.people["shen"], stage.case.id, "E-01")
    assert [(entry["action"], entry["quantity"]) for entry in entries] == [
        ("seized", "640"),
        ("sampled", "12"),
        ("handed_over", "628"),
    ]
    assert entries[1]["document"] == SAMPLING


def test_h2_moves_the_responsibility_for_boxes_that_stay(stage: Stage) -> None:
    seize_all(stage)
    hand_over_h1(stage)
    before = stage.ledger("E-01")
    hand_over_h2(stage)
    after = stage.ledger("E-01")
    assert after.custodian.agency == stage.agencies["proc"].key
    assert (after.custodian.keeper, after.custodian.place) == (stage.agencies["pol"].key, before.custodian.place)
    assert after.held == 628
    assert stage.ledger("E-05").custodian.keeper == stage.agencies["proc"].key


def test_h3_brings_the_evidence_and_the_money_to_court_and_the_keeper_destroys_the_boxes(stage: Stage) -> None:
    play_all(stage)
    assert stage.ledger("E-07", by="su").held == Decimal(60000)
    assert {stage.ledger(f"E-0{n}", by="su").custodian.agency for n in (2, 3, 4, 5, 6, 7)} == {
        stage.agencies["crt"].key
    }
    boxes = stage.ledger("E-01")
    assert (boxes.held, boxes.disposed, boxes.consumed, boxes.custodian) == (0, 628, 12, None)


def test_v4_a_changed_hash_blocks_the_signature_and_says_item_and_both_hashes(stage: Stage) -> None:
    seize_all(stage)
    found = "0" * 64
    h1 = count_h1(stage, orders=found)
    line = next(
        line
        for line in custody_handovers.see_handover(stage.work, stage.people["wu"], h1).value.lines
        if line.item == "E-03"
    )
    assert line.classes == ("hash_mismatch",)
    custody_handovers.explain_line(
        stage.work, stage.people["chen"], h1, "E-03", classes=["hash_mismatch"], proof="情况说明"
    )
    for name in ("chen", "shen"):
        with pytest.raises(Invalid) as refused:
            stage.sign(h1, name)
        assert all(
            part in sentence for sentence in (refused.value.zh, refused.value.en) for part in ("E-03", H03, found)
        )
        assert refused.value.at == "lines[2].hash_found"
    assert stage.ledger("E-03", by="chen").custodian.agency == stage.agencies["adm"].key
    assert custody_handovers.see_handover(stage.work, stage.people["wu"], h1).row.signatures == []


def test_the_whole_trail_is_intact_for_the_operator_and_for_each_agency(stage: Stage) -> None:
    play_all(stage)
    assert verify(export_case(stage.work, stage.case.number)) == []
    for name, items in (("chen", 5), ("shen", 6), ("fang", 7), ("su", 6)):
        content = export_trail(stage.work, stage.people[name], stage.case.id)
        assert verify(content) == []
        assert content.count(b'"entries":') == items + 1, name


def test_the_files_of_a_trail_are_found_by_content_and_a_changed_one_is_named(stage: Stage) -> None:
    seize_all(stage)
    content = export_case(stage.work, stage.case.number)
    folder = stage.folder / "evidence"
    folder.mkdir()
    (folder / "orders.csv").write_bytes(ORDERS)
    (folder / "chat.txt").write_bytes(CHAT)
    assert verify(content, folder) == []
    (folder / "orders.csv").write_bytes(ORDERS + b" ")
    findings = verify(content, folder)
    assert [finding.item for finding in findings] == ["E-03"]
    assert H03 in findings[0].en
    assert "orders.csv" in findings[0].en


def test_a_trail_rewritten_as_a_whole_is_caught_by_the_hash_on_the_paper(stage: Stage) -> None:
    seize_all(stage)
    on_paper = export_case(stage.work, stage.case.number)
    expected = on_paper.decode().rpartition('"sha256":"')[2][:64]
    assert verify(on_paper, expected=expected) == []
    cause = stage.cause("查看")
    custody.view(stage.work, stage.people["chen"], stage.case.id, "E-02", cause)
    other = export_case(stage.work, stage.case.number)
    assert verify(other) == []
    assert [finding.at for finding in verify(other, expected=expected)] == ["sha256"]


def test_only_the_receiver_counts_and_only_its_officers_sign_for_it(stage: Stage) -> None:
    seize_all(stage)
    h1 = stage.open("chen", "pol", "接字1号", ["E-02"])
    with pytest.raises(Forbidden):
        stage.count("wu", h1, "E-02", counted=36)
    with pytest.raises(NotFound):
        stage.count("fang", h1, "E-02", counted=36)
    stage.count("shao", h1, "E-02", counted=36)
    assert stage.sign(h1, "chen", "wu") == [False, False]
    with pytest.raises(NotFound):
        stage.sign(h1, "fang")
    assert stage.sign(h1, "shao") == [True]
    with pytest.raises(Conflict):
        stage.sign(h1, "shen")


def test_nobody_signs_twice_and_nothing_changes_under_a_signature(stage: Stage) -> None:
    seize_all(stage)
    h1 = count_h1(stage)
    stage.sign(h1, "chen")
    with pytest.raises(Invalid) as refused:
        stage.sign(h1, "chen")
    assert refused.value.at == "person.name"
    with pytest.raises(Conflict):
        stage.count("shao", h1, "E-02", counted=35)
    with pytest.raises(Conflict):
        custody.view(stage.work, stage.people["chen"], stage.case.id, "E-02", stage.cause("查看"))


def test_what_is_missing_stays_with_the_giver_and_the_receiver_signs_for_the_rest(stage: Stage) -> None:
    seize_all(stage)
    h1 = stage.open("chen", "pol", "接字2号", ["E-02"])
    stage.count("shao", h1, "E-02", counted=30)
    with pytest.raises(Invalid) as refused:
        stage.sign(h1, "chen")
    assert refused.value.at == "lines[0].classes"
    custody_handovers.explain_line(stage.work, stage.people["wu"], h1, "E-02", classes=["missing"], proof="情况说明1号")
    assert stage.sign(h1, "chen", "shao") == [False, True]
    ledger = stage.ledger("E-02")
    assert (ledger.seized, ledger.held, ledger.lost) == (36, 30, 6)
    assert verify(export_case(stage.work, stage.case.number)) == []


@pytest.mark.parametrize(
    ("code", "found", "at"),
    [
        ("E-02", {"counted": 37}, "counted"),
        ("E-02", {"counted": -1}, "counted"),
        ("E-02", {"counted": "35.5"}, "counted"),
        ("E-03", {"counted": 1, "hash_found": "ab" * 31}, "hash_found"),
        ("E-02", {"counted": 36, "hash_found": "ab" * 32}, "hash_found"),
        ("E-02", {"counted": 36, "classes": ["lost"]}, "classes"),
        ("E-02", {"counted": 35, "classes": ["missing"], "proof": "说明\u202e1号"}, "proof"),
        ("E-02", {"counted": 36, "seal_ok": True}, "seal_ok"),
    ],
)
def test_a_count_that_cannot_be_is_refused_and_not_kept(stage: Stage, code: str, found: dict, at: str) -> None:
    seize_all(stage)
    h1 = stage.open("chen", "pol", "接字3号", ["E-02", "E-03"])
    with pytest.raises(Invalid) as refused:
        stage.count("shao", h1, code, **found)
    assert refused.value.at == at
    lines = custody_handovers.see_handover(stage.work, stage.people["shao"], h1).value.lines
    assert [line.counted for line in lines] == [None, None]


def test_an_item_of_another_case_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFound) as refused:
        stage.seize("E-99", "chen", "wu", "决定1号")
    assert refused.value.at == "E-99"
    seize_all(stage)
    h1 = stage.open("chen", "pol", "接字4号", ["E-02"])
    with pytest.raises(NotFound):
        stage.count("shao", h1, "E-03", counted=1)


def test_who_does_not_hold_an_item_does_not_act_on_it(stage: Stage) -> None:
    seize_all(stage)
    hand_over_h1(stage)
    with pytest.raises(Forbidden):
        custody.view(stage.work, stage.people["chen"], stage.case.id, "E-02", stage.cause("查看"))
    with pytest.raises(NotFound):
        custody.view(stage.work, stage.people["fang"], stage.case.id, "E-02", stage.cause("查看"))
    with pytest.raises(Forbidden):
        stage.open("chen", "proc", "接字5号", ["E-02"])


def test_what_is_on_loan_or_listed_already_is_not_handed_over(stage: Stage) -> None:
    seize_all(stage)
    lent = stage.cause("辨认", "审批1号", "wu")
    custody.lend(stage.work, stage.people["chen"], stage.case.id, "E-02", lent, due=stage.clock.now.date(), quantity=6)
    with pytest.raises(Conflict):
        stage.open("chen", "pol", "接字6号", ["E-02"])
    custody.give_back(stage.work, stage.people["chen"], stage.case.id, "E-02", stage.cause("归还"), quantity=6)
    first = stage.open("chen", "pol", "接字7号", ["E-02"])
    with pytest.raises(Conflict):
        stage.open("chen", "proc", "接字8号", ["E-02"])
    custody_handovers.cancel_handover(stage.work, stage.people["shao"], first, why="改期")
    assert stage.open("chen", "proc", "接字9号", ["E-02"])


def test_inside_an_agency_the_goods_come_to_a_place_and_others_count_and_sign(stage: Stage) -> None:
    seize_all(stage)
    inside = stage.open("chen", "adm", "入库1号", ["E-02"])
    with pytest.raises(Forbidden):
        custody_handovers.count_line(stage.work, stage.people["chen"], inside, "E-02", counted=36)
    custody_handovers.count_line(stage.work, stage.people["wu"], inside, "E-02", counted=36)
    assert stage.sign(inside, "chen") == [False]
    with pytest.raises(Invalid, match="another person"):
        stage.sign(inside, "chen")
    assert stage.sign(inside, "wu") == [True]
    after = stage.ledger("E-02", by="chen")
    assert (after.custodian.agency, after.held) == (stage.agencies["adm"].key, Decimal(36))
    _, entries = custody.trail(stage.work, stage.people["chen"], stage.case.id, "E-02")
    assert (entries[-1]["action"], entries[-1]["document"]) == ("stored", "入库1号")
    assert after.custodian.place == entries[-1]["to"]["place"]
    assert verify(export_case(stage.work, stage.case.number)) == []
