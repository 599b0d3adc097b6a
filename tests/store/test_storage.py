"""The tables of the store: they come and go with their migration, which writes down what stood in custody before."""

from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import inspect, select

from app.services import custody
from app.storage import store_loans, store_shelf
from app.storage.database import connect
from tests.clock import Clock
from tests.databases import alembic_config
from tests.store.shop import a_shop

TABLES = {"store_place", "store_shelf", "store_loan", "store_take", "store_take_line"}
LEFT_OUT = {"id", "place_id", "purpose", "approver_id", "borrower_id", "condition_out", "condition_back"}
"""What only the store itself knows."""


def told(url: str) -> list[list[dict[str, Any]]]:
    engine = connect(url)
    with engine.connect() as connection:
        loans = select(store_loans.store_loan).where(store_loans.store_loan.c.open == True)  # noqa: E712 - SQL, not Python
        found = [
            [
                {key: value for key, value in row._asdict().items() if key not in LEFT_OUT}
                for row in connection.execute(query)
            ]
            for query in (
                select(store_shelf.store_shelf).order_by(store_shelf.store_shelf.c.item_id),
                loans.order_by(store_loans.store_loan.c.item_id, store_loans.store_loan.c.seq),
            )
        ]
    engine.dispose()
    return found


def test_the_migration_writes_down_what_stands_in_custody_and_what_is_on_loan(
    migrated_url: str, tmp_path: Path
) -> None:
    engine = connect(migrated_url)
    with engine.begin() as connection:
        shop = a_shop(connection, tmp_path, Clock("2026-03-03T09:40"))
        shao, case = shop.people["shao"], shop.case.id
        for document, quantity in (("昆公调1号", 5), ("昆公调2号", 7)):
            cause = shop.cause("送检", document, "shen")
            custody.lend(shop.work, shao, case, "P-03", cause, due=shop.clock.now.date(), quantity=quantity)
        custody.give_back(shop.work, shao, case, "P-03", shop.cause("归还", "昆公调1号"), quantity=5)
        disposing = shop.cause("发还", "昆公处1号", "lu")
        custody.dispose(shop.work, shao, case, "P-04", disposing, kind="return", quantity=2)
    engine.dispose()
    before = told(migrated_url)
    assert [len(rows) for rows in before] == [3, 1]
    command.downgrade(alembic_config(migrated_url), "0004")
    engine = connect(migrated_url)
    assert TABLES & set(inspect(engine).get_table_names()) == set()
    engine.dispose()
    command.upgrade(alembic_config(migrated_url), "head")
    assert told(migrated_url) == before
