"""A house that runs one invented process of two agencies: the clerks ask, the others answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.access import Officer
from app.wiring import House
from tests.services.asking import a_house, put_people


@pytest.fixture
def house(tmp_path: Path, migrated_url: str) -> Iterator[House]:
    built = a_house(tmp_path, migrated_url)
    yield built
    built.close()


@pytest.fixture
def people(house: House) -> dict[str, Officer]:
    """Give officers by name: two who ask and their head, one who answers, and strangers from an agency outside."""
    return put_people(house)
