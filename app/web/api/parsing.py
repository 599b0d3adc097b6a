"""How the API reads what it is asked."""

from typing import Any

from flask import Request
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser


class StrictParser(FlaskParser):
    """Reads the arguments of the API: JSON as above and nothing else, and no query that nobody knows."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}  # noqa: RUF012 - as the library types it

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Read the body; 415 when it is not said to be JSON, 400 when it is none."""
        del schema
        return req.get_json()
