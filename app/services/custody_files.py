"""Files of items: linked in a role, withdrawn with a reason, photographed at a hand-over, compared by the machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.access import Officer
from app.domain.content_types import Found
from app.domain.custody import read_text
from app.domain.custody_handover import Line
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.item_files import CONTENT, PHOTO, Measured, Registered, check_role, registered, require_registered
from app.services import custody_handovers
from app.services.cases import see_case_row
from app.services.custody import Held, hold
from app.services.files import is_small, see_file
from app.services.work import Work
from app.storage import audit, custody, item_files, uploads
from app.storage.database import Record, new_id
from app.storage.digests import Digest
from app.storage.files import Files

LARGEST_PHOTO = 20 * 1024 * 1024
"""Bytes of one photograph taken at a hand-over."""

MOST_PHOTOS = 50
"""How many photographs one line of a hand-over takes."""


@dataclass(frozen=True, kw_only=True)
class Linked:
    """A file of an item; `agrees` says whether content has the value registered, None where none is to compare."""

    link: Record
    file: Record
    agrees: bool | None


@dataclass(frozen=True, kw_only=True)
class ItemFiles:
    """The files of an item an agency may see, those of the case it could link, and the values registered."""

    held: Held
    linked: Sequence[Linked]
    others: Sequence[Record]
    registered: tuple[Registered, ...]
    pending: Record | None


@dataclass(frozen=True, kw_only=True)
class LinePhoto:
    """A photograph of a line of a hand-over; `shown` says whether a page may show it small."""

    link_id: str
    file_id: str
    title: str
    size: int
    shown: bool
    flag: str | None
    at: datetime
    officer: str
    agency: str
    withdrawn: str


def see_item_files(work: Work, officer: Officer, case_id: str, code: str) -> ItemFiles:
    """Give the files of an item that the officer's agency may see; NotFound for an item it may not see."""
    held = hold(work, officer, case_id, [code], lock=False)[code]
    seen = {row.id: row for row in uploads.files_seen(work.connection, case_id=case_id, agency_id=officer.agency_id)}
    links = [link for link in item_files.links_of_item(work.connection, held.row.id) if link.file_id in seen]
    values = _registered(held, strict=False)
    live = {link.file_id for link in links if link.why is None}
    return ItemFiles(
        held=held,
        linked=[Linked(link=link, file=seen[link.file_id], agrees=_agrees(link, seen, values)) for link in links],
        others=[row for key, row in seen.items() if key not in live],
        registered=values,
        pending=custody.pending_handovers(work.connection, [held.row.id]).get(held.row.id),
    )


def measure(work: Work, officer: Officer, case_id: str, code: str, file_id: str, *, role: str) -> Measured:
    """Give the integrity values a link will ask for, computed now: in a transaction that keeps nobody waiting."""
    held = hold(work, officer, case_id, [code], lock=False)[code]
    row = _file_of_case(work, officer, case_id, file_id)
    measured = _measured(work, row)
    if role == CONTENT:
        for one in _wanted(work, held):
            measured.value(one.algorithm)
    return measured


def link_file(
    work: Work,
    officer: Officer,
    case_id: str,
    code: str,
    file_id: str,
    *,
    role: str,
    shows: str = "",
    measured: Measured | None = None,
) -> str:
    """Link a file of the case to an item; give the link's id.

    Content has to have the integrity value registered for the item (and that of content linked before): ContentDiffers
    names both. `measured` are its values when they have been computed already.
    """
    held = hold(work, officer, case_id, [code])[code]
    row = _file_of_case(work, officer, case_id, file_id)
    kind = check_role(role, shows, media_type=row.found_type)
    pending = _require_unsigned(work, held)
    for link in item_files.links_of_item(work.connection, held.row.id):
        if link.why is None and (link.file_id, link.role, link.shows) == (row.id, role, kind):
            raise Conflict(f"该文件已关联到 {code}", f"The file is linked to {code} already", at="file")
    if role == CONTENT:
        require_registered(code, _wanted(work, held), measured or _measured(work, row))
    new = _add_link(work, officer, held, row, role=role, shows=kind)
    if pending is not None:
        handover = custody.get_handover(work.connection, pending.id)
        if handover is not None and handover.from_agency == officer.agency_id and role != "copy":
            item_files.carry(work.connection, handover_id=pending.id, links=[new])
    return new


