"""Packages with seeded faults are stopped on the sender's desk, clean ones are not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.catalogue.preflight import PACKAGE
from app.domain.errors import InvalidAnswers
from app.services import custody, package, tasks
from app.storage import audit, facts
from tests.builders import an_agency
from tests.databases import Databases
from tests.services.packages import Desk, Package, a_desk

Break = Callable[[Package], Any]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    url = databases.migrated(request.param)
    built = a_desk(tmp_path_factory.mktemp("desk"), url)
    yield built
    built.house.close()
    databases.drop(url)


def sets(**answers: Any) -> Break:
    return lambda given: given.answers.update(answers)


def paper(kind: str, **changes: Any) -> Break:
    return lambda given: given.paper(kind).update(changes)


def drops(*kinds: str) -> Break:
    return lambda given: given.drop(*kinds)


def fact(key: str, value: Any) -> Break:
    return lambda given: given.fact(key, value)


def item(code: str, **changes: Any) -> Break:
    return lambda given: given.item(code, **changes)


def both(*breaks: Break) -> Break:
    return lambda given: [broken(given) for broken in breaks]


def to(kind: str, **values: Any) -> Break:
    def send(given: Package) -> None:
        given.answers[f"to_{kind}"] = an_agency(given.work.connection, kind=kind, **values).key

    return send


def bribes(given: Package) -> None:
    """A crime that is not of goods, so that it needs no test."""
    given.charge("非法经营罪")


def _break_seal(given: Package, code: str) -> None:
    cause = custody.Cause(why="检查发现", document="检查记录", beside=given.beside())
    custody.seal(given.work, given.officer, given.case_id, code, cause, number="KSF-26-0301..0316", state="broken")


def _seal_again(given: Package, code: str) -> None:
    _break_seal(given, code)
    cause = custody.Cause(why="重新封存", document="封存记录", beside=given.beside())
    custody.seal(given.work, given.officer, given.case_id, code, cause, number="KSF-26-0401")


def _own_content(given: Package, code: str, **digests: str) -> None:
    """Store a content with the SHA-256 of the trail, so that only another value can differ."""
    trail = "41f4f4270e3c28397ef081d458c243f15b315ba9ae63108be2401ec2f5e1fadd"
    given.content(code, sha256=trail, **digests)


def _no_test(given: Package) -> None:
    """Leave the test out; what stood on it stands on another paper."""
    given.drop("test_report")
    given.untick("tests")
    given.attach("other", "检验情况", number="苏药检字2026-0311")


OTHER_HASH = "a" * 64
HASH_E03 = "3806e9daa666a7685f885ac5427ea7d79d3f0239a81e7707217624d3a7559cb0"

FAULTS: list[tuple[str, str, Break, set[str]]] = [
    # what is broken, the check that finds it, how, what else follows from it
    ("the head refused", "approved", fact("approval_decision", "refuse"), set()),
    ("nobody approved", "approved", fact("approval_decision", None), set()),
    ("the report was never issued", "approved", lambda p: p.withdraw("adm_transfer_report"), set()),
    ("one officer alone", "two_officers", fact("report_team", ["chen_guodong"]), set()),
    ("a team of nobody", "two_officers", fact("report_team", []), {"officer_outside_team"}),
    ("a minute over 24 hours", "transfer_overdue", lambda p: p.later(hours=18, minutes=31), set()),
    ("three days later", "transfer_overdue", lambda p: p.later(days=3), set()),
    ("approved after three days", "approval_overdue", lambda p: p.late("D01"), set()),
    ("the letter unchecked", "letter_and_report", lambda p: p.untick("letter"), set()),
    ("the report unchecked", "letter_and_report", lambda p: p.untick("report"), set()),
    ("no facts", "report_content", fact("facts", ""), set()),
    ("no evidence", "report_content", fact("evidence", None), set()),
    ("no legal basis", "report_content", fact("legal_basis", ""), set()),
    (
        "witnesses only",
        "no_suspect",
        lambda p: [p.party(code, role="证人") for code in ("S1", "S2", "U1")],
        set(),
    ),
    ("a suspect without number", "suspect_unidentified", lambda p: p.party("S1", id_no=None), set()),
    ("a unit without code", "suspect_unidentified", lambda p: p.party("U1", uscc=""), set()),
    ("an officer of no team", "officer_outside_team", sets(contact_officer="gong_ping"), set()),
    ("items denied", "items_denied", fact("items_state", "none"), set()),
    ("the list unchecked", "items_unchecked", lambda p: p.untick("items"), set()),
    ("an item without quantity", "items_incomplete", item("E-02", qty=None), set()),
    ("an item without unit", "items_incomplete", item("E-02", unit=""), set()),
    ("an item without name", "items_incomplete", item("E-02", name=""), set()),
    ("an item of no paper", "items_without_origin", item("E-02", doc_no=""), set()),
    ("an item of another paper", "origin_not_attached", item("E-02", doc_no="昆市监强制〔2026〕20号"), set()),
    ("a paper of another number", "origin_not_attached", paper("edata_record", number="昆市监电〔2026〕6号"), set()),
    (
        "an item nobody holds",
        "items_not_held",
        item("E-90", name="虚构账册", category="书证", qty=1, unit="册", doc_no="昆市监强制〔2026〕19号"),
        set(),
    ),
    ("a broken seal", "seals", lambda p: _break_seal(p, "E-01"), set()),
    ("goods without seal", "seals", lambda p: p.seize("E-91", category="物证"), set()),
    ("contraband without seal", "seals", lambda p: p.seize("E-92", category="违禁品"), set()),
    ("no seizure decision", "seizure_decision", drops("seizure_decision"), {"origin_not_attached"}),
    ("no list of what was seized", "seizure_list", drops("seizure_list"), set()),
    ("the notice cites another decision", "seizure_number", sets(seizure_no="昆市监强制〔2026〕91号"), set()),
    (
        "another decision attached",
        "seizure_number",
        paper("seizure_decision", number="昆市监强制〔2025〕19号"),
        {"origin_not_attached"},
    ),
    ("data without value or seal", "edata_unfixed", item("E-03", hash=""), set()),
    (
        "data taken without fixing it",
        "edata_unfixed",
        lambda p: p.seize("E-93", category="电子数据", format="db"),
        set(),
    ),
    ("data of no format", "edata_listed_short", item("E-03", format=""), set()),
    ("a value of no algorithm", "edata_listed_short", item("E-04", hash_alg=""), set()),
    ("no record of extraction", "edata_record", drops("edata_record"), {"origin_not_attached"}),
    ("another value than the trail's", "hash_mismatch", item("E-03", hash=OTHER_HASH), set()),
    ("a value cut short", "hash_mismatch", item("E-03", hash=HASH_E03[:40]), set()),
    ("stored content differs", "hash_mismatch", lambda p: p.content("E-03", sha256=OTHER_HASH), set()),
    (
        "stored content differs by SM3",
        "hash_mismatch",
        both(item("E-04", hash="b" * 64, hash_alg="SM3"), lambda p: _own_content(p, "E-04", sm3="c" * 64)),
        set(),
    ),
    ("no test of a drug", "test_report", drops("test_report", "recognition_opinion", "lab_qualification"), {"origin"}),
    (
        "no test of shoddy goods",
        "test_report",
        both(lambda p: p.charge("生产、销售伪劣产品罪"), drops("test_report", "recognition_opinion")),
        {"origin"},
    ),
    (
        "no monitoring of pollution",
        "test_report",
        both(lambda p: p.charge("污染环境罪"), drops("test_report", "recognition_opinion")),
        {"origin", "environment_papers"},
    ),
    ("the tests unchecked", "tests_unchecked", lambda p: p.untick("tests"), set()),
    ("a laboratory of no standing", "lab_qualification", drops("lab_qualification"), set()),
    ("pollution without interviews", "environment_papers", lambda p: p.charge("污染环境罪"), set()),
    ("an unsigned site record", "unsigned_record", paper("site_record", signed="missing"), set()),
    ("an unsigned record of data", "unsigned_record", paper("edata_record", signed="missing"), set()),
    ("an unsigned list", "unsigned_record", paper("seizure_list", signed="missing"), set()),
    (
        "an unsigned interview",
        "unsigned_record",
        lambda p: p.attach("inquiry_record", "询问笔录", signed="missing"),
        set(),
    ),
    ("nobody says who signed", "signatures_untold", paper("site_record", signed=None), set()),
    ("an opinion without number", "unnumbered_paper", paper("recognition_opinion", number=""), set()),
    (
        "a decision without number",
        "unnumbered_paper",
        paper("seizure_decision", number=None),
        {"origin_not_attached", "seizure_number"},
    ),
    ("square brackets", "wrong_number", paper("site_record", number="昆市监现[2026]87号"), set()),
    ("round brackets", "wrong_number", paper("recognition_opinion", number="昆市监认（2026）4号"), set()),
    ("a year of two digits", "wrong_number", paper("recognition_opinion", number="昆市监认〔26〕4号"), set()),
    ("a leading zero", "wrong_number", paper("recognition_opinion", number="昆市监认〔2026〕004号"), set()),
    ("no 号", "wrong_number", paper("site_record", number="昆市监现〔2026〕87"), set()),
    ("a serial of letters", "wrong_number", paper("seizure_list", number="昆市监清〔2026〕十九号"), set()),
    (
        "the decision of another agency",
        "foreign_number",
        both(
            paper("seizure_decision", number="苏药监强制〔2026〕19号"),
            sets(seizure_no="苏药监强制〔2026〕19号"),
        ),
        {"origin_not_attached"},
    ),
    ("a penalty without decision", "penalty_decision", sets(prior_penalty="yes"), set()),
    (
        "a decision of no penalty",
        "penalty_denied",
        lambda p: p.attach("penalty_decision", "行政处罚决定书", number="昆市监处罚〔2026〕5号"),
        set(),
    ),
    ("police of the city", "wrong_level", to("pol", name="虚构市公安局", area_code="320500"), set()),
    ("police of the province", "wrong_level", to("pol", name="虚构省公安厅", area_code="320000"), set()),
    ("police of another county", "other_area", sets(to_pol="ypol"), set()),
    ("procuratorate of another county", "wrong_procuratorate", to("proc", area_code="320582"), set()),
    ("items nowhere listed", "items_not_listed", fact("items_state", "held"), set()),
    (
        "seized items nowhere listed",
        "items_not_listed",
        both(
            fact("items_state", "seized"),
            sets(notice_recipient="虚构公司", seizure_no="昆市监强制〔2026〕19号"),
            lambda p: p.attach("seizure_decision", "决定书", number="昆市监强制〔2026〕19号"),
            lambda p: p.attach("seizure_list", "清单", number="昆市监清〔2026〕19号", signed="complete"),
        ),
        set(),
    ),
]
BARE = {"items nowhere listed", "seized items nowhere listed"}
AGAIN = {"origin": "origin_not_attached"}

CLEAN: dict[str, Break] = {
    "as the worked case": both(),
    "receivers named": sets(to_pol="pol", to_proc="proc"),
    "a penalty with its decision": both(
        sets(prior_penalty="yes"),
        lambda p: p.attach("penalty_decision", "行政处罚决定书", number="昆市监处罚〔2026〕5号"),
    ),
    "the party refused to sign": paper("site_record", signed="refused"),
    "an interview more": lambda p: p.attach("inquiry_record", "询问笔录", signed="complete"),
    "photographs more": lambda p: p.attach("photo", "现场照片", pages=12),
    "other material without number": lambda p: p.attach("other", "情况说明"),
    "an opinion instead of a test": both(drops("lab_qualification"), _no_test),
    "a number with a sub-number": paper("seizure_list", number="昆市监清〔2026〕19-2号"),
    "a test of a laboratory's own numbering": both(
        paper("test_report", number="W2026/03-0311"), item("E-06", doc_no="W2026/03-0311")
    ),
    "a crime that needs no test": both(bribes, _no_test, drops("lab_qualification")),
    "no crime named yet": lambda p: p.charge(""),
    "pollution with all its papers": both(
        lambda p: p.charge("污染环境罪"), lambda p: p.attach("inquiry_record", "询问笔录", signed="complete")
    ),
    "the last minute of the 24 hours": lambda p: p.later(hours=18, minutes=29),
    "at once": lambda p: p.later(hours=0),
    "a sealed phone more": lambda p: p.seize("E-91", category="物证", seal_no="KSG-26-0077"),
    "sealed contraband": lambda p: p.seize("E-92", category="违禁品", seal_no="KSG-26-0078"),
    "papers without seal": lambda p: p.seize("E-93", category="书证"),
    "money": lambda p: p.seize("E-94", category="款项", qty=60000, unit="元"),
    "data on a sealed medium": lambda p: p.seize("E-95", category="电子数据", format="img", seal_no="KSG-26-0079"),
    "data with SM3": lambda p: p.seize("E-96", category="电子数据", format="csv", hash="d" * 64, hash_alg="SM3"),
    "data with MD5": lambda p: p.seize("E-97", category="电子数据", format="csv", hash="d" * 32, hash_alg="MD5"),
    "stored content that agrees": lambda p: p.content("E-03", sha256=HASH_E03),
    "stored content of an item without value": lambda p: p.content("E-02"),
    "a witness without number": lambda p: p.party("W1", kind="person", role="证人", name="虚构证人"),
    "another officer of the team": sets(contact_officer="wu_min"),
    "three officers": fact("report_team", ["chen_guodong", "wu_min", "gong_ping"]),
    "held, not seized": both(
        fact("items_state", "held"),
        lambda p: [p.answers.pop(key) for key in ("notice_recipient", "seizure_no")],
        drops("seizure_list"),
    ),
    "sealed again": lambda p: _seal_again(p, "E-01"),
    "a parted item": item("E-02", spec="A4"),
}
CLEAN_BARE: dict[str, Break] = {
    "no items": both(),
    "no items, a penalty": both(
        sets(prior_penalty="yes"),
        lambda p: p.attach("penalty_decision", "行政处罚决定书", number="昆市监处罚〔2026〕5号"),
    ),
}


@pytest.mark.parametrize(("check", "broken", "follows"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_seeded_fault_is_found_and_stops_the_package(
    desk: Desk, request: pytest.FixtureRequest, check: str, broken: Break, follows: set[str]
):
    bare = any(name in request.node.name for name in BARE)
    with desk.package(bare=bare) as given:
        assert given.found() == []
        broken(given)
        assert set(given.found()) == {check, *(AGAIN.get(name, name) for name in follows)}
        with pytest.raises(InvalidAnswers) as refused:
            given.send()
        ((zh, en),) = refused.value.fields[f"preflight.{check}"]
        assert zh != en
        assert "{" not in zh + en
        _give_reasons(given, check)


def _give_reasons(given: Package, check: str) -> None:
    """A reason for everything sends the package, unless a fault of it blocks."""
    view = tasks.see_task(given.work, given.officer, given.task_id)
    found = tasks.check_package(given.work, given.officer, view, given.answers)
    reasons = {finding.check.id: "情况特殊，已请示" for finding in found}
    blocking = {f"preflight.{finding.check.id}" for finding in found if finding.check.blocks}
    if blocking:
        with pytest.raises(InvalidAnswers) as refused:
            given.send(**reasons)
        assert set(refused.value.fields) == blocking
        return
    given.send(**reasons)
    seen = {"case_id": given.case_id, "agency_id": given.officer.agency_id}
    assert facts.facts_seen(given.work.connection, **seen)[f"preflight.{check}"] == "情况特殊，已请示"
    noted = [row for row in audit.entries(given.work.connection, given.case_id) if row.action == "sent_with_warnings"]
    assert [row.detail for row in noted] == [{"reasons": reasons}]


@pytest.mark.parametrize("name", [*CLEAN, *CLEAN_BARE])
def test_a_clean_package_is_sent_without_a_word(desk: Desk, name: str):
    with desk.package(bare=name in CLEAN_BARE) as given:
        {**CLEAN, **CLEAN_BARE}[name](given)
        assert given.found() == []
        given.send()


def test_there_are_sixty_faults_and_thirty_clean_packages_and_every_check_is_tried(desk: Desk):
    assert len(FAULTS) >= 60
    assert len({name for name, *_ in FAULTS}) == len(FAULTS)
    assert len(CLEAN) + len(CLEAN_BARE) >= 30
    with desk.package() as given:
        view = tasks.see_task(given.work, given.officer, given.task_id)
        assert {check.id for check in view.edition.bundle.preflight} == {check for _, check, *_ in FAULTS}


def test_reasons_that_are_none_are_refused_by_name(desk: Desk):
    with desk.package() as given:
        for reasons, field in (
            ("随后补送", "preflight"),
            (["随后补送"], "preflight"),
            ({"no_such_check": "随后补送"}, "preflight.no_such_check"),
            ({"lab_qualification": 7}, "preflight.lab_qualification"),
            ({"lab_qualification": "长" * 501}, "preflight.lab_qualification"),
        ):
            given.answers["preflight"] = reasons
            with pytest.raises(InvalidAnswers) as refused:
                given.send()
            assert list(refused.value.fields) == [field]


def test_a_reason_of_blanks_is_none(desk: Desk):
    with desk.package() as given:
        given.drop("lab_qualification")
        with pytest.raises(InvalidAnswers) as refused:
            given.send(lab_qualification="  \n ")
        assert list(refused.value.fields) == ["preflight.lab_qualification"]


def test_nothing_is_stored_when_a_package_is_refused(desk: Desk):
    with desk.package() as given:
        given.drop("seizure_decision")
        before = len(facts.count_typed(given.work.connection, given.case_id))
        with pytest.raises(InvalidAnswers):
            given.send()
        assert len(facts.count_typed(given.work.connection, given.case_id)) == before


def test_a_draft_is_checked_as_far_as_it_goes(desk: Desk):
    with desk.package() as given:
        given.answers = {"attachments": "none of your business", "package_checked": 7}
        assert {"seizure_decision", "test_report", "letter_and_report"} <= set(given.found())
        given.answers = {}
        assert {"seizure_decision", "test_report", "letter_and_report"} <= set(given.found())


def test_answers_that_are_not_of_the_form_do_not_silence_a_check(desk: Desk):
    with desk.package() as given:
        given.fact("report_team", ["chen_guodong"])
        given.answers["report_team"] = ["chen_guodong", "wu_min"]
        with pytest.raises(InvalidAnswers):
            given.send()
    with desk.package() as given:
        given.answers["cancel"] = "不再移送"
        given.drop("seizure_decision")
        with pytest.raises(InvalidAnswers):
            given.send()


def test_every_function_the_catalogue_allows_is_there(desk: Desk):
    with desk.package() as given:
        asked = package.Package(
            work=given.work,
            case_id=given.case_id,
            agency=given.work.agency(given.officer.agency_id),
            subject="",
            values={},
        )
        assert set(asked.functions) == set(PACKAGE)
