"""What tests begin with, in the words of the domain; everything has a default, and every name is invented."""

from typing import Any

from sqlalchemy import Connection

from app.domain.access import Officer
from app.storage import agencies, cases, officers
from app.storage.database import Record, new_id
from tests.clock import Clock

NO_PASSWORD = "!"  # no hash of Argon2: nobody can sign in with it


def an_agency(connection: Connection, *, kind: str = "adm", **values: Any) -> Record:
    """Write an agency of a kind (`bpmn/_shared/roles.yaml`); every call a new one."""
    key = values.pop("key", f"{kind}-{new_id()}")
    given = {
        "kind": kind,
        "name": f"虚构市{kind}机关",
        "short": "虚构",
        "unit": "虚",
        "area_code": "320583",
        "head": "虚构负责人",
        "details": {},
        **values,
    }
    agency_id = agencies.put_agency(connection, key=key, values=given)
    return _found(agencies.get_agency(connection, agency_id))


def an_officer(
    connection: Connection, *, role: str = "adm_officer", agency_id: str | None = None, **values: Any
) -> Officer:
    """Write an officer with a role, in an agency of the role's kind unless one is named."""
    kind = role.partition("_")[0]
    agency = an_agency(connection, kind=kind) if agency_id is None else agencies.get_agency(connection, agency_id)
    agency = _found(agency)
    username = values.pop("username", f"{role}-{new_id()}")
    given = {
        "name": "虚构人员",
        "agency_id": agency.id,
        "roles": [role],
        "cert_no": "00000000",
        "password": NO_PASSWORD,
        "active": True,
        "language": "zh",
        **values,
    }
    officer_id = officers.put_officer(connection, username=username, values=given)
    return Officer(
        id=officer_id,
        username=username,
        name=given["name"],
        agency_id=agency.id,
        agency_name=agency.name,
        kind=agency.kind,
        roles=frozenset(given["roles"]),
        cert_no=given["cert_no"],
        language=given["language"],
    )


def a_case(
    connection: Connection, *, agency_id: str | None = None, clock: Clock | None = None, **values: Any
) -> Record:
    """Write a case that its agency has opened and takes part in; every call a new one."""
    opened = (clock or Clock("2026-03-12T08:30")).now
    agency = an_agency(connection) if agency_id is None else _found(agencies.get_agency(connection, agency_id))
    given = {
        "number": f"虚构案〔2026〕{new_id()}号",
        "name": "虚构的销售侵权复制品案",
        "charge": "销售侵权复制品罪",
        "area_code": agency.area_code,
        "opened_at": opened,
        "opened_by": agency.id,
        **values,
    }
    case_id = cases.open_case(connection, **given)
    cases.add_participant(connection, case_id=case_id, agency_id=agency.id, kind=agency.kind, at=opened)
    return _found(cases.get_case(connection, case_id))


def _found(row: Record | None) -> Record:
    assert row is not None
    return row
