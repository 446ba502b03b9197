"""What a certificate of an erasure says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

UNDER_FIVE: Final = "under_5"
"""Stands for a count of 0 to 4 in a certificate, where the exact figure could point to a person."""

Count = int | Literal["under_5"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreErased:
    """What happened in one store: how, and how many records of each kind, small counts withheld."""

    store: str
    method: str
    counts: Mapping[str, Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """A category that the law wants kept after the erasure: by which law, and the last date."""

    category: str
    basis: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A category that is not erased yet: on which legal basis, of some persons or of the whole account.

    `review_on` is when a person looks again whether it is still needed. A restriction has none: the person it is
    about, or the answer to that person's request, ends it.
    """

    category: str
    of: Literal["account", "persons"]
    basis: str
    review_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The proof of an erasure, without personal data: no field of it can hold a name, an address or a user id.

    `reference` is a random one, given to the customer with the certificate.  `key_destruction_id` is a digest over
    the fingerprints of the destroyed keys.  `previous` is the hash of the certificate before.
    """

    certificate_id: UUID
    reference: UUID
    sequence: int
    previous: str
    kind: Literal["account", "user"]
    trigger: str
    trigger_date: date
    due_on: date
    executed_at: datetime
    outcome: Literal["erased", "erased_except_held"]
    roles: tuple[str, ...]
    erased: tuple[StoreErased, ...]
    keys_destroyed: Count
    key_destruction_id: str
    backups_expire_on: date
    key_copies_expire_on: date
    kept_by_law: tuple[Retained, ...]
    held_back: tuple[HeldBack, ...]
    recipients: Mapping[str, str]
    software_version: str
    completes: UUID | None = None
    """The certificate that was partial, where this one is about what was held then."""
