"""The web application over a house of invented agencies."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.domain.access import Officer
from app.main import create_app
from app.services.demo import PASSWORD
from app.web import sign_in
from app.web.api import views
from app.wiring import House
from tests.databases import Databases
from tests.services.asking import a_house, put_people


@pytest.fixture
def house(tmp_path: Path, databases: Databases) -> Iterator[House]:
    built = a_house(tmp_path, databases.migrated("sqlite"))
    yield built
    built.close()


@pytest.fixture
def people(house: House) -> dict[str, Officer]:
    return put_people(house, password=PASSWORD)


@pytest.fixture
def served(house: House) -> Flask:
    """The application; nobody has tried a wrong password yet."""
    for module in (sign_in, views):
        module._brake._wrong.clear()
    return create_app(house)
