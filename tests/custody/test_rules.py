"""What no trail may hold, and what does not fit what happened before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.custody import Custodian, Person, Seal
from app.domain.custody_chain import entry_from_plain, entry_to_plain
from app.domain.custody_handover import Handover, Line, Signature, open_differences, require_signature
from app.domain.custody_ledger import add, fold, ledger_from_plain, ledger_to_plain, opening
from app.domain.custody_quantity import read_quantity, written
from app.domain.errors import Invalid
from tests.custody.acts import ADM, CHEN, POL, SHAO, START, WU, a_ledger, an_act, following


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ({"action": "burnt"}, "action"),
        ({"kind": "gift"}, "kind"),
        ({"item": "../E-01"}, "item"),
        ({"at": datetime(2026, 3, 3)}, "at"),  # noqa: DTZ001 - the point of the case
        ({"who": ()}, "who"),
        ({"who": (CHEN,)}, "who"),
        ({"who": (CHEN, CHEN)}, "who[1]"),
        ({"who": (CHEN, Person(name="陈国栋", agency="adm", number="0123"))}, "who[1]"),
        ({"who": (CHEN, Person(name="吴\u202e敏", agency="adm"))}, "who[1].name"),
        ({"who": (CHEN, Person(name="吴\u200b敏", agency="adm"))}, "who[1].name"),
        ({"who": (CHEN, Person(name="吴\n敏", agency="adm"))}, "who[1].name"),
        ({"who": (CHEN, Person(name="", agency="adm"))}, "who[1].name"),
        ({"why": ""}, "why"),
        ({"document": ""}, "document"),
        ({"document": " 19号"}, "document"),
        ({"quantity": Decimal(-1)}, "quantity"),
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal("0.5")}, "quantity"),
        ({"quantity": Decimal("640.0")}, None),
        ({"file": "ab" * 31}, "file"),
        ({"file": "AB" * 32}, "file"),
        ({"due": "2026-04-01"}, "due"),
        ({"category": "宝贝"}, "category"),
        ({"name": ""}, "name"),
        ({"seal": Seal(number="封1", state="melted")}, "seal.state"),
        ({"to": Custodian(agency="adm", keeper="adm", place="")}, "to.place"),
    ],
)
def test_an_act_that_cannot_be_is_refused_by_its_field(values: Mapping[str, Any], at: str | None) -> None:
    given = dict(values)
    if at is None:
        assert an_act(**given).quantity == 640
        return
    with pytest.raises(Invalid) as refused:
        an_act(**given)
    assert refused.value.at == at
    assert refused.value.zh
    assert refused.value.en


@pytest.mark.parametrize(
    ("action", "values", "at"),
    [
        ("seized", {"to": ADM, "kind": "seizure"}, "action"),
        ("sampled", {"kind": "store", "quantity": 641}, "quantity"),
        ("viewed", {"quantity": 641}, "quantity"),
        ("viewed", {"at": START - timedelta(seconds=1)}, "at"),
        ("viewed", {"unit": "件"}, "unit"),
        ("viewed", {"origin": POL}, "from"),
        ("viewed", {"to": POL}, "to"),
        ("stored", {"to": POL}, "to"),
        ("returned_to_store", {"quantity": 1}, "quantity"),
        ("handed_over", {"kind": "moved", "to": replace(ADM, place="别处")}, "to.agency"),
        ("handed_over", {"kind": "moved", "to": POL, "quantity": 600, "who": (CHEN, SHAO)}, "quantity"),
        ("handed_over", {"kind": "moved", "to": POL, "who": (CHEN, WU)}, "who"),
        ("handed_over", {"kind": "not_moved", "to": POL, "who": (CHEN, SHAO)}, "to.place"),
        ("handed_over", {"kind": "moved", "to": replace(POL, keeper="adm"), "who": (CHEN, SHAO)}, "to.keeper"),
        ("disposed", {"kind": "destruction", "quantity": 641}, "quantity"),
        ("corrected", {"kind": "found", "quantity": 1}, "quantity"),
    ],
)
def test_what_does_not_follow_is_refused_by_its_field(action: str, values: dict[str, Any], at: str) -> None:
    ledger = a_ledger()
    with pytest.raises(Invalid) as refused:
        add(ledger, following(ledger, action, **values))
    assert refused.value.at == at


def test_disposal_needs_its_document_and_a_second_person() -> None:
    ledger = a_ledger()
    for values, at in (({"document": ""}, "document"), ({"who": (CHEN,)}, "who")):
        with pytest.raises(Invalid) as refused:
            following(ledger, "disposed", kind="destruction", **values)
        assert refused.value.at == at


def test_after_everything_is_gone_nobody_is_custodian_and_nothing_more_happens() -> None:
    ledger, _ = add(ledger := a_ledger(), following(ledger, "disposed", kind="return"))
    assert (ledger.custodian, ledger.held, ledger.returned) == (None, 0, 640)
    with pytest.raises(Invalid):
        add(ledger, following(ledger, "viewed", quantity=1))
    found = following(ledger, "corrected", kind="more", quantity=2)
    assert add(ledger, found)[0].custodian == ADM


def test_what_is_on_loan_is_neither_sampled_from_the_store_nor_handed_over() -> None:
    ledger, _ = add(ledger := a_ledger(), following(ledger, "lent", quantity=600, due="2026-04-01"))
    assert (ledger.held, ledger.on_loan, ledger.available) == (640, 600, 40)
    for act in (
        following(ledger, "sampled", kind="store", quantity=41),
        following(ledger, "handed_over", kind="moved", to=POL, who=(CHEN, SHAO)),
    ):
        with pytest.raises(Invalid) as refused:
            add(ledger, act)
        assert refused.value.at == "quantity"
    used, _ = add(ledger, following(ledger, "sampled", kind="loan", quantity=600))
    assert (used.held, used.on_loan, used.consumed) == (40, 0, 600)


def test_entries_and_ledgers_come_back_as_they_were_written() -> None:
    ledger, entry = add(opening("虚构案1号", "E-01"), an_act(seal=Seal(number="封1", state="intact")))
    assert entry_from_plain(entry_to_plain(entry)) == entry
    assert ledger_from_plain(ledger_to_plain(ledger)) == ledger
    assert fold(opening("虚构案1号", "E-01"), [entry]) == ledger
    with pytest.raises(Invalid):
        fold(opening("虚构案2号", "E-01"), [entry])


@pytest.mark.parametrize(
    ("given", "unit", "kept"),
    [("640.00", "盒", "640"), (36, "页", "36"), ("60000.50", "元", "60000.5"), ("0.125", "kg", "0.125")],
)
def test_quantities_are_kept_without_trailing_zeros(given: str | int, unit: str, kept: str) -> None:
    assert written(read_quantity(given, unit)) == kept


@pytest.mark.parametrize(
    ("given", "unit"),
    [
        ("1.5", "部"),
        ("1.001", "元"),
        ("1e3", "盒"),
        ("NaN", "g"),
        ("Infinity", "g"),
        ("-1", "盒"),
        ("", "盒"),
        ("１２", "盒"),
        (True, "盒"),
        ("1.0001", "kg"),
        ("1000000000000", "元"),
    ],
)
def test_what_is_no_quantity_is_refused(given: str, unit: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_quantity(given, unit, at="counted")
    assert refused.value.at == "counted"


def a_line(**values: Any) -> Line:
    return Line(**{"item": "E-01", "name": "筋骨康宁胶囊", "unit": "盒", "listed": Decimal(640), **values})


@pytest.mark.parametrize(
    ("found", "fields"),
    [
        ({}, ["counted"]),
        ({"counted": 640}, []),
        ({"counted": 628}, ["classes"]),
        ({"counted": 628, "classes": ("missing",)}, ["proof"]),
        ({"counted": 628, "classes": ("missing",), "proof": "说明1号"}, []),
        ({"counted": 628, "classes": ("weighing_tolerance",), "proof": "说明1号"}, ["classes"]),
        ({"counted": 628, "classes": ("extra",), "proof": "说明1号"}, ["classes"]),
        ({"counted": 641, "classes": ("missing",), "proof": "说明1号"}, ["classes"]),
        ({"counted": 641, "classes": ("extra",), "proof": "说明1号"}, []),
        ({"counted": 640, "classes": ("missing",), "proof": "说明1号"}, ["classes"]),
        ({"counted": 640, "classes": ("damaged",), "proof": "照片1号"}, []),
        ({"counted": 0, "classes": ("not_moved",)}, ["proof"]),
        ({"counted": 640, "seal_listed": "封1"}, ["seal_ok"]),
        ({"counted": 640, "seal_listed": "封1", "seal_ok": False}, ["classes"]),
        (
            {"counted": 640, "seal_listed": "封1", "seal_ok": True, "classes": ("seal_broken",), "proof": "1"},
            ["seal_ok"],
        ),
        ({"counted": 640, "seal_listed": "封1", "seal_ok": False, "classes": ("wrong_seal",), "proof": "照片"}, []),
        ({"counted": 640, "hash_listed": "a" * 64}, ["hash_found"]),
        ({"counted": 640, "hash_listed": "a" * 64, "hash_found": "a" * 64}, []),
        ({"counted": 640, "hash_listed": "a" * 64, "hash_found": "b" * 64}, ["hash_found"]),
    ],
)
def test_a_line_is_open_until_every_difference_has_its_class_and_proof(
    found: dict[str, Any], fields: list[str]
) -> None:
    if "counted" in found:
        found = {**found, "counted": Decimal(found["counted"])}
    assert [difference.field for difference in open_differences(a_line(**found), a_ledger())] == fields


def test_the_list_is_explained_only_by_a_sampling_record_of_the_item() -> None:
    ledger, _ = add(
        ledger := a_ledger(), following(ledger, "sampled", kind="store", quantity=12, document="昆市监抽〔2026〕31号")
    )
    line = a_line(counted=Decimal(628), classes=("sample_consumed",), proof="昆市监抽〔2026〕31号")
    assert open_differences(line, ledger) == []
    assert open_differences(replace(line, proof="见昆市监抽〔2026〕31号、回执"), ledger) == []
    other = replace(line, proof="昆市监抽〔2026〕32号")
    assert [difference.field for difference in open_differences(other, ledger)] == ["proof"]
    back = a_line(counted=Decimal(640))
    assert [difference.field for difference in open_differences(back, ledger)] == ["classes"]


def test_a_signature_of_the_other_agency_or_a_second_one_is_refused() -> None:
    handover = Handover(number="接字1号", giver="adm", receiver="pol", place="管理中心", lines=(a_line(),))
    sheet = "a" * 64

    def signed(person: Person, side: str) -> Signature:
        return Signature(person=person, side=side, at=START, sheet=sheet)

    require_signature(handover, signed(CHEN, "giver"), sheet=sheet)
    once = replace(handover, signatures=(signed(CHEN, "giver"),))
    assert not once.complete
    for of, signature, at in (
        (handover, signed(CHEN, "receiver"), "person.agency"),
        (once, signed(CHEN, "giver"), "person.name"),
        (handover, signed(SHAO, "witness"), "side"),
        (handover, replace(signed(SHAO, "receiver"), sheet="b" * 64), "sheet"),
    ):
        with pytest.raises(Invalid) as refused:
            require_signature(of, signature, sheet=sheet)
        assert refused.value.at == at
    assert replace(once, signatures=(*once.signatures, signed(SHAO, "receiver"))).complete
