"""What the account service tells the others: ids, instants and machine codes, never a name or an address.

Whoever needs the person behind an id asks by RPC at the moment of need (`letter_facts`, `company_facts`).
Events about a company have the subject `account/<id>` and its version as sequence; events about a user have
`user/<id>` and the user's version. Log-ins carry no sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event

SOURCE = "account"


@dataclass(frozen=True, kw_only=True)
class _AboutAccount:
    """What the events about a company share."""

    source: ClassVar[str | None] = SOURCE

    account_id: UUID

    @property
    def subject(self) -> str:
        """The company."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class _AboutUser:
    """What the events about one user of a company share."""

    source: ClassVar[str | None] = SOURCE

    account_id: UUID
    user_id: UUID

    @property
    def subject(self) -> str:
        """The user."""
        return f"user/{self.user_id}"


@dataclass(frozen=True, kw_only=True)
class AccountRegistered(_AboutAccount, Event):
    """A company signed up and concluded the data-processing agreement in the same transaction (L126).

    `register_outcome` is one of `services.account.values.REGISTER_OUTCOMES`; `provisional` means that the
    business register did not answer and is asked again. `creator_id` is the first owner, who gets no
    `user.added`. The address is not confirmed yet: nobody can log in before `user.email_confirmed`.
    """

    type: ClassVar[str] = "account.registered"

    creator_id: UUID
    register_outcome: Code
    terms_version: Code


@dataclass(frozen=True, kw_only=True)
class AccountUpdated(_AboutAccount, Event):
    """The company's own data were changed; `fields` names them: name, email, phone, org_number, language."""

    type: ClassVar[str] = "account.updated"

    fields: list[Code]


@dataclass(frozen=True, kw_only=True)
class AccountRegisterChecked(_AboutAccount, Event):
    """The business register was asked after sign-up or after a change, and this is what it says now (L160).

    `review_required` asks a person to look; nothing is refused or closed by this event.
    """

    type: ClassVar[str] = "account.register_checked"

    outcome: Code
    review_required: bool


@dataclass(frozen=True, kw_only=True)
class AccountDeactivated(_AboutAccount, Event):
    """The company's account was made inactive: sessions are gone, every input is refused (L17).

    The three calendar months of L59 begin on the Oslo date of `deactivated_at`. `trigger` says who or what did
    it: `customer`, `staff`, `sign_up_abandoned`, `early_request`, or `contract_terminated`: then the notice period
    is over, and the three months of L204 begin with its last day, `notice_ends_on`. `user_count` counts the users
    that had not been deactivated one by one before. `reason` is why staff did it.
    """

    type: ClassVar[str] = "account.deactivated"

    trigger: Code
    deactivated_at: datetime
    user_count: int
    noticed_on: date | None = None
    notice_ends_on: date | None = None
    reason: Code | None = None


@dataclass(frozen=True, kw_only=True)
class AccountRead(_AboutAccount, Event):
    """Staff read a customer's data: who did is the actor, what for is `purpose`, and `what` was read."""

    type: ClassVar[str] = "account.read"

    what: Code
    purpose: Code


@dataclass(frozen=True, kw_only=True)
class AccountsSearched(Event):
    """Staff looked for accounts, by what and what for; whom they looked for is not told, nor who was found."""

    type: ClassVar[str] = "account.searched"
    source: ClassVar[str | None] = SOURCE

    search_id: UUID
    by: Code
    purpose: Code
    found: int

    @property
    def subject(self) -> str:
        """The search alone."""
        return f"search/{self.search_id}"


@dataclass(frozen=True, kw_only=True)
class AccountBlocked(_AboutAccount, Event):
    """Staff closed an account at once to protect it (L160): nobody gets in, its data stay, no months begin."""

    type: ClassVar[str] = "account.blocked"

    reason: Code


@dataclass(frozen=True, kw_only=True)
class AccountUnblocked(_AboutAccount, Event):
    """Staff opened a blocked account again."""

    type: ClassVar[str] = "account.unblocked"


@dataclass(frozen=True, kw_only=True)
class InstructionsAllowed(_AboutAccount, Event):
    """A person let the owners of a company instruct that the business register calls bankrupt, and why."""

    type: ClassVar[str] = "account.instructions_allowed"

    reason: Code


@dataclass(frozen=True, kw_only=True)
class TerminationNoticed(_AboutAccount, Event):
    """Notice of termination was given (L23, L204): the contract runs to the end of `notice_ends_on`, in Oslo.

    Until that day has passed the account is as active as ever; `account.deactivated` follows by itself.
    `noticed_on` is the day the notice was received, `channel` the way it came.
    """

    type: ClassVar[str] = "account.termination_noticed"

    noticed_on: date
    notice_ends_on: date
    channel: Code


@dataclass(frozen=True, kw_only=True)
class TerminationWithdrawn(_AboutAccount, Event):
    """A notice of termination was taken back before its period was over; the contract goes on."""

    type: ClassVar[str] = "account.termination_withdrawn"


@dataclass(frozen=True, kw_only=True)
class AccountReactivated(_AboutAccount, Event):
    """The company's account is active again; its erasure clock is to be cancelled.

    Users that had been deactivated one by one stay inactive.
    """

    type: ClassVar[str] = "account.reactivated"


