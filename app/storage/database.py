"""One engine for the whole program, with the settings that make an acknowledged step durable."""

from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Row, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import SchemaItem
from uuid_utils import uuid7

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Record = Row[*tuple[Any, ...]]
"""One row, its columns as attributes."""


def table(name: str, *items: SchemaItem) -> Table:
    """Declare a table: STRICT on SQLite, so that a text never slips into a number column."""
    return Table(name, metadata, *items, sqlite_strict=True)


def new_id() -> str:
    """Give a UUIDv7: unique without a central counter, in the order of time."""
    return str(uuid7())


def insert_or(connection: Connection, target: Table) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT that can say what to do when the row is there already: two transactions may both find none."""
    return postgresql.insert(target) if connection.dialect.name == "postgresql" else sqlite.insert(target)


def connect(url: str) -> Engine:
    """Open the database named by an SQLAlchemy URL (`sqlite:///…` or `postgresql+psycopg://…`)."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 15, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    return create_engine(url, pool_size=16, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin transactions late and in the wrong mode; the "begin" event does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    # A deferred transaction that later writes can fail with "database is locked" after it has read;
    # read-only work says so and may run beside the writer.
    mode = "" if connection.get_execution_options().get("read_only") else " IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN{mode}")


__all__ = ["Column", "Record", "connect", "insert_or", "metadata", "new_id", "table"]
