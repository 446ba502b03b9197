"""Hears every event of the system and keeps it in a trail that nobody changes unnoticed.

Handlers only take in. One sequencer at a time gives rows their places, chains them and signs the result; any
number of replicas may try, the lock lets one do it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.audit.checkpoints import chain
from services.audit.checkpoints.file import CheckpointFile
from services.audit.checkpoints.signing import Checkpoint
from services.audit.checkpoints.tree import StoredTree
from services.audit.trail import calls, rules
from services.audit.trail.store import TrailHalted, TrailStore
from shared import context, log
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.bus.discovery import events as declared_events
from shared.bus.discovery import hears_each
from shared.bus.every_service_events import (
    ActCarriedOut,
    AdminSessionClosed,
    AdminSessionOpened,
    ClaimRefused,
    ParkedDecided,
    StatementRefused,
)
from shared.bus.probes import DAILY, probe
from shared.bus.statement_check import check_reaches
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, Forbidden, NotFound
from shared.events import Event, Received
from shared.identifiers import new_id
from shared.signing import SigningKey
from shared.system import PARTICIPANTS
from shared.system import SERVICES as EVERY_SERVICE
from shared.terms.clauses import erasure

SAID_BY_EVERY_SERVICE: Final = frozenset(
    {AdminSessionOpened, AdminSessionClosed, ClaimRefused, StatementRefused, ActCarriedOut, ParkedDecided}
)
"""What services publish of themselves, those included that have no part in an erasure."""

BATCHES_A_ROUND: Final = 50
HALTED_SECONDS: Final = 5.0
"""How long the sequencer rests once the trail stands still, before it looks again."""
PLACE_LIMIT: Final = timedelta(minutes=15)
"""A row has its place within a second; where rows wait this long, the trail does not grow."""

logger = log.get("audit")


def _sources(event: type[Event]) -> tuple[str, ...]:
    return EVERY_SERVICE if event in SAID_BY_EVERY_SERVICE else PARTICIPANTS


def _heard() -> Iterator[type[Event]]:
    """All that any `events.py` declares, so a new event is heard without a line here, but for `rules.UNHEARD`."""
    return (event for event in declared_events() if event.type not in rules.UNHEARD)


@hears_each(_heard(), "record", _sources)
class AuditTrail(Feature):
    """Intake, sequencer, and what is shown and proved of the trail."""

    def __init__(self, database: Database, clock: Clock, signer: SigningKey, outside: CheckpointFile) -> None:
        """`outside` is the file of checkpoints."""
        self._database = database
        self._clock = clock
        self._signer = signer
        self._outside = outside
        self._store = TrailStore()
        self._halted_until = float("-inf")
        self._unpublished = True

    # ── for the other features ────────────────────────────────────────────────────────────────────────────

    def record(self, message: Received[Any], tx: Transaction) -> None:
        """Take an event into the trail."""
        self._store.add(tx, rules.intake_of(message, self._clock.now()))

    def record_own(
        self,
        tx: Transaction,
        type_: str,
        *,
        actor: str,
        subject: str,
        facts: Mapping[str, Any],
        account_id: UUID | None = None,
        user_id: UUID | None = None,
        seen: Sequence[UUID] = (),
    ) -> None:
        """Take something into the trail that audit did itself; `seen` are users of the account who were shown."""
        intake = rules.own_entry(
            event_id=new_id(),
            type_=type_,
            now=self._clock.now(),
            actor=actor,
            subject=subject,
            correlation_id=context.current().correlation_id,
            account_id=account_id,
            user_id=user_id,
            facts=facts,
            seen=seen,
        )
        self._store.add(tx, intake)

    def keep_sequencer_out(self, tx: Transaction) -> None:
        """No row is given a place until the transaction ends. Raises `Busy` after the lock's time limit."""
        self._store.wait_lock(tx)

    def halted(self) -> str | None:
        """Why the trail stands still; None while it grows."""
        with self._database.transaction() as tx:
            try:
                self._store.check_outside(tx, self._outside)
            except TrailHalted as halted:
                return halted.reason
        return None

    # ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=1)
    def sequence(self) -> None:
        """Give waiting rows their places, and sign the trail where that is due."""
        if time.monotonic() < self._halted_until:
            return
        try:
            self._publish()
            for _ in range(BATCHES_A_ROUND):
                appended = self._append_batch()
                self._publish()
                if appended < rules.SEQUENCE_BATCH_ROWS:
                    break
        except TrailHalted as halted:
            self._halted_until = time.monotonic() + HALTED_SECONDS
            logger.exception("trail_halted", reason=halted.reason)

    def _append_batch(self) -> int:
        with self._database.transaction() as tx:
            if not self._store.try_lock(tx):
                return 0
            appended = self._store.append_batch(tx, self._outside)
            sealed = self._seal(tx)
        self._unpublished |= sealed
        return appended

    def _publish(self) -> None:
        """State outside what is committed; also what an earlier process was kept from stating."""
        if self._unpublished:
            with self._database.transaction() as tx:
                self._store.publish(tx, self._outside)
            self._unpublished = False

    def _seal(self, tx: Transaction) -> bool:
        """Sign where it is due. What another process left unpublished comes first, so the file has no gap."""
        now = self._clock.now()
        if not self._store.seal_due(tx, now=now):
            return False
        self._store.publish(tx, self._outside)
        self._store.seal(tx, self._signer, now=now)
        return True

    @every(seconds=3600, irreversible=True)
    def unlink_former_staff(self) -> None:
        """Forget whom references of staff stand for that have been in no row of the trail for long."""
        with self._database.transaction() as tx:
            self.keep_sequencer_out(tx)  # it may be writing a row that a reference stands in
            self._store.unlink_staff(tx, before=rules.staff_unlinked_before(self._clock.now()))

    @probe(
        erasure.ERASE_WHEN_NOT_NEEDED,
        nb="medarbeidere som revisjonssporet ikke lenger skulle peke ut",
        en="members of staff whom the audit trail should not single out any more",
        seconds=DAILY,
    )
    def staff_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: they are unlinked every hour."""
        with tx.undone():
            return self._store.unlink_staff(tx, before=rules.staff_unlinked_before(now - timedelta(days=1)))

    @probe(
        erasure.LIFE_CYCLE_BY_LAW,
        nb="hendelser som ikke har fått plass i revisjonssporet",
        en="events that have not got their place in the audit trail",
    )
    @alarm("trail_stands_still", says="rows that wait for their place in the trail", act="vilkar audit head")
    def waiting_rows(self, tx: Transaction, now: datetime) -> Waiting | None:
        """The log says why, and `vilkar audit reopen` lets it go on after a restore."""
        return Waiting.of(self._store.kept_waiting(tx, now - PLACE_LIMIT))

    # ── calls ─────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.Trail)
    def trail(self, call: calls.Trail) -> calls.TrailShown:
        """The rows about a subject or of a correlation id. An erased subject has none that could be found."""
        check_reaches(rules.account_in(call.subject))
        with self._database.transaction() as tx:
            rows = self._store.page(
                tx,
                subject=call.subject,
                correlation_id=call.correlation_id,
                after_seq=call.after_seq,
                newest_before=(call.before_seq or calls.SEQ_MOST) if call.newest_first else None,
                limit=call.limit,
            )
            shown = self._shown(tx, rows)
        goes_on_at = rows[-1]["seq"] if len(rows) == call.limit else None
        return calls.TrailShown(
            rows=shown,
            next_after_seq=None if call.newest_first else goes_on_at,
            next_before_seq=goes_on_at if call.newest_first else None,
        )

    @answers(calls.TrailByActor)
    def trail_by_actor(self, call: calls.TrailByActor) -> calls.TrailShown:
        """The rows of what one person did, the newest first."""
        before = call.before_seq or calls.SEQ_MOST
        with self._database.transaction() as tx:
            rows = self._store.by_actor(tx, str(call.done_by), newest_before=before, limit=call.limit)
            shown = self._shown(tx, rows)
        goes_on_at = rows[-1]["seq"] if len(rows) == call.limit else None
        return calls.TrailShown(rows=shown, next_after_seq=None, next_before_seq=goes_on_at)

    def _shown(self, tx: Transaction, rows: Sequence[Row]) -> tuple[calls.RowShown, ...]:
        """The rows, with the system's own ids of whoever is still known."""
        names = self._store.names(tx, {UUID(ref) for row in rows for ref in rules.refs_in(row)})
        return tuple(rules.shown(row, names) for row in rows)

    @answers(calls.TrailHead)
    def trail_head(self, _call: calls.TrailHead) -> calls.TrailHeadShown:
        """How long the trail is and what is signed of it."""
        with self._database.transaction() as tx:
            size, head = self._store.head(tx)
            waiting = self._store.waiting(tx)
            checkpoint = self._store.last_checkpoint(tx)
        return calls.TrailHeadShown(
            size=size,
            head=head.hex(),
            waiting=waiting,
            checkpoint=_shown(checkpoint) if checkpoint else None,
            halted=self.halted(),
        )

    @answers(calls.Proof)
    def proof(self, call: calls.Proof) -> calls.ProofShown:
        """What proves that a row is in the trail, to whoever has the public key."""
        seq = call.seq
        with self._database.transaction() as tx:
            size, _ = self._store.head(tx)
            if seq > size:
                raise NotFound("the trail has no such row")
            checkpoint = self._store.checkpoint_over(tx, seq)
            if checkpoint is None:
                raise Conflict("the row is not covered by a checkpoint yet; ask again in a minute")
            tree = StoredTree(tx)
            path = chain.inclusion_proof(seq - 1, checkpoint.tree_size, tree)
            leaf = tree(0, seq - 1)
        return calls.ProofShown(
            seq=seq, leaf=leaf.hex(), path=tuple(node.hex() for node in path), checkpoint=_shown(checkpoint)
        )

    @answers(calls.Reopen)
    def reopen(self, call: calls.Reopen, tx: Transaction) -> calls.Reopened:
        """Let the trail grow again after a restore. The file that contradicts it is put aside, not removed."""
        if call.actor.kind != "staff":
            raise Forbidden("only staff may decide that the trail goes on")
        self._store.wait_lock(tx)
        try:
            self._store.check_outside(tx, self._outside)
        except TrailHalted as halted:
            reason = halted.reason
        else:
            raise Conflict("the trail does not stand still")
        archived = self._outside.put_aside(self._clock.now().strftime("%Y%m%dT%H%M%S%f"))
        self._store.write_anew(tx, self._outside)
        size, _ = self._store.head(tx)
        facts = {"reason": call.reason, "halted": reason, "size": size}
        self.record_own(tx, "trail.reopened", actor=str(call.actor), subject="trail/audit", facts=facts)
        return calls.Reopened(size=size, archived_as=archived)


def _shown(checkpoint: Checkpoint) -> calls.CheckpointShown:
    return calls.CheckpointShown(**checkpoint.as_json() | {"time": checkpoint.time})
