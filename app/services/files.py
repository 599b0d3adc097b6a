"""Material of a case: listed, seen, and read; every reading is noted with its reason."""

from collections.abc import Sequence

from app.domain.access import Officer
from app.domain.content_types import SHOWN
from app.domain.errors import Invalid, NotFound
from app.domain.file_names import check_words
from app.services.cases import see_case_row
from app.services.work import Work
from app.storage import audit, uploads
from app.storage.database import Record

VIEWED = "viewed_file"
DOWNLOADED = "downloaded_file"
LONGEST_REASON = 200


def files_of_case(work: Work, officer: Officer, case_id: str) -> Sequence[Record]:
    """Give the files of a case that the officer's agency brought or was shown, oldest first."""
    see_case_row(work, officer, case_id)
    return uploads.files_seen(work.connection, case_id=case_id, agency_id=officer.agency_id)


def see_file(work: Work, officer: Officer, file_id: str) -> Record:
    """Give a file the officer's agency brought or was shown."""
    row = uploads.get_file(work.connection, file_id)
    if row is not None:
        see_case_row(work, officer, row.case_id)
        if uploads.files_seen(work.connection, case_id=row.case_id, agency_id=officer.agency_id, file_id=file_id):
            return row
    raise NotFound("没有这份材料", "No such file", at=file_id)


def is_shown(row: Record) -> bool:
    """Whether a browser may show the content: a type it shows safely, and really what its name says."""
    return row.flag is None and row.found_type in SHOWN


def read_file(work: Work, officer: Officer, file_id: str, *, action: str, reason: str) -> Record:
    """Note that an officer views or downloads a file, and why; give the file."""
    row = see_file(work, officer, file_id)
    check_words(reason, at="reason")
    said = reason.strip()
    if not said:
        raise Invalid("请写明查阅事由", "Say why you need the file", at="reason")
    if len(said) > LONGEST_REASON:
        raise Invalid(
            f"事由不得超过 {LONGEST_REASON} 个字符",
            f"The reason must not be longer than {LONGEST_REASON} characters",
            at="reason",
        )
    audit.note(
        work.connection,
        action=action,
        at=work.now,
        case_id=row.case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"file": row.id, "title": row.title, "sha256": row.sha256, "reason": said},
    )
    return row
