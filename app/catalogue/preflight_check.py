"""Holds the checks of a package against the rest of the bundle: nothing they name may be missing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.catalogue.components import everything, level
from app.catalogue.forms import Form
from app.catalogue.names import LIST_NAMES
from app.catalogue.preflight import FOUND, PAGES, PackageCheck
from app.catalogue.variables import Known
from app.domain.errors import Fault
from app.domain.numbering import faults_of_pattern
from app.domain.rules import Register
from app.engine.diagram import Diagram, Node
from app.engine.model import PEOPLE_TASKS
from app.engine.translation import Call

HANDOVER_ANSWERS = frozenset({"to_agency", "place", "number", "signers", "items"})
"""What the page of a hand-over answers for a task that lists items, which has no form."""

_LISTS = {"attachments_without": "attachments", "items_without": "items", "parties_without": "parties"}


@dataclass(frozen=True, kw_only=True)
class PreflightCheck:
    """The checks of one process beside everything they may name. `names` are the facts of the whole tree.

    `complete` is false while a form is broken: then nothing is said of names nobody gives.
    """

    file: str
    checks: Sequence[PackageCheck]
    diagram: Diagram
    forms: Mapping[str, Form]
    codes: Collection[str]
    register: Register
    known: Mapping[str, Known]
    names: frozenset[str]
    complete: bool

    def faults(self) -> Iterator[Fault]:
        """Everything that does not fit."""
        for check in self.checks:
            node = self.diagram.nodes.get(check.task)
            if node is None or node.kind not in PEOPLE_TASKS:
                yield self._fault(
                    check,
                    "unknown-task",
                    f"流程图中没有人工任务“{check.task}”",
                    f"The diagram has no task of a person “{check.task}”",
                )
                continue
            yield from self._unknown_names(check, node)
            yield from self._mended(check, node)
            for call in check.when.calls:
                yield from self._call(check, call)

    def _fault(self, check: PackageCheck, code: str, zh: str, en: str) -> Fault:
        return Fault(file=self.file, line=check.line, element=check.id, code=code, zh=zh, en=en)

    def _unknown_names(self, check: PackageCheck, node: Node) -> Iterator[Fault]:
        known = self.known[node.pool]
        if known.open or not self.complete:
            return
        names = self.names | known.names | LIST_NAMES
        if node.properties.get("handover") == "list":
            names |= HANDOVER_ANSWERS
        for place, read in (("when", check.when.names), ("zh/en", check.placeholders - {FOUND})):
            for name in sorted(read - names):
                if not name.startswith("person_") or not any(pool.subject for pool in self.diagram.pools):
                    yield self._fault(
                        check,
                        "unknown-name",
                        f"{place} 中的“{name}”没有任何表单、消息、脚本或结果提供",
                        f"No form, message, script or result gives “{name}”, which {place} reads",
                    )

    def _mended(self, check: PackageCheck, node: Node) -> Iterator[Fault]:
        form = self.forms.get(node.properties.get("form", ""))
        if form is None and "form" in node.properties:
            return
        fields = form.collected if form else frozenset()
        if check.mend in fields | PAGES or (not check.mend and not check.blocks):
            return
        yield self._fault(
            check,
            "unknown-mend",
            f"mend 应为任务表单的字段或者 {'、'.join(sorted(PAGES))}，而不是“{check.mend}”",
            f"“mend” is a field of the task's form or one of {', '.join(sorted(PAGES))}, not “{check.mend}”",
        )

    def _call(self, check: PackageCheck, call: Call) -> Iterator[Fault]:
        word = call.argument
        if word is None:
            return
        if call.function in {"issued", "received"} and word not in self.codes:
            yield self._fault(check, "unknown-document", f"没有文书“{word}”", f"There is no document “{word}”")
        elif call.function in {"overdue", "due"} and word not in self.register:
            yield self._fault(
                check, "unknown-deadline", f"期限登记册中没有 {word}", f"The register has no limit {word}"
            )
        elif call.function == "attached" and word not in self._kinds({word}):
            yield self._fault(
                check, "unknown-kind", f"随案材料没有“{word}”这一种类", f"No list of attachments has the kind “{word}”"
            )
        elif call.function in _LISTS and word not in self._fields(_LISTS[call.function], {word}):
            yield self._fault(
                check,
                "unknown-field",
                f"没有表单的 {_LISTS[call.function]} 列表有“{word}”字段",
                f"No list “{_LISTS[call.function]}” of a form has the field “{word}”",
            )
        elif call.function == "number_fits":
            for fault in faults_of_pattern(word):
                yield self._fault(check, "bad-number", f"number_fits：{fault.zh}", f"number_fits: {fault.en}")

    def _fields(self, name: str, otherwise: set[str]) -> set[str]:
        """The fields that rows of a list have in any form of the process; where no form has it nothing is said."""
        lists = [
            part for form in self.forms.values() for part in level(form.components) if part.is_list and part.key == name
        ]
        return {field.key for part in lists for field in level(part.components)} or otherwise

    def _kinds(self, otherwise: set[str]) -> set[str]:
        """The kinds of attachment that may be chosen in any form of the process."""
        found = {
            str(option.value)
            for form in self.forms.values()
            for part in level(form.components)
            if part.is_list and part.key == "attachments"
            for field in everything(part.components)
            if field.key == "kind"
            for option in field.options
        }
        return found or otherwise
