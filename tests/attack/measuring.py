"""What the detectors' own rules find in a scene, and how much of it they should have found."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self
from uuid import UUID

from services.audit.anomalies import rules
from services.audit.anomalies.store import LOOKED_AT
from services.audit.anomalies.values import DETECTORS, Attempt
from services.audit.findings.values import Finding
from tests.attack.traffic import DAY, Scene, batches_of

OF_PLACES: Final = ("unusual_country", "impossible_travel")
"""What needs a table of networks and places."""
OF_LOG_INS: Final = tuple(each for each in DETECTORS if each not in OF_PLACES)
EACH: Final = ("network", "user_id", "account_id")


@dataclass
class Figures:
    """Of one detector: attacks there were and were found, and findings about nobody who was attacked."""

    expected: int = 0
    found: int = 0
    false: int = 0

    @property
    def recall(self) -> float:
        """The share of attacks found."""
        return self.found / self.expected if self.expected else 1.0

    def __iadd__(self, other: Figures) -> Self:
        self.expected += other.expected
        self.found += other.found
        self.false += other.false
        return self


@dataclass
class Watcher:
    """What audit's database holds for the detectors, as far as these rules read it."""

    by: dict[str, dict[object, deque[Attempt]]] = field(
        default_factory=lambda: {each: defaultdict(lambda: deque(maxlen=LOOKED_AT)) for each in EACH}
    )
    strange: deque[Attempt] = field(default_factory=lambda: deque(maxlen=LOOKED_AT))
    entries: dict[UUID, list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    known: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    def look(self, batch: list[Attempt]) -> Iterator[tuple[str, str]]:
        """The findings of a batch: detector, and what it is about."""
        for attempt in batch:
            self._take(attempt)
        at = batch[-1].occurred_at
        for network in {each.network for each in batch if each.network}:
            attempts = self.by["network"][network]
            for finding in self._clusters(attempts, at):
                yield finding.detector, finding.key
                yield from self._entered(finding, attempts)
        for user in {each.user_id for each in batch if each.user_id}:
            attempts = self.by["user_id"][user]
            guessed = rules.brute_force(attempts, at)
            if guessed:
                yield guessed.detector, guessed.key
                yield from self._entered(guessed, attempts)
        yield from self._wider(batch, at)
        for attempt in batch:
            if attempt.user_id and attempt.got_in:
                yield from self._origin(attempt)

    def _wider(self, batch: list[Attempt], at: datetime) -> Iterator[tuple[str, str]]:
        for account in {each.account_id for each in batch if each.account_id and not each.got_in}:
            attempts = self.by["account_id"][account]
            sprayed = rules.on_one_company(attempts, len(self.known[account]), at)
            if sprayed:
                yield sprayed.detector, sprayed.key
                yield from self._entered(sprayed, attempts)
        everywhere = rules.from_many_networks(self.strange, at)
        if everywhere:
            yield everywhere.detector, everywhere.key

    def _take(self, attempt: Attempt) -> None:
        for name in EACH:
            if getattr(attempt, name) is not None:
                self.by[name][getattr(attempt, name)].append(attempt)
        if attempt.user_id is None:
            self.strange.append(attempt)
        elif attempt.account_id:
            self.known[attempt.account_id].add(attempt.user_id)

    def _clusters(self, attempts: Iterable[Attempt], at: datetime) -> Iterator[Finding]:
        yield from rules.from_one_network(attempts, at)
        part = rules.part_of_many(attempts, at)
        if part and rules.from_many_networks(self.strange, at):
            yield part

    def _entered(self, finding: Finding, attempts: Iterable[Attempt]) -> Iterator[tuple[str, str]]:
        for each in rules.got_in_during(finding, attempts):
            before = [past for past in self.entries[each.user_id] if past.occurred_at <= finding.window_from]
            if each.network not in {past.network for past in before}:
                yield "success_in_cluster", each.name

    def _origin(self, attempt: Attempt) -> Iterator[tuple[str, str]]:
        earlier = self.entries[attempt.user_id]
        odd = rules.unusual_origin(attempt, earlier[::-1])
        if odd:
            yield odd.detector, odd.key
        earlier.append(attempt)


def measure(scene: Scene, detectors: Iterable[str] = OF_LOG_INS) -> dict[str, Figures]:
    """Of these detectors, on the last day of the scene."""
    watcher, found = Watcher(), defaultdict(set)
    for batch in batches_of(scene.attempts):
        for detector, key in watcher.look(batch):
            if batch[0].occurred_at >= DAY - timedelta(seconds=10):
                found[detector].add(key)
    attacked = {key for keys in scene.expected.values() for key in keys} | scene.touched
    figures = {}
    for detector in detectors:
        wanted = scene.expected.get(detector, set())
        about_nobody = found[detector] - attacked
        figures[detector] = Figures(len(wanted), len(wanted & found[detector]), len(about_nobody))
    return figures
