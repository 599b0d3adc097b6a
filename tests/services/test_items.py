"""Items as a table: listed, found, written down, read from CSV, entered in custody together, split."""

import csv
import io
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from app.domain.errors import Forbidden, Invalid, InvalidAnswers, NotFound, TooLarge
from app.domain.items import FIELDS, NEEDS, fields_of, is_required, read_item
from app.services import custody, items, items_batch, items_split, items_table, items_writing
from app.services.custody_export import export_case
from app.services.custody_proof import verify
from app.services.items import Wanted
from app.services.items_split import Split
from app.services.items_table import TableRefused
from app.storage import facts
from tests.builders import a_case
from tests.clock import Clock
from tests.custody.kunshan import Stage, a_stage, seize_all

PLAIN = {"code": "N-01", "name": "虚构物品", "category": "物证", "qty": "3", "unit": "件"}
ELECTRONIC = {**PLAIN, "category": "电子数据", "format": "csv", "hash_alg": "SHA-256", "hash": "AB" * 32}


@pytest.fixture
def stage(connection: Connection, tmp_path: Path) -> Stage:
    return a_stage(connection, tmp_path, Clock("2026-03-03T09:40"))


def listed(stage: Stage, by: str = "chen", **wanted: object) -> list[str]:
    found = items.see_list(stage.work, stage.people[by], stage.case.id, Wanted(**wanted))
    return [line.code for line in found.lines]


def write(stage: Stage, by: str = "chen", **values: str) -> dict:
    return items_writing.write_item(stage.work, stage.people[by], stage.case.id, {**PLAIN, **values})


def batch(stage: Stage, action: str, rows: dict, *, by: str = "chen", **cause: object) -> list:
    given = {"why": "涉嫌销售假药", "beside": [stage.people["wu"].id], **cause}
    return items_batch.record(
        stage.work, stage.people[by], stage.case.id, action, rows, custody.Cause(document="", **given)
    )


def a_row(**values: str) -> dict:
    return {"kind": "seizure", "quantity": "3", "unit": "件", "place": "库房", "document": "扣1号", **values}


def trail(stage: Stage, code: str, by: str = "chen") -> list[dict]:
    return custody.trail(stage.work, stage.people[by], stage.case.id, code)[1]


def refused_fields(refused: pytest.ExceptionInfo) -> set[str]:
    return set(refused.value.fields)


# The list


def test_an_agency_lists_what_it_may_see(stage):
    assert listed(stage) == ["E-01", "E-02", "E-03", "E-04", "E-06"]
    assert listed(stage, "shen") == ["E-05"]
    other = a_case(stage.connection)
    with pytest.raises(NotFound):
        items.see_list(stage.work, stage.people["chen"], other.id, Wanted())


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"words": "胶囊"}, ["E-01"]),
        ({"words": "e-0 数据"}, ["E-03"]),
        ({"words": "ksf-26"}, ["E-01"]),
        ({"kind": "电子数据"}, ["E-03", "E-04"]),
        ({"state": "unregistered"}, ["E-10"]),
        ({"state": "held"}, ["E-01", "E-02", "E-03", "E-04", "E-06"]),
        ({"state": "gone"}, []),
        ({"custodian": "nobody"}, []),
        ({"order": "code", "falling": True}, ["E-10", "E-06", "E-04", "E-03", "E-02", "E-01"]),
        ({"order": "at", "falling": True, "kind": "电子数据"}, ["E-03", "E-04"]),
        ({"page": 2}, []),
    ],
)
def test_the_list_is_filtered_and_sorted(stage, wanted, expected):
    seize_all(stage)
    stage.put_item("adm", **{**PLAIN, "code": "E-10", "qty": 3})
    assert listed(stage, **wanted) == expected


