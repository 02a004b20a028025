"""What is counted and timed, and its text for Prometheus; several processes of one server share it by files."""

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
_own = CollectorRegistry()
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)

REQUESTS = ProcessHistogram(
    "lectern_request_seconds", "Requests until their answer begins.", ("method", "route", "status"), buckets=_REQUEST_S, registry=_own
)

LISTENERS = ProcessGauge("lectern_listeners", "Event streams that are open.", registry=_own, multiprocess_mode="livesum")


@dataclass(frozen=True)
class Gauge:
    """A value read now. `by` names the label, `values` are by its value; both empty names: one value without a label."""

    name: str
    help: str
    values: Mapping[str, float]
    by: str = ""


@dataclass(frozen=True)
class Totals:
    """What was counted since the beginning, by the values of a label."""

    name: str
    help: str
    values: Mapping[str, float]
    by: str


@dataclass(frozen=True)
class Histogram:
    """By the values of a label: (upper bound, how many fell into this bucket alone) in order of bounds, and the sum of all."""

    name: str
    help: str
    values: Mapping[str, tuple[Sequence[tuple[str, float]], float]]
    by: str


class _Given(Collector):
    def __init__(self, given: Iterable[Gauge | Totals | Histogram]) -> None:
        self._given = given

    def collect(self) -> Iterable[Metric]:
        for each in self._given:
            if isinstance(each, Histogram):
                histogram = HistogramMetricFamily(each.name, each.help, labels=(each.by,))
                for label, (buckets, total) in each.values.items():
                    bounds, counts = zip(*buckets, strict=True)
                    histogram.add_metric((label,), list(zip(bounds, accumulate(counts), strict=True)), total)
                yield histogram
                continue
            family = (CounterMetricFamily if isinstance(each, Totals) else GaugeMetricFamily)(
                each.name, each.help, labels=(each.by,) if each.by else ()
            )
            for label, value in each.values.items():
                family.add_metric((label,) if each.by else (), value)
            yield family


def text(given: Iterable[Gauge | Totals | Histogram]) -> bytes:
    """Everything that the processes of this server counted, and what is given."""
    shared = metrics_folder()
    if shared is None:
        counted = generate_latest(_own)
    else:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(shared))  # type: ignore[no-untyped-call]
        counted = generate_latest(registry)
    now = CollectorRegistry()
    now.register(_Given(given))
    return counted + generate_latest(now)
