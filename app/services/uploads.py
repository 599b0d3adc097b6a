"""Uploads: a file that arrives in pieces, is compared with what was announced, and becomes material of its case."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.domain.access import Officer
from app.domain.content_types import Found, examine
from app.domain.errors import Conflict, Invalid, NotFound, TooLarge, TooMany
from app.domain.file_names import LONGEST, check_file_name, check_words
from app.domain.item_files import (
    CONTENT,
    PHOTO,
    ContentDiffers,
    Measured,
    NoPicture,
    Registered,
    require_picture,
    require_registered,
)
from app.domain.picture_size import picture_size
from app.services import custody_files
from app.services.cases import see_case_row
from app.services.work import Work
from app.storage import audit, facts, jobs, uploads
from app.storage.database import Record, new_id
from app.storage.digests import Digest, pieces_of
from app.storage.parts import Part

KEPT = timedelta(days=7)
"""How long an upload waits for its next piece."""

MOST_ARRIVING = 100
"""How many files of one officer may be arriving at once."""

SWEEP = "sweep_upload"
"""The topic of the job that removes an upload nobody went on with."""

UNTITLED_TYPE = "application/octet-stream"
_KNOWN = frozenset({"case", "filename", "filetype", "title", "sha256", "item", "role", "shows"})
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}(?:;[\x20-\x7e]{0,60})?", re.ASCII)


class HashDiffers(Invalid):
    """What arrived is not what was announced; both values are named."""


REFUSED = (HashDiffers, ContentDiffers, NoPicture)
"""Why a file that has arrived whole is not kept."""


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A file that has arrived to its last byte."""

    digest: Digest
    found: Found
    points: tuple[int, int] | None
    measured: Measured


def begin_upload(
    work: Work, officer: Officer, *, announced: Mapping[str, str], metadata: str, length: int, most: int
) -> Record:
    """Announce a file of `length` bytes; give its upload. Each thing that is wrong names its field.

    `announced` holds `case` and `filename`, and may hold `filetype`, `title`, `sha256` (compared at the end), `item`
    (the code of an item of the case) with the `role` in which the file belongs to it, and what a photograph `shows`;
    `metadata` is what the client sent, to be told back to it as it was.
    """
    unknown = sorted(announced.keys() - _KNOWN)
    if unknown:
        raise Invalid(f"未知的字段：{unknown[0]}", f"Unknown field: {unknown[0]}", at=unknown[0])
    case = see_case_row(work, officer, announced.get("case", ""))
    name = check_file_name(announced.get("filename", ""))
    values = {
        "title": _title(announced.get("title", ""), name),
        "declared_type": declared_type(announced.get("filetype", "")),
        "declared_sha256": _declared_sha256(announced.get("sha256", "")),
        "item_code": _item(work, officer, case.id, announced.get("item", "")),
    }
    values |= _role(work, officer, case.id, announced, sha256=values["declared_sha256"])
    if length == 0:
        raise Invalid("文件是空的", "The file is empty", at="file")
    if length > most:
        raise TooLarge(
            f"文件有 {length} 字节，超过上限 {most} 字节",
            f"The file has {length} bytes, more than the {most} that are taken",
            at="file",
        )
    if uploads.arriving_count(work.connection, officer.id) >= MOST_ARRIVING:
        raise TooMany(
            f"您有 {MOST_ARRIVING} 个文件尚未传完，请先完成或取消",
            f"{MOST_ARRIVING} of your files have not arrived yet; finish or cancel one first",
        )
    work.parts.want_room(length)
    upload_id = new_id()
    uploads.begin_upload(
        work.connection,
        id=upload_id,
        case_id=case.id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        name=name,
        original_name=announced["filename"],
        metadata=metadata,
        length=length,
        started_at=work.now,
        expires_at=work.now + KEPT,
        **values,
    )
    _sweep_later(work, upload_id, case.id)
    work.parts.make(upload_id)
    return see_upload(work, officer, upload_id)


