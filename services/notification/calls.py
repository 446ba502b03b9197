"""What notification answers: letters and Mailgun's webhooks, what bounds sending, and what a person does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Range, Regexp

from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, Invalid, NotFound
from shared.records import ABSENT, Absent, Record

WEBHOOK_LIMIT_BYTES: Final = 256 * 1024
WEBHOOK_SECONDS: Final = 30.0
"""Mailgun may be asked to forget an address before the webhook is answered."""

MOST_A_SECOND: Final = 1000
"""Letters; more than any plan of Mailgun's allows is a slip of the hand."""

TASK_KINDS: Final = ("undeliverable", "copy")
TASK_OUTCOMES: Final = (
    "told_by_phone",
    "told_by_post",
    "told_otherwise",
    "copy_handed_over",
    "not_reachable",
    "needless",
)
"""How a person ended a task: told the reader, handed a copy over, tried in vain, or had no need to."""


# ── letters ───────────────────────────────────────────────────────────────────────────────────────────────────


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


class LettersShown(Record):
    """The newest first, at most 200."""

    letters: tuple[LetterShown, ...]


class Letters(Call[LettersShown], service="notification"):
    """The newest letters of a company or to one user."""

    account_id: UUID | Absent = ABSENT
    user_id: UUID | Absent = ABSENT

    def objections(self) -> Mapping[str, list[str]]:
        """Either the one or the other."""
        if (self.account_id is ABSENT) == (self.user_id is ABSENT):
            return {"account_id": ["name an account or a user"]}
        return {}


class Letter(Call[LetterShown], service="notification", refusals=(NotFound,)):
    """One letter."""

    letter_id: UUID


class WebhookVerdict(Record):
    """`accepted` is answered with 200, anything else with 406; `verdict` says why."""

    accepted: bool
    verdict: str


class ReceiveWebhook(Call[WebhookVerdict], service="notification", seconds=WEBHOOK_SECONDS):
    """Check a webhook of Mailgun and take in what it says.

    It comes as it was received: the secret in its path and the text of the body, neither looked at yet.
    """

    path_secret: Annotated[str, Length(max=200)]
    body: Annotated[str, Length(max=WEBHOOK_LIMIT_BYTES)]


class Unsubscribed(Record):
    """The class of letters that are no longer sent to this user."""

    letter_class: str


class Unsubscribe(Call[Unsubscribed], service="notification", command=True, refusals=(Invalid, Conflict)):
    """Send no more letters of a class to a user, both named by the token from the link or header of a letter.

    `Invalid` for a token that is not ours, `Conflict` for a class of letters that cannot be declined.
    """

    token: Annotated[str, Regexp(r"[!-~]{10,400}\Z", error="not a token")]


# ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────


class AlarmShown(Record):
    """Trouble with Mailgun that a person must see to; `status` is Mailgun's, where it answered."""

    alarm_id: UUID
    kind: str
    status: int | None
    times: int
    raised_at: datetime
    last_seen_at: datetime


class AlarmsShown(Record):
    """Open alarms, the oldest first, and how many letters wait until they are seen to."""

    alarms: tuple[AlarmShown, ...]
    parked_letters: int


class Alarms(Call[AlarmsShown], service="notification"):
    """What a person must see to at Mailgun."""


class ParkedReleased(Record):
    """How many parked letters go out again."""

    released: int


class ReleaseParked(Call[ParkedReleased], service="notification", command=True):
    """A person has seen to the alarms: close them, end the pause, and send parked letters, 500 at a time."""


class CapacityShown(Record):
    """What bounds the sending of letters now, and how many letters are in which state.

    `bound_by` says what, and `rate_is_from` whether the rate is that of the `setting` or of a `command`.
    """

    bound_by: str
    another_process_helps: bool
    letters_per_second: float
    rate_is_from: str
    workers_a_process: int
    paused_until: datetime | None
    due: int
    pending: int
    sending: int
    unclear: int
    parked: int
    oldest_asked_for_at: datetime | None


class Capacity(Call[CapacityShown], service="notification"):
    """What bounds the sending of letters now, and whether another process would help."""


class RateSet(Record):
    """How many letters may leave a second from now on."""

    letters_per_second: float


class SetRate(Call[RateSet], service="notification", command=True):
    """Let so many letters leave a second from now on, all processes together; null for what the setting says.

    It counts at once, in every process.
    """

    letters_per_second: Annotated[float, Range(min=0, max=MOST_A_SECOND, min_inclusive=False)] | None


# ── what staff see to ─────────────────────────────────────────────────────────────────────────────────────────


class SuppressionShown(Record):
    """An address that gets no letters; which address is not known here. `ends_at` is null after a complaint."""

    suppression_id: UUID
    kind: str
    account_id: UUID
    user_id: UUID
    times: int
    since: datetime
    ends_at: datetime | None


class SuppressionsShown(Record):
    """The newest first, at most 200."""

    suppressions: tuple[SuppressionShown, ...]


class Suppressions(Call[SuppressionsShown], service="notification"):
    """Addresses that get no letters now, and until when: all, or those of one company."""

    account_id: UUID | None = None


class LiftSuppression(Call[SuppressionShown], service="notification", command=True, refusals=(NotFound, Conflict)):
    """End a suppression after a bounce, because a person knows that the address works: letters go out again.

    `Conflict` for a complaint, which has no end.
    """

    suppression_id: UUID
    actor: Staff


class TaskShown(Record):
    """What a person is to do: `undeliverable` is a legal letter that mail does not bring, `copy` one of data."""

    task_id: UUID
    kind: str
    account_id: UUID
    user_id: UUID | None
    letter: str | None
    reason: str | None
    due_on: date
    raised_at: datetime
    outcome: str | None


class TasksShown(Record):
    """The most urgent first, at most 200."""

    tasks: tuple[TaskShown, ...]


class Tasks(Call[TasksShown], service="notification"):
    """What a person is to do: all that is open, or what is of one kind."""

    kind: Annotated[str, OneOf(TASK_KINDS)] | None = None


class RequestCopy(Call[TaskShown], service="notification", command=True, refusals=(Conflict,)):
    """Somebody asked on `received_on` for a copy of the data: a person makes it in time.

    `erased_on` is when the data are erased, if ever. `Conflict` where the copy was asked for too late, on the day
    of the erasure or after it.
    """

    task_id: UUID
    account_id: UUID
    user_id: UUID | None = None
    received_on: date
    erased_on: date | None = None


class SettleTask(Call[TaskShown], service="notification", command=True, refusals=(NotFound, Conflict)):
    """A person has done a task; `outcome` says how it ended. `Conflict` where it was done before."""

    task_id: UUID
    outcome: Annotated[str, OneOf(TASK_OUTCOMES)]
    actor: Staff
