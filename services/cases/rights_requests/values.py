"""What a person can ask for, and which letter says what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.cases.kinds import forwarded_request as forwarded
from services.cases.kinds import rights_request as kind
from services.cases.kinds.values import CaseKind


@dataclass(frozen=True, slots=True)
class Asker:
    """A user of a customer who asks for something about data of theirs."""

    account_id: UUID
    user_id: UUID


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
    FORWARDED = "request_forwarded"
    PASSED_ON = "request_passed_on"
    REMINDED = "request_reminded"
    UNANSWERED = "request_unanswered"


LETTER_OF: Final[Mapping[str, RequesterLetter]] = MappingProxyType(
    {
        kind.ASK_IDENTITY: RequesterLetter.IDENTITY,
        kind.EXTEND: RequesterLetter.EXTENDED,
        kind.ANSWER: RequesterLetter.ANSWERED,
        kind.ANSWER_IN_PART: RequesterLetter.IN_PART,
        kind.REFUSE: RequesterLetter.REFUSED,
        "find_not_identifiable": RequesterLetter.REFUSED,
        forwarded.FORWARD: RequesterLetter.PASSED_ON,
        forwarded.REMIND: RequesterLetter.REMINDED,
        forwarded.FIND_SILENT: RequesterLetter.UNANSWERED,
    }
)
"""Which letter each decision sends."""
ALSO_OF: Final[Mapping[str, RequesterLetter]] = MappingProxyType({forwarded.FORWARD: RequesterLetter.FORWARDED})
"""Which one it sends besides, to somebody else."""


class Concerns(StrEnum):
    """Whose data are asked for: those that we answer for, or what a customer has typed and answers for itself."""

    ACCOUNT = "account"
    CONTENT = "content"


KIND_OF: Final[Mapping[str, CaseKind]] = MappingProxyType(
    {Concerns.ACCOUNT: kind.RIGHTS_REQUEST, Concerns.CONTENT: forwarded.FORWARDED_REQUEST}
)
"""Which kind of case is opened for them."""
