"""Where a refusal of the rules belongs in what the caller sent."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.domain.errors import Invalid

_INDEX = re.compile(r"\[(\d+)\]")
_BESIDE = re.compile(r"who\[(\d+)\].*")


@contextmanager
def placed(places: Mapping[str, str]) -> Iterator[None]:
    """Name the field of the body a refusal is about: `places` by the part that was refused, positions as `beside.0`."""
    try:
        yield
    except Invalid as refused:
        refused.at = places.get(refused.at, _as_sent(refused.at))
        raise


def _as_sent(at: str) -> str:
    person = _BESIDE.fullmatch(at)
    if person and int(person[1]):
        return f"beside.{int(person[1]) - 1}"  # the first to act is who asks, and is not in the list
    return _INDEX.sub(r".\1", at)
