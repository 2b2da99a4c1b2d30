"""Errors over HTTP: ``{"error": {"code", "message", "request_id"}}`` and a status, for every exception."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from qa.api.validation import complaints, summary
from qa.errors import Busy, NotReady, QAError, TooManyRequests
from qa.sessions.chat import ChatError, ErrorDetail
from vectorstore.errors import (
    AmbiguousDocument,
    BadCollection,
    BadName,
    KeyReused,
    LibraryError,
    LibraryFull,
    SharedDocument,
    SourceError,
    UnknownCollection,
    UnknownDocument,
    UnknownPage,
    VectorStoreError,
)

log = logging.getLogger("qa.api")

INTERNAL = "something went wrong here; the log has more under this request id"
FULL = "the disk that holds the library is full; free some space on it, and try again"
UNAVAILABLE = "the library can't be read or written now; try again in a moment, the log has more under this request id"
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "body_too_slow",
    413: "body_too_large",
    415: "unsupported_media_type",
}


OPENAI = "/v1/"
"""Path prefix of the routes whose errors have OpenAI's shape."""
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "invalid_request_error",
    429: "rate_limit_error",
}


_STATUS: dict[type[VectorStoreError], int] = {
    UnknownDocument: 404,
    UnknownPage: 404,
    UnknownCollection: 404,
    AmbiguousDocument: 400,
    BadCollection: 400,
    BadName: 400,
    KeyReused: 422,
    SharedDocument: 403,
    SourceError: 422,
}
"""Of errors of the library that the caller can mend."""


def error_response(
    path: str, status: int, code: str, message: str, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error in the shape of the API that ``path`` belongs to."""
    if path.startswith(OPENAI):
        content = json.dumps(openai_detail(status, code, message), ensure_ascii=False)
    else:
        content = ChatError(error=ErrorDetail(code=code, message=message, request_id=request_id)).model_dump_json()
    return Response(content, status, headers, media_type="application/json")


def openai_detail(status: int, code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """Return an error in OpenAI's shape; the request id is in the header, as with OpenAI."""
    kind = "server_error" if status >= 500 else _TYPES.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def describe(error: Exception, request_id: str) -> tuple[int, ErrorDetail]:
    """Return status, code and message of an error; details of an internal error go to the log only."""
    if isinstance(error, QAError) and error.status < 500:
        return error.status, ErrorDetail(code=error.code, message=str(error), request_id=request_id)
    if isinstance(error, NotReady | Busy):
        return error.status, ErrorDetail(code=error.code, message=str(error), request_id=request_id)
    if isinstance(error, LibraryError):
        log.error("request %s failed: %s", request_id, error, exc_info=error)
        status, message = (507, FULL) if isinstance(error, LibraryFull) else (503, UNAVAILABLE)
        return status, ErrorDetail(code=error.code, message=message, request_id=request_id)
    if isinstance(error, VectorStoreError) and (
        found := [_STATUS[kind] for kind in _STATUS if isinstance(error, kind)]
    ):
        return found[0], ErrorDetail(code=error.code, message=str(error), request_id=request_id)
    log.error("request %s failed", request_id, exc_info=error)
    code = error.code if isinstance(error, QAError | VectorStoreError) else "internal"
    status = error.status if isinstance(error, QAError) else 500
    return status, ErrorDetail(code=code, message=INTERNAL, request_id=request_id)


async def _known(request: Request, error: Exception) -> Response:
    """Answer for an error of ours."""
    status, detail = describe(error, request.state.request_id)
    headers = {}
    if isinstance(error, TooManyRequests):
        headers = {"Retry-After": str(error.retry_after)}
    elif status == 503:
        headers = {"Retry-After": "1"}
    elif status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return error_response(request.url.path, status, detail.code, detail.message, detail.request_id, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    """Answer for a request that doesn't fit its schema. The input itself is not repeated: it may contain anything."""
    assert isinstance(error, RequestValidationError)
    found = complaints(error)
    message = summary(found)
    if request.url.path.startswith(OPENAI):
        unknown = ", ".join(one.field for one in found if one.unknown)
        if unknown:
            message = f"Unrecognized request argument supplied: {unknown[:200]}"
        detail = openai_detail(400, "invalid_request", message, found[0].field or None)
        return Response(json.dumps(detail), 400, media_type="application/json")
    return error_response(request.url.path, 422, "invalid_request", message, request.state.request_id)


async def _http(request: Request, error: Exception) -> Response:
    """Answer for an error of the framework: no such path, a wrong method, a body that can't be read."""
    assert isinstance(error, HTTPException)
    message = str(error.detail)
    if error.status_code == 404:
        message = f"there is nothing at {request.url.path[:200]}; /openapi.json lists what there is"
    elif error.status_code == 405:
        message = f"{request.method} is not possible at {request.url.path[:200]}"
    code = _CODES.get(error.status_code, "http_error")
    request_id = request.state.request_id
    return error_response(request.url.path, error.status_code, code, message, request_id, error.headers)


def install(app: FastAPI) -> None:
    """Register the error handlers with ``app``."""
    app.add_exception_handler(QAError, _known)
    app.add_exception_handler(VectorStoreError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
