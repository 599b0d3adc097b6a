"""Column types that mean the same on SQLite (STRICT tables) and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    Text,
    cast,
    func,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

Bytes = BigInteger().with_variant(Integer(), "sqlite")
"""A number of bytes, beyond 2 GiB too: SQLite's integers have 64 bits already, and STRICT tables know no other name."""


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; text of one fixed width on SQLite, so that its order is the order of time."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use the native type where there is one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive moments: nobody could say later what they meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without an offset cannot be stored")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        del dialect
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Plain JSON as text: key order is kept, which jsonb would lose."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write compact JSON."""
        del dialect
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it back."""
        del dialect
        return None if value is None else orjson.loads(value)


def text_in(connection: Connection, column: Column[Any], key: str) -> ColumnElement[str]:
    """The text under a key of a JSON column, for a condition of a query."""
    plain = type_coerce(column, Text)
    found: ColumnElement[str] = func.json_extract(plain, f"$.{key}")
    if connection.dialect.name == "postgresql":
        found = cast(plain, postgresql.JSON)[key].astext
    return found


class Flag(TypeDecorator[bool]):
    """True or false as 1 or 0: STRICT tables know no boolean."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:  # noqa: FBT001 - the signature of SQLAlchemy
        """Write 1 or 0."""
        del dialect
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        """Read true or false."""
        del dialect
        return None if value is None else bool(value)
