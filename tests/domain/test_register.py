import re
from datetime import date
from pathlib import Path

import pytest

from app.catalogue.register import load_calendar, load_register, load_roles
from app.domain.deadlines import compute, parse_start
from app.domain.errors import BrokenBundle, NotFound

SHARED = Path(__file__).parents[2] / "bpmn" / "_shared"
RULE = """version: v
open_points:
  O1: {zh: 问, en: asked}
rules:
  D01:
    who: adm
    zh: 做
    en: do
    start: {zh: 始, en: begin}
    n: 3
    unit: d
    roll: true
    custody: never
    article: 某法第1条
    source: X 1
    status: verified
"""


def faults_of(load, text):
    with pytest.raises(BrokenBundle) as refused:
        load(text, file="some.yaml")
    return {(fault.line, fault.code) for fault in refused.value.faults}


def test_the_register_is_whole(register):
    assert list(register.rules) == [f"D{number:02}" for number in range(1, 97)]
    assert "D27x" in register
    assert "D97" not in register


def test_every_limit_but_the_threshold_can_be_computed(register, calendar):
    start = parse_start("2026-03-12T10:00")
    computed = [rule.id for rule in register if not rule.not_computable and compute(rule, start, calendar=calendar).due]
    assert {rule.id for rule in register} - set(computed) == {"D69"}


def test_everybody_named_in_the_register_is_known(register, roles):
    known = {*roles.kinds, *roles.roles, "party", "bank"}
    assert {rule.who for rule in register} <= known


def test_custody_limits_are_those_of_the_law(register):
    kinds = {rule.id: rule.custody for rule in register.rules.values()}
    assert {key for key, kind in kinds.items() if kind == "always"} == {"D27", "D28", "D29", "D37"}
    assert {key for key, kind in kinds.items() if kind == "optional"} == {
        *("D40", "D41", "D43", "D57", "D59", "D60", "D66"),
    }


def test_every_rule_names_its_article_in_full(register):
    assert all(re.search(r"第\d+|〔\d{4}〕|意见|指引|通知", rule.article) for rule in register)


def test_an_extended_rule_reads_like_a_rule(register):
    rule = register.rule("D37b")
    assert (rule.article, rule.custody, rule.n, rule.unit) == ("刑事诉讼法第158条", "always", 2, "m")
    assert [extension.id for extension in rule.granted] == ["D37a", "D37b"]


def test_a_small_register_is_read():
    register = load_register(RULE, file="some.yaml")
    assert register.rule("D01").start.zh == "始"
    assert register.version == "v"


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("n: 3", "n: -3", 6, "bad-length"),
        ("n: 3", "n: three", 6, "bad-length"),
        ("n: 3", "n: true", 6, "bad-length"),
        ("n: 3", "n: 1.5", 6, "bad-length"),
        ("    n: 3\n", "", 6, "bad-length"),
        ("unit: d", "unit: week", 6, "bad-choice"),
        ("unit: d", "unit: [d]", 6, "bad-choice"),
        ("roll: true", "roll: maybe", 6, "bad-flag"),
        ("custody: never", "custody: perhaps", 6, "bad-choice"),
        ("status: verified", "status: sure", 6, "bad-choice"),
        ("zh: 做", "zh: ''", 6, "bad-text"),
        ("zh: 做", "zh: [1]", 6, "bad-text"),
        ("who: adm", "whom: adm", 6, "unknown-key"),
        ("D01:", "X01:", 6, "bad-id"),
        ("article: 某法第1条", "article: x\n    open_points: [O9]", 6, "unknown-point"),
        ("roll: true", "direction: before\n    roll: true", 6, "bad-roll"),
        ("start: {zh: 始, en: begin}", "start: 始", 1, "not-mapping"),
    ],
)
def test_a_broken_rule_is_refused_with_its_line(old, new, line, code):
    assert (line, code) in faults_of(load_register, RULE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("extension", "code"),
    [
        ("{id: D02x, zh: 延, en: more, effect: adds, n: 1, unit: d}", "bad-id"),
        ("{id: D01x, zh: 延, en: more, effect: adds, n: 1, unit: wd}", "bad-unit"),
        ("{id: D01x, zh: 延, en: more, effect: doubles, n: 1, unit: d}", "bad-choice"),
        ("{id: D01x, zh: 延, en: more, effect: adds, n: 1, unit: d, after: D01y}", "bad-after"),
        ("7 d", "not-mapping"),
    ],
)
def test_a_broken_extension_is_refused(extension, code):
    faults = faults_of(load_register, f"{RULE}    extensions:\n      - {extension}\n")
    assert code in {found for _, found in faults}


