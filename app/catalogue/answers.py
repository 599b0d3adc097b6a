"""Cleans what was answered to a form: only what may be answered, read by type, held against the rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from app.catalogue.answer_fields import (
    NOT_CHOICE,
    NOT_LIST,
    NOT_ROW,
    REQUIRED,
    UNKNOWN,
    Checkbox,
    Choice,
    Choices,
    Number,
    Sentence,
    Text,
    When,
    chosen,
    count_within,
)
from app.catalogue.checks import breach
from app.catalogue.components import CHOICES, MULTIPLE, Component, level
from app.catalogue.names import ROW_CODE
from app.domain.errors import InvalidAnswers

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8

Errors = dict[str, list[tuple[str, str]]]


class _Answers(Schema):
    error_messages = {"unknown": UNKNOWN, "type": NOT_ROW}  # noqa: RUF012  marshmallow's way

    class Meta:
        unknown = RAISE


class _Rows(fields.List[Any]):
    """The rows of a dynamic list, as many as the form asks for."""

    def __init__(self, component: Component) -> None:
        row = fields.Nested(schema_of(component.components), error_messages={"null": NOT_ROW, "type": NOT_ROW})
        super().__init__(row, allow_none=True)
        self._component = component

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError([NOT_LIST])
        count_within(value, self._component)
        return super()._deserialize(value, attr, data, **kwargs)


def schema_of(components: Sequence[Component]) -> Schema:
    """The marshmallow schema of one level of a form; build it once, it is safe to share."""
    built: dict[str, Any] = {part.key: _field(part) for part in level(tuple(components))}
    return _Answers.from_dict(built)()


def _field(part: Component) -> fields.Field[Any]:
    if part.is_list:
        return _Rows(part)
    if part.kind in CHOICES:
        return Choices(part) if part.kind in MULTIPLE else Choice(part)
    makers: Mapping[str, Callable[[Component], fields.Field[Any]]] = {
        "number": Number,
        "datetime": When,
        "checkbox": lambda _part: Checkbox(allow_none=True),
    }
    return makers.get(part.kind, Text)(part)


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """Where names are looked up: this level's answers first, then what stands around it."""

    outer: Mapping[str, Any]
    known: Mapping[str, Any]

    def values(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.outer, **self.known, **answers, "this": {**self.known, **answers}, "parent": self.outer}


