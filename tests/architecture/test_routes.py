"""Every route requires an officer or says why not."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.main import create_app
from app.wiring import House, plain_renderer
from tests.houses import a_config

OTHERS = {
    "static": "the bundle of the pages: it holds nothing of a case",
    "api-docs.openapi_json": "the description of the API: it holds nothing of a case",
}
REASON = "open to anyone: "


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    house = House(a_config(tmp_path_factory.mktemp("house")), renderer=plain_renderer())
    house.migrate()
    yield create_app(house)
    house.close()


def unguarded(app: Flask) -> list[str]:
    """Give the routes whose view neither requires an officer nor has a docstring with the reason."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        told = " ".join((view.__doc__ or "").split()).lower()
        if rule.endpoint not in OTHERS and not hasattr(view, "needs_officer") and REASON not in told:
            found.append(f"{rule.endpoint} {rule.rule}: {view.__module__}.{view.__name__}")
    return found


def test_every_route_requires_an_officer_or_says_why_not(app: Flask) -> None:
    assert unguarded(app) == []


def test_nobody_reads_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    guarded = [rule for rule in app.url_map.iter_rules() if hasattr(app.view_functions[rule.endpoint], "needs_officer")]
    readable = [rule for rule in guarded if "GET" in (rule.methods or ())]
    assert readable
    answers = {rule.rule: client.get(address(rule)) for rule in readable}
    assert {
        rule: answer.status_code for rule, answer in answers.items() if answer.status_code not in (302, 303, 401)
    } == {}


def address(rule: Rule) -> str:
    built = rule.build({name: 1 if name.endswith("number") else "x" for name in rule.arguments})
    assert built is not None
    return str(built[1])


def test_an_open_route_is_found() -> None:
    app = Flask("open", static_folder=None)

    @app.get("/everything")
    def everything() -> str:
        """Everything there is."""
        return "everything"

    @app.get("/hour")
    def hour() -> str:
        """The hour; open to anyone: a clock hangs on every wall."""
        return "noon"

    assert [line.split()[0] for line in unguarded(app)] == ["everything"]
