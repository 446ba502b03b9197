"""Requests and replies of the audit service, and the plain values its rules work on.

`actor` says on whose behalf a call is made: `user:<id>` for a user whom the gateway has authenticated,
`staff:<name>` for the desk, `system` for another service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import marshmallow as ma
from marshmallow import fields, validate

from shared.events import CODE_PATTERN

PAGE_LIMIT: Final = 500
LOGINS_LIMIT: Final = 1000
FACTS_LIMIT_BYTES: Final = 4096
FIELD_NAMES_LIMIT: Final = 50

PURPOSES: Final = ("own_access", "security_breach", "account_takeover", "system_administration")
"""What login data may be looked at for: the person's own access (GDPR article 15), and what the rules on an
employer's access (e-postforskriften) allow: clearing up a breach, and administering the system."""

REFUSED_PURPOSES: Final = ("attendance", "performance", "working_hours")
"""Known by name, so that the refusal can say why."""

ACTOR: Final = re.compile(r"(system|staff:[a-z][a-z0-9_.-]{0,62}|user:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")
SUBJECT: Final = re.compile(r"[a-z][a-z0-9_]{0,31}/[A-Za-z0-9._:-]{1,100}\Z")


# ── the plain values ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Something that happened, before it has its place in the trail: the ids are still the system's own.

    `facts` is canonical JSON of ids of things, codes, counts, dates and flags. Persons and companies stand in
    `account_id`, `user_id`, `subject` and `actor` only, where the sequencer replaces them.
    """

    event_id: UUID
    type: str
    version: int
    source: str
    occurred_at: datetime
    recorded_at: datetime
    subject: str
    actor: str
    account_id: UUID | None
    user_id: UUID | None
    correlation_id: UUID
    causation_id: UUID | None
    field_names: list[str]
    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRow:
    """A row of the trail. `account_ref` and `user_ref` are random, and so are the ids in `subject` and `actor`.

    Only the table `subject_link` knows whom they stand for, and erasure empties it.
    """

    seq: int
    event_id: UUID
    type: str
    version: int
    source: str
    occurred_at: datetime
    recorded_at: datetime
    subject: str
    actor: str
    account_ref: UUID | None
    user_ref: UUID | None
    correlation_id: UUID
    causation_id: UUID | None
    field_names: list[str]
    facts: str


@dataclass(frozen=True, slots=True)
class Person:
    """A company, user or member of staff whose id must not enter the trail; `account_id` is whom a user belongs to.

    `id` is the system's id of it as text, or the login name of a member of staff.
    """

    kind: str
    id: str
    account_id: UUID | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginEvent:
    """A login attempt. `user_id` is None where nobody knows whom it was meant for."""

    attempt_id: UUID
    occurred_at: datetime
    outcome: str
    reason: str | None
    account_id: UUID | None
    user_id: UUID | None
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOrigin:
    """A login attempt whose origin has not been fetched yet, and how often that was tried."""

    attempt_id: UUID
    occurred_at: datetime
    account_id: UUID | None
    user_id: UUID | None
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is kept of where a login came from: sealed for a person we know, an index for a stranger."""

    attempt_id: UUID
    state: str
    ip_sealed: bytes | None = None
    user_agent_sealed: bytes | None = None
    address_index: bytes | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the trail that is not as it was written; `at` is a row's or a checkpoint's number."""

    code: str
    at: int


@dataclass(slots=True)
class Report:
    """The result of a verification. The trail is whole when `findings` is empty."""

    rows: int = 0
    tree_size: int = 0
    root: bytes = b""
    checkpoints: int = 0
    unsealed_rows: int = 0
    resumed_from: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything was as it was written."""
        return not self.findings


# ── requests and replies ──────────────────────────────────────────────────────────────────────────────────


class Request(ma.Schema):
    """Strict: an unknown field is refused."""

    class Meta:
        """Refuse what is not listed."""

        unknown = ma.RAISE


class Reply(ma.Schema):
    """What a caller gets; callers ignore fields they do not know."""

    class Meta:
        """Ignore what is not known."""

        unknown = ma.EXCLUDE


def _instant(**kwargs: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", **kwargs)


def _actor(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(ACTOR, error="user:<id>, staff:<name> or system"), **kwargs)


class _Whole(fields.Integer):
    def __init__(self, *, least: int, most: int | None = None, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=least, max=most), **kwargs)


class Nothing(Request):
    """A call without fields."""


class TrailRequest(Request):
    """`trail`: the story of one subject (`account/<id>` covers its users) or of one correlation id, by `seq`."""

    subject = fields.String(load_default=None, validate=validate.Regexp(SUBJECT, error="<kind>/<id>"))
    correlation_id = fields.UUID(load_default=None)
    after_seq = _Whole(least=0, load_default=0)
    limit = _Whole(least=1, most=PAGE_LIMIT, load_default=100)

    @ma.validates_schema
    def _one_of_two(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("subject") is None) == (data.get("correlation_id") is None):
            raise ma.ValidationError("give either subject or correlation_id", "subject")


