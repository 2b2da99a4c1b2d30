"""A model behind an OpenAI-compatible endpoint, hosted or local."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import openai
from pydantic import SecretStr

from qa import messages as texts
from qa.errors import ModelCut, ModelError, ModelGarbled, ModelUnreachable
from qa.llm.base import Message, Piece, Schema
from qa.llm.cancellation import is_cancelled
from qa.llm.characters import CharacterJoiner
from qa.llm.endpoint_errors import ErrorTranslator, is_context_exceeded, reason_of, wait_before_retry
from qa.llm.request_options import RequestOptions
from qa.llm.thoughts import Style, ThoughtSplitter
from qa.llm.waiting import bounded
from qa.types import Thinking, TokenUsage
from vectorstore.bounded_http import Bounds

if TYPE_CHECKING:
    from openai import Stream
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
    from openai.types.chat.chat_completion_chunk import ChoiceDelta

OPENAI_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 10.0
RETRIES = 2
"""Retries of a call that failed to connect, or with 429 or 5xx, before the first piece of an answer."""
MAX_CHARS = 20_000
"""Longer answers are cut: the model is looping."""
MAX_THINKING_CHARS = 400_000
"""The same for its thoughts."""
_CUT = ("length", "content_filter")
"""Reasons to stop before the end: the last sentence may lack its condition, and the answer its other half."""
_MOST_TOKENS = 10**12
"""Larger counts are none."""
_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
"""Fields of a chunk in which servers send thoughts: DeepSeek, llama.cpp and vLLM; OpenRouter and Ollama; proxies."""


def _bounds(host: str) -> Bounds:
    """An answer's line is one chunk, or a whole answer that isn't streamed; with thoughts it takes a tenth of this."""
    return Bounds(100_000_000, 1_000_000, lambda: ModelGarbled(texts.MODEL_TOO_LARGE, host=host), is_cancelled)


class Endpoint:
    """A chat model at ``base_url``; see ``Model``. What it refuses is remembered, and not sent again."""

    def __init__(
        self,
        model: str,
        base_url: str | None,
        key: SecretStr | None,
        timeout: float,
        max_tokens: int | None = None,
        thoughts: Style = "unknown",
        seed: int | None = None,
    ) -> None:
        """
        Args:
            model: its name at the endpoint.
            base_url: up to and including ``/v1``; None for OpenAI itself.
            key: None for endpoints that require none.
            timeout: seconds of silence after which a call has failed, counted from its start and from each piece.
            max_tokens: longest answer, thoughts included; None leaves it to the endpoint.
            thoughts: how thoughts stand in its text, if that is known.
            seed: sent with each call, for a model that heeds one.
        """
        url = base_url or OPENAI_URL
        self.host = urlsplit(url).netloc.rsplit("@", 1)[-1] or url
        self.name = f"{model} at {self.host}"
        self.timeout = timeout
        self._model = model
        self._options = RequestOptions(max_tokens, seed)
        self._thoughts: Style = thoughts
        secret = key.get_secret_value() if key else ""
        self._errors = ErrorTranslator(self.host, secret, timeout)
        self._client = openai.OpenAI(
            base_url=url,
            api_key=secret or "none",
            timeout=openai.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
            max_retries=0,  # the client's own wait is bound by no deadline
            default_headers={"Accept-Encoding": "identity"},
            http_client=openai.DefaultHttpxClient(
                follow_redirects=False, event_hooks={"response": [_bounds(self.host)]}
            ),
        )
        weakref.finalize(self, self._client.close)

    def close(self) -> None:
        """Close the idle connections, which otherwise stay open until the garbage collector comes by."""
        self._client.close()

    def stream(self, messages: Sequence[Message], schema: Schema | None = None) -> Iterator[Piece]:
        """See ``Model.stream``."""
        written = thought = 0
        for piece in self._split(messages, schema):
            if isinstance(piece, str):
                written += len(piece)
            elif isinstance(piece, Thinking):
                thought += len(piece.text)
            yield piece
            if written > MAX_CHARS:
                return
            if thought > MAX_THINKING_CHARS:
                break
        if not written:
            raise ModelGarbled(texts.MODEL_EMPTY, host=self.host)

    def _split(self, messages: Sequence[Message], schema: Schema | None) -> Iterator[Piece]:
        """Yield the pieces of a call with the thoughts in its text told apart."""
        splitter = ThoughtSplitter(self._thoughts)
        ended, received = "", 0
        usage: TokenUsage | None = None
        try:
            pieces = bounded(
                lambda closed: self._pieces(messages, schema, closed), self.timeout, self._errors.too_slow()
            )
            for piece in pieces:
                if isinstance(piece, _Finish):
                    ended = piece.reason
                elif isinstance(piece, str):
                    yield from splitter.feed(piece)
                    received += len(piece)
                    if received > MAX_THINKING_CHARS:
                        break
                elif isinstance(piece, TokenUsage):
                    usage = piece
                else:
                    splitter.thoughts_come_apart()
                    yield piece
        except ModelError:
            yield from splitter.finish(whole=False)
            raise
        yield from splitter.finish(whole=ended == "stop")
        self._thoughts = splitter.style
        if usage is not None:
            yield usage
        if ended in _CUT:
            raise ModelCut(texts.MODEL_CUT, host=self.host, reason=ended)

    def _pieces(
        self, messages: Sequence[Message], schema: Schema | None, closed: threading.Event
    ) -> Iterator[Piece | _Finish]:
        """Yield pieces as they come. Errors of openai and its HTTP client become a ModelError here."""
        finish, usage = None, None
        text, thoughts = CharacterJoiner(), CharacterJoiner()
        try:
            for chunk in self._opened(messages, schema, closed):
                usage = chunk.usage or usage
                for choice in chunk.choices or ():
                    finish = choice.finish_reason or finish
                    # Azure's filters report on what was sent in choices of their own, which say nothing.
                    delta: ChoiceDelta | None = getattr(choice, "delta", None)
                    for piece in () if delta is None else _pieces_of(delta):
                        if isinstance(piece, str) and (whole := text.feed(piece)):
                            yield whole
                        elif isinstance(piece, Thinking) and (whole := thoughts.feed(piece.text)):
                            yield Thinking(whole)
        except Exception as error:  # the boundary: see ErrorTranslator
            raise self._errors.translated(error) from error
        if finish is None:
            raise ModelUnreachable(texts.MODEL_BROKE_OFF, host=self.host)
        if (taken := _usage_of(usage)) is not None:
            yield taken
        yield _Finish(finish)

    def _opened(
        self, messages: Sequence[Message], schema: Schema | None, closed: threading.Event
    ) -> Iterator[ChatCompletionChunk]:
        """Yield the chunks of a call that was accepted: without what the endpoint refuses, and tried again in time."""
        sent = [
            cast("ChatCompletionMessageParam", {"role": message.role, "content": message.content})
            for message in messages
        ]
        form = {} if schema is None else {"response_format": _response_format(schema)}
        deadline = time.monotonic() + self.timeout
        failures = 0
        while True:
            options = self._options.current()
            try:
                stream = self._client.chat.completions.create(
                    model=self._model, messages=sent, stream=True, **cast("dict[str, Any]", {**options, **form})
                )
                break
            except openai.APIError as error:
                if _is_refusal(error) and self._options.refused(options, error.param, reason_of(error)):
                    continue
                failures += 1
                wait = wait_before_retry(error, failures)
                if failures > RETRIES or wait is None or time.monotonic() + wait >= deadline:
                    raise
                if closed.wait(wait):
                    raise
        yield from _chunks(stream)


class _Finish:
    """The end of a stream, and why the model stopped."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _response_format(schema: Schema) -> dict[str, object]:
    return {
        "type": "json_schema",
        "json_schema": {"name": schema.name, "strict": True, "schema": dict(schema.definition)},
    }


