"""The papers of a hand-over: what they know of it, and what they say on paper."""

import io
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from pypdf import PdfReader

from app.catalogue.documents import read_document
from app.domain.errors import BrokenBundle, Invalid, NotFound
from app.rendering.pdf import PdfRenderer
from app.rendering.plain import PlainRenderer
from app.services.custody_papers import handover_of
from app.services.facts import handover_shown, recipient_name
from tests.builders import a_case
from tests.custody.kunshan import H03, H04, SAMPLING, Stage, count_h1, hand_over_h1, hand_over_h2, seize_all
from tests.houses import ROOT
from tests.rendering.shared import LAYOUTS

FOLDER = ROOT / "documents/evidence_handover"
CODES = sorted(path.stem for path in FOLDER.glob("*.html"))
CREATED = datetime(2026, 3, 18, 2, 20, tzinfo=UTC)


def template(code: str):
    return read_document((FOLDER / f"{code}.html").read_text(encoding="utf-8"), file=f"documents/x/{code}.html")


def told(stage: Stage, handover: str, *, by: str = "pol"):
    return handover_of(stage.work, handover, case_id=stage.case.id, agency_id=stage.agencies[by].id, title="移交清单")


def data_of(handover, **more):
    return {
        "case": {"number": "虚构案1号", "name": "虚构案", "charge": "虚构罪"},
        "case_name": "虚构案",
        "charge": "虚构罪",
        "agency": handover["receiver"],
        "recipient": {"name": handover["giver"]["name"]},
        "copies_to": [],
        "number": "昆公（食药环）接字〔2026〕44号",
        "date": "2026-03-18",
        "difference_decision": None,
        "difference_reported_at": None,
        "handover": handover,
        **more,
    }


ONE_DIALECT = pytest.mark.parametrize("dialect", ["sqlite"])
"""What is printed does not depend on the database."""


@pytest.fixture(scope="module")
def renderer():
    one = PdfRenderer(ROOT / "var/fonts")
    yield one
    one.close()


def pages_of(renderer, code, handover, **more):
    pdf = renderer.render_document(
        template=template(code), layouts=LAYOUTS, data=data_of(handover, **more), created=CREATED
    )
    return [page.extract_text().replace("\n", "") for page in PdfReader(io.BytesIO(pdf)).pages]


def test_h1_is_told_with_both_counts_hashes_and_four_signatures(stage: Stage) -> None:
    seize_all(stage)
    handover = told(stage, hand_over_h1(stage))
    assert json.loads(json.dumps(handover)) == handover
    assert [side["name"] for side in (handover["giver"], handover["receiver"])] == ["昆山市adm机关", "昆山市pol机关"]
    boxes, papers, orders = handover["lines"][:3]
    assert (boxes["listed"], boxes["counted"], boxes["difference"]) == ("640", "628", "-12")
    assert (boxes["classes"], boxes["proof"], boxes["seal_state"]) == (["抽样消耗"], SAMPLING, "完好一致")
    assert (papers["difference"], papers["hash_agrees"], papers["seal_state"]) == ("0", None, "")
    assert (orders["hash_listed"], orders["hash_agrees"], orders["category"]) == (H03, True, "电子数据")
    assert handover["differences"] == [boxes]
    assert [one["name"] for one in handover["signatures"]["giver"]] == ["陈国栋", "吴敏"]
    assert [(one["number"], one["agency"]) for one in handover["signatures"]["receiver"]] == [
        ("F0002", "昆山市pol机关"),
        ("F0004", "昆山市pol机关"),
    ]
    assert handover["complete"]
    entries = stage.ledger("E-01")
    assert entries.head != handover["receipt"] != handover["sheet"]


def test_the_receipt_on_paper_is_the_one_in_the_trail(stage: Stage) -> None:
    from app.services import custody  # noqa: PLC0415 - one test needs it

    seize_all(stage)
    handover = told(stage, hand_over_h1(stage))
    _, entries = custody.trail(stage.work, stage.people["shen"], stage.case.id, "E-01")
    assert entries[-1]["receipt"] == handover["receipt"]


def test_goods_that_stay_name_who_keeps_them(stage: Stage) -> None:
    seize_all(stage)
    hand_over_h1(stage)
    boxes = told(stage, hand_over_h2(stage), by="proc")["lines"][0]
    assert (boxes["not_moved"], boxes["difference"], boxes["classes"]) == (True, "0", ["实物不动"])
    assert (boxes["keeper"], boxes["kept_at"]) == ("昆山市pol机关", "涉案财物管理中心")


def test_before_anybody_signed_there_is_neither_receipt_nor_seal(stage: Stage) -> None:
    seize_all(stage)
    h1 = count_h1(stage)
    handover = told(stage, h1)
    assert (handover["sheet"], handover["receipt"], handover["complete"]) == ("", "", False)
    stage.sign(h1, "chen", "wu")
    half = told(stage, h1)
    assert (half["giver"]["signed"], half["receiver"]["signed"], half["receipt"]) == (True, False, "")


def test_v4_both_hashes_are_told(stage: Stage) -> None:
    seize_all(stage)
    found = "0" * 64
    line = told(stage, count_h1(stage, orders=found))["differences"][1]
    assert (line["hash_listed"], line["hash_found"], line["hash_agrees"]) == (H03, found, False)


