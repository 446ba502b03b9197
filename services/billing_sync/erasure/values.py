"""What an erasure comes to at Tripletex."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.participation.values import Step


@dataclass(frozen=True, slots=True)
class Minimised:
    """What an erasure did at Tripletex, and until when the bookkeeping must be kept there."""

    step: Step
    bookkeeping_until: date | None = None
    spared: bool = False
    """Whether a contact was left because it is held."""