def see_upload(work: Work, officer: Officer, upload_id: str) -> Record:
    """Give an upload of the officer's own that goes on or has come to its end well."""
    row = uploads.get_upload(work.connection, upload_id)
    if row is None or row.officer_id != officer.id or row.state not in (uploads.ARRIVING, uploads.STORED):
        raise NotFound("没有这个上传", "No such upload", at=upload_id)
    see_case_row(work, officer, row.case_id)
    return row


def expect_piece(work: Work, officer: Officer, upload_id: str, *, offset: int) -> Record:
    """Give an upload whose next piece begins at `offset`; Conflict names where it should begin."""
    row = see_upload(work, officer, upload_id)
    if row.offset != offset:
        raise Conflict(
            f"续传位置不符：应从第 {row.offset} 字节继续，收到的是 {offset}",
            f"The offset does not fit: the upload goes on at byte {row.offset}, not {offset}",
            at="Upload-Offset",
        )
    return row


def advance_upload(work: Work, row: Record, digest: Digest) -> None:
    """Note a piece that is on disk."""
    _advance(work, row, digest)
    _sweep_later(work, row.id, row.case_id)


def wanted(work: Work, officer: Officer, row: Record) -> tuple[Registered, ...]:
    """Give the integrity values the content of an upload has to have beside the one that was announced."""
    if row.role != CONTENT:
        return ()
    return custody_files.wanted_content(work, officer, row.case_id, row.item_code)


def judge(row: Record, digest: Digest, part: Part, registered: Iterable[Registered] = ()) -> Whole:
    """Compare a file that has arrived whole with what was announced and with what is registered of its item.

    HashDiffers and ContentDiffers name both values; a photograph that is no picture is NoPicture.
    """
    if row.declared_sha256 is not None and digest.sha256 != row.declared_sha256:
        raise HashDiffers(
            f"SHA-256 不符，文件未保存：登记的是 {row.declared_sha256}，收到的是 {digest.sha256}",
            f"The SHA-256 differs and nothing was stored: {row.declared_sha256} was entered, {digest.sha256} arrived",
            at="sha256",
        )
    head, tail = part.ends(row.length)
    found = examine(row.name, head=head, tail=tail)
    if row.role == PHOTO:
        require_picture(found.media_type, at="role")
    measured = Measured(sha256=digest.sha256, sm3=digest.sm3, read=lambda: pieces_of(part.path))
    require_registered(row.item_code or "", registered, measured)
    points = picture_size(found.media_type, lambda start, stop: b"".join(pieces_of(part.path, start, stop)))
    return Whole(digest=digest, found=found, points=points, measured=measured)


def finish_upload(work: Work, officer: Officer, row: Record, whole: Whole) -> None:
    """Make a stored file material of its case, and of its item when it came in a role."""
    _advance(work, row, whole.digest)
    uploads.close_upload(work.connection, row.id, state=uploads.STORED)
    uploads.add_file(
        work.connection,
        id=row.id,
        case_id=row.case_id,
        agency_id=row.agency_id,
        officer_id=row.officer_id,
        title=row.title,
        name=row.name,
        original_name=row.original_name,
        sha256=whole.digest.sha256,
        sm3=whole.digest.sm3,
        size=whole.digest.size,
        declared_type=row.declared_type,
        found_type=whole.found.media_type,
        flag=whole.found.flag,
        item_code=row.item_code,
        uploaded_at=work.now,
        width=whole.points[0] if whole.points else None,
        height=whole.points[1] if whole.points else None,
    )
    jobs.drop_job(work.connection, topic=SWEEP, key=row.id)
    _note(work, row, "uploaded_file", sha256=whole.digest.sha256, size=whole.digest.size)
    if row.role and row.item_code:
        custody_files.link_file(
            work,
            officer,
            row.case_id,
            row.item_code,
            row.id,
            role=row.role,
            shows=row.shows or "",
            measured=whole.measured,
        )


