"""What was found is remembered, so that one attack is told once, and told without saying who did it from where."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.audit.anomalies.events import AnomalyDetected
from services.audit.findings import rules
from services.audit.findings.store import EpisodeStore
from services.audit.findings.values import Episode, Finding
from shared.clock import Clock
from shared.database import Transaction
from shared.events import Code
from shared.identifiers import new_id
from shared.privacy import BlindIndex


@dataclass(frozen=True, eq=False)
class Telling:
    """Tells what was found of late. `index` digests what each attack is remembered by."""

    clock: Clock
    index: BlindIndex
    store: EpisodeStore = field(default_factory=EpisodeStore)

    def remembered(self, tx: Transaction, detector: str, key: str, at: datetime) -> tuple[UUID, bool]:
        """The id of the attack, and whether it is to be told now."""
        anomaly_id, key_index = new_id(), self._index_of(detector, key)
        known = self.store.remember(tx, detector, key_index, anomaly_id=anomaly_id, at=at)
        if known is None:
            return anomaly_id, True
        if rules.is_over(known, detector, at):
            self.store.seen(tx, detector, key_index, Episode(anomaly_id=anomaly_id, seen_at=at, told_at=at))
            return anomaly_id, True
        again = rules.is_told_again(known, detector, at)
        episode = Episode(
            anomaly_id=known.anomaly_id,
            seen_at=max(known.seen_at, at),
            told_at=at if again else known.told_at,
        )
        self.store.seen(tx, detector, key_index, episode)
        return known.anomaly_id, again

    def is_lasting(self, tx: Transaction, detector: str, key: str, since: datetime) -> bool:
        """Whether the attack was seen since then."""
        return self.store.lasts(tx, detector, self._index_of(detector, key), since=since)

    def forget(self, tx: Transaction, *, before: datetime, limit: int) -> int:
        """Forget what was last seen before an instant, in a batch; how many."""
        return self.store.forget_anomalies(tx, before=before, limit=limit)

    def _index_of(self, detector: str, key: str) -> bytes:
        return self.index.of("anomaly", f"{detector} {key}")

    def tell(self, tx: Transaction, anomaly_id: UUID, finding: Finding, rule_version: int) -> None:
        """Tell it; `rule_version` is that of the thresholds it was found by."""
        event = AnomalyDetected(
            anomaly_id=anomaly_id,
            detector=Code(finding.detector),
            rule_version=rule_version,
            window_from=finding.window_from,
            window_to=finding.window_to,
            attempts=finding.attempts,
            failures=finding.failures,
            targets=finding.targets,
            networks=finding.networks,
            accounts=len(finding.account_ids),
            account_ids=sorted(finding.account_ids)[: rules.LISTED],
            user_ids=sorted(finding.user_ids)[: rules.LISTED],
        )
        tx.outbox.add(event, now=self.clock.now())
