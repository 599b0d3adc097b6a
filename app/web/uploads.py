"""Uploads in pieces that go on after a broken line: a server of tus 1.0.0, for the pages and for the API.

Core protocol with creation, termination, checksum and expiration. No transaction is open while bytes arrive.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import ClientDisconnected, PreconditionFailed, UnsupportedMediaType
from werkzeug.http import http_date

from app.domain.errors import Invalid, TooLarge
from app.services import uploads
from app.storage.database import Record
from app.storage.digests import PIECE
from app.storage.parts import CHECKSUMS, WrongChecksum
from app.web.errors import problem, said
from app.web.house import house
from app.web.security import me, officer_required

VERSION = "1.0.0"
LARGEST_PIECE = 64 * 1024 * 1024
"""Bytes of one PATCH; the page sends 16 MiB."""

_PIECE_TYPE = "application/offset+octet-stream"
_LONGEST_METADATA = 8_000
_WRONG_CHECKSUM = 460  # tus: Checksum Mismatch


def allowance(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a piece in that is larger than any form; runs before anything reads the request."""
    request.max_content_length = LARGEST_PIECE


def speak_tus(response: Response) -> Response:
    """Name the protocol in every answer."""
    response.headers["Tus-Resumable"] = VERSION
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        response.headers["Tus-Version"] = VERSION
    return response


def describe(**_: str) -> Any:
    """Say what this server can do; open to anyone: it tells nothing of a case."""
    return _empty(
        HTTPStatus.NO_CONTENT,
        **{
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,termination,checksum,expiration",
            "Tus-Max-Size": str(house().config.max_file),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        },
    )


@officer_required
def begin(case_id: str | None = None) -> Any:
    """Announce a file: `Upload-Length`, and `Upload-Metadata` with case, name, type, title, SHA-256, item, role."""
    _same_version()
    metadata = request.headers.get("Upload-Metadata", "")
    announced = _read_metadata(metadata)
    if case_id is not None:
        announced["case"] = case_id
    length = _number("Upload-Length")
    with house().work() as work:
        row = uploads.begin_upload(
            work, me(), announced=announced, metadata=metadata, length=length, most=house().config.max_file
        )
    place = url_for(".tell", upload_id=row.id)
    return _empty(HTTPStatus.CREATED, Location=place, **_expiry(row), **{"Upload-Offset": "0"})


@officer_required
def tell(upload_id: str) -> Any:
    """Say how much has arrived."""
    _same_version()
    with house().work(read_only=True) as work:
        row = uploads.see_upload(work, me(), upload_id)
    about = {"Upload-Offset": str(row.offset), "Upload-Length": str(row.length), **_expiry(row)}
    if row.metadata:
        about["Upload-Metadata"] = row.metadata
    return _empty(HTTPStatus.OK, **about)


@officer_required
def append(upload_id: str) -> Any:
    """Take the next piece; with the last one the file is compared with what was announced, and stored."""
    _same_version()
    if request.mimetype != _PIECE_TYPE:
        raise UnsupportedMediaType
    officer = me()
    offset = _number("Upload-Offset")
    checksum = _checksum()
    with house().work(read_only=True) as work:
        row = uploads.expect_piece(work, officer, upload_id, offset=offset)
    if row.offset == row.length:
        return _empty(HTTPStatus.NO_CONTENT, **{"Upload-Offset": str(row.offset)})
    if (request.content_length or 0) > row.length - offset:
        raise TooLarge(
            f"只差 {row.length - offset} 字节，收到的更多",
            f"Only {row.length - offset} bytes are left to come, and more arrived",
            at="file",
        )
    with house().parts.hold(upload_id) as part:
        with house().work(read_only=True) as work:
            row = uploads.expect_piece(work, officer, upload_id, offset=offset)
        digest = part.append(offset, _body(), most=row.length - offset, checksum=checksum)
        if digest.size < row.length:
            with house().work() as work:
                uploads.advance_upload(work, row, digest)
                row = uploads.see_upload(work, officer, upload_id)
        else:
            with house().work(read_only=True) as work:
                registered = uploads.wanted(work, officer, row)
            try:
                whole = uploads.judge(row, digest, part, registered)
            except uploads.REFUSED:
                with house().work() as work:
                    uploads.refuse_upload(work, row, digest)
                house().parts.drop(upload_id)
                raise
            house().files.adopt(part.path, digest.sha256)
            with house().work() as work:
                uploads.finish_upload(work, officer, row, whole)
            house().parts.drop(upload_id)
    return _empty(HTTPStatus.NO_CONTENT, **{"Upload-Offset": str(digest.size)}, **_expiry(row))