def test_what_is_lent_or_being_handed_over_is_held_too(stage):
    seize_all(stage)
    stage.open("chen", "pol", "交1号", ["E-02"])
    lent = stage.cause("检验", "借1号", "wu")
    custody.lend(stage.work, stage.people["chen"], stage.case.id, "E-01", lent, due=stage.clock.now.date(), quantity=1)
    found = items.see_list(stage.work, stage.people["chen"], stage.case.id, Wanted())
    assert {line.code: line.state for line in found.lines} == {
        "E-01": "on_loan",
        "E-02": "handing_over",
        "E-03": "held",
        "E-04": "held",
        "E-06": "held",
    }
    assert found.states == {"unregistered": 0, "held": 5, "on_loan": 1, "handing_over": 1, "lost": 0, "gone": 0}
    assert items.sums(stage.work, stage.people["chen"], stage.case.id) == found.states


def test_codes_are_sorted_as_people_count(stage):
    for code in ("E-10", "E-9", "A-2", "E-1x", "E-٣"):
        stage.put_item("adm", **{**PLAIN, "code": code})
    assert listed(stage, words="虚构") == ["A-2", "E-٣", "E-1x", "E-9", "E-10"]


def test_the_list_costs_as_many_statements_for_many_as_for_one(stage):
    def statements() -> int:
        counted = []

        def count(*_: object) -> None:
            counted.append(1)

        event.listen(stage.connection.engine, "before_cursor_execute", count)
        listed(stage)
        event.remove(stage.connection.engine, "before_cursor_execute", count)
        return len(counted)

    few = statements()
    for number in range(60):
        stage.put_item("adm", **{**PLAIN, "code": f"B-{number}"})
    batch(stage, "seized", {f"B-{number}": a_row() for number in range(0, 60, 2)})
    assert statements() == few


# Writing down


def test_what_is_written_is_a_row_as_forms_write_it(stage):
    row = write(stage, qty="12.50", unit="kg", holder="林某", seized_at="2026-03-03 09:40", proposal="待定")
    seen = facts.rows_seen(stage.connection, "items", case_id=stage.case.id, agency_id=stage.people["chen"].agency_id)
    assert [one for one in seen if one["code"] == "N-01"] == [row]
    assert (row["qty"], row["seized_at"]) == (12.5, "2026-03-03T09:40:00+08:00")
    assert items.next_code(stage.work, stage.case.id) == "E-08"


@pytest.mark.parametrize("kind", list(NEEDS))
def test_a_kind_must_have_what_its_article_asks_for(kind):
    unit = "元" if kind in ("款项", "现金") else "件"
    required = {field.key for field, need in fields_of(kind) if is_required(field, need)} - set(PLAIN)
    if not required:
        assert read_item({**PLAIN, "category": kind, "unit": unit})["category"] == kind
        return
    with pytest.raises(InvalidAnswers) as refused:
        read_item({**PLAIN, "category": kind, "unit": unit})
    assert refused_fields(refused) == required


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"qty": "-1"}, "qty"),
        ({"qty": "0"}, "qty"),
        ({"qty": "2.5"}, "qty"),
        ({"qty": "1e3"}, "qty"),
        ({"qty": "٣"}, "qty"),
        ({"qty": "1.2345", "unit": "kg"}, "qty"),
        ({"unit": "盒" * 11}, "unit"),
        ({"name": "虚构\u202e物品"}, "name"),
        ({"name": "虚构\u200b物品"}, "name"),
        ({"name": "虚构\x00物品"}, "name"),
        ({"name": "虚构\n物品"}, "name"),
        ({"name": '=HYPERLINK("http://x.example")'}, "name"),
        ({"holder": "@SUM(A1)"}, "holder"),
        ({"origin": "+1+cmd|' /C calc'!A0"}, "origin"),
        ({"condition": "-2+3"}, "condition"),
        ({"defects": "＝1+1"}, "defects"),
        ({"name": "长" * 101}, "name"),
        ({"category": "赃物"}, "category"),
        ({"code": "../x"}, "code"),
        ({"code": ""}, "code"),
        ({"plate_no": "苏E00000"}, "plate_no"),
        ({"nonsense": "1"}, "nonsense"),
        ({"seized_at": "2026-02-30 10:00"}, "seized_at"),
        ({"seized_at": "2026-03-03 25:00"}, "seized_at"),
        ({"seized_at": "0001-01-01 00:00"}, "seized_at"),
        ({"proposal": "吃掉"}, "proposal"),
    ],
)
def test_a_value_that_no_item_may_have_is_named(values, field):
    with pytest.raises(InvalidAnswers) as refused:
        read_item({**PLAIN, **values})
    assert refused_fields(refused) == {field}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"hash": "abc"}, {"hash"}),
        ({"hash": "xy" * 32}, {"hash"}),
        ({"hash_alg": "MD5"}, {"hash"}),
        ({"hash_alg": "CRC32"}, {"hash_alg"}),
        ({"hash_alg": ""}, {"hash_alg"}),
        ({"category": "款项", "unit": "元", "format": "", "hash": "", "hash_alg": ""}, {"account_no"}),
        ({"category": "款项", "account_no": "1", "format": "", "hash": "", "hash_alg": ""}, {"unit"}),
        ({"category": "易腐物品", "expiry": "2026-13-01", "format": "", "hash": "", "hash_alg": ""}, {"expiry"}),
    ],
)
def test_what_two_fields_say_together_is_checked(values, fields):
    assert read_item(ELECTRONIC)["hash"] == "ab" * 32
    with pytest.raises(InvalidAnswers) as refused:
        read_item({**ELECTRONIC, **values})
    assert refused_fields(refused) == fields


