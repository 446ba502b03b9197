"""Making an inactive account active again."""

from __future__ import annotations

from typing import Annotated

from services.account.accounts.calls import INTO_ACCOUNT, AccountChanged, AtVersion
from services.account.agreements.calls import Agreement
from services.account.authentication.calls import HASHING_SECONDS, Credentials
from services.account.tickets.calls import ByLink
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, TooMany, Unauthenticated
from shared.staff import Act, Role


class ReactivateAccount(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=(Role.SUPPORT, Role.CASE_HANDLER, Role.PRIVACY_LEAD)),
):
    """Take the link up again, by staff; an owner has `reactivate_with_password`.

    A sign-up that nobody finished is asked for its address once more. `Conflict` where that one has signed up anew.
    """


class ReactivateWithPassword(
    Credentials,
    Call[AccountChanged],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, Conflict, Invalid, TooMany),
    seconds=HASHING_SECONDS,
):
    """Reactivate the inactive account of an owner, who cannot log in to it, unless staff made it inactive.

    `agreement` is needed where the contract has ended, and concludes it anew; without it: `Conflict` with the
    reason `acceptance_needed` and the version in force.
    """

    agreement: Annotated[
        Agreement | None,
        "Needed where the contract has ended: coming back concludes it anew, and licences are billed again. "
        "Else it is still in force, and nothing is to be accepted.",
    ] = None


class ReactivateByLetter(
    ByLink, Call[AccountChanged], service="account", refusals=(NotFound, Forbidden, Locked, Conflict, Invalid)
):
    """Reactivate the inactive account of an owner by a letter's token, which proves what a password would.

    The letter is `return_by_link`; `agreement` is as in `reactivate_with_password`.
    """

    agreement: Annotated[Agreement | None, "Needed where the contract has ended."] = None
