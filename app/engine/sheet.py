"""The elements of one file, with what every reader of them needs: their names, texts, properties, and the faults."""

import re
from collections.abc import Collection, Iterator

from lxml import etree

from app.engine import elements
from app.engine.elements import BPMN, SPIFF
from app.engine.faults import Faults

RESERVED_IDS = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})
ID = re.compile(r"(?:[A-Z][A-Za-z]*|[a-z][a-z0-9]*)(?:_[a-z0-9]+)*", re.ASCII)
NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
MAX_ID = 100


def local(element: etree._Element) -> str:
    """The tag of an element without its namespace."""
    return str(etree.QName(element).localname)


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The BPMN children with one of these tags."""
    return element.iterchildren(*(f"{{{BPMN}}}{name}" for name in names))


def text_of(element: etree._Element | None) -> str:
    """The text of an element, stripped; a missing element has none."""
    return "".join(str(part) for part in element.itertext()).strip() if element is not None else ""


def line_of(element: etree._Element) -> int:
    """The line an element begins on, from 1."""
    line = element.sourceline
    return line if isinstance(line, int) and line > 0 else 1


def plain(reference: str) -> str:
    """A QName reference without its prefix."""
    return reference.rpartition(":")[2]


class Sheet:
    """One file; `messages` are the ids of the messages it defines."""

    def __init__(self, faults: Faults, messages: Collection[str]) -> None:
        self._faults = faults
        self._messages = messages

    def note(self, code: str, element: etree._Element, zh: str, en: str, *, named: str = "") -> None:
        """Note a fault of an element, under its id, its tag or another name."""
        self._faults.add(code, named or element.get("id") or local(element), line_of(element), zh, en)

    def identify(self, element: etree._Element, zh: str, en: str) -> str | None:
        """Give the id of an element, with a fault when it has none or a bad one; zh and en say what the element is."""
        identifier = element.get("id")
        if not identifier:
            self.note("missing-id", element, f"{zh}没有标识（id）", f"A {en} has no id")
            return None
        if identifier in RESERVED_IDS:
            self.note(
                "reserved-id",
                element,
                f"标识“{identifier}”由系统使用，请换一个",
                f"The id “{identifier}” belongs to the engine, choose another",
            )
        elif not ID.fullmatch(identifier) or len(identifier) > MAX_ID:
            self.note(
                "bad-id",
                element,
                f"标识“{identifier[:MAX_ID]}”只能用英文字母、数字和下划线，如 Task_accept_review",
                f"The id “{identifier[:MAX_ID]}” is not snake_case ASCII such as Task_accept_review",
            )
        return identifier

    def extensions(self, element: etree._Element, name: str) -> Iterator[etree._Element]:
        """The extension elements of the dialect with this tag."""
        for holder in children(element, "extensionElements"):
            yield from holder.iterchildren(f"{{{SPIFF}}}{name}")

    def properties(self, element: etree._Element, kind: str | None) -> dict[str, str]:
        """The properties of an element, each checked to belong on a node of its kind (None: on no node)."""
        found: dict[str, str] = {}
        for holder in self.extensions(element, "properties"):
            for entry in holder.iterchildren(f"{{{SPIFF}}}property"):
                name, value = entry.get("name") or "", (entry.get("value") or "").strip()
                if name in found:
                    self.note("property-twice", element, f"属性“{name}”写了两次", f"The property “{name}” is set twice")
                found[name] = value
                self._check_property(element, kind, name, value)
        return found

    def _check_property(self, element: etree._Element, kind: str | None, name: str, value: str) -> None:
        if name == "name_en":
            return
        places = elements.PROPERTIES.get(name)
        if places is None:
            self.note("unknown-property", element, f"没有属性“{name}”", f"There is no property “{name}”")
        elif kind not in places:
            self.note(
                "misplaced-property",
                element,
                f"属性“{name}”不能写在这里",
                f"The property “{name}” does not belong here",
            )
        elif value.startswith("="):
            if name not in elements.COMPUTED:
                self.note(
                    "bad-property",
                    element,
                    f"属性“{name}”不能是表达式",
                    f"The property “{name}” cannot be an expression",
                )
        elif not value:
            self.note("bad-property", element, f"属性“{name}”是空的", f"The property “{name}” is empty")
        elif name in elements.SWITCHES and value not in {"true", "false"}:
            self.note(
                "bad-property", element, f"属性“{name}”只能是 true 或 false", f"The property “{name}” is true or false"
            )
        else:
            self._check_value(element, name, value)

    def _check_value(self, element: etree._Element, name: str, value: str) -> None:
        if name == "deadline_start" and not NAME.fullmatch(value):
            self.note("bad-property", element, f"“{value}”不是变量名", f"“{value}” in “{name}” is not a variable name")
        elif name == "handover" and value not in elements.HANDOVER_STEPS:
            steps = " ".join(elements.HANDOVER_STEPS)
            self.note("bad-property", element, f"“{name}”应为 {steps} 之一", f"“{name}” is one of {steps}")
        elif name == "receipt" and value not in self._messages:
            self.note("unknown-message", element, f"没有定义消息“{value}”", f"The message “{value}” is not defined")
