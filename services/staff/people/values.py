"""Where somebody of the vendor's staff stands, and the links by which they enrol."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.actor import staff_actor
from shared.errors import NotFound


class PersonState(StrEnum):
    """Invited until they have enrolled their passkeys, then active, and left from the day they leave."""

    INVITED = "invited"
    ACTIVE = "active"
    LEFT = "left"


class LinkPurpose(StrEnum):
    """What an enrolment link is for: the first passkeys of somebody invited, or new ones where all were lost."""

    INVITATION = "invitation"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the staff. `code` is what they are called in events, trail and ledger: `staff:<code>`."""

    id: UUID
    code: str
    state: PersonState
    invited_at: datetime
    activated_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def actor(self) -> str:
        """As whom they act."""
        return staff_actor(self.code)


def existing(person: Person | None) -> Person:
    """The person who was looked for. Raises `NotFound` where there is nobody."""
    if person is None:
        raise NotFound
    return person


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentLink:
    """A link that lets whoever holds it enrol passkeys for one person, once, until it expires."""

    person_id: UUID
    purpose: LinkPurpose
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """That a person came by a link that somebody (an actor) made; the link itself may be gone."""

    code: str
    purpose: LinkPurpose
    issued_by: str
