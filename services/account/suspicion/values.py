"""The codes by which staff say why they decide something about an account, and an attempt to reach a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

REASONS: Final[Mapping[str, bool]] = MappingProxyType(
    {
        "customer_request": False,
        "estate_request": False,
        "duplicate_account": False,
        "register_mismatch": True,
        "unintended_use": True,
        "security": True,
    }
)
"""Why staff make an account inactive, and whether it is on suspicion: then the customer was approached before."""
BLOCK_REASONS: Final = ("security", "unintended_use")
"""Why an account is closed at once while staff talk with the customer; its data stay."""
OUTCOMES: Final = ("no_answer", "not_reached", "answered", "disputed")
LET_REASONS: Final = ("trustee_is_owner", "register_was_wrong", "bankruptcy_ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAttempt:
    """One attempt to reach the customer; the day is a day in Oslo."""

    channel: str
    outcome: str
    attempted_on: date
