"""A house with one invented case, and its application; on SQLite: test_storage asks both dialects."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.domain.access import Officer
from app.main import create_app
from app.services.demo import PASSWORD
from app.wiring import House, plain_renderer
from tests.builders import a_case
from tests.custody.kunshan import publish_roles
from tests.databases import Databases
from tests.files.tus import Client
from tests.houses import a_config
from tests.services.asking import put_people


@pytest.fixture
def house(tmp_path: Path, databases: Databases) -> Iterator[House]:
    built = House(a_config(tmp_path, database_url=databases.migrated("sqlite")), renderer=plain_renderer())
    with built.work() as work:
        publish_roles(work.connection, work.now)
    yield built
    built.close()


@pytest.fixture
def people(house: House) -> dict[str, Officer]:
    return put_people(house, password=PASSWORD)


@pytest.fixture
def app(house: House) -> Flask:
    return create_app(house)


@pytest.fixture
def case_id(house: House, people: dict[str, Officer]) -> str:
    with house.work() as work:
        return str(a_case(work.connection, agency_id=people["asker"].agency_id).id)


@pytest.fixture
def client(app: Flask, case_id: str) -> Client:
    """An officer of the agency that opened the case, at the API."""
    return Client(app, "asker", case_id)