@dataclass(frozen=True, kw_only=True)
class Cleaning:
    """One cleaning of one set of answers."""

    options: Mapping[str, Sequence[Mapping[str, Any]]]
    now: datetime
    errors: Errors = field(default_factory=dict)

    def run(
        self, components: tuple[Component, ...], schema: Schema, answers: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The accepted answers; raise InvalidAnswers with every field that is wrong."""
        fault = _size_fault(answers)
        if fault:
            raise InvalidAnswers({"": [fault]})
        scope = _Scope(outer={}, known=known)
        asked = self._asked(components, dict(answers), scope, at="")
        try:
            found: dict[str, Any] = schema.load(asked)
        except ValidationError as error:
            for path, sentence in _flat(error.messages, ""):
                self._note(path, sentence)
            found = error.valid_data if isinstance(error.valid_data, dict) else {}
        self._rules(components, found, scope, at="")
        if self.errors:
            order = {part.key: index for index, part in enumerate(level(components))}
            raise InvalidAnswers(
                dict(sorted(self.errors.items(), key=lambda item: order.get(_first_key(item[0]), len(order))))
            )
        return found

    def _note(self, path: str, sentence: str) -> None:
        pair = (str(sentence), sentence.en if isinstance(sentence, Sentence) else str(sentence))
        if pair not in self.errors.setdefault(path, []):
            self.errors[path].append(pair)

    def _asked(
        self, components: tuple[Component, ...], answers: dict[str, Any], scope: _Scope, *, at: str
    ) -> dict[str, Any]:
        """Drop what is not the officer's to answer (read-only, hidden), and note what they had to and did not."""
        for part in level(components):
            if part.readonly and not (at and part.key == ROW_CODE):
                answers.pop(part.key, None)
        visible = list(_visible(components, answers, scope))
        hidden = {part.key for part in level(components)} - {part.key for part in visible}
        asked = {key: value for key, value in answers.items() if key not in hidden}
        values = scope.values(asked)
        for part in visible:
            given = asked.get(part.key)
            if given is None and part.key in asked and (part.is_list or part.kind in MULTIPLE):
                asked[part.key] = given = []
            if part.is_list and isinstance(given, list):
                asked[part.key] = [
                    self._row(part, row, values, scope, at=f"{at}{part.key}[{index}].")
                    for index, row in enumerate(given)
                ]
            elif part.is_list and not part.readonly and part.min_items and given is None:
                asked[part.key] = []
            elif part.required and not part.readonly and _empty(given):
                self._note(f"{at}{part.key}", REQUIRED)
        return asked

    def _row(self, part: Component, row: object, values: Mapping[str, Any], scope: _Scope, *, at: str) -> object:
        if not isinstance(row, Mapping):
            return row
        known = _known_row(scope.known.get(part.key), row.get(ROW_CODE))
        code = next((inner for inner in level(part.components) if inner.key == ROW_CODE), None)
        if code is not None and code.readonly and not known:
            self._note(
                f"{at}{ROW_CODE}", Sentence("没有这一行，不能新增", "There is no such row and none can be added")
            )
        return self._asked(part.components, dict(row), _Scope(outer=values, known=known), at=at)

    def _rules(self, components: tuple[Component, ...], found: Mapping[str, Any], scope: _Scope, *, at: str) -> None:
        """What a type cannot say: choices known only now, dates against each other and the clock, codes once."""
        values = scope.values(found)
        for part in level(components):
            answer, path = found.get(part.key), f"{at}{part.key}"
            if answer is None or answer == []:
                continue
            if part.values_key and not self._offered(part, answer):
                self._note(path, NOT_CHOICE)
            for sentence in breach(part, answer, values=values, now=self.now):
                self._note(path, sentence)
            if part.is_list and isinstance(answer, list):
                self._rows(part, answer, values, scope, at=path)

    def _rows(self, part: Component, rows: list[Any], values: Mapping[str, Any], scope: _Scope, *, at: str) -> None:
        seen: set[object] = set()
        for index, row in enumerate(rows):
            if not isinstance(row, Mapping):
                continue
            code = row.get(ROW_CODE)
            if isinstance(code, str) and code in seen:
                self._note(f"{at}[{index}].{ROW_CODE}", Sentence("编号重复", "This code is used twice"))
            seen.add(code)
            known = _known_row(scope.known.get(part.key), code)
            self._rules(part.components, row, _Scope(outer=values, known=known), at=f"{at}[{index}].")

    def _offered(self, part: Component, answer: object) -> bool:
        offered = [option.get("value") for option in self.options.get(part.values_key, ())]
        allowed = frozenset((type(value), value) for value in offered if value is not None)
        return all(chosen(one, allowed) for one in (answer if isinstance(answer, list) else [answer]))


def _visible(components: tuple[Component, ...], answers: Mapping[str, Any], scope: _Scope) -> Iterator[Component]:
    """The fields shown. Hidden answers count for nothing, so hiding is repeated until nothing changes.

    Publication refuses circular conditions, so each round settles at least one field and the rounds end.
    """
    parts = list(level(components))
    hidden: set[str] = set()
    for _round in range(len(parts) + 1):
        values = scope.values({key: value for key, value in answers.items() if key not in hidden})
        for key in hidden:
            values.pop(key, None)
        shown = {part.key for part in _shown(components, values)}
        now_hidden = {part.key for part in parts} - shown
        if now_hidden == hidden:
            break
        hidden = now_hidden
    yield from (part for part in parts if part.key not in hidden)


def _shown(components: tuple[Component, ...], values: Mapping[str, Any]) -> Iterator[Component]:
    for part in components:
        if part.hide is not None and part.hide.holds(values):
            continue
        if part.kind == "group":
            yield from _shown(part.components, values)
        elif part.is_input or part.is_list:
            yield part


def visible_parts(
    components: tuple[Component, ...], answers: Mapping[str, Any], outer: Mapping[str, Any]
) -> Iterator[Component]:
    """The fields of one level that these answers show, in the order of the form."""
    return _visible(components, answers, _Scope(outer=outer, known={}))


def _known_row(rows: object, code: object) -> Mapping[str, Any]:
    if not isinstance(rows, list) or code is None:
        return {}
    return next((row for row in rows if isinstance(row, Mapping) and row.get(ROW_CODE) == code), {})


def _first_key(path: str) -> str:
    return path.partition("[")[0].partition(".")[0]


def _empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or value is False or value == []


def _flat(messages: object, path: str) -> Iterator[tuple[str, str]]:
    """The nested messages of marshmallow as paths: `parties[0].name`."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            if key == "_schema":
                yield from _flat(inner, path)
            elif isinstance(key, int):
                yield from _flat(inner, f"{path}[{key}]")
            else:
                name = str(key)[:80].encode("utf-8", "replace").decode()  # a stranger's key may not be printable
                yield from _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(messages, list):
        for message in messages:
            yield path, message


def _size_fault(answers: object) -> tuple[str, str] | None:
    if not isinstance(answers, Mapping):
        return ("填写的内容应是一个对象", "The answers are one object")
    room, waiting = MAX_BYTES, [(answers, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return (f"填写的内容嵌套超过 {MAX_DEPTH} 层", f"The answers are nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, Mapping):
            if not all(isinstance(key, str) for key in value):
                return ("填写的内容有误", "The answers are not valid")
            room -= sum(_bytes(key) for key in value) + 4 * len(value)
            waiting += [(inner, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            room -= 2 * len(value)
            waiting += [(inner, depth + 1) for inner in value]
        else:
            room -= _bytes(value) if isinstance(value, str) else 8
        if room < 0:
            return ("填写的内容超过 256 KB", "The answers are larger than 256 KB")
    return None


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
