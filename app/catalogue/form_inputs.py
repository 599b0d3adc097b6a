"""Reads one input of a form-js schema: what it takes, within which limits, from which choices."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.catalogue.components import CHOICES, MULTIPLE, Check, Component, Option
from app.catalogue.feel import Condition
from app.catalogue.located import line_of
from app.catalogue.names import SNAKE_CASE
from app.catalogue.patterns import MAX_INPUT, PatternError, compile_pattern
from app.catalogue.spot import Spot, english, mapping

MAX_TEXT_LENGTH = 5000
MAX_ROWS = 500
MAX_DECIMALS = 15

AGENCY_KINDS = ("adm", "pol", "proc", "crt", "det", "exec", "hot", "c110", "coord", "sup")
OPTION_SOURCES = frozenset({"officers", "parties", *(f"agencies_{kind}" for kind in AGENCY_KINDS)})
"""What a choice may be filled with when the task is opened (`valuesKey`): own officers, agencies of a kind."""

CHECKS: Mapping[str, frozenset[str]] = {
    "id_number": frozenset({"textfield"}),
    "uscc": frozenset({"textfield"}),
    "phone": frozenset({"textfield"}),
    "not_future": frozenset({"datetime"}),
    "not_before": frozenset({"datetime"}),
}
"""What `properties.check` may ask, and of which component."""

_DATE_SUBTYPES = ("date", "time", "datetime")


def read_input(raw: Mapping[str, Any], spot: Spot, *, kind: str, key: str, hide: Condition | None) -> Component:
    """The component; whatever is faulty is noted at the spot and left at its default."""
    properties, validate = mapping(raw.get("properties")), mapping(raw.get("validate"))
    label, label_en = spot.label(raw, _label_name(raw, kind))
    found: dict[str, Any] = {
        "kind": kind,
        "key": key,
        "line": spot.line,
        "label": label,
        "label_en": label_en,
        "hide": hide,
        "readonly": is_readonly(raw, spot),
        "required": spot.flag(validate, "required"),
    }
    if kind in {"textfield", "textarea"}:
        found |= _length(validate, spot)
    elif kind == "number":
        found |= _range(raw, validate, spot)
    elif kind == "datetime":
        found |= _date(raw, spot)
    elif kind in CHOICES:
        found |= _choices(raw, spot)
    if kind in MULTIPLE:
        found["min_items"], found["max_items"] = spot.range(properties, "minItems", "maxItems", largest=MAX_ROWS)
    found["checks"] = tuple(_checks(properties.get("check"), found, spot))
    return Component(**found)


def is_readonly(raw: Mapping[str, Any], spot: Spot) -> bool:
    """Whether an officer sees it and cannot change it."""
    readonly, disabled = spot.flag(raw, "readonly"), spot.flag(raw, "disabled")
    return readonly or disabled


def _label_name(raw: Mapping[str, Any], kind: str) -> str:
    if kind != "datetime" or raw.get("label"):
        return "label"
    return "timeLabel" if raw.get("subtype") == "time" else "dateLabel"


def _length(validate: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
    least, most = spot.range(validate, "minLength", "maxLength", largest=MAX_TEXT_LENGTH)
    found: dict[str, Any] = {"min_length": least, "max_length": most}
    kind = validate.get("validationType") or "custom"
    if kind == "email":
        found["email"] = True
    elif kind != "custom":
        spot.fault(
            "unsupported-option",
            f"不支持 validationType “{kind}”；电话请用 properties.check = phone",
            f"validationType “{kind}” is not supported; for a telephone use properties.check = phone",
        )
    source = validate.get("pattern") or ""
    if not isinstance(source, str):
        spot.fault("unsafe-pattern", "pattern 应是文字", "The pattern is text")
    elif source:
        try:
            found["pattern"] = compile_pattern(source)
            found["max_length"] = min(most, MAX_INPUT)
        except PatternError as error:
            spot.fault("unsafe-pattern", error.zh, str(error))
    return found


def _range(raw: Mapping[str, Any], validate: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
    low, high = spot.number(validate, "min"), spot.number(validate, "max")
    spot.in_order(low, high, "min/max")
    if raw.get("serializeToString"):
        spot.fault(
            "unsupported-option",
            "不支持 serializeToString：数字就是数字",
            "serializeToString is not supported: a number is a number",
        )
    found: dict[str, Any] = {"minimum": low, "maximum": high}
    if raw.get("decimalDigits") is not None:
        found["decimals"] = spot.whole(raw, "decimalDigits", default=0, largest=MAX_DECIMALS)
    return found


def _date(raw: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
    subtype = raw.get("subtype") or "date"
    if subtype not in _DATE_SUBTYPES:
        spot.fault("unknown-type", f"未知的日期类型“{subtype}”", f"Unknown subtype “{subtype}”")
        subtype = "date"
    return {"subtype": subtype, "not_past": spot.flag(raw, "disallowPassedDates")}


def _choices(raw: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
    source, values = raw.get("valuesKey"), raw.get("values")
    if raw.get("valuesExpression"):
        spot.fault(
            "unsupported-option",
            "不支持 valuesExpression，请用 values 或 valuesKey",
            "valuesExpression is not supported; use “values” or “valuesKey”",
        )
        return {}
    if source:
        if not isinstance(source, str) or source not in OPTION_SOURCES:
            spot.fault(
                "unknown-options",
                f"未知的选项来源“{source}”；可用：{'、'.join(sorted(OPTION_SOURCES))}",
                f"Unknown valuesKey “{source}”; known: {', '.join(sorted(OPTION_SOURCES))}",
            )
            return {}
        return {"values_key": source}
    if not isinstance(values, list) or not values:
        spot.fault("no-options", "没有可选项", "There is nothing to choose from")
        return {}
    return {"options": tuple(_options(values, spot))}


def _options(values: Sequence[Any], spot: Spot) -> Iterator[Option]:
    seen: set[tuple[type, object]] = set()
    for raw in values:
        here = spot.at(line=line_of(raw, spot.line))
        value, label = mapping(raw).get("value"), mapping(raw).get("label")
        if not isinstance(value, str | int | float | bool) or value == "" or not isinstance(label, str) or not label:
            here.fault("bad-option", "选项应有 label 和 value", "An option has a “label” and a “value”")
            continue
        if (type(value), value) in seen:
            here.fault("duplicate-option", f"选项“{value}”重复", f"The option “{value}” is there twice")
        seen.add((type(value), value))
        yield Option(value=value, label=label, label_en=english(raw, "label"))


def _checks(source: object, found: Mapping[str, Any], spot: Spot) -> Iterator[Check]:
    if source is not None and not isinstance(source, str):
        spot.fault("unknown-check", "check 应是文字", "“check” is text")
        return
    for word in (source or "").replace(",", " ").split():
        name, _, field = word.partition(":")
        if name not in CHECKS or (name == "not_before") != bool(SNAKE_CASE.fullmatch(field)):
            spot.fault(
                "unknown-check",
                f"未知的校验“{word}”；可用：{'、'.join(CHECKS)}（not_before:字段）",
                f"Unknown check “{word}”; known: {', '.join(CHECKS)} (not_before:field)",
            )
        elif found["kind"] not in CHECKS[name] or found.get("subtype") == "time":
            spot.fault("check-type", f"校验“{name}”不能用于此类组件", f"The check “{name}” does not fit this component")
        else:
            yield Check(name=name, field=field)
