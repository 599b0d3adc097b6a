"""The builders themselves."""

from sqlalchemy import Connection

from app.storage import cases, officers
from tests.builders import a_case, an_agency, an_officer


def test_an_officer_is_of_the_kind_of_their_role(connection: Connection) -> None:
    officer = an_officer(connection, role="pol_head")
    assert (officer.kind, officer.roles) == ("pol", {"pol_head"})
    assert officers.officer_by(connection, username=officer.username) is not None


def test_officers_may_share_an_agency(connection: Connection) -> None:
    first = an_officer(connection)
    second = an_officer(connection, role="adm_head", agency_id=first.agency_id)
    assert {row.id for row in officers.officers_of(connection, first.agency_id)} == {first.id, second.id}


def test_a_case_belongs_to_the_agency_that_opened_it(connection: Connection) -> None:
    agency = an_agency(connection)
    case = a_case(connection, agency_id=agency.id)
    assert cases.takes_part(connection, case.id, agency.id)
    assert not cases.takes_part(connection, a_case(connection).id, agency.id)