@officer_required
def end(upload_id: str) -> Any:
    """Give an upload up."""
    _same_version()
    with house().work() as work:
        uploads.end_upload(work, me(), upload_id)
    house().parts.drop(upload_id)
    return _empty(HTTPStatus.NO_CONTENT)


@officer_required
def override(upload_id: str) -> Any:
    """PATCH or DELETE for a client behind a proxy that knows neither (`X-HTTP-Method-Override`)."""
    meant = {"PATCH": append, "DELETE": end}.get(request.headers.get("X-HTTP-Method-Override", "").upper())
    if meant is None:
        raise Invalid("缺少 X-HTTP-Method-Override", "X-HTTP-Method-Override is missing", at="X-HTTP-Method-Override")
    return meant(upload_id)


def damaged(error: WrongChecksum) -> Any:
    """Tell of a piece that was damaged on its way, by the status tus has for it."""
    return problem(_WRONG_CHECKSUM, title="Checksum Mismatch", detail=said(error), at=error.at)


def _make_blueprint(name: str, prefix: str | None) -> Blueprint:
    made = Blueprint(name, __name__, url_prefix=prefix)
    made.url_value_preprocessor(allowance)
    made.after_request(speak_tus)
    made.register_error_handler(WrongChecksum, damaged)
    for rule, method, view in (
        ("/uploads", "OPTIONS", describe),
        ("/uploads", "POST", begin),
        ("/cases/<case_id>/files", "POST", begin),
        ("/uploads/<upload_id>", "OPTIONS", describe),
        ("/uploads/<upload_id>", "HEAD", tell),
        ("/uploads/<upload_id>", "PATCH", append),
        ("/uploads/<upload_id>", "DELETE", end),
        ("/uploads/<upload_id>", "POST", override),
    ):
        made.add_url_rule(rule, view_func=view, methods=[method], provide_automatic_options=False)
    return made


blueprint = _make_blueprint("uploads", None)
api = _make_blueprint("api_uploads", "/api/v1")


def _body() -> Iterator[bytes]:
    # When the line breaks, what has arrived is kept: the client goes on from there.
    try:
        while piece := request.stream.read(PIECE):
            yield piece
    except ClientDisconnected:
        return


def _same_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise PreconditionFailed


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Invalid(f"{header} 应为非负整数", f"{header} must be a whole number, not below zero", at=header)
    return int(text)


def _read_metadata(header: str) -> dict[str, str]:
    if len(header) > _LONGEST_METADATA:
        raise Invalid("Upload-Metadata 太长", "Upload-Metadata is too long", at="Upload-Metadata")
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        if key in found:
            raise Invalid(f"{key} 出现了两次", f"{key} is there twice", at=key)
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Invalid(f"{key} 不是 Base64 编码的 UTF-8", f"{key} is not UTF-8 in Base64", at=key) from None
    return found


def _checksum() -> tuple[str, bytes] | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm not in CHECKSUMS:
        raise Invalid(
            f"不支持的校验算法：{algorithm}", f"Unsupported checksum algorithm: {algorithm}", at="Upload-Checksum"
        )
    try:
        return algorithm, base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Invalid("校验值不是 Base64", "The checksum is not Base64", at="Upload-Checksum") from None


def _expiry(row: Record) -> dict[str, str]:
    return {"Upload-Expires": http_date(row.expires_at)} if row.offset < row.length else {}


def _empty(status: HTTPStatus, **headers: str) -> Response:
    response = Response(status=status, headers=headers)
    del response.headers["Content-Type"]
    return response
