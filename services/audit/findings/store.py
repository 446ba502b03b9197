"""Attacks that were found of late, as rows. Methods work in the transaction they are given."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from services.audit.findings.values import Episode
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


class EpisodeStore:
    """What detectors remember."""

    def remember(
        self, tx: Transaction, detector: str, key_index: bytes, *, anomaly_id: UUID, at: datetime
    ) -> Episode | None:
        """The attack as it was remembered, locked; None where it is new, and is remembered under this id now."""
        row = tx.one(Q.remember, detector=detector, key_index=key_index, anomaly_id=anomaly_id, at=at)
        return Episode(**row) if row and row["anomaly_id"] != anomaly_id else None

    def seen(self, tx: Transaction, detector: str, key_index: bytes, episode: Episode) -> None:
        """Keep how the attack is remembered from now on."""
        tx.run(Q.seen, detector=detector, key_index=key_index, **asdict(episode))

    def lasts(self, tx: Transaction, detector: str, key_index: bytes, *, since: datetime) -> bool:
        """Whether the attack was seen since then."""
        return tx.one(Q.lasts, detector=detector, key_index=key_index, since=since) is not None

    def forget_anomalies(self, tx: Transaction, *, before: datetime, limit: int) -> int:
        """Delete attacks seen last before; returns how many, at most `limit`."""
        return tx.run(Q.forget_anomalies, before=before, limit=limit)
