"""What calls share in which somebody proves who they are."""

from __future__ import annotations

from typing import Annotated, Final

from services.account.fields.kinds import AN_ADDRESS, IpAddress, KnownEmail, Password, Token, line
from shared.records import Record

HASHING_SECONDS: Final = 5.0
"""Where a password is compared or set."""


class Origin(Record):
    """Where a request came from; added by the gateway, never by the customer.

    `user_agent` is cut by the gateway to 400 characters.
    """

    ip: IpAddress
    user_agent: Annotated[str, line(400)] | None = None


class Credentials(Record):
    """An address and its password, and where they came from."""

    email: Annotated[KnownEmail, AN_ADDRESS]
    password: Annotated[Password, "The password."]
    origin: Origin


class WithPassword(Record):
    """An owner's password once more, where the act is one that a found session alone must not do.

    Of an owner it is asked for where an account ends, and where it is about who its owners are; of nobody else.
    """

    current_password: Annotated[Password, "An owner's password, once more."] | None = None
    origin: Origin | None = None


class InSession(Record):
    """The secret of a session."""

    token: Token
