"""What retention answers about the progress of erasures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf

from services.retention.erasure.values import State
from shared.calls import Call
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import OUTSIDE, READERS, Act, Role

ACCOUNTS_MOST: Final = 100


class ParticipantShown(Record):
    """How far one participant is: `waiting`, `done`, `failed` or `overdue`."""

    participant: str
    state: str
    counts: Mapping[str, int]
    retained: tuple[str, ...]


class HeldShown(Record):
    """A category that is held: on which legal basis, and when a person looks at it again."""

    category: str
    basis: str
    review_on: date | None


class ErasureShown(Record):
    """One erasure from its schedule to its certificate; dates are Oslo dates.

    `suspended` says that nothing of it may be erased now, `held` what is held of it; in a list of several accounts
    only of those that have begun. `backups_expire_on` is what the certificate says, and until it is carried out the
    latest day, which the last letter tells.
    """

    erasure_id: UUID
    account_id: UUID
    user_id: UUID | None
    trigger: str
    state: str
    started_on: date
    due_on: date
    reminders: tuple[date, ...]
    reminded_on: tuple[date, ...]
    entered_at: datetime
    late: bool
    attempt: int
    participants: tuple[ParticipantShown, ...]
    certificate_id: UUID | None
    backups_expire_on: date | None
    cancellation: str | None
    suspended: bool
    held: tuple[HeldShown, ...]
    completes: UUID | None


class ErasuresShown(Record):
    """The oldest first."""

    erasures: tuple[ErasureShown, ...]


class Timeline(
    Call[ErasuresShown],
    service="retention",
    staff=Act(roles=(*READERS, Role.OPERATOR), shows="account_id", besides=("gateway", "notification", OUTSIDE)),
):
    """Every erasure of an account and of its users, oldest first.

    With `user_id` those that erase this person, and of what waits whether anything of this person is held.
    """

    account_id: UUID
    user_id: UUID | None = None


class ErasuresInState(PageShown):
    """A page of them, the oldest first."""

    erasures: tuple[ErasureShown, ...]


class Erasures(
    Paged, Call[ErasuresInState], service="retention", staff=Act(roles=(*READERS, Role.OPERATOR), finds=True)
):
    """Erasures in one state, oldest first."""

    state: Annotated[str, OneOf([state.value for state in State])]


class AccountKept(Record):
    """How many holds and restrictions are in force on an account or on people of it."""

    account_id: UUID
    holds: int
    restrictions: int


class KeptCounted(Record):
    """Of each account that was asked about, in that order."""

    accounts: tuple[AccountKept, ...]


class CountKept(Call[KeptCounted], service="retention", staff=Act(roles=READERS)):
    """How much of each of these accounts may only be stored; it names nobody of their people."""

    account_ids: Annotated[tuple[UUID, ...], Length(min=1, max=ACCOUNTS_MOST)]


class HaltedCounted(Record):
    """How many erasures were halted."""

    count: int


class CountHalted(Call[HaltedCounted], service="retention", staff=Act(roles=(*READERS, Role.OPERATOR))):
    """How many erasures wait until a person releases them; it names none of them."""
