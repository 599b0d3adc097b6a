"""Holds the parts of a bundle against each other: the diagram is the index, and nothing it names may be missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.catalogue.document_head import ANY
from app.catalogue.documents import CONTEXT, DocumentTemplate
from app.catalogue.forms import Form
from app.catalogue.letters import message_faults
from app.catalogue.operators import OPERATORS
from app.catalogue.preflight import PackageCheck
from app.catalogue.preflight_check import PreflightCheck
from app.catalogue.register import Roles
from app.catalogue.tree import form_path, preflight_path
from app.catalogue.variables import Known, Senders, known_names, literal_text, receives
from app.domain.errors import Fault
from app.domain.rules import Register
from app.engine.diagram import Diagram, Node, Pool
from app.engine.rules import Table

PARTY_PREFIX = "person_"
"""How the fields of the row of the party are called that a process is about."""

CASE_FACTS = frozenset({"case_name", "charge"})
"""What is known of every case from the moment it is opened."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the whole tree gives to a process: facts its forms collect, messages other pools send.

    `complete` is false while a form is broken: then nothing is said of facts nobody collects.
    """

    collected: frozenset[str]
    complete: bool
    sent: Senders


@dataclass(frozen=True, kw_only=True)
class CrossCheck:
    """One process with everything that was found for it. `faults` are refused, `warnings` only told."""

    diagram: Diagram
    forms: Mapping[str, Form]
    form_names: frozenset[str]
    preflight: Sequence[PackageCheck]
    documents: Mapping[str, DocumentTemplate]
    document_paths: Mapping[str, list[str]]
    decisions: Mapping[str, Table]
    register: Register
    roles: Roles
    around: Surroundings
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def run(self) -> None:
        """Note everything that does not fit."""
        known = {pool.process_id: self._known(pool) for pool in self.diagram.pools}
        for pool in self.diagram.pools:
            self._lanes(pool)
        for node in self.diagram.nodes.values():
            self._form(node)
            self._deadline(node, known[node.pool])
            self._receipt(node)
            self._enclosed(node)
            self._operator(node, known[node.pool])
            self._decision(node, known[node.pool])
        self.faults.extend(message_faults(self.diagram))
        self._expressions(known)
        self._form_references(known)
        self._packages(known)
        self._unused_forms()

    def _fault(self, node: Node, code: str, zh: str, en: str) -> None:
        self.faults.append(Fault(file=self.diagram.file, line=node.line, element=node.id, code=code, zh=zh, en=en))

    def _known(self, pool: Pool) -> Known:
        return known_names(
            self.diagram, pool.process_id, forms=self.forms, decisions=self.decisions, elsewhere=self.around.sent
        )

    def _lanes(self, pool: Pool) -> None:
        for lane in pool.lanes:
            role = self.roles.roles.get(lane.role)
            if role is not None and self.roles.serves(lane.role, pool.kinds):
                continue
            line = line_of_id(self.diagram.xml, lane.id)
            if role is None:
                code, zh, en = (
                    "unknown-role",
                    f"角色“{lane.role}”不在 roles.yaml 中",
                    f"The role “{lane.role}” is not in roles.yaml",
                )
            else:
                code, zh, en = (
                    "foreign-role",
                    f"角色“{lane.role}”属于“{role.kind}”，泳池属于“{' '.join(pool.kinds)}”",
                    f"The role “{lane.role}” belongs to “{role.kind}”, the pool to “{' '.join(pool.kinds)}”",
                )
            self.faults.append(Fault(file=self.diagram.file, line=line, element=lane.id, code=code, zh=zh, en=en))

    def _form(self, node: Node) -> None:
        name = node.properties.get("form")
        if name and name not in self.form_names:
            path = form_path(self.diagram.id, name)
            self._fault(node, "unknown-form", f"没有表单 {path}", f"There is no form {path}")

    def _deadline(self, node: Node, known: Known) -> None:
        rule = node.properties.get("deadline", "")
        if rule and not rule.startswith("=") and rule not in self.register:
            self._fault(node, "unknown-deadline", f"期限登记册中没有 {rule}", f"The register has no limit {rule}")
        start = node.properties.get("deadline_start")
        if start and not rule:
            self._fault(
                node, "no-deadline", "写了 deadline_start 却没有 deadline", "There is a deadline_start and no deadline"
            )
        if start and start not in known.names and not known.open:
            self._unknown_name(node.id, node.line, start, "deadline_start")

    def _receipt(self, node: Node) -> None:
        message = node.properties.get("receipt")
        if message and not any(
            receives(other) and other.message == message and other.pool == node.pool
            for other in self.diagram.nodes.values()
        ):
            self._fault(
                node,
                "receipt-never-arrives",
                f"要签收的消息“{message}”不会到达这个泳池",
                f"The message “{message}” to be signed for never arrives in this pool",
            )

    def _enclosed(self, node: Node) -> None:
        for code in node.properties.get("encloses", "").split():
            if code not in self.document_paths:
                self._unknown_document(node, code)

    def _unknown_document(self, node: Node, code: str) -> None:
        self._fault(node, "unknown-document", f"没有文书“{code}”", f"There is no document “{code}”")

    def _operator(self, node: Node, known: Known) -> None:
        if node.operator is None:
            return
        operator = OPERATORS.get(node.operator)
        if operator is None:
            self._fault(
                node,
                "unknown-operator",
                f"没有操作“{node.operator}”；可用：{'、'.join(OPERATORS)}",
                f"There is no operator “{node.operator}”; known: {', '.join(OPERATORS)}",
            )
            return
        wanted = {parameter.name for parameter in operator.parameters}
        for name in sorted(wanted ^ set(node.parameters)):
            known_word = name in wanted
            self._fault(
                node,
                "missing-parameter" if known_word else "unknown-parameter",
                f"操作缺少参数“{name}”" if known_word else f"操作没有参数“{name}”",
                f"The parameter “{name}” is missing" if known_word else f"The operator has no parameter “{name}”",
            )
        if "document" in node.parameters:
            self._issue(node, node.parameters["document"], known)

    def _issue(self, node: Node, source: str, known: Known) -> None:
        code = literal_text(source)
        if code is None:
            if not any(use.element == node.id and use.code.names for use in self.diagram.expressions):
                shown = source[:40]
                self._fault(
                    node,
                    "bad-parameter",
                    f"参数 document 应是文书代码，如 'adm_transfer_letter'，而不是 {shown}",
                    f"“document” is the code of a document, such as 'adm_transfer_letter', not {shown}",
                )
            return
        if code not in self.document_paths:
            self._unknown_document(node, code)
            return
        template = self.documents.get(code)
        if template is None:
            return
        pool = next(pool for pool in self.diagram.pools if pool.process_id == node.pool)
        if template.issuer != ANY and pool.kinds != (template.issuer,):
            self._fault(
                node,
                "foreign-document",
                f"文书“{code}”由“{template.issuer}”制作，不能由“{' '.join(pool.kinds)}”制作",
                f"The document “{code}” is issued by “{template.issuer}”, not by “{' '.join(pool.kinds)}”",
            )
        self._fields(node, template, known)

    def _fields(self, node: Node, template: DocumentTemplate, known: Known) -> None:
        wanted = {field.key: "必填的" for field in template.fields if field.required}
        if template.date:
            wanted[template.date] = "作为日期的"
        for key, zh in wanted.items() if self.around.complete else ():
            if key in CONTEXT | known.names | self.around.collected or self._of_party(key):
                continue
            self._fault(
                node,
                "uncollected-field",
                f"文书“{template.code}”{zh}“{key}”没有任何表单填写",
                f"No form collects “{key}”, which the document “{template.code}” needs",
            )

    def _of_party(self, name: str) -> bool:
        """Whether a name is one of the party that a pool of this diagram is about: `person_name`."""
        return name.startswith(PARTY_PREFIX) and any(pool.subject for pool in self.diagram.pools)

    def _decision(self, node: Node, known: Known) -> None:
        if node.decision is None:
            return
        table = self.decisions.get(node.decision)
        if table is None:
            self._fault(
                node,
                "unknown-decision",
                f"没有决策表“{node.decision}”",
                f"There is no decision table “{node.decision}”",
            )
        elif not known.open:
            for name in sorted(table.names - known.names):
                self._unknown_name(node.id, node.line, name, table.id)

    def _expressions(self, known: Mapping[str, Known]) -> None:
        for use in self.diagram.expressions:
            for call in use.code.calls:
                if call.function == "due" and call.argument is not None and call.argument not in self.register:
                    self.faults.append(
                        Fault(
                            file=self.diagram.file,
                            line=use.line,
                            element=use.element,
                            code="unknown-deadline",
                            zh=f"{use.place}：期限登记册中没有 {call.argument}",
                            en=f"{use.place}: the register has no limit {call.argument}",
                        )
                    )
            if not known[use.pool].open:
                for name in sorted(use.code.names - known[use.pool].names):
                    self._unknown_name(use.element, use.line, name, use.place)

    def _unknown_name(self, element: str, line: int, name: str, place: str) -> None:
        self.faults.append(
            Fault(
                file=self.diagram.file,
                line=line,
                element=element,
                code="unknown-name",
                zh=f"{place} 中的“{name}”没有任何表单、消息、脚本或结果提供",
                en=f"No form, message, script or result of this pool gives “{name}”, which {place} reads",
            )
        )

    def _form_references(self, known: Mapping[str, Known]) -> None:
        names = self.around.collected | CASE_FACTS
        for pool in known.values():
            names |= pool.names
        for form in self.forms.values() if self.around.complete else ():
            for name, line in form.references.items():
                if name in names or self._of_party(name):
                    continue
                self.faults.append(
                    Fault(
                        file=form.file,
                        line=line,
                        element=name,
                        code="unknown-name",
                        zh=f"条件或校验中的“{name}”没有任何表单填写",
                        en=f"No form collects “{name}”, which a condition or check reads",
                    )
                )

    def _packages(self, known: Mapping[str, Known]) -> None:
        held = PreflightCheck(
            file=preflight_path(self.diagram.id),
            checks=self.preflight,
            diagram=self.diagram,
            forms=self.forms,
            codes=self.document_paths,
            register=self.register,
            known=known,
            names=self.around.collected | CASE_FACTS,
            complete=self.around.complete,
        )
        self.faults.extend(held.faults())

    def _unused_forms(self) -> None:
        used = {node.properties.get("form") for node in self.diagram.nodes.values()}
        self.warnings.extend(
            Fault(
                file=form.file,
                line=1,
                element=name,
                code="unused-form",
                zh="没有任务使用这张表单",
                en="No task uses this form",
            )
            for name, form in self.forms.items()
            if name not in used
        )


def line_of_id(xml: bytes, element: str) -> int:
    """The line of the element with this id; 1 when it cannot be found (another encoding)."""
    at = xml.find(f'id="{element}"'.encode())
    return xml.count(b"\n", 0, at) + 1 if at >= 0 else 1
