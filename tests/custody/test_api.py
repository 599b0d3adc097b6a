"""Custody over the API: every act, a hand-over from its list to its last signature, who may what, and the exports."""

import json

import pytest

from app.catalogue.bundles import collect_files
from app.domain.custody import ACTIONS, KINDS
from app.services import custody_proof, publishing
from app.storage import facts
from tests.builders import an_officer
from tests.custody.application import CONTENT, DESTROYED, SEIZING
from tests.houses import ROOT
from tests.services.asking import PASSWORD
from tests.web.calling import Caller, token_for


def act(caller, case_id, code, action, **given):
    return caller.post(f"/cases/{case_id}/items/{code}/acts/{action}", {"why": "办案需要", **given})


def trail(caller, case_id, code):
    return caller.get(f"/cases/{case_id}/items/{code}").get_json()


# Items


def test_items_are_listed_with_where_they_stand_and_chosen_by_kind_keeper_and_state(case_id, call, beside, people):
    call().post(f"/cases/{case_id}/items/E-01/acts/seized", {**SEIZING, "beside": beside})
    whole = call().get(f"/cases/{case_id}/items").get_json()
    assert whole["total"] == 3
    assert [(item["code"], item["state"], item["held"], item["listed"]) for item in whole["items"]] == [
        ("E-01", "held", "640", "640"),
        ("E-02", "unregistered", "0", "1"),
        ("E-03", "unregistered", "0", "12.5"),
    ]
    custodian = whole["items"][0]["custodian"]
    assert (custodian["agency"]["id"], custodian["keeper"]["name"], custodian["place"]) == (
        people["asker"].agency_id,
        "虚构局",
        "一号库房",
    )
    for query, codes in (
        ("kind=违禁品", ["E-03"]),
        ("state=held", ["E-01"]),
        ("state=unregistered&kind=电子数据", ["E-02"]),
        ("custodian=adm", ["E-01"]),
        ("q=胶囊", ["E-01"]),
        ("sort=-code", ["E-03", "E-02", "E-01"]),
        ("custodian=pol", []),
        ("page=2&size=2", ["E-03"]),
        ("page=3&size=2", []),
    ):
        chosen = call().get(f"/cases/{case_id}/items?{query}").get_json()
        assert [item["code"] for item in chosen["items"]] == codes, query
    assert call().get(f"/cases/{case_id}/items?page=2&size=2").get_json()["total"] == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kind=金条", "kind"),
        ("state=eaten", "state"),
        ("sort=age", "sort"),
        ("page=0", "page"),
        ("size=201", "size"),
        ("order=code", "order"),
    ],
)
def test_a_condition_that_cannot_be_is_named(case_id, call, query, field):
    answer = call().get(f"/cases/{case_id}/items?{query}")
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])


def test_every_act_adds_an_entry_that_carries_the_hash_of_the_one_before(seized, call, beside):
    asker = call()
    acts = [
        ("sealed", {"seal": "封-2", "state": "opened"}),
        ("sampled", {"quantity": 12, "document": "虚抽1号", "beside": beside}),
        ("stored", {"place": "二号架"}),
        ("lent", {"quantity": "100", "due": "2030-01-01", "document": "虚借1号", "beside": beside}),
        ("sampled", {"quantity": 1, "kind": "loan", "document": "虚抽2号", "beside": beside}),
        ("returned_to_store", {"quantity": "99"}),
        ("viewed", {}),
        ("copied", {"file": CONTENT}),
        ("corrected", {"quantity": 1, "kind": "lost", "document": "虚说1号"}),
        ("disposed", {"quantity": 626, "kind": "destruction", "beside": beside, **DESTROYED}),
    ]
    known = trail(asker, seized, "E-01")["head"]
    for action, given in acts:
        assert action in trail(asker, seized, "E-01")["acts"], action
        answer = act(asker, seized, "E-01", action, **given)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        entry = answer.get_json()
        assert (entry["action"], entry["previous"]) == (action, known)
        known = entry["hash"]
    item = trail(asker, seized, "E-01")
    assert {entry["action"] for entry in item["trail"]} == set(ACTIONS) - {"handed_over"}
    assert (item["state"], item["custodian"], item["consumed"], item["disposed"], item["lost"]) == (
        "gone",
        None,
        "13",
        "626",
        "1",
    )
    assert item["acts"] == ["corrected"]
    assert item["trail"][-1]["particulars"]["witnesses"] == "丙某、丁某"
    assert item["trail"][-1]["document"] == "虚决1号"
    entry = item["trail"][0]
    assert entry["from"] is None
    assert entry["to"] == {"agency": "adm", "keeper": "adm", "place": "一号库房"}
    assert [person["name"] for person in entry["who"]] == ["甲", "乙"]