def test_a_code_of_the_case_is_not_given_twice_even_when_its_item_is_hidden(stage):
    for code in ("E-01", "E-05"):
        with pytest.raises(InvalidAnswers) as refused:
            write(stage, code=code)
        assert refused_fields(refused) == {"code"}
    assert stage.ledger("E-05").seq == 0


# Tables


def table(rows: list[dict], *, encoding: str = "utf-8", names: str = "zh", **options: object) -> bytes:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    words = {field.key: {"zh": field.zh, "en": field.en, "key": field.key}[names] for field in FIELDS}
    text = io.StringIO()
    writer = csv.writer(text, **options)
    writer.writerow([words.get(key, key) for key in columns])
    writer.writerows([row.get(key, "") for key in columns] for row in rows)
    return text.getvalue().encode(encoding)


def read(stage: Stage, content: bytes, by: str = "chen") -> list[str]:
    return items_table.import_table(stage.work, stage.people[by], stage.case.id, content)


def faults_of(stage: Stage, content: bytes) -> list[tuple[int, str]]:
    before = facts.taken_codes(stage.connection, "items", stage.case.id)
    with pytest.raises(TableRefused) as refused:
        read(stage, content)
    assert facts.taken_codes(stage.connection, "items", stage.case.id) == before
    return [(fault.row, fault.column) for fault in refused.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("names", ["zh", "en", "key"])
def test_a_table_is_read_in_both_encodings_and_languages(stage, encoding, names):
    rows = [
        {**PLAIN, "code": "N-1", "name": "㐂𠮷牌虚构物品"},
        {**PLAIN, "code": "N-2", "category": "Vehicle", "plate_no": "苏E00000", "unit": "辆", "qty": "1"},
        {**PLAIN, "code": "N-3", "category": "易腐物品", "expiry": "2026/4/1", "qty": "1.5", "unit": "kg"},
    ]
    assert read(stage, table(rows, encoding=encoding, names=names)) == ["N-1", "N-2", "N-3"]
    seen = facts.rows_seen(stage.connection, "items", case_id=stage.case.id, agency_id=stage.people["chen"].agency_id)
    by_code = {row["code"]: row for row in seen}
    assert by_code["N-1"]["name"] == "㐂𠮷牌虚构物品"
    assert by_code["N-2"]["category"] == "车辆"
    assert (by_code["N-3"]["expiry"], by_code["N-3"]["qty"]) == ("2026-04-01", 1.5)


def test_every_fault_of_a_table_is_told_with_row_and_column(stage):
    rows = [
        {**PLAIN, "code": "N-1"},
        {**PLAIN, "code": "N-1", "qty": "-3"},
        {**PLAIN, "code": "E-05"},
        {**PLAIN, "code": "N-4", "name": "=1+1", "qty": "1.5"},
        {**PLAIN, "code": "N-5", "name": "虚构\x00物"},
        {**PLAIN, "code": "N-6", "name": "虚构\u202e物"},
        {**PLAIN, "code": "N-7", "category": "电子数据"},
    ]
    assert sorted(faults_of(stage, table(rows))) == [
        (3, "code"),
        (3, "qty"),
        (4, "code"),
        (5, "name"),
        (5, "qty"),
        (6, "name"),
        (7, "name"),
        *((8, field) for field in ("format", "hash", "hash_alg")),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(1, "")]),
        (b"\r\n \r\n", [(1, "")]),
        ("编号,名称,种类,数量\r\nN-1,物,物证,1".encode(), [(1, "unit")]),
        ("编号,编号,名称,种类,数量,单位".encode(), [(1, "code"), (1, "单位"), (1, "unit")]),
        (table([PLAIN])[:-4] + b'"', [(1, "")]),
        (table([PLAIN]).partition(b"\n")[0], [(2, "")]),
        ("编号,名称".encode("utf-16"), [(1, "")]),
        (b"PK\x03\x04" + bytes(100), [(1, "")]),
        (b"\xd0\xcf\x11\xe0" + bytes(100), [(1, "")]),
        (table([PLAIN]) + b"\xff", [(1, "")]),
        (bytes(range(256)), [(1, "")]),
        (b"a" * (1024 * 1024 + 1), [(1, "")]),
        (table([{**PLAIN, "code": f"N-{number}"} for number in range(2001)]), [(1, "")]),
        (table([PLAIN]).replace(b"\r\n", b",x\r\n").replace(b",x", b"", 1), [(2, "")]),
        (b'"' + b"x" * 200_000 + b'"', [(1, "")]),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(stage, content, expected):
    assert faults_of(stage, content) == expected


