"""The table of a case's items: what a page of it costs the server, whatever is filtered and sorted.

500 items on SQLite, 400 of them in custody; CPU time of a whole request through the web application, sessions and
templates included, medians; and the number of SQL statements, which must not grow with the items. Then 500 seizures in
one batch, and a table of 2,000 rows read in.
"""

import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import event

from app.main import create_app
from app.services import items_batch, items_table
from app.services.accounts import hash_password
from app.services.custody import Cause
from app.services.demo import PASSWORD
from app.storage import facts, officers
from app.wiring import House, plain_renderer
from tests.clock import Clock
from tests.custody.kunshan import Stage, a_stage
from tests.houses import a_config

ITEMS = 500
IN_CUSTODY = 400
ROUNDS = 30
LIMIT_MS = 300
KINDS = ("物证", "书证", "电子数据", "款项", "车辆")


def measure() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(a_config(Path(folder)), renderer=plain_renderer())
        try:
            house.migrate()
            stage = _a_case(house, Path(folder))
            client = _signed_in(house, stage)
            _pages(house, client, f"/cases/{stage.case.id}")
            _writing(house, stage)
        finally:
            house.close()


def _a_case(house: House, folder: Path) -> Stage:
    with house.engine.begin() as connection:
        stage = a_stage(connection, folder, Clock("2026-03-03T09:40"))
        chen = stage.people["chen"]
        officers.set_officer(connection, chen.id, password=hash_password(PASSWORD))
        facts.put_rows(
            connection, "items", case_id=stage.case.id, agency_id=chen.agency_id, rows=[_row(n) for n in range(ITEMS)]
        )
        _seize(stage, [_row(number) for number in range(IN_CUSTODY)])
    return stage


def _row(number: int) -> dict[str, object]:
    kind = KINDS[number % len(KINDS)]
    return {
        "code": f"B-{number:03}",
        "name": f"虚构物品{number}",
        "category": kind,
        "qty": 3,
        "unit": "件",
        "doc_no": "虚扣1号",
        "storage_place": f"库房{number % 7}",
        "seal_no": f"封{number}",
    }


def _seize(stage: Stage, rows: list[dict[str, object]]) -> None:
    wanted = {str(row["code"]): items_batch.prefilled(row) for row in rows}
    cause = Cause(why="虚构事由", beside=[stage.people["wu"].id])
    items_batch.record(stage.work, stage.people["chen"], stage.case.id, "seized", wanted, cause)


def _signed_in(house: House, stage: Stage) -> FlaskClient:
    client = create_app(house).test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    given = {"csrf_token": found[1], "name": stage.people["chen"].username, "password": PASSWORD}
    assert client.post("/sign-in", data=given).status_code == 302  # noqa: PLR2004
    return client


def _pages(house: House, client: FlaskClient, case: str) -> None:
    asked: Mapping[str, str] = {
        f"list of {ITEMS} items, first page": f"{case}/items",
        "last page": f"{case}/items?page=11",
        "by last act, falling": f"{case}/items?sort=-at",
        "searched and filtered": f"{case}/items?q=B-0&kind=物证&state=held",
        "the case itself": case,
    }
    print(f"{'page of items':<44} {'CPU ms':>8} {'SQL':>6}")
    for words, path in asked.items():
        with _counted(house) as statements:
            assert client.get(path).status_code == 200, path  # noqa: PLR2004
        spent = statistics.median(_cpu(lambda path=path: client.get(path)) for _ in range(ROUNDS))
        verdict = "" if spent < LIMIT_MS else f"  OVER {LIMIT_MS} ms"
        print(f"{words:<44} {spent:>8.1f} {len(statements):>6}{verdict}")


def _writing(house: House, stage: Stage) -> None:
    rows = [{**_row(number), "code": f"C-{number:03}"} for number in range(ITEMS)]

    def list_them(own: Stage) -> None:
        chen = own.people["chen"]
        facts.put_rows(own.connection, "items", case_id=own.case.id, agency_id=chen.agency_id, rows=rows)

    header = "编号,名称,种类,数量,计量单位,存放地点\n"
    table = header + "".join(f"D-{number},虚构物品{number},物证,{number},件,库房\n" for number in range(1, 2001))

    def read(own: Stage) -> None:
        items_table.import_table(own.work, own.people["chen"], own.case.id, table.encode("gb18030"))

    print(f"{'writing':<44} {'CPU ms':>8}")
    _spend(house, stage, list_them)
    print(f"{f'{ITEMS} seizures in one batch':<44} {_spend(house, stage, lambda own: _seize(own, rows)):>8.1f}")
    print(f"{'table of 2,000 rows':<44} {_spend(house, stage, read):>8.1f}")


def _spend(house: House, stage: Stage, act: Callable[[Stage], None]) -> float:
    def once() -> None:
        with house.engine.begin() as connection:
            stage.connection = connection
            act(stage)

    return _cpu(once)


def _cpu(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return 1000 * (time.process_time() - begun)


@contextmanager
def _counted(house: House) -> Iterator[list[str]]:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(house.engine, "before_cursor_execute", count)
    yield statements
    event.remove(house.engine, "before_cursor_execute", count)
