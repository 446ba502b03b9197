"""How long logins are kept, who may see them, and how often their origin is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from services.account.login.calls import Authenticated
from services.audit.checkpoints.chain import instant
from services.audit.logins.calls import (
    PURPOSES,
    DisclosuresOfDay,
    LoggedIn,
    LoginDisclosuresShown,
    LoginReport,
    Logins,
)
from services.audit.logins.values import REFUSED_PURPOSES, LoginEvent
from shared.actor import Actor
from shared.calendar import add_months, months_before, oslo_date
from shared.errors import Forbidden, Invalid
from shared.events import Event, Received
from shared.terms import enforces, parameter
from shared.terms.clauses import collection, monitoring, protection, rights

OWN_ACCESS_DAYS: Final = 366
DISCLOSURE_DAYS: Final = 31
"""The narrow period within which the logins of others may be looked at."""
OWN_ACCESS: Final = "own_access"
OWNER: Final = "owner"
OTHER: Final = "other"
REPORT_PAGE: Final = 100
"""So many attempts a customer gets at once."""
NAMED: Final = 50
"""So many users a row of the trail names of those whose logins were shown; of the others it tells the number."""
DISCLOSURES_TOLD_MONTHS: Final = 12

FIRST_ORIGIN_RETRY_SECONDS: Final = 30
LAST_ORIGIN_RETRY_SECONDS: Final = 3600
ORIGIN_KEPT_HOURS: Final = 48
"""How long the account service still knows where a login came from."""
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType({"login_event.origin_try_at": timedelta(hours=2)})
"""How far ahead the instants that something waits for may lie. What lies further ahead has come."""


@enforces(collection.LOGIN_EVENTS)
def login_event(message: Received[Event], *, outcome: str, retention_months: int) -> LoginEvent:
    """The row of a login attempt, with the date on which it is forgotten."""
    data = message.event.data()
    account, user = data.get("account_id"), data.get("user_id")
    return LoginEvent(
        attempt_id=UUID(data["attempt_id"]),
        occurred_at=message.time,
        outcome=outcome,
        reason=data.get("reason"),
        account_id=UUID(account) if account else None,
        user_id=UUID(user) if user else None,
        expires_on=login_expiry(message.time, retention_months),
    )


@enforces(monitoring.WATCHING_IS_PROCESSING_TOO)
def login_expiry(occurred_at: datetime, months: int) -> date:
    """The Oslo date on which a login is forgotten: so many calendar months later, never more than the cap.

    Raises `ValueError` for a retention that is not between one month and the cap of twelve.
    """
    cap = parameter("log.login_retention_cap").default
    if not 1 <= months <= cap:
        raise ValueError(f"logins are kept from 1 to {cap} months")
    return add_months(oslo_date(occurred_at), months)


@enforces(monitoring.WATCHING_IS_PROCESSING_TOO)
def address_of_the_day(occurred_at: datetime, address_index: str) -> str:
    """What is digested for an attempt on no known user: equal for one address on one Oslo day, and only then."""
    return f"{oslo_date(occurred_at).isoformat()} {address_index}"


def device_of(user_agent: str | None) -> str | None:
    """What of a browser's name stays the same through its updates: all but the numbers."""
    return re.sub(r"[0-9][0-9._]*", "", user_agent) if user_agent else None


def origin_retry_seconds(tries: int) -> int:
    """How long to wait before the origin of a login is asked for again, after so many tries."""
    return min(FIRST_ORIGIN_RETRY_SECONDS << min(tries, 10), LAST_ORIGIN_RETRY_SECONDS)


@enforces(monitoring.LOGIN_REPORT)
def origin_given_up(occurred_at: datetime, now: datetime) -> bool:
    """Whether the account service has forgotten the origin by now, so that asking is of no use."""
    return now - occurred_at > timedelta(hours=ORIGIN_KEPT_HOURS)


