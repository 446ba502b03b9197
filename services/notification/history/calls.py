"""Letters as they are looked up afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length

from services.account.authentication.calls import InSession
from shared.calls import Call
from shared.errors import NotFound, Unauthenticated
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import READERS, Act

OUTCOMES_MOST: Final = 500
OWN_SECONDS: Final = 5.0
"""Account is asked whose the session is."""
LETTERS_MOST: Final = 200
"""The newest letters of a company: whoever is shown as many as that is not shown all."""


class LetterShown(Record):
    """What is known of a letter: ids, codes and instants."""

    letter_id: UUID
    letter: str
    account_id: UUID
    user_id: UUID
    state: str
    reason: str | None
    attempts: int
    requested_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class LettersShown(PageShown):
    """A page of them, the newest first."""

    letters: tuple[LetterShown, ...]


class Letters(Paged, Call[LettersShown], service="notification", staff=Act(roles=READERS, shows="account_id")):
    """Letters of a company, or of them those to one user of it."""

    account_id: UUID
    user_id: UUID | None = None


class OwnLetter(Record):
    """A letter to the person of the session: its kind, and what became of it. What it said is kept nowhere."""

    letter: str
    state: str
    requested_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class OwnLettersShown(Record):
    """The newest first, at most 200. `complete` is false where there are more."""

    letters: tuple[OwnLetter, ...]
    complete: bool


class OwnLetters(
    InSession, Call[OwnLettersShown], service="notification", refusals=(Unauthenticated,), seconds=OWN_SECONDS
):
    """The log of letters to the person of the session, as long as it is kept; account says whose the session is."""


class BreachOutcome(Record):
    """What has become of telling one recipient of a notice: `waiting`, `sent`, `told` or `unreachable`.

    `at` is since when that is known, `reason` why nobody was reached.
    """

    recipient_id: UUID
    state: str
    at: datetime | None
    reason: str | None


class BreachOutcomesShown(Record):
    """Of each recipient that is known here; the others were never asked for, or a restore has lost them."""

    outcomes: tuple[BreachOutcome, ...]


class BreachOutcomes(Call[BreachOutcomesShown], service="notification", seconds=5.0):
    """What has become of telling these recipients of notices of breaches."""

    recipient_ids: Annotated[tuple[UUID, ...], Length(max=OUTCOMES_MOST)]


class Letter(Call[LetterShown], service="notification", refusals=(NotFound,)):
    """One letter."""

    letter_id: UUID
