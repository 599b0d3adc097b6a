"""Papers of custody on the pages: short ones at once, long ones from the worker, each taking noted."""

import re

import pytest

from app.services import printouts
from app.storage import audit
from app.web import custody_report
from tests.web.test_custody_pages import browser, case_id, handover, seized

__all__ = ["browser", "case_id", "handover", "seized"]


def exported(house, case_id):
    with house.work(read_only=True) as work:
        return [row.detail for row in audit.entries(work.connection, case_id) if row.action == "exported"]


def test_short_papers_come_at_once_and_are_noted(house, seized, browser):
    page = browser().open(f"/cases/{seized}/items/E-01").get_data(as_text=True)
    links = re.findall(r'href="(/[^"]+\.pdf)"', page)
    assert links == [
        f"/cases/{seized}/items/E-01/custody.pdf",
        f"/cases/{seized}/items/E-01/entries/1/record.pdf",
        f"/cases/{seized}/items/E-01/entries/2/record.pdf",
    ]
    for link in [*links, f"/cases/{seized}/custody.pdf"]:
        answer = browser().open(link)
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.get_data().startswith(b"%PDF")
        assert answer.headers["Cache-Control"] == "no-store"
    noted = exported(house, seized)
    assert [(row["item"], row["seq"]) for row in noted] == [("E-01", 0), ("E-01", 1), ("E-01", 2), ("", 0)]
    assert all(len(row["sha256"]) == 64 for row in noted)


def test_a_long_report_is_made_by_the_worker_while_its_page_says_how_far_it_is(house, seized, browser, monkeypatch):
    monkeypatch.setattr(custody_report, "AT_ONCE", 0)
    asked = browser().open(f"/cases/{seized}/custody.pdf")
    assert asked.status_code == 303
    place = asked.headers["Location"]
    waiting = browser().open(place).get_data(as_text=True)
    assert "排队中" in waiting
    assert f'hx-get="{place}"' in waiting
    assert browser().open(f"{place}/file").status_code == 409
    assert browser().open(f"/cases/{seized}/custody.pdf").headers["Location"] == place
    assert exported(house, seized) == []
    house.work_all()
    made = browser().open(place).get_data(as_text=True)
    assert "hx-trigger" not in made
    [trail] = re.findall(r'<p class="hash">([0-9a-f]{64})</p>', made)
    assert browser().open(f"{place}/file?download=1").headers["Content-Disposition"].startswith("attachment")
    assert [row["sha256"] for row in exported(house, seized)] == [trail]


def test_a_busy_renderer_makes_nobody_wait(house, seized, browser, monkeypatch):
    monkeypatch.setattr(house.renderer, "is_busy", lambda: True)
    assert browser().open(f"/cases/{seized}/items/E-01/entries/1/record.pdf").status_code == 303


def test_a_report_that_cannot_be_made_says_so_and_can_be_asked_for_again(house, seized, browser, monkeypatch):
    monkeypatch.setattr(custody_report, "AT_ONCE", 0)
    place = browser().open(f"/cases/{seized}/custody.pdf").headers["Location"]
    failed = printouts.Progress
    with house.work(read_only=True) as work:
        row = printouts.printouts.get_printout(work.connection, place.rpartition("/")[2])
    monkeypatch.setattr(
        custody_report.printouts, "see_printout", lambda *_: failed(row=row, state="failed", error="Stuck / 卡住")
    )
    page = browser().open(place).get_data(as_text=True)
    assert "卡住" in page
    assert f'href="/cases/{seized}/custody.pdf"' in page


@pytest.mark.parametrize("seq", ["0", "3", "-1", "x", "１", "9999999"])
def test_an_entry_that_is_not_there_is_not_found(seized, browser, seq):
    assert browser().open(f"/cases/{seized}/items/E-01/entries/{seq}/record.pdf").status_code == 404


def test_who_may_not_see_an_item_gets_no_paper_of_it(house, seized, browser, monkeypatch):
    for path in ("custody.pdf", "items/E-01/custody.pdf", "items/E-01/entries/1/record.pdf"):
        assert browser("stranger").open(f"/cases/{seized}/{path}").status_code == 404
    assert browser("answerer").open(f"/cases/{seized}/items/E-01/custody.pdf").status_code == 404
    monkeypatch.setattr(custody_report, "AT_ONCE", 0)
    place = browser().open(f"/cases/{seized}/custody.pdf").headers["Location"]
    house.work_all()
    for path in (place, f"{place}/file"):
        assert browser("answerer").open(path).status_code == 404
    assert exported(house, seized) == []


def test_the_page_of_hand_overs_leads_to_the_report(seized, handover, browser):
    assert handover
    assert f'href="/cases/{seized}/custody.pdf"' in browser().open(f"/cases/{seized}/handovers").get_data(as_text=True)
