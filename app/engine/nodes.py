"""Reads one node of a diagram: a task, gateway, event or sub-process, with all that its kind carries."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from app.engine import elements
from app.engine.elements import NAMES, SPIFF
from app.engine.model import Lane, Node
from app.engine.sheet import NAME, Sheet, children, line_of, local, plain, text_of


class NodeReader:
    """Reads the nodes of one file."""

    def __init__(
        self, sheet: Sheet, *, messages: Mapping[str, str], errors: Mapping[str, str], lanes: Mapping[str, Lane]
    ) -> None:
        self._sheet = sheet
        self._messages = messages
        self._errors = errors
        self._lanes = lanes

    def read(
        self, element: etree._Element, kind: str, *, pool: str, parent: str | None, lane: Lane | None
    ) -> Node | None:
        """Read a node; `lane` is that of the sub-process around it. Without an id there is no node."""
        zh, en = NAMES[kind]
        identifier = self._sheet.identify(element, zh, en)
        if not identifier:
            return None
        own = self._lanes.get(identifier, lane)
        properties = self._sheet.properties(element, kind)
        node = Node(
            id=identifier,
            name=element.get("name") or "",
            name_en=properties.pop("name_en", ""),
            kind=kind,
            pool=pool,
            line=line_of(element),
            lane=own.id if own else None,
            role=own.role if own else None,
            parent=parent,
            position=elements.POSITIONS.get(kind),
            properties=properties,
            default=element.get("default"),
            attached_to=element.get("attachedToRef"),
            instructions=text_of(next(self._sheet.extensions(element, "instructionsForEndUser"), None)),
            instructions_en=text_of(next(children(element, "documentation"), None)),
            **self._details(element, kind),
        )
        self._check_extensions(element)
        for loop in children(element, *elements.LOOPS):
            self._sheet.note(
                "unsupported-loop",
                loop,
                f"不支持循环或多实例标记（“{identifier}”）",
                f"Loop and multi-instance markers cannot be executed (“{identifier}”)",
                named=identifier,
            )
        if element.get("triggeredByEvent") in {"true", "1"}:
            self._sheet.note("event-sub-process", element, "不支持事件子流程", "Event sub-processes cannot be executed")
        return node

    def _details(self, element: etree._Element, kind: str) -> dict[str, Any]:
        if kind in elements.EVENTS:
            return self._event(element, kind)
        if kind in {"sendTask", "receiveTask"}:
            return {"event": "message", **self._message(element)}
        if kind == "scriptTask":
            return {"script": text_of(next(children(element, "script"), None))}
        if kind == "businessRuleTask":
            return {"decision": text_of(next(self._sheet.extensions(element, "calledDecisionId"), None))}
        if kind == "serviceTask":
            return self._service(element)
        return {}

    def _event(self, element: etree._Element, kind: str) -> dict[str, Any]:
        definitions = [child for child in element.iterchildren() if local(child).endswith("EventDefinition")]
        references = list(children(element, "eventDefinitionRef"))
        zh, en = NAMES[kind]
        if len(definitions) + len(references) > 1:
            self._sheet.note(
                "several-events", element, "一个事件只能有一个触发条件", "An event may have one event definition only"
            )
        if references:
            self._sheet.note(
                "unsupported-event", element, "不支持引用事件定义", "References to event definitions cannot be executed"
            )
        if not definitions:
            if kind not in elements.MAY_BE_NONE and not references:
                self._sheet.note(
                    "no-event", element, f"{zh}没有触发条件（消息或定时）", f"The {en} says not what it waits for"
                )
            return {}
        definition = definitions[0]
        event = local(definition).removesuffix("EventDefinition")
        if event not in elements.EVENTS[kind]:
            self._sheet.note(
                "unsupported-event", element, f"{zh}不支持“{event}”", f"A {en} of type “{event}” cannot be executed"
            )
            return {}
        details: dict[str, Any] = {"event": event}
        if kind == "boundaryEvent":
            details["interrupting"] = element.get("cancelActivity", "true") not in {"false", "0"}
        if event == "message":
            details.update(self._message(element, definition))
        elif event == "timer":
            details.update(self._timer(element, definition))
        elif event == "error":
            details["error_code"] = self._error(element, definition)
        return details

    def _message(self, element: etree._Element, definition: etree._Element | None = None) -> dict[str, Any]:
        holders = [element] if definition is None else [definition, element]
        if definition is None:
            holders = [element, *children(element, "messageEventDefinition")]
        reference = next((plain(holder.get("messageRef") or "") for holder in holders if holder.get("messageRef")), "")
        if not reference:
            self._sheet.note("no-message", element, "没有选择消息（messageRef）", "No message is chosen (messageRef)")
        elif reference not in self._messages:
            self._sheet.note(
                "unknown-message", element, f"没有定义消息“{reference}”", f"The message “{reference}” is not defined"
            )
        payload = next(element.iter(f"{{{SPIFF}}}messagePayload"), None)
        variable = text_of(next(element.iter(f"{{{SPIFF}}}messageVariable"), None))
        if variable and not NAME.fullmatch(variable):
            self._sheet.note(
                "bad-variable", element, f"变量名“{variable}”无效", f"“{variable}” is not a variable name (snake_case)"
            )
        return {
            "message": reference or None,
            "payload": None if payload is None else text_of(payload),
            "message_variable": variable or None,
        }

    def _timer(self, element: etree._Element, definition: etree._Element) -> dict[str, Any]:
        found = list(children(definition, "timeDate", "timeDuration", "timeCycle"))
        if len(found) != 1 or not text_of(found[0]):
            self._sheet.note("no-timer", element, "定时事件没有写时间", "The timer event says not when")
            return {"timer": ""}
        return {"timer": text_of(found[0]), "timer_repeats": local(found[0]) == "timeCycle"}

    def _error(self, element: etree._Element, definition: etree._Element) -> str | None:
        reference = plain(definition.get("errorRef") or "")
        if not reference:
            return None
        if reference not in self._errors:
            self._sheet.note(
                "unknown-error", element, f"没有定义错误“{reference}”", f"The error “{reference}” is not defined"
            )
        return self._errors.get(reference, reference)

    def _service(self, element: etree._Element) -> dict[str, Any]:
        operator = next(self._sheet.extensions(element, "serviceTaskOperator"), None)
        if operator is None or not operator.get("id"):
            self._sheet.note(
                "no-operator",
                element,
                "服务任务没有选择操作（serviceTaskOperator）",
                "The service task has no operator (serviceTaskOperator)",
            )
            return {}
        variable = operator.get("resultVariable") or None
        if variable and not NAME.fullmatch(variable):
            self._sheet.note(
                "bad-variable", element, f"变量名“{variable}”无效", f"“{variable}” is not a variable name (snake_case)"
            )
        parameters: dict[str, str] = {}
        for parameter in operator.iter(f"{{{SPIFF}}}parameter"):
            name = parameter.get("id") or ""
            if not NAME.fullmatch(name) or name in parameters:
                self._sheet.note(
                    "bad-parameter", element, f"参数名“{name}”无效或重复", f"The parameter “{name}” is not a new name"
                )
            parameters[name] = parameter.get("value") or ""
        return {"operator": operator.get("id"), "result_variable": variable, "parameters": parameters}

    def _check_extensions(self, element: etree._Element) -> None:
        for holder in children(element, "extensionElements"):
            for extension in holder.iterchildren(f"{{{SPIFF}}}*"):
                if local(extension) not in elements.EXTENSIONS:
                    self._sheet.note(
                        "unknown-extension",
                        element,
                        f"不支持扩展“{local(extension)}”",
                        f"The extension “{local(extension)}” is not part of the dialect",
                    )
