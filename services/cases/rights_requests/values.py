"""What a person can ask for, and which letter says what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.cases.kinds import complaint, enquiry
from services.cases.kinds import forwarded_request as forwarded
from services.cases.kinds import rights_request as kind
from services.cases.kinds.values import CaseKind


@dataclass(frozen=True, slots=True)
class Asker:
    """A user of a customer who asks for something about data of theirs."""

    account_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for or writes about, who takes it in, and who it is, as far as we know them.

    `about` is what the case is opened for, as a code; `source` and `entered_by` say who brought it here.
    """

    kind: CaseKind
    about: str
    source: str
    entered_by: str
    account_id: UUID | None
    user_id: UUID | None


class Right(StrEnum):
    """What a person asks for about data of theirs (GDPR articles 15 to 22)."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    AUTOMATED_DECISION = "automated_decision"


class RequesterLetter(StrEnum):
    """What whoever asked is written."""

    RECEIVED = "rights_received"
    IDENTITY = "rights_identity"
    EXTENDED = "rights_extended"
    ANSWERED = "rights_answered"
    IN_PART = "rights_answered_in_part"
    REFUSED = "rights_refused"
    FEE = "rights_fee"
    FORWARDED = "request_forwarded"
    PASSED_ON = "request_passed_on"
    REMINDED = "request_reminded"
    UNANSWERED = "request_unanswered"
    COMPLAINT_RECEIVED = "complaint_received"
    COMPLAINT_UPHELD = "complaint_upheld"
    COMPLAINT_REJECTED = "complaint_rejected"
    ENQUIRY_RECEIVED = "enquiry_received"
    ENQUIRY_ANSWERED = "enquiry_answered"


LETTER_OF: Final[Mapping[str, RequesterLetter]] = MappingProxyType(
    {
        kind.ASK_IDENTITY: RequesterLetter.IDENTITY,
        kind.EXTEND: RequesterLetter.EXTENDED,
        kind.ANSWER: RequesterLetter.ANSWERED,
        kind.ANSWER_IN_PART: RequesterLetter.IN_PART,
        kind.REFUSE: RequesterLetter.REFUSED,
        kind.FEE: RequesterLetter.FEE,
        kind.ERASED: RequesterLetter.ANSWERED,
        "find_not_identifiable": RequesterLetter.REFUSED,
        forwarded.FORWARD: RequesterLetter.PASSED_ON,
        forwarded.REMIND: RequesterLetter.REMINDED,
        forwarded.FIND_SILENT: RequesterLetter.UNANSWERED,
        complaint.UPHOLD: RequesterLetter.COMPLAINT_UPHELD,
        complaint.REJECT: RequesterLetter.COMPLAINT_REJECTED,
        enquiry.ANSWER: RequesterLetter.ENQUIRY_ANSWERED,
    }
)
"""Which letter each decision sends."""
ALSO_OF: Final[Mapping[str, RequesterLetter]] = MappingProxyType({forwarded.FORWARD: RequesterLetter.FORWARDED})
"""Which one it sends besides, to somebody else."""
RECEIPT_OF: Final[Mapping[str, RequesterLetter]] = MappingProxyType(
    {
        kind.RIGHTS_REQUEST.code: RequesterLetter.RECEIVED,
        complaint.COMPLAINT.code: RequesterLetter.COMPLAINT_RECEIVED,
        enquiry.ENQUIRY.code: RequesterLetter.ENQUIRY_RECEIVED,
    }
)
"""By which letter a user is told that something was received, by the kind of case."""


class Concerns(StrEnum):
    """Whose data are asked for: those that we answer for, or what a customer has typed and answers for itself."""

    ACCOUNT = "account"
    CONTENT = "content"


KIND_OF: Final[Mapping[str, CaseKind]] = MappingProxyType(
    {Concerns.ACCOUNT: kind.RIGHTS_REQUEST_2, Concerns.CONTENT: forwarded.FORWARDED_REQUEST}
)
"""Which kind of case is opened for them."""
