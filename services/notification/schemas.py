"""The plain values the rules work on, and the readers of what comes from outside.

Foreign payloads are read tolerantly: what we need is checked, what we do not know is passed over, and text that
could name a person (addresses, bounce messages) is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import marshmallow as ma

from shared.errors import Invalid

WEBHOOK_LIMIT_BYTES: Final = 256 * 1024
LIST_LIMIT: Final = 200


class LetterClass(StrEnum):
    """How free the recipient is to decline a letter; fixed with the letter, never chosen while sending."""

    SERVICE = "service"
    LEGAL = "legal"
    MARKETING = "marketing"
    PRODUCT_NEWS = "product_news"


class Purpose(StrEnum):
    """What Mailgun is used for: the three things the terms name (L98, L194), and what the law has us tell.

    `LEGAL_NOTICE` goes beyond the text of 2020: dates of erasure, termination, the end of a restriction, a hold.
    """

    ACCOUNT_REGISTRATION = "account_registration"
    PASSWORD_CHANGE = "password_change"  # noqa: S105  # a purpose, not a password
    SUPPORT = "support"
    LEGAL_NOTICE = "legal_notice"


class Lane(IntEnum):
    """Which letters go first when there are more than can be sent at once."""

    SECURITY = 0
    LEGAL_DEADLINE = 1
    OTHER = 2


class State(StrEnum):
    """Where a letter is. The first six are ours to decide, the last five are told by Mailgun."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PARKED = "parked"
    SUPERSEDED = "superseded"
    ABANDONED = "abandoned"
    SENT = "sent"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Signal(StrEnum):
    """What an event of Mailgun means for a letter; everything else it sends is of no use to us."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


class SuppressionKind(StrEnum):
    """Why an address gets no letters."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


class Readers(StrEnum):
    """Whom of a company a letter to it goes to."""

    LEADERS = "leaders"
    """Those who answer for the account, or everybody where nobody does."""
    MEMBERS = "members"
    """All the others."""
    EVERYBODY = "everybody"


