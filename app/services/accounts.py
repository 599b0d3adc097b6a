"""Accounts: who signs in, checked in constant time, with a brake on guessing."""

import threading
from collections import defaultdict, deque
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.access import Officer
from app.domain.errors import Invalid, TooMany, Unproven
from app.services.work import Work, officer_value
from app.storage import audit, officers

TRIES = 5
WINDOW = timedelta(minutes=15)

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _hasher.hash("nobody signs in with this")


class Brake:
    """Refuses a name from one source after five wrong passwords in fifteen minutes; other sources are not shut out."""

    def __init__(self) -> None:
        self._wrong: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)
        self._lock = threading.Lock()

    def check(self, name: str, source: str, now: datetime) -> None:
        """Refuse when too many tries have failed."""
        with self._lock:
            tries = self._wrong.get((name, source))
            while tries and tries[0] < now - WINDOW:
                tries.popleft()
            if tries and len(tries) >= TRIES:
                raise TooMany(
                    "密码错误次数过多，请15分钟后再试",
                    "Too many wrong passwords; try again in 15 minutes",
                    at="password",
                )

    def wrong(self, name: str, source: str, now: datetime) -> None:
        """Count a failed try."""
        with self._lock:
            self._wrong[name, source].append(now)

    def right(self, name: str, source: str) -> None:
        """Forget the failed tries."""
        with self._lock:
            self._wrong.pop((name, source), None)


def hash_password(password: str) -> str:
    """Hash a password with Argon2id."""
    return _hasher.hash(password)


def sign_in(work: Work, *, name: str, password: str, source: str, brake: Brake, wall: datetime) -> tuple[Officer, str]:
    """Give the officer and the key of the session; the same sentence whatever was wrong."""
    brake.check(name, source, wall)
    row = officers.officer_by(work.connection, username=name)
    try:
        _hasher.verify(row.password if row is not None else _NOBODY, password)
        right = row is not None and bool(row.active)
    except (VerificationError, InvalidHashError):
        right = False
    if row is None or not right:
        brake.wrong(name, source, wall)
        raise Unproven("用户名或密码错误", "Wrong user name or password", at="password")
    brake.right(name, source)
    audit.note(work.connection, action="signed_in", at=work.now, agency_id=row.agency_id, officer_id=row.id)
    return officer_value(work, row), str(row.fs_uniquifier)


def officer_of_session(work: Work, key: str) -> Officer | None:
    """Give the officer whose session key this is, while the account is active."""
    row = officers.officer_by(work.connection, fs_uniquifier=key)
    return officer_value(work, row) if row is not None and row.active else None


def choose_language(work: Work, officer: Officer, language: str) -> None:
    """Remember the language an officer reads."""
    if language not in ("zh", "en"):
        raise Invalid("语言只能是 zh 或 en", "The language is zh or en", at="language")
    officers.set_officer(work.connection, officer.id, language=language)
