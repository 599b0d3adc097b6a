"""What every use case works with: one open transaction, the hour, the published bundles and the files."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.domain.access import Officer
from app.domain.errors import NotFound
from app.services.library import Library
from app.storage import agencies, officers
from app.storage.database import Record
from app.storage.files import Files
from app.storage.parts import Parts


@dataclass(frozen=True, kw_only=True)
class Work:
    """One transaction's worth of work; the entry point that opened it commits it."""

    connection: Connection
    now: datetime
    library: Library
    files: Files
    parts: Parts

    def agency(self, agency_id: str) -> Record:
        """Give an agency that is known to exist."""
        row = agencies.get_agency(self.connection, agency_id)
        if row is None:
            raise NotFound("没有这个单位", "No such agency", at=agency_id)
        return row


@dataclass(frozen=True, kw_only=True)
class Actor:
    """On whose behalf a step is taken: an officer, or the machine for the agency."""

    agency_id: str
    officer_id: str | None = None


def officer_value(work: Work, row: Record) -> Officer:
    """Give the officer of a row as the value the rules speak of."""
    agency = work.agency(row.agency_id)
    return Officer(
        id=row.id,
        username=row.username,
        name=row.name,
        agency_id=row.agency_id,
        agency_name=agency.name,
        kind=agency.kind,
        roles=work.library.widened(work.connection, frozenset(row.roles)),
        cert_no=row.cert_no,
        language=row.language,
    )


def officer_name(work: Work, officer_id: str | None) -> str:
    """Give the name of an officer, empty for the machine."""
    if officer_id is None:
        return ""
    row = officers.get_officer(work.connection, officer_id)
    return "" if row is None else str(row.name)


def plain_officer(row: Record) -> dict[str, Any]:
    """Give an officer as documents and choices show them."""
    return {"name": row.name, "cert_no": row.cert_no, "username": row.username}
