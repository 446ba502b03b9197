"""How the reports of a customer stand; for whoever of it has a session."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from services.account.authentication.calls import InSession
from shared.calls import Call
from shared.errors import Unauthenticated
from shared.records import Record

OWN_REPORTS_SECONDS: Final = 5.0
"""Account is asked whose the session is."""


class NonconformityShown(Record):
    """A report and how its case stands. What was written is not repeated here."""

    reference: Annotated[str, "By which we know the case: name it when you ask."]
    about: str
    state: Annotated[
        str,
        "received, examined or mending; corrected, rejected or promoted once it has ended. Of a "
        "disagreement: opened or dialogue; settled or withdrawn.",
    ]
    reason: Annotated[str | None, "What was found or done last, as a code."]
    received_at: datetime
    ended_at: datetime | None


class NonconformitiesShown(Record):
    """At most a hundred, newest first."""

    nonconformities: tuple[NonconformityShown, ...]


class OwnNonconformities(
    InSession,
    Call[NonconformitiesShown],
    service="cases",
    refusals=(Unauthenticated,),
    seconds=OWN_REPORTS_SECONDS,
):
    """How what a customer reported stands; the session proves who asks.

    An owner sees all that was reported of the company, anybody else what they reported themselves.
    """
