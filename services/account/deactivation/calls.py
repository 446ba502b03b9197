"""Making an account inactive."""

from __future__ import annotations

from typing import Annotated

from marshmallow.validate import OneOf

from services.account.accounts.calls import INTO_ACCOUNT, AccountChanged, AtVersion
from services.account.authentication.calls import HASHING_SECONDS, WithPassword
from services.account.suspicion.values import REASONS
from shared.calls import Call
from shared.errors import Conflict, Invalid, TooMany
from shared.staff import CARERS, Act


class DeactivateAccount(
    AtVersion,
    WithPassword,
    Call[AccountChanged],
    service="account",
    command=True,
    aside=("origin",),
    refusals=(*INTO_ACCOUNT, Conflict, Invalid, TooMany),
    seconds=HASHING_SECONDS,
    staff=Act(roles=CARERS, besides=("gateway",)),
):
    """Cut the link: from this commit on no session works and no input is taken (L17).

    By an owner, with `current_password`, or by staff, who say why. `Conflict` where staff act on suspicion and the
    customer was not approached often enough before.
    """

    reason: Annotated[str, OneOf(tuple(REASONS))] | None = None
