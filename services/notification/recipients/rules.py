"""Pure decisions about recipients: who of a company gets a letter, at which address, and which date is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from services.notification.letters.values import Audience, LetterKind
from services.notification.recipients.values import Erasure, Person, Recipient
from shared.terms import enforces
from shared.terms.clauses import erasure, incidents, protection, rights

_LEADERS: Final = frozenset({"owner"})
_OVER: Final = frozenset({"certified", "cancelled"})


@enforces(protection.NOT_PASSED_ON)
def is_known_reader(kind: LetterKind, person: Person) -> bool:
    """Whether this letter may go to the person's address: to one that nobody ever confirmed only some may.

    Whoever signed up with it may have mistyped it, or meant somebody else; that one is no customer, and is not
    written to as if he were.
    """
    return person.confirmed or kind.to_unconfirmed


@enforces(erasure.LOST_FOR_EVER, rights.HELP_FOR_THE_CONTROLLER)
def recipients_of(people: Sequence[Recipient]) -> list[Recipient]:
    """Who gets a letter about the whole company: those who answer for it, or everybody where nobody does."""
    leaders = [person for person in people if person.role in _LEADERS]
    return leaders or list(people)


def contacts_of(people: Sequence[Recipient]) -> list[Recipient]:
    """Who of a customer may be told what it has to know: those who answer for it, then who read a letter before."""
    leaders = recipients_of(people)
    return [*leaders, *(person for person in people if person not in leaders and person.confirmed)]


@enforces(incidents.CONTROLLERS_ARE_TOLD)
def next_contacts(first: Sequence[UUID], others: Sequence[UUID], tried: Mapping[UUID, bool]) -> list[UUID] | None:
    """Who is written to next: those who answer for the customer, then one after the other of its people.

    `tried` says of whom it was written to whether that letter reached them, or may yet: then it is nobody. None
    where everybody was tried in vain.
    """
    if any(tried.values()):
        return []
    waiting = [each for each in (*first, *others) if each not in tried]
    if not waiting:
        return None
    return list(first) if first and not tried else waiting[:1]


@enforces(erasure.ERASE_AFTER_INACTIVE)
def audience_of(kind: LetterKind, people: Sequence[Recipient]) -> list[Recipient]:
    """Who of a company gets this letter: those who answer for it, all others who ever read one, or both."""
    leaders, everybody = recipients_of(people), contacts_of(people)
    members = everybody[len(leaders) :]
    return {Audience.LEADERS: leaders, Audience.MEMBERS: members, Audience.EVERYBODY: everybody}[kind.audience]


@enforces(erasure.ERASE_AFTER_INACTIVE)
def erasures_ahead(erasures: Iterable[Erasure], user_id: UUID) -> list[Erasure]:
    """Those that will erase this user: of the user alone, or of the whole company; not what is over."""
    return [each for each in erasures if each.user_id in (None, user_id) and each.state not in _OVER]


@enforces(erasure.ERASE_AFTER_INACTIVE, erasure.HOLD_IN_DISPUTE)
def date_to_tell(ahead: Iterable[Erasure]) -> date | None:
    """The first date on which the user's data are erased; None while all of it is suspended."""
    return min((each.due_on for each in ahead if not each.suspended), default=None)


@enforces(erasure.HOLD_IN_DISPUTE, rights.RIGHT_TO_OBJECT_OR_RESTRICT)
def what_is_held(erasures: Iterable[Erasure], clock_id: UUID | None) -> dict[str, Any]:
    """What a letter that tells of a planned erasure says of what must be kept all the same; nothing as a rule."""
    told = next((each for each in erasures if each.id == clock_id), None)
    if told is None or not (told.suspended or told.bases):
        return {}
    held = "all" if told.suspended else "some"
    return {"held": held, "held_because": told.bases, "review_on": told.review_on}


@enforces(erasure.HOLD_IN_DISPUTE)
def date_that_was_told(ahead: Iterable[Erasure]) -> date | None:
    """The first date of erasure that was told and that a hold may break; None where none was."""
    return min((each.due_on for each in ahead), default=None)
