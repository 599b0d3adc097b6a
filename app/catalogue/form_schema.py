"""Reads a form-js schema into components, collecting every fault with its line."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.catalogue.answer_fields import LARGEST
from app.catalogue.components import CHOICES, DISPLAY, INPUTS, MULTIPLE, Check, Component, Option, everything, level
from app.catalogue.feel import Condition, FeelError, read_condition
from app.catalogue.located import line_of
from app.catalogue.markup import refused_markup
from app.catalogue.names import SNAKE_CASE, fault_of_name
from app.catalogue.patterns import MAX_INPUT, PatternError, compile_pattern
from app.domain.errors import Fault

SCHEMA_VERSION = 19
MAX_FIELDS = 500
MAX_LEVELS = 6
MAX_TEXT_LENGTH = 5000
MAX_ROWS = 500

AGENCY_KINDS = ("adm", "pol", "proc", "crt", "det", "exec", "hot", "c110", "coord", "sup")
OPTION_SOURCES = frozenset({"officers", *(f"agencies_{kind}" for kind in AGENCY_KINDS)})
"""What a choice may be filled with when the task is opened (`valuesKey`): own officers, agencies of a kind."""

CHECKS: Mapping[str, frozenset[str]] = {
    "id_number": frozenset({"textfield"}),
    "uscc": frozenset({"textfield"}),
    "phone": frozenset({"textfield"}),
    "not_future": frozenset({"datetime"}),
    "not_before": frozenset({"datetime"}),
}
"""What `properties.check` may ask, and of which component."""

_NOT_YET = frozenset({"iframe", "documentPreview", "filepicker", "image", "expression"})
_TEXTS = ("label", "description", "text", "content")
_DATE_SUBTYPES = frozenset({"date", "time", "datetime"})


class FormReader:
    """Walks one schema; `faults` has everything that is wrong, in the order of the file."""

    def __init__(self, *, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self._count = 0
        self._ids: set[str] = set()

    def read(self, schema: Any) -> tuple[Component, ...]:
        """The components of the form; whatever is faulty is left out and noted."""
        if not isinstance(schema, Mapping):
            self._fault(1, "", "not-a-form", "表单应是一个 JSON 对象", "A form is a JSON object")
            return ()
        line = line_of(schema)
        if schema.get("type") != "default":
            self._fault(line, "type", "not-a-form", "表单的 type 应为 default", "The type of a form is “default”")
        version = schema.get("schemaVersion")
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= SCHEMA_VERSION:
            self._fault(
                line,
                "schemaVersion",
                "schema-version",
                f"schemaVersion 应为 1 至 {SCHEMA_VERSION}",
                f"schemaVersion is a number from 1 to {SCHEMA_VERSION}",
            )
        components = tuple(self._components(schema, line=line, depth=1, top=True))
        self._one_level(components)
        return components

    def _fault(self, line: int, element: str, code: str, zh: str, en: str) -> None:
        self.faults.append(Fault(file=self.file, line=line, element=element, code=code, zh=zh, en=en))

    def _components(self, parent: Mapping[str, Any], *, line: int, depth: int, top: bool) -> Iterator[Component]:
        children = parent.get("components", [])
        if not isinstance(children, list):
            self._fault(line, _element(parent), "not-a-form", "components 应是列表", "“components” is a list")
            return
        for child in children:
            if not isinstance(child, Mapping):
                self._fault(line, _element(parent), "not-a-form", "组件应是对象", "A component is an object")
                continue
            self._count += 1
            if self._count == MAX_FIELDS + 1:
                self._fault(
                    line_of(child, line),
                    _element(child),
                    "too-many-fields",
                    f"一张表单最多 {MAX_FIELDS} 个组件",
                    f"A form has at most {MAX_FIELDS} components",
                )
            if self._count > MAX_FIELDS:
                return
            found = self._component(child, line=line_of(child, line), depth=depth, top=top)
            if found is not None:
                yield found

    def _component(self, raw: Mapping[str, Any], *, line: int, depth: int, top: bool) -> Component | None:
        kind, element = raw.get("type"), _element(raw)
        identity = raw.get("id")
        if isinstance(identity, str):
            if identity in self._ids:
                self._fault(
                    line, element, "duplicate-id", f"组件 id “{identity}”重复", f"The id “{identity}” is used twice"
                )
            self._ids.add(identity)
        if isinstance(kind, str) and kind in _NOT_YET:
            self._fault(line, element, "unsupported-type", f"暂不支持组件“{kind}”", f"“{kind}” is not supported")
            return None
        if not isinstance(kind, str) or kind not in INPUTS | DISPLAY | {"group", "dynamiclist"}:
            self._fault(line, element, "unknown-type", f"未知的组件类型“{kind}”", f"Unknown component type “{kind}”")
            return None
        self._texts(raw, line=line, element=element)
        hide = self._hide(raw, line=line, element=element)
        if kind in INPUTS:
            return self._input(raw, kind=kind, line=line, hide=hide, top=top)
        return self._frame(raw, kind=kind, line=line, hide=hide, depth=depth, top=top)

    def _texts(self, raw: Mapping[str, Any], *, line: int, element: str) -> None:
        properties = _mapping(raw.get("properties"))
        for name in (*_TEXTS, *(f"{text}_en" for text in _TEXTS)):
            for value in (raw.get(name), properties.get(name)):
                self._text(value, name, line=line, element=element)
        for value in _mapping(raw.get("appearance")).values():
            self._text(value, "appearance", line=line, element=element)

    def _text(self, value: object, name: str, *, line: int, element: str) -> None:
        if value is None:
            return
        if not isinstance(value, str):
            self._fault(line, element, "bad-text", f"{name} 应是文字", f"“{name}” is text")
        elif value.startswith("=") or "{{" in value:
            self._fault(
                line,
                element,
                "template-syntax",
                f"{name} 只能是文字，不能以“=”开头或含“{{{{”",
                f"“{name}” is plain text: it cannot begin with “=” or contain “{{{{”",
            )
        elif name.removesuffix("_en") in {"text", "content"}:
            refused = refused_markup(value)
            if refused:
                self._fault(
                    line,
                    element,
                    "unsafe-markup",
                    f"{name} 中不允许“{refused}”",
                    f"“{refused}” is not allowed in “{name}”",
                )

    def _hide(self, raw: Mapping[str, Any], *, line: int, element: str) -> Condition | None:
        conditional = raw.get("conditional")
        source = conditional.get("hide") if isinstance(conditional, Mapping) else conditional
        if source is None or source == "":
            return None
        if not isinstance(source, str):
            self._fault(line, element, "bad-condition", "隐藏条件应是文字", "The condition is text")
            return None
        try:
            return read_condition(source)
        except FeelError as error:
            self._fault(line, element, "bad-condition", f"隐藏条件：{error.zh}", f"The condition: {error}")
            return None

    def _flag(self, raw: Mapping[str, Any], name: str, *, line: int, element: str) -> bool:
        value = raw.get(name, False)
        if not isinstance(value, bool):
            self._fault(line, element, "bad-flag", f"{name} 应为 true 或 false", f"“{name}” is true or false")
            return False
        return value

    def _whole(self, raw: Mapping[str, Any], name: str, *, line: int, element: str, default: int, largest: int) -> int:
        """A whole number; form-js writes some as text."""
        value = raw.get(name, default)
        if value in (None, ""):
            return default
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:  # noqa: PLR2004
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
            self._fault(
                line,
                element,
                "bad-limit",
                f"{name} 应是 0 至 {largest} 的整数",
                f"“{name}” is a whole number from 0 to {largest}",
            )
            return default
        return value

    def _in_order(self, low: object, high: object, names: str, *, line: int, element: str) -> None:
        if low is not None and high is not None and low > high:  # type: ignore[operator]  # two of one kind
            self._fault(
                line, element, "min-over-max", f"{names}：最小值大于最大值", f"{names}: the least is above the most"
            )

    def _key(self, raw: Mapping[str, Any], name: str, *, line: int, is_list: bool, top: bool) -> str:
        key = raw.get(name)
        if not isinstance(key, str) or not key:
            self._fault(line, _element(raw), "no-key", f"缺少 {name}", f"“{name}” is missing")
            return ""
        fault = fault_of_name(key, is_list=is_list, top=top)
        if fault:
            self._fault(line, key, *fault)
            return ""
        return key

    def _label(self, raw: Mapping[str, Any], *, line: int) -> tuple[str, str]:
        label = raw.get("label")
        if not isinstance(label, str) or not label.strip():
            self._fault(line, _element(raw), "no-label", "缺少标签", "The label is missing")
            return "", ""
        return label, english(raw, "label")

    def _frame(
        self, raw: Mapping[str, Any], *, kind: str, line: int, hide: Condition | None, depth: int, top: bool
    ) -> Component | None:
        element = _element(raw)
        if kind in DISPLAY:
            return Component(kind=kind, key="", line=line, label="", label_en="", hide=hide)
        if depth > MAX_LEVELS:
            self._fault(
                line, element, "too-deep", f"嵌套超过 {MAX_LEVELS} 层", f"Nested deeper than {MAX_LEVELS} levels"
            )
            return None
        if kind == "group":
            if raw.get("path"):
                self._fault(
                    line, element, "group-path", "分组不能有路径", "A group has no path: its answers stand outside"
                )
            inner = tuple(self._components(raw, line=line, depth=depth + 1, top=top))
            return Component(kind=kind, key="", line=line, label="", label_en="", hide=hide, components=inner)
        key = self._key(raw, "path", line=line, is_list=True, top=top)
        label, label_en = self._label(raw, line=line)
        faults_before = len(self.faults)
        inner = tuple(self._components(raw, line=line, depth=depth + 1, top=False))
        self._one_level(inner)
        if not any(level(inner)) and len(self.faults) == faults_before:
            self._fault(line, element, "empty-list", "动态列表里没有字段", "The list has no field")
        properties = _mapping(raw.get("properties"))
        least = self._whole(properties, "minItems", line=line, element=element, default=0, largest=MAX_ROWS)
        most = self._whole(properties, "maxItems", line=line, element=element, default=MAX_ROWS, largest=MAX_ROWS)
        self._in_order(least, most, "minItems/maxItems", line=line, element=element)
        readonly = self._flag(raw, "readonly", line=line, element=element)
        return Component(
            kind=kind,
            key=key,
            line=line,
            label=label,
            label_en=label_en,
            readonly=readonly or self._flag(raw, "disabled", line=line, element=element),
            hide=hide,
            min_items=least,
            max_items=most,
            components=inner,
        )

    def _one_level(self, components: tuple[Component, ...]) -> None:
        seen: set[str] = set()
        for component in level(components):
            if component.key and component.key in seen:
                self._fault(
                    component.line,
                    component.key,
                    "duplicate-key",
                    f"同一层里“{component.key}”重复",
                    f"“{component.key}” is used twice on one level",
                )
            seen.add(component.key)

    def _input(self, raw: Mapping[str, Any], *, kind: str, line: int, hide: Condition | None, top: bool) -> Component:
        key = self._key(raw, "key", line=line, is_list=False, top=top)
        element = key or _element(raw)
        label, label_en = self._input_label(raw, kind=kind, line=line)
        properties, validate = _mapping(raw.get("properties")), _mapping(raw.get("validate"))
        readonly = self._flag(raw, "readonly", line=line, element=element)
        found: dict[str, Any] = {
            "kind": kind,
            "key": key,
            "line": line,
            "label": label,
            "label_en": label_en,
            "hide": hide,
            "readonly": readonly or self._flag(raw, "disabled", line=line, element=element),
            "required": self._flag(validate, "required", line=line, element=element),
        }
        if kind in {"textfield", "textarea"}:
            found |= self._length(validate, line=line, element=element)
        elif kind == "number":
            found |= self._range(raw, validate, line=line, element=element)
        elif kind == "datetime":
            found |= self._date(raw, label=label, line=line, element=element)
        elif kind in CHOICES:
            found |= self._choices(raw, line=line, element=element)
        if kind in MULTIPLE:
            least = self._whole(properties, "minItems", line=line, element=element, default=0, largest=MAX_ROWS)
            most = self._whole(properties, "maxItems", line=line, element=element, default=MAX_ROWS, largest=MAX_ROWS)
            self._in_order(least, most, "minItems/maxItems", line=line, element=element)
            found |= {"min_items": least, "max_items": most}
        found["checks"] = self._checks(properties.get("check"), found, line=line, element=element)
        return Component(**found)

    def _input_label(self, raw: Mapping[str, Any], *, kind: str, line: int) -> tuple[str, str]:
        if kind != "datetime":
            return self._label(raw, line=line)
        subtype = raw.get("subtype")
        name = "timeLabel" if subtype == "time" else "dateLabel"
        named = raw if raw.get("label") else {**raw, "label": raw.get(name), "label_en": english(raw, name)}
        return self._label(named, line=line)

    def _length(self, validate: Mapping[str, Any], *, line: int, element: str) -> dict[str, Any]:
        least = self._whole(validate, "minLength", line=line, element=element, default=0, largest=MAX_TEXT_LENGTH)
        most = self._whole(
            validate, "maxLength", line=line, element=element, default=MAX_TEXT_LENGTH, largest=MAX_TEXT_LENGTH
        )
        self._in_order(least, most, "minLength/maxLength", line=line, element=element)
        found: dict[str, Any] = {"min_length": least, "max_length": most}
        kind = validate.get("validationType") or "custom"
        if kind == "email":
            found["email"] = True
        elif kind != "custom":
            self._fault(
                line,
                element,
                "unsupported-option",
                f"不支持 validationType “{kind}”；电话请用 properties.check = phone",
                f"validationType “{kind}” is not supported; for a telephone use properties.check = phone",
            )
        source = validate.get("pattern") or ""
        if isinstance(source, str) and source:
            try:
                found["pattern"] = compile_pattern(source)
                found["max_length"] = min(most, MAX_INPUT)
            except PatternError as error:
                self._fault(line, element, "unsafe-pattern", error.zh, str(error))
        elif source:
            self._fault(line, element, "unsafe-pattern", "pattern 应是文字", "The pattern is text")
        return found

    def _range(self, raw: Mapping[str, Any], validate: Mapping[str, Any], *, line: int, element: str) -> dict[str, Any]:
        low = self._bound(validate, "min", line=line, element=element)
        high = self._bound(validate, "max", line=line, element=element)
        self._in_order(low, high, "min/max", line=line, element=element)
        if raw.get("serializeToString"):
            self._fault(
                line,
                element,
                "unsupported-option",
                "不支持 serializeToString：数字就是数字",
                "serializeToString is not supported: a number is a number",
            )
        found: dict[str, Any] = {"minimum": low, "maximum": high}
        if raw.get("decimalDigits") is not None:
            found["decimals"] = self._whole(raw, "decimalDigits", line=line, element=element, default=0, largest=15)
        return found

    def _bound(self, validate: Mapping[str, Any], name: str, *, line: int, element: str) -> Decimal | None:
        value = validate.get(name)
        if value in (None, ""):
            return None
        number = Decimal(repr(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
        if number is None or abs(number) > LARGEST:
            self._fault(line, element, "bad-limit", f"{name} 应是数字", f"“{name}” is a number")
            return None
        return number

    def _date(self, raw: Mapping[str, Any], *, label: str, line: int, element: str) -> dict[str, Any]:
        subtype = raw.get("subtype") or "date"
        if subtype not in _DATE_SUBTYPES:
            self._fault(
                line, element, "unknown-type", f"未知的日期类型“{subtype}”", f"Unknown subtype “{subtype}” of {label}"
            )
            subtype = "date"
        return {
            "subtype": subtype,
            "not_past": self._flag(raw, "disallowPassedDates", line=line, element=element),
        }

    def _choices(self, raw: Mapping[str, Any], *, line: int, element: str) -> dict[str, Any]:
        source, values = raw.get("valuesKey"), raw.get("values")
        if raw.get("valuesExpression"):
            self._fault(
                line,
                element,
                "unsupported-option",
                "不支持 valuesExpression，请用 values 或 valuesKey",
                "valuesExpression is not supported; use “values” or “valuesKey”",
            )
            return {}
        if source:
            if source not in OPTION_SOURCES:
                self._fault(
                    line,
                    element,
                    "unknown-options",
                    f"未知的选项来源“{source}”；可用：{'、'.join(sorted(OPTION_SOURCES))}",
                    f"Unknown valuesKey “{source}”; known: {', '.join(sorted(OPTION_SOURCES))}",
                )
                return {}
            return {"values_key": source}
        if not isinstance(values, list) or not values:
            self._fault(line, element, "no-options", "没有可选项", "There is nothing to choose from")
            return {}
        return {"options": tuple(self._options(values, line=line, element=element))}

    def _options(self, values: Sequence[Any], *, line: int, element: str) -> Iterator[Option]:
        seen: set[tuple[type, object]] = set()
        for raw in values:
            value, label = (raw.get("value"), raw.get("label")) if isinstance(raw, Mapping) else (None, None)
            if (
                not isinstance(value, str | int | float | bool)
                or value == ""
                or not isinstance(label, str)
                or not label
            ):
                self._fault(
                    line_of(raw, line),
                    element,
                    "bad-option",
                    "选项应有 label 和 value",
                    "An option has a “label” and a “value”",
                )
                continue
            if (type(value), value) in seen:
                self._fault(
                    line_of(raw, line),
                    element,
                    "duplicate-option",
                    f"选项“{value}”重复",
                    f"The option “{value}” is twice",
                )
            seen.add((type(value), value))
            yield Option(value=value, label=label, label_en=english(raw, "label"))

    def _checks(self, source: object, found: Mapping[str, Any], *, line: int, element: str) -> tuple[Check, ...]:
        if source in (None, ""):
            return ()
        if not isinstance(source, str):
            self._fault(line, element, "unknown-check", "check 应是文字", "“check” is text")
            return ()
        checks = []
        for word in source.replace(",", " ").split():
            name, _, field = word.partition(":")
            if name not in CHECKS or (name == "not_before") != bool(SNAKE_CASE.fullmatch(field)):
                self._fault(
                    line,
                    element,
                    "unknown-check",
                    f"未知的校验“{word}”；可用：{'、'.join(CHECKS)}（not_before:字段）",
                    f"Unknown check “{word}”; known: {', '.join(CHECKS)} (not_before:field)",
                )
            elif found["kind"] not in CHECKS[name] or found.get("subtype") == "time":
                self._fault(
                    line,
                    element,
                    "check-type",
                    f"校验“{name}”不能用于此类组件",
                    f"The check “{name}” does not fit this component",
                )
            else:
                checks.append(Check(name=name, field=field))
        return tuple(checks)


def english(raw: Mapping[str, Any], name: str) -> str:
    """The English wording of a component or option: `label_en` beside the label or among its properties."""
    value = raw.get(f"{name}_en") or _mapping(raw.get("properties")).get(f"{name}_en")
    return value if isinstance(value, str) else ""


def faults_of_references(components: tuple[Component, ...], *, file: str) -> list[Fault]:
    """Conditions that depend on themselves, and dates compared with a field that is not a date."""
    faults: list[Fault] = []
    dates = {part.key for part in everything(components) if part.kind == "datetime" and part.subtype != "time"}
    others = {part.key for part in everything(components) if part.key} - dates
    for part in everything(components):
        faults += [
            Fault(
                file=file,
                line=part.line,
                element=part.key,
                code="check-type",
                zh=f"“{check.field}”不是日期",
                en=f"“{check.field}” is not a date",
            )
            for check in part.checks
            if check.field in others
        ]
    return faults + list(_circles(components, file=file))


def _circles(components: tuple[Component, ...], *, file: str) -> Iterator[Fault]:
    """Whether a field's being hidden depends, through others, on itself; then no order of evaluation is right."""
    reads: dict[str, set[str]] = {}
    lines: dict[str, int] = {}

    def walk(parts: tuple[Component, ...], above: frozenset[str]) -> None:
        for part in parts:
            names = above | (part.hide.names if part.hide else frozenset())
            if part.key:
                reads.setdefault(part.key, set()).update(names)
                lines.setdefault(part.key, part.line)
            walk(part.components, names)

    walk(components, frozenset())
    for key, names_read in reads.items():
        reached, waiting = set[str](), list(names_read)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += reads.get(name, ())
        if key in reached:
            yield Fault(
                file=file,
                line=lines[key],
                element=key,
                code="circular-condition",
                zh=f"“{key}”是否隐藏取决于它自己",
                en=f"Whether “{key}” is hidden depends on itself",
            )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _element(raw: Mapping[str, Any]) -> str:
    for name in ("key", "path", "id", "type"):
        value = raw.get(name)
        if isinstance(value, str) and value:
            return value[:60]
    return ""
