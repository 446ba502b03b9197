"""Sealing anew what lies under older data keys, in the database of whoever holds it, while everything runs.

A row is found by the generation that its values name, so there is no list of what is done: a second run, a second
process and a restored older database all find what is left, and only that. In one transaction a stretch of rows is
locked (those that somebody is changing come in the next pass), opened with the old keys and sealed with the new
ones for the same table, column and row. Nothing of a row's content or version changes, and no digest: blind indexes
are made with another key. The keys are fetched before that transaction; rows of who has none stay as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from shared import log
from shared.config import SettingError
from shared.database import Database, load_queries
from shared.database.pool import Row
from shared.failpoints import Failpoints
from shared.privacy import key_rotation_rules
from shared.privacy.key_rotation import Renewing
from shared.privacy.keys import FIRST, KeyGoneError, KeySet, Subject, TamperedError
from shared.privacy.vault import Sealed, Vault, generation_of, reseal

BATCH: Final = 100
BATCHES_A_TURN: Final = 20
REST: Final = timedelta(seconds=60)
"""Where nothing was left, the next look is so much later."""
NAME: Final = re.compile(r"[a-z][a-z_]*")
BEGIN: Final = (-1, UUID(int=0))

Q: Final = load_queries(__file__, "reencryption.sql")

logger = log.get("privacy.resealing")


class KeyringBehindError(SettingError):
    """Values lie under keys of a renewal that the keyring knows nothing of: it is older than they are."""


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns. `columns` gives each the name under which its values were sealed."""

    name: str
    key: str
    owner: tuple[str, ...]
    """The columns that say whose the row is."""
    columns: Mapping[str, str]
    subject: Callable[[Row], Subject]
    """Whose key seals a row; given the key as `row_id` and the columns of `owner`."""

    def query(self, template: str) -> str:
        """One of the templates for this table."""
        names = [self.name, self.key, *self.owner, *self.columns]
        if not all(NAME.fullmatch(each) for each in names):
            raise ValueError(f"{self.name} has a name that is none")
        generations = ", ".join(f"sealed_generation({each})" for each in self.columns)
        return template.format(
            table=self.name,
            key=self.key,
            owner=", ".join(self.owner),
            sealed=", ".join(self.columns),
            oldest=f"least({generations})",
            assignments=", ".join(f"{each} = %(new_{each})s" for each in self.columns),
            unchanged=" AND ".join(f"{each} IS NOT DISTINCT FROM %(old_{each})s" for each in self.columns),
        )


@dataclass(slots=True)
class _Pass:
    """One way through all tables; it may take several turns."""

    target: int
    table: int = 0
    after: tuple[int, UUID] = BEGIN
    lost: Counter[int] = field(default_factory=Counter)
    """Rows by the oldest key in them that nothing opens any more."""
    oldest: int | None = None
    """The oldest key of a row that was sealed anew."""


