"""A model behind an OpenAI-compatible endpoint, hosted or local, through ``langchain_openai.ChatOpenAI``."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

import openai
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from qa.errors import ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from qa.llm.base import Message
from qa.llm.cancellation import LOOK_SECONDS, left

OPENAI_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 10.0
RETRIES = 1
"""Of a call that found no connection or a passing fault (429, 5xx), before the first piece of an answer."""
MAX_CHARS = 20_000
"""An answer longer than this is cut: a model that never stops has lost its thread."""

_WORDS = {
    400: "called the request wrong; check QA_LLM_MODEL, and whether the prompt fits its context",
    401: "refused the key; check QA_LLM_API_KEY",
    403: "forbids this key to use the model; check QA_LLM_API_KEY and QA_LLM_MODEL",
    404: "knows no such model or path; check QA_LLM_MODEL and QA_LLM_BASE_URL (it mostly ends in /v1)",
    429: "has had too many requests, or the quota is used up; try again later",
}


class Endpoint:
    """A chat model at ``base_url``; see ``Model``."""

    def __init__(self, model: str, base_url: str | None, key: SecretStr | None, timeout: float) -> None:
        """
        Args:
            model: its name at the endpoint.
            base_url: up to and with ``/v1``; None for OpenAI's own.
            key: None for endpoints that ask for none.
            timeout: seconds that one call may take from its start to its last piece.
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
            raise ModelGarbled(f"the model at {self.host} gave an empty answer; ask again, or try another model")

    def _pieces(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield pieces as they come; every error of the libraries below becomes one of ours here."""
        finish = None
        try:
            for chunk in self._client.stream([(message.role, message.content) for message in messages]):
                finish = chunk.response_metadata.get("finish_reason") or finish
                yield str(chunk.text)
        except Exception as error:  # the boundary: openai, its HTTP client and langchain each have their own errors
            raise self._translated(error) from error
        if finish is None:
            raise ModelUnreachable(f"the model at {self.host} broke off in the middle of its answer; ask again")

    def _translated(self, error: Exception) -> ModelError:
        if isinstance(error, openai.APITimeoutError):
            return self._too_slow()
        if isinstance(error, openai.APIStatusError):
            return self._refused(error)
        if isinstance(error, openai.APIConnectionError):
            cause = self._without_secret(str(error.__cause__ or error))
            return ModelUnreachable(
                f"the model at {self.host} can't be reached, or broke off ({cause}); is it running, and is "
                "QA_LLM_BASE_URL right?"
            )
        if isinstance(error, openai.APIError) and not isinstance(error, openai.APIResponseValidationError):
            return ModelError(f"the model at {self.host} failed: {self._without_secret(error.message)}")
        return ModelGarbled(
            f"the model at {self.host} answered with something that is no chat completion "
            f"({type(error).__name__}); check QA_LLM_BASE_URL (it mostly ends in /v1)"
        )

    def _refused(self, error: openai.APIStatusError) -> ModelRefused:
        status = error.status_code
        words = _WORDS.get(status) or ("has a fault of its own; try again later" if status >= 500 else "refused")
        said = "" if status == 401 else self._without_secret(error.message)[:200]
        return ModelRefused(f"the model at {self.host} {words} (status {status}{': ' if said else ''}{said})", status)

    def _too_slow(self) -> ModelTimeout:
        return ModelTimeout(
            f"the model at {self.host} did not finish within {self.timeout:g} s (QA_LLM_TIMEOUT); "
            "allow it more, or use a faster model"
        )

    def _without_secret(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text


def _bounded(source: Callable[[], Iterator[str]], seconds: float, late: ModelTimeout) -> Iterator[str]:
    """Yield what ``source`` yields, and raise ``late`` when it isn't through after ``seconds``.

    The client's own timeout runs between two bytes, and a server's keep-alive comments start it again; this one doesn't
    care. The source runs in a thread that ends with the connection, at the latest when the client's timeout strikes.
    """
    pieces: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
    gone = threading.Event()

    def run() -> None:
        try:
            for piece in source():
                if gone.is_set():
                    return
                pieces.put(piece)
            pieces.put(None)
        except BaseException as error:  # handed to the caller's thread
            pieces.put(error)

    threading.Thread(target=run, name="model", daemon=True).start()
    deadline = time.monotonic() + seconds
    try:
        while True:
            remaining = deadline - time.monotonic()
            try:
                piece = pieces.get(timeout=max(0.0, min(remaining, LOOK_SECONDS)))
            except queue.Empty:
                if left():
                    raise ModelError("nobody waits for the model's answer any more") from None
                if remaining <= LOOK_SECONDS:
                    raise late from None
                continue
            if piece is None:
                return
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        gone.set()
