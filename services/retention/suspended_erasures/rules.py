"""What of an erasure may only be stored because of holds and restrictions, and what that means for it.

It suspends execution, never the clock: the due date stays what it was, and when the last of it ends an erasure
whose date has passed goes on at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from services.retention.erasure.values import REVOCABLE, Erasure, HeldPart, Scope, State
from services.retention.holds.values import REASONS, Hold
from services.retention.restrictions.values import RESTRICTION_BASIS, Restriction
from shared.errors import Conflict
from shared.hold_scope import EVERYBODY, EVERYTHING, LEGAL_HOLD, Held
from shared.terms.clauses.erasure import HOLD_IN_DISPUTE
from shared.terms.clauses.rights import RIGHT_TO_OBJECT_OR_RESTRICT
from shared.terms.rule_registry import enforces

PARTS_LIMIT: Final = 1000
"""More persons and categories than this are not erased around: the whole account waits."""

KEPT_KEYS_LIMIT: Final = 32
COMPANY_KEY: Final = frozenset({"company", EVERYTHING})
PERSON_KEY: Final = frozenset({"profile", "login_events", "agreements", EVERYTHING})
"""Categories with fields sealed under the key of the company, and of the person."""


class TooLate(Conflict):
    """The erasure has begun and cannot be called off."""

    code = "conflict"


def has_begun(erasure: Erasure) -> bool:
    """Whether it is past the point up to which it can be stopped, and is not over."""
    fixed = erasure.held is not None and erasure.state is State.ANNOUNCED
    return fixed or erasure.state in {State.FENCED, State.ORDERED, State.DESTROYED}


def check_not_begun(known: Iterable[Erasure], users: set[UUID]) -> None:
    """Raise `TooLate` where the erasure of the account, or of one of these users, has begun."""
    begun = [each.scope for each in known if has_begun(each)]
    if any(scope.is_account or scope.user_id in users for scope in begun):
        raise TooLate(details={"reason": "erasure_begun"})


@enforces(HOLD_IN_DISPUTE, RIGHT_TO_OBJECT_OR_RESTRICT)
def parts_of(scope: Scope, holds: Iterable[Hold], restrictions: Iterable[Restriction]) -> tuple[HeldPart, ...]:
    """What of the scope of an erasure is held now, each part with its legal basis and review date."""
    parts = [
        HeldPart(user_id=user, category=category, basis=REASONS[each.reason], review_on=each.review_on, by=each.id)
        for each in holds
        if each.released_at is None
        for user, category in each.held.pairs
    ]
    parts += [
        HeldPart(user_id=each.user_id, category=EVERYTHING, basis=RESTRICTION_BASIS, review_on=None, by=each.id)
        for each in restrictions
        if each.lifted_at is None
    ]
    concerned = [part for part in parts if scope.is_account or part.user_id in (None, scope.user_id)]
    return tuple(sorted(concerned, key=lambda part: (str(part.by), str(part.user_id), part.category)))


def held_in(parts: Iterable[HeldPart] | None) -> Held:
    """The same without bases and dates."""
    return Held(frozenset((part.user_id, part.category) for part in parts or ()))


@enforces(HOLD_IN_DISPUTE, RIGHT_TO_OBJECT_OR_RESTRICT)
def is_suspended(scope: Scope, parts: Sequence[HeldPart]) -> bool:
    """Whether nothing of the scope may be erased now."""
    return held_in(parts).whole(scope.user_id) or len(parts) > PARTS_LIMIT


@enforces(HOLD_IN_DISPUTE)
def resume(erasure: Erasure, today: date) -> Erasure:
    """Note since when a suspended erasure may go on, so that the days it has for that count from then."""
    if erasure.state not in REVOCABLE or today <= erasure.due_on:
        return erasure
    return replace(erasure, resumed_on=today)


@enforces(HOLD_IN_DISPUTE)
def kept_keys(erasure: Erasure) -> tuple[UUID, ...]:
    """The subjects whose keys are spared, because what they open was kept: companies by account, persons by user.

    `EVERYBODY` stands for all persons of the account.  Where no participant kept anything no key is spared.
    """
    if not kept_back(erasure):
        return ()
    return spared(erasure)


@enforces(HOLD_IN_DISPUTE)
def spared(erasure: Erasure) -> tuple[UUID, ...]:
    """The same while the participants have not answered: whatever may be needed for what is held."""
    pairs = held_in(erasure.held).pairs
    everybody = any(user is None and category in PERSON_KEY for user, category in pairs)
    persons = {user for user, category in pairs if user is not None and category in PERSON_KEY}
    company = any(user is None and category in COMPANY_KEY for user, category in pairs)
    of_company = {erasure.scope.account_id} if company else set[UUID]()
    if everybody or len(persons | of_company) > KEPT_KEYS_LIMIT - 1:
        return (*sorted(of_company), EVERYBODY)
    return tuple(sorted(persons | of_company))


def kept_back(erasure: Erasure) -> bool:
    """Whether a participant of the erasure kept something that is held."""
    return bool(erasure.held) and any(LEGAL_HOLD in answer.retained for answer in erasure.answers.values())


def shown_parts(parts: Iterable[HeldPart]) -> list[dict[str, Any]]:
    """What is held as it is told outside: categories, bases and review dates, nobody's id."""
    distinct = {(part.category, part.basis, part.review_on) for part in parts}
    ordered = sorted(distinct, key=lambda each: (each[0], each[1], str(each[2])))
    return [{"category": category, "basis": basis, "review_on": day} for category, basis, day in ordered]
