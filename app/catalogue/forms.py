"""A form: what a task asks an officer, and how their answers are cleaned, shown and kept."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from marshmallow import Schema

from app.catalogue.answer_fields import CHINA, read_moment
from app.catalogue.answers import Cleaning, schema_of, visible_parts
from app.catalogue.components import Component, Option, everything, level
from app.catalogue.form_references import faults_of_references
from app.catalogue.form_schema import FormReader
from app.catalogue.located import read_json
from app.catalogue.names import ROW_CODE
from app.catalogue.spot import english
from app.catalogue.wording import in_words
from app.domain.errors import BrokenBundle

Options = Mapping[str, Sequence[Mapping[str, Any]]]
_WORDINGS = ("label", "description", "text", "content", "dateLabel", "timeLabel")


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field as a page or an API client sees it; a field of rows has the path `parties[].name`."""

    key: str
    path: str
    label: str
    label_en: str
    type: str
    required: bool
    readonly: bool
    options: tuple[Option, ...]
    values_key: str


@dataclass(frozen=True)
class Form:
    """A form that has been read and found whole."""

    file: str
    schema: Mapping[str, Any]
    components: tuple[Component, ...]

    @cached_property
    def fields(self) -> tuple[FormField, ...]:
        """All fields in the order of the form, a list before the fields of its rows."""
        return tuple(_fields(self.components, ""))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The names of the facts the form shows, in order: what it is filled with when a task is opened."""
        return tuple(part.key for part in level(self.components))

    @cached_property
    def collected(self) -> frozenset[str]:
        """The names of the facts its answers can give; a read-only field gives none."""
        return frozenset(part.key for part in level(self.components) if not part.readonly)

    @cached_property
    def custody_by(self) -> str:
        """The field that names the officers by whom listed items come into custody; empty when they do not."""
        return next((part.custody_by for part in level(self.components) if part.custody_by), "")

    @cached_property
    def values_keys(self) -> frozenset[str]:
        """The sources of options it wants: the names `clean` looks up in `options`."""
        return frozenset(part.values_key for part in everything(self.components) if part.values_key)

    @cached_property
    def references(self) -> Mapping[str, int]:
        """Names that conditions and checks read and the form does not have, with the line: earlier facts."""
        own = {part.key for part in everything(self.components) if part.key}
        found: dict[str, int] = {}
        for part in everything(self.components):
            names = set(part.hide.names) if part.hide else set()
            names |= {check.field for check in part.checks if check.field}
            names |= {part.custody_by} - {""}
            for name in names - own - {"this", "parent"}:
                found.setdefault(name, part.line)
        return found

    @cached_property
    def _schema(self) -> Schema:
        return schema_of(self.components)

    def clean(
        self, answers: Mapping[str, Any], *, options: Options, known: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        """The accepted answers, JSON-plain: read by type, trimmed, hidden and read-only fields dropped.

        `options` fills the fields with a `valuesKey`, `known` holds the facts the officer may see (conditions and
        `not_before` may read them), `now` is aware. A field left empty comes out as None or [], one not sent is
        left out. Raises InvalidAnswers with the sentences of each field; a field of a row is `parties[0].name`.
        """
        return Cleaning(options=options, now=now).run(self.components, self._schema, answers, known)

    def localized(self, language: str) -> dict[str, Any]:
        """The schema for form-js, in `zh` or `en`; what has no English stays Chinese."""
        schema = copy.deepcopy(dict(self.schema))
        if language == "en":
            _in_english(schema)
        _on_beijing_time(schema)
        return schema

    def on_the_wall(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with every moment as the clock of Beijing shows it, which is how its fields show and send it."""
        return _on_the_wall(self.components, values)

    def describe(
        self,
        answers: Mapping[str, Any],
        language: str,
        *,
        options: Options | None = None,
        known: Mapping[str, Any] | None = None,
    ) -> list[tuple[str, str]]:
        """Label and text of each answer that will be kept, for the page on which an officer checks them.

        `answers` may be a draft: what is hidden or read-only in it is left out, as `clean` will leave it out.
        """
        return list(_described(self.components, answers, language, options or {}, outer=known or {}, before=""))


def read_form(text: str, *, file: str) -> Form:
    """Read a form-js schema; raise BrokenBundle with every fault, each with its line and component."""
    schema = read_json(text, file=file)
    reader = FormReader(file=file)
    components = reader.read(schema)
    faults = [*reader.faults, *faults_of_references(components, file=file)]
    if faults:
        raise BrokenBundle(sorted(faults, key=lambda fault: fault.line))
    return Form(file=file, schema=schema, components=components)


def _fields(components: tuple[Component, ...], at: str) -> Iterator[FormField]:
    for part in level(components):
        yield FormField(
            key=part.key,
            path=f"{at}{part.key}",
            label=part.label,
            label_en=part.label_en,
            type=part.subtype or part.kind,
            required=part.required or (part.is_list and part.min_items > 0),
            readonly=part.readonly,
            options=part.options,
            values_key=part.values_key,
        )
        yield from _fields(part.components, f"{at}{part.key}[].")


def _on_beijing_time(raw: dict[str, Any]) -> None:
    # An hour in a form is the hour of Beijing whatever the zone of the browser; `clean` reads it so.
    if "timeSerializingFormat" in raw:
        raw["timeSerializingFormat"] = "no_timezone"
    for inner in raw.get("components") or ():
        if isinstance(inner, dict):
            _on_beijing_time(inner)


def _on_the_wall(components: tuple[Component, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(values)
    for part in level(components):
        value = shown.get(part.key)
        if part.subtype == "datetime" and isinstance(value, str):
            shown[part.key] = _wall_text(value)
        elif part.is_list and isinstance(value, list):
            shown[part.key] = [_on_the_wall(part.components, row) if isinstance(row, Mapping) else row for row in value]
    return shown


def _wall_text(text: str) -> str:
    try:
        return datetime.fromisoformat(read_moment(text)).astimezone(CHINA).strftime("%Y-%m-%dT%H:%M")
    except ValueError:
        return text


def _in_english(raw: dict[str, Any]) -> None:
    for name in _WORDINGS:
        wording = english(raw, name)
        if wording:
            raw[name] = wording
    for held in ("components", "values", "columns"):
        for inner in raw.get(held) or ():
            if isinstance(inner, dict):
                _in_english(inner)


def _described(
    components: tuple[Component, ...],
    answers: Mapping[str, Any],
    language: str,
    options: Options,
    *,
    outer: Mapping[str, Any],
    before: str,
) -> Iterator[tuple[str, str]]:
    for part in visible_parts(components, answers, outer):
        if part.key not in answers or (part.readonly and not (before and part.key == ROW_CODE)):
            continue
        answer = answers[part.key]
        label = before + ((part.label_en if language == "en" else "") or part.label)
        if part.is_list and isinstance(answer, list):
            for number, row in enumerate(answer, start=1):
                if isinstance(row, Mapping):
                    yield from _described(
                        part.components,
                        row,
                        language,
                        options,
                        outer={**outer, **answers},
                        before=f"{label} {number} · ",
                    )
        else:
            yield label, in_words(part, answer, language, options.get(part.values_key, ()))
