"""What is copied to Tripletex. Held in memory only; nothing of it is stored here."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person of the customer as Tripletex keeps one."""

    user_id: UUID
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """What the account service says of a company."""

    account_id: UUID
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    org_number: str | None = field(repr=False)
    is_personal: bool
    language: str
    contacts: tuple[Contact, ...]
