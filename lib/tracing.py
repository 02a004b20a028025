"""OpenTelemetry traces. A job continues the trace of the request that submitted it.

Without a configured collector all functions do nothing, and the packages (requirements-otel.txt) are not imported.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from config import VERSION, Settings

_TRACES = "/v1/traces"  # https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
_QUIET_LOGGERS = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk.trace.export",
    "opentelemetry.sdk._shared_internal",
)


class Tracing:
    """Sends spans to one collector in the background. Spans that can't be sent are dropped."""

    def __init__(self, endpoint: str, service: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        for name in _QUIET_LOGGERS:  # an unreachable collector is not an error of this program
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.provider = TracerProvider(resource=Resource.create({"service.name": service, "service.version": VERSION}))
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}{_TRACES}")))
        self._tracer = self.provider.get_tracer("lectern", VERSION)

    def instrument_requests(self, app: Any) -> None:
        """Create a span for each request except health checks and /metrics, continuing the trace of a `traceparent` header."""
        from opentelemetry.instrumentation.flask import FlaskInstrumentor

        instrument: Any = FlaskInstrumentor().instrument_app
        instrument(app, tracer_provider=self.provider, excluded_urls="/health.*,/metrics")

    @contextlib.contextmanager
    def span(self, name: str, attributes: Mapping[str, Any], traceparent: str) -> Iterator[None]:
        """Open a span. `traceparent` (https://www.w3.org/TR/trace-context/) is the parent; "": the current span."""
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent}) if traceparent else None
        with self._tracer.start_as_current_span(name, parent, attributes=dict(attributes)):
            yield

    def flush(self, timeout_s: float = 5.0) -> None:
        self.provider.force_flush(int(timeout_s * 1000))

    def stop(self) -> None:
        self.provider.shutdown()


_active: list[Tracing] = []  # at most one per process


def from_settings(settings: Settings, app: Any) -> None:
    """Trace requests and jobs if a collector is configured. Call it before other parts of the app see requests."""
    if settings.otel_exporter_otlp_endpoint:
        tracing = Tracing(settings.otel_exporter_otlp_endpoint, settings.otel_service_name)
        tracing.instrument_requests(app)
        use(tracing)


def use(tracing: Tracing | None) -> None:
    """Set the tracing of this process; None turns it off."""
    _active[:] = [tracing] if tracing else []


@contextlib.contextmanager
def span(name: str, traceparent: str = "", **attributes: Any) -> Iterator[None]:
    """Record the block as a span, errors included. Other threads contribute if they run in a copy of this context."""
    if not _active:
        yield
        return
    with _active[0].span(name, {f"lectern.{key}": value for key, value in attributes.items()}, traceparent):
        yield


def add_attributes(**attributes: Any) -> None:
    """Add attributes to the current span."""
    if _active:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes({f"lectern.{key}": value for key, value in attributes.items()})


def traceparent() -> str:
    """Return the current span as a `traceparent` header, to continue the trace elsewhere; "" if there is none."""
    if not _active:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")[:55]


def flush() -> None:
    """Send all pending spans. Call it before the process ends."""
    for tracing in _active:
        tracing.flush()
