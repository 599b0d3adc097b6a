"""What the published register of roles (`bpmn/_shared/roles.yaml`) says of the roles officers hold."""

from collections.abc import Iterable, Iterator

from app.catalogue.register import Role
from app.domain.access import Officer
from app.domain.errors import Forbidden
from app.services.work import Work


def role_name(work: Work, role: str) -> tuple[str, str]:
    """Give the Chinese and English name of a role; the key itself when no published process knows it."""
    return role_names(work, [role])[role]


def role_names(work: Work, roles: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Give the Chinese and English names of roles, all with one look at what is published."""
    editions = work.library.all_current(work.connection)
    return {
        role: next((edition.roles.name(role) for edition in editions if role in edition.roles), (role, role))
        for role in roles
    }


def supervises(work: Work, officer: Officer) -> bool:
    """Whether an officer is a head, who watches the deadlines of the whole agency."""
    return any(role.head for role in _held(work, officer))


def keeps_store(work: Work, officer: Officer) -> bool:
    """Whether an officer is a custodian, who keeps the store of the agency (MPS2020 235)."""
    return any(role.custodian for role in _held(work, officer))


def may_keep(work: Work, officer: Officer) -> bool:
    """Whether an officer may take, keep and hand over items of cases; every officer of the case may read of them."""
    return any(role.key in officer.roles for role in _keeping(work, officer))


def require_keeper(work: Work, officer: Officer) -> None:
    """Refuse an act on custody by an officer without a role for it; the sentence names the roles of their agency."""
    keeping = _keeping(work, officer)
    if any(role.key in officer.roles for role in keeping):
        return
    zh = "、".join(role.zh for role in keeping) or "本单位未设"
    en = ", ".join(role.en for role in keeping) or "none in this agency"
    raise Forbidden(
        f"涉案财物由有保管职责的人员办理（{zh}），您没有该职责，只能查阅",
        f"Items are handled by those with a role for it ({en}); you do not hold one and may only read",
        at="roles",
    )


def _held(work: Work, officer: Officer) -> Iterator[Role]:
    for edition in work.library.all_current(work.connection):
        for key in officer.roles:
            if key in edition.roles:
                yield edition.roles.role(key)


def _keeping(work: Work, officer: Officer) -> list[Role]:
    """The roles of custody in the officer's kind of agency, as the published processes know them."""
    found = {
        role.key: role
        for edition in work.library.all_current(work.connection)
        for role in edition.roles
        if role.custody and role.kind == officer.kind
    }
    return list(found.values())
