"""What in the use of accounts is conspicuous once somebody has logged in. Pure, as the rules about log-ins.

No source names figures. These were chosen so that a day on which a company of some hundred
people puts its list of them in order is not among what is found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from services.audit.findings.values import Finding
from services.audit.unusual_use.values import UserAct, UseThresholds
from shared.terms import enforces
from shared.terms.clauses import monitoring

USE_THRESHOLDS: Final = UseThresholds(
    version=2,
    deactivated_users=10,
    changes=100,
    change_window=timedelta(hours=1),
    collections=10,
    collection_window=timedelta(hours=24),
    company_copy=4,
)
"""In force. An event says under which version it was found."""

DEACTIVATIONS: Final = frozenset({"user.deactivated"})
CHANGES: Final = frozenset({"account.updated", "user.updated", "user.reactivated", *DEACTIVATIONS})
"""Events of what a user changes about the company and its people. Taking on staff, however many, is nothing odd."""
COMPANY_COPIES: Final = frozenset({"export.company_opened"})
"""Events of what hands out everybody of a company at once."""
COLLECTIONS: Final = frozenset({"login.disclosed", *COMPANY_COPIES})
"""Events of what a user has shown or handed out about others."""
LOOKED_AT: Final = tuple(sorted(CHANGES | COLLECTIONS))


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def unusual_use(acts: Iterable[UserAct], limits: UseThresholds = USE_THRESHOLDS) -> Iterator[Finding]:
    """What is conspicuous among the acts of one user, in the fullest window of each length.

    Somebody who makes ten others inactive within an hour, changes a hundred things, or has data about others shown
    or handed out ten times within a day: a copy of the company, in which everybody is, counts for several.
    """
    in_order = sorted(acts, key=lambda each: each.occurred_at)
    for detector, types, span, least, per_target in (
        ("mass_deactivation", DEACTIVATIONS, limits.change_window, limits.deactivated_users, True),
        ("mass_change", CHANGES, limits.change_window, limits.changes, False),
        ("mass_collection", COLLECTIONS, limits.collection_window, limits.collections, False),
    ):
        done = [each for each in in_order if each.type in types]
        counted, fullest = _fullest(done, span, limits, per_target=per_target)
        if counted >= least:
            yield _finding(detector, fullest, span)


def weight_of(type_: str, limits: UseThresholds = USE_THRESHOLDS) -> int:
    """For how many acts one of this type counts."""
    return limits.company_copy if type_ in COMPANY_COPIES else 1


def _fullest(
    done: Sequence[UserAct], span: timedelta, limits: UseThresholds, *, per_target: bool
) -> tuple[int, Sequence[UserAct]]:
    """The first fullest window that ends with an act and reaches back less than `span`, and how much is in it.

    With `per_target` what is done again to the same one counts once. Each act enters and leaves the window once.
    """
    most, fullest, first, weight = 0, slice(0), 0, 0
    inside: Counter[str] = Counter()
    for last, act in enumerate(done):
        inside[act.subject] += 1
        weight += weight_of(act.type, limits)
        while done[first].occurred_at <= act.occurred_at - span:
            left = done[first].subject
            weight -= weight_of(done[first].type, limits)
            inside[left] -= 1
            if not inside[left]:
                del inside[left]
            first += 1
        counted = len(inside) if per_target else weight
        if counted > most:
            most, fullest = counted, slice(first, last + 1)
    return most, done[fullest]


def _finding(detector: str, acts: Sequence[UserAct], span: timedelta) -> Finding:
    newest: datetime = acts[-1].occurred_at
    return Finding(
        detector=detector,
        key=str(acts[-1].user_id),
        window_from=newest - span,
        window_to=newest,
        attempts=len(acts),
        targets=len({each.subject for each in acts}),
        account_ids=frozenset(each.account_id for each in acts),
        user_ids=frozenset(each.user_id for each in acts),
    )
