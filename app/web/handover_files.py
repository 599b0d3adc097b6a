"""Photographs of the lines of a hand-over, and the comparison of a content by the machine."""

import io
from collections.abc import Iterator
from typing import IO, Any

from flask import Blueprint, request

from app.domain.content_types import HEAD, TAIL, examine
from app.domain.errors import Conflict, Invalid, NoRoom, TooLarge
from app.domain.file_names import check_file_name
from app.domain.item_files import require_picture
from app.services import custody_files
from app.services.custody_files import LARGEST_PHOTO
from app.services.files import measure_picture
from app.services.uploads import declared_type
from app.storage.digests import PIECE
from app.web.counting import answer
from app.web.house import house
from app.web.presenters import size_words
from app.web.security import me, officer_required

blueprint = Blueprint("handover_files", __name__)

_AROUND = 256 * 1024
"""Bytes of a request beside the photograph: its boundaries and the other fields of the form."""


@blueprint.url_value_preprocessor
def allowance(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a photograph in that is larger than any form; runs before anything reads the request."""
    request.max_content_length = LARGEST_PHOTO + _AROUND


@blueprint.post("/handovers/<handover_id>/lines/<code>/photos")
@officer_required
def photograph(handover_id: str, code: str) -> Any:
    """Keep a photograph of one item of an open hand-over, byte for byte as the camera wrote it."""
    try:
        with house().work() as work:
            custody_files.expect_photo(work, me(), handover_id, code)
        _keep(handover_id, code)
    except (Invalid, Conflict, TooLarge, NoRoom) as refused:
        return answer(handover_id, code, refused=refused)
    return answer(handover_id, code)


@blueprint.post("/handovers/<handover_id>/lines/<code>/compare")
@officer_required
def compare(handover_id: str, code: str) -> Any:
    """Read the stored content of an item again and write down its hash; the transaction is not open meanwhile."""
    officer = me()
    try:
        with house().work() as work:
            row = custody_files.content_of_line(work, officer, handover_id, code)
        found = custody_files.found_sha256(house().files, row, code)
        with house().work() as work:
            custody_files.compare_line(work, officer, handover_id, code, found=found)
    except (Invalid, Conflict) as refused:
        return answer(handover_id, code, refused=refused)
    return answer(handover_id, code)


def _keep(handover_id: str, code: str) -> None:
    sent = request.files.getlist("photo")
    if len(sent) != 1 or not sent[0].filename:
        raise Invalid("请选择一张照片", "Choose one photograph", at="photo")
    name = check_file_name(sent[0].filename, at="photo")
    stream = sent[0].stream
    size = stream.seek(0, io.SEEK_END)
    if size == 0:
        raise Invalid("照片是空的", "The photograph is empty", at="photo")
    if size > LARGEST_PHOTO:
        most = size_words(LARGEST_PHOTO)
        raise TooLarge(f"照片不得超过 {most}", f"A photograph has {most} at most", at="photo")
    found = examine(name, head=_part(stream, 0, HEAD), tail=_part(stream, max(0, size - TAIL), TAIL))
    require_picture(found.media_type, at="photo")
    try:
        house().parts.want_room(size)
        digest = house().files.put_pieces(_pieces(stream))
    except NoRoom:
        raise NoRoom(
            "存储空间不足，照片未保存，腾出空间后请重拍或者重传",
            "The disk is full and the photograph was not stored; send it again when there is room",
            at="photo",
        ) from None
    points = measure_picture(house().files, found.media_type, digest.sha256)
    with house().work() as work:
        custody_files.add_photo(
            work,
            me(),
            handover_id,
            code,
            name=name,
            original_name=sent[0].filename,
            declared_type=declared_type(sent[0].mimetype),
            digest=digest,
            found=found,
            points=points,
        )


def _part(stream: IO[bytes], start: int, length: int) -> bytes:
    stream.seek(start)
    return stream.read(length)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(PIECE):
        yield piece
