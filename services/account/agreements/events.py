"""The terms were accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AgreementAccepted(AboutAccount, Event):
    """A person accepted a version of a document for the company (L126); published with `account.registered`."""

    type: ClassVar[str] = "agreement.accepted"

    user_id: UUID
    document: Code
    terms_version: Code
