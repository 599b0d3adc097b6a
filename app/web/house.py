"""The house that this Flask application serves."""

from typing import cast

from flask import current_app

from app.wiring import House


def house() -> House:
    """Give the running program's house."""
    return cast("House", current_app.extensions["xianjie"])
