"""Any model of an OpenAI-compatible embeddings endpoint, hosted or local, by its name there."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from vectorstore.bounded_http import Bounds
from vectorstore.embeddings.base import Embedder, EmbedderOptions, Kind, Vectors
from vectorstore.embeddings.prefixes import prefixes_of
from vectorstore.errors import EmbedderError

if TYPE_CHECKING:
    from openai import APIStatusError
    from openai.types import CreateEmbeddingResponse

OPENAI_URL = "https://api.openai.com/v1"
TIMEOUT = 60.0
"""Seconds that one try of a request may wait for its answer."""
BATCH_TEXTS = 64
BATCH_CHARS = 50_000
"""Of one request, together: OpenAI allows 300,000 tokens, and a character is seldom more than two."""
TEXT_CHARS = 6000
"""Of one text; what is longer is cut off. OpenAI's models read 8,192 tokens."""
RETRIES: dict[Kind, int] = {"query": 2, "passage": 6}
"""After the first try. A person waits for a query; the indexing of passages had better wait than fail."""

_CONNECT_SECONDS = 10.0
_MOST_BYTES = 32_000_000
"""Of an answer: 64 vectors of 4,096 numbers take a fifth of it."""
_TOO_MUCH = "more than vectors can be, or compressed it"
_SAID_CHARS = 200  # of the endpoint's own message
_BLANK = "."  # for a text of white space alone, which OpenAI refuses
_REASONS = {
    400: "called the request wrong; see whether it serves embeddings, and whether passages fit the model's window",
    401: "refused the key; check QA_EMBEDDER_API_KEY",
    403: "forbids this key to use the model; check QA_EMBEDDER_API_KEY",
    404: "knows no such model or path; check QA_EMBEDDER and QA_EMBEDDER_BASE_URL (it mostly ends in /v1)",
    429: "has had too many requests, or the quota is used up; try again later",
}


def load(model: str, options: EmbedderOptions) -> Embedder:
    """Return the embedder of a model at the endpoint that ``options`` name.

    Raises:
        EmbedderError: no model is named, or as ``OpenAIEmbedder``.
    """
    key = options.api_key.get_secret_value() if options.api_key else ""
    return OpenAIEmbedder(model, options.base_url or OPENAI_URL, key)