@dataclass(frozen=True, kw_only=True)
class LetterKind:
    """One kind of letter: what it is, how urgent, how long it is worth sending.

    `link` is the page of the gateway it leads to, None where it leads nowhere; `with_token`
    says that the link carries the token of the ticket. A `renewable` letter holds a code, so it may be sent twice:
    the newest one counts. `farewell` letters are the last before an erasure. `to_unconfirmed` ones also go to an
    address of which nobody knows whose it is: somebody asks there for the first time, or for an answer. What
    `tells_erasure` asks retention for the date at the moment of sending, because its event does not know it. Of
    those, what `breaks_a_date` is sent only where a date was told before. `readers` says who of a company gets it.
    `asked_for` is a letter that whoever reads at the address has just asked for.
    """

    code: str
    letter_class: LetterClass
    purpose: Purpose
    lane: Lane
    max_age_hours: int
    link: str | None = None
    with_token: bool = False
    renewable: bool = False
    farewell: bool = False
    to_unconfirmed: bool = False
    tells_erasure: bool = False
    breaks_a_date: bool = False
    asked_for: bool = False
    readers: Readers = Readers.LEADERS


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the letter's event told and the letter repeats: ids, codes and dates, nothing personal.

    `correlation_id` names the story the letter belongs to, for the events about it. `cause` is the code of what
    brought it about: the trigger of an erasure, the ground of a restriction, the reason of a hold.
    """

    correlation_id: UUID | None = None
    ticket_id: UUID | None = None
    clock_id: UUID | None = None
    erasure_id: UUID | None = None
    certificate_id: UUID | None = None
    due_on: date | None = None
    backups_expire_on: date | None = None
    noticed_on: date | None = None
    notice_ends_on: date | None = None
    happened_at: datetime | None = None
    started_on: date | None = None
    review_on: date | None = None
    cause: str | None = None
    about_user: bool = False


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One letter to one person, as claimed for work."""

    id: UUID
    event_id: UUID
    mailing_id: UUID | None
    account_id: UUID
    user_id: UUID
    letter: str
    renewal: int
    state: State
    attempts: int
    checks: int
    requested_at: datetime
    expires_at: datetime
    begun_at: datetime | None
    sent_at: datetime | None
    facts: Facts
    claim_id: UUID | None = None
    address_index: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Mailing:
    """A letter to those of a company who shall have it, before it is known who they are."""

    id: UUID
    event_id: UUID
    letter: str
    account_id: UUID
    user_id: UUID | None
    attempts: int
    requested_at: datetime
    expires_at: datetime
    facts: Facts
    claim_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One user of a company, the role there, and whether anybody ever confirmed the address."""

    user_id: UUID
    role: str
    confirmed: bool = True


@dataclass(frozen=True, kw_only=True)
class Person:
    """What a letter must know of its reader, as account tells it at the moment of sending. Never stored.

    `closed_by` is who made the company or, in an active one, the user inactive. A company that is blocked was
    closed by staff to protect it; for one that is bankrupt only the trustee decides. `link_ends_at` is until when
    the token works; for a replaced address, until when we know it. `registered_at` and `terms_version` are told of
    a sign-up that is to be confirmed.
    """

    email: str = field(repr=False)
    name: str = field(repr=False)
    company_name: str = field(repr=False)
    language: str
    link_token: str | None = field(default=None, repr=False)
    confirmed: bool = True
    link_kind: str | None = None
    link_ends_at: datetime | None = None
    closed_by: str | None = None
    company_is_inactive: bool = False
    company_is_blocked: bool = False
    company_is_bankrupt: bool = False
    registered_at: datetime | None = None
    terms_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Why an address gets no letters: until when, None for ever; `tried_at` is when one went there all the same."""

    kind: SuppressionKind
    ends_at: datetime | None
    tried_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """A planned or finished erasure of a company, or of one of its users, as retention tells it."""

    user_id: UUID | None
    state: str
    due_on: date
    suspended: bool


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What Mailgun signs: an instant (epoch seconds as text) and a token; the body is not covered."""

    timestamp: str
    token: str
    signature: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class VendorEvent:
    """One event of Mailgun, from a webhook or the logs, reduced to what we use. The address is not kept.

    `unread` names what was there and could not be understood, with values where these can name nobody.
    """

    name: str
    at: datetime
    id: str | None = None
    severity: str | None = None
    reason: str | None = None
    code: int | None = None
    enhanced_code: str | None = None
    message_id: str | None = None
    letter_id: UUID | None = None
    recipient: str | None = field(default=None, repr=False)
    unread: str | None = None

    @property
    def identity(self) -> str:
        """A digest that is the same for the same event told twice, whatever token it comes with."""
        text = f"{self.id or ''}|{self.message_id or ''}|{self.name}|{self.severity or ''}|{self.at.isoformat()}"
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A webhook's two halves."""

    signature: Signature
    event: VendorEvent


