"""Looks at log-ins as they come in, tells what is conspicuous, and decides nothing.

Every process looks at attempts that no other has looked at, and reads from the database what came before them; an
attempt counts as looked at with the transaction that tells what was found. So nothing is missed or told twice where
one of them is killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from services.audit.anomalies import rules
from services.audit.anomalies.store import AttemptStore
from services.audit.anomalies.values import COMPANY_SPRAYING, Attempt
from services.audit.findings.rules import QUIET
from services.audit.findings.telling import Telling
from services.audit.findings.values import Finding
from shared.bus import Feature, every
from shared.bus.probes import HOURLY, probe
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.terms.clauses import monitoring

BATCH: Final = 500
PURGE_BATCH: Final = 1000
PURGE_BATCHES: Final = 100
LIMITS: Final = rules.THRESHOLDS


@dataclass(eq=False)
class Anomalies(Feature):
    """Detectors of conspicuous log-ins."""

    database: Database
    clock: Clock
    telling: Telling
    store: AttemptStore = field(default_factory=AttemptStore)

    @every(seconds=1)
    def detect(self) -> None:
        """Look at a batch of attempts."""
        with self.database.transaction() as tx:
            batch = self.store.claim(tx, limit=BATCH)
            if not batch:
                return
            found = [*self._of_networks(tx, batch), *self._of_users(tx, batch), *self._of_companies(tx, batch)]
            found += self._of_nobody(tx, batch)
            taken_over: set[UUID] = set()
            for finding, attempts in sorted(found, key=lambda each: rules.in_turn(each[0])):
                if rules.says_more(finding, taken_over):
                    taken_over |= self._note(tx, finding, attempts)

    # ── what a batch gives reason to look at ──────────────────────────────────────────────────────────────

    def _of_networks(self, tx: Transaction, batch: Sequence[Attempt]) -> Iterator[tuple[Finding, list[Attempt]]]:
        networks = {each.network for each in batch if each.network}
        failing = self.store.failing_networks(tx, networks, **_looked_back(batch))
        for newest in _newest_by((each.network, each) for each in batch):
            if newest.network is None or newest.network not in failing:  # where everybody got in is no attack
                continue
            at = newest.occurred_at
            attempts = self.store.of_network(tx, newest.network, from_=at - LIMITS.slow_window, to=at)
            yield from ((finding, attempts) for finding in rules.from_one_network(attempts, at))
            part = rules.part_of_many(attempts, at)
            if part and self.telling.is_lasting(tx, part.detector, part.key, part.window_from):
                yield part, attempts

    def _of_users(self, tx: Transaction, batch: Sequence[Attempt]) -> Iterator[tuple[Finding, list[Attempt]]]:
        users = {each.user_id for each in batch if each.user_id}
        failing = self.store.failing_users(tx, users, **_looked_back(batch))
        for newest in _newest_by((each.user_id, each) for each in batch):
            if newest.user_id is None or newest.user_id not in failing:
                continue
            at = newest.occurred_at
            attempts = self.store.of_user(tx, newest.user_id, from_=at - LIMITS.slow_window, to=at)
            guessed = rules.brute_force(attempts, at)
            if guessed:
                yield guessed, attempts
        entries = [each for each in batch if each.user_id and each.got_in]
        earlier = self.store.earlier_entries(tx, entries) if entries else {}
        for each in entries:
            odd = rules.unusual_origin(each, earlier[each.attempt_id])
            if odd:
                yield odd, []

    def _of_companies(self, tx: Transaction, batch: Iterable[Attempt]) -> Iterator[tuple[Finding, list[Attempt]]]:
        failing = {each.account_id for each in batch if not each.got_in}
        for newest in _newest_by((each.account_id, each) for each in batch):
            if newest.account_id is None or not (newest.account_id in failing or self._is_sprayed(tx, newest)):
                continue
            at = newest.occurred_at
            attempts = self.store.of_account(tx, newest.account_id, from_=at - LIMITS.company_window, to=at)
            finding = rules.on_one_company(attempts, self.store.known_users(tx, newest.account_id), at)
            if finding:
                yield finding, attempts

    def _is_sprayed(self, tx: Transaction, attempt: Attempt) -> bool:
        """Whether an attack on the attempt's company lasts: who gets in after its last failure is looked at too."""
        since = attempt.occurred_at - LIMITS.company_window
        return self.telling.is_lasting(tx, COMPANY_SPRAYING, str(attempt.account_id), since)

    def _of_nobody(self, tx: Transaction, batch: Iterable[Attempt]) -> Iterator[tuple[Finding, list[Attempt]]]:
        for newest in rules.evaluated_at(each for each in batch if each.user_id is None):
            at = newest.occurred_at
            strange = self.store.on_nobody(tx, from_=at - LIMITS.stuffing_window, to=at)
            finding = rules.from_many_networks(strange, at)
            if finding:
                yield finding, []

    # ── what is told ──────────────────────────────────────────────────────────────────────────────────────

    def _note(self, tx: Transaction, finding: Finding, attempts: list[Attempt]) -> frozenset[UUID]:
        """Tell who got in in the midst of it, and the finding itself where it is new or was told long ago.

        Whoever got in is told first, so that no letter says less before. Returns who that is.
        """
        anomaly_id, is_due = self.telling.remembered(tx, finding.detector, finding.key, finding.window_to)
        entered = list(rules.compromises(finding, self._strangers_among(tx, finding, attempts)))
        for each in entered:
            self.telling.tell(tx, anomaly_id, each, LIMITS.version)
        if is_due and not rules.is_part(finding):
            self.telling.tell(tx, anomaly_id, finding, LIMITS.version)
        return frozenset().union(*(each.user_ids for each in entered))

    def _strangers_among(self, tx: Transaction, finding: Finding, attempts: list[Attempt]) -> list[Attempt]:
        """Who got in during an attack from a network that is new to them, and of whom that was not told yet."""
        entered = rules.got_in_during(finding, attempts)
        fresh = []
        for network in {each.network for each in entered if each.network}:
            here = [each for each in entered if each.network == network]
            users = {each.user_id for each in here if each.user_id}
            at_home = self.store.at_home_in(tx, network, users, before=finding.window_from)
            for each in sorted(here, key=lambda attempt: attempt.name):
                key = f"{network.hex()} {each.name}"
                if each.user_id not in at_home and self._is_new(tx, "success_in_cluster", key, each.occurred_at):
                    fresh.append(each)
        return fresh

    def _is_new(self, tx: Transaction, detector: str, key: str, at: datetime) -> bool:
        return self.telling.remembered(tx, detector, key, at)[1]

    # ── what is forgotten ─────────────────────────────────────────────────────────────────────────────────

    @probe(
        monitoring.WATCHING_IS_PROCESSING_TOO,
        nb="spor av påloggingsforsøk fra ukjente som skulle vært slettet",
        en="traces of attempts by strangers that should have been deleted",
        seconds=HOURLY,
    )
    def traces_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than an hour: they are purged every minute."""
        with tx.undone():
            return self.store.forget_traces(tx, before=now - rules.TRACES_KEPT - QUIET, limit=PURGE_BATCH)

    @every(seconds=60, irreversible=True)
    def purge_traces(self) -> None:
        """Take names and networks from attempts on nobody, and forget attacks that ended, in batches."""
        before = self.clock.now() - rules.TRACES_KEPT
        for _ in range(PURGE_BATCHES):
            with self.database.transaction() as tx:
                ended = self.telling.forget(tx, before=before, limit=PURGE_BATCH)
                if max(ended, self.store.forget_traces(tx, before=before, limit=PURGE_BATCH)) < PURGE_BATCH:
                    return


def _looked_back(batch: Sequence[Attempt]) -> dict[str, datetime]:
    """From the beginning of the longest window before the first attempt to the last one."""
    instants = [each.occurred_at for each in batch]
    return {"from_": min(instants) - LIMITS.slow_window, "to": max(instants)}


def _newest_by(keyed: Iterable[tuple[object, Attempt]]) -> Iterator[Attempt]:
    """The attempts at which to look back, for each key."""
    groups: dict[object, list[Attempt]] = {}
    for key, attempt in keyed:
        groups.setdefault(key, []).append(attempt)
    for attempts in groups.values():
        yield from rules.evaluated_at(attempts)
