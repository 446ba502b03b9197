"""What a detector found, and how an attack is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a detector saw: about whom or what (`key`), in which window, with which counts."""

    detector: str
    key: str
    window_from: datetime
    window_to: datetime
    attempts: int = 0
    failures: int = 0
    targets: int = 0
    networks: int = 0
    account_ids: frozenset[UUID] = field(default_factory=frozenset)
    user_ids: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One attack as it is remembered: when it was seen last, and when it was told last."""

    anomaly_id: UUID
    seen_at: datetime
    told_at: datetime
