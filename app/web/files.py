"""Material of a case: the page of a file, its preview, and its content for a reason that is written down."""

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from app.domain.content_types import UNKNOWN, read_text
from app.domain.errors import NotFound
from app.services import files
from app.services.cases import see_case_row
from app.services.work import Work
from app.storage.database import Record
from app.web.house import house
from app.web.language import t
from app.web.presenters import case_files
from app.web.security import me, officer_required

blueprint = Blueprint("files", __name__)
TEXT_SHOWN = 64 * 1024
"""Bytes of a text that its page shows."""

_VIEW_SECONDS = 4 * 3600
_TEXTS = ("text/plain", "text/csv")
_SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'self'"


@blueprint.get("/cases/<case_id>/files")
@officer_required
def listing(case_id: str) -> Any:
    """The files of a case as a fragment of its page, fetched again when an upload has ended."""
    with house().work(read_only=True) as work:
        return render_template("_files.html", files=case_files(work, files.files_of_case(work, me(), case_id)))


@blueprint.get("/files/<file_id>")
@officer_required
def show(file_id: str) -> Any:
    """What is known of a file, with its content beside it where a browser may show it; that viewing is noted."""
    officer = me()
    with house().work(read_only=True) as work:
        row = files.see_file(work, officer, file_id)
        case = see_case_row(work, officer, row.case_id)
        shown = {**_about(work, row), "case_number": case.number, "case_name": case.name}
    text = ""
    if files.is_shown(row):
        house().files.check(row.sha256)
        with house().work() as work:
            files.read_file(work, officer, file_id, action=files.VIEWED, reason=t("在线查看", "Viewed on its page"))
        shown["src"] = f"/files/{row.id}/content?view={_views().dumps([officer.id, row.id])}"
        if row.found_type in _TEXTS:
            text = read_text(b"".join(house().files.read(row.sha256, 0, min(row.size, TEXT_SHOWN))))
    return render_template("file.html", file=shown, text=text, text_shown=TEXT_SHOWN)


@blueprint.get("/files/<file_id>/content")
@officer_required
def content(file_id: str) -> Any:
    """The content: for its page, whose viewing has been noted, or for a `reason`, which is noted now."""
    if _is_viewed(file_id):
        with house().work(read_only=True) as work:
            row = files.see_file(work, me(), file_id)
        house().files.check(row.sha256)
        return deliver(row, inline=True)
    return hand_out(file_id)


@blueprint.get("/files/<file_id>/picture")
@officer_required
def picture(file_id: str) -> Any:
    """A picture for a page that shows it small beside others, as it was brought; that viewing is noted."""
    with house().work(read_only=True) as work:
        row = files.see_file(work, me(), file_id)
    if not files.is_small(row):
        raise NotFound("这份材料不能显示为图片", "This file is not shown as a picture", at=file_id)
    house().files.check(row.sha256)
    with house().work() as work:
        files.read_file(work, me(), file_id, action=files.VIEWED, reason=t("在页面上查看", "Viewed on a page"))
    return deliver(row, inline=True)


def hand_out(file_id: str) -> Response:
    """Give the content to be saved, and note it with the `reason` of the request."""
    with house().work(read_only=True) as work:
        row = files.see_file(work, me(), file_id)
    house().files.check(row.sha256)
    with house().work() as work:
        files.read_file(work, me(), file_id, action=files.DOWNLOADED, reason=request.args.get("reason", ""))
    return deliver(row, inline=False)


def deliver(row: Record, *, inline: bool) -> Response:
    """Send the bytes, or the one range asked for (RFC 9110 §14); shown only what a browser shows safely."""
    inline = inline and files.is_shown(row)
    start, stop, status = _range(row)
    kind = row.found_type if inline else UNKNOWN
    response = Response(house().files.read(row.sha256, start, stop), status=status, content_type=kind)
    response.content_length = stop - start
    response.set_etag(row.sha256)
    response.accept_ranges = "bytes"
    if status == HTTPStatus.PARTIAL_CONTENT:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{row.size}"
    how = "inline" if inline else "attachment"
    ending = re.search(r"\.[A-Za-z0-9]{1,8}$", row.name)
    plain = f"file-{row.sha256[:12]}{ending.group() if ending else ''}"
    response.headers["Content-Disposition"] = (
        f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(row.name, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    if kind != "application/pdf":  # browsers show no PDF in a sandbox; the policy of the pages holds for it
        response.headers["Content-Security-Policy"] = _SANDBOX
    return response


def _range(row: Record) -> tuple[int, int, HTTPStatus]:
    asked = request.range
    if "Range" not in request.headers or (request.if_range.etag and request.if_range.etag != row.sha256):
        return 0, row.size, HTTPStatus.OK
    found = asked.range_for_length(row.size) if asked is not None and len(asked.ranges) == 1 else None
    if found is None or found[1] is None:
        raise RequestedRangeNotSatisfiable(length=row.size)
    return found[0], found[1], HTTPStatus.PARTIAL_CONTENT


def _about(work: Work, row: Record) -> dict[str, Any]:
    return {
        **case_files(work, [row])[0],
        "case_id": row.case_id,
        "preview": row.found_type.partition("/")[0] if files.is_shown(row) else "",
        "src": "",
    }


def _is_viewed(file_id: str) -> bool:
    try:
        return bool(_views().loads(request.args.get("view", ""), max_age=_VIEW_SECONDS) == [me().id, file_id])
    except BadSignature:
        return False


def _views() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(house().config.secret_key, salt="file-view")
