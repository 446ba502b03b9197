"""What has come in, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.audit.anomalies.events import AnomalyDetected
from services.cases.intake.rules import SUCCESS
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)
SIGHTINGS_MOST: Final = 1000
"""So many are kept with one case: an attack that is told each hour lasts six weeks. What comes after is counted."""


def open_case(tx: Transaction, key: str) -> UUID | None:
    """The open case that takes in alarms of this key."""
    row = tx.one(Q.open_case, key=key)
    return row["id"] if row else None


def note_sighting(tx: Transaction, case_id: UUID, message_id: UUID, seen: AnomalyDetected, now: datetime) -> None:
    """Keep with a case what a detector has counted, once for each message."""
    names = ("anomaly_id", "detector", "rule_version", "window_from", "window_to", "attempts", "failures")
    counts = {name: getattr(seen, name) for name in (*names, "targets", "networks", "accounts")}
    got_in = len(seen.user_ids) if seen.detector == SUCCESS else 0
    tx.run(
        Q.note_sighting,
        case_id=case_id,
        message_id=message_id,
        told_at=now,
        got_in=got_in,
        most=SIGHTINGS_MOST,
        **counts,
    )
