"""A story told again of other people, at another time, up to a step: how a demonstration gets its cases."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from app.catalogue.stories import Step, Story

_DAY = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_HAN_DAY = re.compile(r"(?<!\d)(20\d\d)年(\d{1,2})月(?:(\d{1,2})日)?")


AGENCY_ANSWER = "to_agency"
"""The answer of a hand-over's list that names another agency by its key."""


@dataclass(frozen=True, kw_only=True)
class Retelling:
    """What is changed: words for words, days later, how many steps, and which agencies take part."""

    steps: int
    shift: timedelta
    words: Mapping[str, str] = field(default_factory=dict)
    agencies: Mapping[str, str] = field(default_factory=dict)
    role_of: Mapping[str, str] = field(default_factory=dict)


def retell(story: Story, told: Retelling) -> Story:
    """Give the story with its first steps only, every date shifted and every word replaced.

    Steps that the story says are refused are left out: nothing comes of them.
    """
    starter = story.start_as or next((step.who for step in story.steps if step.who), "")
    kept: list[Step] = []
    for step in story.steps:
        if step.refused is not None:
            continue
        if len(kept) >= told.steps:
            break
        kept.append(
            replace(
                step,
                who=told.role_of.get(step.who, step.who),
                at=step.at + told.shift if step.at else None,
                wait_until=step.wait_until + told.shift if step.wait_until else None,
                answers=other_words(step.answers, told),
                expect={},
            )
        )
    return replace(
        story,
        clock=story.clock + told.shift,
        agencies=dict(told.agencies),
        start_as=told.role_of.get(starter, starter),
        steps=kept,
        ends={},
    )


def other_words(value: Any, told: Retelling) -> Any:
    """Give a plain value with the words replaced and the dates shifted, in every text it holds."""
    if isinstance(value, str):
        return _text(value, told)
    if isinstance(value, Mapping):
        return {
            key: told.agencies.get(entry, entry) if key == AGENCY_ANSWER else other_words(entry, told)
            for key, entry in value.items()
        }
    if isinstance(value, Sequence):
        return [other_words(entry, told) for entry in value]
    return value


def last_moment(story: Story, steps: int) -> datetime:
    """Give the moment of the last of the first steps that are not refused."""
    moments = [story.clock]
    count = 0
    for step in story.steps:
        if step.refused is not None:
            continue
        count += 1
        if count > steps:
            break
        moments += [moment for moment in (step.at, step.wait_until) if moment]
    return max(moments)


def _text(text: str, told: Retelling) -> str:
    for old, new in told.words.items():
        text = text.replace(old, new)
    text = _DAY.sub(lambda match: _shifted(match, told.shift, "-"), text)
    return _HAN_DAY.sub(lambda match: _shifted(match, told.shift, "年"), text)


def _shifted(match: re.Match[str], shift: timedelta, style: str) -> str:
    year, month, day = match.group(1), match.group(2), match.group(3)
    try:
        moved = date(int(year), int(month), int(day or 1)) + shift
    except ValueError:
        return match.group(0)
    if style == "-":
        return moved.isoformat()
    return f"{moved.year}年{moved.month}月" + (f"{moved.day}日" if day else "")
