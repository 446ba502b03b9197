"""Login attempts, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

ACCOUNT_LOCK_SPACE: Final = 0x56414C32
"""Keeping a login and erasing its account wait for each other."""

REFUSED_PURPOSES: Final = ("attendance", "performance", "working_hours")
"""Known by name, so that the refusal can say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginEvent:
    """A login attempt. `user_id` is None where nobody knows whom it was meant for."""

    attempt_id: UUID
    occurred_at: datetime
    outcome: str
    reason: str | None
    account_id: UUID | None
    user_id: UUID | None
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOrigin:
    """A login attempt whose origin has not been fetched yet, and how often that was tried."""

    attempt_id: UUID
    occurred_at: datetime
    account_id: UUID | None
    user_id: UUID | None
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is kept of where a login came from: sealed for a person we know, an index for a stranger.

    The rest is for the detectors: digests of the name that a stranger tried, of the network, of the device.
    """

    attempt_id: UUID
    state: str
    ip_sealed: bytes | None = None
    user_agent_sealed: bytes | None = None
    address_index: bytes | None = None
    name_index: bytes | None = None
    network_index: bytes | None = None
    device_index: bytes | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
