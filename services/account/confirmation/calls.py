"""The proof of an address, by the link of a letter to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from services.account.agreements.calls import Agreement
from services.account.authentication.calls import HASHING_SECONDS
from services.account.fields.kinds import NewPassword
from services.account.tickets.calls import ByLink
from shared.calls import Call
from shared.errors import Conflict, Invalid, Locked, NotFound
from shared.records import ABSENT, Absent, Record


class WaitingSignUp(Record):
    """A sign-up that waits for the address: which company, when, and what was accepted for it.

    `of_letter` marks the one that the link's letter was about.
    """

    account_id: UUID
    company_name: str
    signed_up_at: datetime
    document: str
    terms_version: str
    of_letter: bool


class LinkShown(Record):
    """What a letter's link stands for.

    `standing` is `works`, `blocked` where staff have closed the account, `inactive` where company or user is, or
    `over`: used, ended by a change, or too old. `kind` and `company_name` are null where it is over. `sign_ups` are
    those that wait for the address, that of the letter first. `needs_acceptance` says that the link concludes the
    contract, at first or anew: the terms in force, `terms_version`, must be accepted.
    """

    kind: str | None
    standing: str
    company_name: str | None
    sign_ups: tuple[WaitingSignUp, ...]
    needs_acceptance: bool
    terms_version: str


class DescribeLink(ByLink, Call[LinkShown], service="account"):
    """What the page behind a letter's link shows before its button does anything."""


class Confirmed(Record):
    """Whose address it was."""

    account_id: UUID
    user_id: UUID


class ConfirmEmail(
    ByLink,
    Call[Confirmed],
    service="account",
    refusals=(NotFound, Locked, Conflict, Invalid),
    seconds=HASHING_SECONDS,
):
    """Confirm the address to which the letter with this token went.

    Of a sign-up nothing counted before. Whoever reads at the address decides which sign-up does, `account_id`, that
    of the letter where none is named, and with which `password`, which is needed then; every other one that waits
    for the address is void. The same person accepts the terms in force, `agreement`: that somebody unproved
    accepted them at sign-up says nothing of whoever reads here. Without it: `Conflict` with the reason
    `acceptance_needed` and the version in force. None of the three is of use for a changed address.
    """

    password: Annotated[
        NewPassword | Absent,
        "Needed after a sign-up: whoever reads at the address decides the password, not whoever entered one "
        "before. At least 12 characters. Of no use for a changed address.",
    ] = ABSENT
    account_id: Annotated[
        UUID | Absent, "Another sign-up that waits for the same address; that of the letter if left out."
    ] = ABSENT
    agreement: Annotated[
        Agreement | None,
        "Needed after a sign-up: that somebody accepted whose address was not proved is not the acceptance of "
        "whoever reads there. Of no use for a changed address.",
    ] = None
