"""Metrics and their Prometheus text format. The processes of one server share them through files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client import Gauge as ProcessGauge
from prometheus_client import Histogram as ProcessHistogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config import metrics_folder

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_registry = CollectorRegistry()
_REQUEST_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)

REQUESTS = ProcessHistogram(
    "lectern_request_seconds",
    "Time from a request to the start of its response.",
    ("method", "route", "status"),
    buckets=_REQUEST_BUCKETS_S,
    registry=_registry,
)

EVENT_STREAMS = ProcessGauge("lectern_event_streams", "Open event streams.", registry=_registry, multiprocess_mode="livesum")


@dataclass(frozen=True)
class Gauge:
    """Current values by the value of the label `by`. With empty names: one value without a label."""

    name: str
    help: str
    values: Mapping[str, float]
    by: str = ""


@dataclass(frozen=True)
class Counter:
    """Totals since the first start, by the value of the label `by`."""

    name: str
    help: str
    values: Mapping[str, float]
    by: str


@dataclass(frozen=True)
class Histogram:
    """Buckets and sum by the value of the label `by`. A bucket is (upper bound, count of this bucket alone), in ascending order."""

    name: str
    help: str
    values: Mapping[str, tuple[Sequence[tuple[str, float]], float]]
    by: str


class _SnapshotCollector(Collector):
    """Exposes metrics that were read for this request."""

    def __init__(self, metrics: Iterable[Gauge | Counter | Histogram]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        for each in self._metrics:
            if isinstance(each, Histogram):
                histogram = HistogramMetricFamily(each.name, each.help, labels=(each.by,))
                for label, (buckets, total) in each.values.items():
                    bounds, counts = zip(*buckets, strict=True)
                    histogram.add_metric((label,), list(zip(bounds, accumulate(counts), strict=True)), total)
                yield histogram
                continue
            family = (CounterMetricFamily if isinstance(each, Counter) else GaugeMetricFamily)(
                each.name, each.help, labels=(each.by,) if each.by else ()
            )
            for label, value in each.values.items():
                family.add_metric((label,) if each.by else (), value)
            yield family


def render(metrics: Iterable[Gauge | Counter | Histogram]) -> bytes:
    """Return the metrics of all processes of this server, and the given ones, as text."""
    folder = metrics_folder()
    if folder is None:
        process_metrics = generate_latest(_registry)
    else:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
        process_metrics = generate_latest(registry)
    snapshot = CollectorRegistry()
    snapshot.register(_SnapshotCollector(metrics))
    return process_metrics + generate_latest(snapshot)
