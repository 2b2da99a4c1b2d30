"""A model behind an OpenAI-compatible endpoint, hosted or local, called through ``langchain_openai.ChatOpenAI``."""

from __future__ import annotations

import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

import openai
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from qa import messages as texts
from qa.errors import ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from qa.llm.base import Message
from qa.llm.cancellation import POLL_SECONDS, is_cancelled

OPENAI_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 10.0
RETRIES = 1
"""Retries of a call that failed to connect, or with 429 or 5xx, before the first piece of an answer."""
MAX_CHARS = 20_000
"""Longer answers are cut: the model is looping."""


class Endpoint:
    """A chat model at ``base_url``; see ``Model``."""

    def __init__(self, model: str, base_url: str | None, key: SecretStr | None, timeout: float) -> None:
        """
        Args:
            model: its name at the endpoint.
            base_url: up to and including ``/v1``; None for OpenAI itself.
            key: None for endpoints that require none.
            timeout: seconds that one call may take, from its start to its last piece.
        """
        url = base_url or OPENAI_URL
        self.host = urlsplit(url).netloc.rsplit("@", 1)[-1] or url
        self.name = f"{model} at {self.host}"
        self.timeout = timeout
        self._secret = key.get_secret_value() if key else ""
        self._client = ChatOpenAI(
            model=model,
            base_url=url,
            api_key=SecretStr(self._secret or "none"),
            temperature=0,
            timeout=openai.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
            max_retries=RETRIES,
        )
        weakref.finalize(self, self._client.root_client.close)  # closes its idle connections

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """See ``Model.stream``."""
        size = 0
        for piece in _bounded(lambda: self._pieces(messages), self.timeout, self._too_slow()):
            size += len(piece)
            if piece:
                yield piece
            if size > MAX_CHARS:
                return
        if not size:
            raise ModelGarbled(texts.MODEL_EMPTY, host=self.host)

    def _pieces(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield pieces as they come. Errors of openai, langchain and their HTTP client become a ModelError here."""
        finish = None
        try:
            for chunk in self._client.stream([(message.role, message.content) for message in messages]):
                finish = chunk.response_metadata.get("finish_reason") or finish
                yield str(chunk.text)
        except Exception as error:  # the boundary: see _translated
            raise self._translated(error) from error
        if finish is None:
            raise ModelUnreachable(texts.MODEL_BROKE_OFF, host=self.host)

    def _translated(self, error: Exception) -> ModelError:
        if isinstance(error, openai.APITimeoutError):
            return self._too_slow()
        if isinstance(error, openai.APIStatusError):
            return self._refused(error)
        if isinstance(error, openai.APIConnectionError):
            cause = self._without_secret(str(error.__cause__ or error))
            return ModelUnreachable(texts.MODEL_UNREACHABLE, host=self.host, cause=cause)
        if isinstance(error, openai.APIError) and not isinstance(error, openai.APIResponseValidationError):
            return ModelError(texts.MODEL_FAULT, host=self.host, error=self._without_secret(error.message))
        return ModelGarbled(texts.MODEL_GARBLED, host=self.host, error=type(error).__name__)

    def _refused(self, error: openai.APIStatusError) -> ModelRefused:
        status = error.status_code
        other = texts.MODEL_SERVER_FAULT if status >= 500 else texts.MODEL_REFUSED_OTHERWISE
        reason = texts.MODEL_REFUSALS.get(status, other)
        upstream = "" if status == 401 else self._without_secret(error.message)[:200]  # 401 often repeats the key
        detail = f": {upstream}" if upstream else ""
        return ModelRefused(texts.MODEL_REFUSED, status, host=self.host, reason=reason, status=status, detail=detail)

    def _too_slow(self) -> ModelTimeout:
        return ModelTimeout(texts.MODEL_TOO_SLOW, host=self.host, seconds=self.timeout)

    def _without_secret(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text


_Pieces = queue.SimpleQueue[str | BaseException | None]


def _pump(source: Callable[[], Iterator[str]], pieces: _Pieces, closed: threading.Event) -> None:
    """Put what ``source`` yields into ``pieces`` until ``closed`` is set; then its error, or None at its end."""
    try:
        for piece in source():
            if closed.is_set():
                return
            pieces.put(piece)
        pieces.put(None)
    except BaseException as error:  # raised in the caller's thread
        pieces.put(error)


def _bounded(source: Callable[[], Iterator[str]], seconds: float, late: ModelTimeout) -> Iterator[str]:
    """Yield what ``source`` yields; raise ``late`` when it hasn't ended after ``seconds``.

    The client's own timeout limits the time between two bytes, so a server's keep-alive comments restart it; this
    one limits the whole call. The source runs in a thread that ends with the connection, at the latest when the
    client's timeout ends it.
    """
    pieces: _Pieces = queue.SimpleQueue()
    closed = threading.Event()
    threading.Thread(target=_pump, args=(source, pieces, closed), name="model", daemon=True).start()
    deadline = time.monotonic() + seconds
    try:
        while True:
            remaining = deadline - time.monotonic()
            try:
                piece = pieces.get(timeout=max(0.0, min(remaining, POLL_SECONDS)))
            except queue.Empty:
                if is_cancelled():
                    raise ModelError(texts.MODEL_CANCELLED) from None
                if remaining <= POLL_SECONDS:
                    raise late from None
                continue
            if piece is None:
                return
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        closed.set()
