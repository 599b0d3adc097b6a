"""The findings of pre-flight as pages show them, and the reasons that come back from a form."""

from collections.abc import Mapping
from typing import Any

from app.catalogue.preflight import KEY
from app.domain.errors import InvalidAnswers
from app.services import tasks
from app.services.preflight import Finding, checks_of, has_checks
from app.services.tasks import TaskView
from app.services.work import Work
from app.web.language import t
from app.web.security import me

FIELD = f"{KEY}-"
"""How the field of a reason begins."""

_PAGES = {
    "/case": ("", "案件页", "the case"),
    "/documents": ("", "案件文书", "documents of the case"),
    "/items": ("/items", "涉案物品", "items"),
    "/handovers": ("/handovers", "物品交接", "hand-overs"),
}


def typed_reasons(form: Mapping[str, str]) -> dict[str, str]:
    """Give the reasons a form brought, by check."""
    return {key.removeprefix(FIELD): value.strip() for key, value in form.items() if key.startswith(FIELD)}


def panel(work: Work, view: TaskView, answers: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give what `_preflight.html` shows; None for a task without checks, or one that is over."""
    if not has_checks(view) or view.row.state != "open":
        return None
    try:
        found = tasks.check_package(work, me(), view, answers)
    except InvalidAnswers:
        # reasons that are none: the package is checked as if there were no reason
        found = tasks.check_package(work, me(), view, {key: value for key, value in answers.items() if key != KEY})
    blocking = sum(finding.check.blocks for finding in found)
    return {
        "checked": len(checks_of(view)),
        "blocking": blocking,
        "warnings": len(found) - blocking,
        "findings": [finding_row(finding, view) for finding in found],
    }


def finding_row(finding: Finding, view: TaskView) -> dict[str, Any]:
    """Give one finding in the reader's language."""
    tail, zh, en = _PAGES.get(finding.page, ("", "", ""))
    if finding.field:
        href, mend = f"/tasks/{view.row.id}#{finding.field}", t(*finding.field_label)
    else:
        href, mend = (f"/cases/{view.case.id}{tail}", t(zh, en)) if finding.page else ("", "")
    return {
        "id": finding.check.id,
        "blocks": finding.check.blocks,
        "severity": finding.check.severity,
        "sentence": t(*finding.sentence),
        "article": finding.check.article,
        "status": finding.check.status,
        "unconfirmed": finding.check.unconfirmed,
        "reason": finding.reason,
        "field": finding.field,
        "href": href,
        "mend": mend,
    }
