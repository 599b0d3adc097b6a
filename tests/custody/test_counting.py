"""The counting screen's figures: told by SQL, measured by the rules, the same whatever happened between."""

import pytest

from app.domain.custody_handover import CLASSES, VERDICTS, fitting_classes
from app.domain.errors import Invalid, NotFound
from app.domain.label import item_label
from app.services import custody, custody_counting, custody_handovers
from app.services.custody_counting import PAGE, Tally
from app.storage import custody as rows
from tests.custody.kunshan import H03, H04, SAMPLING, seize_all


@pytest.fixture
def h1(stage):
    seize_all(stage)
    stage.clock.go_to("2026-03-18T10:00")
    return stage.open("chen", "pol", "虚交1号", {"E-01": 640, "E-02": None, "E-03": None, "E-04": None})


def standing(stage, handover, by="shao"):
    return custody_counting.see_standing(stage.work, stage.people[by], handover)


def codes(stage, handover, **asked):
    page = custody_counting.see_page(stage.work, standing(stage, handover), **asked)
    return [seen.line.item for seen in page.lines]


def test_every_line_is_of_one_verdict(stage, h1):
    assert standing(stage, h1).tally == Tally(uncounted=4)
    stage.count("shao", h1, "E-01", counted=628, classes=["sample_consumed"], proof=SAMPLING, seal_ok=True)
    stage.count("shao", h1, "E-02", counted=35)
    stage.count("shao", h1, "E-03", counted=1, hash_found=H03)
    told = standing(stage, h1)
    assert told.tally == Tally(uncounted=1, equal=1, explained=1, open=1)
    assert [(one.item, one.field) for one in told.differences] == [("E-02", "classes")]
    assert codes(stage, h1, show="differing") == ["E-01", "E-02"]
    assert codes(stage, h1, show="uncounted") == ["E-04"]
    assert custody_counting.next_to_count(stage.work, h1, 1) == "E-04"
    assert custody_counting.next_to_count(stage.work, h1, 3) == "E-04"


def test_the_tally_is_what_the_rules_say_of_every_line(stage, h1):
    stage.count("shao", h1, "E-01", counted=628, seal_ok=True)
    stage.count("shao", h1, "E-03", counted=1, hash_found=H04)
    seen = custody_handovers.see_handover(stage.work, stage.people["shao"], h1)
    tally = standing(stage, h1).tally
    assert tally.uncounted + tally.open == len({one.item for one in seen.differences})
    custody_handovers.explain_line(
        stage.work, stage.people["chen"], h1, "E-01", classes=["sample_consumed"], proof=SAMPLING
    )
    assert standing(stage, h1).tally == Tally(uncounted=2, explained=1, open=1)


def test_a_trail_that_grows_has_its_line_measured_again(stage, h1):
    stage.count("shao", h1, "E-02", counted=36)
    assert standing(stage, h1).tally.equal == 1
    cause = stage.cause("检验", "虚抽9号", "wu")
    custody.sample(stage.work, stage.people["chen"], stage.case.id, "E-02", cause, quantity=1)
    assert not custody_counting.is_judged(stage.work, h1)
    assert standing(stage, h1).tally == Tally(uncounted=3, open=1)
    assert custody_counting.is_judged(stage.work, h1)


def test_a_line_somebody_else_wrote_is_measured_again(stage, h1):
    stage.count("shao", h1, "E-03", counted=1, hash_found=H03)
    row = rows.get_line(stage.connection, handover_id=h1, code="E-03")
    changed = {**row.content, "hash_found": H04, "classes": ["hash_mismatch"]}
    rows.change_line(stage.connection, handover_id=h1, item_id=row.item_id, content=changed)
    assert standing(stage, h1).tally.open == 1


