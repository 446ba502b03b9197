"""Log-in, sessions, and where log-ins came from."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length

from services.account.accounts.calls import Done
from services.account.authentication.calls import HASHING_SECONDS, Credentials, InSession
from shared.actor import ActorKind
from shared.calls import Call
from shared.errors import Forbidden, Locked, TooMany, Unauthenticated
from shared.records import Record

ORIGINS_LIMIT: Final = 500


class LoggedIn(Record):
    """The session's token, shown once. It ends at `expires_at`, or earlier when not used."""

    token: str
    account_id: UUID
    user_id: UUID
    role: str
    language: str
    expires_at: datetime


class LogIn(
    Credentials,
    Call[LoggedIn],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, TooMany),
    seconds=HASHING_SECONDS,
):
    """Open a session for an address and its password."""


class Authenticated(Record):
    """Who speaks. `actor` is what goes into the `actor` field of further calls."""

    account_id: UUID
    user_id: UUID
    session_id: UUID
    role: str
    language: str
    actor: ActorKind
    expires_at: datetime


class Authenticate(InSession, Call[Authenticated], service="account", refusals=(Unauthenticated,)):
    """Who speaks. An account or user made inactive is refused from that moment on."""


class LogOut(InSession, Call[Done], service="account"):
    """End the session; a token that is not one any more is fine."""


class LoginOrigin(Record):
    """One attempt. `address_index` and `network_index` (hexadecimal) are equal for equal addresses and /24, /48.

    `name_index` is equal for equal log-in names, and null where the name is somebody's: then there is a `user_id`.
    `ip` and `user_agent` are null once the person is being erased.
    """

    attempt_id: UUID
    account_id: UUID | None
    user_id: UUID | None
    at: datetime
    outcome: str
    ip: str | None
    user_agent: str | None
    address_index: str
    network_index: str
    name_index: str | None = None


class LoginOriginsShown(Record):
    """Those still kept, in no particular order."""

    attempts: tuple[LoginOrigin, ...]


class LoginOrigins(Call[LoginOriginsShown], service="account"):
    """Where log-ins came from, for audit, which watches over them; they are kept here for 48 hours."""

    attempt_ids: Annotated[tuple[UUID, ...], Length(min=1, max=ORIGINS_LIMIT)]
