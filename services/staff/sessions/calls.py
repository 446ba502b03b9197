"""What staff answers about log-in and sessions of the vendor's people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Range

from services.staff.authentication.calls import ABOUT_ONESELF, Assertion, InSession, RequestOptions
from services.staff.people.calls import StaffCode
from shared.calls import Call, Done
from shared.errors import Forbidden, NotFound, TooMany, Unauthenticated
from shared.records import Record
from shared.staff import Act, Role, WithoutStatement

BRINGS_PROOF: Final = WithoutStatement("who asks is not known before it is answered")
OF_NOBODY: Final = WithoutStatement("the desk tells it of itself, and knows nobody in it")
REFUSED_REASONS: Final = ("foreign_origin", "form_not_ours", "session_unknown", "browser_needed")
REFUSED_MOST: Final = 9_999_999


class LogInBegun(Record):
    """What the browser is given (`publicKey`), and the challenge that it answers within five minutes."""

    ceremony_id: UUID
    options: RequestOptions


class BeginLogIn(Call[LogInBegun], service="staff", staff=BRINGS_PROOF):
    """Begin to log in. It says nothing about who may."""


class LoggedIn(Record):
    """The session's token, shown once. It ends at `expires_at`, or later where it is used, up to its longest.

    `passkeys` is how many keys the person has: with fewer than two nothing is allowed but to enrol one more.
    """

    token: str
    session_id: UUID
    staff_code: str
    passkeys: int
    expires_at: datetime


class LogIn(Call[LoggedIn], service="staff", refusals=(Forbidden, TooMany), staff=BRINGS_PROOF):
    """Open a session with a passkey. `Forbidden` says why the key proves nothing."""

    ceremony_id: UUID
    assertion: Assertion


class Authenticated(Record):
    """Whose session it is. `authenticated_at` is when they last proved who they are."""

    staff_code: str
    session_id: UUID
    kind: str
    passkeys: int
    authenticated_at: datetime
    expires_at: datetime


class Authenticate(
    InSession, Call[Authenticated], service="staff", refusals=(Unauthenticated,), staff=ABOUT_ONESELF
):
    """Whose session it is. Whoever has left, or whose key was revoked, is refused from that moment on."""


class LogOut(InSession, Call[Done], service="staff", staff=ABOUT_ONESELF):
    """End the session; a token that is not one any more is fine."""


class SessionShown(Record):
    """A session of one's own; `current` is the one that asks."""

    session_id: UUID
    kind: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool


class SessionsShown(Record):
    """Open sessions, newest first."""

    sessions: tuple[SessionShown, ...]


class ListSessions(
    InSession, Call[SessionsShown], service="staff", refusals=(Unauthenticated,), staff=ABOUT_ONESELF
):
    """One's own open sessions."""


class EndSession(
    InSession, Call[SessionsShown], service="staff", refusals=(Unauthenticated, NotFound), staff=ABOUT_ONESELF
):
    """End a session of one's own, as of a laptop that is gone."""

    session_id: UUID


class SessionsEnded(Record):
    """How many sessions were ended."""

    ended: int


class EndSessionsOf(
    Call[SessionsEnded],
    service="staff",
    command=True,
    refusals=(NotFound,),
    staff=Act(roles=(Role.STAFF_ADMIN, Role.INCIDENT_LEAD)),
):
    """End all sessions of somebody of the staff, where one of them may be in other hands."""

    code: StaffCode


class TellRequestsRefused(Call[Done], service="staff", staff=OF_NOBODY):
    """Tell the audit trail how many requests the desk turned away at its door since it told last, and why.

    Another site made a browser ask (`foreign_origin`), a form was not made for its browser (`form_not_ours`), a
    program showed a session that has ended or never was (`session_unknown`), or asked for what takes a browser.
    """

    reason: Annotated[str, OneOf(REFUSED_REASONS)]
    count: Annotated[int, Range(min=1, max=REFUSED_MOST)]
