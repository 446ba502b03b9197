"""Who tries to log in, with what, and what came of it; sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.account.accounts.values import AccountState, UserState

LOGIN_FAILURES: Final = (
    "unknown_address",
    "wrong_password",
    "reset_required",
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
"""`reset_required`: the password was right, but somebody else may know it.

`delayed`: too many failures before. `account_active`: an owner came to reactivate what is active.

`held_by_staff`: an owner came to reactivate what staff made inactive. `bankrupt`: one whose company is an estate.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """When a session began and was last used, and whether its company and user are active."""

    created_at: datetime
    seen_at: datetime
    account_state: str = "active"
    user_state: str = "active"

    @property
    def is_of_active(self) -> bool:
        """Whether its company and user are both active."""
        return self.account_state == self.user_state == "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session as found by its token."""

    id: UUID
    user_id: UUID
    account_id: UUID
    role: str
    language: str
    state: SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Whose address it is, and the digest of the password to compare with.

    `proved` says whether somebody has proved to read at the address; else this is the newest sign-up
    that claims so.
    """

    user_id: UUID
    account_id: UUID
    password_hash: str | None
    proved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A user's password: its digest, when it was set, and since when it lets nobody in until it is set anew."""

    password_hash: str
    changed_at: datetime
    reset_required_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brakes:
    """Where failures are counted: of the name, of the address, and of who proved the name from this address."""

    name: bytes
    address: bytes
    own: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An attempt counted as failed until it proves otherwise: under the name, or under the prover's own count."""

    brakes: Brakes
    key: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An address and a password as they were compared, before anything is decided."""

    candidate: Candidate | None
    matched: bool
    origin: dict[str, Any]
    counted: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproof:
    """A password compared once more inside a session; it counts once `settle_again` has found all unchanged."""

    candidate: Candidate
    counted: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What came of an attempt: a refusal's code, or the account and user that were proved."""

    refusal: str | None
    account: AccountState | None = None
    user: UserState | None = None
