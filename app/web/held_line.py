"""The line of a person in custody as the pages draw it: pieces in per cent of the whole time, and the same in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.domain.detention import Basis
from app.services.detention import Held
from app.web.language import t
from app.web.presenters import unconfirmed
from app.web.urgency import urgency

STATES: Mapping[str, tuple[str, str, str]] = {
    "released": ("none", "已解除羁押", "Released"),
    "held": ("info", "在押", "Held"),
    "near": ("week", "羁押期限将届满", "The basis ends within a week"),
    "urgent": ("soon", "羁押期限即将届满", "The basis ends within three days"),
    "expired": ("overdue", "羁押期限已届满", "Held without a basis"),
}
"""For each state of a line its colour and its words."""

NARROW = 4.0
"""Pieces narrower than so many per cent bear no number."""


def held_line(held: Held, now: datetime) -> dict[str, Any]:
    """Give a line for the macro `held_line`: what is drawn, what is listed, how it ends."""
    line = held.line
    end = line.released or now
    right = max(end, line.until or end) if line.state != "released" else end
    scale = _Scale(line.since, right)
    chip, zh, en = STATES[line.state]
    bases = [_basis(held, basis, number) for number, basis in enumerate(line.bases, 1)]
    gaps = [{"gap": True, "start": gap.start, "due": gap.end} for gap in line.gaps]
    return {
        "case_id": held.case.id,
        "case_number": held.case.number,
        "case_name": held.case.name,
        "person": held.name,
        "code": held.person,
        "agency": held.agency.name if held.agency else "",
        "state": line.state,
        "chip": chip,
        "state_words": t(zh, en),
        "ends_words": urgency(line.until, now).words if line.until and line.state != "released" else "",
        "since": line.since,
        "until": line.until,
        "released": line.released,
        "days": line.days,
        "now": scale.at(now) if line.state != "released" else None,
        "pieces": [
            *_pieces(held, scale, end=right),
            *(scale.piece(gap.start, gap.end, "gap", "!") for gap in line.gaps),
            *([scale.piece(now, right, "ahead", "")] if line.state != "released" and right > now else ()),
        ],
        "listed": sorted([*bases, *gaps], key=lambda entry: entry["start"]),
        "unconfirmed": unconfirmed(held.last.reasoning),
    }


class _Scale:
    """Where moments lie between the first and the last, in per cent."""

    def __init__(self, left: datetime, right: datetime) -> None:
        self._left = left
        self._whole = max((right - left).total_seconds(), 1.0)

    def at(self, moment: datetime) -> float:
        share = (moment - self._left).total_seconds() / self._whole
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def piece(self, start: datetime, end: datetime, kind: str, words: str) -> dict[str, Any]:
        left, right = self.at(start), self.at(end)
        width = round(right - left, 2)
        shown = words if width >= NARROW else ""
        return {"x": left, "width": width, "middle": round(left + width / 2, 2), "kind": kind, "number": shown}


def _pieces(held: Held, scale: _Scale, *, end: datetime) -> Iterator[dict[str, Any]]:
    """Each basis reaches until the next one takes its place, or until it ends."""
    bases = held.line.bases
    for index, basis in enumerate(bases):
        next_start = bases[index + 1].start if index + 1 < len(bases) else end
        until = min(basis.due or next_start, next_start)
        if until > basis.start:
            yield scale.piece(basis.start, until, "odd" if index % 2 else "even", str(index + 1))


def _basis(held: Held, basis: Basis, number: int) -> dict[str, Any]:
    row = held.clocks[basis.clock]
    reasoning: Mapping[str, Any] = row.reasoning
    return {
        "gap": False,
        "number": number,
        "rule": basis.rule,
        "name": reasoning.get("zh", basis.rule),
        "name_en": reasoning.get("en", basis.rule),
        "article": reasoning.get("article", ""),
        "unconfirmed": unconfirmed(reasoning),
        "start": basis.start,
        "due": basis.due,
    }
