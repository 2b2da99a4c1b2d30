"""OpenTelemetry traces: a span for each question, with a child span for each stage. Needs the extra ``otel``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.errors import SettingsError
from qa.version import version

if TYPE_CHECKING:
    from qa.observability.question_trace import QuestionTrace


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

    def question_finished(self, trace: QuestionTrace) -> None:
        """Make the spans of a question; another thread sends them."""
        from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

        carrier = {} if trace.request.traceparent is None else {"traceparent": trace.request.traceparent}
        span = self._tracer.start_span(
            "question", self._propagator.extract(carrier), kind=SpanKind.SERVER, start_time=trace.start
        )
        span.set_attributes({"qa.request_id": trace.request.request_id, "qa.outcome": trace.outcome})
        answer = trace.answer
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
        context = set_span_in_context(span)
        for stage in trace.stages:
            self._tracer.start_span(stage.name, context, start_time=stage.start).end(stage.end)
        if trace.outcome == "failed":
            span.set_status(StatusCode.ERROR, trace.error)
        span.end(trace.end)

    def close(self) -> None:
        """Send the spans that remain, and stop."""
        self._provider.shutdown()
