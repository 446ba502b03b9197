"""The plain values that the rules of billing-sync work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

JobKind = Literal["sync", "minimise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person of the customer as Tripletex keeps one. Held in memory only."""

    user_id: UUID
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """What the account service says of a company. Held in memory only; nothing of it is stored here."""

    account_id: UUID
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    org_number: str | None = field(repr=False)
    is_personal: bool
    language: str
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A customer or contact as it stands at Tripletex: id, version and fields."""

    id: int
    version: int
    fields: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimised:
    """What an erasure did at Tripletex: counts, what stays for the bookkeeping, and until when."""

    customers: int
    contacts: int
    retained: tuple[str, ...]
    bookkeeping_until: date | None

    @property
    def counts(self) -> dict[str, int]:
        """What the answer to an erasure or a dry run counts, by kind."""
        return {"tripletex_customers": self.customers, "tripletex_contacts": self.contacts}
