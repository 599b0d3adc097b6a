import pytest
from tree_builder import DIAGRAM, PROCESS, a_tree, write

from app.catalogue.bundles import collect_files, pack, read_bundle, unpack
from app.catalogue.check import check_paths, tree_faults
from app.domain.errors import BrokenBundle
from tests.houses import ROOT

CHECKS = f"bpmn/{PROCESS}/preflight.yaml"


def test_the_checks_of_a_package_belong_to_the_bundle_and_to_its_name():
    whole = read_bundle(a_tree(), PROCESS)
    files = a_tree()
    del files[CHECKS]
    without = read_bundle(files, PROCESS)
    other = read_bundle(
        a_tree([(CHECKS, "severity: warn\n    when: issued", "severity: block\n    mend: /case\n    when: issued")]),
        PROCESS,
    )
    assert [check.id for check in whole.preflight] == ["no_crime", "nameless", "late", "letter_sent"]
    assert without.preflight == ()
    assert len({whole.hash, without.hash, other.hash}) == 3
    again = unpack(pack(whole))
    assert (again.hash, again.preflight) == (whole.hash, whole.preflight)


def test_a_file_of_checks_is_found_in_a_folder_and_only_beside_a_diagram(tmp_path):
    write(a_tree(), tmp_path)
    (tmp_path / "documents/lend_case/preflight.yaml").write_text("checks: 7", encoding="utf-8")
    assert CHECKS in collect_files(tmp_path)
    assert "documents/lend_case/preflight.yaml" not in collect_files(tmp_path)
    assert check_paths([tmp_path / "bpmn"], root=tmp_path) == []
    outside = tmp_path / "elsewhere" / "preflight.yaml"
    outside.parent.mkdir()
    outside.write_text("checks: 7", encoding="utf-8")
    assert [fault.code for fault in check_paths([outside], root=tmp_path)] == ["no-checks"]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"- a", b"checks: &a [*a]", b"checks: [7, null, []]", b"checks: " + b"[" * 5000]
)
def test_a_file_that_holds_no_checks_is_refused_by_name(content):
    with pytest.raises(BrokenBundle) as broken:
        read_bundle({**a_tree(), CHECKS: content}, PROCESS)
    assert {fault.file for fault in broken.value.faults} == {CHECKS}


def test_functions_of_a_package_belong_to_its_checks_and_not_to_the_diagram():
    files = a_tree([(DIAGRAM, "weight == 'heavy' and amount &gt; 0", "issued('adm_letter')")])
    assert "broken-expression" in {fault.code for fault in tree_faults(files)}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("attached('lab_qualification')", "attached('lab_licence')", "unknown-kind"),
        ("items_without('doc_no')", "items_without('weight')", "unknown-field"),
        ("overdue('D02')", "overdue('D02') or due('D99')", "unknown-deadline"),
    ],
)
def test_the_shipped_checks_are_held_against_forms_and_limits(old, new, code):
    files = collect_files(ROOT)
    path = "bpmn/case_transfer/preflight.yaml"
    text = files[path].decode()
    assert old in text
    found = [fault for fault in tree_faults({**files, path: text.replace(old, new).encode()}) if fault.file == path]
    assert {fault.code for fault in found} == {code}
    assert all(fault.line > 1 for fault in found)
