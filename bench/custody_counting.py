"""Counting through the pages: CPU of a whole request with session, SQL, commit and page, whatever the number of items.

Some items differ, so that the open points of the list are told as well. Medians, on SQLite with durable commits.
"""

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import update

from app.main import create_app
from app.services.accounts import hash_password
from app.storage.officers import officer
from app.wiring import House
from tests.clock import Clock
from tests.custody.kunshan import a_stage

SIZES = (5, 50, 500)
OPENED = 10
PASSWORD = "bench"
EVERY = 10
"""One item of so many differs."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Milliseconds of CPU, medians."""

    first_page: float
    last_page: float
    scan: float
    count: float


def measure(house: House, folder: Path) -> None:
    """Measure lists of several sizes and print."""
    client = create_app(house).test_client()
    costs = {size: _count_all(house, client, folder / str(size), size) for size in SIZES}
    print(f"{'counting by the pages, CPU of a request':<44} {'ms':>8}")
    for size, cost in costs.items():
        print(f"{f'first page of {size} items':<44} {cost.first_page:>8.2f}")
        print(f"{f'last page of {size} items':<44} {cost.last_page:>8.2f}")
        print(f"{f'scan one item of {size}':<44} {cost.scan:>8.2f}")
        print(f"{f'count one item of {size}':<44} {cost.count:>8.2f}")
    ratio = costs[SIZES[-1]].count / costs[SIZES[0]].count
    print(f"{f'one of {SIZES[-1]} costs as much as one of {SIZES[0]}, times':<44} {ratio:>8.2f}")


def _count_all(house: House, client: FlaskClient, folder: Path, size: int) -> Costs:
    codes = [f"B-{index:03}" for index in range(size)]
    handover, username = _listed(house, folder, codes)
    address = f"/handovers/{handover}"
    _signed_in(client, username)
    token = _token(client.get(address).get_data(as_text=True))

    def count(code: str, number: int) -> object:
        found = {"csrf_token": token, "counted": "2" if number % EVERY == EVERY - 1 else "3", "seal": "ok"}
        return client.post(f"{address}/lines/{code}", data=found, headers={"HX-Request": "true"})

    def page(number: int) -> object:
        return client.get(f"{address}?page={number}")

    def scan(code: str) -> object:
        return client.get(f"{address}/scan", query_string={"scan": code}, headers={"Accept": "application/json"})

    counted = [_cpu(lambda at=at: count(codes[at], at)) for at in range(size)]
    return Costs(
        first_page=statistics.median(_cpu(lambda: page(1)) for _ in range(OPENED)),
        last_page=statistics.median(_cpu(lambda: page(size)) for _ in range(OPENED)),
        scan=statistics.median(_cpu(lambda code=code: scan(code)) for code in codes[-OPENED:]),
        count=statistics.median(counted),
    )


def _listed(house: House, folder: Path, codes: list[str]) -> tuple[str, str]:
    """List sealed items; give the hand-over and the name of the officer who counts them."""
    with house.engine.begin() as connection:
        stage = a_stage(connection, folder, Clock("2026-03-03T09:40"))
        for code in codes:
            stage.put_item("adm", code=code, name=f"虚构物品{code}", category="物证", qty=3, unit="件")
            stage.seize(code, "chen", "wu", "昆市监强制〔2026〕19号", seal=f"封-{code}")
        handover = stage.open("chen", "pol", "接字〔2026〕500号", codes)
        counting = update(officer).where(officer.c.id == stage.people["shao"].id)
        connection.execute(counting.values(password=hash_password(PASSWORD)))
    return handover, stage.people["shao"].username


def _signed_in(client: FlaskClient, username: str) -> None:
    client.delete_cookie("session")
    token = _token(client.get("/sign-in").get_data(as_text=True))
    answer = client.post("/sign-in", data={"csrf_token": token, "name": username, "password": PASSWORD})
    if answer.status_code != HTTPStatus.FOUND:
        raise RuntimeError(f"{username} could not sign in: {answer.status_code}")


def _token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    return found.group(1) if found else ""


def _cpu(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return 1000 * (time.process_time() - begun)
