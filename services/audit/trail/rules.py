"""What enters the trail and in which form, and when it is signed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.audit.trail.calls import RowShown
from services.audit.trail.values import FACTS_LIMIT_BYTES, FIELD_NAMES_LIMIT, Intake, Person, TrailRow
from shared.calendar import months_before, oslo_date, start_of_day_oslo
from shared.canonical_json import canonical
from shared.errors import Permanent
from shared.events import CODE_PATTERN, Event, Received
from shared.terms import enforces
from shared.terms.clauses import erasure, protection
from shared.terms.parameters import in_force

SOURCE: Final = "audit"

SUBJECT_FIELDS: Final = {"account_id": "account", "user_id": "user", "creator_id": "user"}
"""Fields of events that name a company or a person. Every other id in an event names a thing."""

STAFF_FIELD: Final = "staff_code"
"""The field of events that names somebody of the staff; so does the subject, and there a reference is put."""

THING_FIELDS: Final = frozenset(
    {
        "acceptance_id",
        "anomaly_id",
        "access_id",
        "alarm_id",
        "alert_id",
        "approval_id",
        "assessment_id",
        "attempt_id",
        "campaign_id",
        "case_id",
        "certificate_id",
        "clock_id",
        "code_id",
        "cost_id",
        "export_id",
        "decision_id",
        "erasure_id",
        "failure_case_id",
        "from_case_id",
        "grant_id",
        "hold_id",
        "job_id",
        "letter_id",
        "list_id",
        "message_id",
        "notice_id",
        "other_case_id",
        "overdue_wish_id",
        "parked_id",
        "passkey_id",
        "prerequisite_id",
        "restriction_id",
        "dry_run_id",
        "record_id",
        "report_id",
        "request_id",
        "run_id",
        "search_id",
        "session_id",
        "set_id",
        "suppression_id",
        "task_id",
        "thread_id",
        "ticket_id",
        "transfer_id",
        "use_id",
        "wish_id",
    }
)
"""The ids of things that events carry. A test fails on an id that is neither here nor in `SUBJECT_FIELDS`."""

PERSON_LISTS: Final = {"user_ids": "users", "held_users": "held_persons", "account_ids": "listed_accounts"}
"""Fields of events that list persons or companies, and the fact in their place: how many. A row names one."""

SEEN_FIELD: Final = "seen_user_ids"
SEEN: Final = "seen"
"""The field of events that names persons whom somebody saw, and the fact with a reference to each of them."""

DISTINCT: Final = frozenset({"held_categories"})
"""Lists that run beside one of persons; without the persons each word stands once."""

ACTS_ITSELF: Final = {
    "account.registered": "creator_id",
    "agreement.accepted": "user_id",
    "login.succeeded": "user_id",
    "user.email_confirmed": "user_id",
    "user.password_changed": "user_id",
}
"""Events that only the person they name can have caused."""

UNHEARD: Final[Mapping[str, str]] = {}
"""Event types that do not enter the trail, each with its reason. There are none."""

PLAIN_TEXT: Final = re.compile(r"[A-Za-z0-9_.:+-]{1,64}")
NAMED_SUBJECT: Final = re.compile(r"(account|user|staff)/(.+)")
NAMED_ACTOR: Final = re.compile(r"(user|staff):(.+)")

SHOWN_AS_KEPT: Final = (
    "seq",
    "event_id",
    "type",
    "version",
    "source",
    "occurred_at",
    "recorded_at",
    "correlation_id",
    "causation_id",
)
"""The columns of the trail that are shown as they are: all but those that may name somebody, or hold a hash."""

SEQUENCE_BATCH_ROWS: Final = 1000
CHECKPOINT_ROWS: Final = 10_000
CHECKPOINT_SECONDS: Final = 60.0


class NotPlainError(Permanent):
    """An event carries something that is neither an id, a code, a count, a date nor a flag."""


@enforces(erasure.LIFE_CYCLE_BY_LAW)
def intake_of(message: Received[Event], now: datetime) -> Intake:
    """What the trail takes from an event: ids, codes, counts, dates, and names of changed fields.

    Raises `NotPlainError` for anything else, so a value that could name a person never gets in.
    """
    event = message.event
    data = event.data()
    names = data.pop("fields", [])
    data.pop(STAFF_FIELD, None)
    seen = [UUID(each) for each in data.pop(SEEN_FIELD, None) or ()]
    persons = {field: data.pop(field, None) for field in SUBJECT_FIELDS}
    listed = {field: sorted(set(data.pop(field, None) or ())) for field in PERSON_LISTS}
    account = persons["account_id"] or _alone(listed["account_ids"])
    alone = _alone(listed["user_ids"]) if account else None  # without its company no erasure would find it
    user = persons["user_id"] or persons["creator_id"] or alone
    data |= {PERSON_LISTS[field]: len(ids) for field, ids in listed.items() if ids}
    data |= {name: sorted(set(data[name])) for name in DISTINCT & data.keys() if data[name]}
    return Intake(
        event_id=message.id,
        type=event.type,
        version=event.version,
        source=message.source,
        occurred_at=message.time,
        recorded_at=now,
        subject=event.subject,
        actor=_actor(message, persons),
        account_id=UUID(account) if account else None,
        user_id=UUID(user) if user else None,
        correlation_id=message.correlation_id,
        causation_id=message.causation_id,
        field_names=_field_names(names),
        facts=canonical(plain_facts(data)).decode("ascii"),
        seen=seen,
    )


def _alone(ids: list[str]) -> str | None:
    return ids[0] if len(ids) == 1 else None


def _actor(message: Received[Event], persons: Mapping[str, str | None]) -> str:
    if message.actor != "system":
        return message.actor
    itself = persons.get(ACTS_ITSELF.get(message.event.type, ""))
    return f"user:{itself}" if itself else "system"


def _field_names(names: Iterable[Any]) -> list[str]:
    texts = [str(name) for name in names]
    if len(texts) > FIELD_NAMES_LIMIT or not all(CODE_PATTERN.fullmatch(name) for name in texts):
        raise NotPlainError("the names of changed fields are codes, and not many")
    return texts


@enforces(protection.CONFIDENTIAL_AND_CORRECT)
def plain_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` when it is plain: ids, codes, counts, dates, flags, lists of those, or counts by code.

    Raises `NotPlainError`, which names the field and never shows the value. Absent values are left out.
    """
    facts = {name: value for name, value in data.items() if value is not None}
    for name, value in facts.items():
        if not CODE_PATTERN.fullmatch(name) or not _plain(value):
            raise NotPlainError(f"the field {name[:64]!r} holds more than the trail may keep")
    if len(canonical(facts)) > FACTS_LIMIT_BYTES:
        raise NotPlainError("the facts are too many for one row")
    return facts


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(_plain_scalar(item) for item in value)
    if isinstance(value, dict):
        return all(CODE_PATTERN.fullmatch(str(key)) and isinstance(count, int) for key, count in value.items())
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> bool:
    if isinstance(value, str):
        return PLAIN_TEXT.fullmatch(value) is not None
    return isinstance(value, int) and abs(value) < 2**53


