"""Reports of logins, for a stated purpose."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Range, Regexp

from services.account.authentication.calls import InSession
from shared.actor import ActorKind
from shared.calls import Call
from shared.errors import Forbidden, Invalid, NotFound, Unauthenticated
from shared.events import CODE_PATTERN
from shared.records import Named, Record
from shared.staff import DECIDERS, Act, Role

PURPOSES: Final = ("own_access", "security_breach", "account_takeover", "system_administration")
"""What login data may be looked at for: the person's own access (GDPR article 15), and what the rules on an
employer's access (e-postforskriften) allow: clearing up a breach, and administering the system."""

LOGIN_REPORT_SECONDS: Final = 5.0
"""Account is asked who the owners are, and the keyring for each person."""


class LoginShown(Record):
    """One attempt. `ip` and `user_agent` are null where they are not known, or not any more."""

    attempt_id: UUID | None = None
    occurred_at: datetime
    outcome: str
    reason: str | None
    user_id: UUID | None
    ip: str | None
    user_agent: str | None


class LoginsShown(Record):
    """Attempts, oldest first; `complete` is false where there are more than one answer holds."""

    logins: tuple[LoginShown, ...]
    complete: bool


class Logins(
    Call[LoginsShown],
    service="audit",
    refusals=(Forbidden, Invalid, NotFound),
    seconds=LOGIN_REPORT_SECONDS,
    staff=Act(roles=(*DECIDERS, Role.OPERATOR), shows="account_id"),
):
    """Login times and addresses of one user or one company in a period, for a stated purpose (L57).

    Answer and refusal alike enter the trail. `Forbidden` where the actor may not see them, or the purpose is to
    watch people at work; `Invalid` for a purpose that is not on the list, or too long a period; `NotFound` where
    there is no such account.
    """

    account_id: UUID
    user_id: UUID | None = None
    from_: Annotated[datetime, Named("from")]
    to: datetime
    purpose: Annotated[str, Regexp(CODE_PATTERN.pattern + r"\Z", error="a machine code")]
    actor: ActorKind


class LoginReport(
    InSession,
    Call[LoginsShown],
    service="audit",
    refusals=(Unauthenticated, Forbidden, Invalid),
    seconds=LOGIN_REPORT_SECONDS,
):
    """A page of login times and addresses for a customer, whose session proves who asks (L57).

    A user sees their own (`own_access`); an owner those of the company, within 31 days, to clear up a breach or
    a takeover or to administer the system. Answer and refusal alike enter the trail. `Forbidden` where the logins
    are not theirs to see, or the purpose is to watch people at work; `Invalid` for a purpose that is not on the
    list, or too long a period.
    """

    purpose: Annotated[
        str,
        Regexp(CODE_PATTERN.pattern + r"\Z", error="a machine code"),
        f"What for: one of {', '.join(PURPOSES)}.",
    ]
    from_: Annotated[datetime, Named("from"), "From then; after a first page the instant of its last attempt."]
    to: Annotated[datetime, "To then, and not including it."]
    user_id: Annotated[UUID | None, "Only of this user; for own_access oneself where it is left out."] = None
    after: Annotated[UUID | None, "The last attempt of the page before."] = None


class DisclosuresOfDay(Record):
    """How often logins were disclosed on one day, by the calendar in Oslo, to whom and what for.

    `to` is `owner` or `staff`. `user_ids` are the users whose logins these were and who are not erased. Of
    `not_named` of the disclosures it is not known whose they were, or not of everybody: it may have been any user.
    """

    day: date
    purpose: str
    to: str
    disclosures: int
    not_named: int
    user_ids: tuple[UUID, ...]


class LoginDisclosuresShown(Record):
    """The newest day first. `since` is the day from which disclosures are told."""

    since: date
    days: tuple[DisclosuresOfDay, ...]


class LoginDisclosures(
    InSession,
    Call[LoginDisclosuresShown],
    service="audit",
    refusals=(Unauthenticated,),
    seconds=LOGIN_REPORT_SECONDS,
):
    """On which days, to whom and what for logins were disclosed: owners are told of all users, others of their own.

    It names nobody to whom they were. What a person saw of their own is not told.
    """


LOGGED_IN_MOST: Final = 2000


class LoggedInUser(Record):
    """A user who logged in."""

    account_id: UUID
    user_id: UUID


class LoggedInPage(Record):
    """Users in order of their ids; the last one is what the next page comes after."""

    users: tuple[LoggedInUser, ...]


class LoggedIn(Call[LoggedInPage], service="audit", seconds=LOGIN_REPORT_SECONDS):
    """Who logged in with success in a period, each once, a page of them: whom a breach may concern (L61).

    Logins are kept for some months, and those of whoever was erased are gone: nobody of them is named.
    """

    from_: Annotated[datetime, Named("from")]
    to: datetime
    after_account: UUID | None = None
    after_user: UUID | None = None
    limit: Annotated[int, Range(min=1, max=LOGGED_IN_MOST)] = LOGGED_IN_MOST
