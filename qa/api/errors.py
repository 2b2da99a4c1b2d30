"""Errors over HTTP: ``{"error": {"code", "message", "request_id"}}`` with the right status, whatever went wrong."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from qa.chat import ChatError, ErrorDetail
from qa.errors import Busy, NotReady, QAError
from vectorstore.errors import UnknownDocument, VectorStoreError

log = logging.getLogger("qa.api")

INTERNAL = "something went wrong here; the log has more under this request id"
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "body_too_slow",
    413: "body_too_large",
    415: "unsupported_media_type",
}


def error_response(
    status: int, code: str, message: str, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error in the API's shape."""
    body = ChatError(error=ErrorDetail(code=code, message=message, request_id=request_id))
    return Response(body.model_dump_json(), status, headers, media_type="application/json")


def describe(error: Exception, request_id: str) -> tuple[int, ErrorDetail]:
    """Return status, code and message of an error; what is nobody's business outside stays in the log."""
    if isinstance(error, QAError) and error.status < 500:
        return error.status, ErrorDetail(code=error.code, message=str(error), request_id=request_id)
    if isinstance(error, NotReady | Busy):
        return error.status, ErrorDetail(code=error.code, message=str(error), request_id=request_id)
    if isinstance(error, UnknownDocument):
        return 404, ErrorDetail(code=error.code, message=str(error), request_id=request_id)
    log.error("request %s failed", request_id, exc_info=error)
    code = error.code if isinstance(error, QAError | VectorStoreError) else "internal"
    status = error.status if isinstance(error, QAError) else 500
    return status, ErrorDetail(code=code, message=INTERNAL, request_id=request_id)


def install(app: FastAPI) -> None:
    """Give ``app`` its error handlers."""

    async def known(request: Request, error: Exception) -> Response:
        status, detail = describe(error, request.state.request_id)
        headers = {"Retry-After": "1"} if status == 503 else None
        return error_response(status, detail.code, detail.message, detail.request_id, headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        # The input itself is not repeated: it may be anything, a lone surrogate included.
        complaints = [f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()]
        return error_response(422, "invalid_request", "; ".join(complaints[:10]), request.state.request_id)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = str(error.detail)
        if error.status_code == 404:
            message = f"there is nothing at {request.url.path[:200]}; /openapi.json lists what there is"
        elif error.status_code == 405:
            message = f"{request.method} is not possible at {request.url.path[:200]}"
        code = _CODES.get(error.status_code, "http_error")
        return error_response(error.status_code, code, message, request.state.request_id, error.headers)

    app.add_exception_handler(QAError, known)
    app.add_exception_handler(VectorStoreError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
