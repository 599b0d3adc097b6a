"""The police store on a database of each dialect."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.clock import Clock
from tests.store.shop import Shop, a_shop


@pytest.fixture
def shop(connection: Connection, tmp_path: Path) -> Shop:
    return a_shop(connection, tmp_path, Clock("2026-03-03T09:40"))
