"""What somebody may do: role, grant, undertaking, training and passkeys, all of them, now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.staff.grants.values import ADMINISTRATORS_NEEDED, MOST_ACCOUNTS, AskedAct, Grant
from services.staff.people.values import Person, PersonState
from services.staff.prerequisites.values import KINDS, Prerequisite, PrerequisiteKind
from shared.calendar import add_months, oslo_date, start_of_day_oslo
from shared.errors import Conflict, Forbidden
from shared.staff import PASSKEYS_NEEDED, Role, acts
from shared.terms import enforces
from shared.terms.clauses import protection
from shared.terms.parameters import in_force

OTHER_PURPOSE: Final = "other_purpose"
MOST: Final = 200
"""So many grants are kept of one person: whatever grows has a bound."""
FAR_AHEAD: Final = date(9998, 12, 31)
"""A later day has no day after it that a clock could show; it is too far ahead either way."""


@enforces(protection.AUTHORISED_STAFF_ONLY)
def permits(
    asked: AskedAct,
    *,
    person: Person,
    grants: Iterable[Grant],
    prerequisites: Sequence[Prerequisite],
    passkeys: int,
    now: datetime,
) -> Grant:
    """The grant by which the person may do this now; of several that reach so far the one that lasts longest.

    Whose it is what they do something with the service may have to find out (`Act.resolves`): what is returned says
    then which customers they reach.

    `passkeys` is how many keys the person has that are not revoked. Raises `Forbidden` with its reason: what a
    person lacks altogether before what they lack for this act.
    """
    check_person(person, passkeys)
    check_prerequisites(prerequisites, now)
    of_role = [each for each in grants if each.role in asked.act.roles]
    live = [each for each in of_role if each.is_live_at(now)]
    for_purpose = [each for each in live if asked.purpose in (None, each.purpose)]
    resolves = asked.act.resolves and asked.account_id is None
    reaching = [each for each in for_purpose if resolves or each.reaches(asked.account_id)]
    elsewhere = "some_customers" if asked.account_id is None else "other_account"
    for matching, reason in (
        (of_role, "role_not_granted"),
        (live, "grant_not_live"),
        (for_purpose, OTHER_PURPOSE),
        (reaching, elsewhere),
    ):
        if not matching:
            allowed = sorted({each.purpose.value for each in live})
            named = {"purposes": allowed} if reason == OTHER_PURPOSE else {}
            raise Forbidden("this is not granted", details={"reason": reason, **named})
    return resolving(reaching) if resolves else longest_lasting(reaching)


def longest_lasting(grants: Iterable[Grant]) -> Grant:
    """The grant by which somebody acts who could by several."""
    return max(grants, key=_lasting)


def _lasting(grant: Grant) -> tuple[datetime, UUID]:
    return grant.expires_at, grant.id


def resolving(grants: Sequence[Grant]) -> Grant:
    """The grant for what belongs to a customer whom nobody knows yet: one for all where there is one.

    Else one for the customers of all grants with the purpose of that which lasts longest, for any of them may be
    meant, in whatever role: as many as a statement names, of those that last longest first. More are not granted
    (`check_scope`).
    """
    if everywhere := [each for each in grants if each.accounts is None]:
        return longest_lasting(everywhere)
    first = longest_lasting(grants)
    alike = [each for each in grants if each.purpose is first.purpose]
    ordered = sorted(alike, key=_lasting, reverse=True)
    named = dict.fromkeys(account for each in ordered for account in sorted(each.accounts or ()))
    return replace(first, accounts=frozenset(list(named)[:MOST_ACCOUNTS]))


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_person(person: Person, passkeys: int) -> None:
    """Raise `Forbidden` unless the person is of the staff and has enrolled two passkeys."""
    if person.state is not PersonState.ACTIVE:
        raise Forbidden("they are not of the staff", details={"reason": f"person_{person.state.value}"})
    if passkeys < PASSKEYS_NEEDED:
        raise Forbidden("two passkeys are needed", details={"reason": "passkeys_missing"})


@enforces(protection.UNDERTAKING_FIRST)
def check_prerequisites(prerequisites: Sequence[Prerequisite], now: datetime) -> None:
    """Raise `Forbidden` where an undertaking or training is missing or over: of each kind one must count now."""
    for kind in KINDS:
        known = [each for each in prerequisites if each.kind is kind]
        if not any(each.is_live_at(now) for each in known):
            raise Forbidden(
                "an undertaking and training are needed",
                details={"reason": f"{kind.value}_{'over' if known else 'missing'}"},
            )


@enforces(protection.UNDERTAKING_FIRST)
def check_grantable(
    grant: Grant, *, person: Person, kept: Sequence[Grant], prerequisites: Sequence[Prerequisite], now: datetime
) -> None:
    """Raise `Forbidden` or `Conflict` where this may not be granted.

    Nobody is granted anything before they have signed and were trained, and nobody grants themselves anything. The
    first administrators, for whom the machine acts, are granted their role when they are invited: it gives nothing
    before they have signed.
    """
    if person.actor in (grant.granted_by, grant.approved_by):
        raise Forbidden("nobody grants themselves anything", details={"reason": "own_grant"})
    if not grant.bootstrap:
        if person.state is not PersonState.ACTIVE:
            raise Conflict("They are not active.", details={"reason": f"person_{person.state.value}"})
        check_prerequisites(prerequisites, now)
    if not now < grant.expires_at <= longest(now, bootstrap=grant.bootstrap) or grant.begins_at >= grant.expires_at:
        raise Conflict("It ends too early or too late.", details={"reason": "wrong_end"})
    if len(kept) >= MOST:
        raise Conflict("These are too many.", details={"reason": "too_many_grants"})
    check_scope(grant, kept, now)


def check_scope(grant: Grant, kept: Iterable[Grant], now: datetime) -> None:
    """Raise `Conflict` for a scope that reaches nothing, or too much of it to be written down.

    A statement names the customers of all grants for one purpose (`resolving`): `kept` are those there are.
    """
    if grant.accounts is None:
        return
    beside = (
        each.accounts or ()
        for each in kept
        if each.purpose is grant.purpose
        and each.ended_at is None
        and max(now, grant.begins_at) < each.expires_at
        and each.begins_at < grant.expires_at
    )
    if not grant.accounts or len(grant.accounts.union(*beside)) > MOST_ACCOUNTS:
        raise Conflict("These are too many customers, or none.", details={"reason": "too_many_customers"})
    if not looks_at_customers(grant.role):
        raise Conflict("This role does nothing about one customer.", details={"reason": "role_without_customers"})


def looks_at_customers(role: Role) -> bool:
    """Whether the role does something about one customer: for some of them, others would give nothing."""
    return any(role in known.act.roles and known.act.shows is not None for known in acts().values())


def longest(now: datetime, *, bootstrap: bool = False) -> datetime:
    """Until when a grant that is given now may last."""
    today = oslo_date(now)
    key = "staff.bootstrap_grant" if bootstrap else "staff.longest_grant"
    return ends_after(add_months(today, in_force(key, today).default))


def ends_after(last_day: date) -> datetime:
    """The instant at which a grant ends whose last day this is."""
    return start_of_day_oslo(min(last_day, FAR_AHEAD) + timedelta(days=1))


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_administrators_stay(able: AbstractSet[str], afterwards: AbstractSet[str]) -> None:
    """Raise `Forbidden` where one of the last two administrators who can act would be lost: nobody could follow.

    Whatever it is that they would lose: a successor has it first. Whoever must be shut out at once loses their
    keys; then they cannot act any more, and may lose the rest.
    """
    if able - afterwards and len(afterwards) < ADMINISTRATORS_NEEDED:
        raise Forbidden("they are one of the last two administrators", details={"reason": "last_administrators"})


def is_administrator(
    person: Person, grants: Iterable[Grant], prerequisites: Sequence[Prerequisite], now: datetime
) -> bool:
    """Whether the person may grant others something now: then the machine's own door is not needed for them.

    Nobody grants anything by a grant for some customers.
    """
    if person.state is not PersonState.ACTIVE:
        return False
    has_role = any(
        each.role is Role.STAFF_ADMIN and each.accounts is None and each.is_live_at(now) for each in grants
    )
    return has_role and all(
        any(each.kind is kind and each.is_live_at(now) for each in prerequisites) for kind in PrerequisiteKind
    )
