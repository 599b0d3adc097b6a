"""Pre-flight (发送前核验): what the receiver would find fault with, told on the sender's desk before it is sent.

The checks are content (`preflight.yaml` of the process). A blocking fault cannot be sent; a warning can, with a reason,
which becomes a fact of the case.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.catalogue.components import Component, level
from app.catalogue.preflight import FOUND, KEY, PackageCheck
from app.catalogue.wording import in_words
from app.domain.access import Officer
from app.domain.errors import InvalidAnswers
from app.domain.rules import Sentence
from app.engine.expressions import ExpressionError
from app.services.clocks import functions_for
from app.services.package import Package, package_values
from app.services.work import Work
from app.storage import audit, facts

if TYPE_CHECKING:
    from app.services.tasks import TaskView

LONGEST = 500
"""Characters of a reason."""

Reasons = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A fault of a package. `reason` is why it may be sent with a warning; `field` is the one of the form it is about.

    `page` is where it is mended when no field of the form mends it.
    """

    check: PackageCheck
    sentence: Sentence
    reason: str
    field: str
    field_label: tuple[str, str]
    page: str

    @property
    def settled(self) -> bool:
        """Whether the package may be sent in spite of it."""
        return not self.check.blocks and bool(self.reason)


def part_answers(answers: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """Give the answers to the form and, apart, what was said of the warnings."""
    return {key: value for key, value in answers.items() if key != KEY}, answers.get(KEY)


def has_checks(view: "TaskView") -> bool:
    """Whether completing the task sends a package that is checked."""
    return bool(checks_of(view))


def checks_of(view: "TaskView") -> list[PackageCheck]:
    """Give the checks of the package that completing the task sends."""
    return [check for check in view.edition.bundle.preflight if check.task == view.row.element]


def read_reasons(view: "TaskView", given: Any) -> dict[str, str]:
    """Read the reasons for sending with warnings; raises InvalidAnswers for what is none.

    A reason given at an earlier sending stands until another is given.
    """
    own = {check.id for check in checks_of(view)}
    known = {name: str(view.known[f"{KEY}.{name}"]) for name in own if view.known.get(f"{KEY}.{name}")}
    if given is None:
        return known
    if not isinstance(given, Mapping):
        raise InvalidAnswers({KEY: [("应为核验编号和理由", "It gives a reason for each check")]})
    problems: dict[str, list[tuple[str, str]]] = {}
    for name, reason in given.items():
        at = f"{KEY}.{str(name)[:60]}"
        if name not in own:
            problems[at] = [("本任务没有这项核验", "This task has no such check")]
        elif reason is not None and not isinstance(reason, str):
            problems[at] = [("理由应为文字", "The reason is text")]
        elif isinstance(reason, str) and len(reason.strip()) > LONGEST:
            problems[at] = [(f"理由不超过 {LONGEST} 字", f"A reason has at most {LONGEST} characters")]
    if problems:
        raise InvalidAnswers(problems)
    return known | {name: (reason or "").strip() for name, reason in given.items()}


def findings(
    work: Work, officer: Officer, view: "TaskView", answers: Mapping[str, Any], *, reasons: Reasons
) -> list[Finding]:
    """Check the package that completing the task with these answers would send; blocking faults first.

    A check that cannot be computed with these answers is itself a finding: nothing passes unchecked.
    """
    checks = checks_of(view)
    if not checks:
        return []
    values = package_values(view.known, answers)
    package = Package(
        work=work,
        case_id=view.row.case_id,
        agency=work.agency(officer.agency_id),
        subject=view.row.subject,
        values=values,
    )
    functions = {**functions_for(view.edition, work.now), **package.functions}
    words = _Words(view)
    found = [
        finding
        for check in checks
        if (finding := _finding(check, values, functions, words, reasons.get(check.id, ""))) is not None
    ]
    return sorted(found, key=lambda finding: not finding.check.blocks)


def require_settled(found: Sequence[Finding]) -> None:
    """Refuse to send with a blocking fault, or with a warning that no reason was given for."""
    problems = {}
    for finding in found:
        if finding.settled:
            continue
        zh, en = finding.sentence
        if not finding.check.blocks:
            zh, en = f"{zh}；仍要发送的，请说明理由", f"{en}; to send it nevertheless, give a reason"
        article = finding.check.article
        problems[f"{KEY}.{finding.check.id}"] = [(f"{zh}（{article}）", f"{en} ({article})")]
    if problems:
        raise InvalidAnswers(problems)


def keep_reasons(work: Work, officer: Officer, view: "TaskView", found: Sequence[Finding]) -> None:
    """Keep why the package was sent in spite of warnings: as facts of the case, and in the audit trail."""
    given = {finding.check.id: finding.reason for finding in found if finding.settled}
    if not given:
        return
    row = view.row
    new = {f"{KEY}.{name}": reason for name, reason in given.items() if view.known.get(f"{KEY}.{name}") != reason}
    facts.add_facts(
        work.connection,
        case_id=row.case_id,
        agency_id=row.agency_id,
        facts=new,
        task_id=row.id,
        officer_id=officer.id,
        at=work.now,
        subject=row.subject,
    )
    audit.note(
        work.connection,
        action="sent_with_warnings",
        at=work.now,
        case_id=row.case_id,
        process_id=row.process_id,
        agency_id=row.agency_id,
        officer_id=officer.id,
        element=row.element,
        detail={"reasons": given},
    )


class _Words:
    """Values in the words of the process's forms, and the labels of the fields of the task's own form."""

    def __init__(self, view: "TaskView") -> None:
        self._view = view
        self._asked: dict[str, Component] = {}
        for form in view.edition.bundle.forms.values():
            for part in level(form.components):
                if part.key not in self._asked or self._asked[part.key].readonly:
                    self._asked[part.key] = part

    def of(self, name: str, value: Any, language: str) -> str:
        """A value as a reader of the language reads it; rows by their codes or names."""
        part = self._asked.get(name)
        if part is not None and not part.is_list:
            return in_words(part, value, language, self._view.options.get(part.values_key, ()))
        return _joined(value, language)

    def label(self, field: str) -> tuple[str, str]:
        """The label of a field of the task's form."""
        form = self._view.form
        for part in level(form.components) if form else ():
            if part.key == field:
                return (part.label, part.label_en or part.label)
        return ("", "")


def _finding(
    check: PackageCheck,
    values: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    words: _Words,
    reason: str,
) -> Finding | None:
    try:
        fault = check.when.evaluate(values, functions)
    except ExpressionError as error:
        fault, sentence = None, Sentence(f"现在无法核验：{error.zh}", f"This cannot be checked yet: {error.en}")
    else:
        if not fault:
            return None
        zh, en = (
            {name: words.of(name, values.get(name), language) for name in check.placeholders}
            | {FOUND: _joined(fault, language)}
            for language in ("zh", "en")
        )
        sentence = check.said(zh, en)
    page = check.mend.startswith("/")
    return Finding(
        check=check,
        sentence=sentence,
        reason="" if check.blocks else reason,
        field="" if page else check.mend,
        field_label=words.label(check.mend),
        page=check.mend if page else "",
    )


def _joined(value: Any, language: str) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(value[key]) for key in ("code", "name") if value.get(key)) or str(value.get("number") or "")
    if isinstance(value, list):
        return (", " if language == "en" else "、").join(filter(None, (_joined(one, language) for one in value)))
    return "" if value is None or isinstance(value, bool) else str(value)