def test_what_the_row_of_the_item_says_need_not_be_said_again(seized, call):
    item = trail(call(), seized, "E-03")
    assert (item["held"], item["unit"], item["name"]) == ("12.5", "g", "虚构粉末")
    answer = call().post(f"/cases/{seized}/items/E-03/acts/seized", {**SEIZING, "beside": []})
    assert answer.status_code == 422


# Who may


def test_only_the_agency_that_brought_an_item_in_seizes_it(house, case_id, call, people, beside):
    with house.work() as work:
        facts.disclose(
            work.connection,
            case_id=case_id,
            agency_id=people["answerer"].agency_id,
            kind="items",
            references=["E-01"],
            transfer_id=None,
            at=work.now,
        )
    receiver = call("answerer")
    assert trail(receiver, case_id, "E-01")["acts"] == []
    answer = receiver.post(f"/cases/{case_id}/items/E-01/acts/seized", {**SEIZING, "beside": beside})
    assert (answer.status_code, answer.get_json()["at"]) == (403, "E-01")
    assert trail(call(), case_id, "E-01")["acts"] == ["seized"]
    assert trail(call(), case_id, "E-01")["entries"] == 0


def test_a_head_reads_everything_and_acts_on_nothing(seized, listed, call, people):
    head = call("head")
    item = trail(head, seized, "E-03")
    assert (item["held"], item["acts"], len(item["trail"])) == ("12.5", [], 1)
    assert head.get(f"/handovers/{listed['id']}").status_code == 200
    assert head.get(f"/cases/{seized}/custody.json").status_code == 200
    row = f"/handovers/{listed['id']}"
    opening = {"to_agency": people["answerer"].agency_id, "number": "虚交9号", "place": "库", "items": {"E-03": None}}
    refusals = [
        act(head, seized, "E-03", "viewed"),
        act(head, seized, "E-03", "stored", place="二号架"),
        head.post(f"/cases/{seized}/handovers", opening),
        head.put(f"{row}/lines/E-01", {"counted": 640}),
        head.post(f"{row}/lines/E-01/explanation", {"classes": ["missing"], "proof": "虚说1号"}),
        head.post(f"{row}/sign", {"side": "giver"}),
        head.post(f"{row}/cancel", {"why": "改期"}),
    ]
    assert {answer.status_code for answer in refusals} == {403}
    assert "执法人员、涉案物品保管员" in refusals[0].get_json()["detail"]
    english = act(call("head", language="en"), seized, "E-03", "viewed").get_json()["detail"]
    assert "Enforcement officer, Custodian of case items" in english


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("adm_custodian", True),
        ("adm_legal", False),
        ("adm_head", False),
    ],
)
def test_the_register_of_roles_says_who_acts(house, served, seized, people, role, allowed):
    with house.work() as work:
        an_officer(
            work.connection,
            role=role,
            agency_id=people["asker"].agency_id,
            username="newcomer",
            password=house_password(),
        )
    caller = Caller(served, token_for(served, "newcomer"))
    assert act(caller, seized, "E-03", "viewed").status_code == (201 if allowed else 403)


def house_password():
    from app.services.accounts import hash_password  # noqa: PLC0415 - slow, and needed here alone

    return hash_password(PASSWORD)


def test_a_foreign_agency_sees_none_of_it(seized, listed, call):
    stranger = call("stranger")
    root, row = f"/cases/{seized}", f"/handovers/{listed['id']}"
    gets = ["items", "items/E-01", "handovers", "custody.json", "custody.jsonld", "items/E-01/custody.jsonld"]
    assert {stranger.get(f"{root}/{address}").status_code for address in gets} == {404}
    assert stranger.get(row).status_code == 404
    opening = {"to_agency": "x", "number": "1", "place": "x", "items": {"E-01": 1}}
    answers = [
        act(stranger, seized, "E-01", "viewed"),
        stranger.post(f"{root}/handovers", opening),
        stranger.put(f"{row}/lines/E-01", {"counted": 1}),
        stranger.post(f"{row}/sign", {"side": "receiver"}),
        stranger.post(f"{row}/cancel", {"why": "x"}),
    ]
    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.usefixtures("listed")
def test_an_item_that_was_not_disclosed_is_not_there_for_the_other_agency(seized, call):
    receiver = call("answerer")
    assert [item["code"] for item in receiver.get(f"/cases/{seized}/items").get_json()["items"]] == ["E-01", "E-02"]
    assert receiver.get(f"/cases/{seized}/items/E-03").status_code == 404
    assert receiver.get(f"/cases/{seized}/items/E-03/custody.jsonld").status_code == 404


