"""Published bundles: a process as it was on the day it was published, found by the hash of its content."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, LargeBinary, Text, insert, select, update

from app.storage.database import Record, table
from app.storage.types import Flag, Instant

bundle = table(
    "bundle",
    Column("hash", Text, primary_key=True),
    Column("process", Text, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("current", Flag, nullable=False),
)


def publish(connection: Connection, *, key: str, process: str, content: bytes, at: datetime) -> bool:
    """Make this content the current version of its process; false when it already is."""
    known = connection.execute(select(bundle.c.current).where(bundle.c.hash == key)).first()
    if known is not None and known.current:
        return False
    connection.execute(update(bundle).where(bundle.c.process == process).values(current=False))
    if known is None:
        row = {"hash": key, "process": process, "content": content, "published_at": at, "current": True}
        connection.execute(insert(bundle).values(**row))
    else:
        connection.execute(update(bundle).where(bundle.c.hash == key).values(current=True, published_at=at))
    return True


def get_content(connection: Connection, key: str) -> bytes | None:
    """Give the packed files of one version."""
    return connection.execute(select(bundle.c.content).where(bundle.c.hash == key)).scalar()


def current_bundles(connection: Connection) -> Sequence[Record]:
    """The current version of every process: hash, process, published_at."""
    query = select(bundle.c.hash, bundle.c.process, bundle.c.published_at).where(bundle.c.current == True)  # noqa: E712 - SQL, not Python
    return connection.execute(query.order_by(bundle.c.process)).all()
