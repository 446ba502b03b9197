"""What staff answers about passkeys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf

from services.staff.authentication.calls import ABOUT_ONESELF, CreationOptions, InSession, NewCredential, Token
from services.staff.passkeys.values import Revocation
from services.staff.people.calls import StaffCode
from services.staff.recovery.calls import RecoveryProof
from shared.calls import Call
from shared.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated
from shared.records import Record
from shared.staff import Act, Role, WithoutStatement

BRINGS_PROOF: Final = WithoutStatement(
    "it brings a link, a recovery code or a session, and is about its holder alone"
)
REASONS: Final = tuple(each.value for each in (Revocation.LOST, Revocation.STOLEN, Revocation.REPLACED))
BY: Final = ("link", "session", "recovery")


class By(Record):
    """By what somebody may enrol a key: one of the three.

    `link` is the token of an invitation or of a link to recover, `session` that of a session in which the person
    has just logged in.
    """

    link: Token | None = None
    session: Token | None = None
    recovery: RecoveryProof | None = None

    def objections(self) -> Mapping[str, list[str]]:
        """Where there is not exactly one."""
        given = [name for name in BY if getattr(self, name) is not None]
        return {} if len(given) == 1 else {"link": ["one of link, session and recovery"]}


class EnrolmentBegun(Record):
    """What the browser is given (`publicKey`), and the challenge that it answers within five minutes."""

    ceremony_id: UUID
    options: CreationOptions


class BeginEnrolment(
    Call[EnrolmentBegun],
    service="staff",
    refusals=(Forbidden, Unauthenticated, Conflict, TooMany),
    staff=BRINGS_PROOF,
):
    """Begin to enrol a passkey. `Conflict` where the person has as many as one may have."""

    by: By


class PasskeyShown(Record):
    """A key. `synced` says whether it may be copied to other devices of its owner.

    `in_use` says whether it opened the session that asks, `software` whether it is one of the demo's, and
    `suspected_at` since when somebody is known to have a copy of it: revoke it then.
    """

    passkey_id: UUID
    synced: bool
    software: bool
    way: str
    enrolled_at: datetime
    used_at: datetime | None
    in_use: bool
    suspected_at: datetime | None


class Enrolled(Record):
    """The key that was enrolled, and how many the person has; two are needed before anything is allowed."""

    staff_code: str
    passkey: PasskeyShown
    passkeys: int


class FinishEnrolment(
    Call[Enrolled],
    service="staff",
    refusals=(Forbidden, Unauthenticated, Conflict, TooMany),
    staff=BRINGS_PROOF,
):
    """Enrol the key that the browser had made, by the same as it was begun by. A link or a recovery code is spent.

    A link to recover ends everything else that the person logs in with: their other keys, codes and sessions.
    """

    by: By
    ceremony_id: UUID
    credential: NewCredential


class PasskeysShown(Record):
    """A person's keys that are not revoked, oldest first."""

    passkeys: tuple[PasskeyShown, ...]


class ListPasskeys(
    InSession, Call[PasskeysShown], service="staff", refusals=(Unauthenticated,), staff=ABOUT_ONESELF
):
    """One's own keys."""


class RevokePasskey(
    InSession,
    Call[PasskeysShown],
    service="staff",
    refusals=(Unauthenticated, Forbidden, NotFound, Conflict),
    staff=ABOUT_ONESELF,
):
    """Revoke a key of one's own, with the sessions that it opened. `Conflict` where it is the last one.

    `Forbidden` for a command line, and where the log-in is more than 15 minutes ago.
    """

    passkey_id: UUID
    reason: Annotated[str, OneOf(REASONS)]


class PasskeysOf(
    Call[PasskeysShown],
    service="staff",
    refusals=(NotFound,),
    staff=Act(roles=(Role.STAFF_ADMIN, Role.AUDITOR, Role.INCIDENT_LEAD)),
):
    """The keys of somebody of the staff."""

    code: StaffCode


class RevokePasskeyOf(
    Call[PasskeysShown],
    service="staff",
    command=True,
    refusals=(NotFound, Forbidden),
    staff=Act(roles=(Role.STAFF_ADMIN, Role.INCIDENT_LEAD)),
):
    """Revoke a key of somebody who has lost it, with the sessions that it opened; the last one too.

    `Forbidden` where the log-in is more than 15 minutes ago.
    """

    code: StaffCode
    passkey_id: UUID
    reason: Annotated[str, OneOf(REASONS)]
