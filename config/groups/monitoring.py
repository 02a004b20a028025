"""Settings of logs, metrics and traces."""

from __future__ import annotations

import importlib.util
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, field_validator


class MonitoringSettings(BaseModel):
    """Logs, metrics and traces"""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is logged.")
    metrics_token: SecretStr = Field(SecretStr(""), description="Bearer token for /metrics; empty: only admins may read it.")
    otel_exporter_otlp_endpoint: str = Field(
        "", description="OpenTelemetry collector for traces, by OTLP over HTTP, such as http://otel:4318; empty: no traces."
    )
    otel_service_name: str = Field("lectern", min_length=1, description="Name of this service in traces.")

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _require_tracing_packages(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        if value and not _tracing_is_installed():
            raise ValueError("requires packages that are not installed: pip install -r requirements-otel.txt")
        return value.rstrip("/")


def _tracing_is_installed() -> bool:
    """Return whether the packages of requirements-otel.txt are installed."""
    try:
        return all(
            importlib.util.find_spec(f"opentelemetry.{name}") for name in ("sdk", "exporter.otlp.proto.http", "instrumentation.flask")
        )
    except ModuleNotFoundError:
        return False
