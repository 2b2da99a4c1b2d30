"""Traces for OpenTelemetry: a span for each question, and one below it for each stage. Needs the extra ``otel``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.errors import SettingsError
from qa.version import version

if TYPE_CHECKING:
    from qa.observability.question_trace import Course


class Traces:
    """Sends spans to a collector over OTLP and HTTP; an ``Observer`` of questions.

    Args:
        endpoint: the collector's address, such as ``http://127.0.0.1:4318``.

    Raises:
        SettingsError: the packages are missing.
    """

    def __init__(self, endpoint: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError as error:
            raise SettingsError(
                f"QA_OTLP_ENDPOINT is {endpoint!r}, and traces need more packages: pip install 'report-qa[otel]'"
            ) from error
        self._propagator = TraceContextTextMapPropagator()
        resource = Resource.create({"service.name": "report-qa", "service.version": version()})
        self._provider = TracerProvider(resource=resource)
        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces", timeout=5)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("qa")

    def over(self, course: Course) -> None:
        """Make the spans of a question; sending them is another thread's work."""
        from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

        carrier = {} if course.mark.traceparent is None else {"traceparent": course.mark.traceparent}
        span = self._tracer.start_span(
            "question", self._propagator.extract(carrier), kind=SpanKind.SERVER, start_time=course.start
        )
        span.set_attributes({"qa.request_id": course.mark.request_id, "qa.outcome": course.outcome})
        answer = course.answer
        if answer is not None:
            span.set_attributes(
                {
                    "qa.answerer": answer.answerer,
                    "qa.sentences": len(answer.sentences),
                    "qa.citations": len(answer.citations),
                    "qa.dropped": answer.dropped,
                    "qa.abstention": answer.reason or "",
                }
            )
        inside = set_span_in_context(span)
        for stage in course.stages:
            self._tracer.start_span(stage.name, inside, start_time=stage.start).end(stage.end)
        if course.outcome == "failed":
            span.set_status(StatusCode.ERROR, course.error)
        span.end(course.end)

    def close(self) -> None:
        """Send what there is, and end."""
        self._provider.shutdown()
