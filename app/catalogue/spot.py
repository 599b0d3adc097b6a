"""A place in a form: where a fault is noted, and how plain attributes are read from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.catalogue.answer_fields import LARGEST
from app.domain.errors import Fault

_DIGITS = 9


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A component of a form; all spots of one form share the list of faults."""

    file: str
    line: int
    element: str
    faults: list[Fault] = field(default_factory=list)

    def at(self, *, line: int | None = None, element: str | None = None) -> "Spot":
        """Another place in the same form."""
        return replace(self, line=line or self.line, element=self.element if element is None else element)

    def fault(self, code: str, zh: str, en: str) -> None:
        """Note what is wrong here."""
        self.faults.append(Fault(file=self.file, line=self.line, element=self.element, code=code, zh=zh, en=en))

    def flag(self, raw: Mapping[str, Any], name: str) -> bool:
        """True or false; anything else is noted and counts as false."""
        value = raw.get(name, False)
        if not isinstance(value, bool):
            self.fault("bad-flag", f"{name} 应为 true 或 false", f"“{name}” is true or false")
            return False
        return value

    def whole(self, raw: Mapping[str, Any], name: str, *, default: int, largest: int) -> int:
        """A whole number from 0; form-js writes some as text."""
        value = raw.get(name, default)
        if value in (None, ""):
            return default
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
            self.fault(
                "bad-limit", f"{name} 应是 0 至 {largest} 的整数", f"“{name}” is a whole number from 0 to {largest}"
            )
            return default
        return value

    def number(self, raw: Mapping[str, Any], name: str) -> Decimal | None:
        """A number, or None when there is none."""
        value = raw.get(name)
        if value in (None, ""):
            return None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not -LARGEST <= value <= LARGEST:
            self.fault("bad-limit", f"{name} 应是数字", f"“{name}” is a number")
            return None
        return Decimal(repr(value))

    def range(self, raw: Mapping[str, Any], low: str, high: str, *, largest: int) -> tuple[int, int]:
        """Two whole numbers, the least first."""
        least = self.whole(raw, low, default=0, largest=largest)
        most = self.whole(raw, high, default=largest, largest=largest)
        self.in_order(least, most, f"{low}/{high}")
        return least, most

    def in_order(self, low: Decimal | int | None, high: Decimal | int | None, names: str) -> None:
        """Note when the least is above the most."""
        if low is not None and high is not None and low > high:
            self.fault("min-over-max", f"{names}：最小值大于最大值", f"{names}: the least is above the most")

    def label(self, raw: Mapping[str, Any], name: str = "label") -> tuple[str, str]:
        """The label in Chinese, which must be there, and in English, which may be."""
        label = raw.get(name)
        if not isinstance(label, str) or not label.strip():
            self.fault("no-label", "缺少标签", "The label is missing")
            return "", ""
        return label, english(raw, name)


def english(raw: Mapping[str, Any], name: str) -> str:
    """The English wording of a component or option: `label_en` beside the label or among its properties."""
    value = raw.get(f"{name}_en") or mapping(raw.get("properties")).get(f"{name}_en")
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Mapping[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def element_of(raw: Mapping[str, Any]) -> str:
    """What to call a component in a fault: its key, path, id or type."""
    for name in ("key", "path", "id", "type"):
        value = raw.get(name)
        if isinstance(value, str) and value:
            return value[:60]
    return ""
