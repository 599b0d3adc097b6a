"""What the published register of roles (`bpmn/_shared/roles.yaml`) says of the roles officers hold."""

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
    return any(
        role in edition.roles and edition.roles.role(role).head
        for edition in work.library.all_current(work.connection)
        for role in officer.roles
    )
