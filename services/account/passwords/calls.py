"""Setting a password: inside a session, or with the token of a letter."""

from __future__ import annotations

from typing import Annotated

from services.account.accounts.calls import Done
from services.account.authentication.calls import HASHING_SECONDS, InSession, Origin
from services.account.fields.kinds import NewPassword, Password
from services.account.tickets.calls import ByLink
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, TooMany, Unauthenticated


class ResetPassword(
    ByLink, Call[Done], service="account", refusals=(NotFound, Locked, Invalid, Conflict), seconds=HASHING_SECONDS
):
    """Set a password with the token of a letter `password_reset` or `invitation`, once.

    The letter also proves the address.
    """

    new_password: NewPassword
    origin: Origin | None = None


class ChangePassword(
    InSession,
    Call[Done],
    service="account",
    command=True,
    aside=("token", "origin"),
    refusals=(Unauthenticated, Forbidden, Locked, Invalid, TooMany, Conflict),
    seconds=HASHING_SECONDS,
):
    """Change the password inside a session, which stays; all the user's other sessions end."""

    current_password: Annotated[Password, "The password until now."]
    new_password: NewPassword
    origin: Origin
