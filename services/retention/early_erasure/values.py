"""An early erasure as the rules see it, and the requests and replies about it.

No field takes free text: persons of staff are codes, what the customer wrote lies elsewhere under its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

LIST_LIMIT: Final = 100

REQUESTER_ROLES: Final = (
    "managing_director",
    "chair",
    "signatory",
    "procuration",
    "proprietor",
    "mandate",
    "estate_trustee",
)
"""By what right somebody asks for the customer; of a bankrupt one only the estate's trustee may."""

IDENTITY_CHECKS: Final = ("account_login", "confirmation_link", "call_back", "electronic_signature")
"""How it was made sure who asks, the least that serves; no copies of identity papers."""

AUTHORITY_CHECKS: Final = ("account_owner", "business_register", "written_mandate", "court_appointment")
"""How it was made sure that the one who asks may."""

EVIDENCE: Final = r"(sak|brev|epost|signert)-20[0-9]{2}-[0-9]{1,5}"
"""The number under which the written request is kept; nothing that could be a name, an address or a telephone."""


class Course(StrEnum):
    """How far an early request is."""

    ACCEPTED = "accepted"
    """Checked and approved; the account is being made inactive."""
    BEGUN = "begun"
    """The erasure has been planned for at once; its own state tells the rest."""
    DROPPED = "dropped"
    """The customer took the notice back meanwhile, came back, or is not there; nothing is erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyRequest:
    """What a customer asked for in writing, and how that was checked. Dates are Oslo dates.

    `actor` is who registered it at the desk, `checked_by` who checked identity and authority, and `approved_by` the
    second person.
    """

    id: UUID
    account_id: UUID
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
    """It was active and no notice was in force when the request was accepted: none can be taken back."""
    course: Course = Course.ACCEPTED
    erasure_id: UUID | None = None
