"""When it may be computed whom a breach concerns, and what that is counted from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.cases.affected.values import Scope, Subject
from services.cases.kinds.security_notice import SECURITY_NOTICE
from shared.calendar import oslo_date
from shared.errors import Conflict, Invalid
from shared.past_instants import check_past
from shared.terms.clauses.incidents import CONTROLLERS_ARE_TOLD, SECURITY_NOTICE_AGREEMENT
from shared.terms.rule_registry import enforces

COMPUTED_IN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "breach_processor": ("assessing", "supporting"),
        "breach_controller": ("assessing", "notifying", "notifying_high", "telling_persons"),
        "security_notice": ("draft", "sending"),
    }
)
"""The states of a breach in which a list is made: before it is decided, and again where more became known."""
NEEDED_IN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"breach_processor": ("telling",), "breach_controller": ("notifying_told", "following_up_told")}
)
"""Those in which somebody is told by the list that was frozen: one is made where none is, as after a restore."""


def check_state(kind: str, state: str, *, is_frozen: bool) -> None:
    """Raise `Conflict` where a case is no breach, or it was decided whom it concerns and the list is there."""
    if state in COMPUTED_IN.get(kind, ()) or (not is_frozen and state in NEEDED_IN.get(kind, ())):
        return
    raise Conflict("whom it concerns is not computed now", details={"reason": "other_state"})


@enforces(SECURITY_NOTICE_AGREEMENT)
def check_scope(kind: str, scope: Scope, as_of: datetime, now: datetime) -> None:
    """Raise `Invalid` where a notice of changed measures goes by anything but agreements that count today."""
    if (kind == SECURITY_NOTICE.code) is not (scope is Scope.AGREEMENTS):
        raise Invalid("whom it goes to turns on its kind", details={"scope": ["agreements, for changed measures"]})
    if scope is Scope.AGREEMENTS and oslo_date(as_of) != oslo_date(now):
        raise Invalid("an agreement counts today, or not", details={"as_of": ["today"]})


@enforces(SECURITY_NOTICE_AGREEMENT)
def holders(
    named: Mapping[UUID, Iterable[UUID]], active: Iterable[tuple[UUID, UUID | None, bool]]
) -> list[Subject]:
    """Of those who are active whom agreements name; of a customer without one of these its owners.

    `active` are customers with their people, and whether each is an owner. A customer with nobody to be told stands
    by itself, and one that is inactive is not among them.
    """
    people: dict[UUID, dict[UUID, bool]] = {}
    for account_id, user_id, is_owner in active:
        known = people.setdefault(account_id, {})
        if user_id is not None:
            known[user_id] = is_owner
    found: list[Subject] = []
    for account_id, there in people.items():
        wanted = set(named.get(account_id, ()))
        told = [each for each in there if each in wanted] or [each for each in there if there[each]]
        found += [(account_id, each) for each in told] or [(account_id, None)]
    return found


def check_criteria(
    scope: Scope, as_of: datetime, window_from: datetime | None, window_to: datetime | None, now: datetime
) -> None:
    """Raise `Invalid` for an instant in the future, and for a window that is none or does not belong here."""
    check_past(as_of, now, field="as_of")
    has_window = window_from is not None and window_to is not None
    if (window_from is None) is not (window_to is None) or has_window is not (scope is Scope.LOGINS):
        raise Invalid("a window belongs to logins", details={"window_from": ["with its end, and only for logins"]})
    if window_from is not None and window_to is not None and not window_from < window_to <= now:
        raise Invalid("the window is none", details={"window_to": ["after its beginning, and in the past"]})


@enforces(CONTROLLERS_ARE_TOLD)
def narrowed(found: Iterable[Subject], named: Iterable[Subject]) -> list[Subject]:
    """Of the subjects that there are those that a case names: of a company the people it names, else all."""
    people: dict[UUID, set[UUID]] = {}
    for account_id, user_id in named:
        known = people.setdefault(account_id, set())
        if user_id is not None:
            known.add(user_id)
    return [
        (account_id, user_id)
        for account_id, user_id in found
        if account_id in people and (not people[account_id] or user_id in people[account_id])
    ]


def counted(subjects: Iterable[Subject]) -> tuple[int, int]:
    """How many customers and how many persons these are."""
    listed = list(subjects)
    persons = {user_id for _, user_id in listed if user_id is not None}
    return len({account_id for account_id, _ in listed}), len(persons)