@enforces(monitoring.LOGIN_REPORT, rights.RIGHT_OF_ACCESS)
def check_disclosure(call: Logins, owners: Iterable[UUID]) -> None:
    """Raise unless who asks may see these logins for the stated purpose (L57).

    `own_access` is the person's own right and may reach as far back as anything is kept. Every other purpose
    is for staff or an owner of the account, within 31 days. Monitoring employees is refused whoever asks.
    """
    if call.purpose in REFUSED_PURPOSES:
        raise Forbidden("logins are not given out to watch attendance or performance", details={"code": "purpose"})
    if call.purpose not in PURPOSES:
        raise Invalid("the purpose is not on the list", details={"purposes": list(PURPOSES)})
    if call.to <= call.from_:
        raise Invalid("the period ends before it begins", details={"fields": ["from", "to"]})
    own = call.purpose == OWN_ACCESS
    limit = OWN_ACCESS_DAYS if own else DISCLOSURE_DAYS
    if call.to - call.from_ > timedelta(days=limit):
        raise Invalid(f"the period is longer than {limit} days", details={"fields": ["from", "to"]})
    if own and call.user_id is None:
        raise Invalid("whose own logins these are is not said", details={"fields": ["user_id"]})
    if call.actor.kind == "staff":
        return
    allowed = {call.user_id} if own else set(owners)
    if call.actor.kind != "user" or call.actor.user_id not in allowed:
        raise Forbidden("these logins are not yours to see", details={"code": "authority"})


@enforces(protection.AUTHORISED_STAFF_ONLY)
def disclosure(call: Logins, shown: Sequence[UUID] | None) -> dict[str, Any]:
    """The trail's entry about a disclosure of logins: to whom, for what, how many, and whose they were.

    `shown` has the user of each login; None is a refusal. Whoever was asked for by name is among those who are
    told of it, also where there was no login.
    """
    # A purpose on no list is whatever somebody typed, a name as well, and nothing is ever taken out of the trail.
    purpose = call.purpose if call.purpose in (*PURPOSES, *REFUSED_PURPOSES) else OTHER
    facts: dict[str, Any] = {"purpose": purpose, "from": instant(call.from_), "to": instant(call.to)}
    persons = sorted({*shown, *([call.user_id] if call.user_id else [])}) if shown is not None else []
    if shown is not None:
        facts |= {"count": len(shown), "persons": len(persons)}
    return {
        "type_": "login.disclosure_refused" if shown is None else "login.disclosed",
        "actor": str(call.actor),
        "subject": f"user/{call.user_id}" if call.user_id else f"account/{call.account_id}",
        "account_id": call.account_id,
        "user_id": call.user_id,
        "facts": facts,
        "seen": persons[:NAMED],
    }


@enforces(protection.AUTHORISED_STAFF_ONLY)
def listing(call: LoggedIn, count: int, *, actor: str) -> dict[str, Any]:
    """The trail's entry about a question who logged in in a period: which period, and how many were named."""
    facts = {"from": instant(call.from_), "to": instant(call.to), "count": count}
    return {"type_": "login.listed", "actor": actor, "subject": "logins/audit", "facts": facts}


def needs_owners(purpose: str, actor: Actor) -> bool:
    """Whether the account's owners must be known to decide about this call."""
    return purpose in PURPOSES and purpose != OWN_ACCESS and actor.kind == "user"


@enforces(monitoring.LOGIN_REPORT, rights.RIGHT_OF_ACCESS)
def asked_in_session(call: LoginReport, session: Authenticated) -> Logins:
    """What a customer asks for: of the session's company, in the name of the session's user."""
    own = session.user_id if call.purpose == OWN_ACCESS else None
    return Logins(
        account_id=session.account_id,
        user_id=call.user_id or own,
        from_=call.from_,
        to=call.to,
        purpose=call.purpose,
        actor=session.actor,
    )


def disclosures_told_since(now: datetime) -> date:
    """The first day in Oslo whose disclosures are told: that of the month a year ago."""
    return months_before(oslo_date(now), DISCLOSURES_TOLD_MONTHS)


@enforces(monitoring.LOGIN_REPORT, rights.RIGHT_OF_ACCESS)
def disclosures_shown(since: date, rows: Iterable[Mapping[str, Any]]) -> LoginDisclosuresShown:
    """Days, purposes, numbers and whose logins; who got them is told by kind, not by name (CJEU C-579/21)."""
    days = (DisclosuresOfDay(**{**row, "user_ids": tuple(row["user_ids"])}) for row in rows)
    return LoginDisclosuresShown(since=since, days=tuple(days))