def withdraw_link(work: Work, officer: Officer, case_id: str, code: str, link_id: str, *, why: str) -> None:
    """Say that a link was wrong, and why; link and file are kept, and what was signed for stays with who signed."""
    held = hold(work, officer, case_id, [code])[code]
    link = item_files.get_link(work.connection, link_id)
    if link is None or link.item_id != held.row.id:
        raise NotFound("没有这个关联", "No such link", at=link_id)
    see_file(work, officer, link.file_id)
    if link.agency_id != officer.agency_id:
        raise Forbidden("由关联的单位撤回", "The agency that linked the file withdraws it", at=link_id)
    reason = read_text(why, at="why", longest=500)
    if link.why is not None:
        raise Conflict("该关联已撤回", "The link has been withdrawn already", at=link_id)
    _require_unsigned(work, held)
    item_files.withdraw_link(work.connection, link_id, why=reason, officer_id=officer.id, at=work.now)
    _note(work, officer, case_id, "unlinked_file", item=code, file=link.file_id, role=link.role, why=reason)


def expect_role(
    work: Work, officer: Officer, case_id: str, code: str, *, role: str, shows: str, sha256: str | None
) -> str:
    """Refuse a file before it arrives in a role that it cannot have; give what it shows."""
    held = hold(work, officer, case_id, [code], lock=False)[code]
    kind = check_role(role, shows)
    _require_unsigned(work, held)
    wanted = _wanted(work, held) if role == CONTENT else ()
    if sha256:
        told = tuple(one for one in wanted if one.algorithm == "SHA-256")
        require_registered(code, told, Measured(sha256=sha256, sm3=None, read=tuple))
    return kind


def wanted_content(work: Work, officer: Officer, case_id: str, code: str) -> tuple[Registered, ...]:
    """Give the integrity values that the content of an item has to have."""
    return _wanted(work, hold(work, officer, case_id, [code], lock=False)[code])


def expect_photo(work: Work, officer: Officer, handover_id: str, code: str) -> None:
    """Refuse a photograph of a line before its bytes are stored: not open, not on the list, too many."""
    _photographed(work, officer, handover_id, code)


def add_photo(
    work: Work,
    officer: Officer,
    handover_id: str,
    code: str,
    *,
    name: str,
    original_name: str,
    declared_type: str,
    digest: Digest,
    found: Found,
    points: tuple[int, int] | None,
) -> str:
    """Make a stored photograph material of the case, linked to the item and its line; give the link's id.

    The same photograph of the same line again changes nothing.
    """
    handover, held = _photographed(work, officer, handover_id, code)
    for photo in item_files.photos_of_handover(work.connection, handover_id):
        if (photo.item_id, photo.sha256, photo.why) == (held.row.id, digest.sha256, None):
            return str(photo.id)
    file_id = new_id()
    uploads.add_file(
        work.connection,
        id=file_id,
        case_id=handover.case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        title=name,
        name=name,
        original_name=original_name,
        sha256=digest.sha256,
        sm3=digest.sm3,
        size=digest.size,
        declared_type=declared_type,
        found_type=found.media_type,
        flag=found.flag,
        item_code=code,
        uploaded_at=work.now,
        width=points[0] if points else None,
        height=points[1] if points else None,
    )
    row = uploads.get_file(work.connection, file_id)
    if row is None:
        raise NotFound(at=file_id)
    new = _add_link(work, officer, held, row, role=PHOTO, shows="item", handover_id=handover_id)
    item_files.carry(work.connection, handover_id=handover_id, links=[new])
    return new


def line_photos(work: Work, officer: Officer, handover_id: str) -> Mapping[str, list[LinePhoto]]:
    """Give the photographs taken at a hand-over by the code of the item, oldest first, in four statements."""
    _see_handover(work, officer, handover_id)
    return photos_of(work, handover_id)


def photos_of(work: Work, handover_id: str, *, codes: Iterable[str] | None = None) -> Mapping[str, list[LinePhoto]]:
    """Give the photographs of a hand-over that the caller has seen, of some of its items or all, by code."""
    found: dict[str, list[LinePhoto]] = {}
    for row in item_files.photos_of_handover(work.connection, handover_id, codes=codes):
        found.setdefault(row.code, []).append(
            LinePhoto(
                link_id=row.id,
                file_id=row.file_id,
                title=row.title,
                size=row.size,
                shown=is_small(row),
                flag=row.flag,
                at=row.at,
                officer=row.by,
                agency=row.of,
                withdrawn=row.why or "",
            )
        )
    return found


def codes_with_content(work: Work, case_id: str, codes: Iterable[str]) -> frozenset[str]:
    """Give those of some items of a case to which electronic content is linked, so that a machine can compare it."""
    links = item_files.live_links(work.connection, case_id=case_id, codes=codes)
    return frozenset(str(link.code) for link in links if link.role == CONTENT)


def content_of_line(work: Work, officer: Officer, handover_id: str, code: str) -> Record:
    """Give the file with the content of a listed item, that the receiver may have compared."""
    handover, line = custody_handovers.open_line(work, officer, handover_id, code)
    if officer.agency_id != handover.to_agency:
        raise Forbidden("由接收单位核对", "The receiving agency compares", at=code)
    seen = {
        row.id: row
        for row in uploads.files_seen(work.connection, case_id=handover.case_id, agency_id=officer.agency_id)
    }
    for link in item_files.links_of_item(work.connection, line.item_id):
        if link.role == CONTENT and link.why is None and link.file_id in seen:
            return seen[link.file_id]
    raise Invalid(
        f"{code} 没有关联电子数据内容，请自行计算后填写校验值",
        f"No content is linked to {code}; compute its hash yourself and enter it",
        at="hash_found",
    )


