"""What a person writes to support and reads there, and what staff read and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Range, Regexp

from services.account.accounts.calls import INTO_ACCOUNT, AtVersion, ForAccount
from services.account.fields.kinds import text
from services.account.support import values
from services.account.support.values import MESSAGES_MOST, SETTLED_BECAUSE, TEXT_LIMIT
from shared.calls import Call
from shared.errors import Conflict, TooMany
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import CARERS, READERS, Act

WRITING: Final = (*INTO_ACCOUNT, TooMany)
TEXT_MOST: Final = TEXT_LIMIT
"""So many characters one message holds."""
NAME_MOST: Final = 64
"""So long the part of an address in front of its `@` is at most."""
BEFORE_MOST: Final = MESSAGES_MOST + 1
CASES: Final = values.CASES
"""What is a case from its beginning."""
ABOUT: Final = values.ABOUT
"""What that is about."""


class SupportTaken(Record):
    """The message was taken in. `reference` is by which the thread is asked about.

    `answer_due` is the day on which it is answered at the latest.
    """

    thread_id: UUID
    reference: str
    number: int
    received_at: datetime
    answer_due: date


class SupportText(Record):
    """What somebody writes."""

    text: Annotated[
        str,
        text(TEXT_LIMIT),
        "What it is about. It is kept encrypted, read by whoever answers it, and erased with you. Name no more "
        "people than is needed. National identity numbers are refused.",
    ]


class BeginSupport(SupportText, ForAccount, Call[SupportTaken], service="account", command=True, refusals=WRITING):
    """Somebody of a customer writes to support about something new (L19); it takes a session.

    It is taken whatever else of the person is held or restricted. `TooMany` where this person has written very
    often in a day: mail and telephone are open all the same.
    """


class BeginCorrespondence(
    SupportText, ForAccount, Call[SupportTaken], service="account", command=True, refusals=WRITING
):
    """Somebody of a customer complains about how we handle data, or asks about rights (L41, L43), with a session.

    It is a thread like any other, whose first message is a case with the thread's id; `answer_due` is the last day
    by which we mean to answer. It is taken whatever else of the person is held or restricted. `TooMany` as for
    `BeginSupport`.
    """

    kind: Annotated[str, OneOf(values.CASES), "What you write."]
    about: Annotated[str, OneOf(values.ABOUT), "What it is about, as you see it; you are not held to it."]


class WriteOn(
    SupportText, ForAccount, Call[SupportTaken], service="account", command=True, refusals=(*WRITING, Conflict)
):
    """The same in a thread of one's own. `Conflict` where it holds no more: then another one is begun."""

    thread_id: UUID


class ThreadInList(Record):
    """A thread, by its reference and the beginning of its first message.

    `opening` is null where nobody can read it any more, and where staff may not read it: it is held or restricted,
    and neither an answer is waited for nor a legal claim looked into. `answer_due` is null where nothing waits.
    """

    thread_id: UUID
    reference: str
    user_id: UUID
    kind: Annotated[str, "question; complaint or enquiry for what is a case."]
    state: str
    opening: str | None
    messages: int
    begun_at: datetime
    written_at: datetime
    answer_due: date | None
    expires_on: date


class ThreadsShown(PageShown):
    """A page of them: those first in which something was written last."""

    threads: tuple[ThreadInList, ...]


class SupportThreads(
    Paged,
    ForAccount,
    Call[ThreadsShown],
    service="account",
    refusals=INTO_ACCOUNT,
    staff=Act(roles=READERS, shows="account_id", besides=("gateway",)),
):
    """One's own threads, and nobody else's: owners do not see what their people write. Staff see those of all."""


class SupportMessage(Record):
    """A message. `written_by` is `person` or `support`, `way` by which it came: `page`, or `mail` for a reply.

    `text` is null where nobody can read it any more.
    """

    number: int
    written_by: str
    way: str
    text: str | None
    written_at: datetime


class ThreadShown(Record):
    """A thread with its newest messages, oldest first, as many as one answer holds.

    `earlier` is what to ask for (`before`) to read those before them; null where these are all. `expires_on` is the
    day on which the thread is forgotten unless something is written, or waits for an answer.
    """

    thread_id: UUID
    reference: str
    user_id: UUID
    kind: Annotated[str, "question; complaint or enquiry for what is a case with the thread's id."]
    state: str
    version: int
    begun_at: datetime
    answer_due: date | None
    expires_on: date
    messages: tuple[SupportMessage, ...]
    earlier: int | None


class SupportThread(
    ForAccount,
    Call[ThreadShown],
    service="account",
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=READERS, shows="account_id", besides=("gateway",)),
):
    """A thread of one's own; staff read one of any person of the account, and leave a trace.

    `Conflict` (`restricted`) for staff where it may only be stored: `ThreadInList` says when.
    """

    thread_id: UUID
    before: Annotated[int, Range(min=2, max=BEFORE_MOST)] | None = None


class Answered(Record):
    """The thread after what staff did."""

    thread_id: UUID
    state: str
    version: int


class AnswerSupport(
    SupportText,
    AtVersion,
    Call[Answered],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=CARERS),
):
    """Answer a thread, or add to an answer; a letter tells the person that there is one.

    `Conflict` where something was written since the version that was read, where the person is inactive
    (`user_inactive`) and nobody could read it, and where it may only be stored. `Locked` for an inactive account.
    """

    thread_id: UUID


class SettleSupport(
    AtVersion,
    Call[Answered],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=CARERS),
):
    """Say of a thread that waits that it needs no written answer, with the reason."""

    thread_id: UUID
    reason: Annotated[str, OneOf(SETTLED_BECAUSE)]


class MailTaken(Record):
    """What became of a reply: `taken`, `repeated`, `unknown` for an address of no thread, or why it was not."""

    verdict: str


class TakeSupportMail(Call[MailTaken], service="account"):
    """A reply by mail to the letter of a thread, as notification was given it by Mailgun.

    `name` is what stands in front of the `@` of the address that it came to, `author` the one address in its From,
    `is_proved` whether the domain of that one is proved to have sent it. It is taken where the name is one that we
    signed, for a thread that is there, and the author is the thread's person, active and in an active account:
    it goes on with what was begun by somebody logged in, and begins nothing (L19). The same `key` is the same mail.
    Whoever wrote is told by a letter where something was not taken, once a day.
    """

    name: Annotated[str, Length(max=NAME_MOST)]
    author: Annotated[str, Length(max=320)]
    is_proved: bool
    text: Annotated[str, Length(max=20_000)]
    attachments: Annotated[int, Range(min=0, max=1000)]
    key: Annotated[str, Regexp(r"[0-9a-f]{64}\Z", error="a SHA-256")]


class WaitingThread(Record):
    """A thread that waits for an answer; nothing of what it says."""

    thread_id: UUID
    reference: str
    account_id: UUID
    kind: Annotated[str, "question; complaint or enquiry for what is a case with the thread's id."]
    waiting_since: datetime
    answer_due: date


class WaitingShown(PageShown):
    """A page of them, those first that are due first."""

    threads: tuple[WaitingThread, ...]


class WaitingSupport(Paged, Call[WaitingShown], service="account", staff=Act(roles=READERS)):
    """What waits for an answer of support, of all customers."""
