"""Models behind an OpenAI-compatible endpoint: batches, retries, and what each fault becomes."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence

import numpy as np
import pytest

from tests.support.scripted_openai import (
    BROKEN_JSON,
    HTML,
    EmbeddingScript,
    Reply,
    Rows,
    ScriptedOpenAI,
    error,
    ngram_vectors,
)
from vectorstore.embeddings.openai import BATCH_CHARS, BATCH_TEXTS, RETRIES, TEXT_CHARS, OpenAIEmbedder
from vectorstore.errors import EmbedderError

KEY = "sk-very-secret"
SOON = (("retry-after", "0.01"),)


def body(data: object) -> Reply:
    return Reply(body=json.dumps({"object": "list", "data": data, "model": "scripted"}))


def inputs(server: ScriptedOpenAI) -> list[list[str]]:
    """The texts of each request after the probe."""
    return [request["input"] for request in server.embedding_requests[1:]]


def test_many_texts_go_in_bounded_batches_and_come_back_in_order() -> None:
    texts = [f"第{number}条" for number in range(BATCH_TEXTS)] + [f"{number}长" * 2000 for number in range(20)]
    with ScriptedOpenAI() as server:
        vectors = OpenAIEmbedder("scripted", server.url).encode(texts, "passage")
        alone = OpenAIEmbedder("scripted", server.url).encode([texts[-1]], "passage")
        sent = inputs(server)[:-2]  # the second embedder's probe and text
    assert [text for batch in sent for text in batch] == texts
    assert len(sent) > 2
    assert max(len(batch) for batch in sent) == BATCH_TEXTS
    assert max(sum(map(len, batch)) for batch in sent) <= BATCH_CHARS
    assert vectors[-1] @ alone[0] == pytest.approx(1, abs=1e-5)


def test_a_text_beyond_the_window_is_cut() -> None:
    with ScriptedOpenAI() as server:
        OpenAIEmbedder("scripted", server.url).encode(["长" * (TEXT_CHARS + 5)], "query")
        assert inputs(server) == [["长" * TEXT_CHARS]]


def test_blank_texts_are_not_sent_as_they_are() -> None:
    with ScriptedOpenAI() as server:
        OpenAIEmbedder("scripted", server.url).encode(["", " \n\u3000"], "query")
        assert all(text.strip() for text in inputs(server)[0])


def test_vectors_are_sorted_by_index_whatever_the_order_of_the_answer() -> None:
    def backwards(texts: list[str]) -> Reply:
        rows = enumerate(ngram_vectors(texts))
        return body([{"embedding": row, **({"index": i} if i else {})} for i, row in rows][::-1])

    texts = ["甲", "乙", "丙"]
    with ScriptedOpenAI(embeddings=[ngram_vectors, backwards(texts)]) as server:
        vectors = OpenAIEmbedder("scripted", server.url).encode(texts, "passage")
    with ScriptedOpenAI() as server:
        expected = OpenAIEmbedder("scripted", server.url).encode(texts, "passage")
    assert np.array_equal(vectors, expected)


def test_the_key_and_the_model_are_sent() -> None:
    with ScriptedOpenAI() as server:
        OpenAIEmbedder("scripted", server.url, KEY)
        assert server.embedding_requests[0]["model"] == "scripted"
        assert server.embedding_headers[0]["authorization"] == f"Bearer {KEY}"


def test_e5_models_get_their_prefixes() -> None:
    with ScriptedOpenAI() as server:
        embedder = OpenAIEmbedder("intfloat/multilingual-e5-small", server.url)
        embedder.encode(["甲"], "query")
        embedder.encode(["甲"], "passage")
        assert inputs(server) == [["query: 甲"], ["passage: 甲"]]


def test_the_fingerprint_tells_models_hosts_and_dimensions_apart() -> None:
    def short(texts: list[str]) -> Rows:
        return ngram_vectors(texts, 96)

    with ScriptedOpenAI() as one, ScriptedOpenAI() as other, ScriptedOpenAI(embeddings=short) as shorter:
        first = OpenAIEmbedder("scripted", one.url, KEY)
        with_user = one.url.replace("//", "//somebody:secret@")
        assert OpenAIEmbedder("scripted", with_user).fingerprint == first.fingerprint
        others = [
            OpenAIEmbedder("another", one.url),
            OpenAIEmbedder("scripted", other.url),
            OpenAIEmbedder("scripted", shorter.url),
        ]
    assert "scripted" in first.fingerprint
    assert one.host in first.fingerprint
    assert str(first.dimensions) in first.fingerprint
    assert KEY not in first.fingerprint
    assert len({embedder.fingerprint for embedder in (first, *others)}) == 4
    assert others[-1].dimensions == 96


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_passing_faults_are_tried_again(status: int) -> None:
    with ScriptedOpenAI(embeddings=[ngram_vectors, error(status, headers=SOON), ngram_vectors]) as server:
        embedder = OpenAIEmbedder("scripted", server.url)
        assert embedder.encode(["甲"], "query").shape == (1, 384)
        assert inputs(server) == [["甲"], ["甲"]]


def test_retry_after_is_honoured() -> None:
    """It is less than any waiting time of the client's own in the first case, and more in the second."""
    for seconds, low, high in ((0.01, 0.0, 0.3), (1, 1.0, 10.0)):
        refusal = error(429, headers=(("retry-after", str(seconds)),))
        with ScriptedOpenAI(embeddings=[ngram_vectors, refusal, ngram_vectors]) as server:
            embedder = OpenAIEmbedder("scripted", server.url)
            started = time.monotonic()
            embedder.encode(["甲"], "passage")
            assert low <= time.monotonic() - started < high


