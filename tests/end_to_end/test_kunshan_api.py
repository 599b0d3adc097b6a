"""The worked case through the JSON API: a client that signs in as each officer, on a started server."""

import json
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from app.catalogue.stories import read_story
from tests.end_to_end.server import FIXTURE, prepare, running
from tests.houses import ROOT

STORY = "tests/processes/case_transfer/kunshan.yaml"
PASSWORD = "xianjie-demo"
OFFICERS = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))["officers"]
NUMBERS = {
    "adm_transfer_report": ("昆市监移报〔2026〕7号", "2026-03-12"),
    "adm_transfer_letter": ("昆市监移〔2026〕7号", "2026-03-13"),
    "adm_investigation_report": ("昆市监调报〔2026〕7号", "2026-03-13"),
    "adm_party_notice_items_transferred": ("昆市监移告〔2026〕3号", "2026-03-13"),
    "pol_case_register": ("昆公（食药环）受案字〔2026〕126号", "2026-03-13"),
    "pol_supplement_notice": ("昆公（食药环）补材字〔2026〕9号", "2026-03-14"),
    "pol_filing_report": ("昆公（食药环）呈立字〔2026〕98号", "2026-03-16"),
    "pol_filing_decision": ("昆公（食药环）立字〔2026〕98号", "2026-03-16"),
    "pol_filing_notice_adm": ("昆公（食药环）立告字〔2026〕61号", "2026-03-16"),
}


class Client:
    """One officer's session."""

    def __init__(self, address: str, name: str) -> None:
        self.address = address
        self.token = ""
        self.token = self.call("POST", "token", {"name": name, "password": PASSWORD})["token"]

    def call(self, method: str, path: str, body: object = None):
        """Call the API; give the JSON, or raise with the problem."""
        request = urllib.request.Request(f"{self.address}/api/v1/{path}", method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        data = None
        if body is not None:
            data = json.dumps(body, default=str).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, data, timeout=30) as answer:
                read = answer.read()
                return json.loads(read) if answer.headers["Content-Type"] == "application/json" else read
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None


def test_the_case_goes_from_the_agency_to_the_police(tmp_path: Path):
    story = read_story((ROOT / STORY).read_text(encoding="utf-8"), file=STORY)
    prepare(tmp_path)
    with running(tmp_path, clock="2026-03-12T08:00+08:00") as address:
        clients: dict[str, Client] = {}
        for step in story.steps:
            if not step.task or step.refused is not None:
                continue
            who = client_of(clients, address, step.who)
            who.call("PUT", "demo/clock", {"now": (step.at or story.clock).isoformat()})
            task = opened(who, step.task)
            who.call("POST", f"tasks/{task['id']}/claim")
            who.call("POST", f"tasks/{task['id']}/complete", {"answers": step.answers})
        adm, pol = client_of(clients, address, "chen_guodong"), client_of(clients, address, "shen_tao")
        issued = wait_for_documents(adm, pol)
        assert {code: (row["number"], row["date"]) for code, row in issued.items() if code in NUMBERS} == NUMBERS
        for reader in (adm, pol):
            case = the_case(reader)
            assert case["typed_twice"] == 0
            for row in case["documents"]:
                assert reader.call("GET", f"documents/{row['id']}/pdf").startswith(b"%PDF-1.7")
        dues = {(row["rule"], row["due"]) for row in the_case(pol)["deadlines"]}
        assert {
            ("D01", "2026-03-16T23:59:59+08:00"),
            ("D02", "2026-03-14T10:00:00+08:00"),
            ("D03", "2026-03-14T15:50:00+08:00"),
            ("D04", "2026-03-17T23:59:59+08:00"),
            ("D06", "2026-03-16T23:59:59+08:00"),
            ("D19", "2026-03-19T23:59:59+08:00"),
        } <= dues


def client_of(clients: dict[str, Client], address: str, who: str) -> Client:
    name = next(row["username"] for row in OFFICERS if who == row["username"] or who in row["roles"])
    if name not in clients:
        clients[name] = Client(address, name)
    return clients[name]


def opened(client: Client, element: str) -> dict[str, str]:
    for _ in range(300):
        for row in client.call("GET", "tasks?scope=all"):
            if row["element"] == element:
                return row
        time.sleep(0.1)
    raise AssertionError(f"{element} does not open for {client.call('GET', 'me')}")


def the_case(client: Client):
    (row,) = client.call("GET", "cases?q=KS-2026-SY-0098")["cases"]
    return client.call("GET", f"cases/{row['id']}")


def wait_for_documents(*clients: Client) -> dict[str, dict[str, str]]:
    for _ in range(300):
        found = {row["code"]: row for client in clients for row in the_case(client)["documents"]}
        if set(NUMBERS) <= set(found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"only {sorted(found)} were issued")
