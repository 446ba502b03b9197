"""How alarms come in from people of the staff."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Regexp

from services.cases.engine.values import Signal
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict
from shared.records import Record
from shared.staff import Act, Role

REPORTERS: Final = (
    Role.SUPPORT,
    Role.CASE_HANDLER,
    Role.PRIVACY_LEAD,
    Role.INCIDENT_LEAD,
    Role.OPERATOR,
    Role.DEVELOPER,
)
"""Knowledge of anybody who works here counts, so anybody reports."""
SOURCES: Final = ("staff", "customer", "host", "vendor")
"""Who has noticed it. Machines of ours report by events."""
KINDS: Final = ("alarm", "nonconformity", "dispute")
"""What a report opens: an alarm, or a case of something not as agreed, or of a disagreement with a customer."""
ACCOUNTS_MOST: Final = 500
EXTERNAL_ID: Final = r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}\Z"


class AlarmReported(Record):
    """The case that an alarm is in. `is_new` is false where it went into one that was open, or came twice."""

    case_id: UUID
    reference: str
    is_new: bool


class ReportAlarm(
    Call[AlarmReported],
    service="cases",
    command=True,
    refusals=(Conflict,),
    staff=Act(roles=REPORTERS),
):
    """All is not well: somebody has noticed something that may concern security.

    `detected_at` is when it was noticed, by whoever noticed it first. Where it goes into an open case and is
    earlier than what stands there, `confirmed` says that the clocks are meant to start then; else it is a
    `Conflict`. `external_id` is the number that it has with its source: what comes twice is one alarm. The
    companies it concerns may be said now or later; people are named with their one company. A `nonconformity` is
    what a customer reports by telephone or mail, or staff see themselves; machines report none. Nor a `dispute`, in
    which one customer and the vendor disagree, whichever of them says so: it names that customer, or people of it.
    """

    kind: Annotated[str, OneOf(KINDS)] = "alarm"
    source: Annotated[str, OneOf(SOURCES)]
    external_id: Annotated[str, Regexp(EXTERNAL_ID, error="letters, figures and . _ : / -")]
    signal: Annotated[str, OneOf([each.value for each in Signal])]
    detected_at: datetime
    confirmed: bool = False
    account_ids: Annotated[tuple[UUID, ...], Length(max=ACCOUNTS_MOST)] = ()
    user_ids: Annotated[tuple[UUID, ...], Length(max=ACCOUNTS_MOST)] = ()
    actor: Staff