def test_a_cut_connection_is_tried_again() -> None:
    cut = Reply(body="short", headers=(("connection", "close"), ("content-length", "99")))
    with ScriptedOpenAI(embeddings=[ngram_vectors, cut, ngram_vectors]) as server:
        assert OpenAIEmbedder("scripted", server.url).encode(["甲"], "query").shape == (1, 384)


UNIT = [1.0, 0.0, 0.0]
FAULTS: dict[str, tuple[EmbeddingScript, str, int]] = {
    "401": (error(401, f"the key {KEY} is wrong"), "refused the key; check QA_EMBEDDER_API_KEY", 1),
    "403": (error(403), "forbids this key", 1),
    "404": (error(404, "no model scripted"), "knows no such model or path; check QA_EMBEDDER .*no model scripted", 1),
    "400": (error(400, "input too long"), "called the request wrong.*input too long", 1),
    "418": (error(418), "status 418", 1),
    "429 for ever": (error(429, headers=SOON), "too many requests.*status 429", 1 + RETRIES["query"]),
    "500 for ever": (error(500, headers=SOON), "a fault of its own; try again later", 1 + RETRIES["query"]),
    "HTML": (HTML, "check QA_EMBEDDER_BASE_URL", 1),
    "HTML as an error": (Reply(status=404, body="<html>no</html>", content_type="text/html"), "status 404", 1),
    "broken JSON": (BROKEN_JSON, "check QA_EMBEDDER_BASE_URL", 1),
    "another object": (Reply(body='{"object": "error", "message": "no"}'), "no list of embeddings", 1),
    "a JSON list": (Reply(body="[]"), "no list of embeddings", 1),
    "no vector": (body([]), "0 vectors for 1 texts", 1),
    "two vectors": (body([{"index": 0, "embedding": UNIT}, {"index": 1, "embedding": UNIT}]), "2 vectors for 1", 1),
    "an empty vector": (body([{"index": 0, "embedding": []}]), "no list of embeddings", 1),
    "a text as vector": (body([{"index": 0, "embedding": "AACAPw=="}]), "no list of embeddings", 1),
    "nested vectors": (body([{"index": 0, "embedding": [UNIT]}]), "no list of embeddings", 1),
    "zeros": (body([{"index": 0, "embedding": [0.0, 0.0]}]), "no direction", 1),
    "not a number": (Reply(body='{"data": [{"index": 0, "embedding": [NaN, 1]}]}'), "no direction", 1),
}


@pytest.mark.parametrize(("script", "words", "tries"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_becomes_an_embedder_error(script: EmbeddingScript, words: str, tries: int) -> None:
    with ScriptedOpenAI(embeddings=script) as server:
        with pytest.raises(EmbedderError, match=words) as caught:
            OpenAIEmbedder("scripted", server.url, KEY)
        assert len(server.embedding_requests) == tries
    message = str(caught.value)
    assert "QA_EMBEDDER=openai:scripted" in message
    assert server.host in message
    assert KEY not in message


def test_no_answer_in_time() -> None:
    with ScriptedOpenAI(embeddings=Reply(hang=30)) as server:
        started = time.monotonic()
        with pytest.raises(EmbedderError, match=r"did not answer within 0\.1 s"):
            OpenAIEmbedder("scripted", server.url, timeout=0.1)
        assert time.monotonic() - started < 10
        assert len(server.embedding_requests) == 1 + RETRIES["query"]


def test_nobody_listens() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(EmbedderError, match=r"can't be reached.*is QA_EMBEDDER_BASE_URL right.*QA_EMBEDDER=bundled"):
        OpenAIEmbedder("scripted", f"http://127.0.0.1:{port}/v1")


def test_another_dimension_than_the_probes() -> None:
    def short(texts: list[str]) -> Rows:
        return ngram_vectors(texts, 96)

    with ScriptedOpenAI(embeddings=[ngram_vectors, short]) as server:
        embedder = OpenAIEmbedder("scripted", server.url)
        with pytest.raises(EmbedderError, match="vectors of 96 dimensions, where it gave 384 before"):
            embedder.encode(["甲"], "passage")


def test_vectors_of_several_lengths() -> None:
    def uneven(texts: Sequence[str]) -> Rows:
        return [[1.0] * (3 + number) for number, _ in enumerate(texts)]

    with ScriptedOpenAI(embeddings=[ngram_vectors, uneven]) as server:
        embedder = OpenAIEmbedder("scripted", server.url)
        with pytest.raises(EmbedderError, match="no list of embeddings"):
            embedder.encode(["甲", "乙"], "passage")


@pytest.mark.parametrize("url", ["localhost:8000/v1", "ftp://somebody:secret@host/v1", "http://", "http://[::1", ""])
def test_what_is_no_url_is_said(url: str) -> None:
    with pytest.raises(EmbedderError, match="it must look like https://host/v1") as caught:
        OpenAIEmbedder("scripted", url)
    assert "secret" not in str(caught.value)
