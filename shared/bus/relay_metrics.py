"""What the relay counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class RelayMetrics:
    """The relay's own registry; every figure has the label `outbox`, the wire name of the service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        label = ["outbox"]
        self._waiting = Gauge(
            "vilkar_outbox_waiting", "Events not yet confirmed by the broker", label, registry=self.registry
        )
        self._held = Gauge(
            "vilkar_outbox_held", "Events waiting for another attempt", label, registry=self.registry
        )
        self._oldest = Gauge(
            "vilkar_outbox_oldest_seconds", "Age of the oldest waiting event", label, registry=self.registry
        )
        self._active = Gauge(
            "vilkar_relay_active", "1 where this process is the outbox's relay", label, registry=self.registry
        )
        self._published = Counter(
            "vilkar_relay_published", "Events confirmed by the broker", label, registry=self.registry
        )
        self._failed = Counter(
            "vilkar_relay_failed", "Events not taken", [*label, "reason"], registry=self.registry
        )
        self._trouble = Counter(
            "vilkar_relay_trouble", "Connections given up", [*label, "code"], registry=self.registry
        )
        self._forgotten = Counter(
            "vilkar_relay_forgotten", "Rows removed after seven days", label, registry=self.registry
        )
        self._seconds = Histogram(
            "vilkar_relay_batch_seconds", "From reading a batch to marking it", label, registry=self.registry
        )

    def batch(self, outbox: str, *, published: int, failed: Iterable[str], seconds: float) -> None:
        """A batch was written down after `seconds`; `failed` are the reasons of what was not taken."""
        self._published.labels(outbox).inc(published)
        for reason in failed:
            self._failed.labels(outbox, reason).inc()
        self._seconds.labels(outbox).observe(seconds)

    def depth(self, outbox: str, *, waiting: int, held: int, oldest_seconds: float) -> None:
        """The outbox was measured."""
        self._waiting.labels(outbox).set(waiting)
        self._held.labels(outbox).set(held)
        self._oldest.labels(outbox).set(oldest_seconds)

    def active(self, outbox: str, *, active: bool) -> None:
        """This process became, or is no longer, the outbox's relay."""
        self._active.labels(outbox).set(active)

    def trouble(self, outbox: str, code: str) -> None:
        """A connection was given up."""
        self._trouble.labels(outbox, code).inc()

    def forgotten(self, outbox: str, rows: int) -> None:
        """Old rows were removed."""
        self._forgotten.labels(outbox).inc(rows)

    def text(self) -> bytes:
        """All figures in the text format of Prometheus."""
        return generate_latest(self.registry)
