import pytest
from tree_builder import BROKEN, DIAGRAM, PROCESS, a_tree

from app.catalogue.bundles import read_bundle
from app.catalogue.check import tree_faults
from app.catalogue.located import read_yaml
from app.domain.errors import BrokenBundle

CASES = read_yaml((BROKEN / "cases.yaml").read_text(encoding="utf-8"), file="cases.yaml")


def test_the_tree_that_is_broken_below_is_whole():
    assert list(tree_faults(a_tree())) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_broken_artefact_is_refused_with_its_file_line_and_element(case):
    text = a_tree()[case["file"]].decode()
    assert case.get("all") or text.count(case["old"]) == 1
    files = a_tree([(case["file"], case["old"], case["new"])])
    found = list(dict.fromkeys(tree_faults(files)))
    expected = (case.get("in", case["file"]), case["line"], case["element"], case["code"])
    assert expected in [(fault.file, fault.line, fault.element, fault.code) for fault in found]
    assert {fault.code for fault in found} <= {case["code"], *case.get("others", ())}
    assert all(fault.zh and fault.en and fault.zh != fault.en for fault in found)
    with pytest.raises(BrokenBundle):
        read_bundle(files, PROCESS)


def test_faults_of_all_parts_are_told_at_once():
    files = a_tree(
        [
            (DIAGRAM, 'value="D01"', 'value="D99"'),
            ("forms/lend_case/accept.form", '"key": "reason"', '"key": "Reason"'),
            ("bpmn/lend_case/weight.dmn", "'light'", "open(1)"),
        ]
    )
    with pytest.raises(BrokenBundle) as broken:
        read_bundle(files, PROCESS)
    assert {fault.code for fault in broken.value.faults} >= {"unknown-deadline", "bad-name", "broken-expression"}


BILLION_LAUGHS = b"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><x>&b;</x>"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b'{"type": "default"}',
        b"<html/>",
        BILLION_LAUGHS,
        BILLION_LAUGHS.decode().encode("utf-16"),
        b"<!DOCTYPE x SYSTEM 'http://example.com/x.dtd'><x/>",
        b"<a>" * 100_000,
        b"<?xml version='1.0' encoding='nonsense'?><x/>",
        b" " * 2_100_000,
        "<?xml version='1.0' encoding='UTF-8'?><x>案</x>".encode("gb18030"),
    ],
    ids=range(11),
)
@pytest.mark.parametrize("file", [DIAGRAM, "bpmn/lend_case/weight.dmn"])
def test_a_file_that_is_no_model_is_refused_by_name(file, content):
    files = {**a_tree(), file: content}
    with pytest.raises(BrokenBundle) as broken:
        read_bundle(files, PROCESS)
    assert file in {fault.file for fault in broken.value.faults}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (DIAGRAM, "no-diagram"),
        ("bpmn/_shared/deadlines.yaml", "missing-file"),
        ("bpmn/_shared/roles.yaml", "missing-file"),
        ("bpmn/_shared/holidays.yaml", "missing-file"),
        ("forms/lend_case/accept.form", "unknown-form"),
        ("bpmn/lend_case/weight.dmn", "unknown-decision"),
        ("documents/lend_case/adm_letter.html", "unknown-document"),
    ],
)
def test_a_missing_part_is_named(file, code):
    files = a_tree()
    del files[file]
    with pytest.raises(BrokenBundle) as broken:
        read_bundle(files, PROCESS)
    assert code in {fault.code for fault in broken.value.faults}


@pytest.mark.parametrize("file", ["forms/lend_case/accept.form", "bpmn/_shared/roles.yaml"])
def test_text_in_another_encoding_is_refused(file):
    files = a_tree()
    files[file] = files[file].decode().encode("gb18030")
    with pytest.raises(BrokenBundle) as broken:
        read_bundle(files, PROCESS)
    assert [fault.file for fault in broken.value.faults] == [file]


def test_a_second_diagram_and_a_second_document_of_one_name_are_refused():
    files = a_tree()
    files["bpmn/lend_case/other.bpmn"] = files[DIAGRAM]
    letter = files.pop("documents/lend_case/adm_letter.html")
    files |= {f"documents/{folder}/adm_letter.html": letter for folder in ("one", "other")}
    with pytest.raises(BrokenBundle) as broken:
        read_bundle(files, PROCESS)
    assert {(fault.code, fault.file) for fault in broken.value.faults} == {
        ("misplaced-diagram", "bpmn/lend_case/other.bpmn"),
        ("duplicate-document", "documents/other/adm_letter.html"),
    }


def test_a_process_may_have_its_own_words_for_a_document_of_another():
    files = a_tree()
    letter = files["documents/lend_case/adm_letter.html"]
    files["documents/another/adm_letter.html"] = letter.replace(b"layout: letter", b"layout: list")
    assert read_bundle(files, PROCESS).documents["adm_letter"].layout == "letter"
