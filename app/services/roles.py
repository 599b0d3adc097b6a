"""What the published register of roles (`bpmn/_shared/roles.yaml`) says of the roles officers hold."""

from collections.abc import Iterator

from app.catalogue.register import Role
from app.domain.access import Officer
from app.services.work import Work


def role_name(work: Work, role: str) -> tuple[str, str]:
    """Give the Chinese and English name of a role; the key itself when no published process knows it."""
    for edition in work.library.all_current(work.connection):
        if role in edition.roles:
            return edition.roles.name(role)
    return (role, role)


def supervises(work: Work, officer: Officer) -> bool:
    """Whether an officer is a head, who watches the deadlines of the whole agency."""
    return any(role.head for role in _held(work, officer))


def keeps_store(work: Work, officer: Officer) -> bool:
    """Whether an officer is a custodian, who keeps the store of the agency (MPS2020 235)."""
    return any(role.custodian for role in _held(work, officer))


def _held(work: Work, officer: Officer) -> Iterator[Role]:
    for edition in work.library.all_current(work.connection):
        for key in officer.roles:
            if key in edition.roles:
                yield edition.roles.role(key)