class Resealer:
    """Seals anew what one service holds. Several replicas may do so at once."""

    def __init__(
        self,
        *,
        holder: str,
        database: Database,
        vault: Vault,
        tables: Sequence[SealedTable],
        failpoints: Failpoints | None = None,
    ) -> None:
        """`holder` is the service's role in the keyring; `vault` must be open before use."""
        self._holder = holder
        self._database = database
        self._vault = vault
        self._tables = tables
        self._renewing = Renewing(vault.keyring)
        self._failpoints = failpoints or Failpoints("test", {})
        self._pass: _Pass | None = None
        self._rested: tuple[list[int], datetime] | None = None

    def check(self) -> None:
        """Raise `KeyringBehindError` where something lies under a key that the keyring never heard of."""
        known = key_rotation_rules.known_generation(self._renewing.renewals())
        with self._database.transaction() as tx:
            newest_rows = [tx.one(table.query(Q.newest)) for table in self._tables]
        newest = max((row["generation"] for row in newest_rows if row and row["generation"]), default=FIRST)
        if newest > known:
            raise KeyringBehindError(
                f"values are sealed under keys of the renewal {newest}, and the keyring knows of {known} only: "
                "put a newer backup of the keyring back (docs/keys.md)"
            )

    def turn(self, now: datetime) -> int:
        """Seal a bounded number of rows anew and report what is left; how many rows were done.

        Raises what the database and the keyring raise; the next turn goes on.
        """
        renewals = self._renewing.renewals()
        generations = [each.generation for each in renewals if each.sealing_from is not None]
        target = max(generations, default=FIRST)
        if not generations or self._rests(generations, now):
            return 0
        if self._pass is None or self._pass.target != target:
            self._pass = _Pass(target)
        done = 0
        for _ in range(BATCHES_A_TURN):
            done += self._step(self._pass, now)
            if self._pass.table == len(self._tables):
                break
        self._report(self._pass, generations, now)
        return done

    # ── a stretch of rows ───────────────────────────────────────────────────────────────────────────────────────

    def _step(self, way: _Pass, now: datetime) -> int:
        """Go on by one batch; how many rows were sealed anew."""
        while way.table < len(self._tables):
            table = self._tables[way.table]
            generation, row_id = way.after
            cursor = {"target": way.target, "generation": generation, "row_id": row_id, "limit": BATCH}
            with self._database.transaction() as tx:
                outdated = tx.all(table.query(Q.peek), **cursor)
            if outdated:
                break
            way.table, way.after = way.table + 1, BEGIN
        else:
            return 0
        way.after = outdated[-1]["generation"], outdated[-1]["row_id"]
        keys = self._vault.keyring.key_sets({table.subject(row) for row in outdated})
        self._failpoints.hit("reseal.peeked")
        with self._database.transaction() as tx:
            rows = tx.all(table.query(Q.take), row_ids=[row["row_id"] for row in outdated], target=way.target)
            changed = list(_changes(table, rows, keys, way))
            self._tell([row["generation"] for row in changed], way, now)
            done = tx.many(table.query(Q.put), changed)
            self._failpoints.hit("reseal.sealed")
        self._failpoints.hit("reseal.committed")
        return done

    def _tell(self, generations: Sequence[int], way: _Pass, now: datetime) -> None:
        """Say of what is about to be sealed anew that it was there, once for each that is older than any before."""
        oldest = min(generations, default=way.target)
        if oldest < (way.target if way.oldest is None else way.oldest):
            self._renewing.unclear(self._holder, oldest, now)
            way.oldest = oldest

    # ── what is left ────────────────────────────────────────────────────────────────────────────────────────────

    def _report(self, way: _Pass, generations: list[int], now: datetime) -> None:
        """Count what lies under older keys. What cannot be read counts as left until a pass has seen all of it."""
        below: Counter[int] = Counter()
        with self._database.transaction() as tx:
            for table in self._tables:
                below.update(
                    {row["generation"]: row["rows"] for row in tx.all(table.query(Q.count), target=way.target)}
                )
        is_whole = way.table == len(self._tables)
        if is_whole:
            below.subtract(way.lost)
            self._pass = None
        left = {generation: max(count, 0) for generation, count in below.items()}
        self._renewing.report(self._holder, generations, left, way.lost if is_whole else {}, now)
        self._failpoints.hit("reseal.reported")
        self._rested = (generations, now) if is_whole and not any(left.values()) else None

    def _rests(self, generations: list[int], now: datetime) -> bool:
        if self._rested is None:
            return False
        known, since = self._rested
        return known == generations and now < since + REST


def _changes(
    table: SealedTable, rows: Sequence[Row], keys: Mapping[Subject, KeySet], way: _Pass
) -> Iterator[dict[str, Any]]:
    """What is to be put in the place of what, for each row of which something can be sealed anew."""
    for row in rows:
        new, oldest_lost = _anew(table, row, keys.get(table.subject(row)), way.target)
        if oldest_lost is not None and oldest_lost == row["generation"]:
            way.lost[oldest_lost] += 1
        if new:
            old = {f"old_{each}": row[each] for each in table.columns}
            all_new = {f"new_{each}": new.get(each, row[each]) for each in table.columns}
            yield {"row_id": row["row_id"], "generation": row["generation"]} | old | all_new


def _anew(table: SealedTable, row: Row, keys: KeySet | None, target: int) -> tuple[dict[str, bytes], int | None]:
    """The values to be replaced, by column, and the oldest generation of those that nothing opens any more.

    Who has no key of the target yet is left for a later pass.
    """
    new: dict[str, bytes] = {}
    lost: list[int] = []
    for column, sealed_as in table.columns.items():
        generation = generation_of(row[column] or b"")
        if generation is None or generation >= target:
            continue
        value = Sealed(table.subject(row), table.name, sealed_as, row["row_id"], row[column])
        try:
            if keys is None:
                lost.append(generation)
            elif keys.generation >= target:
                new[column] = reseal(keys, value)
        except (KeyGoneError, TamperedError) as error:
            lost.append(generation)
            logger.warning("not_sealed_anew", table=table.name, column=column, row=row["row_id"], exc_info=error)
    return new, min(lost, default=None)