def test_the_empty_table_is_read_back(stage):
    for english in (False, True):
        assert faults_of(stage, items_table.template(english=english)) == [(2, "")]


# Batches


def test_what_a_form_listed_is_registered_without_typing_it_again(stage):
    write(stage, code="N-01", doc_no="扣9号", storage_place="一号库", shelf="3架", seal_no="封1", qty="7")
    write(
        stage,
        **{**ELECTRONIC, "code": "N-02", "storage_place": "数据柜", "doc_no": "提1号", "qty": "1", "unit": "文件"},
    )
    mine = items.unregistered_codes(stage.work, stage.people["chen"], stage.case.id)
    assert mine == ["E-01", "E-02", "E-03", "E-04", "E-06", "N-01", "N-02"]
    assert items.count_unregistered(stage.work, stage.people["chen"], stage.case.id) == 7
    held = custody.hold(stage.work, stage.people["chen"], stage.case.id, ["N-01", "N-02"], lock=False)
    entries = batch(stage, "seized", {code: items_batch.prefilled(one.row.data) for code, one in held.items()})
    acts = [entry.act for entry in entries]
    assert [(act.item, act.document, act.to.place, act.kind) for act in acts] == [
        ("N-01", "扣9号", "一号库 3架", "seizure"),
        ("N-02", "提1号", "数据柜", "extracted"),
    ]
    assert (acts[0].seal.number, acts[1].file) == ("封1", "ab" * 32)
    assert items.count_unregistered(stage.work, stage.people["chen"], stage.case.id) == 5
    assert verify(export_case(stage.work, stage.case.number)) == []


def test_each_fault_of_a_batch_is_told_at_its_row_and_field(stage):
    for code in ("N-01", "N-02", "N-03", "N-04"):
        write(stage, code=code)
    stage.seize("E-02", "chen", "wu", "扣1号")
    rows = {
        "N-01": a_row(),
        "N-02": a_row(quantity="2.5"),
        "N-03": a_row(place="", unit="盒\u200b"),
        "N-04": a_row(document="", file="abc"),
        "E-02": a_row(quantity="36", unit="页"),
    }
    with pytest.raises(InvalidAnswers) as refused, stage.connection.begin_nested():
        batch(stage, "seized", rows)
    assert refused_fields(refused) == {"quantity-N-02", "unit-N-03", "file-N-04", "row-E-02"}
    assert [trail(stage, code) for code in ("N-01", "N-02", "N-03", "N-04")] == [[], [], [], []]
    assert len(trail(stage, "E-02")) == 1


