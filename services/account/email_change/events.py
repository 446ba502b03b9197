"""A confirmed address was replaced by another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutUser
from shared.events import Event


@dataclass(frozen=True, kw_only=True)
class UserAddressChanged(AboutUser, Event):
    """A confirmed address of a user was replaced by another one that is confirmed now.

    The letter `address_changed` goes to the address that was replaced, so that its holder can object. RPC
    `letter_facts` answers with it to this `ticket_id` until an hour after it was asked last, and for a day at the
    longest. Nothing is told to an address that nobody ever confirmed.
    """

    type: ClassVar[str] = "user.address_changed"

    ticket_id: UUID
    changed_at: datetime
