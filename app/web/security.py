"""Who is asking: sessions of the pages by Flask-Security, bearer tokens of the API; and the headers of every answer."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, Response, abort, g, request
from flask_security import RoleMixin, Security, UserMixin, current_user
from flask_security.datastore import UserDatastore
from flask_security.utils import login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.config import Config
from app.domain.access import Officer
from app.services import accounts
from app.web.house import house

TOKEN_SECONDS = 12 * 3600
P = ParamSpec("P")
R = TypeVar("R")

csrf = CSRFProtect()


class Account(UserMixin):
    """An officer as Flask-Security sees one."""

    fs_uniquifier: str = ""

    def __init__(self, officer: Officer, key: str) -> None:
        self.officer = officer
        self.id = officer.id  # type: ignore[assignment] # ours are UUIDs, the library types an integer
        self.username = officer.username
        self.fs_uniquifier = key
        self.active = True
        self.roles: list[RoleMixin] = []


class Accounts(UserDatastore):
    """Finds accounts; they are made on the command line, never through a page."""

    def __init__(self) -> None:
        super().__init__(Account, RoleMixin)

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Account | None:  # noqa: FBT001, FBT002 - the signature of Flask-Security
        """Find by the key of the session."""
        del case_insensitive
        key = kwargs.get("fs_uniquifier")
        if not isinstance(key, str):
            return None
        with house().work() as work:
            officer = accounts.officer_of_session(work, key)
        return Account(officer, key) if officer else None


def secure(app: Flask, config: Config) -> None:
    """Set up sessions, CSRF protection and the headers."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        SECURITY_PASSWORD_SALT=config.secret_key,
        SECURITY_REGISTER_BLUEPRINT=False,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"username": {"mapper": lambda value: value}}],
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=12 * 3600,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_HEADERS=["X-CSRFToken", "X-CSRF-Token"],
    )
    app.before_request(_number_request)
    app.before_request(_refuse_nul)
    csrf.init_app(app)
    Security(app, Accounts(), register_blueprint=False)
    app.after_request(_headers)


def begin_session(officer: Officer, key: str) -> None:
    """Sign the officer in, in a new session."""
    login_user(Account(officer, key), remember=False)


def end_session() -> None:
    """Sign out."""
    logout_user()


def make_token(key: str) -> str:
    """Give a bearer token for the API, good for twelve hours."""
    return _signer().dumps(key)


def me() -> Officer:
    """Give the signed-in officer; 401 when nobody is."""
    officer = officer_or_none()
    if officer is None:
        abort(401)
    return officer


def officer_or_none() -> Officer | None:
    """Give the signed-in officer, by bearer token or session."""
    if "officer" in g:
        return cast("Officer | None", g.officer)
    officer: Officer | None = None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if request.path.startswith("/api/"):
        if kind.lower() == "bearer":
            officer = _officer_of_token(token)
    elif current_user.is_authenticated:
        officer = current_user.officer
    g.officer = officer
    return officer


def officer_required(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that needs a signed-in officer."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        me()
        return view(*args, **kwargs)

    guarded.__dict__["needs_officer"] = True
    return guarded


def _officer_of_token(token: str) -> Officer | None:
    try:
        key = _signer().loads(token, max_age=TOKEN_SECONDS)
    except BadSignature:
        return None
    with house().work() as work:
        return accounts.officer_of_session(work, key)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(house().config.secret_key, salt="api-token")


def _number_request() -> None:
    g.request_id = secrets.token_hex(6)


def _refuse_nul() -> None:
    # PostgreSQL keeps no NUL in a text; nobody types one.
    texts = [request.path, *request.args.keys(), *request.args.values()]
    if not request.is_json:
        texts += [*request.form.keys(), *request.form.values()]
    if any("\0" in text for text in texts):
        abort(400)


def _headers(response: Response) -> Response:
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; object-src 'none'; frame-ancestors 'self'; base-uri 'none'; "
        "form-action 'self'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
