"""Handing a copy straight over to somebody else: a code for the receiver, and a receipt for whoever made it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from services.account.accounts.calls import INTO_ACCOUNT, Done, ForAccount
from services.account.authentication.calls import HASHING_SECONDS, Credentials
from services.account.exports.calls import ExportOpened
from services.account.fields.kinds import CompanyName, Sha256, Token
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Locked, NotFound, TooMany, Unauthenticated
from shared.records import Record


class TransferShown(Record):
    """To whom a copy was handed over, and how far that is."""

    transfer_id: UUID
    export_id: UUID
    receiver: Annotated[str | None, "As it was named."]
    state: Annotated[str, "open, fetched, received, or over."]
    made_at: datetime
    ends_at: Annotated[datetime, "Until then the receiver may fetch it."]
    fetched_at: datetime | None
    received_at: Annotated[datetime | None, "When the receiver confirmed that it has the whole file."]
    receipt: Annotated[str | None, "The receipt: JSON, signed with the key of copies."]


class TransfersShown(Record):
    """At most fifty, the newest first."""

    transfers: tuple[TransferShown, ...]


class TransferMade(Record):
    """The receiver fetches the file with this code; it is told once."""

    transfer_id: UUID
    code: str
    ends_at: datetime


class MakeTransfer(
    Credentials,
    Call[TransferMade],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, TooMany, NotFound, Conflict),
    seconds=HASHING_SECONDS,
):
    """Whoever asked for a copy to take along has it handed over to a receiver, and proves the password for that.

    `Conflict` for a copy that is not ready, is one for access, or the company's, and after very many for one copy.
    """

    export_id: UUID
    receiver: Annotated[CompanyName, "Who is to get it: it stands in the receipt."]


class Transfers(ForAccount, Call[TransfersShown], service="account", refusals=INTO_ACCOUNT):
    """What a user had handed over, to whom, with the receipts."""


class EndTransfer(ForAccount, Call[Done], service="account", command=True, refusals=INTO_ACCOUNT):
    """The code of a transfer is worth nothing any more; done again it is done."""

    transfer_id: UUID


class TransferOpened(ExportOpened):
    """The file may be read by its receiver, in so many pieces; `transfer_id` is named in the receipt."""

    transfer_id: UUID
    export_id: UUID


class FetchTransfer(Call[TransferOpened], service="account", refusals=(NotFound,)):
    """The receiver opens the file. `NotFound` for a code that is over, spent, or none."""

    code: Token


class TransferReceipt(Record):
    """The receipt, for the receiver to keep as well: JSON, signed with the key of copies."""

    receipt: str


class ConfirmTransfer(Call[TransferReceipt], service="account", refusals=(NotFound, Conflict)):
    """The receiver says what the file that it has came to; the code is spent. Said again it is the same receipt.

    `Conflict` where that is not what was sent: fetch it again.
    """

    code: Token
    sha256: Sha256
