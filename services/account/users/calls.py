"""The users of a company."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from marshmallow.validate import OneOf

from services.account.accounts.calls import INTO_ACCOUNT, AtVersion, ForAccount
from services.account.accounts.values import ROLES
from services.account.authentication.calls import HASHING_SECONDS, WithPassword
from services.account.fields.kinds import AN_ADDRESS, Email, Language, PersonName, Phone
from shared.calls import Call
from shared.errors import Conflict, Invalid, TooMany
from shared.records import ABSENT, About, Absent, Record
from shared.staff import READERS, Act


class Person(Record):
    """One user (L138)."""

    name: Annotated[PersonName, About(example="Kåre Østby")]
    email: Annotated[Email, AN_ADDRESS]
    phone: Annotated[Phone, About(example="+4741234567")]


class UserChanged(Record):
    """The user after the change."""

    user_id: UUID
    version: int
    state: str


class User(Record):
    """One user. `invited` is true until the user has set a password."""

    user_id: UUID
    version: int
    role: str
    state: str
    name: str
    email: str
    phone: str
    language: str
    email_confirmed: bool
    invited: bool


class Users(Record):
    """All of them for an owner and for staff, only oneself for a user."""

    users: tuple[User, ...]


class ListUsers(
    ForAccount,
    Call[Users],
    service="account",
    refusals=INTO_ACCOUNT,
    staff=Act(roles=READERS, shows="account_id", besides=("gateway",)),
):
    """The users the actor may see: owners and staff see all, users themselves."""


class AddUser(
    ForAccount,
    Person,
    Call[UserChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict, TooMany),
):
    """Add a user, who gets a letter to set a password with; an account has so many of them a day."""

    language: Language = "nb"


class OfUser(AtVersion):
    """About one user of the account, of the version last read."""

    user_id: UUID


class UpdateUser(
    OfUser,
    WithPassword,
    Call[UserChanged],
    service="account",
    command=True,
    aside=("origin",),
    refusals=(*INTO_ACCOUNT, Conflict, Invalid, TooMany),
    seconds=HASHING_SECONDS,
):
    """Change the fields of a user that are present; users change their own data, owners all.

    A new address counts once the person has confirmed it; one's own is changed by `change_email`, with the
    password. Only an owner changes roles, and the address of another owner: `current_password` is needed for both.
    """

    name: PersonName | Absent = ABSENT
    email: Email | Absent = ABSENT
    phone: Phone | Absent = ABSENT
    language: Language | Absent = ABSENT
    role: Annotated[str, OneOf(ROLES)] | Absent = ABSENT


class DeactivateUser(
    OfUser,
    WithPassword,
    Call[UserChanged],
    service="account",
    command=True,
    aside=("origin",),
    refusals=(*INTO_ACCOUNT, Conflict, Invalid, TooMany),
    seconds=HASHING_SECONDS,
):
    """Cut one user's link; the company goes on. For an owner's, an owner gives `current_password`."""


class ReactivateUser(
    OfUser, Call[UserChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Take one user's link up again; `Conflict` once the erasure has begun, or where staff cut it."""


class InviteUser(
    OfUser, Call[UserChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict, TooMany)
):
    """Have the invitation written again to a user who has not taken it up."""
