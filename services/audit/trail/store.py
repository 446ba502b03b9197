"""Intake, trail, tree and checkpoints as rows.

Methods work in the transaction they are given. Whatever appends to the trail holds the sequencer's lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any, Final
from uuid import UUID, uuid4

from services.audit.checkpoints import chain
from services.audit.checkpoints.file import CheckpointFile
from services.audit.checkpoints.signing import COLUMNS as CHECKPOINT_COLUMNS
from services.audit.checkpoints.signing import Checkpoint
from services.audit.checkpoints.tree import StoredTree
from services.audit.trail import rules
from services.audit.trail.values import Intake, Person, TrailRow, uuid_of
from shared.database import Row, Transaction, load_queries
from shared.errors import Permanent
from shared.signing import SigningKey

Q: Final = load_queries(__file__)
SEQUENCER_LOCK: Final = 0x56414C31
PUBLISH_LIMIT: Final = 1000
COLUMNS: Final = attrgetter(*TrailRow.__slots__)
"""A row's columns in the order of the query `copy_trail`, without the hashes."""


class TrailHalted(Permanent):
    """The table and the file of checkpoints contradict each other, so nothing is appended to the trail.

    `reason` is `trail_cut`, `checkpoint_changed`, `file_behind` or `file_damaged`.
    """

    def __init__(self, reason: str) -> None:
        """`reason` is a machine code."""
        super().__init__(f"the audit trail stands still: {reason}")
        self.reason = reason