# Hand-overs


def test_a_hand_over_is_counted_explained_and_signed_by_both(seized, listed, call):
    giver, colleague, receiver = call(), call("colleague"), call("answerer")
    row = f"/handovers/{listed['id']}"
    assert (listed["state"], listed["items"], listed["counted"], listed["open"]) == ("open", 2, 0, 2)
    assert (listed["giver"]["key"], listed["receiver"]["key"]) == ("adm", "pol")
    assert listed["signers"] == {"giver": 2, "receiver": 1}
    found = {"counted": 628, "seal_ok": True, "classes": [], "proof": "", "remark": "外箱受潮"}
    first = receiver.put(f"{row}/lines/E-01", found)
    assert first.status_code == 200
    assert (first.get_json()["counted"], first.get_json()["remark"]) == ("628", "外箱受潮")
    assert receiver.put(f"{row}/lines/E-01", found).get_json() == first.get_json()
    receiver.put(f"{row}/lines/E-02", {"counted": "1", "hash_found": CONTENT})
    whole = giver.get(row).get_json()
    assert [(one["item"], one["field"]) for one in whole["differences"]] == [("E-01", "classes")]
    refused = receiver.post(f"{row}/sign", {"side": "receiver"})
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["lines.0.classes"])
    explained = giver.post(f"{row}/lines/E-01/explanation", {"classes": ["missing"], "proof": "情况说明1号"})
    assert explained.get_json()["classes"] == ["missing"]
    assert [caller.post(f"{row}/sign", {"side": side}).get_json() for caller, side in (
        (giver, "giver"), (receiver, "receiver"), (colleague, "giver"))
    ] == [{"complete": False}, {"complete": False}, {"complete": True}]  # fmt: skip
    whole = receiver.get(row).get_json()
    assert whole["state"] == "signed"
    assert whole["signed_at"]
    assert [(one["side"], one["person"]["name"]) for one in whole["signatures"]] == [
        ("giver", "甲"),
        ("receiver", "丙"),
        ("giver", "乙"),
    ]
    item = trail(receiver, seized, "E-01")
    assert (item["held"], item["lost"], item["custodian"]["agency"]["key"]) == ("628", "12", "pol")
    assert [entry["action"] for entry in item["trail"]] == ["seized", "corrected", "handed_over"]
    assert "viewed" in item["acts"]
    assert trail(giver, seized, "E-01")["acts"] == []
    shown = giver.get(f"/cases/{seized}/handovers").get_json()
    assert [(one["number"], one["state"]) for one in shown["handovers"]] == [("虚交1号", "signed")]
    assert [agency["key"] for agency in shown["receivers"]] == ["pol"]


def test_another_content_blocks_the_signature_and_names_both_hashes(listed, call):
    receiver, other = call("answerer"), "0" * 64
    row = f"/handovers/{listed['id']}"
    receiver.put(f"{row}/lines/E-01", {"counted": 640, "seal_ok": True})
    line = receiver.put(f"{row}/lines/E-02", {"counted": 1, "hash_found": other}).get_json()
    assert line["classes"] == ["hash_mismatch"]
    refused = receiver.post(f"{row}/sign", {"side": "receiver"}).get_json()
    (sentence,) = refused["errors"]["lines.1.hash_found"]
    assert CONTENT in sentence
    assert other in sentence
    assert "E-02" in sentence


def test_a_hand_over_is_given_up_once_and_what_ended_does_not_change(listed, call):
    giver, receiver = call(), call("answerer")
    row = f"/handovers/{listed['id']}"
    assert giver.post(f"{row}/cancel", {"why": "清单有误"}).status_code == 204
    assert giver.post(f"{row}/cancel", {"why": "又取消"}).status_code == 409
    assert receiver.put(f"{row}/lines/E-01", {"counted": 640}).status_code == 409
    assert receiver.post(f"{row}/sign", {"side": "receiver"}).status_code == 409


def test_only_the_receiver_counts_and_nobody_after_a_signature(listed, call):
    giver, receiver = call(), call("answerer")
    row = f"/handovers/{listed['id']}"
    assert giver.put(f"{row}/lines/E-01", {"counted": 640}).status_code == 403
    receiver.put(f"{row}/lines/E-01", {"counted": 640, "seal_ok": True, "classes": []})
    receiver.put(f"{row}/lines/E-02", {"counted": 1, "hash_found": CONTENT})
    assert receiver.post(f"{row}/sign", {"side": "receiver"}).status_code == 200
    assert receiver.put(f"{row}/lines/E-01", {"counted": 600}).status_code == 409
    assert act(giver, listed["case_id"], "E-01", "viewed").status_code == 409