def test_a_fault_of_all_rows_is_told_once(stage):
    rows = {"E-01": a_row(), "E-02": a_row()}
    for cause, field in (
        ({"beside": []}, "beside"),
        ({"beside": ["nobody"]}, "beside"),
        ({"beside": ["no\x00body"]}, "beside"),
        ({"why": "\u202e"}, "why"),
        ({"at": Clock("2099-01-01T00:00").now}, "at"),
    ):
        with pytest.raises(InvalidAnswers) as refused, stage.connection.begin_nested():
            batch(stage, "seized", rows, **cause)
        assert refused_fields(refused) == {field}


def test_a_batch_with_an_item_of_another_case_or_agency_stores_nothing(stage):
    other = a_case(stage.connection, agency_id=stage.agencies["adm"].id)
    row = {**PLAIN, "code": "X-01"}
    facts.put_rows(stage.connection, "items", case_id=other.id, agency_id=stage.agencies["adm"].id, rows=[row])
    for stranger in ("X-01", "E-05", "E-01\x00", "E\u202e-01", ""):
        with pytest.raises(NotFound), stage.connection.begin_nested():
            batch(stage, "seized", {"E-01": a_row(), stranger: a_row()})
    assert trail(stage, "E-01") == []


def test_an_item_that_is_not_ours_to_act_on_is_named(stage):
    seize_all(stage)
    stage.open("chen", "pol", "交1号", ["E-02"])  # the police see it now, and still do not keep it
    with pytest.raises(InvalidAnswers) as refused:
        batch(stage, "viewed", {"E-02": {}}, by="shen", beside=[])
    assert refused_fields(refused) == {"row-E-02"}


def test_many_items_are_sealed_stored_viewed_and_copied_together(stage):
    seize_all(stage)
    batch(stage, "sealed", {"E-02": {"seal": "封2", "state": "intact"}, "E-06": {"seal": "封6", "state": "intact"}})
    batch(stage, "stored", {"E-02": {"place": "二号库"}, "E-06": {"place": "二号库"}})
    batch(stage, "viewed", {"E-02": {}, "E-06": {}}, beside=[])
    batch(stage, "copied", {"E-02": {}, "E-03": {"file": "cd" * 32}}, beside=[])
    assert [row["action"] for row in trail(stage, "E-02")] == ["seized", "sealed", "stored", "viewed", "copied"]
    assert trail(stage, "E-03")[-1]["file"] == "cd" * 32
    with pytest.raises(InvalidAnswers) as refused, stage.connection.begin_nested():
        batch(stage, "sealed", {"E-02": {"seal": "", "state": "intact"}, "E-06": {"seal": "封", "state": "lost"}})
    assert refused_fields(refused) == {"seal-E-02", "state-E-06"}


def test_what_is_no_batch_is_refused(stage):
    with pytest.raises(Invalid, match="item by item"):
        batch(stage, "disposed", {"E-01": {}})
    with pytest.raises(Invalid, match="Choose"):
        batch(stage, "viewed", {})
    with pytest.raises(TooLarge):
        batch(stage, "viewed", {f"E-{number}": {} for number in range(501)})


# Splitting


def split(stage: Stage, code: str, *parts: dict, by: str = "chen", **given: object) -> list[str]:
    cause = custody.Cause(why="分别登记", document="拆1号", beside=[stage.people["wu"].id])
    return items_split.split(
        stage.work, stage.people[by], stage.case.id, code, cause, Split(parts=list(parts), **given)
    )


def a_part(code: str, qty: str, unit: str = "盒", **values: str) -> dict[str, str]:
    return {"code": code, "name": f"虚构{code}", "category": "物证", "qty": qty, "unit": unit, **values}


