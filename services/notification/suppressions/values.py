"""Why an address gets no letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SuppressionKind(StrEnum):
    """Why an address gets no letters."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Why an address gets no letters: until when, None for ever; `tried_at` is when one went there all the same."""

    kind: SuppressionKind
    ends_at: datetime | None
    tried_at: datetime | None = None
