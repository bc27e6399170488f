"""Prometheus metrics, computed from the records of finished exchanges."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from guardrail.audit import ExchangeRecord

_STAGE_BUCKETS = (0.0001, 0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_EXCHANGE_BUCKETS = (0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300)

_MOST_CHILDREN = 4096
"""Combinations of label values that are kept at hand."""


class Metrics:
    """The counters of one process.

    With ``PROMETHEUS_MULTIPROC_DIR`` set, ``expose`` sums over all workers that share the folder
    (https://prometheus.github.io/client_python/multiprocess/).
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # Looking a child up by its labels costs 1.5 µs, counting 0.3.
        self._labelled: Any = lru_cache(_MOST_CHILDREN)(_labelled)
        self._exchanges = self._counter(
            "guardrail_exchanges_total", "Exchanges by how they ended.", "policy action ended"
        )
        self._seconds = Histogram(
            "guardrail_exchange_seconds",
            "From the request to the end of the reply.",
            ("policy",),
            buckets=_EXCHANGE_BUCKETS,
            registry=self.registry,
        )
        self._stages = Histogram(
            "guardrail_stage_seconds",
            "Wall time of a stage.",
            ("side", "stage"),
            buckets=_STAGE_BUCKETS,
            registry=self.registry,
        )
        self._errors = self._counter(
            "guardrail_stage_errors_total",
            "Stages that failed or were late, by what they did then.",
            "side stage error action",
        )
        self._findings = self._counter(
            "guardrail_actions_total", "Stages that did more than allow.", "side stage action"
        )
        self._unscanned = self._counter(
            "guardrail_unscanned_parts_total", "Parts that no stage scanned.", "side state"
        )
        self._rounds, self._asked = self._asking()
        self._generation = Gauge(
            "guardrail_policy_generation",
            "How often the policy was loaded.",
            ("policy",),
            registry=self.registry,
            multiprocess_mode="livemin",
        )

    def _asking(self) -> tuple[Counter, Counter]:
        """What revisions and moderators ask of models."""
        rounds = self._counter(
            "guardrail_revision_rounds_total",
            "Answers that were asked for again, by the bound that ended it.",
            "policy exhausted",
        )
        asked = "Questions that were put to models."
        return rounds, self._counter("guardrail_questions_total", asked, "policy to failed")

    def _counter(self, name: str, meaning: str, labels: str) -> Counter:
        return Counter(name, meaning, labels.split(), registry=self.registry)

    def __call__(self, record: ExchangeRecord) -> None:
        """Counts a finished exchange."""
        of = self._labelled
        of(self._exchanges, record.policy, record.action.name, record.ended).inc()
        of(self._seconds, record.policy).observe(record.seconds)
        of(self._generation, record.policy).set(record.generation)
        if record.rounds:
            of(self._rounds, record.policy, record.exhausted).inc(len(record.rounds))
        for one in record.asked:
            of(self._asked, record.policy, one.to, str(bool(one.error)).lower()).inc()
        for side, outcome in record.sides.items():
            for verdict in outcome.verdicts:
                action = verdict.action.name
                of(self._stages, side, verdict.stage).observe(verdict.seconds)
                if verdict.error:
                    of(self._errors, side, verdict.stage, verdict.error, action).inc()
                if verdict.action:
                    of(self._findings, side, verdict.stage, action).inc()
            for covered in outcome.coverage.values():
                if covered.state in ("skipped", "opaque"):
                    of(self._unscanned, side, covered.state).inc()

    def expose(self) -> bytes:
        """The text exposition format, version 0.0.4."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own gap
        return generate_latest(registry)


def _labelled(metric: Any, *labels: str) -> Any:
    return metric.labels(*labels)
