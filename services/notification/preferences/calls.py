"""Agreeing to letters, and declining them: a class of them, or all that is marketing by any way."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Regexp

from services.account.authentication.calls import InSession
from services.notification.preferences.values import ENTERED, OPTIONAL, SENTENCES
from shared.calls import Call
from shared.errors import Conflict, Invalid, NotFound, Unauthenticated
from shared.records import Record
from shared.staff import CARERS, Act, Role

TAKERS: Final = (*CARERS, Role.OPERATOR)
"""Any way is good for an objection, and whoever hears it enters it."""
OPTIONAL_LETTERS: Final = OPTIONAL
"""The classes of letters that one can decline."""
CONSENT_SENTENCES: Final = SENTENCES
"""What one agrees to by a consent, by class and language."""
Sha256 = Annotated[str, Regexp(r"[0-9a-f]{64}\Z", error="not a digest")]
Agreed = Annotated[
    tuple[Sha256, ...],
    Length(min=1, max=len(OPTIONAL)),
    "The digests of the sentences that one has read and agrees to, as they are listed.",
]
LinkToken = Annotated[str, Regexp(r"[!-~]{10,400}\Z", error="not a token")]
Declined = Annotated[
    tuple[Annotated[str, OneOf(OPTIONAL)], ...],
    Length(min=1, max=len(OPTIONAL)),
    "The classes of e-mails that are wanted no more; none of them is sent from now on.",
]
ASKING_SECONDS: Final = 10.0
"""Account is asked who somebody is."""


class Unsubscribed(Record):
    """The class of letters that are no longer sent to this user."""

    letter_class: str


class Unsubscribe(Call[Unsubscribed], service="notification", command=True, refusals=(Invalid, Conflict)):
    """Send no more letters of a class to a user, both named by the token from the link or header of a letter.

    `Invalid` for a token that is not ours, `Conflict` for a class of letters that cannot be declined.
    """

    token: LinkToken


class ObjectionTaken(Record):
    """An objection to marketing, in force. `is_new` is false where the person had objected before."""

    case_id: Annotated[UUID, "Of the case that it is kept in."]
    reference: Annotated[str, "By which we know the objection: name it when you ask."]
    effective_from: Annotated[datetime, "Nothing that is marketing is sent since then."]
    is_new: bool


class TakeObjection(
    Call[ObjectionTaken],
    service="notification",
    refusals=(Invalid, Conflict, NotFound),
    seconds=ASKING_SECONDS,
    staff=Act(roles=TAKERS, changes=True),
):
    """A person objects to marketing by e-mail, telephone, post or face to face; no form or reason is needed.

    It counts from `received_at`, whenever it is entered, and at once for all that waits to be sent. Entered again
    it is the same one. `NotFound` where there is no such company, or the user is none of its people; `Conflict`
    where another objection has the id.
    """

    objection_id: UUID
    account_id: UUID
    user_id: UUID
    channel: Annotated[str, OneOf([each.value for each in ENTERED])]
    received_at: datetime


class ObjectToMarketing(
    InSession,
    Call[ObjectionTaken],
    service="notification",
    refusals=(Unauthenticated,),
    seconds=ASKING_SECONDS,
):
    """Whoever has a session objects to marketing; no reason is needed. Objected again it is the same one."""


class DeclinedMarketingShown(Record):
    """Users of a company who want no marketing, by their ids."""

    user_ids: tuple[UUID, ...]


class DeclinedMarketing(Call[DeclinedMarketingShown], service="notification"):
    """Which users of a company want no marketing now, for services that pass it on to whoever sells (L158)."""

    account_id: UUID


class PreferencesShown(Record):
    """Which classes of letters a user can decline, and which of them the user has declined."""

    optional: tuple[str, ...]
    declined: tuple[str, ...]


class ShowPreferences(
    Call[PreferencesShown], service="notification", refusals=(Invalid, NotFound), seconds=ASKING_SECONDS
):
    """What the user of a signed link has declined. `NotFound` where there is no such user any more."""

    token: LinkToken


class DeclineClasses(
    Call[PreferencesShown], service="notification", refusals=(Invalid, NotFound), seconds=ASKING_SECONDS
):
    """Send no more letters of these classes to the user of a signed link; what was declined before stays declined.

    `Invalid` for a link that is not ours, `NotFound` where there is no such user any more.
    """

    token: LinkToken
    classes: Declined


class SentenceShown(Record):
    """A sentence that one can agree to. Whoever shows it shows all of it."""

    letter_class: str
    language: str
    text: str
    sha256: Annotated[str, "By which a consent names the sentence."]


class ConsentShown(Record):
    """A consent: to which class of e-mails, by which sentence, and for how long it has counted."""

    letter_class: str
    wording_sha256: str
    language: str
    given_at: datetime
    withdrawn_at: Annotated[datetime | None, "Since when it counts no more; null while it counts."]


class ConsentsShown(Record):
    """Every consent that one has given, the newest first, and what one can agree to now."""

    consents: tuple[ConsentShown, ...]
    sentences: tuple[SentenceShown, ...]


class OwnConsents(
    InSession,
    Call[ConsentsShown],
    service="notification",
    refusals=(Unauthenticated,),
    seconds=ASKING_SECONDS,
):
    """Every consent of whoever has a session, with those withdrawn, and what can be agreed to."""


class GiveConsent(
    InSession,
    Call[ConsentsShown],
    service="notification",
    refusals=(Unauthenticated, Conflict),
    seconds=ASKING_SECONDS,
):
    """Whoever has a session agrees to letters of the classes that these sentences are about.

    Declining a class (`DeclineOwn`) withdraws it. Agreed to again it is the same consent. `Conflict` where a
    sentence is not one that is shown now.
    """

    sentences: Agreed


class OwnPreferences(
    InSession,
    Call[PreferencesShown],
    service="notification",
    refusals=(Unauthenticated,),
    seconds=ASKING_SECONDS,
):
    """What whoever has a session has declined."""


class DeclineOwn(
    InSession,
    Call[PreferencesShown],
    service="notification",
    refusals=(Unauthenticated,),
    seconds=ASKING_SECONDS,
):
    """Send no more letters of these classes to whoever has a session; what was declined before stays declined."""

    classes: Declined
