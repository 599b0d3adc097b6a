"""A case in the application for the calls and pages of custody: two agencies and three items, all invented."""

import hashlib

import pytest

from app.storage import facts
from tests.web.calling import Caller, finish_documents, opened, the_task, token_for
from tests.web.test_pages import Reader

CONTENT = hashlib.sha256(b"orders").hexdigest()
ITEMS = [
    {"code": "E-01", "name": "虚构胶囊", "category": "物证", "qty": 640, "unit": "盒"},
    {"code": "E-02", "name": "订单数据", "category": "电子数据", "qty": 1, "unit": "文件"},
    {"code": "E-03", "name": "虚构粉末", "category": "违禁品", "qty": 12.5, "unit": "g"},
]
SEIZING = {"place": "一号库房", "why": "涉嫌销售假药", "document": "虚扣〔2026〕1号"}
DESTROYED = {
    "decision_number": "虚决1号",
    "decision_issuer": "虚构人民法院",
    "decision_date": "2026-03-01",
    "method": "焚烧",
    "witnesses": ["丙某", "丁某"],
    "confirmed": True,
}
"""What the destruction of evidence is told by."""


@pytest.fixture
def case_id(house, people):
    """Give a case in which both agencies take part, with three items of the asking one."""
    case_id = opened(house, people["asker"])
    finish_documents(house, people["asker"], the_task(house, case_id))
    with house.work() as work:
        facts.put_rows(work.connection, "items", case_id=case_id, agency_id=people["asker"].agency_id, rows=ITEMS)
    return case_id


@pytest.fixture
def call(served, people):
    """Give what calls the API as one of the people."""
    del people
    return lambda who="asker", **options: Caller(served, token_for(served, who), **options)


@pytest.fixture
def beside(people):
    return [people["colleague"].id]


@pytest.fixture
def seized(case_id, call, beside):
    """Give the case after its items were seized."""
    for code, more in (
        ("E-01", {"seal": "封-1"}),
        ("E-02", {"kind": "extracted", "file": CONTENT.upper()}),
        ("E-03", {}),
    ):
        answer = call().post(f"/cases/{case_id}/items/{code}/acts/seized", {**SEIZING, "beside": beside, **more})
        assert answer.status_code == 201, answer.get_data(as_text=True)
    return case_id


@pytest.fixture
def listed(seized, call, people):
    """Give a hand-over of the boxes and the data to the answering agency, as it was answered."""
    answer = call().post(
        f"/cases/{seized}/handovers",
        {
            "to_agency": people["answerer"].agency_id,
            "number": "虚交1号",
            "place": "公安库房",
            "items": {"E-01": "640", "E-02": None},
            "giver_signers": 2,
        },
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


@pytest.fixture
def browser(served, people):
    """Give what browses the pages as one of the people."""
    del people

    def signed_in(name="asker"):
        reader = Reader(served)
        assert reader.sign_in(name).status_code == 302
        return reader

    return signed_in
