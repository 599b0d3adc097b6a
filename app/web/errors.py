"""The one table from what can be refused to its status code, and how a refusal is shown."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from app.domain.errors import (
    BrokenBundle,
    Conflict,
    Forbidden,
    Invalid,
    InvalidAnswers,
    NoRoom,
    NotFound,
    Stuck,
    TooLarge,
    TooMany,
    Unproven,
    XianjieError,
)
from app.storage.room import is_full
from app.web.language import t

log = logging.getLogger(__name__)

STATUS: dict[type[XianjieError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    Unproven: HTTPStatus.UNAUTHORIZED,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Conflict: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidAnswers: HTTPStatus.UNPROCESSABLE_ENTITY,
    BrokenBundle: HTTPStatus.UNPROCESSABLE_ENTITY,
    Stuck: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NoRoom: HTTPStatus.INSUFFICIENT_STORAGE,
}

_HTTP = {
    400: ("请求的格式不正确", "The request is malformed"),
    401: ("请先登录", "Sign in first"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("不支持这种请求方式", "This method is not supported here"),
    413: ("提交的内容太大", "The content is too large"),
    412: ("协议的版本不符", "This server speaks another version of the protocol"),
    415: ("请以 JSON 提交", "Send JSON"),
    416: ("请求的范围不在文件内", "The range asked for is not in the file"),
    422: ("填写的内容有误", "Some values are not valid"),
    429: ("请求过于频繁", "Too many requests"),
}


_PLAIN = {
    "Missing data for required field.": "缺少这一项",
    "Unknown field.": "没有这一项",
    "Not a valid string.": "应为文本",
    "Not a valid integer.": "应为整数",
    "Not a valid boolean.": "应为 true 或 false",
    "Not a valid mapping type.": "应为一组键值",
    "Not a valid list.": "应为列表",
    "Not a valid quantity.": '应为整数，或者写成文本的数字，例如 "12.5"',
    "Not a valid datetime.": "应为 ISO 8601 时间",
    "Not a valid aware datetime.": "应为带时区的 ISO 8601 时间",
    "Field may not be null.": "不能为 null",
    "Invalid input type.": "应为一个 JSON 对象",
}
"""What marshmallow says of a value, in Chinese."""


def status_of(error: XianjieError) -> HTTPStatus:
    """Give the status of a refusal, by its nearest class in the table."""
    for cls in type(error).__mro__:
        if cls in STATUS:
            return STATUS[cls]
    return HTTPStatus.BAD_REQUEST


def problem(status: int, *, title: str, detail: str, **more: Any) -> Response:
    """Give a refusal as `application/problem+json` (RFC 9457)."""
    response = jsonify({"type": "about:blank", "title": title, "status": int(status), "detail": detail, **more})
    response.status_code = int(status)
    response.mimetype = "application/problem+json"
    return response


def said(error: XianjieError) -> str:
    """Give the sentence in the reader's language."""
    return t(error.zh, error.en)


def field_errors(error: InvalidAnswers) -> dict[str, list[str]]:
    """Give the sentences of each field in the reader's language."""
    return {key: [t(zh, en) for zh, en in sentences] for key, sentences in error.fields.items()}


def fail(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(XianjieError)
    def refused(error: XianjieError) -> Any:
        status = status_of(error)
        more: dict[str, Any] = {"at": error.at}
        if isinstance(error, InvalidAnswers):
            more["errors"] = field_errors(error)
        elif isinstance(error, BrokenBundle):
            more["faults"] = [
                {"file": f.file, "line": f.line, "element": f.element, "code": f.code, "detail": t(f.zh, f.en)}
                for f in error.faults
            ]
        elif error.at and status in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.UNAUTHORIZED):
            more["errors"] = {error.at: [said(error)]}
        return _show(status, said(error), **more)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        code = error.code or 500
        zh, en = _HTTP.get(code, ("请求无法处理", error.name))
        more: dict[str, Any] = {}
        messages = (
            getattr(error, "data", {}).get("messages") if isinstance(getattr(error, "data", None), dict) else None
        )
        if messages:
            more["errors"] = _flat(messages)
        if error.response is not None and code < HTTPStatus.BAD_REQUEST:
            return error.response
        response = make_response(_show(code, t(zh, en), **more))
        # What the standard wants beside the status: the methods allowed, the length of what a range was asked of.
        response.headers.extend((name, value) for name, value in error.get_headers() if name != "Content-Type")
        return response

    app.register_error_handler(Exception, _unforeseen)


def _unforeseen(error: Exception) -> Any:
    if isinstance(error, OSError) and is_full(error):  # the body of a form is laid down before anybody asked for it
        sentence = t(
            "存储空间不足，没有保存任何内容，请稍后再试", "The disk is full and nothing was stored; try again later"
        )
        return _show(HTTPStatus.INSUFFICIENT_STORAGE, sentence)
    incident = g.get("request_id", "")
    log.error("request %s failed", incident, exc_info=error)
    return _show(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        t(
            f"系统出错，事件编号 {incident}，请联系管理员",
            f"Something went wrong; tell the administrator incident {incident}",
        ),
    )


def _flat(messages: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{path}.{key}" if path and path not in ("json", "query") else str(key))
        elif isinstance(value, list):
            found.setdefault(path, []).extend(t(_PLAIN.get(str(entry), str(entry)), str(entry)) for entry in value)
        else:
            found.setdefault(path, []).append(t(_PLAIN.get(str(value), str(value)), str(value)))

    walk(messages, "")
    return found


def wants_json() -> bool:
    """Whether the caller is a program: the API, or a page's script that sends or asks for JSON."""
    return (
        request.path.startswith("/api/")
        or request.is_json
        or request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def _show(status: int, sentence: str, **more: Any) -> Any:
    if wants_json():
        return problem(status, title=HTTPStatus(status).phrase, detail=sentence, **more)
    page = render_template("error.html", status=int(status), sentence=sentence, **more)
    return page, int(status)