def found_sha256(files: Files, row: Record, code: str) -> str:
    """Read the stored content of an item again, in constant memory, and give its SHA-256 as it is now."""
    digest = Digest()
    try:
        for piece in files.read(row.sha256):
            digest.update(piece)
    except NotFound:
        raise Invalid(
            f"{code} 的内容已不在存储中，无法核对，不能签名",
            f"The content of {code} is no longer in the store: it cannot be compared, and nothing is signed",
            at="hash_found",
        ) from None
    return digest.sha256


def compare_line(work: Work, officer: Officer, handover_id: str, code: str, *, found: str) -> Line:
    """Write down the hash the machine found in the stored content; one that differs blocks the signature (V4)."""
    return custody_handovers.note_hash(work, officer, handover_id, code, found=found)


def _registered(held: Held, *, strict: bool = True) -> tuple[Registered, ...]:
    try:
        return registered(held.row.data, held.ledger.file)
    except Invalid:
        if strict:
            raise
        return registered({}, held.ledger.file)


def _wanted(work: Work, held: Held) -> tuple[Registered, ...]:
    linked = item_files.live_contents(work.connection, held.row.id)
    known = (*_registered(held), *(Registered(algorithm="SHA-256", value=value) for value in linked))
    return tuple(dict.fromkeys(known))


def _agrees(link: Record, seen: Mapping[str, Record], values: Sequence[Registered]) -> bool | None:
    row = seen[link.file_id]
    known = {"SHA-256": row.sha256, "SM3": row.sm3}
    compared = [known[one.algorithm] == one.value for one in values if known.get(one.algorithm)]
    return all(compared) if link.role == CONTENT and compared else None


def _measured(work: Work, row: Record) -> Measured:
    return Measured(sha256=row.sha256, sm3=row.sm3, read=lambda: work.files.read(row.sha256))


def _file_of_case(work: Work, officer: Officer, case_id: str, file_id: str) -> Record:
    row = see_file(work, officer, file_id)
    if row.case_id != case_id:
        raise NotFound("本案没有这份材料", "The case has no such file", at="file")
    return row


def _require_unsigned(work: Work, held: Held) -> Record | None:
    """Give the open hand-over that lists the item; Conflict while it is being signed."""
    pending: Record | None = custody.pending_handovers(work.connection, [held.row.id]).get(held.row.id)
    if pending is not None and pending.state == "signing":
        code = held.row.code
        raise Conflict(
            f"{code} 正在按 {pending.number} 签名移交，文件暂不能增减",
            f"{code} is being handed over by {pending.number}: its files stay as they are meanwhile",
            at=pending.number,
        )
    return pending


def _see_handover(work: Work, officer: Officer, handover_id: str) -> Record:
    row = custody.get_handover(work.connection, handover_id)
    if row is None or officer.agency_id not in (row.from_agency, row.to_agency):
        raise NotFound("没有这次交接", "No such hand-over", at=handover_id)
    see_case_row(work, officer, row.case_id)
    return row


def _photographed(work: Work, officer: Officer, handover_id: str, code: str) -> tuple[Record, Held]:
    _see_handover(work, officer, handover_id)
    handover, line = custody_handovers.open_line(work, officer, handover_id, code)
    if item_files.count_photos(work.connection, handover_id=handover_id, item_id=line.item_id) >= MOST_PHOTOS:
        raise Conflict(f"每项最多 {MOST_PHOTOS} 张照片", f"A line takes {MOST_PHOTOS} photographs at most", at="photo")
    return handover, hold(work, officer, handover.case_id, [code], lock=False)[code]


def _add_link(
    work: Work,
    officer: Officer,
    held: Held,
    row: Record,
    *,
    role: str,
    shows: str,
    handover_id: str | None = None,
) -> str:
    new = item_files.add_link(
        work.connection,
        case_id=held.case.id,
        item_id=held.row.id,
        file_id=row.id,
        role=role,
        shows=shows,
        handover_id=handover_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        at=work.now,
    )
    more = {"handover": handover_id} if handover_id else {}
    _note(
        work,
        officer,
        held.case.id,
        "linked_file",
        item=held.row.code,
        file=row.id,
        sha256=row.sha256,
        role=role,
        shows=shows,
        **more,
    )
    return new


def _note(work: Work, officer: Officer, case_id: str, action: str, **detail: Any) -> None:
    audit.note(
        work.connection,
        action=action,
        at=work.now,
        case_id=case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail=detail,
    )