@enforces(protection.CONFIDENTIAL_AND_CORRECT)
def persons_of(intake: Intake) -> list[Person]:
    """Everyone an intake row names."""
    account = intake.account_id
    persons = []
    if account:
        persons.append(Person("account", str(account), account))
    if intake.user_id:
        persons.append(Person("user", str(intake.user_id), account))
    persons += [Person("user", str(each), account) for each in intake.seen]
    for pattern, text in ((NAMED_SUBJECT, intake.subject), (NAMED_ACTOR, intake.actor)):
        named = pattern.fullmatch(text)
        if named and named.group(1) != "staff":
            persons.append(Person(named.group(1), named.group(2), account))
        elif named:
            persons.append(Person("staff", named.group(2)))
    return list(dict.fromkeys(persons))


@enforces(protection.CONFIDENTIAL_AND_CORRECT)
def trail_row(intake: Intake, seq: int, refs: Mapping[Person, UUID]) -> TrailRow:
    """The row with number `seq`: as taken in, with every company and person replaced by a random reference."""
    account, user = intake.account_id, intake.user_id
    return TrailRow(
        seq=seq,
        event_id=intake.event_id,
        type=intake.type,
        version=intake.version,
        source=intake.source,
        occurred_at=intake.occurred_at,
        recorded_at=intake.recorded_at,
        subject=_replaced(NAMED_SUBJECT, "/", intake.subject, refs),
        actor=_replaced(NAMED_ACTOR, ":", intake.actor, refs),
        account_ref=refs[Person("account", str(account))] if account else None,
        user_ref=refs[Person("user", str(user))] if user else None,
        correlation_id=intake.correlation_id,
        causation_id=intake.causation_id,
        field_names=intake.field_names,
        facts=_with_seen(intake, refs),
    )


