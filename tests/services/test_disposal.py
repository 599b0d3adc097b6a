"""Disposal: by a decision, by enough persons, told in the entry, with the proceeds in the item's place."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, update

from app.domain.errors import Forbidden, InvalidAnswers, NotFound
from app.services import custody, disposal
from app.services.custody_export import export_case
from app.services.custody_proof import verify
from app.services.disposal import Decision, Disposal
from app.storage import agencies, bundles, documents, facts, processes
from app.storage.database import new_id
from tests.clock import Clock
from tests.custody.kunshan import Stage, a_stage, seize_all

OUTSIDE = Decision(number="（2026）苏0583刑初731号", issuer="虚构人民法院", date="2026-03-01")
DESTROYED = Disposal(
    kind="destruction", quantity="628", decision=OUTSIDE, method="焚烧", witnesses=["虚构甲", "虚构乙"], confirmed=True
)
RETURNED = Disposal(
    kind="return",
    quantity="36",
    decision=OUTSIDE,
    recipient="虚构丙",
    recipient_id="11010519491231002X",
    confirmed=True,
)
SOLD = Disposal(
    kind="auction",
    quantity="628",
    decision=OUTSIDE,
    method="变卖",
    amount="12345.60",
    account="涉案款专户（示例）",
    proceeds="E-20",
    confirmed=True,
)


@pytest.fixture
def stage(connection: Connection, tmp_path: Path) -> Stage:
    stage = a_stage(connection, tmp_path, Clock("2026-03-03T09:40"))
    seize_all(stage)
    stage.clock.go_to("2026-09-16T10:00")
    return stage


def dispose(stage: Stage, wanted: Disposal, *, code: str = "E-01", by: str = "chen", beside: tuple = ("wu",)):
    cause = custody.Cause(why="依判决处理", beside=[stage.people[name].id for name in beside])
    return disposal.dispose(stage.work, stage.people[by], stage.case.id, code, cause, wanted)


def refused(stage: Stage, wanted: Disposal, **options: object) -> set[str]:
    with pytest.raises(InvalidAnswers) as found, stage.connection.begin_nested():
        dispose(stage, wanted, **options)
    assert int(stage.ledger(options.get("code", "E-01"), by="chen").disposed) == 0
    return set(found.value.fields)


def a_document(stage: Stage, kind: str, **values: object) -> str:
    new = new_id()
    given = {
        "case_id": stage.case.id,
        "agency_id": stage.agencies[kind].id,
        "code": "crt_instruction",
        "title": "处理涉案财物通知书",
        "number": "虚处财〔2026〕1号",
        "series": "处财",
        "year": 2026,
        "date": "2026-08-28",
        "bundle_hash": "0",
        "data": {},
        "state": "issued",
        "sha256": "ef" * 32,
        "created_at": stage.clock.now,
        **values,
    }
    stage.connection.execute(insert(documents.document).values(id=new, **given))
    return new


def test_the_entry_tells_all_of_it_and_proves_itself(stage):
    entry = dispose(stage, DESTROYED)
    assert entry.act.document == OUTSIDE.number
    assert dict(entry.act.particulars) == {
        "decision_issuer": "虚构人民法院",
        "decision_date": "2026-03-01",
        "method": "焚烧",
        "witnesses": "虚构甲、虚构乙",
        "warned": entry.act.particulars["warned"],
    }
    export = export_case(stage.work, stage.case.number)
    assert verify(export) == []
    assert json.loads(export)["format"] == "xianjie-custody/2"
    assert verify(export.replace("焚烧".encode(), "掩埋".encode())) != []


def test_a_case_without_particulars_is_exported_as_before(stage):
    assert json.loads(export_case(stage.work, stage.case.number))["format"] == "xianjie-custody/1"


def test_a_document_of_the_case_decides_by_its_number(stage):
    shown = a_document(stage, "crt")
    facts.disclose(
        stage.connection,
        case_id=stage.case.id,
        agency_id=stage.agencies["adm"].id,
        kind="document",
        references=[shown],
        transfer_id=None,
        at=stage.clock.now,
    )
    hidden = a_document(stage, "pol", number="虚2号")
    draft = a_document(stage, "adm", number="虚3号", state="waiting")
    later = a_document(stage, "adm", number="虚4号", date="2026-09-17")
    assert [row.id for row in disposal.decisions(stage.work, stage.people["chen"], stage.case.id)] == [later, shown]
    for unfit in (hidden, draft, later, "nothing"):
        assert refused(stage, replace(DESTROYED, decision=Decision(document=unfit))) == {"decision"}
    act = dispose(stage, replace(DESTROYED, decision=Decision(document=shown))).act
    assert act.document == "虚处财〔2026〕1号"
    assert act.particulars["decision_issuer"] == stage.agencies["crt"].name
    assert act.particulars["decision_sha256"] == "ef" * 32


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (replace(DESTROYED, kind="eaten"), {"kind"}),
        (replace(DESTROYED, decision=Decision()), {"decision"}),
        (replace(DESTROYED, decision=Decision(number="1号")), {"decision_issuer", "decision_date"}),
        (replace(DESTROYED, decision=replace(OUTSIDE, date="2026-02-30")), {"decision_date"}),
        (replace(DESTROYED, decision=replace(OUTSIDE, date="2026-09-17")), {"decision_date"}),
        (replace(DESTROYED, decision=replace(OUTSIDE, number="\u202e1号")), {"decision_number"}),
        (replace(DESTROYED, method="", witnesses=[""]), {"method", "witnesses"}),
        (replace(DESTROYED, witnesses=["甲\u200b"]), {"witnesses"}),
        (replace(DESTROYED, quantity="-1"), {"quantity"}),
        (replace(DESTROYED, quantity="1.5"), {"quantity"}),
        (replace(DESTROYED, quantity="629"), {"quantity"}),
        (replace(DESTROYED, confirmed=False), {"confirmed"}),
        (replace(DESTROYED, proceeds="E-20"), {"proceeds"}),
        (replace(SOLD, amount="-5"), {"amount"}),
        (replace(SOLD, amount="1.234"), {"amount"}),
        (replace(SOLD, amount="", account=""), {"amount", "account"}),
        (replace(SOLD, proceeds=""), {"proceeds"}),
        (replace(SOLD, paid_to="虚构国库"), {"proceeds"}),
        (replace(SOLD, proceeds="E-05"), {"proceeds"}),
        (replace(SOLD, proceeds="../1"), {"proceeds"}),
        (replace(DESTROYED, kind="treasury", method="", witnesses=()), {"amount", "account", "voucher"}),
    ],
)
def test_what_is_missing_or_wrong_is_told_at_once(stage, wanted, fields):
    assert refused(stage, wanted) == fields


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"recipient": ""}, {"recipient"}),
        ({"recipient_id": ""}, {"recipient_id"}),
        ({"recipient_id": "110105194912310021"}, {"recipient_id"}),
        ({"recipient_id_kind": "uscc"}, {"recipient_id"}),
        ({"recipient_id_kind": "library card"}, {"recipient_id_kind", "recipient_id"}),
    ],
)
def test_goods_are_returned_to_somebody_who_is_known(stage, values, fields):
    assert refused(stage, replace(RETURNED, **values), code="E-02") == fields
    act = dispose(stage, RETURNED, code="E-02").act
    assert act.particulars["recipient_id"] == "11010519491231002X"
    assert int(stage.ledger("E-02", by="chen").returned) == 36


def test_one_person_is_not_enough_and_an_agency_may_ask_for_three(stage):
    assert refused(stage, DESTROYED, beside=()) == {"beside"}
    assert refused(stage, DESTROYED, beside=("chen",)) == {"beside"}
    details = {disposal.PERSONS_SETTING: {"destruction": 3}}
    row = stage.agencies["adm"]
    stage.connection.execute(update(agencies.agency).where(agencies.agency.c.id == row.id).values(details=details))
    assert refused(stage, DESTROYED) == {"beside"}
    assert refused(stage, DESTROYED, beside=("wu", "wu")) == {"beside"}
    assert dispose(stage, RETURNED, code="E-02").act.kind == "return"
    assert len(dispose(stage, DESTROYED, beside=("wu", "shen")).act.who) == 3


def test_what_is_sold_is_kept_as_money_in_its_place(stage):
    act = dispose(stage, SOLD).act
    money, born = custody.trail(stage.work, stage.people["chen"], stage.case.id, "E-20")
    assert act.particulars["proceeds"] == "E-20"
    assert (born[0]["particulars"], born[0]["document"]) == ({"proceeds_of": "E-01"}, act.document)
    assert (str(money.held), money.unit, money.category, money.custodian.place) == (
        "12345.6",
        "元",
        "款项",
        "涉案款专户（示例）",
    )
    assert "E-01" in born[0]["why"]
    assert verify(export_case(stage.work, stage.case.number)) == []


def test_what_was_paid_out_is_not_kept(stage):
    act = dispose(stage, replace(SOLD, proceeds="", paid_to="虚构市财政局")).act
    assert act.particulars["paid_to"] == "虚构市财政局"
    assert "E-20" not in facts.taken_codes(stage.connection, "items", stage.case.id)


def test_money_goes_to_the_treasury_by_its_own_amount(stage):
    stage.seize("E-07", "fang", "cao", "退缴1号", kind="surrendered", place="专户")
    wanted = Disposal(
        kind="treasury", quantity="60000", decision=OUTSIDE, account="国库（示例）", voucher="凭证1号", confirmed=True
    )
    assert dispose(stage, wanted, code="E-07", by="fang", beside=("cao",)).act.particulars["amount"] == "60000"


def test_nothing_is_asked_twice_when_the_proceedings_have_ended(stage):
    bundle = {"hash": new_id(), "process": "x", "content": b"", "published_at": stage.clock.now, "current": False}
    stage.connection.execute(insert(bundles.bundle).values(**bundle))
    process = {
        "case_id": stage.case.id,
        "agency_id": stage.agencies["adm"].id,
        "bundle_hash": bundle["hash"],
        "pool": "x_adm",
        "state": b"",
        "waiting": [],
        "variables": {},
        "version": 1,
        "started_at": stage.clock.now,
    }
    table = processes.process
    stage.connection.execute(insert(table).values(id=new_id(), **process, ended_at=stage.clock.now))
    act = dispose(stage, replace(DESTROYED, quantity="1", confirmed=False)).act
    assert "warned" not in act.particulars
    stage.connection.execute(insert(table).values(id=new_id(), **process))
    with pytest.raises(InvalidAnswers, match="not valid"):
        dispose(stage, replace(DESTROYED, quantity="1", confirmed=False))


def test_only_who_keeps_it_disposes_of_it(stage):
    with pytest.raises(NotFound):
        dispose(stage, DESTROYED, by="shen", beside=("gu",))
    stage.open("chen", "pol", "交1号", ["E-01"])
    with pytest.raises(Forbidden):
        dispose(stage, DESTROYED, by="shen", beside=("gu",))
