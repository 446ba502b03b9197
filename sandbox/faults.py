"""The ways in which a vendor fails, and how many of its next calls shall fail so."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

MAX_SECONDS: Final = 120.0
MAX_CALLS: Final = 100_000


class Outcome(StrEnum):
    """What the caller sees."""

    OWN = "own"  # the vendor's regular answer
    DROP = "drop"  # the connection is closed without an answer
    SERVER_ERROR = "server_error"
    HTML_ERROR = "html_error"
    BAD_GATEWAY = "bad_gateway"
    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate_limited"
    RATE_LIMITED_BARE = "rate_limited_bare"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True)
class Mode:
    """A way to fail: whether the call is carried out, and what the caller sees of it."""

    commits: bool
    sleeps: bool
    outcome: Outcome


MODES: Final[dict[str, Mode]] = {
    "slow": Mode(commits=True, sleeps=True, outcome=Outcome.OWN),
    "timeout_before_commit": Mode(commits=False, sleeps=True, outcome=Outcome.DROP),
    "timeout_after_commit": Mode(commits=True, sleeps=True, outcome=Outcome.DROP),
    "drop": Mode(commits=False, sleeps=False, outcome=Outcome.DROP),
    "drop_accepted": Mode(commits=True, sleeps=False, outcome=Outcome.DROP),
    "error": Mode(commits=False, sleeps=False, outcome=Outcome.SERVER_ERROR),
    "error_accepted": Mode(commits=True, sleeps=False, outcome=Outcome.SERVER_ERROR),
    "error_html": Mode(commits=False, sleeps=False, outcome=Outcome.HTML_ERROR),
    "bad_gateway": Mode(commits=False, sleeps=False, outcome=Outcome.BAD_GATEWAY),
    "bad_gateway_accepted": Mode(commits=True, sleeps=False, outcome=Outcome.BAD_GATEWAY),
    "unavailable": Mode(commits=False, sleeps=False, outcome=Outcome.UNAVAILABLE),
    "rate_limited": Mode(commits=False, sleeps=False, outcome=Outcome.RATE_LIMITED),
    "rate_limited_bare": Mode(commits=False, sleeps=False, outcome=Outcome.RATE_LIMITED_BARE),
    "unauthorised": Mode(commits=False, sleeps=False, outcome=Outcome.UNAUTHORISED),
    "forbidden": Mode(commits=False, sleeps=False, outcome=Outcome.FORBIDDEN),
}


class FaultError(ValueError):
    """A fault was asked for that does not exist; the text says which do."""


@dataclass(kw_only=True)
class Fault:
    """`calls` further calls of `vendor` fail as `mode` says.

    `seconds` is how long a sleeping mode sleeps, and what a 429 tells the caller to wait. `method` and `path`
    narrow the fault to calls with that method, or with that text in their path; empty means any.
    """

    vendor: str
    mode: str
    calls: int = 1
    seconds: float = 0.0
    method: str = ""
    path: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be done, rather than fail in silence later."""
        if self.mode not in MODES:
            raise FaultError(f"unknown mode {self.mode!r}; known: {', '.join(MODES)}")
        if not 0 <= self.seconds <= MAX_SECONDS:
            raise FaultError(f"seconds must be between 0 and {MAX_SECONDS:g}")
        if not 1 <= self.calls <= MAX_CALLS:
            raise FaultError(f"calls must be between 1 and {MAX_CALLS}")

    def meets(self, vendor: str, method: str, path: str) -> bool:
        """Whether this call is one that shall fail."""
        return self.vendor == vendor and self.method in ("", method) and self.path in path

    def as_json(self) -> dict[str, Any]:
        """For the control API."""
        return asdict(self)


class Faults:
    """The faults that are waiting for a call. First set, first used."""

    def __init__(self, vendors: frozenset[str]) -> None:
        """Accept faults for `vendors` only."""
        self._vendors = vendors
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Let the next calls fail. Raises `FaultError` for a vendor nobody knows."""
        if fault.vendor not in self._vendors:
            raise FaultError(f"unknown vendor {fault.vendor!r}; known: {', '.join(sorted(self._vendors))}")
        with self._lock:
            self._waiting.append(fault)
        return fault

    def take(self, vendor: str, method: str, path: str) -> Fault | None:
        """The fault this call shall meet, counted as used; None for a call that goes well."""
        with self._lock:
            for fault in self._waiting:
                if fault.meets(vendor, method, path):
                    fault.calls -= 1
                    if fault.calls == 0:
                        self._waiting.remove(fault)
                    return fault
        return None

    def waiting(self) -> list[Fault]:
        """What is still to come."""
        with self._lock:
            return list(self._waiting)

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._waiting.clear()
