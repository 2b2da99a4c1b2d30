"""Observability: metrics, traces and log lines, each with its request id and none with a secret."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from qa.answering.base import Answerer, Request
from qa.answering.llm import ModelAnswerer
from qa.api.app import create_app
from qa.llm.endpoint import Endpoint
from qa.observability.logs import JsonFormatter, TextFormatter, secrets_of
from qa.observability.metrics import Metrics
from qa.observability.question_trace import REQUEST, QuestionTracer, RequestContext
from qa.pipeline import QA
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from qa.types import DraftSentence, Evidence
from tests.support.scripted_openai import ScriptedOpenAI, error
from tests.support.served import ingest, serving
from vectorstore.library import Library
from vectorstore.storage.catalog import Catalog
from vectorstore.storage.database import Database
from vectorstore.text.language import has_han

OFF_TOPIC = "红烧肉怎么做才好吃？"
TRACE = "0af7651916cd43dd8448eb211c80319c"


def measured(client: httpx.Client) -> dict[str, float]:
    """Every sample of /metrics, as ``name{label=value,...}``."""
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


class Liar(Answerer):
    """An answerer that says what no report says, cited to what stands there."""

    name = "liar"

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        stored = request.candidates[0].stored
        evidence = (Evidence.of(stored, stored.passage.sentences[0]),)
        yield DraftSentence("粮食总产量达到987.6万吨。", evidence)
        yield DraftSentence(stored.passage.sentences[0].text, evidence)


class Broken(Answerer):
    name = "broken"

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        raise ZeroDivisionError


Serve = Callable[[Answerer], Any]


def test_questions_are_counted_as_they_ended(serve_with: Serve, library: Library, question: str) -> None:
    qa_answerer = QA(library, Settings()).extractive
    with serve_with(qa_answerer) as (_, client):
        assert measured(client)["qa_questions_total{outcome=answered}"] == 0
        client.post("/chat", json={"question": question})
        client.post("/chat", json={"question": question, "stream": True})
        client.post(
            "/v1/chat/completions", json={"model": "report-qa", "messages": [{"role": "user", "content": question}]}
        )
        client.post("/chat", json={"question": OFF_TOPIC})
        sent = client.post("/chat", json={"question": question}).json()
        client.post("/feedback", json={"message_id": sent["message_id"], "rating": "down"})
        client.get("/nowhere")
        seen = measured(client)
    assert seen["qa_questions_total{outcome=answered}"] == 4
    assert seen["qa_questions_total{outcome=abstained}"] == 1
    assert sum(value for name, value in seen.items() if name.startswith("qa_abstentions_total")) == 1
    for stage in ("rewrite", "retrieve", "answer", "total"):
        assert seen[f"qa_stage_seconds_count{{stage={stage}}}"] == 5
    assert seen["qa_stage_seconds_sum{stage=total}"] > 0
    assert seen["qa_feedback_total{rating=down}"] == 1
    assert seen["qa_http_responses_total{method=GET,status=404}"] == 1
    assert (seen["qa_documents"], seen["qa_questions_open"]) == (2, 0)


def test_dropped_sentences_and_failures_are_counted(serve_with: Serve, question: str) -> None:
    with serve_with(Liar()) as (_, client):
        assert client.post("/chat", json={"question": question}).json()["dropped"] == 1
        assert measured(client)["qa_dropped_sentences_total"] == 1
    with serve_with(Broken()) as (_, client):
        assert client.post("/chat", json={"question": question}).status_code == 500
        assert measured(client)["qa_questions_total{outcome=failed}"] == 1


def test_warning_of_the_extractive_answerer_is_no_fallback(client: httpx.Client) -> None:
    before = measured(client)["qa_fallbacks_total"]
    answer = client.post("/chat", json={"question": "云溪县和石桥县各新修农村公路多少公里？"}).json()
    assert answer["warnings"]
    assert not answer["abstained"]
    assert measured(client)["qa_fallbacks_total"] == before


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("云溪县2023年粮食总产量是多少？", "语言模型出错，已改为从原文中查找摘录"),
        ("How much grain did the county produce?", "The language model failed, and quotations"),
    ],
    ids=["zh", "en"],
)
def test_failure_of_the_model_is_explained_in_the_question_s_language(serve_with: Serve, asked: str, says: str) -> None:
    with ScriptedOpenAI(error(404)) as model:
        answerer = ModelAnswerer(Endpoint("scripted", model.url, None, 10.0), repair=False)
        with serve_with(answerer) as (_, client):
            (warning,) = client.post("/chat", json={"question": asked}).json()["warnings"]
            assert measured(client)["qa_fallbacks_total"] == 1
    assert warning.startswith(says)
    assert model.host not in warning
    assert has_han(warning) == has_han(asked)


def test_metrics_are_told_while_the_library_can_not_be_asked(tmp_path: Path) -> None:
    metrics = Metrics()
    with Database(tmp_path / "library.sqlite3") as database:
        metrics.set_gauges(lambda: 2, Catalog(database).document_count)
        assert b"qa_documents 0.0" in metrics.text()
    assert b"qa_documents NaN" in metrics.text()
    assert b"qa_questions_open 2.0" in metrics.text()


def test_observer_that_fails_fails_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    class Failing:
        def question_finished(self, trace: object) -> None:
            raise RuntimeError("full")

    with caplog.at_level(logging.ERROR, logger="qa.api"):
        assert list(QuestionTracer([Failing()])(iter([]))) == []
    assert "Failing failed" in caplog.text


@contextmanager
def collector() -> Iterator[tuple[str, list[Any]]]:
    """An OpenTelemetry collector on loopback: its address, and the spans that it was sent."""
    spans: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            request = ExportTraceServiceRequest()
            request.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
            for resource in request.resource_spans:
                spans.extend(span for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", spans
        finally:
            server.shutdown()
            thread.join()


def test_trace_has_a_span_for_each_stage(
    serving: Callable[[FastAPI], Any],
    library: Library,
    settings: Settings,
    conversations: Conversations,
    question: str,
) -> None:
    with collector() as (endpoint, spans):
        traced = settings.model_copy(update={"otlp_endpoint": endpoint})
        with serving(create_app(traced, QA(library, traced), conversations)) as url:
            headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "X-Request-ID": "from-here"}
            asked = {"url": f"{url}/chat", "headers": headers, "timeout": 30, "trust_env": False}
            httpx.post(**asked, json={"question": question, "stream": True})
        # the server has stopped, and sent what there was
    by_name = {span.name: span for span in spans}
    assert by_name.keys() == {"question", "rewrite", "retrieve", "answer"}
    whole = by_name.pop("question")
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    assert whole.parent_span_id.hex() == "b7ad6b7169203331"
    assert [span.name for span in sorted(by_name.values(), key=lambda span: span.start_time_unix_nano)] == [
        "rewrite",
        "retrieve",
        "answer",
    ]
    for span in by_name.values():
        assert span.parent_span_id == whole.span_id
        assert whole.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= whole.end_time_unix_nano
    attributes = {item.key: item.value for item in whole.attributes}
    assert attributes["qa.request_id"].string_value == "from-here"
    assert attributes["qa.outcome"].string_value == "answered"
    assert question not in str(spans)


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("qa.api", logging.INFO, "file", 1, message, arguments, None)
    made.__dict__.update(extra)
    return made


@pytest.mark.parametrize("formatter", [JsonFormatter, TextFormatter])
def test_no_line_shows_a_secret(formatter: Callable[[list[str]], logging.Formatter]) -> None:
    settings = Settings(llm_api_key="topsecret", api_key="another")
    lines = formatter(secrets_of(settings))
    key = "qa-0123abcd-" + "x" * 43
    for secret in ("topsecret", "another", key, "sk-proj-12345678", "Bearer abcdefgh"):
        line = lines.format(record("called with %s", secret, path=f"/x/{secret}"))
        assert secret not in line
        assert "[redacted]" in line
    try:
        raise ValueError(f"refused: {key}")
    except ValueError as error:
        failed = record("failed")
        failed.exc_info = (ValueError, error, error.__traceback__)
    assert key not in lines.format(failed)
    assert "Traceback" in lines.format(failed)


def test_lines_know_their_request() -> None:
    token = REQUEST.set(RequestContext("r-1"))
    try:
        line = json.loads(JsonFormatter().format(record("a\nb", ms=3)))
        assert (line["request_id"], line["message"], line["ms"], line["level"]) == ("r-1", "a\nb", 3, "info")
        assert TextFormatter().format(record("x")).endswith("x r-1")
    finally:
        REQUEST.reset(token)
    assert "request_id" not in json.loads(JsonFormatter().format(record("x")))


@pytest.mark.parametrize("forged", ["2026-01-01 00:00:00,000 INFO question answered", "2026-01-01 问题已回答"])
def test_no_request_can_forge_a_line(forged: str) -> None:
    lines = TextFormatter().format(record("GET %s 404", f"/x\n{forged}")).splitlines()
    assert not any(line.startswith(forged) for line in lines)
    assert forged in "".join(lines)


def test_served_with_a_failing_model(tmp_path: Path, raw_texts: dict[str, str], question: str) -> None:
    """JSON lines only, the model's errors counted, and neither the key nor the question anywhere."""
    for name, text in raw_texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    ingest(tmp_path / "data", tmp_path)
    secret = "sk-very-secret-key-0001"
    with ScriptedOpenAI(error(401, f"bad key {secret}")) as model:
        served = serving(
            tmp_path / "data",
            QA_LOG_FORMAT="json",
            QA_LLM_BASE_URL=model.url,
            QA_LLM_MODEL="scripted",
            QA_LLM_API_KEY=secret,
        )
        with served as server, httpx.Client(base_url=server.url, timeout=30, trust_env=False) as client:
            headers = {"X-Request-ID": "mine-1"}
            answer = client.post("/chat", json={"question": question}, headers=headers).json()
            seen = measured(client)
            status, log = server.stop()
    assert status == 0
    assert answer["answerer"] == "extractive"
    assert seen["qa_model_errors_total{code=model_refused}"] >= 1
    assert seen["qa_model_seconds_count"] >= 1
    assert seen["qa_fallbacks_total"] == 1
    lines = [json.loads(line) for line in log.splitlines()]
    assert any(line["message"].startswith("ready at ") for line in lines)
    mine = [line for line in lines if line.get("request_id") == "mine-1"]
    assert {line["logger"] for line in mine} == {"qa.api", "qa.api.question", "qa.pipeline"}
    (asked,) = [line for line in mine if line["logger"] == "qa.api.question"]
    assert (asked["outcome"], asked["answerer"]) == ("answered", "extractive")
    assert asked["stages_ms"].keys() == {"rewrite", "retrieve", "answer"}
    assert secret not in log
    assert question not in json.dumps(lines, ensure_ascii=False)
    assert not re.search(r"粮食", json.dumps(lines, ensure_ascii=False))
