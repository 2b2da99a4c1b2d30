"""Prometheus metrics: questions, abstentions, dropped sentences, latency by stage, model errors and tokens."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from qa.types import Intent
from vectorstore.errors import LibraryError

if TYPE_CHECKING:
    from qa.observability.question_trace import QuestionTrace
    from qa.types import TokenUsage

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """Metrics of one application; an ``Observer`` of questions. Thread-safe."""

    def __init__(self) -> None:
        self.answerer = ""
        """Name of the configured answerer: an answer by another one is a fallback."""
        self.registry = CollectorRegistry()
        common: dict[str, Any] = {"registry": self.registry}
        ProcessCollector(registry=self.registry)
        self._questions = Counter(
            "qa_questions", "Questions, by how they ended (answered, abstained, left, failed).", ["outcome"], **common
        )
        self._abstentions = Counter("qa_abstentions", "Abstentions, by their reason.", ["reason"], **common)
        self._dropped = Counter("qa_dropped_sentences", "Sentences that failed verification.", **common)
        self._unknown = Counter("qa_unknown_labels", "Citation labels that a model invented.", **common)
        self._fallbacks = Counter(
            "qa_fallbacks", "Questions that another answerer than the configured one had to answer.", **common
        )
        self._stages = Histogram(
            "qa_stage_seconds",
            "Time of each stage of an answer, and of the whole.",
            ["stage"],
            buckets=SECONDS,
            **common,
        )
        self._model = Histogram(
            "qa_model_seconds", "Time of each call of the language model.", buckets=SECONDS, **common
        )
        self._model_errors = Counter("qa_model_errors", "Failed calls of the language model.", ["code"], **common)
        self._model_tokens = Counter(
            "qa_model_tokens",
            "Tokens that the language model took, as its endpoint counts them (input, of it cached, output).",
            ["kind"],
            **common,
        )
        self._responses = Counter("qa_http_responses", "HTTP responses.", ["method", "status"], **common)
        self._feedback = Counter("qa_feedback", "Ratings of answers.", ["rating"], **common)
        self._open = Gauge("qa_questions_open", "Questions that run or are queued.", **common)
        self._documents = Gauge("qa_documents", "Documents in the library.", **common)
        for outcome in ("answered", "abstained", "left", "failed"):
            self._questions.labels(outcome)
        for stage in ("rewrite", "retrieve", "answer", "total"):
            self._stages.labels(stage)

    def question_finished(self, trace: QuestionTrace) -> None:
        """Count a question."""
        self._questions.labels(trace.outcome).inc()
        answer = trace.answer
        if answer is None:
            return
        latency = answer.latency_ms
        for stage in ("rewrite", "retrieve", "answer", "total"):
            self._stages.labels(stage).observe(getattr(latency, stage) / 1000)
        if answer.reason is not None:
            self._abstentions.labels(answer.reason).inc()
        self._dropped.inc(answer.dropped)
        self._unknown.inc(answer.unknown_labels)
        if answer.intent is Intent.QUESTION and answer.answerer != self.answerer:
            self._fallbacks.inc()

    def model_called(self, seconds: float, error: str | None, usage: TokenUsage | None) -> None:
        """Count a call of the language model."""
        if usage is not None:
            self._model_tokens.labels("input").inc(usage.input_tokens)
            self._model_tokens.labels("cached").inc(usage.cached_tokens or 0)
            self._model_tokens.labels("output").inc(usage.output_tokens)
        self._model.observe(seconds)
        if error is not None:
            self._model_errors.labels(error).inc()

    def responded(self, method: str, status: int) -> None:
        """Count an HTTP response; 499 stands for a client that disconnected before one."""
        known = method if method in ("GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PUT") else "other"
        self._responses.labels(known, str(status)).inc()

    def rated(self, rating: str) -> None:
        """Count a rating of an answer."""
        self._feedback.labels(rating).inc()

    def set_gauges(self, questions_open: Callable[[], float], documents: Callable[[], float]) -> None:
        """Set the functions that each scrape calls for the current values.

        While the library can't be asked, its documents are NaN: the other figures are wanted then most of all.
        """

        def known() -> float:
            try:
                return documents()
            except LibraryError:
                return math.nan

        self._open.set_function(questions_open)
        self._documents.set_function(known)

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        return generate_latest(self.registry)