def test_a_split_keeps_the_sums_and_both_sides_name_each_other(stage):
    write(stage, code="M-01", qty="640", unit="盒", holder="林某", doc_no="扣1号")
    stage.seize("M-01", "chen", "wu", "扣1号", place="一号库", kind="obtained")
    assert split(stage, "M-01", a_part("M-01-1", "600"), a_part("M-01-2", "30", seal_no="封9")) == [
        "M-01-1",
        "M-01-2",
    ]
    parent, first, second = (stage.ledger(code, by="chen") for code in ("M-01", "M-01-1", "M-01-2"))
    assert [int(one.held) for one in (parent, first, second)] == [10, 600, 30]
    assert int(parent.seized + first.seized + second.seized) == 640
    assert first.custodian.place == "一号库"
    assert second.seal.number == "封9"
    less, born = trail(stage, "M-01")[-1], trail(stage, "M-01-2")[0]
    assert (less["document"], born["document"]) == ("拆1号", "拆1号")
    assert (less["particulars"], born["particulars"]) == ({"into": "M-01-1、M-01-2"}, {"split_from": "M-01"})
    assert "M-01-1" in less["why"]
    assert "M-01" in born["why"]
    assert born["kind"] == "obtained"
    held = custody.hold(stage.work, stage.people["chen"], stage.case.id, ["M-01-1"], lock=False)
    assert held["M-01-1"].row.data["holder"] == "林某"
    assert verify(export_case(stage.work, stage.case.number)) == []


def test_goods_that_are_counted_otherwise_take_the_place_of_all(stage):
    write(stage, code="M-01", qty="1", unit="批")
    stage.seize("M-01", "chen", "wu", "扣1号")
    split(stage, "M-01", a_part("M-02", "12"), a_part("M-03", "1.5", "kg"))
    assert int(stage.ledger("M-01", by="chen").held) == 0
    assert stage.ledger("M-01", by="chen").custodian is None
    assert verify(export_case(stage.work, stage.case.number)) == []


@pytest.mark.parametrize(
    ("parts", "given", "error"),
    [
        ([a_part("M-02", "641")], {}, "quantity"),
        ([a_part("M-02", "600")], {"quantity": "640"}, "quantity"),
        ([a_part("M-02", "600"), a_part("M-03", "1", "批")], {}, "parts"),
        ([], {}, "parts"),
        ([a_part("M-02", "1", "件")], {"quantity": "641"}, "quantity"),
        ([a_part("M-02", "1", "件")], {"quantity": "1.5"}, "quantity"),
        ([a_part("M-02", "1"), a_part("M-02", "1")], {}, "parts[1].code"),
        ([a_part("E-05", "1")], {}, "parts[0].code"),
        ([a_part("M-01", "1")], {}, "parts[0].code"),
        ([a_part("M-02", "-1")], {}, "parts[0].qty"),
        ([a_part("M-02", "1", name="\u202e")], {}, "parts[0].name"),
        ([a_part("M-02", "1", category="电子数据")], {}, "parts[0].format"),
    ],
)
def test_a_split_that_does_not_add_up_stores_nothing(stage, parts, given, error):
    write(stage, code="M-01", qty="640", unit="盒")
    stage.seize("M-01", "chen", "wu", "扣1号")
    with pytest.raises(Invalid) as refused, stage.connection.begin_nested():
        split(stage, "M-01", *parts, **given)
    assert refused.value.at == error
    assert int(stage.ledger("M-01", by="chen").held) == 640
    assert "M-02" not in facts.taken_codes(stage.connection, "items", stage.case.id)


def test_only_who_keeps_the_goods_takes_them_apart(stage):
    with pytest.raises(Forbidden):
        split(stage, "E-01", a_part("M-02", "1"))
    seize_all(stage)
    stage.open("chen", "pol", "交1号", ["E-01"])
    with pytest.raises(Forbidden):
        split(stage, "E-01", a_part("M-02", "1"), by="shen")
