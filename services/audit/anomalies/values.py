"""A log-in attempt as detectors see it, and what each detector sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

DETECTORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "brute_force": "one log-in name failed again and again",
        "spraying": "many names failed from one network within minutes",
        "company_spraying": "many users of one company failed within the hour and did not get in",
        "stuffing": "very many names were tried from one network, and almost all failed",
        "slow_stuffing": "the same, spread over a day",
        "distributed_stuffing": "very many names that nobody has were tried from many networks",
        "success_in_cluster": "somebody got in from a network that such attempts came from, new to that user",
        "unusual_origin": "a user logged in from a new network with a new device",
        "unusual_country": "a user logged in from a new country with a new device",
        "impossible_travel": "a user logged in at two places between which nobody travels that fast",
    }
)
"""Every detector, and what it sees. Codes are never given to something else."""

ORIGINS: Final = ("unusual_origin", "unusual_country", "impossible_travel")
"""What is odd about where one user got in from."""
COMPANY_SPRAYING: Final = "company_spraying"
CLUSTERS: Final = ("spraying", "stuffing", "slow_stuffing", "distributed_stuffing")
"""What comes from networks: who gets in from one of them meanwhile is looked at too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A country, and where on the globe in degrees, as far as the operator's table knows."""

    country: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt to log in. `name` stands for the log-in name tried: the user's id, else a keyed digest.

    `got_in` also where the password was right and the log-in refused for another reason. `network` and `device`
    are keyed digests; None where the origin is not known.
    """

    attempt_id: UUID
    occurred_at: datetime
    got_in: bool
    name: str
    account_id: UUID | None = None
    user_id: UUID | None = None
    network: bytes | None = None
    device: bytes | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From how much on a detector speaks; a change of any is a new version."""

    version: int
    guesses: int
    guess_window: timedelta
    slow_guesses: int
    sprayed_names: int
    spray_window: timedelta
    spray_failing: float
    company_users: int
    company_share: float
    company_window: timedelta
    stuffed_names: int
    stuffing_window: timedelta
    stuffing_failing: float
    slow_window: timedelta
    strange_names: int
    travel_km_an_hour: float
    travel_km: float
