"""What stands in the ledger: facts that a restore must not undo, each a signed line that names the one before.

A line is canonical JSON: sorted keys, no blanks, ASCII. It holds ids, codes and dates, never a name or address.
There are two formats. A line of the first is about an account or a person of one, and every database looks at it.
One of the second is an event: it may be about anything, and names the databases that make it true again.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self, TypeVar
from uuid import UUID

from shared.errors import Permanent
from shared.events import CODE_PATTERN, Event, Received
from shared.signing import SigningKey, signed_line

ORIGIN: Final = "vilkar.ledger.v1"
LINE_LIMIT_BYTES: Final = 4096
GENESIS: Final = "0" * 64
"""What the opening of a ledger names as the opening before it."""

EVENT_FORMAT: Final = 2
"""The format of lines that are events. Those of the first format do not name theirs."""
NO_ACCOUNT: Final = UUID(int=0)
"""Stands for the account where a fact is about none. Who reads the first format alone must find an id there, so
that it calls the ledger too new for itself, and not altered."""

DATA_LIMIT: Final = 24
LIST_LIMIT: Final = 32

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SUBJECT: Final = re.compile(r"[a-z][a-z0-9_]{0,39}/[a-z0-9][a-z0-9-]{0,63}")
_DIGEST: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00")
_VALUES: Final = (CODE_PATTERN, _UUID, _DIGEST, _DATE, _INSTANT)

Value = str | tuple[str, ...]
"""An id, a code, a digest, a date or an instant in UTC; or several of them."""


E = TypeVar("E", bound=Event)


class Kind(StrEnum):
    """The facts of the first format. Any other fact is an event with `replayed_by`, declared with the event."""

    ACCOUNT_ERASED = "account_erased"
    USER_ERASED = "user_erased"
    KEY_DESTROYED = "key_destroyed"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    USER_DEACTIVATED = "user_deactivated"
    ACCOUNT_REACTIVATED = "account_reactivated"
    USER_REACTIVATED = "user_reactivated"
    HOLD_PLACED = "hold_placed"
    HOLD_RELEASED = "hold_released"
    RESTRICTION_SET = "restriction_set"
    RESTRICTION_LIFTED = "restriction_lifted"
    OBJECTION = "objection"
    RECTIFIED = "rectified"
    NOTICE_GIVEN = "notice_given"
    NOTICE_WITHDRAWN = "notice_withdrawn"
    EARLY_REQUESTED = "early_requested"
    EARLY_BEGUN = "early_begun"
    EARLY_DROPPED = "early_dropped"
    ACCOUNT_BLOCKED = "account_blocked"
    ACCOUNT_UNBLOCKED = "account_unblocked"


OF_A_USER: Final = frozenset({Kind.USER_ERASED, Kind.USER_DEACTIVATED, Kind.USER_REACTIVATED})
OF_AN_ACCOUNT: Final = frozenset(
    {
        Kind.ACCOUNT_ERASED,
        Kind.ACCOUNT_DEACTIVATED,
        Kind.ACCOUNT_REACTIVATED,
        Kind.NOTICE_GIVEN,
        Kind.NOTICE_WITHDRAWN,
        Kind.ACCOUNT_BLOCKED,
        Kind.ACCOUNT_UNBLOCKED,
    }
)


KINDS: Final = frozenset(map(str, Kind))


def kind_of(event: type[Event]) -> str:
    """What the ledger calls an event; another version of it is another kind, which older processes do not know."""
    return event.type if event.version == 1 else f"{event.type}:{event.version}"


class UnfitFact(Permanent):
    """The fact cannot stand in the ledger: it lacks its subject, or holds more than ids, codes and dates."""


class Mark(NamedTuple):
    """A place in the ledger: how many facts there were, and the hash over all of them."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What a line of the second format says of its event beside its fields.

    `subject` is `<kind>/<id>` (the id may be a code, as in `staff/kari`), `since` when it happened, `actor` who did
    it, as `staff:kari`, `sequence` its place among the events of its subject where it has one, and `replayed_by`
    the databases that make it true again.
    """

    subject: str
    since: datetime
    actor: str
    sequence: int | None
    replayed_by: tuple[str, ...]

    def members(self) -> dict[str, Any]:
        """As it stands in the line."""
        return {
            "actor": self.actor,
            "format": EVENT_FORMAT,
            "replayed_by": list(self.replayed_by),
            "sequence": self.sequence,
            "since": instant(self.since),
            "subject": self.subject,
        }

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read it. Raises `ValueError`, `TypeError` or `KeyError` where it is malformed."""
        return cls(
            subject=_matching(_SUBJECT, raw["subject"]),
            since=datetime.fromisoformat(raw["since"]),
            actor=_matching(CODE_PATTERN, raw["actor"]),
            sequence=None if raw["sequence"] is None else int(raw["sequence"]),
            replayed_by=tuple(_matching(CODE_PATTERN, each) for each in raw["replayed_by"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that no restore may undo, to be written into the ledger.

    It is one of `Kind` and about an account or one person of it, or an event (`of_event`). `data` is what a replay
    needs beyond the subject, such as the id of a hold or the instant since when. Raises `UnfitFact`.
    """

    kind: str
    account_id: UUID
    user_id: UUID | None = None
    data: Mapping[str, Value] = field(default_factory=dict)
    happening: Happening | None = None

    @classmethod
    def of_event(cls, message: Received[Event]) -> Self:
        """The fact that an event is. Raises `UnfitFact` where no database replays it."""
        event = message.event
        data = {name: value for name, value in event.data().items() if value is not None}
        account_id = getattr(event, "account_id", None)
        return cls(
            kind=kind_of(type(event)),
            account_id=account_id or NO_ACCOUNT,
            user_id=getattr(event, "user_id", None) if account_id else None,
            data={name: tuple(value) if isinstance(value, list) else value for name, value in data.items()},
            happening=Happening(
                subject=event.subject,
                since=message.time,
                actor=message.actor,
                sequence=message.sequence,
                replayed_by=event.replayed_by,
            ),
        )

    def __post_init__(self) -> None:
        if (self.kind in KINDS) is (self.happening is not None):
            raise UnfitFact("a fact is one of the kinds of the first format, or an event")
        if self.happening is None and self.account_id == NO_ACCOUNT:
            raise UnfitFact(f"{self.kind} needs the id of the account")
        if self.happening is not None and not self.happening.replayed_by:
            raise UnfitFact(f"{self.kind} is replayed by nobody")
        if self.happening is not None and not _SUBJECT.fullmatch(self.happening.subject):
            raise UnfitFact(f"{self.kind} has no subject with an id")
        if self.kind in OF_A_USER and self.user_id is None:
            raise UnfitFact(f"{self.kind} needs the id of the user")
        if self.kind in OF_AN_ACCOUNT and self.user_id is not None:
            raise UnfitFact(f"{self.kind} is about the whole account")
        if len(self.data) > DATA_LIMIT:
            raise UnfitFact(f"a fact has at most {DATA_LIMIT} particulars")
        for name, value in self.data.items():
            if not _NAME.fullmatch(name) or not _is_value(value):
                raise UnfitFact("the particulars of a fact are ids, codes, dates and instants in UTC")


def _is_value(value: object) -> bool:
    if isinstance(value, tuple):
        return len(value) <= LIST_LIMIT and all(isinstance(each, str) and _is_value(each) for each in value)
    return isinstance(value, str) and any(form.fullmatch(value) for form in _VALUES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line with a fact. `at` is when it was written; `previous` is the hash of the line before."""

    position: int
    previous: str
    kind: str
    account_id: UUID
    """`NO_ACCOUNT` where the fact is an event about something else."""
    user_id: UUID | None
    data: Mapping[str, Value]
    at: datetime
    key_id: str
    line: bytes
    """The line as it stands in the file, without its end."""
    happening: Happening | None = None
    """Of an event; None for a fact of the first format."""

    @property
    def mark(self) -> Mark:
        """The ledger up to and with this entry."""
        return Mark(self.position, digest(self.line))

    @property
    def actor(self) -> str:
        """Who did what the event tells; nobody is named in lines of the first format."""
        return self.happening.actor if self.happening else "system"

    @property
    def since(self) -> datetime:
        """When it happened: of an event before its line was written, and not in the order of the lines."""
        return self.happening.since if self.happening else self.at

    def text(self, name: str) -> str:
        """A particular of the fact. Like the three below it raises `KeyError` where the fact lacks it."""
        return str(self.data[name])

    def uuid(self, name: str) -> UUID:
        """A particular that is an id."""
        return UUID(self.text(name))

    def day(self, name: str) -> date:
        """A particular that is an Oslo date."""
        return date.fromisoformat(self.text(name))

    def instant(self, name: str) -> datetime:
        """A particular that is an instant."""
        return datetime.fromisoformat(self.text(name))

    def event(self, cls: type[E]) -> E:
        """The event that the fact is. Raises `EventError` where its fields are those of another one."""
        return cls.from_data({k: list(v) if isinstance(v, tuple) else v for k, v in self.data.items()})

    @classmethod
    def make(cls, fact: Fact, *, after: Mark, at: datetime, key: SigningKey) -> Self:
        """The entry of `fact` that follows `after`. Raises `UnfitFact` where the line would be too long."""
        unsigned = {
            "account_id": str(fact.account_id),
            "at": instant(at),
            "data": dict(fact.data),
            "kind": str(fact.kind),
            "position": after.position + 1,
            "previous": after.hash,
            "user_id": str(fact.user_id) if fact.user_id else None,
            **(fact.happening.members() if fact.happening else {}),
        }
        line = signed_line(ORIGIN, unsigned, key)
        if len(line) > LINE_LIMIT_BYTES:
            raise UnfitFact(f"a line of the ledger has at most {LINE_LIMIT_BYTES} bytes")
        return cls.of(json.loads(line), line)

    @classmethod
    def of(cls, raw: dict[str, Any], line: bytes) -> Self:
        """The entry that `raw` holds. Raises `ValueError` or `TypeError` where that is no entry."""
        return cls(
            position=int(raw["position"]),
            previous=_matching(_HASH, raw["previous"]),
            kind=_matching(CODE_PATTERN, raw["kind"]),
            account_id=UUID(raw["account_id"]),
            user_id=UUID(raw["user_id"]) if raw["user_id"] is not None else None,
            data={name: tuple(value) if isinstance(value, list) else value for name, value in raw["data"].items()},
            at=datetime.fromisoformat(raw["at"]),
            key_id=raw["key_id"],
            line=line,
            happening=Happening.of(raw) if "format" in raw else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The first line of the file: from which place on the ledger tells the facts.

    A new ledger opens at position 0. After a purge it opens at the last position that was purged, and the
    next entry still names the hash of that one. `previous` is the hash of the opening before this one.
    """

    ledger_id: UUID
    position: int
    hash: str
    previous: str
    at: datetime
    key_id: str
    line: bytes

    @property
    def mark(self) -> Mark:
        """The place before the first entry of the file."""
        return Mark(self.position, self.hash)

    @classmethod
    def new(cls, ledger_id: UUID, *, at: datetime, key: SigningKey) -> Self:
        """The opening of a new ledger."""
        start = Mark(0, digest(f"{ORIGIN} {ledger_id}".encode()))
        return cls._make(ledger_id, start, GENESIS, at, key)

    def moved(self, to: Mark, *, at: datetime, key: SigningKey) -> Opening:
        """The opening after everything up to `to` was purged."""
        return self._make(self.ledger_id, to, digest(self.line), at, key)

    @classmethod
    def _make(cls, ledger_id: UUID, start: Mark, previous: str, at: datetime, key: SigningKey) -> Self:
        unsigned = {
            "at": instant(at),
            "hash": start.hash,
            "ledger_id": str(ledger_id),
            "opens_after": start.position,
            "previous": previous,
        }
        line = signed_line(ORIGIN, unsigned, key)
        return cls.of(json.loads(line), line)

    @classmethod
    def of(cls, raw: dict[str, Any], line: bytes) -> Self:
        """The opening that `raw` holds. Raises `ValueError` or `TypeError` where that is none."""
        return cls(
            ledger_id=UUID(raw["ledger_id"]),
            position=int(raw["opens_after"]),
            hash=_matching(_HASH, raw["hash"]),
            previous=_matching(_HASH, raw["previous"]),
            at=datetime.fromisoformat(raw["at"]),
            key_id=raw["key_id"],
            line=line,
        )


def digest(line: bytes) -> str:
    """What the next line names this one by."""
    return hashlib.sha256(line).hexdigest()


MALFORMED: Final = (ValueError, TypeError, KeyError, AttributeError, binascii.Error, RecursionError)
"""What reading a line raises where something else stands there."""


def _matching(form: re.Pattern[str], text: str) -> str:
    if not form.fullmatch(text):
        raise ValueError("not of the expected form")
    return text


def instant(moment: datetime) -> str:
    """An instant as a particular of a fact; `Entry.instant` reads it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
