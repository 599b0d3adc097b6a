"""Everything that can be refused, as one small family; `web/errors.py` gives each its status code.

Each error carries its sentence in Chinese and in English, because the reader chooses the language, and the
place it is about (a form field, a diagram element, a file), because a clear error names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong in a file a designer wrote: where, and a sentence they understand."""

    file: str
    line: int
    element: str
    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.element}: {self.zh} / {self.en} [{self.code}]"


class XianjieError(Exception):
    """The root: `zh` and `en` say it to a person, `at` names the field or element."""

    def __init__(self, zh: str, en: str, *, at: str = "") -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.at = at

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.zh, self.en), {"at": self.at})


class NotFound(XianjieError):
    """It is not there, or the officer may not know that it is."""

    def __init__(self, zh: str = "没有找到", en: str = "Not found", *, at: str = "") -> None:
        super().__init__(zh, en, at=at)


class Forbidden(XianjieError):
    """The officer may see it but may not do this."""


class Unproven(XianjieError):
    """Nobody has shown who they are: no session, or a wrong name or password."""


class TooMany(XianjieError):
    """It was tried too often; the sentence says how long to wait."""


class Conflict(XianjieError):
    """Somebody else was first, or the thing has moved on; the sentence says who and when."""


class Invalid(XianjieError):
    """The input breaks a rule; the sentence names it."""


class InvalidAnswers(Invalid):
    """Answers that do not fit their form: field key → sentences (zh, en)."""

    def __init__(self, fields: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        self.fields = {key: list(sentences) for key, sentences in fields.items()}
        first = next(iter(self.fields), "")
        super().__init__("填写的内容有误", "Some answers are not valid", at=first)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.fields,))


class BrokenBundle(Invalid):
    """A diagram, form or document that cannot be published; all faults at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(
            "；".join(str(fault) for fault in self.faults[:5]),
            "; ".join(str(fault) for fault in self.faults[:5]),
            at=self.faults[0].element if self.faults else "",
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.faults,))


class TooLarge(XianjieError):
    """More bytes than are taken; the sentence says how many are."""


class NoRoom(XianjieError):
    """The disk is full: what was already stored is kept, and it can be tried again when there is room."""


class Stuck(XianjieError):
    """The process cannot go on by itself: an expression failed or the step budget ran out."""
