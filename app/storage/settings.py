"""Settings that live with the data, such as the clock of a demonstration."""

from typing import Any

from sqlalchemy import Column, Connection, Text, delete, insert, select

from app.storage.database import table
from app.storage.types import Json

setting = table("setting", Column("name", Text, primary_key=True), Column("value", Json))


def get_setting(connection: Connection, name: str) -> Any:
    """Give the value or None."""
    return connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar()


def put_setting(connection: Connection, name: str, value: Any) -> None:
    """Write the value, in place of an older one."""
    connection.execute(delete(setting).where(setting.c.name == name))
    connection.execute(insert(setting).values(name=name, value=value))
