"""A message to somebody on duty by one way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Way(StrEnum):
    """How somebody is called."""

    MAIL = "mail"
    HOOK = "hook"
    """A pager or a room of a chat, which the operator has named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyAlert:
    """What a message says, by which way, and how often it was tried.

    One without a case is about a link by which passkeys are enrolled for its reader.
    """

    alert_id: UUID
    way: Way
    case_id: UUID | None
    staff_code: str
    kind: str
    cause: str
    level: str
    rule: str | None
    due_at: datetime | None
    others: int
    correlation_id: UUID
    attempts: int
    requested_at: datetime
    claim_id: UUID


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: `failure` is None where the other side has the message, and `is_final` ends the tries."""

    failure: str | None = None
    is_final: bool = False
