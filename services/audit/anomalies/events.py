"""What watching over log-ins and their use has found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AnomalyDetected(Event):
    """A detector of the audit service saw something conspicuous (L57). It is a signal: nothing is decided by it.

    `detector` is one of `services.audit.anomalies.values.DETECTORS` for log-ins, or of
    `services.audit.unusual_use.values.USE_DETECTORS` for what a user did once they were in. One attack keeps its
    `anomaly_id`: it is told when it begins, again each hour while it lasts, and at once for each further log-in in
    the midst of it; of one user once a day. Counts are of the window, which ends with the newest attempt or act
    looked at. `attempts` counts acts for a detector of use; `targets` counts the log-in names tried, or what the
    acts were done to, `networks` the /24 and /48 of attempts, `accounts` all companies concerned. `account_ids` and
    `user_ids` list at most 100 of them; for `success_in_cluster` exactly those whose log-in may be somebody else's,
    of one company, and where there are more of one attack each company and each 100 have an event of their own.
    """

    type: ClassVar[str] = "anomaly.detected"
    source: ClassVar[str | None] = "audit"

    anomaly_id: UUID
    detector: Code
    rule_version: int
    window_from: datetime
    window_to: datetime
    attempts: int
    failures: int
    targets: int
    networks: int
    accounts: int
    account_ids: list[UUID]
    user_ids: list[UUID]

    @property
    def subject(self) -> str:
        """The attack, or whatever else it turns out to be."""
        return f"anomaly/{self.anomaly_id}"