def test_a_signed_list_stays_what_it_was(stage, h1):
    stage.count("shao", h1, "E-01", counted=628, classes=["sample_consumed"], proof=SAMPLING, seal_ok=True)
    stage.count("shao", h1, "E-02", counted=36)
    stage.count("shao", h1, "E-03", counted=1, hash_found=H03)
    stage.count("shao", h1, "E-04", counted=1, hash_found=H04)
    stage.sign(h1, "chen", "shen")
    custody.view(stage.work, stage.people["shen"], stage.case.id, "E-02", stage.cause("查看"))
    assert standing(stage, h1).tally == Tally(equal=3, explained=1)
    stage.connection.execute(rows.handover_line.update().values(verdict=None))  # as in a database of an older version
    assert standing(stage, h1).tally == Tally(equal=3, explained=1)


def test_a_changed_hash_is_all_that_stays_open_of_it(stage, h1):
    stage.count("shao", h1, "E-03", counted=1, hash_found=H04)
    assert [one.field for one in standing(stage, h1).differences] == ["hash_found"]


def test_a_list_is_read_in_pages_and_an_item_is_found_on_its_own(stage):
    wanted = [f"B-{number:03}" for number in range(2 * PAGE + 3)]
    for code in wanted:
        stage.put_item("adm", code=code, name="虚构物品", category="物证", qty=3, unit="件")
        stage.seize(code, "chen", "wu", "虚扣1号")
    handover = stage.open("chen", "pol", "虚交2号", wanted)
    assert codes(stage, handover, show="all") == wanted[:PAGE]
    assert codes(stage, handover, show="all", number=3) == wanted[-3:]
    assert codes(stage, handover, show="all", number=99) == wanted[-3:]
    assert codes(stage, handover, show="all", number=-5) == wanted[:PAGE]
    assert codes(stage, handover, show="all", at="B-070") == wanted[PAGE : 2 * PAGE]
    seen = custody_counting.see_line(stage.work, standing(stage, handover), "B-070")
    assert (seen.position, seen.line.item) == (70, "B-070")
    with pytest.raises(NotFound):
        custody_counting.see_line(stage.work, standing(stage, handover), "E-01")


def test_a_label_is_of_this_case_and_on_this_list(stage, h1):
    def found(text):
        return custody_counting.find_scanned(stage.work, stage.people["shao"], h1, text)

    assert found(item_label(stage.case.number, "E-03")) == "E-03"
    assert found("e-03") == "E-03"
    for text in (item_label("虚构他案", "E-03"), item_label(stage.case.number, "E-06"), "XJ1P:adm/A-1", "x" * 9000):
        with pytest.raises(Invalid) as refused:
            found(text)
        assert refused.value.at in ("scan", "label")
    with pytest.raises(NotFound):
        custody_counting.find_scanned(stage.work, stage.people["fang"], h1, "E-03")


def test_codes_that_differ_in_case_only_are_told_apart(stage):
    for code in ("a-1", "A-1"):
        stage.put_item("adm", code=code, name="虚构物品", category="物证", qty=3, unit="件")
        stage.seize(code, "chen", "wu", "虚扣1号")
    handover = stage.open("chen", "pol", "虚交3号", ["a-1", "A-1"])
    found = [custody_counting.find_scanned(stage.work, stage.people["shao"], handover, code) for code in ("a-1", "A-1")]
    assert found == ["a-1", "A-1"]


@pytest.mark.parametrize(
    ("unit", "listed", "recorded", "classes"),
    [
        ("盒", 0, 0, {"damaged"}),
        ("盒", -12, 0, {"sample_consumed", "count_error"}),
        ("盒", -12, -12, {"sample_consumed", "count_error", "missing", "damaged"}),
        ("盒", 1, 1, {"count_error", "extra"}),
        ("kg", 1, 1, {"count_error", "extra", "weighing_tolerance"}),
        ("kg", -1, 0, {"sample_consumed", "count_error", "weighing_tolerance"}),
    ],
)
def test_a_class_fits_a_quantity(unit, listed, recorded, classes):
    assert fitting_classes(unit, listed=listed, recorded=recorded) == classes
    assert classes <= set(CLASSES)


def test_verdicts_are_the_fields_of_a_tally():
    assert set(VERDICTS) == set(Tally.__dataclass_fields__)
