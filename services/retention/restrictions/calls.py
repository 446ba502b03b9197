"""What retention answers about restrictions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf

from services.retention.restrictions.values import CHANNELS, GROUNDS
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, Invalid, NotFound
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import DECIDERS, READERS, Act

ASKING_SECONDS: Final = 20.0
"""Where account is asked about the person first."""


class RestrictionShown(Record):
    """A restriction. `state` is `set`, `announced`, `told` or `lifted`; `lift_from` the first day to lift it."""

    restriction_id: UUID
    state: str
    account_id: UUID
    user_id: UUID | None
    ground: str
    requested_on: date
    set_by: str
    set_at: datetime
    announced_at: datetime | None
    told_at: datetime | None
    told_by: str | None
    lift_from: date | None
    lifted_at: datetime | None
    lifted_by: str | None


class SetRestriction(
    Call[RestrictionShown],
    service="retention",
    refusals=(Invalid, Conflict, NotFound),
    seconds=ASKING_SECONDS,
    staff=Act(roles=DECIDERS, changes=True),
):
    """From now on the data of this person, or of the account, may only be stored.

    It is a person's right under article 18(1); `ground` is its letter, a to d.

    Without `user_id` the whole account, for a company that is a person.  The caller may choose `restriction_id`.
    """

    restriction_id: UUID | None = None
    account_id: UUID
    user_id: UUID | None = None
    ground: Annotated[str, OneOf(GROUNDS)]
    requested_on: date
    actor: Staff


class AnnounceLift(
    Call[RestrictionShown],
    service="retention",
    refusals=(Conflict, NotFound),
    staff=Act(roles=DECIDERS, changes=True, resolves=True),
):
    """Have the person told by letter that the restriction ends, or say by which other `channel` that was done.

    Article 18(3).
    """

    restriction_id: UUID
    channel: Annotated[str, OneOf(CHANNELS)] | None = None
    actor: Staff


class LiftRestriction(
    Call[RestrictionShown],
    service="retention",
    refusals=(Conflict, NotFound),
    staff=Act(roles=DECIDERS, changes=True, resolves=True),
):
    """End a restriction whose person was told; an erasure that is due goes on with the next run.

    Refused before the person was told, and for some days after.
    """

    restriction_id: UUID
    actor: Staff


class RestrictionsShown(PageShown):
    """A page of them, the oldest first."""

    restrictions: tuple[RestrictionShown, ...]


class Restrictions(
    Paged, Call[RestrictionsShown], service="retention", staff=Act(roles=READERS, shows="account_id", finds=True)
):
    """Restrictions of one account or of all, in force or lifted; oldest first."""

    account_id: UUID | None = None
    state: Annotated[str, OneOf(("set", "lifted"))] = "set"
