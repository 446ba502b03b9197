"""Renewing data keys in the keyring, reporting what lies under the old ones, destroying these when they are due.

Account makes the new keys, the only one that may make any; each holder of sealed values reports for itself;
retention destroys, the only one that may. Which renewals there are is the keeper's to say (`keeper.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from shared.database import Transaction, load_queries
from shared.privacy import key_rotation_rules
from shared.privacy.key_rotation_rules import Renewal, Report
from shared.privacy.keyring import Keyring
from shared.privacy.keys import KEY_BYTES, Kek, Subject, fingerprint

BATCH: Final = 200
BATCHES_A_TURN: Final = 10

Q: Final = load_queries(__file__, "key_rotation.sql")


def renewals_in(tx: Transaction) -> list[Renewal]:
    """All renewals, the oldest first."""
    return [Renewal(**row) for row in tx.all(Q.renewals)]


def reports_in(tx: Transaction) -> list[Report]:
    """The last report of each holder on each renewal."""
    return [Report(**row) for row in tx.all(Q.reports)]


class Renewing:
    """The part that services have in a renewal. What a role may do is decided by the grants."""

    def __init__(self, keyring: Keyring) -> None:
        """`keyring` must be open before use."""
        self._keyring = keyring

    def renewals(self) -> list[Renewal]:
        """All renewals, the oldest first."""
        with self._keyring.database.transaction() as tx:
            return renewals_in(tx)

    def renew(self, now: datetime) -> int:
        """Give a stretch of those who lack one a key of the newest generation; how many got one.

        Whoever is fenced or erased gets none: only a newest key that is live is followed by another one. Holds and
        restrictions change nothing here, for nothing that is held changes.
        """
        newest = max((each.generation for each in self.renewals()), default=None)
        if newest is None:
            return 0
        made = 0
        for _ in range(BATCHES_A_TURN):
            batch = self._keyring.wrapping(lambda tx, kek: _renew(tx, kek, newest, now))
            made += batch
            if batch < BATCH:
                break
        return made

    def report(
        self, holder: str, generations: list[int], below: Mapping[int, int], lost: Mapping[int, int], now: datetime
    ) -> None:
        """Say how many rows lie under keys before each generation, and how many of them no key opens any more."""
        left = key_rotation_rules.left_before(generations, dict(below))
        unreadable = key_rotation_rules.left_before(generations, dict(lost))
        with self._keyring.database.transaction() as tx:
            tx.run(
                Q.report,
                holder=holder,
                generations=generations,
                left_over=[left[each] for each in generations],
                unreadable=[unreadable[each] for each in generations],
                now=now,
            )

    def unclear(self, holder: str, found: int, now: datetime) -> None:
        """Take back that nothing lies under keys before the generations after `found`.

        To be called before what was found is sealed anew: whoever dies in between must not have it forgotten that
        it was there, and with it in the backups of that time.
        """
        with self._keyring.database.transaction() as tx:
            tx.run(Q.unclear, holder=holder, found=found, now=now)

    def destroy_retired(self, now: datetime, *, window: timedelta) -> int:
        """Destroy a stretch of the retired keys that no backup needs any more; how many.

        `window` is how old a backup of the databases may become.
        """
        with self._keyring.database.transaction() as tx:
            renewals, reports = renewals_in(tx), reports_in(tx)
        before = key_rotation_rules.unneeded_before(renewals, reports, window, now)
        if before is None:
            return 0
        sealing, destroyed = key_rotation_rules.sealing_generation(renewals), 0
        for _ in range(BATCHES_A_TURN):
            with self._keyring.database.transaction() as tx:
                batch = tx.run(Q.destroy_retired, before=before, sealing=sealing, limit=BATCH, now=now)
            destroyed += batch
            if batch < BATCH:
                break
        return destroyed


def _renew(tx: Transaction, kek: Kek, generation: int, now: datetime) -> int:
    rows = tx.all(Q.lacking, generation=generation, limit=BATCH)
    accounts = sorted({row["account_id"] for row in rows})
    free = {row["account_id"] for row in tx.all(Q.try_accounts, account_ids=accounts)}
    subjects = [
        Subject(row["kind"], row["subject_id"], row["account_id"]) for row in rows if row["account_id"] in free
    ]
    keys = [os.urandom(KEY_BYTES) for _ in subjects]
    return tx.run(
        Q.renew,
        generation=generation,
        kinds=[each.kind for each in subjects],
        subject_ids=[each.id for each in subjects],
        account_ids=[each.account_id for each in subjects],
        wrapped=[kek.wrap(each, key, generation) for each, key in zip(subjects, keys, strict=True)],
        fingerprints=[fingerprint(key) for key in keys],
        kek_id=kek.id,
        now=now,
    )
