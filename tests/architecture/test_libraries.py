"""One library, one home: what import-linter's contracts do not say."""

import ast
import sys
from collections.abc import Iterable

import pytest

from tests.architecture.tree import Source, imported, source, sources

DRIVERS = (
    "app/services/play.py",
    "app/services/demo_cases.py",
)  # in the place of officers
HOMES: dict[str, tuple[str, ...]] = {
    "SpiffWorkflow": ("app/engine",),
    "alembic": ("app/wiring.py",),
    "argon2": ("app/services/accounts.py",),
    "chinese_calendar": ("app/domain/calendar.py", "app/catalogue/register.py"),
    "click": ("app/cli.py",),
    "flask": ("app/web", "app/main.py"),
    "flask_security": ("app/web",),
    "flask_smorest": ("app/web", "app/main.py"),
    "flask_wtf": ("app/web",),
    "fontTools": ("app/rendering",),
    "itsdangerous": ("app/web",),
    "jinja2": ("app/catalogue", "app/rendering", "app/web"),
    "lxml": ("app/catalogue", "app/engine"),
    "markupsafe": ("app/web", "app/rendering"),
    "marshmallow": ("app/catalogue", "app/web/api"),
    "obstore": ("app/storage/object_store.py",),
    "orjson": ("app/catalogue", "app/engine", "app/storage", "app/web"),
    "segno": ("app/rendering",),
    "sqlalchemy": ("app/storage", "app/services", "app/wiring.py"),
    "uuid_utils": ("app/storage",),
    "waitress": ("app/cli.py",),
    "webargs": ("app/web/api",),
    "weasyprint": ("app/rendering",),
    "werkzeug": ("app/web",),
    "yaml": ("app/catalogue", "app/cli.py", *DRIVERS),
    "zstandard": ("app/catalogue", "app/engine", "app/storage"),
}
HOURS = {("time", "time"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}
KNOWS_THE_HOUR = ("app/web", "app/cli.py", "app/wiring.py", "app/jobs", *DRIVERS)
READS_THE_ENVIRONMENT = (
    "app/config.py",
    "app/web/assets.py",  # runs before anything is installed
    "app/rendering/process.py",  # hands its child a bare one
)
WRITES_NO_SQL = ("app/services", "app/wiring.py")


def strangers(among: Iterable[Source]) -> list[str]:
    found = []
    for of in among:
        for module, _, node in imported(of):
            library = module.partition(".")[0]
            if library in sys.stdlib_module_names or library in ("app", "__future__"):
                continue
            if library not in HOMES:
                found.append(f"{of.at(node)}: {library} has no home yet: name one in HOMES")
            elif not of.is_in(*HOMES[library]):
                found.append(f"{of.at(node)}: {library} lives in {' and '.join(HOMES[library])}")
    return found


def sql_outside_storage(among: Iterable[Source]) -> list[str]:
    return [
        f"{of.at(node)}: {name or module}"
        for of in among
        if of.is_in(*WRITES_NO_SQL)
        for module, name, node in imported(of)
        if module.partition(".")[0] == "sqlalchemy" and name not in ("Connection", "Engine")
    ]


def asks_the_machine(among: Iterable[Source]) -> list[str]:
    found = []
    for of in among:
        for node in ast.walk(of.tree):
            if not isinstance(node, ast.Attribute):
                continue
            owner = ast.unparse(node.value)
            if (owner, node.attr) in {("os", "environ"), ("os", "getenv")} and not of.is_in(*READS_THE_ENVIRONMENT):
                found.append(f"{of.at(node)}: app/config.py is the only reader of the environment")
            hour = (owner, node.attr) in {
                ("time", "time"),
                ("datetime", "now"),
                ("datetime", "utcnow"),
                ("date", "today"),
            }
            if hour and not of.is_in(*KNOWS_THE_HOUR):
                found.append(f"{of.at(node)}: the hour comes from the entry point")
    return found


def test_every_library_lives_in_its_home() -> None:
    assert strangers(sources()) == []


def test_services_hold_a_connection_and_write_no_sql() -> None:
    assert sql_outside_storage(sources()) == []


def test_the_hour_and_the_environment_are_asked_for_at_the_edge() -> None:
    assert asks_the_machine(sources()) == []


@pytest.mark.parametrize("line", ["import weasyprint", "from flask import request", "from left_pad import pad"])
def test_a_library_away_from_home_is_found(line: str) -> None:
    assert strangers([source(line, "app/services/cases.py")]) != []


def test_a_query_in_a_service_is_found() -> None:
    assert sql_outside_storage([source("from sqlalchemy import select", "app/services/cases.py")]) != []


@pytest.mark.parametrize("line", ["os.environ['HOME']", "datetime.now(UTC)", "date.today()", "time.time()"])
def test_a_rule_that_asks_the_machine_is_found(line: str) -> None:
    assert asks_the_machine([source(line, "app/domain/deadlines.py")]) != []
