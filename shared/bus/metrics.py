"""What the bus counts. Labels are names of queues, methods and outcomes: few, and never an id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class Figure(Collector):
    """A figure that is absent until it is known: a gauge of the library says 0 where nobody has looked."""

    def __init__(self, name: str, says: str) -> None:
        """`name` as in Prometheus."""
        self._name = name
        self._says = says
        self._value: float | None = None
        REGISTRY.register(self)

    def set(self, value: float) -> None:
        """It is known now."""
        self._value = value

    def clear(self) -> None:
        """It is not known any more."""
        self._value = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """For the registry."""
        if self._value is not None:
            yield GaugeMetricFamily(self._name, self._says, value=self._value)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Which names it may take."""
        yield GaugeMetricFamily(self._name, self._says)


EVENTS: Final = Counter("vilkar_events_total", "Events by queue and what became of them", ["queue", "outcome"])
BATCHES: Final = Histogram(
    "vilkar_event_lot_messages",
    "Messages handled in one transaction",
    ["queue"],
    buckets=(1, 2, 5, 10, 20, 50, 100),
)
CALLS: Final = Counter("vilkar_calls_total", "Answered calls by method and outcome", ["method", "outcome"])
CALL_SECONDS: Final = Histogram(
    "vilkar_call_seconds",
    "Time from the arrival of a call to its answer",
    ["method"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CLAIMS_REFUSED: Final = Counter(
    "vilkar_claims_refused_total", "Calls refused because of whom they claimed to act for", ["caller", "claimed"]
)
STATEMENTS_REFUSED: Final = Counter(
    "vilkar_statements_refused_total",
    "Calls of staff refused because of their signed statement",
    ["caller", "reason"],
)
INPUT_REFUSED: Final = Counter(
    "vilkar_sensitive_input_refused_total", "Free texts refused by the input guard", ["method", "field", "kind"]
)
TIMED_RUNS: Final = Counter("vilkar_rounds_total", "Timer of the work done on time", ["work", "outcome"])
WAITS_BEYOND: Final = Counter(
    "vilkar_waits_beyond_total", "Rows found waiting for longer than they ever may, by column", ["column"]
)
COUNTED: Final = Counter(
    "vilkar_parked_counted_total", "Messages that were only counted, for enough of their kind are parked", ["queue"]
)
PARKED: Final = Figure("vilkar_parked_messages", "Messages that wait for a person's decision")
ALARMS: Final = Gauge("vilkar_alarms", "Things of a kind that wait for a person", ["alarm"])
ALARM_AGE: Final = Gauge(
    "vilkar_alarm_age_seconds", "For how long the oldest thing of a kind has waited for a person", ["alarm"]
)
GATE: Final = Figure("vilkar_restore_gate_open", "Whether the databases have caught up with the ledger: 1 or 0")
LEDGER_POSITION: Final = Gauge("vilkar_ledger_position", "How far a database has come in the ledger", ["database"])
LEDGER_BEHIND: Final = Gauge(
    "vilkar_ledger_behind", "Facts that a database lacked at the last look, and took up then", ["database"]
)
LEDGER_FOLLOWED: Final = Gauge(
    "vilkar_ledger_followed", "Whether a database could follow the ledger at the last look: 1 or 0", ["database"]
)
LEDGER_ENTRIES: Final = Figure("vilkar_ledger_entries", "Facts in the ledger")
LEDGER_HEAD: Final = Figure("vilkar_ledger_head", "The position of the last fact in the ledger")
LEDGER_COPY_AGE: Final = Figure(
    "vilkar_ledger_copy_age_seconds", "Age of the last copy of the ledger; infinite where there is none"
)
LETTERS: Final = Gauge("vilkar_letters", "Letters that have not left, by state", ["state"])
SUPPRESSED: Final = Figure("vilkar_addresses_suppressed", "Addresses that get no letters now")
ERASURES: Final = Gauge("vilkar_erasures", "Erasures that are not over, by state", ["state"])
READY: Final = Gauge("vilkar_ready", "Whether the process serves: 1 or 0")
