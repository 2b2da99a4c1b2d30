"""Metrics for Prometheus: questions, abstentions, dropped sentences, latency by stage, model errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

if TYPE_CHECKING:
    from qa.observability.question_trace import Course

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """One application's metrics; an ``Observer`` of questions. Thread-safe."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry}
        ProcessCollector(registry=self.registry)
        self._questions = Counter(
            "qa_questions", "Questions, by how they ended (answered, abstained, left, failed).", ["outcome"], **own
        )
        self._abstentions = Counter("qa_abstentions", "Abstentions, by their reason.", ["reason"], **own)
        self._dropped = Counter("qa_dropped_sentences", "Sentences that failed verification.", **own)
        self._unknown = Counter("qa_unknown_labels", "Citation labels that a model invented.", **own)
        self._fallbacks = Counter("qa_fallbacks", "Questions that the extractive answerer took from a model.", **own)
        self._stages = Histogram(
            "qa_stage_seconds", "Time of each stage of an answer, and of the whole.", ["stage"], buckets=SECONDS, **own
        )
        self._model = Histogram("qa_model_seconds", "Time of each call of the language model.", buckets=SECONDS, **own)
        self._model_errors = Counter("qa_model_errors", "Failed calls of the language model.", ["code"], **own)
        self._responses = Counter("qa_http_responses", "HTTP responses.", ["method", "status"], **own)
        self._feedback = Counter("qa_feedback", "Opinions on answers that were given.", ["rating"], **own)
        self._open = Gauge("qa_questions_open", "Questions that are worked on or wait.", **own)
        self._documents = Gauge("qa_documents", "Documents in the library.", **own)
        for outcome in ("answered", "abstained", "left", "failed"):
            self._questions.labels(outcome)
        for stage in ("rewrite", "retrieve", "answer", "total"):
            self._stages.labels(stage)

    def over(self, course: Course) -> None:
        """Count a question."""
        self._questions.labels(course.outcome).inc()
        answer = course.answer
        if answer is None:
            return
        latency = answer.latency_ms
        for stage in ("rewrite", "retrieve", "answer", "total"):
            self._stages.labels(stage).observe(getattr(latency, stage) / 1000)
        if answer.reason is not None:
            self._abstentions.labels(answer.reason).inc()
        self._dropped.inc(answer.dropped)
        self._unknown.inc(answer.unknown_labels)
        if answer.warnings and answer.answerer == "extractive":
            self._fallbacks.inc()

    def model_called(self, seconds: float, error: str | None) -> None:
        """Count a call of the language model."""
        self._model.observe(seconds)
        if error is not None:
            self._model_errors.labels(error).inc()

    def responded(self, method: str, status: int) -> None:
        """Count an HTTP response; 499 is a client that left before it."""
        known = method if method in ("GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PUT") else "other"
        self._responses.labels(known, str(status)).inc()

    def rated(self, rating: str) -> None:
        """Count an opinion."""
        self._feedback.labels(rating).inc()

    def gauge(self, questions_open: Callable[[], float], documents: Callable[[], float]) -> None:
        """Say where what is looked up at each scrape is found."""
        self._open.set_function(questions_open)
        self._documents.set_function(documents)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)
