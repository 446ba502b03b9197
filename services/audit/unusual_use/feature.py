"""Looks at what users do once they have logged in, as the trail has it, and tells what is conspicuous (L57)."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from services.audit.findings.telling import Telling
from services.audit.unusual_use import rules
from services.audit.unusual_use.store import ActStore
from shared.bus import Feature, every
from shared.clock import Clock
from shared.database import Database

LIMITS: Final = rules.USE_THRESHOLDS


@dataclass(eq=False)
class UnusualUse(Feature):
    """Detectors of conspicuous use. They keep nothing of their own and compare the last day of the trail."""

    database: Database
    clock: Clock
    telling: Telling
    store: ActStore = field(default_factory=ActStore)

    @every(seconds=60)
    def detect_unusual_use(self) -> None:
        """Look at those who did much of late. Whoever is found is told once, also by several processes."""
        since = self.clock.now() - max(LIMITS.change_window, LIMITS.collection_window)
        least = min(LIMITS.deactivated_users, LIMITS.changes, LIMITS.collections)
        with self.database.transaction() as tx:
            acts = self.store.acts_of_the_busy(
                tx,
                rules.LOOKED_AT,
                heavy=rules.COMPANY_COPIES,
                weight=LIMITS.company_copy,
                since=since,
                least=least,
            )
            for _, done in groupby(acts, key=lambda act: act.user_id):
                for finding in rules.unusual_use(done):
                    anomaly_id, is_due = self.telling.remembered(
                        tx, finding.detector, finding.key, finding.window_to
                    )
                    if is_due:
                        self.telling.tell(tx, anomaly_id, finding, LIMITS.version)
