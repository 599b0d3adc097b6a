"""The machine-readable copy of custody: valid CASE/UCO, whole, and the same bytes for the same trail."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyshacl
import pytest
import rdflib
from case_utils.case_validate.validate_utils import disable_tbox_review, get_invalid_cdo_concepts, get_ontology_graph
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.custody import ACTIONS, Seal
from app.domain.custody_chain import Entry, entry_to_plain
from app.domain.custody_file import assemble
from app.domain.custody_ledger import add, ledger_to_plain, opening
from app.domain.errors import NotFound
from app.services import custody
from app.services.custody_case_uco import case_uco
from app.services.custody_export import export_case_linked, export_linked
from app.storage import audit
from tests.custody.acts import CHEN, POL, SHAO, START, WU, an_act, following
from tests.custody.kunshan import H03, Stage, play_all, seize_all
from tests.custody.random_trails import random_trail

CASE = rdflib.Namespace("https://ontology.caseontology.org/case/investigation/")
ACTION = rdflib.Namespace("https://ontology.unifiedcyberontology.org/uco/action/")
CORE = rdflib.Namespace("https://ontology.unifiedcyberontology.org/uco/core/")
TYPES = rdflib.Namespace("https://ontology.unifiedcyberontology.org/uco/types/")
SHACL = rdflib.Namespace("http://www.w3.org/ns/shacl#")

# The libraries that prove the graph use what Python and they themselves have deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="session")
def ontology() -> rdflib.Graph:
    """CASE with its shapes, without those that review the ontology itself, as `case_validate` reads it."""
    graph = get_ontology_graph()
    disable_tbox_review(graph)
    return graph


def refused(ontology: rdflib.Graph, *contents: bytes) -> set[tuple[str, str]]:
    """Give node and property of everything the shapes refuse, informally too, in all the files together."""
    graph = rdflib.Graph()
    for content in contents:
        graph.parse(data=content, format="json-ld")
    assert graph
    unknown = {(str(term), "") for term in get_invalid_cdo_concepts(graph, ontology)}
    _, report, _ = pyshacl.validate(graph, shacl_graph=ontology, ont_graph=ontology, inference="none")
    results = report.subjects(rdflib.RDF.type, SHACL.ValidationResult)
    return unknown | {
        (str(report.value(result, SHACL.focusNode)), str(report.value(result, SHACL.resultPath))) for result in results
    }


def every_action() -> bytes:
    """The export of an item to which everything happened that can."""
    content, copied = "ab" * 32, "cd" * 32
    ledger = opening("虚构案〔2026〕7号", "E-01")
    entries: list[Entry] = []

    def keep(act: Any) -> None:
        nonlocal ledger
        ledger, entry = add(ledger, act)
        entries.append(entry)

    keep(an_act(category="电子数据", name="虚构数据", unit="g", file=content, seal=Seal(number="封1", state="intact")))
    keep(following(ledger, "sealed", seal=Seal(number="封2", state="opened"), who=(CHEN,)))
    keep(following(ledger, "sampled", kind="store", quantity="12.5"))
    keep(following(ledger, "stored", to=ledger.custodian))
    keep(following(ledger, "lent", quantity=10, due="2026-05-01"))
    keep(following(ledger, "sampled", kind="loan", quantity=1))
    keep(following(ledger, "corrected", kind="lost_on_loan", quantity=1))
    keep(following(ledger, "returned_to_store", quantity=8, who=(WU,)))
    keep(following(ledger, "viewed", who=(CHEN,), document=""))
    keep(following(ledger, "copied", file=copied))
    keep(following(ledger, "handed_over", kind="moved", to=POL, who=(CHEN, SHAO)))
    for kind in ("less", "more", "lost", "found"):
        keep(following(ledger, "corrected", kind=kind, quantity=1))
    for kind in ("return", "auction", "treasury"):
        keep(following(ledger, "disposed", kind=kind, quantity=1))
    keep(following(ledger, "disposed", kind="destruction", quantity=ledger.held))
    assert {entry.act.action for entry in entries} == set(ACTIONS)
    return assemble(
        number="虚构案〔2026〕7号",
        name="虚构的案件",
        at=START + timedelta(days=9),
        agencies={"adm": "虚构局", "pol": "虚构公安局"},
        ledgers=[ledger_to_plain(ledger)],
        entries=[entry_to_plain(entry) for entry in entries],
        handovers=[],
    )


def linked(export: bytes) -> bytes:
    return case_uco(json.loads(export))


def nodes(content: bytes, kind: str) -> list[dict[str, Any]]:
    def is_of(node: dict[str, Any]) -> bool:
        return kind in (node["@type"] if isinstance(node["@type"], list) else [node["@type"]])

    return [node for node in json.loads(content)["@graph"] if is_of(node)]


def by_id(content: bytes) -> dict[str, dict[str, Any]]:
    return {node["@id"]: node for node in json.loads(content)["@graph"]}


def only(value: Any) -> str:
    (one,) = value if isinstance(value, list) else [value]
    return str(one["@id"])


# The shapes


def test_the_hand_overs_of_kunshan_and_an_item_with_every_action_are_valid(
    ontology: rdflib.Graph, whole_trail: bytes
) -> None:
    assert refused(ontology, linked(whole_trail), linked(every_action())) == set()


@settings(max_examples=2, deadline=None)
@given(seeds=st.lists(st.integers(0, 2**32), min_size=3, max_size=3))
def test_random_trails_are_valid(ontology: rdflib.Graph, seeds: list[int]) -> None:
    assert refused(ontology, *(linked(random_trail(Random(seed), steps=6)) for seed in seeds)) == set()


def test_a_broken_graph_is_refused(ontology: rdflib.Graph) -> None:
    content = json.loads(linked(every_action()))
    found = {
        key: nodes(linked(every_action()), key) for key in ("case-investigation:InvestigativeAction", "uco-types:Hash")
    }
    actions = [node["@id"] for node in found["case-investigation:InvestigativeAction"]]
    hashed = found["uco-types:Hash"][0]["@id"]
    record = nodes(linked(every_action()), "case-investigation:ProvenanceRecord")[0]["@id"]
    breaks: dict[str, tuple[str, Any]] = {
        actions[0]: ("uco-action:performer", [{"@id": actions[1]}, {"@id": actions[2]}]),
        actions[1]: ("uco-action:startTime", "yesterday"),
        actions[2]: ("case-investigation:wasInformedBy", [{"@id": record}]),
        actions[3]: ("uco-action:location", [{"@id": record}]),
        hashed: ("uco-types:hashValue", {"@type": "xsd:hexBinary", "@value": "xyz"}),
        record: ("case-investigation:exhibitNumber", ["E-01", "E-02"]),
        actions[4]: ("uco-action:instrumnet", [{"@id": record}]),
    }
    for node in content["@graph"]:
        if node["@id"] in breaks:
            term, value = breaks[node["@id"]]
            node[term] = value

    prefixes = {**content["@context"]}
    expected = {
        (key, prefixes[term.partition(":")[0]] + term.partition(":")[2]) for key, (term, _) in breaks.items()
    } - {(actions[4], f"{ACTION}instrumnet")}
    assert refused(ontology, json.dumps(content).encode()) == expected | {(f"{ACTION}instrumnet", "")}


# What it says


def test_nothing_of_an_entry_is_lost(whole_trail: bytes) -> None:
    split = next(export for seed in range(99) if b"split_from" in (export := random_trail(Random(seed), steps=40)))
    for export in (whole_trail, every_action(), split):
        content = linked(export)
        known = by_id(content)
        facets = {node["xianjie:hash"]: node for node in nodes(content, "xianjie:EntryFacet")}
        told = {
            only(node["uco-core:hasFacet"]): node for node in nodes(content, "case-investigation:InvestigativeAction")
        }
        for entry in json.loads(export)["entries"]:
            facet = facets[entry["hash"]]
            for field in ("item", "seq", "action", "kind", "unit", "document", "receipt", "previous", "hash"):
                assert facet.get(f"xianjie:{field}", "") == entry[field]
            assert facet["xianjie:quantity"]["@value"] == entry["quantity"]
            assert all(facet[f"xianjie:{key}"] == value for key, value in entry.get("particulars", {}).items())
            assert facet.get("xianjie:due", {"@value": ""})["@value"] == entry["due"]
            seal = entry["seal"] or {"number": "", "state": ""}
            assert facet.get("xianjie:sealNumber", "") == seal["number"]
            assert facet.get("xianjie:sealState", "") == seal["state"]
            action = told[facet["@id"]]
            assert action["uco-action:startTime"]["@value"] == entry["at"]
            assert action["uco-core:description"] == entry["why"]
            persons = [action["uco-action:performer"], *action.get("uco-action:participant", [])]
            assert [known[one["@id"]]["uco-core:name"] for one in persons] == [who["name"] for who in entry["who"]]
            results = [known[one["@id"]] for one in action["uco-action:result"]]
            assert results[0]["case-investigation:exhibitNumber"] == entry["item"]
            assert len(results) == 1 + bool(entry["file"])
            state = known[only(results[0]["uco-core:hasFacet"])]
            keeper = state.get("xianjie:keeper")
            to = entry["to"]
            assert (known[keeper["@id"]]["xianjie:key"] if keeper else None) == (to["keeper"] if to else None)
            if to:
                assert known[state["xianjie:place"]["@id"]]["uco-core:name"] == to["place"]


def test_what_was_split_is_related_to_what_it_was_split_from() -> None:
    export = next(export for seed in range(99) if b"split_from" in (export := random_trail(Random(seed), steps=40)))
    content = linked(export)
    known = by_id(content)
    pairs = {
        (entry["item"], entry["particulars"]["split_from"])
        for entry in json.loads(export)["entries"]
        if "split_from" in entry.get("particulars", {})
    }
    codes = {
        node["@id"]: known[only(node["uco-core:hasFacet"])]["xianjie:code"]
        for node in known.values()
        if any("ItemFacet" in str(known[one["@id"]]["@type"]) for one in node.get("uco-core:hasFacet", []))
    }
    related = nodes(content, "uco-core:Relationship")
    found = {
        (codes[node["uco-core:source"]["@id"]], codes[node["uco-core:target"]["@id"]])
        for node in related
        if node["uco-core:kindOfRelationship"] == "Split_From"
    }
    assert found == pairs


def test_each_action_is_informed_by_the_one_before_and_begins_with_its_record(whole_trail: bytes) -> None:
    content = linked(whole_trail)
    facets = {node["@id"]: node for node in nodes(content, "xianjie:EntryFacet")}
    actions = {
        facets[only(node["uco-core:hasFacet"])]["xianjie:hash"]: node
        for node in nodes(content, "case-investigation:InvestigativeAction")
        if only(node["uco-core:hasFacet"]) in facets
    }
    entries = json.loads(whole_trail)["entries"]
    assert set(actions) == {entry["hash"] for entry in entries}
    for entry in entries:
        action, before = actions[entry["hash"]], actions.get(entry["previous"])
        if before is None:
            assert entry["seq"] == 1
            assert "case-investigation:wasInformedBy" not in action
        else:
            assert only(action["case-investigation:wasInformedBy"]) == before["@id"]
            assert before["uco-action:result"][0] in action["uco-action:object"]


def test_hand_overs_hold_their_lines_and_the_entries_they_caused(whole_trail: bytes) -> None:
    content = linked(whole_trail)
    known = by_id(content)
    facets = nodes(content, "xianjie:HandoverFacet")
    assert [facet["xianjie:number"] for facet in facets] == [
        "昆公（食药环）接字〔2026〕44号",
        "昆公（食药环）随移字〔2026〕63号",
        "昆检随移〔2026〕63号",
    ]
    lines = [known[one["@id"]] for one in facets[0]["xianjie:line"]]
    boxes = lines[0]
    assert [boxes[f"xianjie:{key}"]["@value"] for key in ("listed", "counted")] == ["640", "628"]
    assert boxes["xianjie:difference"] == ["sample_consumed"]
    first = next(
        node
        for node in nodes(content, "case-investigation:InvestigativeAction")
        if only(node["uco-core:hasFacet"]) == facets[0]["@id"]
    )
    assert len(first["uco-action:subaction"]) == len(lines) == 5
    assert [known[one["@id"]]["uco-core:name"] for one in first["uco-action:participant"]][1:] == [
        "陈国栋",
        "吴敏",
        "沈涛",
        "邵静",
    ]


def test_electronic_data_has_a_file_with_its_hash(whole_trail: bytes) -> None:
    graph = rdflib.Graph().parse(data=linked(whole_trail), format="json-ld")
    values = {str(value).lower() for value in graph.objects(None, TYPES.hashValue)}
    assert H03 in values
    assert len(values) == 2
    held = {str(value) for value in graph.objects(None, CASE.exhibitNumber)}
    assert held == {f"E-0{number}" for number in range(1, 8)}
    started = list(graph.objects(None, ACTION.startTime))
    assert all(isinstance(moment.toPython(), datetime) for moment in started)
    assert len(set(graph.subjects(CORE.name, rdflib.Literal("陈国栋")))) == 1


def test_every_reference_leads_to_a_node(whole_trail: bytes) -> None:
    def links(value: Any) -> list[str]:
        if isinstance(value, dict):
            return (
                [value["@id"]] if set(value) == {"@id"} else [one for inner in value.values() for one in links(inner)]
            )
        return [one for inner in value for one in links(inner)] if isinstance(value, list) else []

    for export in (whole_trail, every_action(), random_trail(Random(1), steps=40)):
        content = linked(export)
        assert {one for node in json.loads(content)["@graph"] for one in links(node)} <= set(by_id(content))
        assert len(by_id(content)) == len(json.loads(content)["@graph"])


# The same trail, the same bytes


def test_the_same_trail_gives_the_same_bytes_at_any_hour(stage: Stage) -> None:
    play_all(stage)
    first = export_case_linked(stage.work, stage.case.number)
    stage.clock.go_to("2026-10-01T09:00")
    assert export_case_linked(stage.work, stage.case.number) == first
    su = stage.people["su"]
    cause = stage.cause("查看")
    custody.view(stage.work, su, stage.case.id, "E-02", cause)
    later = export_case_linked(stage.work, stage.case.number)
    assert set(by_id(first)) - set(by_id(later)) == {
        node["@id"] for node in nodes(first, "xianjie:ItemFacet") if node["xianjie:code"] == "E-02"
    }


def test_an_agency_reads_what_it_may_see_and_one_item_alone(stage: Stage) -> None:
    play_all(stage)
    chen, su = stage.people["chen"], stage.people["su"]
    seen = nodes(export_linked(stage.work, chen, stage.case.id), "xianjie:ItemFacet")
    assert {node["xianjie:code"] for node in seen} == {"E-01", "E-02", "E-03", "E-04", "E-06"}
    alone = export_linked(stage.work, chen, stage.case.id, "E-01")
    assert {node["xianjie:code"] for node in nodes(alone, "xianjie:ItemFacet")} == {"E-01"}
    assert {node["xianjie:item"] for node in nodes(alone, "xianjie:LineFacet")} == {"E-01"}
    whole = by_id(export_linked(stage.work, chen, stage.case.id))
    assert {
        node["@id"] for node in nodes(alone, "case-investigation:InvestigativeAction") if node["@id"] not in whole
    } == set()
    for code, officer in (("E-01", su), ("E-07", chen), ("E-99", chen)):
        with pytest.raises(NotFound) as error:
            export_linked(stage.work, officer, stage.case.id, code)
        assert error.value.at == code
    noted = [row for row in audit.entries(stage.connection, stage.case.id) if row.action == "custody_export"]
    assert [row.detail["items"] for row in noted][-1] == ["E-01", "E-02", "E-03", "E-04", "E-06"]
    assert {row.detail["terms"] for row in noted} == {"case-uco"}


def test_a_case_without_trails_is_an_investigation_and_nothing_else(stage: Stage) -> None:
    content = json.loads(export_case_linked(stage.work, stage.case.number))
    assert [node["@type"] for node in content["@graph"]] == [
        "case-investigation:Investigation",
        "uco-core:ExternalReference",
    ]
    seize_all(stage, sample=False)
    assert len(nodes(export_case_linked(stage.work, stage.case.number), "case-investigation:ProvenanceRecord")) == 5
    assert Decimal(640) == stage.ledger("E-01", by="chen").held
