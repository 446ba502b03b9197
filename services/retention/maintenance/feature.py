"""Housekeeping: erasures that no backup can bring back, keys of nobody, and keys that were renewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.retention.erasure.values import limits_on
from services.retention.maintenance import store
from services.retention.maintenance.orphaned_keys import OrphanedKeys
from shared import calendar, log, tombstones
from shared.bus import Feature, every
from shared.bus.probes import HOURLY, probe
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.privacy import Keyring
from shared.privacy.key_rotation import Renewing
from shared.terms.clauses import erasure

PURGE_BATCHES: Final = 20

logger = log.get("retention.maintenance")


@dataclass(kw_only=True, eq=False)
class Maintenance(Feature):
    """Forgets erasures that are over, and destroys keys that open nothing any more."""

    database: Database
    clock: Clock
    keyring: Keyring
    """Must be open."""
    orphaned_keys: OrphanedKeys

    @probe(
        erasure.LOST_FOR_EVER,
        nb="nøkler til slettede opplysninger som ennå kan brukes",
        en="keys to erased data that can still be used",
        seconds=HOURLY,
    )
    def keys_after_erasure(self, tx: Transaction, _now: datetime) -> int:
        """Of erasures that kept nothing back."""
        return self.keyring.open_keys(store.erased_scopes(tx))

    @probe(
        erasure.ERASE_WHEN_NOT_NEEDED,
        nb="slettinger som er over, og som skulle vært glemt",
        en="erasures that are over and should have been forgotten",
        seconds=HOURLY,
    )
    def erasures_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: they are purged every hour."""
        with tx.undone():
            return store.purge_erased(tx, tombstones.forgotten_before(now - timedelta(days=1)))

    @every(seconds=3600, irreversible=True)
    def purge_erased(self) -> None:
        """Forget whom an erasure was about, once no backup can bring anybody back; the certificate stays."""
        before = tombstones.forgotten_before(self.clock.now())
        for _ in range(PURGE_BATCHES):
            with self.database.transaction() as tx:
                purged = store.purge_erased(tx, before)
            if not purged and not self.keyring.forget(before):
                return

    @every(seconds=3600, irreversible=True)
    def destroy_orphaned_keys(self) -> None:
        """Destroy keys that were made for a sign-up or user whose rows were never written."""
        self.orphaned_keys.sweep(self.clock.now())

    @every(seconds=600, irreversible=True)
    def destroy_retired_keys(self) -> None:
        """Destroy data keys that were renewed so long ago that no backup holds anything under them."""
        now = self.clock.now()
        window = timedelta(days=limits_on(calendar.oslo_date(now)).backup_max_age_days)
        if destroyed := Renewing(self.keyring).destroy_retired(now, window=window):
            logger.info("retired_keys_destroyed", count=destroyed)