@pytest.mark.parametrize("text", ["", "[]", "version: v", "a: [", "\x00", b"\xff\xfe", "rules: 3\nopen_points: 4"])
@pytest.mark.parametrize("load", [load_register, load_calendar, load_roles])
def test_files_that_are_something_else(load, text):
    assert faults_of(load, text)


def test_a_missing_file_is_told(tmp_path):
    assert faults_of(load_register, tmp_path / "none.yaml") == {(1, "unreadable")}


def test_all_faults_are_told_at_once():
    broken = RULE.replace("n: 3", "n: 0").replace("status: verified", "status: sure")
    assert {code for _, code in faults_of(load_register, broken)} == {"bad-length", "bad-choice"}


CALENDAR = """version: mine
years:
  2027:
    source: test
    off: [2027-01-01..2027-01-03, 2026-12-31]
    work: [2027-01-09]
"""


def test_a_calendar_is_read():
    calendar = load_calendar(CALENDAR)
    assert calendar.version.startswith("mine+")
    assert [calendar.is_working(date(2027, 1, day)) for day in (1, 2, 4, 9)] == [False, False, True, True]
    assert not calendar.is_working(date(2026, 12, 31))
    assert not calendar.is_provisional(date(2027, 6, 1))


def test_another_day_off_makes_another_version():
    assert load_calendar(CALENDAR).version != load_calendar(CALENDAR.replace("01-03", "01-04")).version


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("2027-01-09", "2027-02-30", "bad-day"),
        ("2027-01-09", "2028-01-09", "bad-day"),
        ("2027-01-09", "2027-01-02", "off-and-work"),
        ("2027-01-01..2027-01-03", "2027-01-03..2027-01-01", "bad-day"),
        ("2027-01-01..2027-01-03", "soon", "bad-day"),
        ("  2027:", "  27:", "bad-id"),
        ("  2027:", "  9027:", "bad-year"),
        ("source: test", "sauce: test", "unknown-key"),
    ],
)
def test_a_broken_calendar_is_refused(old, new, code):
    assert code in {found for _, found in faults_of(load_calendar, CALENDAR.replace(old, new, 1))}


def test_roles_are_read(roles):
    assert roles.name("pol_head") == ("县级以上公安机关负责人", "Head of the public security organ")
    assert {role.kind for role in roles} <= {*roles.kinds, "any"}
    assert [role.key for role in roles.of_kind("det")] == ["det_officer"]
    assert set(roles.kinds) == {"adm", "pol", "proc", "crt", "det", "exec", "hot", "c110", "coord", "sup"}
    with pytest.raises(NotFound):
        roles.role("king")


def test_a_role_of_any_kind_is_held_through_others(roles):
    assert "any_handler" in roles.widened(frozenset({"crt_clerk"}))
    assert roles.widened(frozenset({"pol_head"})) == {"pol_head"}
    assert roles.serves("any_handler", ("adm", "pol", "proc", "crt"))
    assert not roles.serves("any_handler", ("adm", "hot"))
    assert roles.serves("pol_head", ("pol",))
    assert not roles.serves("pol_head", ("pol", "proc"))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("kind: pol, zh: 受案民警", "kind: police, zh: 受案民警", "bad-choice"),
        ("  pol_intake:", "  intake:", "bad-role"),
        ("held_by: [adm_officer,", "held_by: [king,", "unknown-role"),
        ("held_by: [adm_officer,", "held_by: [any_receiver,", "unknown-role"),
        ("held_by: [adm_officer,", "held_by: adm_officer, note: [adm_officer,", "unknown-key"),
        ("{kind: pol, zh: 受案民警", "{kind: pol, held_by: [pol_head], zh: 受案民警", "bad-held_by"),
        ("  pol_intake:", "  Pol-Intake:", "bad-id"),
    ],
)
def test_a_broken_role_is_refused(old, new, code):
    text = (SHARED / "roles.yaml").read_text(encoding="utf-8")
    assert code in {found for _, found in faults_of(load_roles, text.replace(old, new, 1))}
