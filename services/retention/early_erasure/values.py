"""An early erasure as the rules see it, and the requests and replies about it.

No field takes free text: persons of staff are codes, what the customer wrote lies elsewhere under its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.retention.erasure.values import Scope

DATA_SUBJECT: Final = "data_subject"
"""A person who asks for their own data, and for nobody else's."""

REQUESTER_ROLES: Final = (
    "managing_director",
    "chair",
    "signatory",
    "procuration",
    "proprietor",
    "mandate",
    "estate_trustee",
    DATA_SUBJECT,
)
"""By what right somebody asks for the customer; of a bankrupt one only the estate's trustee may. Or for oneself."""

IDENTITY_CHECKS: Final = ("account_login", "confirmation_link", "call_back", "electronic_signature")
"""How it was made sure who asks, the least that serves; no copies of identity papers."""

SELF: Final = "self"
"""Whoever asks for their own data needs nobody's leave: that it is they is what was checked."""

AUTHORITY_CHECKS: Final = ("account_owner", "business_register", "written_mandate", "court_appointment", SELF)
"""How it was made sure that the one who asks may."""

EVIDENCE: Final = r"(sak|brev|epost|signert)-20[0-9]{2}-[0-9]{1,5}"
"""The number under which the written request is kept; nothing that could be a name, an address or a telephone."""


class Course(StrEnum):
    """How far an early request is."""

    ACCEPTED = "accepted"
    """Checked and approved; the account, or the user, is being made inactive."""
    BEGUN = "begun"
    """The erasure has been planned for at once; its own state tells the rest."""
    DROPPED = "dropped"
    """The customer took the notice back meanwhile; or account or user came back, is not there, or may not go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyRequest:
    """What was asked for in writing, and how that was checked. Dates are Oslo dates.

    A customer asks for its account, and a person for their own user of it, `user_id`.
    `actor` is who registered it at the desk, `checked_by` who checked identity and authority, and `approved_by` the
    second person.
    """

    id: UUID
    account_id: UUID
    user_id: UUID | None = None
    requester_role: str
    evidence: str
    received_on: date
    identity_check: str
    authority_check: str
    checked_by: str
    approved_by: str
    actor: str
    export_offered_on: date
    registered_at: datetime
    without_notice: bool = False
    """There was no notice that could be taken back: the account was active without one, or it is a user's wish."""
    course: Course = Course.ACCEPTED
    erasure_id: UUID | None = None

    @property
    def scope(self) -> Scope:
        """What is to be erased."""
        return Scope(account_id=self.account_id, user_id=self.user_id)
