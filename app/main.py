"""Puts the web application together: every blueprint in one list."""

from flask import Flask
from flask_smorest import Api

from app.web import (
    around,
    cases,
    counting,
    custody,
    custody_report,
    disposals,
    documents,
    errors,
    files,
    handover_files,
    handovers,
    item_acts,
    item_files,
    items,
    jinja,
    new_items,
    security,
    sign_in,
    splits,
    store,
    store_labels,
    store_loans,
    store_places,
    store_takes,
    supervise,
    tasks,
    transfers,
    uploads,
)
from app.web.api import custody as api_custody
from app.web.api import custody_handovers as api_handovers
from app.web.api import files as api_files
from app.web.api import views
from app.web.strict_json import StrictJson
from app.wiring import House

STORE = (store, store_places, store_loans, store_takes, store_labels)
PAGES = (
    *(sign_in, tasks, cases, custody, custody_report, items, item_acts, new_items, splits, disposals, handovers),
    *(*STORE, counting, item_files, handover_files, transfers, documents, files, uploads, supervise),
)


def create_app(house: House) -> Flask:
    """Build the WSGI application that serves a house."""
    app = Flask("app.web", static_folder="static", template_folder="templates")
    app.extensions["xianjie"] = house
    app.config.update(
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        API_TITLE="衔接 Xianjie",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "security": [{"token": []}],
        },
    )
    security.secure(app, house.config)
    app.json = StrictJson(app)  # after Flask-Security, which brings a reader of its own
    jinja.prepare(app)
    around.surround(app)
    api = Api(app)
    for part in (views.blueprint, api_files.blueprint, api_custody.blueprint, api_handovers.blueprint):
        api.register_blueprint(part)
        security.csrf.exempt(part)
    app.register_blueprint(uploads.api)
    security.csrf.exempt(uploads.api)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    errors.fail(app)
    return app
