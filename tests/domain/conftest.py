from pathlib import Path

import pytest

from app.catalogue.register import Roles, load_calendar, load_register, load_roles
from app.domain.calendar import Calendar
from app.domain.deadlines import Register

SHARED = Path(__file__).parents[2] / "bpmn" / "_shared"


@pytest.fixture(scope="session")
def register() -> Register:
    return load_register(SHARED / "deadlines.yaml")


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return load_calendar(SHARED / "holidays.yaml")


@pytest.fixture(scope="session")
def roles() -> Roles:
    return load_roles(SHARED / "roles.yaml")
