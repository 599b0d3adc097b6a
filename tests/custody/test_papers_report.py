"""The custody report and the records of entries: what is in the trail is on paper, and the paper carries the proof."""

import io
import json

import pytest
from pypdf import PdfReader

from app.catalogue.papers import read_papers
from app.domain.custody import KINDS
from app.domain.errors import Conflict, NotFound
from app.rendering.pdf import PdfRenderer
from app.rendering.plain import PlainRenderer
from app.services import custody, custody_report, printouts
from app.services.custody_proof import verify
from app.services.library import Library
from app.services.work import Work
from app.storage import audit, jobs
from tests.custody.kunshan import H03, Stage, hand_over_h1, play_all, seize_all
from tests.houses import ROOT


@pytest.fixture(scope="module")
def library():
    return Library(ROOT)


ONE_DIALECT = pytest.mark.parametrize("dialect", ["sqlite"])
"""What is printed does not depend on the database."""


@pytest.fixture(scope="module")
def renderer():
    one = PdfRenderer(ROOT / "var/fonts")
    yield one
    one.close()


@pytest.fixture
def work(stage: Stage, library: Library):
    def now() -> Work:
        given = stage.work
        return Work(connection=given.connection, now=given.now, library=library, files=given.files, parts=given.parts)

    return now


def printed(renderer, paper):
    pdf = renderer.render_document(
        template=paper.template,
        layouts=paper.layouts,
        data=paper.data,
        created=paper.created,
        attached=paper.attached,
    )
    return PdfReader(io.BytesIO(pdf))


def words_of(reader):
    return "".join(page.extract_text() for page in reader.pages).replace("\n", "")


@ONE_DIALECT
def test_a_report_tells_every_entry_and_carries_a_file_that_is_proven_by_the_hash_on_it(stage, work, renderer):
    play_all(stage)
    paper = custody_report.report(work(), stage.people["fang"], stage.case.id)
    reader = printed(renderer, paper)
    words = words_of(reader)
    assert paper.data["trail"]["findings"] == []
    for number in range(1, 8):
        _, entries = custody.trail(work(), stage.people["fang"], stage.case.id, f"E-0{number}")
        assert [entry["hash"] in words for entry in entries] == [True] * len(entries)
    assert paper.trail in words
    assert H03 in words
    [content] = reader.attachments[f"custody-{stage.case.number}.json"]
    assert verify(content, expected=paper.trail) == []
    assert verify(content, expected=paper.trail[:-1] + ("0" if paper.trail[-1] != "0" else "1")) != []
    assert verify(content.replace(b'"628"', b'"627"', 1), expected=paper.trail) != []


def test_the_sums_custodians_and_hand_overs_are_those_of_the_trail(stage, work):
    play_all(stage)
    told = custody_report.report(work(), stage.people["shen"], stage.case.id).data["trail"]
    boxes = told["items"][0]
    assert [boxes[part] for part in ("seized", "held", "consumed", "disposed")] == ["640", "0", "12", "628"]
    assert boxes["custodian"] is None
    assert boxes["entries"][3]["to"] == {
        "agency": "昆山市proc机关",
        "keeper": "昆山市pol机关",
        "place": "涉案财物管理中心",
    }
    h1 = told["handovers"][0]
    assert [(line["item"], line["difference"]) for line in h1["differences"]] == [("E-01", "-12")]
    assert [one["name"] for one in h1["signatures"]] == ["陈国栋", "吴敏", "沈涛", "邵静"]
    assert h1["receipt"] == boxes["entries"][2]["receipt"]


def test_an_agency_is_told_what_it_may_see_and_nothing_else(stage, work):
    play_all(stage)
    codes = {
        name: [
            item["code"]
            for item in custody_report.report(work(), stage.people[name], stage.case.id).data["trail"]["items"]
        ]
        for name in ("chen", "su")
    }
    assert codes["chen"] == ["E-01", "E-02", "E-03", "E-04", "E-06"]
    assert "E-01" not in codes["su"]
    for seq in (0, 1):
        with pytest.raises(NotFound):
            printouts.paper(work(), stage.people["chen"], stage.case.id, "E-05", seq)
    h2 = custody_report.report(work(), stage.people["su"], stage.case.id).data["trail"]["handovers"][1]
    assert h2["hidden"] == 1


def test_a_report_on_one_item_is_proven_by_itself(stage, work):
    play_all(stage)
    paper = custody_report.report(work(), stage.people["shen"], stage.case.id, "E-01")
    [(name, content)] = paper.attached.items()
    assert name.endswith("-E-01.json")
    assert verify(content, expected=paper.trail) == []
    assert [item["code"] for item in json.loads(content)["items"]] == ["E-01"]
    assert [handover["hidden"] for handover in paper.data["trail"]["handovers"]] == [4, 5]


def test_what_has_no_trail_has_no_report(stage, work):
    with pytest.raises(NotFound):
        custody_report.report(work(), stage.people["chen"], stage.case.id)
    with pytest.raises(NotFound):
        custody_report.report(work(), stage.people["chen"], stage.case.id, "E-01")


def test_every_act_that_is_kept_on_paper_has_its_record():
    papers = read_papers(ROOT)
    for action in custody_report.RECORDED:
        for kind in KINDS.get(action, {"": ""}):
            found = papers.find(f"record_{action}_{kind}", f"record_{action}")
            assert found.basis
            assert found.status in ("verified", "from memory", "design")


