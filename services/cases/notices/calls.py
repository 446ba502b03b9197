"""Notices of breaches: drafted by staff, asked for by whoever writes the letter, shown with who was told when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Range

from services.cases.board.calls import SEES
from services.cases.decisions.calls import LEADS, REFUSALS, CaseChanged, OfCase
from services.cases.notices.values import Audience
from shared import breach_words as words
from shared import security_notice_words as changed
from shared.actor import Staff
from shared.calls import Call
from shared.errors import NotFound
from shared.records import Record
from shared.staff import Act

AUDIENCES: Final = (Audience.CUSTOMERS.value, Audience.PERSONS.value)
"""Who is told of a breach."""
Natures = Annotated[tuple[Annotated[str, OneOf(tuple(words.NATURES))], ...], Length(max=len(words.NATURES))]
Causes = Annotated[tuple[Annotated[str, OneOf(tuple(words.CAUSES))], ...], Length(max=len(words.CAUSES))]
Groups = Annotated[tuple[Annotated[str, OneOf(tuple(words.GROUPS))], ...], Length(max=len(words.GROUPS))]
Data = Annotated[tuple[Annotated[str, OneOf(tuple(words.DATA))], ...], Length(max=len(words.DATA))]
Whereabouts = Annotated[
    tuple[Annotated[str, OneOf(tuple(words.WHEREABOUTS))], ...], Length(max=len(words.WHEREABOUTS))
]
Consequences = Annotated[
    tuple[Annotated[str, OneOf(tuple(words.CONSEQUENCES))], ...], Length(max=len(words.CONSEQUENCES))
]
Measures = Annotated[
    tuple[Annotated[str, OneOf(tuple(words.MEASURES))], ...], Length(min=1, max=len(words.MEASURES))
]
Advice = Annotated[tuple[Annotated[str, OneOf(tuple(words.ADVICE))], ...], Length(max=len(words.ADVICE))]
Unknown = Annotated[tuple[Annotated[str, OneOf(tuple(words.UNKNOWN))], ...], Length(max=len(words.UNKNOWN))]
RECORDS_MOST: Final = 1_000_000_000
Changes = Annotated[
    tuple[Annotated[str, OneOf(tuple(changed.CHANGES))], ...], Length(min=1, max=len(changed.CHANGES))
]
FoundBy = Annotated[
    tuple[Annotated[str, OneOf(tuple(changed.FOUND_BY))], ...], Length(min=1, max=len(changed.FOUND_BY))
]
Plans = Annotated[tuple[Annotated[str, OneOf(tuple(changed.PLANS))], ...], Length(min=1, max=len(changed.PLANS))]


class DraftNotice(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=LEADS)
):
    """Draft what customers, or persons at high risk, are told of a breach; the draft before it is replaced.

    It is sent by a decision alone. A draft that names what is `unknown` is a partial one, and another one follows;
    `OR_UNKNOWN` says which parts may stand empty for that.
    """

    audience: Annotated[str, OneOf(AUDIENCES)]
    natures: Natures = ()
    causes: Causes = ()
    groups: Groups = ()
    data: Data = ()
    whereabouts: Whereabouts = ()
    records: Annotated[int, Range(min=0, max=RECORDS_MOST)] | None = None
    consequences: Consequences = ()
    measures: Measures
    advice: Advice = ()
    unknown: Unknown = ()


class OpenSecurityNotice(Call[CaseChanged], service="cases", command=True, staff=Act(roles=LEADS)):
    """Security measures or risks have changed: those who agreed to be told are. Whoever asks answers for it."""

    actor: Staff


class DraftSecurityNotice(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=LEADS)
):
    """Draft what is told of changed security measures; the draft before it is replaced. Two persons send it.

    It says how the risk differs now, how that was found, what it may lead to and what is done; `attempts` and
    `breaches` count those that were logged in the time that it is about.
    """

    changes: Changes
    found_by: FoundBy
    consequences: Consequences = ()
    plans: Plans
    attempts: Annotated[int, Range(min=0, max=RECORDS_MOST)]
    breaches: Annotated[int, Range(min=0, max=RECORDS_MOST)]


class NoticeContent(Record):
    """What a notice says, in codes of `shared.breach_words`."""

    number: int
    is_partial: bool
    natures: tuple[str, ...]
    causes: tuple[str, ...]
    groups: tuple[str, ...]
    data: tuple[str, ...]
    whereabouts: tuple[str, ...]
    records: int | None
    consequences: tuple[str, ...]
    measures: tuple[str, ...]
    advice: tuple[str, ...]
    unknown: tuple[str, ...]
    late_reason: str | None


class NoticeSaid(NoticeContent):
    """What a notice says to one recipient. `persons` counts the recipient's users whom it concerns."""

    reference: str
    audience: str
    attempts: int | None
    breaches: int | None
    persons: int
    occurred_from: datetime | None
    occurred_to: datetime | None
    aware_at: datetime | None


class NoticeFacts(Call[NoticeSaid], service="cases", refusals=(NotFound,)):
    """What the letter of a notice says, at the moment of sending. `NotFound` for whoever is not to be told."""

    notice_id: UUID
    account_id: UUID
    user_id: UUID | None = None


class ListShown(Record):
    """Whom a breach concerns; the counts are null while it is being computed.

    `standing` counts the customers that are on it now: those that it lacks were erased since. `left_out` counts
    those that one by agreements leaves out because they are inactive.
    """

    list_id: UUID
    scope: str
    as_of: datetime
    window_from: datetime | None
    window_to: datetime | None
    customers: int | None
    persons: int | None
    standing: int
    left_out: int | None
    is_frozen: bool


class NoticeShown(NoticeContent):
    """A notice with how many were told. `decided_at` is null for a draft, `told` counts those whose mail has it."""

    notice_id: UUID
    audience: str
    attempts: int | None
    breaches: int | None
    decided_at: datetime | None
    recipients: int | None
    standing: int
    sent: int
    told: int
    failed: int
    first_told_at: datetime | None
    last_told_at: datetime | None


class RecipientShown(Record):
    """A customer of a notice: when its letter left and arrived, or why nobody could be reached.

    `authority_due` is until when the customer itself notifies the authority in time. `failure_case_id` is the case
    in which a person sees to it.
    """

    notice_id: UUID
    account_id: UUID
    sent_at: datetime | None
    told_at: datetime | None
    authority_due: datetime | None
    failed_at: datetime | None
    reason: str | None
    failure_case_id: UUID | None


class NoticesShown(Record):
    """Newest first; of recipients those that could not be reached stand first.

    `complete` is false where there are more recipients: each that cannot be reached has a case of its own.
    """

    lists: tuple[ListShown, ...]
    notices: tuple[NoticeShown, ...]
    recipients: tuple[RecipientShown, ...]
    complete: bool


class ShowNotices(Call[NoticesShown], service="cases", refusals=(NotFound,), staff=Act(roles=SEES)):
    """Whom a breach concerns, what is drafted, and who was told when."""

    case_id: UUID
