"""JSON as it must be read: no NaN, no key twice, no endless depth, no text that no database keeps."""

import json
import math
from collections.abc import Iterator
from typing import Any

from flask import Request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


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
            read = json.loads(s, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_no_twins)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        for text in _texts(read):
            # PostgreSQL keeps no NUL, and half a surrogate pair has no UTF-8; the error that says so is a ValueError.
            if "\0" in text.encode().decode():
                raise ValueError("a text holds NUL")
        return read


def json_object(request: Request) -> dict[str, Any]:
    """Give the JSON object in a request; 400 for anything else."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("a JSON object is expected")
    return body


def _texts(value: Any) -> Iterator[str]:
    """Every text in a plain value, keys too."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            waiting += [*found, *found.values()]
        elif isinstance(found, list):
            waiting += found
