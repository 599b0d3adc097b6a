"""Signing in and out, and the language of the pages."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for

from app.domain.errors import XianjieError
from app.services import accounts, demo
from app.web.errors import said, status_of
from app.web.house import house
from app.web.language import COOKIE, t
from app.web.presenters import roles_in_words
from app.web.security import begin_session, end_session, me, officer_or_none, officer_required

blueprint = Blueprint("sign_in", __name__)
_brake = accounts.Brake()


@blueprint.get("/sign-in")
def form() -> Any:
    """Ask for name and password; open to anyone: it is the way in."""
    if officer_or_none() is not None:
        return redirect(url_for("tasks.listing"))
    return _page(name="", error=None)


@blueprint.post("/sign-in")
def sign_in() -> Any:
    """Sign in; open to anyone: it is the way in."""
    name = request.form.get("name", "").strip()
    try:
        with house().work() as work:
            officer, key = accounts.sign_in(
                work,
                name=name,
                password=request.form.get("password", ""),
                source=request.remote_addr or "",
                brake=_brake,
                wall=datetime.now(UTC),
            )
    except XianjieError as refused:
        return _page(name=name, error=said(refused)), int(status_of(refused))
    begin_session(officer, key)
    return redirect(local_address(request.form.get("next", "")))


@blueprint.post("/sign-out")
@officer_required
def sign_out() -> Any:
    """Sign out."""
    end_session()
    response = make_response(redirect(url_for("sign_in.form")))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.post("/language")
def switch() -> Any:
    """Choose the language of the pages; open to anyone: the sign-in page is read too."""
    chosen = "en" if request.form.get("language") == "en" else "zh"
    if officer_or_none() is not None:
        with house().work() as work:
            accounts.choose_language(work, me(), chosen)
    response = make_response(redirect(local_address(request.form.get("next", ""))))
    response.set_cookie(COOKIE, chosen, max_age=365 * 86_400, httponly=True, samesite="Lax")
    return response


def local_address(text: str) -> str:
    """Give an address of this site, or the task list when the text leads elsewhere."""
    inside = text.startswith("/") and not text.startswith(("//", "/\\")) and "\\" not in text
    return text if inside and not any(ord(char) < 32 for char in text) else url_for("tasks.listing")  # noqa: PLR2004 - control characters


def _page(*, name: str, error: str | None) -> str:
    groups: dict[str, list[dict[str, Any]]] = {}
    if house().config.demo:
        with house().work(read_only=True) as work:
            for row in demo.accounts(work):
                shown = {**row, "roles": roles_in_words(work, row["roles"])}
                groups.setdefault(row["agency"], []).append(shown)
    return render_template(
        "sign_in.html",
        name=name,
        error=error,
        next=request.values.get("next", ""),
        accounts=[{"agency": agency, "officers": rows} for agency, rows in groups.items()] or None,
        password=demo.PASSWORD if groups else "",
        title=t("登录", "Sign in"),
    )
