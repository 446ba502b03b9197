"""Users added, invited, changed, made inactive and active again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutUser
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class UserAdded(AboutUser, Event):
    """A user was added to a company, at sign-up or later; the user cannot log in before the invitation."""

    type: ClassVar[str] = "user.added"


@dataclass(frozen=True, kw_only=True)
class UserInvited(AboutUser, Event):
    """A user shall get the letter `invitation` with a link to set a password.

    The link's token comes from RPC `letter_facts` with this `ticket_id`. Users named at sign-up are invited
    when the creator has confirmed the address, so that sign-up cannot be used to send letters to strangers.
    """

    type: ClassVar[str] = "user.invited"

    ticket_id: UUID


@dataclass(frozen=True, kw_only=True)
class UserUpdated(AboutUser, Event):
    """A user's data were changed; `fields` names those of the call `update_user`.

    `email` stands here when the new address counts, that is after the person confirmed it. `correction` says why
    staff corrected them: `asked_by_person`, `asked_by_company` or `found_wrong`.
    """

    type: ClassVar[str] = "user.updated"

    fields: list[Code]
    correction: Code | None = None


@dataclass(frozen=True, kw_only=True)
class UserDeactivated(AboutUser, Event):
    """One user was made inactive while the company goes on; the user's own three months begin (L59).

    `trigger` is `customer`, `staff`, or `early_request` where the person asked in writing to be erased without
    waiting; None in events from before it was told.
    """

    type: ClassVar[str] = "user.deactivated"

    deactivated_at: datetime
    trigger: Code | None = None


@dataclass(frozen=True, kw_only=True)
class UserReactivated(AboutUser, Event):
    """A user who had been deactivated is active again; the user's erasure clock is to be cancelled."""

    type: ClassVar[str] = "user.reactivated"