def _is_refusal(error: openai.APIError) -> bool:
    status = error.status_code if isinstance(error, openai.APIStatusError) else 0
    return status in (400, 422) and not is_context_exceeded(error)


def _chunks(stream: Stream[ChatCompletionChunk]) -> Iterator[ChatCompletionChunk]:
    """Yield the chunks of a stream, and close it.

    Raises:
        ValueError: there is none; what came was no stream of events.
    """
    with stream:
        empty = True
        for chunk in stream:
            empty = False
            yield chunk
    if empty:
        raise ValueError("no event")


def _pieces_of(delta: ChoiceDelta) -> Iterator[Piece]:
    """Yield the thoughts and the text of one chunk."""
    extra = delta.model_extra or {}
    thought = next((extra[field] for field in _REASONING_FIELDS if isinstance(extra.get(field), str)), "")
    if thought:
        yield Thinking(thought)
    content: object = delta.content
    if isinstance(content, str):
        if content:
            yield content
        return
    for part in content if isinstance(content, list) else []:  # Mistral sends parts, each with its type
        if part.get("type") == "thinking":
            yield Thinking("".join(item.get("text", "") for item in part.get("thinking", [])))
        elif part.get("text"):
            yield str(part["text"])


def _usage_of(usage: object) -> TokenUsage | None:
    """Return what a call took; None where the endpoint's counts are none: an answer is not lost for that."""
    sent, written = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if sent is None or written is None:
        return None
    cached = _count(getattr(usage, "prompt_tokens_details", None), "cached_tokens")
    return TokenUsage(input_tokens=sent, output_tokens=written, cached_tokens=cached)


def _count(counts: object, name: str) -> int | None:
    """Return a number of tokens: the client checks no types."""
    found = getattr(counts, name, None)
    return found if type(found) is int and 0 <= found < _MOST_TOKENS else None