@dataclass(frozen=True, kw_only=True)
class AgreementAccepted(_AboutAccount, Event):
    """A person accepted a version of a document for the company (L126); published with `account.registered`."""

    type: ClassVar[str] = "agreement.accepted"

    user_id: UUID
    document: Code
    terms_version: Code


@dataclass(frozen=True, kw_only=True)
class SignUpRepeated(_AboutUser, Event):
    """Somebody tried to sign up with the address of a user we know; no second account was made.

    The one who tried got the same answer as anybody. The letter `sign_up_repeated` tells the user of it.
    """

    type: ClassVar[str] = "sign_up.repeated"


@dataclass(frozen=True, kw_only=True)
class UserReturnRequested(_AboutUser, Event):
    """Somebody wanted a new password, or signed up, with the address of a user who is inactive or kept out.

    The one who asked got the same answer as anybody, and no account was made. A letter tells the user when the data
    are erased and how to come back: `way` is `by_link` (an owner; the link's token comes from RPC `letter_facts`
    with this `ticket_id`), `by_company` (others ask an owner) or `by_staff` (what staff made inactive or closed,
    and users of a bankrupt company, whose owners decide nothing any more).
    """

    type: ClassVar[str] = "user.return_requested"

    way: Code
    ticket_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class UserAdded(_AboutUser, Event):
    """A user was added to a company, at sign-up or later; the user cannot log in before the invitation."""

    type: ClassVar[str] = "user.added"


@dataclass(frozen=True, kw_only=True)
class UserInvited(_AboutUser, Event):
    """A user shall get the letter `invitation` with a link to set a password.

    The link's token comes from RPC `letter_facts` with this `ticket_id`. Users named at sign-up are invited
    when the creator has confirmed the address, so that sign-up cannot be used to send letters to strangers.
    """

    type: ClassVar[str] = "user.invited"

    ticket_id: UUID


@dataclass(frozen=True, kw_only=True)
class UserUpdated(_AboutUser, Event):
    """A user's data were changed; `fields` names them: name, email, phone, language, role.

    `email` stands here when the new address counts, that is after the person confirmed it.
    """

    type: ClassVar[str] = "user.updated"

    fields: list[Code]


@dataclass(frozen=True, kw_only=True)
class UserDeactivated(_AboutUser, Event):
    """One user was made inactive while the company goes on; the user's own three months begin (L59).

    `trigger` is `customer` or `staff`; None in events from before it was told.
    """

    type: ClassVar[str] = "user.deactivated"

    deactivated_at: datetime
    trigger: Code | None = None


@dataclass(frozen=True, kw_only=True)
class UserReactivated(_AboutUser, Event):
    """A user who had been deactivated is active again; the user's erasure clock is to be cancelled."""

    type: ClassVar[str] = "user.reactivated"


@dataclass(frozen=True, kw_only=True)
class UserConfirmationRequested(_AboutUser, Event):
    """A user shall get the letter `email_confirmation` at the address that is to be confirmed.

    At sign-up, on request, and when a user changes address (then `letter_facts` answers with the new one).
    """

    type: ClassVar[str] = "user.confirmation_requested"

    ticket_id: UUID


@dataclass(frozen=True, kw_only=True)
class UserEmailConfirmed(_AboutUser, Event):
    """The user followed the link of the letter: the address is read by the one who claimed it."""

    type: ClassVar[str] = "user.email_confirmed"


@dataclass(frozen=True, kw_only=True)
class UserAddressChanged(_AboutUser, Event):
    """A confirmed address of a user was replaced by another one that is confirmed now.

    The letter `address_changed` goes to the address that was replaced, so that its holder can object. RPC
    `letter_facts` answers with it to this `ticket_id` until an hour after it was asked last, and for a day at the
    longest. Nothing is told to an address that nobody ever confirmed.
    """

    type: ClassVar[str] = "user.address_changed"

    ticket_id: UUID
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class UserPasswordChanged(_AboutUser, Event):
    """A user's password was changed or set by letter; other sessions ended. Letter `password_changed`."""

    type: ClassVar[str] = "user.password_changed"


@dataclass(frozen=True, kw_only=True)
class UserPasswordResetRequested(_AboutUser, Event):
    """A user shall get the letter `password_reset`; its link works once and for one hour."""

    type: ClassVar[str] = "user.password_reset_requested"

    ticket_id: UUID


@dataclass(frozen=True, kw_only=True)
class LoginSucceeded(_AboutUser, Event):
    """A user logged in, or reactivated the account with the password (L19, L57).

    Address and browser: RPC `login_origins`, within 48 hours.
    """

    type: ClassVar[str] = "login.succeeded"

    attempt_id: UUID


@dataclass(frozen=True, kw_only=True)
class LoginFailed(Event):
    """Somebody failed to log in (L57); without ids where the address is not known to us.

    `reason` is one of `services.account.values.LOGIN_FAILURES`. Origin: RPC `login_origins`, within 48 hours.
    """

    type: ClassVar[str] = "login.failed"
    source: ClassVar[str | None] = SOURCE

    account_id: UUID | None
    user_id: UUID | None
    attempt_id: UUID
    reason: Code

    @property
    def subject(self) -> str:
        """The user where known, else the attempt alone."""
        return f"user/{self.user_id}" if self.user_id else f"login/{self.attempt_id}"
