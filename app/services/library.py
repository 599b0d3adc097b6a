"""The published bundles, each read once and kept: a bundle never changes, its hash is its name."""

import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from app.catalogue.bundles import Bundle, unpack
from app.catalogue.papers import Papers, read_papers
from app.catalogue.register import Roles, load_calendar, load_register, load_roles
from app.domain.calendar import Calendar
from app.domain.deadlines import Register
from app.domain.errors import NotFound
from app.storage import bundles


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A bundle with the law it was published with."""

    bundle: Bundle
    register: Register
    calendar: Calendar
    roles: Roles


class Library:
    """Editions by hash, shared by all threads; `home` is where the papers lie that belong to no process."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home
        self._editions: dict[str, Edition] = {}
        self._lock = threading.Lock()

    def edition(self, connection: Connection, key: str) -> Edition:
        """Give the edition with this hash."""
        known = self._editions.get(key)
        if known is not None:
            return known
        content = bundles.get_content(connection, key)
        if content is None:
            raise NotFound("流程版本不存在", "This version of the process is not published here", at=key)
        with self._lock:
            return self._editions.setdefault(key, edition_of(unpack(content)))

    def papers(self) -> Papers:
        """Give the papers that belong to no process."""
        if self._home is None:
            raise NotFound("没有文书模板", "There are no templates here", at="documents")
        return read_papers(self._home)

    def current(self, connection: Connection, process: str) -> Edition:
        """Give the current edition of a process."""
        for row in bundles.current_bundles(connection):
            if row.process == process:
                return self.edition(connection, row.hash)
        raise NotFound("没有发布这个流程", "No such process is published", at=process)

    def all_current(self, connection: Connection) -> list[Edition]:
        """Give the current edition of every process."""
        return [self.edition(connection, row.hash) for row in bundles.current_bundles(connection)]

    def widened(self, connection: Connection, roles: frozenset[str]) -> frozenset[str]:
        """Give the roles of somebody who holds these, as the current editions tell (roles of kind `any` among them)."""
        return roles.union(*(edition.roles.widened(roles) for edition in self.all_current(connection)))


def edition_of(bundle: Bundle) -> Edition:
    """Read the law that lies in a bundle."""
    return Edition(
        bundle=bundle,
        register=load_register(bundle.files["bpmn/_shared/deadlines.yaml"], file="bpmn/_shared/deadlines.yaml"),
        calendar=load_calendar(bundle.files["bpmn/_shared/holidays.yaml"], file="bpmn/_shared/holidays.yaml"),
        roles=load_roles(bundle.files["bpmn/_shared/roles.yaml"], file="bpmn/_shared/roles.yaml"),
    )
