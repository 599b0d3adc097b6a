"""The parts of a form as values: what each field is called, takes and demands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.catalogue.feel import Condition

INPUTS = frozenset(
    {"textfield", "textarea", "number", "checkbox", "datetime", "radio", "select", "checklist", "taglist"}
)
CHOICES = frozenset({"radio", "select", "checklist", "taglist"})
MULTIPLE = frozenset({"checklist", "taglist"})
DISPLAY = frozenset({"text", "html", "table", "separator", "spacer", "button"})

Plain = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class Option:
    """One answer that may be chosen, with its wording in both languages."""

    value: Plain
    label: str
    label_en: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """A rule of the law or of arithmetic beyond the type: `not_before:filed_on` has the name and the field."""

    name: str
    field: str = ""


@dataclass(frozen=True, kw_only=True)
class Component:
    """One component of a form. `kind` is form-js's type; a group or list holds `components`; others hold none.

    `custody_by`: rows of this list are items that come into custody with the answer, by the officers of that field.
    """

    kind: str
    key: str
    line: int
    label: str
    label_en: str
    required: bool = False
    readonly: bool = False
    hide: Condition | None = None
    options: tuple[Option, ...] = ()
    values_key: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int | None = None
    min_length: int = 0
    max_length: int = 5000
    pattern: re.Pattern[str] | None = None
    email: bool = False
    subtype: str = ""
    not_past: bool = False
    checks: tuple[Check, ...] = ()
    min_items: int = 0
    max_items: int = 500
    custody_by: str = ""
    components: tuple["Component", ...] = ()

    @property
    def is_input(self) -> bool:
        """Whether it takes one answer."""
        return self.kind in INPUTS

    @property
    def is_list(self) -> bool:
        """Whether it takes rows."""
        return self.kind == "dynamiclist"


def level(components: tuple[Component, ...]) -> Iterator[Component]:
    """The inputs and lists whose answers stand side by side: a group is only a frame, a list opens its own level."""
    for component in components:
        if component.kind == "group":
            yield from level(component.components)
        elif component.is_input or component.is_list:
            yield component


def everything(components: tuple[Component, ...]) -> Iterator[Component]:
    """Every component, however deep."""
    for component in components:
        yield component
        yield from everything(component.components)
