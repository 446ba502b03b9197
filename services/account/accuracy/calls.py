"""An owner says that what is stored of the company and its people is right."""

from __future__ import annotations

from datetime import datetime

from services.account.accounts.calls import INTO_ACCOUNT, AtVersion
from shared.calls import Call
from shared.errors import Conflict
from shared.records import Record


class AccuracyConfirmed(Record):
    """Said of the company as it stood at `version`. In a year its owners are asked again."""

    version: int
    confirmed_at: datetime


class ConfirmAccuracy(
    AtVersion,
    Call[AccuracyConfirmed],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
):
    """An owner has looked at what is stored of the company and its people, and says that it is right (L168-174).

    `Conflict` where the company was changed since the owner looked. Only the customer can say so: staff cannot.
    """