class TrailEntry(Reply):
    """One row. An id of a company or person is the system's own as long as it is known, then the trail's."""

    seq = fields.Integer(required=True)
    event_id = fields.UUID(required=True)
    type = fields.String(required=True)
    version = fields.Integer(required=True)
    source = fields.String(required=True)
    occurred_at = _instant(required=True)
    recorded_at = _instant(required=True)
    subject = fields.String(required=True)
    actor = fields.String(required=True)
    account_id = fields.UUID(required=True, allow_none=True)
    user_id = fields.UUID(required=True, allow_none=True)
    correlation_id = fields.UUID(required=True)
    causation_id = fields.UUID(required=True, allow_none=True)
    field_names = fields.List(fields.String(), required=True)
    facts = fields.Dict(required=True)


class TrailPage(Reply):
    """Rows in order of `seq`; `next_after_seq` is None on the last page."""

    rows = fields.List(fields.Nested(TrailEntry), required=True)
    next_after_seq = fields.Integer(required=True, allow_none=True)


class CheckpointReply(Reply):
    """A signed statement about the trail; hashes are hexadecimal, the signature is base64."""

    number = fields.Integer(required=True)
    tree_size = fields.Integer(required=True)
    root = fields.String(required=True)
    head = fields.String(required=True)
    time = _instant(required=True)
    key_id = fields.String(required=True)
    previous = fields.String(required=True)
    signature = fields.String(required=True)


class TrailHead(Reply):
    """`trail_head`: how long the trail is, what is signed of it, and why it stands still where it does."""

    size = fields.Integer(required=True)
    head = fields.String(required=True)
    waiting = fields.Integer(required=True)
    checkpoint = fields.Nested(CheckpointReply, required=True, allow_none=True)
    halted = fields.String(required=True, allow_none=True)


class ProofRequest(Request):
    """`proof`: for the row with this number."""

    seq = _Whole(least=1, required=True)


class ProofReply(Reply):
    """The row's leaf hash, the path to the root, and the signed checkpoint that has this root."""

    seq = fields.Integer(required=True)
    leaf = fields.String(required=True)
    path = fields.List(fields.String(), required=True)
    checkpoint = fields.Nested(CheckpointReply, required=True)


class VerifyRequest(Request):
    """`verify`: begin a verification, from the first row or from a checkpoint that was verified before."""

    actor = _actor(load_default="system")
    from_checkpoint = _Whole(least=0, load_default=0)


class VerificationId(Request):
    """Names one verification."""

    verification_id = fields.UUID(required=True)


class FindingReply(Reply):
    """One thing that is not as it was written."""

    code = fields.String(required=True)
    at = fields.Integer(required=True)


class VerificationReply(Reply):
    """`state` is `waiting`, `running`, `whole` or `damaged`."""

    verification_id = fields.UUID(required=True)
    state = fields.String(required=True)
    requested_at = _instant(required=True)
    ended_at = _instant(required=True, allow_none=True)
    rows_done = fields.Integer(required=True)
    rows_total = fields.Integer(required=True)
    tree_size = fields.Integer(required=True)
    unsealed_rows = fields.Integer(required=True)
    findings = fields.List(fields.Nested(FindingReply), required=True)


class VerificationBegun(Reply):
    """Where to ask for the progress."""

    verification_id = fields.UUID(required=True)


class ReopenRequest(Request):
    """`reopen`: go on after the database was restored from a backup older than the file of checkpoints."""

    actor = _actor(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(("restored_from_backup", "checkpoint_file_lost")))


class Reopened(Reply):
    """The trail grows again; the old file of checkpoints was put aside under `archived_as`."""

    size = fields.Integer(required=True)
    archived_as = fields.String(required=True, allow_none=True)


class LoginsRequest(Request):
    """`logins`: attempts of one user or one company in a period, for a purpose, on behalf of `actor`."""

    account_id = fields.UUID(required=True)
    user_id = fields.UUID(load_default=None)
    from_ = _instant(required=True, data_key="from")
    to = _instant(required=True)
    purpose = fields.String(
        required=True, validate=validate.Regexp(CODE_PATTERN.pattern + r"\Z", error="a machine code")
    )
    actor = _actor(required=True)


class LoginReply(Reply):
    """One attempt. `ip` and `user_agent` are None where they are not known, or not any more."""

    occurred_at = _instant(required=True)
    outcome = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    user_id = fields.UUID(required=True, allow_none=True)
    ip = fields.String(required=True, allow_none=True)
    user_agent = fields.String(required=True, allow_none=True)


class Logins(Reply):
    """Attempts, oldest first; `complete` is false where there are more than one answer holds."""

    logins = fields.List(fields.Nested(LoginReply), required=True)
    complete = fields.Boolean(required=True)
