"""Campaigns, for staff: drafting one, sending it by two persons, stopping it, and how each stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Regexp

from services.notification.campaigns.values import CLASSES, LANGUAGES, SUBJECT_LIMIT, TEXT_LIMIT
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.input_guard import FREE_TEXT
from shared.keyset import Paged, PageShown
from shared.records import About, Record
from shared.staff import READERS, Act, Role

WRITERS: Final = (Role.SUPPORT, Role.PRIVACY_LEAD, Role.MANAGEMENT)
SEES: Final = (*READERS, Role.OPERATOR, Role.MANAGEMENT)
SUBJECT: Final = SUBJECT_LIMIT
TEXT: Final = TEXT_LIMIT
_WORDS: Final = About(**{FREE_TEXT: True})
Subject = Annotated[str, Length(min=1, max=SUBJECT_LIMIT), Regexp(r"[^\x00-\x1f\x7f]+\Z"), _WORDS]
Text = Annotated[str, Length(min=1, max=TEXT_LIMIT), Regexp(r"[^\x00-\x09\x0b-\x1f\x7f]+\Z"), _WORDS]


class CampaignShown(Record):
    """How a campaign stands. `letter` is what the register of classes calls its letter, `text_sha256` its digest.

    `proposed` is what the program takes it for, `because` the words that say so, `approved` what two persons have
    said of just this text; `letter_class_now` is null where it does not leave. `purpose_is_named` says whether the
    register lets Mailgun carry it. `agreed` is how many people agree to its class now; the letters that it became
    are counted as long as they are kept.
    """

    campaign_id: UUID
    state: str
    letter_class: str
    language: str | None
    letter: str
    text_sha256: str
    proposed: str
    because: tuple[str, ...]
    approved: str | None
    letter_class_now: str | None
    purpose_is_named: bool
    drafted_by: str
    drafted_at: datetime
    requested_by: str | None
    approved_by: str | None
    started_at: datetime | None
    ended_at: datetime | None
    agreed: int
    chosen: int
    waiting: int
    left: int
    not_sent: int


class CampaignWhole(CampaignShown):
    """A campaign with its words, and why letters of it did not leave: reasons as in `notification.failed`."""

    subject_nb: str
    text_nb: str
    subject_en: str
    text_en: str
    reasons: tuple[str, ...]


class CampaignsShown(PageShown):
    """A page of them, the newest first."""

    campaigns: tuple[CampaignShown, ...]


class Campaigns(Paged, Call[CampaignsShown], service="notification", staff=Act(roles=SEES)):
    """Every campaign of the last three years, and how far each has come."""


class ShowCampaign(Call[CampaignWhole], service="notification", refusals=(NotFound,), staff=Act(roles=SEES)):
    """One campaign with its words."""

    campaign_id: UUID


class DraftCampaign(
    Call[CampaignShown],
    service="notification",
    command=True,
    refusals=(Invalid,),
    staff=Act(roles=WRITERS),
):
    """Write a letter of a class that one may decline, in both languages. Nobody gets it yet.

    It is never changed: other words are another campaign. With a `language` it goes to those alone who read that.
    """

    letter_class: Annotated[str, OneOf(CLASSES)]
    language: Annotated[str, OneOf(LANGUAGES)] | None = None
    subject_nb: Subject
    text_nb: Text
    subject_en: Subject
    text_en: Text
    actor: Staff


class StartCampaign(
    Call[CampaignShown],
    service="notification",
    command=True,
    refusals=(NotFound, Conflict, Forbidden),
    staff=Act(roles=WRITERS, two_persons=True),
):
    """Send a campaign to all who agree to its class, as each letter leaves, by the word of two persons.

    `text_sha256` is of the text that both of them saw. `Conflict` with the reason where it was sent before, where
    nobody has said which class this text is of, or where the register does not name the purpose.
    """

    campaign_id: UUID
    text_sha256: Annotated[str, Regexp(r"[0-9a-f]{64}\Z", error="not a digest")]


class StopCampaign(
    Call[CampaignShown],
    service="notification",
    command=True,
    refusals=(NotFound, Conflict),
    staff=Act(roles=(*WRITERS, Role.OPERATOR, Role.CASE_HANDLER, Role.INCIDENT_LEAD)),
):
    """Let no more letters of a campaign leave, for good. One person may."""

    campaign_id: UUID
