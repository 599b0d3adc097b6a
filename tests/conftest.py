"""What every test may ask for: databases of both dialects, and the clock."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine

from app.storage.database import connect
from tests.clock import Clock
from tests.databases import Databases

# A busy machine is no reason to fail: nothing is timed. CI tries the same examples every time.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    held = Databases(tmp_path_factory.mktemp("databases"))
    yield held
    held.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def dialect(request: pytest.FixtureRequest) -> str:
    """Run the test once on SQLite and once on PostgreSQL."""
    return str(request.param)


@pytest.fixture
def sqlite_url(databases: Databases) -> str:
    """A new SQLite file without tables."""
    return databases.empty("sqlite")


@pytest.fixture
def postgres_url(databases: Databases) -> Iterator[str]:
    """A new PostgreSQL database without tables."""
    url = databases.empty("postgres")
    yield url
    databases.drop(url)


@pytest.fixture
def database_url(databases: Databases, dialect: str) -> Iterator[str]:
    """A new database without tables, of each dialect."""
    url = databases.empty(dialect)
    yield url
    databases.drop(url)


@pytest.fixture
def migrated_url(databases: Databases, dialect: str) -> Iterator[str]:
    """A new database at the newest migration, of each dialect."""
    url = databases.migrated(dialect)
    yield url
    databases.drop(url)


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    """An engine on a database of the test's own: for what commits, or needs two connections."""
    engine = connect(migrated_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(databases: Databases, dialect: str) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back; `begin_nested()` is the transaction of the code under test."""
    with databases.shared(dialect).connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def clock() -> Clock:
    """Thursday 12 March 2026, half past eight in Beijing: an ordinary working day."""
    return Clock("2026-03-12T08:30")
