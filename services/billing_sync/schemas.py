"""Requests and replies of billing-sync, and the plain values its rules work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

import marshmallow as ma
from marshmallow import fields

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


class _Request(ma.Schema):
    class Meta:
        unknown = ma.RAISE


class _Reply(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE


class StatusOf(_Request):
    """`status`: of one account."""

    account_id = fields.UUID(required=True)


class JobShown(_Reply):
    """One piece of work towards Tripletex."""

    kind = fields.String(required=True)
    state = fields.String(required=True)
    attempts = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True, format="iso")


class StatusShown(_Reply):
    """How the copy of one account stands. `state` is `unknown`, `linked`, `minimised` or `erased`."""

    account_id = fields.UUID(required=True)
    state = fields.String(required=True)
    customer_number = fields.Integer(required=True, allow_none=True)
    tripletex_id = fields.Integer(required=True, allow_none=True)
    contacts = fields.Integer(required=True)
    synced_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    bookkeeping_until = fields.Date(required=True, allow_none=True)
    jobs = fields.List(fields.Nested(JobShown), required=True)


class Nothing(_Request):
    """No arguments."""


class FailedJob(_Reply):
    """A job that waits for a person."""

    job_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    attempts = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)


class FailedJobs(_Reply):
    """`failed`: at most 100, oldest first."""

    jobs = fields.List(fields.Nested(FailedJob), required=True)


class RetryJob(_Request):
    """`retry`: try a failed job again now."""

    job_id = fields.UUID(required=True)


class Retried(_Reply):
    """The job waits to be tried."""

    job_id = fields.UUID(required=True)
