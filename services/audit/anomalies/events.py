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

    `detector` is one of `services.audit.anomalies.values.DETECTORS`. One attack keeps its `anomaly_id`: it is told
    when it begins, again each hour while it lasts, and at once for each further log-in in the midst of it. Counts
    are those of the window, which ends with the newest attempt looked at. `targets` counts the log-in names tried,
    `networks` the /24 and /48 they were tried from, `accounts` all companies concerned. `account_ids` and
    `user_ids` list at most 100 of them; for `success_in_cluster` exactly those whose log-in may be somebody else's.
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
