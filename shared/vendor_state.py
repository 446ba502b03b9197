"""Which vendors answer, and how those that do not fail, as this process last met them.

Every call to a vendor is noted here, so that readiness, metrics, the log and the alarms that staff see tell of an
outage from one source. Instants are those of the monotonic clock.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from prometheus_client import Counter, Gauge

from shared import log
from shared.wait_bounds import LONGEST_WAIT

CALLS: Final = Counter("vilkar_vendor_calls_total", "Calls to vendors by what came of them", ["vendor", "outcome"])
BEYOND: Final = Counter(
    "vilkar_vendor_waits_beyond_total",
    "Waits asked for that are longer than any may be",
    ["vendor"],
)
FAILING: Final = Gauge("vilkar_vendor_failing", "Whether the last call to a vendor failed: 1 or 0", ["vendor"])
ANSWERED: Final = "answered"
UNAUTHORISED, FORBIDDEN, PAYMENT, TIMED_OUT, TOO_MANY, SERVER_FAULT = 401, 403, 402, 408, 429, 500

_log = log.get("vendors")


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorState:
    """How a vendor stands. `failure` is None while it answers; `since` is when that began."""

    vendor: str
    failure: str | None
    since: float
    seen_at: float
    times: int = 1
    """How many calls in a row ended like the last one."""


def failure_of_status(status: int) -> str | None:
    """What is wrong with a vendor that answers with this status; None for what concerns the one call only."""
    if status in (UNAUTHORISED, FORBIDDEN, PAYMENT):
        return "not_let_in"
    if status == TOO_MANY:
        return "rate_limited"
    if status >= SERVER_FAULT or status == TIMED_OUT:
        return "server_error"
    return None


def after_call(before: VendorState | None, vendor: str, failure: str | None, at: float) -> VendorState:
    """How the vendor stands after one more call. Pure; an outage that changes its kind is still the same one."""
    if before is None or (before.failure is None) != (failure is None):
        return VendorState(vendor=vendor, failure=failure, since=at, seen_at=at)
    return replace(before, failure=failure, seen_at=at, times=before.times + 1)


class VendorStates:
    """The vendors that a process calls. Safe to share between threads."""

    def __init__(self) -> None:
        """Nobody has been called yet."""
        self._lock = threading.Lock()
        self._states: dict[str, VendorState] = {}

    def note(self, vendor: str, failure: str | None, *, at: float) -> None:
        """A call to the vendor has ended; the first of an outage and the first after it are logged."""
        with self._lock:
            before = self._states.get(vendor)
            after = self._states[vendor] = after_call(before, vendor, failure, at)
        CALLS.labels(vendor, failure or ANSWERED).inc()
        FAILING.labels(vendor).set(0 if failure is None else 1)
        if failure is not None and (before is None or before.failure != failure):
            _log.error("vendor_fails", vendor=vendor, failure=failure)
        elif failure is None and before is not None and before.failure is not None:
            _log.warning("vendor_answers_again", vendor=vendor, seconds=round(after.since - before.since))

    def wait_asked(self, vendor: str, asked: timedelta | None) -> timedelta | None:
        """For how long the vendor is left alone that asks for it; one that asks for more than may be is told of."""
        if asked is None:
            return None
        if asked > LONGEST_WAIT:
            BEYOND.labels(vendor).inc()
            _log.error("vendor_asks_to_wait_too_long", vendor=vendor)
        return min(max(asked, timedelta()), LONGEST_WAIT)

    def all(self) -> list[VendorState]:
        """Every vendor that was called."""
        with self._lock:
            return sorted(self._states.values(), key=lambda state: state.vendor)

    def warnings(self) -> list[str]:
        """Machine words for those whose last call failed, and how."""
        return [f"{state.vendor}_{state.failure}" for state in self.all() if state.failure is not None]


STATES: Final = VendorStates()
"""Those of this process."""
