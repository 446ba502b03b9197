"""What in the use of accounts is conspicuous once somebody has logged in. Pure, as the rules about log-ins.

No source names figures. These were chosen so that a day on which a company of some hundred
people puts its list of them in order is not among what is found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from services.audit.findings.values import Finding
from services.audit.unusual_use.values import UserAct, UseThresholds
from shared.terms import enforces
from shared.terms.clauses import monitoring

USE_THRESHOLDS: Final = UseThresholds(
    version=1,
    deactivated_users=10,
    changes=100,
    change_window=timedelta(hours=1),
    collections=10,
    collection_window=timedelta(hours=24),
)
"""In force. An event says under which version it was found."""

DEACTIVATIONS: Final = frozenset({"user.deactivated"})
CHANGES: Final = frozenset({"account.updated", "user.updated", "user.reactivated", *DEACTIVATIONS})
"""Events of what a user changes about the company and its people. Taking on staff, however many, is nothing odd."""
COLLECTIONS: Final = frozenset({"login.disclosed"})
"""Events of what a user has shown or handed out about others."""
LOOKED_AT: Final = tuple(sorted(CHANGES | COLLECTIONS))


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def unusual_use(acts: Iterable[UserAct], limits: UseThresholds = USE_THRESHOLDS) -> Iterator[Finding]:
    """What is conspicuous among the acts of one user, in the fullest window of each length.

    Somebody who makes ten others inactive within an hour, changes a hundred things, or has data about others shown
    or handed out ten times within a day.
    """
    in_order = sorted(acts, key=lambda each: each.occurred_at)
    for detector, types, span, least, counts in (
        ("mass_deactivation", DEACTIVATIONS, limits.change_window, limits.deactivated_users, targets_of),
        ("mass_change", CHANGES, limits.change_window, limits.changes, len),
        ("mass_collection", COLLECTIONS, limits.collection_window, limits.collections, len),
    ):
        done = [each for each in in_order if each.type in types]
        fullest = max(_windows(done, span), key=counts, default=())
        if counts(fullest) >= least:
            yield _finding(detector, fullest, span)


def targets_of(acts: Collection[UserAct]) -> int:
    """How many persons or things they were done to."""
    return len({each.subject for each in acts})


def _windows(done: Sequence[UserAct], span: timedelta) -> Iterator[Sequence[UserAct]]:
    """For each act those that came less than `span` before it, and itself."""
    first = 0
    for last, act in enumerate(done):
        while done[first].occurred_at <= act.occurred_at - span:
            first += 1
        yield done[first : last + 1]


def _finding(detector: str, acts: Sequence[UserAct], span: timedelta) -> Finding:
    newest: datetime = acts[-1].occurred_at
    return Finding(
        detector=detector,
        key=str(acts[-1].user_id),
        window_from=newest - span,
        window_to=newest,
        attempts=len(acts),
        targets=targets_of(acts),
        account_ids=frozenset(each.account_id for each in acts),
        user_ids=frozenset(each.user_id for each in acts),
    )
