import pytest
from tree_builder import DIAGRAM, PROCESS, a_tree, write

from app.catalogue.bundles import collect_files, list_processes, pack, read_bundle, unpack
from app.domain.errors import BrokenBundle, Invalid

LETTER = "documents/lend_case/adm_letter.html"


def test_a_bundle_has_every_part_of_its_process():
    bundle = read_bundle(a_tree(), PROCESS)
    assert bundle.process == bundle.diagram.id == PROCESS
    assert set(bundle.forms) == {"write_report", "accept"}
    assert set(bundle.documents) == {"adm_letter"}
    assert set(bundle.files) == set(a_tree())
    assert bundle.definition("lend_case_adm") is bundle.definition("lend_case_adm")


def test_a_pool_keeps_what_only_its_rule_table_reads():
    bundle = read_bundle(a_tree([(DIAGRAM, " and amount &gt; 0", "")]), PROCESS)
    assert "amount" in bundle.diagram.pools[0].variables
    assert "amount" not in bundle.diagram.pools[1].variables


def test_the_hash_names_what_the_bundle_uses_and_nothing_else():
    files = a_tree()
    key = read_bundle(files, PROCESS).hash
    assert len(key) == 64
    assert read_bundle(dict(reversed(files.items())), PROCESS).hash == key
    unused = {
        **files,
        "forms/lend_case/unused.form": files["forms/lend_case/accept.form"],
        "documents/lend_case/adm_unused.html": files[LETTER],
        "forms/other/accept.form": files["forms/lend_case/accept.form"],
    }
    bundle = read_bundle(unused, PROCESS)
    assert bundle.hash == key
    assert [(fault.code, fault.file) for fault in bundle.warnings] == [("unused-form", "forms/lend_case/unused.form")]


@pytest.mark.parametrize("file", sorted(a_tree()))
def test_every_part_changes_the_hash(file):
    files = a_tree()
    changed = {**files, file: files[file] + b"\n"}
    assert read_bundle(changed, PROCESS).hash != read_bundle(files, PROCESS).hash


def test_a_packed_bundle_comes_back_as_it_was():
    bundle = read_bundle(a_tree(), PROCESS)
    packed = pack(bundle)
    assert packed == pack(read_bundle(a_tree(), PROCESS))
    back = unpack(packed)
    assert (back.hash, back.process, back.files) == (bundle.hash, bundle.process, bundle.files)
    assert (back.forms, back.documents, back.diagram.pools) == (bundle.forms, bundle.documents, bundle.diagram.pools)
    assert back.definition("lend_case_pol").process_id == "lend_case_pol"


@pytest.mark.parametrize("content", [b"", b"not packed", pack(read_bundle(a_tree(), PROCESS))[:-5]], ids=range(3))
def test_a_damaged_pack_is_refused(content):
    with pytest.raises(Invalid):
        unpack(content)


def test_a_folder_is_read_as_a_tree(tmp_path):
    write(a_tree(), tmp_path)
    write({"bpmn/lend_case/.hidden.bpmn": b"x", "bpmn/lend_case/notes.txt": b"x", "README.md": b"x"}, tmp_path)
    (tmp_path / "outside.form").write_bytes(b"secret")
    (tmp_path / "forms/lend_case/link.form").symlink_to("/etc/hostname")
    files = collect_files(tmp_path)
    assert files == a_tree()
    assert list_processes(files) == [PROCESS]


def test_a_name_may_come_with_a_message_from_another_process():
    cut = [
        (DIAGRAM, "crime != 'none'", "weapon != 'none'"),
        (
            DIAGRAM,
            'messageRef="Message_sent"/>\n    </bpmn:startEvent>',
            'messageRef="Message_lent"/>\n    </bpmn:startEvent>',
        ),
        (
            DIAGRAM,
            '<bpmn:message id="Message_sent"',
            '<bpmn:message id="Message_lent" name="借"/><bpmn:message id="Message_sent"',
        ),
        (
            DIAGRAM,
            '<bpmn:messageFlow id="Msgflow_sent" name="移送" sourceRef="Event_sent" targetRef="Start_received"/>',
            "",
        ),
        (DIAGRAM, 'name="receipt" value="Message_sent"', 'name="receipt" value="Message_lent"'),
    ]
    files = a_tree(cut)
    assert read_bundle(files, PROCESS)
    other = (
        files[DIAGRAM]
        .decode()
        .replace("lend_case", "lent_case")
        .replace('messageRef="Message_sent"', 'messageRef="Message_lent"')
    )
    files["bpmn/lent_case/lent_case.bpmn"] = other.encode()
    with pytest.raises(BrokenBundle) as broken:
        read_bundle(files, PROCESS)
    assert [(fault.code, fault.element) for fault in broken.value.faults] == [("unknown-name", "Flow_accepted")]
    files["bpmn/lent_case/lent_case.bpmn"] = other.replace("'crime': crime_name", "'weapon': crime_name").encode()
    assert read_bundle(files, PROCESS)