class _Tolerant(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE


class _Person(_Tolerant):
    email = ma.fields.String(required=True, validate=ma.validate.Length(min=3, max=320))
    name = ma.fields.String(load_default="", allow_none=True)
    company_name = ma.fields.String(load_default="", allow_none=True)
    language = ma.fields.String(required=True)
    link_token = ma.fields.String(load_default=None, allow_none=True)
    confirmed = ma.fields.Boolean(load_default=True)
    link_kind = ma.fields.String(load_default=None, allow_none=True)
    link_ends_at = ma.fields.AwareDateTime(format="iso", load_default=None, allow_none=True)
    closed_by = ma.fields.String(load_default=None, allow_none=True)
    company_is_inactive = ma.fields.Boolean(load_default=False)
    company_is_blocked = ma.fields.Boolean(load_default=False)
    company_is_bankrupt = ma.fields.Boolean(load_default=False)
    registered_at = ma.fields.AwareDateTime(format="iso", load_default=None, allow_none=True)
    terms_version = ma.fields.String(load_default=None, allow_none=True)


class _Recipient(_Tolerant):
    user_id = ma.fields.UUID(required=True)
    role = ma.fields.String(required=True)
    confirmed = ma.fields.Boolean(load_default=True)


_PERSON, _RECIPIENTS = _Person(), _Recipient(many=True)


def _load(schema: ma.Schema, data: Any, what: str) -> Any:
    try:
        return schema.load(data)
    except ma.ValidationError as error:
        names = sorted(str(name) for name in error.messages_dict)
        raise Invalid(f"{what} is malformed", details={"fields": names}) from None


def read_person(data: Any) -> Person:
    """Read account's answer to `letter_facts`. Raises `Invalid`."""
    loaded = _load(_PERSON, data, "the answer to letter_facts")
    return Person(**{**loaded, "name": loaded["name"] or "", "company_name": loaded["company_name"] or ""})


def read_recipients(data: Any) -> list[Recipient]:
    """Read account's answer to `recipients`: a list, alone or under that name. Raises `Invalid`."""
    people = data.get("recipients") if isinstance(data, dict) else data
    return [Recipient(**loaded) for loaded in _load(_RECIPIENTS, people, "the answer to recipients")]


class Nothing(ma.Schema):
    """A request without fields."""


class LettersRequest(ma.Schema):
    """Either the letters of a company or those of one user."""

    account_id = ma.fields.UUID()
    user_id = ma.fields.UUID()

    @ma.validates_schema
    def _one_of_two(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ma.ValidationError("name an account or a user")


class LetterRequest(ma.Schema):
    """One letter by its id."""

    letter_id = ma.fields.UUID(required=True)


class LetterReply(ma.Schema):
    """What is known of a letter: ids, codes and instants."""

    letter_id = ma.fields.UUID(required=True)
    letter = ma.fields.String(required=True)
    account_id = ma.fields.UUID(required=True)
    user_id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    attempts = ma.fields.Integer(required=True)
    requested_at = ma.fields.AwareDateTime(required=True, format="iso")
    sent_at = ma.fields.AwareDateTime(required=True, format="iso", allow_none=True)
    settled_at = ma.fields.AwareDateTime(required=True, format="iso", allow_none=True)


class LettersReply(ma.Schema):
    """The newest letters first, at most 200."""

    letters = ma.fields.List(ma.fields.Nested(LetterReply), required=True)


class WebhookRequest(ma.Schema):
    """A webhook as it came: the secret in its path and the body's text, neither of them looked at yet."""

    path_secret = ma.fields.String(required=True, validate=ma.validate.Length(max=200))
    body = ma.fields.String(required=True, validate=ma.validate.Length(max=WEBHOOK_LIMIT_BYTES))


class WebhookReply(ma.Schema):
    """`accepted` is answered with 200, anything else with 406; `verdict` says why."""

    accepted = ma.fields.Boolean(required=True)
    verdict = ma.fields.String(required=True)


class UnsubscribeRequest(ma.Schema):
    """The token from the link or header of a letter."""

    token = ma.fields.String(required=True, validate=ma.validate.Regexp(r"[!-~]{10,400}\Z", error="not a token"))


class UnsubscribeReply(ma.Schema):
    """The class of letters that are no longer sent to this user."""

    letter_class = ma.fields.String(required=True)


class AlarmReply(ma.Schema):
    """Something a person must look at."""

    alarm_id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True, allow_none=True)
    times = ma.fields.Integer(required=True)
    raised_at = ma.fields.AwareDateTime(required=True, format="iso")
    last_seen_at = ma.fields.AwareDateTime(required=True, format="iso")


class AlarmsReply(ma.Schema):
    """Open alarms, and how many letters wait until they are seen to."""

    alarms = ma.fields.List(ma.fields.Nested(AlarmReply), required=True)
    parked_letters = ma.fields.Integer(required=True)


class RateRequest(ma.Schema):
    """How many letters may leave a second, all processes together; null for what the setting says."""

    letters_per_second = ma.fields.Float(
        required=True, allow_none=True, validate=ma.validate.Range(min=0, max=1000, min_inclusive=False)
    )


class RateReply(ma.Schema):
    """How many letters may leave a second from now on."""

    letters_per_second = ma.fields.Float(required=True)


class CapacityReply(ma.Schema):
    """What bounds the sending of letters now, and what waits."""

    bound_by = ma.fields.String(required=True)
    another_process_helps = ma.fields.Boolean(required=True)
    letters_per_second = ma.fields.Float(required=True)
    rate_is_from = ma.fields.String(required=True)
    workers_a_process = ma.fields.Integer(required=True)
    paused_until = ma.fields.AwareDateTime(required=True, allow_none=True, format="iso")
    due = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True)
    sending = ma.fields.Integer(required=True)
    unclear = ma.fields.Integer(required=True)
    parked = ma.fields.Integer(required=True)
    oldest_asked_for_at = ma.fields.AwareDateTime(required=True, allow_none=True, format="iso")


