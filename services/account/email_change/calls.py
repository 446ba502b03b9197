"""Changing one's own address."""

from __future__ import annotations

from typing import Annotated

from services.account.authentication.calls import HASHING_SECONDS, InSession, Origin
from services.account.fields.kinds import AN_ADDRESS, Email, Password
from services.account.users.calls import UserChanged
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Locked, TooMany, Unauthenticated


class ChangeEmail(
    InSession,
    Call[UserChanged],
    service="account",
    command=True,
    aside=("token", "origin"),
    refusals=(Unauthenticated, Forbidden, Locked, Conflict, TooMany),
    seconds=HASHING_SECONDS,
):
    """Change one's own address inside a session; the new one counts once its holder has confirmed it."""

    email: Annotated[Email, AN_ADDRESS]
    current_password: Annotated[Password, "The password."]
    origin: Origin