def disposals(stage, work):
    """Seize money, and dispose of a part of it in each way."""
    stage.clock.go_to("2026-03-19T09:00")
    stage.put_item("pol", code="M-1", name="现金", category="现金", qty=1000, unit="元")
    stage.seize("M-1", "shen", "gu", "昆公扣〔2026〕1号", quantity=1000)
    for kind in KINDS["disposed"]:
        cause = stage.cause(f"依法处理{kind}", f"决定〔2026〕{kind}号", "gu")
        custody.dispose(work(), stage.people["shen"], stage.case.id, "M-1", cause, kind=kind, quantity=100)


@ONE_DIALECT
def test_each_disposal_has_a_record_with_decision_quantity_and_two_persons(stage, work, renderer):
    disposals(stage, work)
    titles = {"return": "发还清单", "auction": "拍卖、变卖", "destruction": "销毁", "treasury": "上缴国库"}
    for seq, kind in enumerate(KINDS["disposed"], start=2):
        paper = custody_report.record(work(), stage.people["shen"], stage.case.id, "M-1", seq)
        reader = printed(renderer, paper)
        words = words_of(reader)
        assert titles[kind] in words
        assert len(reader.pages) == 1
        for wanted in (f"决定〔2026〕{kind}号", "100元", "沈涛", "顾晓峰", "见证人（签名）", paper.trail):
            assert wanted in words
    after = custody_report.record(work(), stage.people["shen"], stage.case.id, "M-1", 3).data["entry"]
    assert (after["held"], after["returned"], after["disposed"]) == ("800", "100", "100")


def test_the_other_records_are_filled_in(stage, work):
    seize_all(stage)
    custody.seal(
        work(), stage.people["chen"], stage.case.id, "E-02", stage.cause("封存"), number="封-9", state="broken"
    )
    due = stage.clock.now.date()
    custody.lend(
        work(), stage.people["chen"], stage.case.id, "E-02", stage.cause("鉴定", "调用1号", "wu"), due=due, quantity=6
    )
    custody.give_back(work(), stage.people["chen"], stage.case.id, "E-02", stage.cause("归还", "", "wu"), quantity=2)
    titles = []
    for code, seq in (("E-01", 1), ("E-01", 2), ("E-03", 1), ("E-06", 1), ("E-02", 2), ("E-02", 3), ("E-02", 4)):
        paper = custody_report.record(work(), stage.people["wu"], stage.case.id, code, seq)
        PlainRenderer().render_document(
            template=paper.template, layouts=paper.layouts, data=paper.data, created=paper.created
        )
        titles.append(paper.template.title)
    assert titles == [
        *("扣押清单", "抽样记录", "电子数据提取固定清单", "调取证据清单"),
        *("封存记录", "涉案财物调用登记", "涉案财物归还登记"),
    ]


def test_an_entry_without_a_record_is_named(stage, work):
    seize_all(stage)
    hand_over_h1(stage)
    for seq in (3, 4, 99):
        with pytest.raises(NotFound) as refused:
            custody_report.record(work(), stage.people["shen"], stage.case.id, "E-01", seq)
        assert refused.value.at == f"E-01#{seq}"


def test_a_printout_is_asked_for_once_made_once_and_noted_at_each_taking(stage, work):
    seize_all(stage)
    hand_over_h1(stage)
    shen, gu, chen = (stage.people[name] for name in ("shen", "gu", "chen"))
    paper = printouts.paper(work(), shen, stage.case.id, "", 0)
    asked = printouts.ask(work(), shen, paper)
    assert printouts.ask(work(), shen, paper) == asked
    assert printouts.ask(work(), gu, paper) != asked
    assert printouts.see_printout(work(), shen, asked).state == "waiting"
    with pytest.raises(Conflict):
        printouts.read_printout(work(), shen, asked)
    order = printouts.prepare_printout(work(), asked)
    assert order is not None
    assert order.document_id == asked
    sha256 = work().files.put(b"%PDF-1.7")
    printouts.finish_printout(work(), order, sha256=sha256, size=8)
    assert printouts.prepare_printout(work(), asked) is None
    row, content = printouts.read_printout(work(), gu, asked)
    assert (content, row.trail, row.name) == (b"%PDF-1.7", order.trail, f"custody-{stage.case.number}.pdf")
    with pytest.raises(NotFound):
        printouts.see_printout(work(), chen, asked)
    taken = [row for row in audit.entries(stage.connection, stage.case.id) if row.action == "exported"]
    assert [(row.officer_id, row.detail["sha256"]) for row in taken] == [(gu.id, order.trail)]


def test_long_printouts_wait_in_a_lane_of_their_own(stage, work):
    seize_all(stage)
    chen = stage.people["chen"]
    printouts.ask(work(), chen, printouts.paper(work(), chen, stage.case.id, "", 0))
    given = {
        "owner": "one",
        "now": stage.clock.now,
        "wall": stage.clock.now,
        "lease": stage.clock.now - stage.clock.now,
    }
    assert jobs.claim_job(stage.connection, **given, but=printouts.TOPIC) is None
    found = jobs.claim_job(stage.connection, **given, only=printouts.TOPIC)
    assert found is not None
    assert found.topic == printouts.TOPIC
