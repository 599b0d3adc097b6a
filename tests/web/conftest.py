"""The web application over a house of invented agencies."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url

from app.domain.access import Officer
from app.main import create_app
from app.services.demo import PASSWORD
from app.services.library import Library
from app.web import sign_in
from app.web.api import views
from app.wiring import House, plain_renderer
from tests.databases import Databases
from tests.houses import a_config
from tests.services.asking import a_house, put_people


@dataclass(frozen=True, kw_only=True)
class Furnished:
    """A database with the invented process published and its people in it: every test gets a copy."""

    file: Path
    people: dict[str, Officer]
    library: Library


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Furnished:
    url = databases.migrated("sqlite")
    built = a_house(tmp_path_factory.mktemp("furnished"), url)
    people = put_people(built, password=PASSWORD)
    built.close()
    return Furnished(file=Path(make_url(url).database or ""), people=people, library=built.library)


@pytest.fixture
def house(tmp_path: Path, furnished: Furnished) -> Iterator[House]:
    file = tmp_path / "xianjie.sqlite"
    shutil.copyfile(furnished.file, file)
    built = House(a_config(tmp_path), renderer=plain_renderer())
    built.library = furnished.library
    yield built
    built.close()


@pytest.fixture
def people(furnished: Furnished) -> dict[str, Officer]:
    return furnished.people


@pytest.fixture
def served(house: House) -> Flask:
    """The application; nobody has tried a wrong password yet."""
    for module in (sign_in, views):
        module._brake._wrong.clear()
    return create_app(house)
