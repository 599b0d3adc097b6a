"""The databases of a test run: the schema is migrated once for each dialect, every further database is a copy."""

import shutil
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import URL, Engine, make_url

from app.storage.database import connect
from tests.postgres_server import PostgresServer

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Databases:
    """Hands out databases by dialect (`sqlite`, `postgres`); starts PostgreSQL when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: PostgresServer | None = None
        self._migrated: dict[str, str] = {}
        self._shared: dict[str, Engine] = {}
        self._made = 0

    def empty(self, dialect: str) -> str:
        """Give the URL of a new database without tables."""
        return self._new_file() if dialect == "sqlite" else self._postgres().new_database()

    def migrated(self, dialect: str) -> str:
        """Give the URL of a new database at the newest migration."""
        original = self._original(dialect)
        if dialect == "postgres":
            return self._postgres().new_database(like=original.database or "")
        url = self._new_file()
        shutil.copyfile(original.database or "", make_url(url).database or "")
        return url

    def shared(self, dialect: str) -> Engine:
        """Give the engine of one migrated database for all tests that roll back what they do."""
        if dialect not in self._shared:
            self._shared[dialect] = connect(self.migrated(dialect))
        return self._shared[dialect]

    def drop(self, url: str) -> None:
        """Remove a database of PostgreSQL; the files of SQLite go with their folder."""
        if url.startswith("postgres"):
            self._postgres().drop_database(url)

    def close(self) -> None:
        """Let go of everything."""
        for engine in self._shared.values():
            engine.dispose()
        if self._server is not None:
            self._server.stop()

    def _original(self, dialect: str) -> URL:
        if dialect not in self._migrated:
            url = self.empty(dialect)
            migrate(url)
            self._migrated[dialect] = url
        return make_url(self._migrated[dialect])

    def _new_file(self) -> str:
        self._made += 1
        return f"sqlite:///{self._folder / f'{self._made}.sqlite'}"

    def _postgres(self) -> PostgresServer:
        if self._server is None:
            self._server = PostgresServer()
        return self._server


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, upwards."""
    command.upgrade(alembic_config(url), revision)


def alembic_config(url: str) -> AlembicConfig:
    """Give Alembic's settings for a database."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config
