"""Errors that a person or a caller of the API can meet, each with a stable code and an HTTP status.

QAError
├── BadQuestion            400  empty, too long, or nothing but punctuation
├── BadRequest             400  anything else about a request that can't be
├── UnknownModel           404  the OpenAI-compatible API is asked for a model that isn't there
├── UnknownConversation    404
├── UnknownMessage         404  a message that is to be replaced or judged is not there (any more)
├── UnknownJob             404
├── JobConflict            409  a job that can't be retried or cancelled (any more)
├── FileTooLarge           413  one file of an upload
├── Forbidden              403  the API key may ask, and not do this
├── UnknownResponse        404  a response that is to be read or gone on from is not there (any more)
├── UnknownVectorStore     404
├── Unauthorized           401  an API key is asked for, and none or a wrong one came
├── Forbidden              403  the API key may not do that
├── TooManyRequests        429  more than an API key may ask; ``retry_after`` says when to come again
├── UnknownKey             404  there is no API key of that id or name
├── UnknownDocumentAsked   404  a question is scoped to a document that the library does not hold
├── EmptyLibrary           (command line) there is nothing to ask about
├── NotReady               503  the library is still being opened or indexed
├── Busy                   503  more questions are waiting than the settings allow
├── SettingsError          (start-up) an unknown or impossible setting
├── RankerError            (start-up) there is no such ranker, or its model can't be loaded
├── PortInUse              (start-up) another program listens where the server should
├── Cancelled              (inside) the client has disconnected; nobody is told
├── ServerError            (command line) the running server could not be reached or answered wrongly
│   └── ServerRefused           it answered with an error of its own, whose ``code`` this one takes on
└── ModelError             502  the language model; the pipeline catches it and falls back
    ├── ModelUnreachable        refused, no route, broken off
    ├── ModelTimeout
    ├── ModelRefused            401, 403, 404, 429, 5xx; ``upstream_status`` says which
    │   └── ModelContextExceeded    the prompt is too long for the model
    ├── ModelCut                stopped at its longest answer, or by a filter
    └── ModelGarbled            HTML, broken JSON, an empty answer
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa import messages

if TYPE_CHECKING:
    from qa.messages import Message
    from vectorstore.text.language import Language


class QAError(Exception):
    """Base. The message says what, which value, and what to do about it."""

    code = "internal"
    status = 500


class BadQuestion(QAError):
    code = "bad_question"
    status = 400


class BadRequest(QAError):
    code = "bad_request"
    status = 400


class UnknownModel(QAError):
    code = "model_not_found"
    status = 404


class UnknownConversation(QAError):
    code = "unknown_conversation"
    status = 404


class UnknownMessage(QAError):
    code = "unknown_message"
    status = 404


class UnknownJob(QAError):
    code = "unknown_job"
    status = 404


class JobConflict(QAError):
    code = "job_conflict"
    status = 409


class FileTooLarge(QAError):
    code = "file_too_large"
    status = 413


class UnknownResponse(QAError):
    code = "unknown_response"
    status = 404


class UnknownVectorStore(QAError):
    code = "unknown_vector_store"
    status = 404


class Unauthorized(QAError):
    code = "unauthorized"
    status = 401


class Forbidden(QAError):
    code = "forbidden"
    status = 403


class TooManyRequests(QAError):
    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds, 1 or more."""


class UnknownKey(QAError):
    code = "unknown_key"
    status = 404


class UnknownDocumentAsked(QAError):
    code = "unknown_document"
    status = 404


class EmptyLibrary(QAError):
    code = "empty_library"
    status = 503


class NotReady(QAError):
    code = "not_ready"
    status = 503


class Busy(QAError):
    code = "busy"
    status = 503


class Cancelled(QAError):
    code = "cancelled"
    status = 499


class SettingsError(QAError):
    code = "bad_settings"


class RankerError(QAError):
    code = "ranker_error"


class PortInUse(QAError):
    code = "port_in_use"


class ServerError(QAError):
    code = "server_error"
    status = 502


class ServerRefused(ServerError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_HIDDEN: dict[str, object] = {
    "host": messages.CONFIGURED_ADDRESS,
    "path": messages.CONFIGURED_ADDRESS,
    "cause": messages.SEE_LOG,
    "error": messages.SEE_LOG,
    "detail": "",
}
"""Values of a model's error that callers don't see, and what they see instead."""


class ModelError(QAError):
    """A failure of the language model. ``str`` gives its text in English, ``explain`` in the reader's language."""

    code = "model_error"
    status = 502

    def __init__(self, message: Message | str, **values: object) -> None:
        """
        Args:
            message: what happened and what to do about it.
            values: what is put into it.
        """
        self._message = message
        self._values = values
        super().__init__(self.explain("en"))

    def explain(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self._message if isinstance(self._message, str) else self._message(language, **self._values)

    def public(self, language: Language) -> str:
        """Return the text for those who ask: it says neither where the model is nor what its endpoint said."""
        if isinstance(self._message, str):
            return messages.SEE_LOG(language)
        hidden = {name: shown for name, shown in _HIDDEN.items() if name in self._values}
        return self._message(language, **(self._values | hidden))


class ModelUnreachable(ModelError):
    code = "model_unreachable"


class ModelTimeout(ModelError):
    code = "model_timeout"


class ModelRefused(ModelError):
    code = "model_refused"

    def __init__(self, message: Message | str, upstream_status: int, **values: object) -> None:
        super().__init__(message, **values)
        self.upstream_status = upstream_status


class ModelContextExceeded(ModelRefused):
    code = "model_context_exceeded"


class ModelCut(ModelError):
    code = "model_cut"


class ModelGarbled(ModelError):
    code = "model_garbled"
