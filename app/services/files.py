"""Material of a case: listed, seen, and read; every reading is noted with its reason."""

from collections.abc import Sequence

from app.domain.access import Officer
from app.domain.content_types import SHOWN
from app.domain.errors import Invalid, NotFound
from app.domain.file_names import check_words
from app.domain.picture_size import MOST_SHOWN, picture_size
from app.services.cases import see_case_row
from app.services.work import Work
from app.storage import audit, uploads
from app.storage.database import Record
from app.storage.files import Files

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
    """Whether a browser may show the content: a type it shows safely, really what its name says, and not too large."""
    return row.flag is None and row.found_type in SHOWN and (row.width or 0) * (row.height or 0) <= MOST_SHOWN


def is_small(row: Record) -> bool:
    """Whether a page may show the content small among others: a picture whose size in points is known."""
    return row.width is not None and row.found_type.startswith("image/") and is_shown(row)


def measure_picture(files: Files, media_type: str, key: str) -> tuple[int, int] | None:
    """Give width and height in points of a stored picture, from its header; None for what does not say."""
    return picture_size(media_type, lambda start, stop: b"".join(files.read(key, start, stop)))


def read_file(work: Work, officer: Officer, file_id: str, *, action: str, reason: str) -> Record:
    """Note that an officer views or downloads a file, and why; give the file."""
    row = see_file(work, officer, file_id)
    said = read_reason(reason)
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


def read_reason(reason: str) -> str:
    """Check why somebody needs a file. Raises Invalid naming `reason`."""
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
    return said