def test_a_list_without_a_number_gets_the_agencys_next_and_goes_to_an_agency_by_key(seized, call):
    opening = {"to_agency": "pol", "place": "公安库房", "items": {"E-03": "12.5"}}
    made = call().post(f"/cases/{seized}/handovers", opening).get_json()
    assert made["number"].startswith("虚局移物字〔")
    assert made["receiver"]["key"] == "pol"
    assert made["lines"][0]["listed"] == "12.5"


def test_where_a_process_runs_the_hand_over_each_act_waits_for_its_turn(house, seized, call, people):
    with house.work() as work:
        files = {path: content for path, content in collect_files(ROOT).items() if "case_transfer/" not in path}
        publishing.publish_all(work, {path: content for path, content in files.items() if "filing_" not in path})
    giver, receiver, head = call(), call("answerer"), call("head")
    opening = {
        "to_agency": people["answerer"].agency_id,
        "number": "虚交7号",
        "place": "公安库房",
        "items": {"E-01": 640},
    }
    assert head.post(f"/cases/{seized}/handovers", opening).status_code == 403
    made = giver.post(f"/cases/{seized}/handovers", opening)
    assert made.status_code == 201, made.get_data(as_text=True)
    house.work_all()
    row = f"/handovers/{made.get_json()['id']}"
    assert giver.post(f"{row}/sign", {"side": "giver"}).status_code == 409
    early = receiver.post(f"{row}/finish", {"step": "count"})
    assert (early.status_code, list(early.get_json()["errors"])) == (422, ["lines.E-01.counted"])
    receiver.put(f"{row}/lines/E-01", {"counted": 640, "seal_ok": True})
    assert giver.post(f"{row}/finish", {"step": "count"}).status_code == 409
    done = receiver.post(f"{row}/finish", {"step": "count"})
    assert (done.status_code, done.get_json()["open"]) == (200, 0)
    house.work_all()
    answers = []
    for caller, side in ((receiver, "receiver"), (giver, "giver")):
        assert caller.post(f"{row}/sign", {"side": "receiver" if side == "giver" else "giver"}).status_code == 422
        answers.append(caller.post(f"{row}/sign", {"side": side}).get_json())
        house.work_all()
    assert answers == [{"complete": False}, {"complete": True}]
    assert trail(receiver, seized, "E-01")["custodian"]["agency"]["key"] == "pol"


# Files and description


def test_the_exports_are_what_their_names_say(seized, call):
    whole = call().get(f"/cases/{seized}/custody.json")
    assert custody_proof.verify(whole.data) == []
    for address, codes in (("custody.jsonld", {"E-01", "E-02", "E-03"}), ("items/E-02/custody.jsonld", {"E-02"})):
        answer = call().get(f"/cases/{seized}/{address}")
        assert answer.mimetype == "application/ld+json"
        graph = json.loads(answer.data)["@graph"]
        records = [node for node in graph if node["@type"] == "case-investigation:ProvenanceRecord"]
        assert {node["case-investigation:exhibitNumber"] for node in records} == codes
        assert call().get(f"/cases/{seized}/{address}").data == answer.data


def test_the_description_names_every_route_of_custody(served):
    told = served.test_client().get("/api/v1/openapi.json").get_json()
    root = "/api/v1/cases/{case_id}/items/{code}"
    acts = {action for action in ACTIONS if action != "handed_over"}
    assert {path.removeprefix(f"{root}/acts/") for path in told["paths"] if path.startswith(f"{root}/acts/")} == acts
    for path, method in (
        ("/api/v1/cases/{case_id}/items", "get"),
        (root, "get"),
        ("/api/v1/cases/{case_id}/handovers", "post"),
        ("/api/v1/handovers/{handover_id}", "get"),
        ("/api/v1/handovers/{handover_id}/lines/{code}", "put"),
        ("/api/v1/handovers/{handover_id}/lines/{code}/explanation", "post"),
        ("/api/v1/handovers/{handover_id}/sign", "post"),
        ("/api/v1/handovers/{handover_id}/cancel", "post"),
        ("/api/v1/cases/{case_id}/custody.json", "get"),
        ("/api/v1/cases/{case_id}/custody.jsonld", "get"),
        (f"{root}/custody.jsonld", "get"),
    ):
        assert told["paths"][path][method]["summary"], path
    schemas = told["components"]["schemas"]
    assert schemas["DisposeGiven"]["properties"]["kind"]["enum"] == list(KINDS["disposed"])
    assert "from" in schemas["EntryShown"]["properties"]
