"""What is counted and timed, and its text for Prometheus; several processes of one server share it by files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client import Gauge as ProcessGauge
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config import metrics_folder

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_own = CollectorRegistry()
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
_STAGE_S = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800)

REQUESTS = Histogram(
    "lectern_request_seconds", "Requests until their answer begins.", ("method", "route", "status"), buckets=_REQUEST_S, registry=_own
)
STAGES = Histogram("lectern_stage_seconds", "Stages of finished jobs, resumed ones left out.", ("stage",), buckets=_STAGE_S, registry=_own)
FAILURES = Counter("lectern_job_failures", "Attempts at jobs that failed, by error code.", ("code",), registry=_own)

LISTENERS = ProcessGauge("lectern_listeners", "Event streams that are open.", registry=_own, multiprocess_mode="livesum")


@dataclass(frozen=True)
class Gauge:
    """A value read now. `by` names the label, `values` are by its value; both empty names: one value without a label."""

    name: str
    help: str
    values: Mapping[str, float]
    by: str = ""


class _Given(Collector):
    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for gauge in self._gauges:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=(gauge.by,) if gauge.by else ())
            for label, value in gauge.values.items():
                family.add_metric((label,) if gauge.by else (), value)
            yield family


def text(gauges: Iterable[Gauge]) -> bytes:
    """Everything of all processes of this server, and these gauges."""
    shared = metrics_folder()
    if shared is None:
        counted = generate_latest(_own)
    else:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(shared))  # type: ignore[no-untyped-call]
        counted = generate_latest(registry)
    now = CollectorRegistry()
    now.register(_Given(gauges))
    return counted + generate_latest(now)
