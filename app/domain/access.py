"""Who may do what: an officer acts for one agency, in the roles that agency gave them."""

from dataclasses import dataclass

from app.domain.errors import Forbidden


@dataclass(frozen=True, kw_only=True)
class Officer:
    """A signed-in person: whose officer they are and the roles they hold (`bpmn/_shared/roles.yaml`)."""

    id: str
    username: str
    name: str
    agency_id: str
    agency_name: str
    kind: str
    roles: frozenset[str]
    cert_no: str = ""
    language: str = "zh"


def may_do(officer: Officer, *, agency_id: str, role: str) -> bool:
    """Whether a task of this agency and role is the officer's to do."""
    return officer.agency_id == agency_id and role in officer.roles


def require_role(officer: Officer, *, role: str, role_name: tuple[str, str]) -> None:
    """Refuse an officer who does not hold the role; `role_name` is its Chinese and English name."""
    if role not in officer.roles:
        zh, en = role_name
        raise Forbidden(
            f"本事项由“{zh}”办理，您没有该职责", f"This is done by “{en}”; you do not hold that role", at=role
        )
