"""The plain values that the rules of the account service work on, and the codes they know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
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

LANGUAGES: Final = ("nb", "en")
ROLES: Final = ("owner", "user")
AUTHORITIES: Final = ("managing_director", "chair", "signatory", "procuration", "proprietor", "mandate")
"""By what right the creator says to act: signatory right, procuration, as sole trader, or under a mandate."""

REGISTER_OUTCOMES: Final = (
    "matched",
    "sole_proprietorship",
    "name_mismatch",
    "not_found",
    "sub_entity",
    "deleted",
    "removed",
    "bankrupt",
    "winding_up",
    "provisional",
    "no_number",
)
"""`provisional`: the register did not answer yet. `no_number`: the customer gave no organisation number."""

LOGIN_FAILURES: Final = (
    "unknown_address",
    "wrong_password",
    "delayed",
    "no_password",
    "unconfirmed",
    "user_inactive",
    "account_inactive",
    "account_active",
    "account_blocked",
    "bankrupt",
    "held_by_staff",
)
"""`delayed`: too many failures before. `account_active`: an owner came to reactivate what is active.

`held_by_staff`: an owner came to reactivate what staff made inactive. `bankrupt`: one whose company is an estate.
"""
TICKET_KINDS: Final = ("confirmation", "address_change", "invitation", "password_reset", "reactivation")
TRIGGERS: Final = ("customer", "staff", "sign_up_abandoned", "contract_terminated", "early_request")
CHANNELS: Final = ("email", "phone", "letter", "in_person")
"""The ways by which a notice of termination reaches the staff (L23); an owner's own way is `self_service`."""
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
NUMBER_REASONS: Final = ("typing_error",)
"""Why staff change an organisation number: the company is the same one. Another company signs up anew."""

NOTICE_MONTHS_MAX: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What the rules need to know of a company; `inactivated_by` is one of `TRIGGERS` while inactive."""

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
