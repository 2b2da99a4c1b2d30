"""Errors of an endpoint: what the client raises becomes a ModelError, or tells whether and when to try again."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import httpx
import openai

from qa import messages as texts
from qa.errors import ModelContextExceeded, ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable

_CONTEXT_CODES = {"context_length_exceeded", "exceed_context_size_error", "model_max_prompt_tokens_exceeded"}
_CONTEXT = re.compile(
    r"context[ _](?:length|size|window|limit)|maximum context"
    r"|(?:prompt|input|request|messages?) (?:is|are) too (?:long|large)"
    r"|too many (?:input )?tokens|reduce the length|max(?:imum)?[ _](?:prompt|input|model)[ _](?:len|tokens)",
    re.I,
)
"""How servers word it; their error texts are English whatever the conversation is in."""


class ErrorTranslator:
    """Translates the client's exceptions for one endpoint.

    Args:
        host: named in every error.
        secret: the key, which no error shows.
        seconds: the time limit, for the error that says that it was reached.
    """

    def __init__(self, host: str, secret: str, seconds: float) -> None:
        self.host = host
        self._secret = secret
        self._seconds = seconds

    def translated(self, error: Exception) -> ModelError:
        """Return the error of ours that ``error`` means."""
        if isinstance(error, ModelError):
            return error
        if isinstance(error.__cause__, ModelError):  # raised within the client
            return error.__cause__
        if isinstance(error, (openai.APITimeoutError, httpx.TimeoutException)):
            return self.too_slow()
        if isinstance(error, openai.APIStatusError):
            return self._refused(error)
        if isinstance(error, (openai.APIConnectionError, httpx.HTTPError)):
            cause = self._without_secret(str(error.__cause__ or error))
            return ModelUnreachable(texts.MODEL_UNREACHABLE, host=self.host, cause=cause)
        if isinstance(error, openai.APIError) and not isinstance(error, openai.APIResponseValidationError):
            if is_context_exceeded(error):
                return self._context_exceeded(400)
            return ModelError(texts.MODEL_FAULT, host=self.host, error=self._without_secret(error.message))
        return ModelGarbled(texts.MODEL_GARBLED, host=self.host, error=type(error).__name__)

    def too_slow(self) -> ModelTimeout:
        """Return the error for a model that has been silent for too long."""
        return ModelTimeout(texts.MODEL_TOO_SLOW, host=self.host, seconds=self._seconds)

    def _refused(self, error: openai.APIStatusError) -> ModelRefused:
        status = error.status_code
        if is_context_exceeded(error):
            return self._context_exceeded(status)
        other = texts.MODEL_SERVER_FAULT if status >= 500 else texts.MODEL_REFUSED_OTHERWISE
        reason = texts.MODEL_REFUSALS.get(status, other)
        upstream = "" if status == 401 else self._without_secret(error.message)[:200]  # 401 often repeats the key
        detail = f": {upstream}" if upstream else ""
        return ModelRefused(texts.MODEL_REFUSED, status, host=self.host, reason=reason, status=status, detail=detail)

    def _context_exceeded(self, status: int) -> ModelContextExceeded:
        return ModelContextExceeded(texts.MODEL_CONTEXT_EXCEEDED, status, host=self.host)

    def _without_secret(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text


def is_context_exceeded(error: openai.APIError) -> bool:
    """Say whether the prompt was too long for the model."""
    if isinstance(error, openai.APIStatusError) and error.status_code not in (400, 413, 422, 500):
        return False
    return error.code in _CONTEXT_CODES or error.type in _CONTEXT_CODES or bool(_CONTEXT.search(reason_of(error)))


def reason_of(error: openai.APIError) -> str:
    """Return all that the endpoint says about a refusal."""
    return error.message if error.body is None else f"{error.message} {error.body}"


def wait_before_retry(error: Exception, failures: int) -> float | None:
    """Return the seconds to wait before the call is tried again, None when that is of no use.

    ``Retry-After`` is honoured, in seconds or as a date; without it the wait grows with the number of ``failures``.
    """
    if isinstance(error, openai.APITimeoutError):
        return None
    backoff = 0.25 * 2 ** (failures - 1)
    if isinstance(error, openai.APIStatusError):
        if error.status_code not in (408, 409, 429) and error.status_code < 500:
            return None
        if error.code == "insufficient_quota" or is_context_exceeded(error):
            return None
        asked = _retry_after(error.response.headers)
        return backoff if asked is None else max(0.0, asked)
    return backoff if isinstance(error, openai.APIConnectionError) else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
    try:
        return parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time()
    except (KeyError, ValueError, TypeError):
        return None
