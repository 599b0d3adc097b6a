from datetime import UTC, datetime

import pytest

from app.catalogue.stories import read_story
from app.domain.errors import BrokenBundle

STORY = """process: case_transfer
clock: 2026-03-12T16:30+08:00
given: {case: kunshan}
agencies: {pol: ks_pol}
steps:
  - {task: Task_write_report, as: adm_officer, answers: {charge: 销售假药罪, at: 12:30}}
  - task: Task_approve
    as: adm_head
    at: 2026-03-13T10:00+08:00
    expect: {open: [Task_send], documents: [adm_transfer_letter], deadlines: {D02: 2026-03-14T10:00+08:00}}
  - {wait_until: 2026-03-17}
  - {task: Task_send, answers: {amount: -1}, refused: [amount]}
ends: {case_transfer_adm: End_transferred, case_transfer_pol: End_filed}
"""


def test_a_story_is_read():
    story = read_story(STORY, file="s.yaml")
    assert (story.process, story.given, story.agencies) == ("case_transfer", {"case": "kunshan"}, {"pol": "ks_pol"})
    assert story.clock == datetime(2026, 3, 12, 8, 30, tzinfo=UTC)
    report, approve, wait, send = story.steps
    assert (report.task, report.who, report.answers["at"]) == ("Task_write_report", "adm_officer", "12:30")
    assert approve.at == datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
    assert approve.expect["deadlines"] == {"D02": "2026-03-14T10:00+08:00"}
    assert wait.wait_until == datetime(2026, 3, 16, 16, 0, tzinfo=UTC)
    assert (send.refused, send.line) == (["amount"], 12)
    assert story.ends["case_transfer_pol"] == "End_filed"


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("process: case_transfer", "process: Case Transfer", "no-process", 1),
        ("clock: 2026-03-12T16:30+08:00", "clock: soon", "bad-moment", 1),
        ("clock: 2026-03-12T16:30+08:00\n", "", "no-clock", 1),
        ("given: {case: kunshan}", "given: kunshan", "not-a-mapping", 1),
        ("agencies: {pol: ks_pol}", "agencies: {pol: [a]}", "not-text", 4),
        ("task: Task_approve\n", "task: Task_approve\n    start: other\n", "not-a-step", 7),
        ("as: adm_head", "role: adm_head", "unknown-name", 7),
        ("at: 2026-03-13T10:00+08:00", "at: 2026-03-11T10:00+08:00", "back-in-time", 7),
        ("at: 2026-03-13T10:00+08:00", "at: 2026-02-30", "bad-moment", 7),
        ("refused: [amount]", "refused: amount", "not-a-list", 12),
        ("open: [Task_send]", "open: Task_send", "not-a-list", 7),
        ("documents:", "papers:", "unknown-name", 10),
        ("ends: {case_transfer_adm: End_transferred, case_transfer_pol: End_filed}", "", "no-ends", 1),
        ("task: Task_approve", "task: '../x'", "bad-name", 7),
        (STORY, "- a", "not-a-story", 1),
        (STORY, "a: [", "not-yaml", 1),
    ],
)
def test_a_broken_story_is_refused_with_its_line(old, new, code, line):
    assert old in STORY
    with pytest.raises(BrokenBundle) as broken:
        read_story(STORY.replace(old, new), file="s.yaml")
    assert (code, line) in [(fault.code, fault.line) for fault in broken.value.faults]
