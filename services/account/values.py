"""The plain values that the rules of the account service work on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

PURPOSES: Final = (
    "customer_support",
    "rights_request",
    "dispute",
    "security",
    "billing",
    "operations",
)
"""What staff may read a customer's data for."""


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose behalf: a user with `user_id`, the staff at the desk by `name`, or the system itself."""

    kind: Literal["user", "staff", "system"]
    user_id: UUID | None = None
    name: str | None = None

    def __str__(self) -> str:
        """As it stands in the `actor` field of calls and events."""
        return ":".join(str(part) for part in (self.kind, self.user_id or self.name) if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What the rules need to know of a company; `inactivated_by` is one of `schemas.TRIGGERS` while inactive."""

    id: UUID
    state: Literal["active", "inactive"]
    version: int
    inactivated_at: datetime | None = None
    inactivated_by: str | None = None
    blocked: bool = False
    """Closed by staff to protect it, while it is talked about; its data stay and no months begin."""
    register_outcome: str = "no_number"
    owner_may_instruct: bool = False
    """A person has let the owners of a bankrupt company instruct."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What the rules need to know of an agreement: when it began, when the customer agreed last, and its notice.

    `notice_months` is None where nothing was agreed apart from the terms. The dates are dates in Oslo.
    """

    began_on: date
    agreed_on: date
    notice_months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice of termination: the day it was given and the last day of its period, both in Oslo."""

    noticed_on: date
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UserState:
    """What the rules need to know of a user; `inactivated_by` is `customer` or `staff` while inactive."""

    id: UUID
    account_id: UUID
    role: Literal["owner", "user"]
    state: Literal["active", "inactive"]
    version: int
    confirmed: bool
    has_password: bool
    inactivated_at: datetime | None = None
    inactivated_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """When a session began and was last used, and whether its company and user are active."""

    created_at: datetime
    seen_at: datetime
    account_state: str = "active"
    user_state: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketState:
    """A single-use ticket: its token is minted when the letter is written, and used at most once."""

    kind: str
    created_at: datetime
    minted_at: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerAddress:
    """Since when an address is not a user's any more, and when the letter that tells it was last fetched."""

    replaced_at: datetime
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAnswer:
    """What the business register says of a number. Held in memory for the comparison and never stored.

    `kind` is `found`, `deleted`, `removed`, `sub_entity` or `not_found`.
    """

    kind: Literal["found", "deleted", "removed", "sub_entity", "not_found"]
    name: str | None = None
    org_form: str | None = None
    bankrupt: bool = False
    winding_up: bool = False
