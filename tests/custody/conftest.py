"""The Kunshan case on a database of each dialect, and its exported trail."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.clock import Clock
from tests.custody.application import beside, browser, call, case_id, listed, seized  # noqa: F401 - fixtures
from tests.custody.kunshan import Stage, a_stage
from tests.databases import Databases
from tests.web.conftest import furnished, house, people, served  # noqa: F401 - fixtures: the application over a house


@pytest.fixture
def stage(connection: Connection, tmp_path: Path) -> Stage:
    return a_stage(connection, tmp_path, Clock("2026-03-03T09:40"))


@pytest.fixture(scope="session")
def whole_trail(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The export of the whole Kunshan case, made once."""
    from app.services.custody_export import export_case  # noqa: PLC0415 - needs no database in the other tests
    from tests.custody.kunshan import play_all  # noqa: PLC0415 - same

    with databases.shared("sqlite").connect() as connection:
        outer = connection.begin()
        stage = a_stage(connection, tmp_path_factory.mktemp("trail"), Clock("2026-03-03T09:40"))
        play_all(stage)
        content = export_case(stage.work, stage.case.number)
        outer.rollback()
    return content
