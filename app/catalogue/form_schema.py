"""Reads a form-js schema into components, collecting every fault with its line."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.catalogue.components import DISPLAY, INPUTS, Component, level
from app.catalogue.feel import Condition, FeelError, read_condition
from app.catalogue.form_inputs import MAX_ROWS, is_readonly, read_input
from app.catalogue.located import line_of
from app.catalogue.markup import refused_markup
from app.catalogue.names import ROW_CODE, fault_of_name
from app.catalogue.spot import Spot, element_of, mapping
from app.domain.errors import Fault

SCHEMA_VERSION = 19
MAX_FIELDS = 500
MAX_LEVELS = 6
CASE_ROWS = ("parties", "items")
"""Lists whose rows become rows of the case, matched by their code."""

_NOT_YET = ("iframe", "documentPreview", "filepicker", "image", "expression")
_KINDS = (*INPUTS, *DISPLAY, "group", "dynamiclist")
_TEXTS = ("label", "description", "text", "content", "dateLabel", "timeLabel")


class FormReader:
    """Walks one schema; `faults` has everything that is wrong."""

    def __init__(self, *, file: str) -> None:
        self.faults: list[Fault] = []
        self._start = Spot(file=file, line=1, element="", faults=self.faults)
        self._count = 0
        self._ids: set[str] = set()

    def read(self, schema: Any) -> tuple[Component, ...]:
        """The components of the form; whatever is faulty is left out and noted."""
        if not isinstance(schema, Mapping):
            self._start.fault("not-a-form", "表单应是一个 JSON 对象", "A form is a JSON object")
            return ()
        spot = self._start.at(line=line_of(schema))
        if schema.get("type") != "default":
            spot.at(element="type").fault("not-a-form", "表单的 type 应为 default", "The type of a form is “default”")
        version = schema.get("schemaVersion")
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= SCHEMA_VERSION:
            spot.at(element="schemaVersion").fault(
                "schema-version",
                f"schemaVersion 应为 1 至 {SCHEMA_VERSION}",
                f"schemaVersion is a number from 1 to {SCHEMA_VERSION}",
            )
        components = tuple(self._components(schema, spot, depth=1, top=True))
        _one_level(components, spot)
        return components

    def _components(self, parent: Mapping[str, Any], spot: Spot, *, depth: int, top: bool) -> Iterator[Component]:
        children = parent.get("components", [])
        if not isinstance(children, list):
            spot.fault("not-a-form", "components 应是列表", "“components” is a list")
            return
        for child in children:
            if not isinstance(child, Mapping):
                spot.fault("not-a-form", "组件应是对象", "A component is an object")
                continue
            here = spot.at(line=line_of(child, spot.line), element=element_of(child))
            self._count += 1
            if self._count == MAX_FIELDS + 1:
                here.fault(
                    "too-many-fields",
                    f"一张表单最多 {MAX_FIELDS} 个组件",
                    f"A form has at most {MAX_FIELDS} components",
                )
            if self._count > MAX_FIELDS:
                return
            found = self._component(child, here, depth=depth, top=top)
            if found is not None:
                yield found

    def _component(self, raw: Mapping[str, Any], spot: Spot, *, depth: int, top: bool) -> Component | None:
        kind, identity = raw.get("type"), raw.get("id")
        if isinstance(identity, str):
            if identity in self._ids:
                spot.fault("duplicate-id", f"组件 id “{identity}”重复", f"The id “{identity}” is used twice")
            self._ids.add(identity)
        if kind not in _KINDS:
            if kind in _NOT_YET:
                spot.fault("unsupported-type", f"暂不支持组件“{kind}”", f"“{kind}” is not supported")
            else:
                spot.fault("unknown-type", f"未知的组件类型“{kind}”", f"Unknown component type “{kind}”")
            return None
        _read_texts(raw, spot)
        hide = _read_hide(raw, spot)
        if kind in INPUTS:
            key = _read_key(raw, "key", spot, is_list=False, top=top)
            return read_input(raw, spot, kind=kind, key=key, hide=hide)
        if kind in DISPLAY:
            return Component(kind=kind, key="", line=spot.line, label="", label_en="", hide=hide)
        if depth > MAX_LEVELS:
            spot.fault("too-deep", f"嵌套超过 {MAX_LEVELS} 层", f"Nested deeper than {MAX_LEVELS} levels")
            return None
        if kind == "group":
            return self._group(raw, spot, hide=hide, depth=depth, top=top)
        return self._list(raw, spot, hide=hide, depth=depth, top=top)

    def _group(self, raw: Mapping[str, Any], spot: Spot, *, hide: Condition | None, depth: int, top: bool) -> Component:
        if raw.get("path"):
            spot.fault("group-path", "分组不能有路径", "A group has no path: its answers stand outside")
        inner = tuple(self._components(raw, spot, depth=depth + 1, top=top))
        return Component(kind="group", key="", line=spot.line, label="", label_en="", hide=hide, components=inner)

    def _list(self, raw: Mapping[str, Any], spot: Spot, *, hide: Condition | None, depth: int, top: bool) -> Component:
        key = _read_key(raw, "path", spot, is_list=True, top=top)
        label, label_en = spot.label(raw)
        faults_before = len(self.faults)
        inner = tuple(self._components(raw, spot, depth=depth + 1, top=False))
        _one_level(inner, spot)
        if not any(level(inner)) and len(self.faults) == faults_before:
            spot.fault("empty-list", "动态列表里没有字段", "The list has no field")
        elif top and key in CASE_ROWS and not any(part.key == ROW_CODE for part in level(inner)):
            spot.fault("no-row-code", f"“{key}”的每一行都要有 code", f"Each row of “{key}” has a “code”")
        properties = mapping(raw.get("properties"))
        least, most = spot.range(properties, "minItems", "maxItems", largest=MAX_ROWS)
        custody_by = properties.get("custodyBy", "")
        if custody_by and (not top or key != "items"):
            spot.fault("misplaced-custody", "custodyBy 只用于物品列表", "“custodyBy” belongs on the list of items")
        return Component(
            kind="dynamiclist",
            key=key,
            line=spot.line,
            label=label,
            label_en=label_en,
            readonly=is_readonly(raw, spot),
            hide=hide,
            min_items=least,
            max_items=most,
            custody_by=str(custody_by),
            components=inner,
        )


def _one_level(components: tuple[Component, ...], spot: Spot) -> None:
    seen: set[str] = set()
    for component in level(components):
        if component.key and component.key in seen:
            spot.at(line=component.line, element=component.key).fault(
                "duplicate-key",
                f"同一层里“{component.key}”重复",
                f"“{component.key}” is used twice on one level",
            )
        seen.add(component.key)


def _read_key(raw: Mapping[str, Any], name: str, spot: Spot, *, is_list: bool, top: bool) -> str:
    key = raw.get(name)
    if not isinstance(key, str) or not key:
        spot.fault("no-key", f"缺少 {name}", f"“{name}” is missing")
        return ""
    fault = fault_of_name(key, is_list=is_list, top=top)
    if fault:
        spot.fault(*fault)
        return ""
    return key


def _read_texts(raw: Mapping[str, Any], spot: Spot) -> None:
    properties = mapping(raw.get("properties"))
    for name in (*_TEXTS, *(f"{text}_en" for text in _TEXTS)):
        for value in (raw.get(name), properties.get(name)):
            _read_text(value, name, spot)
    for value in mapping(raw.get("appearance")).values():
        _read_text(value, "appearance", spot)


def _read_text(value: object, name: str, spot: Spot) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        spot.fault("bad-text", f"{name} 应是文字", f"“{name}” is text")
    elif value.startswith("=") or "{{" in value:
        spot.fault(
            "template-syntax",
            f"{name} 只能是文字，不能以“=”开头或含“{{{{”",
            f"“{name}” is plain text: it cannot begin with “=” or contain “{{{{”",
        )
    elif name.removesuffix("_en") in {"text", "content"}:
        refused = refused_markup(value)
        if refused:
            spot.fault("unsafe-markup", f"{name} 中不允许“{refused}”", f"“{refused}” is not allowed in “{name}”")


def _read_hide(raw: Mapping[str, Any], spot: Spot) -> Condition | None:
    conditional = raw.get("conditional")
    source = conditional.get("hide") if isinstance(conditional, Mapping) else conditional
    if source is None or source == "":
        return None
    if not isinstance(source, str):
        spot.fault("bad-condition", "隐藏条件应是文字", "The condition is text")
        return None
    try:
        return read_condition(source)
    except FeelError as error:
        spot.fault("bad-condition", f"隐藏条件：{error.zh}", f"The condition: {error}")
        return None
