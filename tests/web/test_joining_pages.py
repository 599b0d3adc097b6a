"""Splitting and joining on the pages and in the API."""

import pytest

from app.services import transfers
from app.storage import audit
from app.storage import cases as case_rows
from app.storage import transfers as transfer_rows
from tests.services.naming import name_persons
from tests.web.test_persons_pages import call, chips, house, of_class, page, people, reader, served

__all__ = ["call", "house", "people", "reader", "served"]
SAID = {"name": "虚构分案", "why": "需要分别查清", "document": "虚公分〔2026〕1号"}


@pytest.fixture
def case_id(house, people):
    return signed(house, people, ["S1", "S2"])


def signed(house, people, codes):
    case_id = name_persons(house, people["asker"], codes)
    pol = people["answerer"]
    with house.work() as work:
        for row in transfer_rows.transfers_of_case(work.connection, case_id, agency_id=pol.agency_id):
            transfers.sign_for(work, pol, row.id)
    return case_id


def test_a_case_is_split_on_its_page_and_both_show_the_link(reader, case_id):
    seat = reader()
    links = page(seat, f"/cases/{case_id}").xpath("//a[@class='dropdown-item']/@href")
    assert f"/cases/{case_id}/split" in links
    assert [label.text_content().split()[0] for label in page(seat, links[-2]).xpath("//*[@id='persons']//label")] == [
        "虚构S1",
        "虚构S2",
    ]
    answer = seat.send(f"/cases/{case_id}/split", persons="S2", **SAID)
    assert answer.status_code == 302
    new = answer.headers["Location"]
    found = page(seat, new)
    assert chips(found.get_element_by_id("links")) == ["虚构S2"]
    assert found.get_element_by_id("links").xpath(f".//a[@href='/cases/{case_id}']")
    old = page(seat, f"/cases/{case_id}")
    assert old.get_element_by_id("links").xpath(f".//a[@href='{new}']")
    assert {chip for stage in of_class(old, "of-persons") for chip in chips(stage)} == {"虚构S1"}
    assert "由他案分出" in found.text_content()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "请选择分出的人员"),
        ({"persons": ["S1", "S2"]}, "原案至少保留一人"),
        ({"persons": ["S1"], "why": ""}, "请填写理由"),
        ({"persons": ["<script>alert(1)</script>"]}, "本案没有人员"),
    ],
)
def test_what_is_refused_is_said_on_the_page_and_the_answers_are_kept(reader, case_id, fields, words):
    seat = reader()
    page(seat, f"/cases/{case_id}/split")
    answer = seat.send(f"/cases/{case_id}/split", **{**SAID, **fields})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in text
    assert 'value="虚构分案"' in text
    assert "<script>alert(1)" not in text


def test_a_case_is_joined_and_a_code_that_exists_twice_is_offered_a_free_one(house, people, reader, case_id):
    other = signed(house, people, ["S1"])
    seat = reader()
    with house.work(read_only=True) as work:
        number = case_rows.get_case(work.connection, other).number
    found = page(seat, f"/cases/{case_id}/join?other={number}")
    assert [
        (field.get("name"), field.get("value")) for field in found.xpath("//input[starts-with(@name, 'code-')]")
    ] == [("code-S1", "S3")]
    said = {"other": other, "why": "同一事实", "document": "虚公并1号"}
    taken = seat.send(f"/cases/{case_id}/join", **said, **{"code-S1": "S2"})
    assert taken.status_code == 422
    assert "S3" in taken.get_data(as_text=True)
    assert seat.send(f"/cases/{case_id}/join", **said, **{"code-S1": "S3"}).status_code == 302
    found = page(seat, f"/cases/{case_id}")
    assert chips(found.get_element_by_id("links")) == ["虚构S1"]
    assert "S1 → S3" in found.get_element_by_id("links").text_content()
    old = page(seat, f"/cases/{other}")
    assert "已并案" in old.text_content()
    assert not old.xpath(f"//a[@href='/cases/{other}/split']")


def test_an_unknown_case_is_told_where_it_was_typed(reader, case_id):
    assert "没有这个案件" in page(reader(), f"/cases/{case_id}/join?other=nothing").text_content()
    assert reader("stranger").open(f"/cases/{case_id}/join").status_code == 404
    assert reader("stranger").open(f"/cases/{case_id}/split").status_code == 404


def test_the_api_splits_and_joins(house, people, call, case_id):
    client = call()
    answer = client.post(f"/cases/{case_id}/split", {"persons": ["S2"], **SAID})
    assert answer.status_code == 201
    new = answer.get_json()["id"]
    link = client.get(f"/cases/{new}").get_json()["links"][0]
    assert (link["kind"], link["case_id"], link["outward"], link["persons"][0]["name"]) == (
        "split",
        case_id,
        False,
        "虚构S2",
    )
    assert client.get(f"/cases/{new}/detention").get_json()[0]["name"] == "虚构S2"
    joined = client.post(f"/cases/{case_id}/join", {"other": new, "why": "合并", "document": "1号"})
    assert joined.status_code == 422
    assert "codes.S2" in joined.get_data(as_text=True)
    joined = client.post(
        f"/cases/{case_id}/join", {"other": new, "why": "合并", "document": "1号", "codes": {"S2": "S5"}}
    )
    assert joined.status_code == 204
    assert client.get(f"/cases/{new}").get_json()["case"]["state"] == "joined"
    with house.work(read_only=True) as work:
        acts = [row.action for row in audit.entries(work.connection, case_id, agency_id=people["answerer"].agency_id)]
    assert [act for act in acts if act.startswith("case_")] == ["case_split", "case_join_here"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"persons": "S2", **SAID}, 422),
        ({"persons": [1], **SAID}, 422),
        ({"persons": ["S2"], **SAID, "more": 1}, 422),
        ({"persons": ["S2"], **SAID, "name": "x" * 201}, 422),
        ({"persons": ["S2"], **SAID, "why": "a\u0000b"}, 400),
    ],
)
def test_the_api_refuses_what_it_does_not_know(call, case_id, body, status):
    assert call().post(f"/cases/{case_id}/split", body).status_code == status