@pytest.mark.parametrize("given", [None, "", 7, ["x"]])
def test_a_process_without_a_hand_over_is_told_so(stage: Stage, given: object) -> None:
    with pytest.raises(Invalid, match="移交清单") as refused:
        told(stage, given)  # type: ignore[arg-type]
    assert refused.value.at == "handover"


def test_a_hand_over_of_others_or_of_another_case_is_named(stage: Stage) -> None:
    seize_all(stage)
    h1 = hand_over_h1(stage)
    other = a_case(stage.connection, agency_id=stage.agencies["pol"].id, clock=stage.clock)
    for case_id, agency, given in (
        (stage.case.id, "crt", h1),
        (other.id, "pol", h1),
        (stage.case.id, "pol", "no-such-hand-over"),
    ):
        with pytest.raises(NotFound) as refused:
            handover_of(stage.work, given, case_id=case_id, agency_id=stage.agencies[agency].id, title="移交清单")
        assert given in refused.value.zh


def test_the_recipient_is_the_other_agency_of_the_hand_over(stage: Stage) -> None:
    seize_all(stage)
    h1 = hand_over_h1(stage)
    process = SimpleNamespace(
        variables={"handover": h1, "to_receiver": stage.agencies["crt"].key},
        case_id=stage.case.id,
        agency_id=stage.agencies["pol"].id,
    )
    shown = handover_shown(stage.work, process, template("jnt_handover_list"))
    assert shown is not None
    assert shown["id"] == h1
    assert recipient_name(stage.work, process, "giver", shown) == "昆山市adm机关"
    assert recipient_name(stage.work, process, "receiver") == "昆山市crt机关"
    assert recipient_name(stage.work, process, "proc") == "昆山市proc机关"
    assert recipient_name(stage.work, process, "giver") == "giver"


def test_only_a_document_that_uses_a_hand_over_may_name_it() -> None:
    head = "---\ntitle: 清单\nissuer: any\nlayout: list\n{}---\n<p>{{{{ handover.number }}}}</p>\n"
    assert read_document(head.format("uses: [handover]\n"), file="documents/x/a.html").uses == ("handover",)
    with pytest.raises(BrokenBundle, match="handover"):
        read_document(head.format(""), file="documents/x/a.html")


@pytest.mark.parametrize("code", CODES)
def test_every_paper_can_be_filled_in_at_every_stage_of_a_hand_over(stage: Stage, code: str) -> None:
    seize_all(stage)
    stage.clock.go_to("2026-03-18T09:00")
    stages = [told(stage, stage.open("chen", "pol", "虚交1号", ["E-02"]))]
    h1 = count_h1_without(stage, "E-02")
    stages.append(told(stage, h1))
    stage.sign(h1, "chen", "wu", "shen", "shao")
    stages.append(told(stage, h1))
    for handover in stages:
        PlainRenderer().render_document(
            template=template(code), layouts=LAYOUTS, data=data_of(handover), created=CREATED
        )


def count_h1_without(stage: Stage, code: str) -> str:
    """Count H1 without one item."""
    listed = {"E-01": 640, "E-03": None, "E-04": None}
    assert code not in listed
    h1 = stage.open("chen", "pol", "虚交2号", listed, signers=(2, 2))
    stage.count("shao", h1, "E-01", counted=628, classes=["sample_consumed"], proof=SAMPLING, seal_ok=True)
    stage.count("shao", h1, "E-03", counted=1, hash_found=H03)
    stage.count("shao", h1, "E-04", counted=1, hash_found=H04)
    return h1


@ONE_DIALECT
def test_the_papers_of_h1_say_what_was_listed_counted_and_signed(stage: Stage, renderer: PdfRenderer) -> None:
    seize_all(stage)
    handover = told(stage, hand_over_h1(stage))
    words = "".join(pages_of(renderer, "jnt_handover_list", handover))
    for wanted in ("接字〔2026〕44号", "640盒", "628盒", "抽样消耗", H03, "陈国栋", "F0004", "2026年3月18日10时20分"):
        assert wanted in words
    receipt = "".join(pages_of(renderer, "jnt_handover_receipt", handover))
    assert handover["sheet"] in receipt
    assert handover["receipt"] in receipt
    number = "昆公（食药环）差字〔2026〕2号"
    note = "".join(pages_of(renderer, "jnt_discrepancy_note", handover, number=number))
    assert number in note
    assert "640盒628盒-12盒" in note.replace(" ", "")
    assert SAMPLING in note.replace(" ", "")


@ONE_DIALECT
def test_five_hundred_lines_page_with_repeated_heads_and_the_seals_stand_with_text(
    stage: Stage, renderer: PdfRenderer
) -> None:
    seize_all(stage)
    handover = told(stage, hand_over_h1(stage))
    line = {**handover["lines"][2], "name": "王䶮的手机𠮷喆" * 3, "holder": "欧阳珺玥"}
    many = {**handover, "lines": [{**line, "item": f"L-{number:03}"} for number in range(1, 501)]}
    pages = pages_of(renderer, "jnt_handover_list", many)
    assert len(pages) > 20
    assert all("清单数量" in page for page in pages[:-1])
    assert [f"L-{number:03}" in "".join(pages) for number in (1, 250, 500)] == [True] * 3
    assert "签名时间" in pages[-1]
    assert "接收单位（盖章）" in pages[-1]
    assert "䶮的手机𠮷喆" in pages[3]
