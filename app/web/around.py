"""What stands around every page: who is signed in, the numbers beside the menu, the hour."""

from typing import Any

from flask import Flask, g, redirect, request, url_for
from werkzeug.exceptions import Unauthorized

from app.domain.access import Officer
from app.services import store_loans, tasks
from app.services.roles import supervises
from app.services.work import Work
from app.web.errors import problem, wants_json
from app.web.house import house
from app.web.language import t
from app.web.security import officer_or_none


def surround(app: Flask) -> None:
    """Give every template `me`, `counts`, `may_supervise`, `now`, `demo`; lead the unknown to the sign-in page."""

    @app.context_processor
    def around() -> dict[str, Any]:
        officer = officer_or_none()
        with house().work(read_only=True) as work:
            return {
                "me": officer,
                "counts": _counts(work, officer) if officer else {},
                "may_supervise": bool(officer and supervises(work, officer)),
                "now": work.now,
                "demo": house().config.demo,
            }

    @app.errorhandler(Unauthorized)
    def unknown(_: Unauthorized) -> Any:
        if wants_json():
            return problem(401, title="Unauthorized", detail=t("请先登录", "Sign in first"))
        g.language = g.get("language", "zh")
        return redirect(url_for("sign_in.form", next=request.full_path.rstrip("?") if request.method == "GET" else ""))


def _counts(work: Work, officer: Officer) -> dict[str, int]:
    return {**tasks.counts(work, officer), "loans": store_loans.overdue_count(work, officer)}
