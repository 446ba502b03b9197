"""Messages to whoever is on duty, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.duty_alerts.events import DutyAlerted
from services.notification.duty_alerts.rules import LEASE, WAITS
from services.notification.duty_alerts.values import DutyAlert, Way
from services.staff.people.events import EnrolmentLinkIssued
from shared.database import Row, Transaction, load_queries
from shared.events import Received
from shared.identifiers import new_id
from shared.wait_bounds import AHEAD

Q: Final = load_queries(__file__)
NAMES: Final = ("alert_id", "case_id", "staff_code", "kind", "cause", "level", "rule", "due_at", "others")


def add(tx: Transaction, event: DutyAlerted, ways: tuple[Way, ...], correlation_id: UUID, now: datetime) -> None:
    """Keep a message by each of these ways."""
    same = {name: getattr(event, name) for name in NAMES} | {"correlation_id": correlation_id, "now": now}
    tx.many(Q.add, [{**same, "way": way.value} for way in ways])


def add_about_link(tx: Transaction, link: Received[EnrolmentLinkIssued], now: datetime) -> None:
    """Keep a message to the person for whom a link to enrol passkeys was made. It is mailed, for it has no case."""
    about = {"case_id": None, "kind": "enrolment_link", "cause": str(link.event.purpose), "level": "person"}
    none = {"rule": None, "due_at": None, "others": 0, "correlation_id": link.correlation_id, "now": now}
    tx.run(Q.add, alert_id=link.id, staff_code=link.event.staff_code, way=Way.MAIL.value, **about, **none)


def claim(tx: Transaction, way: Way, now: datetime) -> DutyAlert | None:
    """The next message to be sent by this way, leased."""
    row = tx.one(
        Q.claim,
        way=way.value,
        claim_id=new_id(),
        lease_until=now + LEASE,
        now=now,
        wait=WAITS["duty_alert.next_at"],
        lease=WAITS["duty_alert.lease_until"],
    )
    return DutyAlert(**{**row, "way": Way(row["way"])}) if row else None


def _key(alert: DutyAlert) -> Row:
    return {"alert_id": alert.alert_id, "way": alert.way.value, "claim_id": alert.claim_id}


def again(tx: Transaction, alert: DutyAlert, reason: str, at: datetime) -> None:
    """Try a leased message again."""
    tx.run(Q.again, **_key(alert), reason=reason, next_at=at)


def settle(tx: Transaction, alert: DutyAlert, state: str, reason: str | None, now: datetime) -> bool:
    """Say what became of a leased message; False where another worker has it by now."""
    return bool(tx.run(Q.settle, **_key(alert), state=state, reason=reason, now=now))


def hold_mail(tx: Transaction, alert_id: UUID) -> UUID | None:
    """What a letter to whoever is on duty belongs to; None for any other one.

    Nobody else changes it until the transaction ends.
    """
    row = tx.one(Q.mail_of, alert_id=alert_id)
    return row["correlation_id"] if row else None


def receipt(tx: Transaction, alert_id: UUID, state: str, reason: str | None, now: datetime) -> bool:
    """Take in what the provider tells of a letter; False where that is known."""
    return bool(tx.run(Q.receipt, alert_id=alert_id, state=state, reason=reason, now=now))


def has_failed(tx: Transaction, staff_code: str) -> bool:
    """Whether a letter to somebody of the staff ever failed."""
    return tx.one(Q.has_failed, staff_code=staff_code) is not None


def has_hope(tx: Transaction, alert_id: UUID) -> bool:
    """Whether a way is left that has not failed."""
    return tx.one(Q.hopes, alert_id=alert_id) is not None


def failing(tx: Transaction, way: Way, now: datetime) -> Row | None:
    """How many messages by a way failed since the last one that did not, and since when."""
    return tx.one(Q.failing, way=way.value, until=now + AHEAD)


def forget(tx: Transaction, before: datetime, *, limit: int) -> int:
    """Forget messages of before then; how many."""
    return tx.run(Q.forget, before=before, limit=limit)
