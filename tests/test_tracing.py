"""Traces as a collector gets them: OTLP over HTTP, decoded by OpenTelemetry's own messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from pydantic import ValidationError

from config import Settings
from lib import tracing
from tests.conftest import SAMPLES, User


class Collector(ThreadingHTTPServer):
    """Records received spans by name, the resource, and the requested paths."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.spans: list[Any] = []
        self.resource: dict[str, str] = {}
        self.paths: set[str] = set()

    def spans_named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.paths.add(self.path)
        for each in request.resource_spans:
            self.server.resource |= {item.key: item.value.string_value for item in each.resource.attributes}
            self.server.spans += [span for scope in each.scope_spans for span in scope.spans]
        body = ExportTraceServiceResponse().SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(settings: Settings, collector: Collector) -> Iterator[Settings]:
    yield settings.model_copy(update={"otel_exporter_otlp_endpoint": collector.url, "otel_service_name": "lectures"})
    for active in tracing._active:
        active.stop()
    tracing.use(None)


def test_stages_of_a_job_continue_the_trace_of_its_request(app: Flask, user: User, collector: Collector) -> None:
    came_from = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    files = {"file": ((SAMPLES / "tiny.m4a").open("rb"), "t.m4a"), "subtitles": ((SAMPLES / "tiny.srt").open("rb"), "t.srt")}
    response = user.http.post("/upload", data={**files, "formats": "txt"}, headers={**user.headers, "traceparent": came_from})
    assert user.wait(response.json["video_id"])["status"] == "completed"
    user.http.get("/health")
    app.extensions["lectern"].shut_down(20)
    assert collector.paths == {"/v1/traces"} and collector.resource["service.name"] == "lectures"
    upload, job = collector.spans_named("POST /upload")[0], collector.spans_named("job lecture_notes")[0]
    assert (upload.trace_id.hex(), upload.parent_span_id.hex()) == (came_from[3:35], came_from[36:52])
    assert (job.trace_id, job.parent_span_id) == (upload.trace_id, upload.span_id)
    attributes = {each.key: each.value.string_value or each.value.int_value for each in job.attributes}
    assert (attributes["lectern.job_id"], attributes["lectern.attempt"]) == (response.json["job_id"], 1)
    stages = [span for span in collector.spans if span.name.startswith("stage ")]
    assert {"stage probe", "stage document_txt"} <= {span.name for span in stages}
    assert {(span.trace_id, span.parent_span_id) for span in stages} == {(job.trace_id, job.span_id)}
    assert not [span for span in collector.spans if "health" in span.name]


def test_what_is_missing_is_named_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="must begin with http"):
        Settings(_env_file=None, otel_exporter_otlp_endpoint="otel:4318")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValidationError, match=r"pip install -r requirements-otel\.txt"):
        Settings(_env_file=None, otel_exporter_otlp_endpoint="http://otel:4318")
    assert Settings(_env_file=None).otel_exporter_otlp_endpoint == ""
