"""Incidents that concern one customer, as it was told of them; for whoever of it has a session."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from services.account.authentication.calls import InSession
from shared.calls import Call
from shared.errors import Unauthenticated
from shared.records import Record

INCIDENTS_TOLD_SECONDS = 5.0
"""Account is asked whose the session is."""


class SaidWords(Record):
    """Something that a notice says: its code, and the same in Norwegian and in English."""

    code: str
    nb: str
    en: str


class NoticeTold(Record):
    """A notice as it was sent. Lists are empty where it said nothing of that.

    `audience` is `customers` for a notice to the company (GDPR article 33(2)), and `persons` for one to the reader
    (article 34). A partial one says in `unknown` what was not known yet, and another one follows.
    """

    number: Annotated[int, "The phase: 1 for the first notice of its kind in this case."]
    audience: str
    is_partial: bool
    sent_at: datetime
    told_at: Annotated[datetime | None, "When the mail server of a recipient had it; null while that is not known."]
    natures: tuple[SaidWords, ...]
    causes: tuple[SaidWords, ...]
    groups: tuple[SaidWords, ...]
    data: tuple[SaidWords, ...]
    whereabouts: tuple[SaidWords, ...]
    records: Annotated[int | None, "About how many records are concerned, of all customers."]
    persons: Annotated[int | None, "How many users of the company it concerns; null in a notice to a person."]
    consequences: tuple[SaidWords, ...]
    measures: tuple[SaidWords, ...]
    advice: tuple[SaidWords, ...]
    unknown: tuple[SaidWords, ...]
    late_reason: SaidWords | None
    occurred_from: datetime | None
    occurred_to: datetime | None
    aware_at: Annotated[datetime | None, "When we became certain of it."]


class IncidentTold(Record):
    """A breach of personal data that concerns the reader or the reader's company, with its notices in order.

    `told_at` is when the company was told first: it is aware from then on, and `authority_due` is until when it
    notifies the supervisory authority in time. Both are null where nothing of it is known to have arrived, and for
    whoever is told for themselves only.
    """

    id: Annotated[UUID, "By which an owner gets the data pack: /v1/account/incidents/{id}/data-pack."]
    reference: Annotated[str, "By which we know the case: name it when you ask."]
    told_at: datetime | None
    authority_due: datetime | None
    notices: tuple[NoticeTold, ...]


class IncidentsShown(Record):
    """The newest first. `complete` is false where there are more than one answer holds."""

    incidents: tuple[IncidentTold, ...]
    complete: bool


class IncidentsTold(
    InSession,
    Call[IncidentsShown],
    service="cases",
    refusals=(Unauthenticated,),
    seconds=INCIDENTS_TOLD_SECONDS,
):
    """What a customer was told of breaches; the session proves who asks.

    An owner sees what the company was told, anybody what they were told themselves. What was decided and has not
    left yet is not shown: a notice tells of it first.
    """