def _with_seen(intake: Intake, refs: Mapping[Person, UUID]) -> str:
    """The facts, with a reference to each person who was seen; in no order that tells anything."""
    if not intake.seen:
        return intake.facts
    seen = sorted({str(refs[Person("user", str(each))]) for each in intake.seen})
    return canonical(json.loads(intake.facts) | {SEEN: seen}).decode("ascii")


def _replaced(pattern: re.Pattern[str], mark: str, text: str, refs: Mapping[Person, UUID]) -> str:
    named = pattern.fullmatch(text)
    if not named:
        return text
    kind = named.group(1)
    return f"{kind}{mark}{refs[Person(kind, named.group(2))]}"


def refs_in(row: Mapping[str, Any]) -> set[str]:
    """The random references in a row of the trail, as text."""
    refs = {str(row[name]) for name in ("account_ref", "user_ref") if row[name]}
    refs |= set(row["facts"].get(SEEN, ()))
    for pattern, column in ((NAMED_SUBJECT, "subject"), (NAMED_ACTOR, "actor")):
        named = pattern.fullmatch(row[column])
        if named:
            refs.add(named.group(2))
    return refs


def shown(row: Mapping[str, Any], names: Mapping[UUID, Person]) -> RowShown:
    """A row of the trail as it is shown: the system's own ids put back where they are still known."""
    facts = row["facts"]
    if SEEN in facts:
        facts = facts | {SEEN: [str(_name(UUID(each), names)) for each in facts[SEEN]]}
    return RowShown(
        **{name: row[name] for name in SHOWN_AS_KEPT},
        facts=facts,
        subject=_resolved(NAMED_SUBJECT, "/", row["subject"], names),
        actor=_resolved(NAMED_ACTOR, ":", row["actor"], names),
        account_id=_name(row["account_ref"], names),
        user_id=_name(row["user_ref"], names),
        field_names=tuple(row["field_names"]),
    )


def account_in(subject: str | None) -> UUID | None:
    """The account whose rows are asked for; None where it is something else, of which any account may have rows."""
    kind, _, given = (subject or "").partition("/")
    try:
        return UUID(given) if kind == "account" else None
    except ValueError:
        return None


def _resolved(pattern: re.Pattern[str], mark: str, text: str, names: Mapping[UUID, Person]) -> str:
    named = pattern.fullmatch(text)
    person = names.get(UUID(named.group(2))) if named else None
    return f"{person.kind}{mark}{person.id}" if person else text


def _name(ref: UUID | None, names: Mapping[UUID, Person]) -> UUID | None:
    person = names.get(ref) if ref else None
    return UUID(person.id) if person else ref


@enforces(erasure.LIFE_CYCLE_BY_LAW)
def checkpoint_due(*, unsealed_rows: int, last_at: datetime | None, now: datetime) -> bool:
    """Whether the trail's present state is to be signed: every 10,000 rows, or a minute after the last time."""
    if unsealed_rows < 1:
        return False
    if last_at is None or unsealed_rows >= CHECKPOINT_ROWS:
        return True
    return abs((now - last_at).total_seconds()) >= CHECKPOINT_SECONDS


def own_entry(
    *,
    event_id: UUID,
    type_: str,
    now: datetime,
    actor: str,
    subject: str,
    correlation_id: UUID,
    facts: Mapping[str, Any],
    account_id: UUID | None = None,
    user_id: UUID | None = None,
    seen: Iterable[UUID] = (),
) -> Intake:
    """Something the audit service did itself and records, such as a disclosure of logins."""
    return Intake(
        event_id=event_id,
        type=type_,
        version=1,
        source=SOURCE,
        occurred_at=now,
        recorded_at=now,
        subject=subject,
        actor=actor,
        account_id=account_id,
        user_id=user_id,
        correlation_id=correlation_id,
        causation_id=None,
        field_names=[],
        facts=canonical(plain_facts(facts)).decode("ascii"),
        seen=list(seen),
    )


@enforces(erasure.ERASE_WHEN_NOT_NEEDED)
def staff_unlinked_before(now: datetime) -> datetime:
    """Who of the staff stands in no row since then is named by the trail no longer."""
    today = oslo_date(now)
    return start_of_day_oslo(months_before(today, in_force("trail.staff_kept", today).default))
