"""A copy goes straight to somebody else: for the trail, without who that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutAccount
from shared.events import Event


@dataclass(frozen=True, kw_only=True)
class AboutTransfer(AboutAccount):
    """Of which copy, and whose it is."""

    transfer_id: UUID
    export_id: UUID
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class TransferMade(AboutTransfer, Event):
    """A person proved the password and has a copy handed over: somebody got a code for it."""

    type: ClassVar[str] = "transfer.made"


@dataclass(frozen=True, kw_only=True)
class TransferFetched(AboutTransfer, Event):
    """Whoever has the code fetches the file."""

    type: ClassVar[str] = "transfer.fetched"


@dataclass(frozen=True, kw_only=True)
class TransferReceived(AboutTransfer, Event):
    """The receiver has the whole file, and there is a receipt."""

    type: ClassVar[str] = "transfer.received"


@dataclass(frozen=True, kw_only=True)
class TransferEnded(AboutTransfer, Event):
    """The person took the code back."""

    type: ClassVar[str] = "transfer.ended"
