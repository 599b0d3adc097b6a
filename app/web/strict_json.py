"""JSON as it must be read: no NaN, no key twice, no endless depth."""

import json
from typing import Any

from flask import Request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a key appears twice")
    return read


class StrictJson(DefaultJSONProvider):
    """Reads strictly, writes Chinese as Chinese."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read; whatever is wrong is a ValueError, which Flask answers with 400."""
        del kwargs
        try:
            return json.loads(s, parse_constant=_no_constant, object_pairs_hook=_no_twins)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def json_object(request: Request) -> dict[str, Any]:
    """Give the JSON object in a request; 400 for anything else."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("a JSON object is expected")
    return body