class TrailStore:
    """Intake, trail, tree and checkpoints."""

    def add(self, tx: Transaction, intake: Intake) -> None:
        """Take in something that happened."""
        tx.run(Q.add_intake, **{name: getattr(intake, name) for name in Intake.__slots__})

    def try_lock(self, tx: Transaction) -> bool:
        """Become the sequencer until the end of the transaction; False where there is one already."""
        row = tx.one(Q.try_sequencer_lock, lock=SEQUENCER_LOCK)
        return bool(row and row["taken"])

    def wait_lock(self, tx: Transaction) -> None:
        """Keep the sequencer out until the end of the transaction. Raises `Busy` after the lock's time limit."""
        tx.one(Q.wait_for_sequencer_lock, lock=SEQUENCER_LOCK)

    def waiting(self, tx: Transaction) -> int:
        """How many rows wait for their place."""
        row = tx.one(Q.waiting)
        return int(row["waiting"]) if row else 0

    def kept_waiting(self, tx: Transaction, before: datetime) -> Row | None:
        """How many rows have waited for their place since before then, and since when the oldest."""
        return tx.one(Q.intake_waiting, before=before)

    def head(self, tx: Transaction) -> tuple[int, bytes]:
        """The number of the last row and the chain hash after it."""
        row = tx.one(Q.head)
        return (row["seq"], bytes(row["chain_hash"])) if row else (0, chain.GENESIS)

    def append_batch(self, tx: Transaction, outside: CheckpointFile) -> int:
        """Give the oldest waiting rows their places; returns how many, at most a batch.

        The sequencer's lock must be held. Raises `TrailHalted` where the file outside contradicts the table.
        """
        rows = tx.all(Q.take_intake, limit=rules.SEQUENCE_BATCH_ROWS)
        if not rows:
            return 0
        self.check_outside(tx, outside)
        taken = [Intake(**row) for row in rows]
        refs = self._refs(tx, taken)
        size, head = self.head(tx)
        frontier = chain.frontier_at(size, StoredTree(tx))
        nodes: list[dict[str, Any]] = []
        with tx.connection.cursor().copy(Q.copy_trail) as copy:
            for seq, intake in enumerate(taken, start=size + 1):
                row = rules.trail_row(intake, seq, refs)
                leaf = chain.leaf_hash(chain.canonical(row))
                head = chain.link(head, leaf)
                nodes += [{"level": at, "index": i, "hash": made} for at, i, made in frontier.push(leaf)]
                copy.write_row((*COLUMNS(row), leaf, head))
        tx.many(Q.add_node, nodes)
        return len(taken)

    def _refs(self, tx: Transaction, taken: Iterable[Intake]) -> dict[Person, UUID]:
        """A random reference for everyone these rows name.

        It is remembered, so that a person's rows belong together, unless the person was erased here or it is
        not known which account the person belongs to: then erasure could not find it.
        """
        persons: dict[Person, Person] = {}
        for intake in taken:
            for person in rules.persons_of(intake):
                if person not in persons or persons[person].account_id is None:
                    persons[person] = person
        wanted = list(persons.values())
        links = tx.all(Q.links_of, kinds=[p.kind for p in wanted], ids=[p.id for p in wanted])
        refs = {Person(row["kind"], row["id"]): row["ref"] for row in links}
        unknown = [person for person in wanted if person not in refs]
        erased = self._erased(tx, unknown)
        refs |= {person: uuid4() for person in unknown}
        lasting = [person for person in unknown if _lasting(person, erased)]
        if lasting:
            tx.run(
                Q.add_links,
                kinds=[person.kind for person in lasting],
                ids=[person.id for person in lasting],
                account_ids=[person.account_id for person in lasting],
                refs=[refs[person] for person in lasting],
            )
        return refs

    @staticmethod
    def _erased(tx: Transaction, persons: Iterable[Person]) -> set[str]:
        ids = {person.id for person in persons if person.kind != "staff"}
        ids |= {str(person.account_id) for person in persons if person.account_id}
        known = [made for made in map(uuid_of, ids) if made]
        return {str(row["id"]) for row in tx.all(Q.tombstones_among, ids=known)} if known else set()

    def unlink_staff(self, tx: Transaction, *, before: datetime) -> int:
        """Forget whom references of staff stand for that no row since then names; how many."""
        return tx.run(Q.unlink_staff, before=before)

    # ── checkpoints ──

    def last_checkpoint(self, tx: Transaction) -> Checkpoint | None:
        """The newest checkpoint in the table."""
        return _checkpoint(tx.one(Q.last_checkpoint))

    def checkpoint_over(self, tx: Transaction, seq: int) -> Checkpoint | None:
        """The newest checkpoint, where it covers this row."""
        return _checkpoint(tx.one(Q.newest_checkpoint_over, seq=seq))

    def publish(self, tx: Transaction, outside: CheckpointFile) -> int:
        """Bring the file up to the table; returns how many lines were added. Several may do it at once."""
        last = self.check_outside(tx, outside)
        rows = tx.all(Q.checkpoints_after, number=last.number if last else 0, limit=PUBLISH_LIMIT)
        return outside.append(made for made in map(_checkpoint, rows) if made) if rows else 0

    def seal_due(self, tx: Transaction, *, now: datetime) -> bool:
        """Whether the trail's present state is to be signed now."""
        last = self.last_checkpoint(tx)
        unsealed = self.head(tx)[0] - (last.tree_size if last else 0)
        return rules.checkpoint_due(unsealed_rows=unsealed, last_at=last.time if last else None, now=now)

    def seal(self, tx: Transaction, signer: SigningKey, *, now: datetime) -> Checkpoint:
        """Sign the trail's present state. The lock must be held, and rows must have come since the last time."""
        last = self.last_checkpoint(tx)
        size, head = self.head(tx)
        made = Checkpoint(
            number=last.number + 1 if last else 1,
            tree_size=size,
            root=chain.frontier_at(size, StoredTree(tx)).root(),
            head=head,
            time=now,
            key_id="",
            previous=last.digest() if last else chain.GENESIS,
        ).signed_by(signer)
        tx.run(Q.add_checkpoint, **{name: getattr(made, name) for name in CHECKPOINT_COLUMNS})
        return made

    def write_anew(self, tx: Transaction, outside: CheckpointFile) -> int:
        """Write all checkpoints of the table into an empty file; returns how many. The lock must be held."""
        written = 0
        while rows := tx.all(Q.checkpoints_after, number=written, limit=PUBLISH_LIMIT):
            written += outside.append(made for made in map(_checkpoint, rows) if made)
        return written

    def check_outside(self, tx: Transaction, outside: CheckpointFile) -> Checkpoint | None:
        """Compare the last line of the file with the table, and return it. Raises `TrailHalted`.

        A checkpoint is only made when all before it are in the file, so the file is never two behind.
        """
        newest = self.last_checkpoint(tx)  # first: what is published meanwhile must not make the file look behind
        try:
            line = outside.last()
        except ValueError:
            raise TrailHalted("file_damaged") from None
        if line is not None:
            known = _checkpoint(tx.one(Q.checkpoint, number=line.number))
            if known is None:
                raise TrailHalted("trail_cut")
            if known != line:
                raise TrailHalted("checkpoint_changed")
        if newest is not None and newest.number > (line.number if line else 0) + 1:
            raise TrailHalted("file_behind")
        return line

    # ── reading ──

    def page(
        self,
        tx: Transaction,
        *,
        subject: str | None,
        correlation_id: UUID | None,
        after_seq: int,
        newest_before: int | None,
        limit: int,
    ) -> list[Row]:
        """Rows about a subject, or with a correlation id, whose number is above `after_seq`.

        Of an account, with `newest_before`, those whose number is below it, the newest first.
        """
        paging = {"after_seq": after_seq, "limit": limit}
        if subject is None:
            return tx.all(Q.trail_by_correlation, correlation_id=correlation_id, **paging)
        kind, _, id_ = subject.partition("/")
        if kind not in ("account", "user", "staff"):
            return tx.all(Q.trail_by_subject, subject=subject, **paging)
        link = tx.one(Q.links_of, kinds=[kind], ids=[id_])
        if link is None:
            return []
        if kind == "staff":
            return tx.all(Q.trail_by_subject, subject=f"staff/{link['ref']}", **paging)
        if newest_before is not None:
            return tx.all(Q.newest_by_account, ref=link["ref"], before_seq=newest_before, limit=limit)
        query = Q.trail_by_account if kind == "account" else Q.trail_by_user
        return tx.all(query, ref=link["ref"], **paging)

    def by_actor(self, tx: Transaction, actor: str, *, newest_before: int, limit: int) -> list[Row]:
        """Rows of what one person did whose number is below this one, the newest first."""
        kind, _, id_ = actor.partition(":")
        link = tx.one(Q.links_of, kinds=[kind], ids=[id_])
        if link is None:
            return []
        return tx.all(Q.trail_by_actor, actor=f"{kind}:{link['ref']}", before_seq=newest_before, limit=limit)

    def names(self, tx: Transaction, refs: Iterable[UUID]) -> dict[UUID, Person]:
        """Whom these references stand for, as far as that is still known."""
        rows = tx.all(Q.names_of, refs=list(refs))
        return {row["ref"]: Person(row["kind"], row["id"]) for row in rows}


def _checkpoint(row: Row | None) -> Checkpoint | None:
    return Checkpoint(**{name: row[name] for name in CHECKPOINT_COLUMNS}) if row else None


def _lasting(person: Person, erased: set[str]) -> bool:
    if person.kind == "staff":
        return True
    return person.account_id is not None and not {person.id, str(person.account_id)} & erased