def refuse_upload(work: Work, row: Record, whole: Digest) -> None:
    """Note that what arrived is not what was announced; nothing of it is kept."""
    if uploads.close_upload(work.connection, row.id, state=uploads.REFUSED):
        jobs.drop_job(work.connection, topic=SWEEP, key=row.id)
        _note(work, row, "refused_file", entered=row.declared_sha256, arrived=whole.sha256)


def end_upload(work: Work, officer: Officer, upload_id: str) -> None:
    """Give up an upload; a file that is stored stays."""
    row = see_upload(work, officer, upload_id)
    if not uploads.close_upload(work.connection, row.id, state=uploads.ENDED):
        raise Conflict("文件已经保存，不能取消上传", "The file is stored; its upload cannot be given up", at=upload_id)
    jobs.drop_job(work.connection, topic=SWEEP, key=row.id)


def expire_upload(work: Work, upload_id: str) -> None:
    """Remove what arrived of an upload that nobody went on with."""
    row = uploads.get_upload(work.connection, upload_id)
    if row is not None and row.state == uploads.ARRIVING and row.expires_at <= work.now:
        uploads.close_upload(work.connection, upload_id, state=uploads.EXPIRED)
        work.parts.drop(upload_id)


def _advance(work: Work, row: Record, digest: Digest) -> None:
    if not uploads.advance_upload(
        work.connection, row.id, since=row.offset, offset=digest.size, expires_at=work.now + KEPT
    ):
        raise Conflict("该上传已经结束", "This upload is over", at=row.id)


def _sweep_later(work: Work, upload_id: str, case_id: str) -> None:
    jobs.put_job(
        work.connection,
        topic=SWEEP,
        key=upload_id,
        payload={"upload_id": upload_id},
        run_at=work.now + KEPT,
        at=work.now,
        case_id=case_id,
    )


def _note(work: Work, row: Record, action: str, **detail: object) -> None:
    audit.note(
        work.connection,
        action=action,
        at=work.now,
        case_id=row.case_id,
        agency_id=row.agency_id,
        officer_id=row.officer_id,
        detail={"file": row.id, "title": row.title, **detail},
    )


def _title(title: str, name: str) -> str:
    check_words(title, at="title")
    if len(title) > LONGEST:
        raise Invalid(
            f"标题不得超过 {LONGEST} 个字符", f"The title must not be longer than {LONGEST} characters", at="title"
        )
    return title.strip() or name


def declared_type(value: str) -> str:
    """Check the media type a client declares; what declares none may be anything."""
    if value and not _MEDIA_TYPE.fullmatch(value):
        raise Invalid("文件类型的写法不正确", "This is no media type", at="filetype")
    return value or UNTITLED_TYPE


def _declared_sha256(value: str) -> str | None:
    written = value.strip().lower()
    if not written:
        return None
    if not re.fullmatch(r"[0-9a-f]{64}", written):
        raise Invalid(
            f"SHA-256 应为 64 位十六进制数，现为 {len(written)} 个字符",
            f"A SHA-256 has 64 hexadecimal digits; these are {len(written)} characters",
            at="sha256",
        )
    return written


def _role(
    work: Work, officer: Officer, case_id: str, announced: Mapping[str, str], *, sha256: str | None
) -> dict[str, str | None]:
    role, shows = announced.get("role", ""), announced.get("shows", "")
    if not role:
        if shows:
            raise Invalid("请说明文件的用途", "Say in which role the file comes", at="role")
        return {"role": None, "shows": None}
    code = announced.get("item", "")
    if not code:
        raise Invalid("请选择文件所属的物品", "Say to which item the file belongs", at="item")
    kind = custody_files.expect_role(work, officer, case_id, code, role=role, shows=shows, sha256=sha256)
    return {"role": role, "shows": kind}


def _item(work: Work, officer: Officer, case_id: str, code: str) -> str | None:
    if not code:
        return None
    seen = facts.rows_seen(work.connection, "items", case_id=case_id, agency_id=officer.agency_id)
    if all(str(row.get("code")) != code for row in seen):
        raise Invalid("本案没有这件物品", "The case has no such item", at="item")
    return code