class ReleaseReply(ma.Schema):
    """How many parked letters go out again."""

    released = ma.fields.Integer(required=True)


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


class SuppressionsRequest(ma.Schema):
    """`suppressions`: all, or those of one company."""

    account_id = ma.fields.UUID(load_default=None, allow_none=True)


class SuppressionReply(ma.Schema):
    """An address that gets no letters now; which address is not known here. `ends_at` is None after a complaint."""

    suppression_id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True)
    account_id = ma.fields.UUID(required=True)
    user_id = ma.fields.UUID(required=True)
    times = ma.fields.Integer(required=True)
    since = ma.fields.AwareDateTime(required=True, format="iso")
    ends_at = ma.fields.AwareDateTime(required=True, format="iso", allow_none=True)


class SuppressionsReply(ma.Schema):
    """The newest first, at most 200."""

    suppressions = ma.fields.List(ma.fields.Nested(SuppressionReply), required=True)


class LiftRequest(ma.Schema):
    """`lift_suppression`: a person says that the address works. `actor` is `staff:<code>`."""

    suppression_id = ma.fields.UUID(required=True)
    actor = ma.fields.String(required=True, validate=ma.validate.Regexp(r"staff:[a-z][a-z0-9_.-]{0,62}\Z"))


class TasksRequest(ma.Schema):
    """`tasks`: all that are open, or those of one kind."""

    kind = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(TASK_KINDS))


class TaskReply(ma.Schema):
    """What a person is to do: `undeliverable` is a legal letter that mail does not bring, `copy` one of data."""

    task_id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True)
    account_id = ma.fields.UUID(required=True)
    user_id = ma.fields.UUID(required=True, allow_none=True)
    letter = ma.fields.String(required=True, allow_none=True)
    reason = ma.fields.String(required=True, allow_none=True)
    due_on = ma.fields.Date(required=True)
    raised_at = ma.fields.AwareDateTime(required=True, format="iso")
    outcome = ma.fields.String(required=True, allow_none=True)


class TasksReply(ma.Schema):
    """The most urgent first, at most 200."""

    tasks = ma.fields.List(ma.fields.Nested(TaskReply), required=True)


class CopyRequest(ma.Schema):
    """`request_copy`: it was asked for on `received_on`; `erased_on` is when the data are erased, if ever."""

    task_id = ma.fields.UUID(required=True)
    account_id = ma.fields.UUID(required=True)
    user_id = ma.fields.UUID(load_default=None, allow_none=True)
    received_on = ma.fields.Date(required=True)
    erased_on = ma.fields.Date(load_default=None, allow_none=True)


class SettleRequest(ma.Schema):
    """`settle_task`: how it ended. `actor` is `staff:<code>`."""

    task_id = ma.fields.UUID(required=True)
    outcome = ma.fields.String(required=True, validate=ma.validate.OneOf(TASK_OUTCOMES))
    actor = ma.fields.String(required=True, validate=ma.validate.Regexp(r"staff:[a-z][a-z0-9_.-]{0,62}\Z"))