class OpenAIEmbedder(Embedder):
    """A model at an endpoint. Passing faults (429, 5xx, no connection, no answer in time) are tried again.

    Between tries it waits as long as ``Retry-After`` says, or else twice as long each time. Texts beyond ``TEXT_CHARS``
    are cut off. The vectors are made unit vectors here.
    """

    def __init__(self, model: str, base_url: str = OPENAI_URL, api_key: str = "", timeout: float = TIMEOUT) -> None:
        """Embed one short text, to learn the number of dimensions and whether the endpoint works.

        Args:
            model: its name at the endpoint.
            base_url: up to and with ``/v1``.
            api_key: empty if the endpoint asks for none.
            timeout: seconds that one try may wait for its answer.

        Raises:
            EmbedderError: the model or the URL is none, or the endpoint can't be reached, refuses, or answers wrong.
        """
        import openai  # takes half a second

        if not model:
            raise EmbedderError("QA_EMBEDDER is 'openai:' without a model; give openai:MODEL, as the endpoint names it")
        self.name = f"openai:{model}"
        self._model = model
        self._host = _host(base_url)
        self._key = api_key
        self._timeout = timeout
        self._prefixes = prefixes_of(model)
        self._client = openai.OpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            timeout=openai.Timeout(timeout, connect=min(_CONNECT_SECONDS, timeout)),
            default_headers={"Accept-Encoding": "identity"},
            http_client=openai.DefaultHttpxClient(
                follow_redirects=False,
                event_hooks={"response": [Bounds(_MOST_BYTES, _MOST_BYTES, lambda: self._wrong(_TOO_MUCH))]},
            ),
        )
        weakref.finalize(self, self._client.close)
        self.dimensions = self._request(["。"], "query").shape[1]
        prefixed = "-prefixed" if any(self._prefixes.values()) else ""
        self.fingerprint = f"openai-{model}-{self._host}-{self.dimensions}{prefixed}"

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        rows = [self._request(batch, kind) for batch in _batches([self._input(text, kind) for text in texts])]
        for made in rows:
            if made.shape[1] != self.dimensions:
                raise self._wrong(f"vectors of {made.shape[1]} dimensions, where it gave {self.dimensions} before")
        return np.concatenate(rows)

    def _input(self, text: str, kind: Kind) -> str:
        return self._prefixes[kind] + (text[:TEXT_CHARS] if text.strip() else _BLANK)

    def _request(self, batch: Sequence[str], kind: Kind) -> Vectors:
        """Return one unit row for each text of ``batch``; all errors of the client become ours here."""
        import openai

        client = self._client.with_options(max_retries=RETRIES[kind])
        try:
            # "float", for not every server knows base64, which the client asks for by default.
            response = client.embeddings.create(input=list(batch), model=self._model, encoding_format="float")
        except openai.APITimeoutError as error:
            raise EmbedderError(
                f"{self._at} did not answer within {self._timeout:g} s; see whether it is overloaded, "
                "or set QA_EMBEDDER=bundled"
            ) from error
        except openai.APIStatusError as error:
            raise self._refused(error) from error
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, EmbedderError):
                raise error.__cause__ from None
            raise EmbedderError(
                f"{self._at} can't be reached ({self._without_key(str(error.__cause__ or error))}); is it running, "
                "and is QA_EMBEDDER_BASE_URL right? QA_EMBEDDER=bundled needs no endpoint"
            ) from error
        except (openai.OpenAIError, ValueError) as error:  # ValueError: a body that is no JSON
            raise self._wrong(f"something that can't be read ({type(error).__name__})") from error
        return self._unit_rows(response, len(batch))

    def _unit_rows(self, response: CreateEmbeddingResponse, count: int) -> Vectors:
        try:
            # The client checks nothing. Some servers leave out an index of 0.
            items = sorted(response.data, key=lambda item: item.index or 0)
            rows = np.array([item.embedding for item in items], dtype=np.float32)
        except (AttributeError, TypeError, ValueError) as error:
            raise self._wrong("something that is no list of embeddings") from error
        if len(rows) != count:
            raise self._wrong(f"{len(rows)} vectors for {count} texts")
        if rows.ndim != 2 or not rows.size:
            raise self._wrong("something that is no list of embeddings")
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._wrong("a vector that has no direction")
        unit: Vectors = rows / lengths
        return unit

    @property
    def _at(self) -> str:
        return f"the embedding model {self._model!r} at {self._host} (QA_EMBEDDER={self.name})"

    def _wrong(self, what: str) -> EmbedderError:
        return EmbedderError(
            f"{self._at} answered with {what}; check QA_EMBEDDER_BASE_URL (it mostly ends in /v1), "
            "and whether it serves that model's embeddings"
        )

    def _refused(self, error: APIStatusError) -> EmbedderError:
        status = error.status_code
        reason = _REASONS.get(status) or ("has a fault of its own; try again later" if status >= 500 else "refused")
        said = "" if status == 401 else f": {self._without_key(error.message)[:_SAID_CHARS]}"  # 401s repeat the key
        return EmbedderError(f"{self._at} {reason} (status {status}{said})")

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


def _host(base_url: str) -> str:
    """Return host and port of a URL, without a user's name and password.

    Raises:
        EmbedderError: it is no HTTP URL.
    """
    try:
        parts = urlsplit(base_url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid:
        raise EmbedderError(
            f"QA_EMBEDDER_BASE_URL is {base_url.rpartition('@')[2]!r}; it must look like https://host/v1"
        )
    return parts.netloc.rpartition("@")[2]


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield ``texts`` in order, at most ``BATCH_TEXTS`` and ``BATCH_CHARS`` at a time; never an empty batch."""
    batch: list[str] = []
    chars = 0
    for text in texts:
        if batch and (len(batch) == BATCH_TEXTS or chars + len(text) > BATCH_CHARS):
            yield batch
            batch, chars = [], 0
        batch.append(text)
        chars += len(text)
    if batch:
        yield batch
