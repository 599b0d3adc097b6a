from pathlib import Path

import pytest
from tree_builder import DIAGRAM, a_tree, write

from app.catalogue.check import check_paths
from app.domain.errors import Invalid

STORY = """process: lend_case
clock: 2026-03-12T16:30+08:00
steps:
  - {task: Task_write, as: adm_officer, answers: {crime_name: 销售假药罪, amount: 5000},
     expect: {open: [Task_accept], documents: [adm_letter], deadlines: {D01: 2026-03-16}}}
  - {task: Task_accept, as: pol_intake, answers: {accepted: maybe}, refused: [accepted]}
  - {task: Task_accept, as: pol_intake, answers: {accepted: "yes"}}
ends: {lend_case_adm: End_done, lend_case_pol: End_accepted}
"""


@pytest.fixture
def root(tmp_path):
    write(a_tree(), tmp_path)
    write({"tests/processes/lend_case/plain.yaml": STORY.encode()}, tmp_path)
    return tmp_path


def found(paths, root):
    return [(fault.code, fault.file, fault.line) for fault in check_paths(paths, root=root)]


def test_a_whole_tree_is_clean(root):
    assert check_paths([root], root=root) == []
    assert check_paths([root / "bpmn", root / "forms", root / "documents"], root=root) == []


def test_a_folder_tells_its_own_faults_only(root):
    form = root / "forms/lend_case/accept.form"
    form.write_text(form.read_text(encoding="utf-8").replace("reason", "Reason"), encoding="utf-8")
    assert found([root / "forms"], root) == [("bad-name", "forms/lend_case/accept.form", 12)]
    assert found([form], root) == [("bad-name", "forms/lend_case/accept.form", 12)]
    assert found([root / "documents"], root) == []


def test_a_single_diagram_is_held_against_the_tree_it_lies_in(root):
    (root / DIAGRAM).write_bytes((root / DIAGRAM).read_bytes().replace(b"'adm_letter'", b"'adm_order'"))
    assert found([root / DIAGRAM], root) == [("unknown-document", DIAGRAM, 44)]


def test_a_diagram_from_elsewhere_is_held_against_the_process_it_names(root, tmp_path_factory):
    draft = tmp_path_factory.mktemp("drafts") / "draft.bpmn"
    draft.write_bytes(a_tree()[DIAGRAM].replace(b'value="D01"', b'value="D77"'))
    assert found([draft], root) == [("unknown-deadline", draft.as_posix(), 22)]
    assert found([draft.parent], root) == [("unknown-deadline", draft.as_posix(), 22)]
    draft.write_bytes(b"<x/>")
    assert [code for code, _, _ in found([draft], root)] == ["not-bpmn"]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("process: lend_case", "process: borrow_case", "unknown-process", 1),
        ("task: Task_write", "task: Task_read", "unknown-task", 4),
        ("open: [Task_accept]", "open: [Task_gone]", "unknown-task", 4),
        ("amount: 5000", "sum: 5000", "unknown-answer", 4),
        ("[adm_letter]", "[adm_order]", "unknown-document", 4),
        ("D01: 2026-03-16", "D55: 2026-03-16", "unknown-deadline", 4),
        ("End_accepted", "End_done", "unknown-end", 1),
        ("lend_case_pol:", "lend_case_crt:", "unknown-pool", 1),
        ("clock: 2026", "clock: 26", "bad-moment", 1),
    ],
)
def test_a_story_names_only_what_is_there(root, old, new, code, line):
    story = root / "tests/processes/lend_case/plain.yaml"
    story.write_text(STORY.replace(old, new), encoding="utf-8")
    assert found([root / "tests"], root) == [(code, "tests/processes/lend_case/plain.yaml", line)]
    assert found([story], root) == [(code, "tests/processes/lend_case/plain.yaml", line)]


def test_a_story_may_answer_a_task_that_two_processes_call_alike(root):
    other = {path.replace("lend_case", "aid_case"): data for path, data in a_tree().items() if "lend_case" in path}
    write({path: data.replace(b"lend_case", b"aid_case") for path, data in other.items()}, root)
    form = root / "forms/aid_case/write_report.form"
    form.write_bytes(form.read_bytes().replace(b"crime_name", b"aid_name"))
    assert found([root / "tests"], root) == []


def test_a_path_that_is_not_there_is_named(root):
    with pytest.raises(Invalid) as refused:
        check_paths([root / "nothing"], root=root)
    assert "nothing" in refused.value.zh


def test_what_is_shipped_is_clean():
    house = Path(__file__).parents[2]
    assert check_paths([house / name for name in ("bpmn", "forms", "documents", "tests")], root=house) == []
