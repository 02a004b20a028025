"""Traces for OpenTelemetry, where a collector is set: a job goes on with the trace of the request that asked for it.

Without a collector nothing here does anything, and the packages (requirements-otel.txt) are not looked for.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from config import VERSION

_TRACES = "/v1/traces"  # https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
_QUIET = ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.sdk.trace.export", "opentelemetry.sdk._shared_internal")


class Tracing:
    """What sends spans to one collector. They leave in the background; those that can't are dropped, and nothing waits for them."""

    def __init__(self, endpoint: str, service: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        for name in _QUIET:  # a collector that is away is none of our errors
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.provider = TracerProvider(resource=Resource.create({"service.name": service, "service.version": VERSION}))
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}{_TRACES}")))
        self._tracer = self.provider.get_tracer("lectern", VERSION)

    def watch_requests(self, app: Any) -> None:
        """A span for each request but those of probes and scrapers; `traceparent` headers are heeded."""
        from opentelemetry.instrumentation.flask import FlaskInstrumentor

        watch: Any = FlaskInstrumentor().instrument_app
        watch(app, tracer_provider=self.provider, excluded_urls="/health.*,/metrics")

    @contextlib.contextmanager
    def span(self, name: str, attributes: Mapping[str, Any], traceparent: str) -> Iterator[None]:
        """`traceparent` (https://www.w3.org/TR/trace-context/) names what it goes on with; "": what goes on here."""
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent}) if traceparent else None
        with self._tracer.start_as_current_span(name, parent, attributes=dict(attributes)):
            yield

    def flush(self, wait_s: float = 5.0) -> None:
        self.provider.force_flush(int(wait_s * 1000))

    def stop(self) -> None:
        self.provider.shutdown()


_used: list[Tracing] = []  # at most one; the process's own, as loggers are


def use(tracing: Tracing | None) -> None:
    """Send this process's spans by it from now on, or nowhere."""
    _used[:] = [tracing] if tracing else []


@contextlib.contextmanager
def span(name: str, traceparent: str = "", **attributes: Any) -> Iterator[None]:
    """What happens within it is one span, errors included; those of other threads too, if they run in a copy of this context."""
    if not _used:
        yield
        return
    with _used[0].span(name, {f"lectern.{key}": value for key, value in attributes.items()}, traceparent):
        yield


def note(**attributes: Any) -> None:
    """Say something of the span that is open here."""
    if _used:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes({f"lectern.{key}": value for key, value in attributes.items()})


def traceparent() -> str:
    """The span that is open here, for somebody who goes on with it elsewhere; "" where there is none."""
    if not _used:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")[:55]


def flush() -> None:
    """Before a process ends: what it has done is sent."""
    for tracing in _used:
        tracing.flush()
