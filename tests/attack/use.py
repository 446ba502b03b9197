"""What users do in a day once they are in: most put a few things right, and somebody empties a company."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.audit.unusual_use.rules import unusual_use
from services.audit.unusual_use.values import USE_DETECTORS, UserAct
from tests.attack.measuring import Figures
from tests.attack.traffic import DAY

COMPANIES_PER_USERS: Final = 12
TIDYING: Final = 0.05
"""Companies that put their list of people in order that day."""


class Acts:
    """The acts of one day; equal seeds make equal days."""

    def __init__(self, seed: int, users: int) -> None:
        """Each company has one who sees to its people, and nearly all of them do little."""
        self.random = random.Random(seed)  # noqa: S311  # to be repeatable, and nothing is kept secret by it
        self.of: defaultdict[UUID, list[UserAct]] = defaultdict(list)
        self.expected: dict[str, set[UUID]] = {each: set() for each in USE_DETECTORS}
        for _ in range(users // COMPANIES_PER_USERS):
            owner = self._id()
            self._do(owner, "user.updated", self.random.randint(0, 6), timedelta(hours=8))
            self._do(owner, "login.disclosed", self.random.choice((0, 0, 0, 1, 3)), timedelta(hours=8))
            if self.random.random() < TIDYING:
                self._do(owner, "user.updated", self.random.randint(30, 80), timedelta(minutes=55))
                self._do(owner, "user.deactivated", self.random.randint(2, 7), timedelta(minutes=55))
        for _ in range(4):
            self._attack(
                "mass_deactivation", "user.deactivated", self.random.randint(11, 40), timedelta(minutes=50)
            )
            self._attack("mass_change", "user.updated", self.random.randint(105, 300), timedelta(minutes=55))
            self._attack("mass_collection", "login.disclosed", self.random.randint(11, 25), timedelta(hours=20))

    def _attack(self, detector: str, kind: str, times: int, span: timedelta) -> None:
        thief = self._id()
        self._do(thief, kind, times, span)
        self.expected[detector].add(thief)

    def _do(self, user_id: UUID, kind: str, times: int, span: timedelta) -> None:
        start, account_id = DAY + (timedelta(hours=23) - span) * self.random.random(), self._id()
        for number in range(times):
            act = UserAct(
                user_id=user_id,
                account_id=account_id,
                type=kind,
                subject=str(self._id()),
                occurred_at=start + span * number / times,
            )
            self.of[user_id].append(act)

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128))


def measure_use(seed: int, users: int) -> dict[str, Figures]:
    """Of every detector of use, on one day."""
    day = Acts(seed, users)
    found: dict[str, set[UUID]] = {each: set() for each in USE_DETECTORS}
    for user_id, acts in day.of.items():
        for finding in unusual_use(acts):
            found[finding.detector].add(user_id)
    attacked = set().union(*day.expected.values())
    return {
        each: Figures(len(wanted), len(wanted & found[each]), len(found[each] - attacked))
        for each, wanted in day.expected.items()
    }
