"""audit: hears everything, keeps it in a trail that cannot be changed unnoticed, and knows when who logged in.

Handlers only take in. One sequencer at a time gives rows their places, chains them and signs the result; any
number of replicas may try, the lock lets one do it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from services.account.login.events import LoginFailed, LoginSucceeded
from services.audit import calls, chain, rules
from services.audit.alarms import TrailAlarms
from services.audit.calls import (
    CheckpointShown,
    LoginsShown,
    ProofShown,
    Reopened,
    TrailHeadShown,
    TrailShown,
    VerificationBegun,
    VerificationShown,
)
from services.audit.checkpoints import Checkpoint, CheckpointFile, PublicKey, Signer
from services.audit.forgetting import Forgetting
from services.audit.logins import LoginWatch
from services.audit.reader import TrailReader
from services.audit.replay import AuditReplayer
from services.audit.resealing import TABLES, Resealing
from services.audit.store import WAITS, LoginStore, StoredTree, TrailHalted, TrailStore, VerificationStore
from services.audit.values import Finding
from services.audit.verify import Verifier
from shared import context, log, tombstones
from shared.bus import answers, every, handles
from shared.bus.chassis_events import AdminSessionClosed, AdminSessionOpened, ClaimRefused
from shared.bus.declarations import specifications
from shared.bus.discovery import events as declared_events
from shared.calendar import oslo_date
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.database.pool import Row
from shared.errors import Conflict, Forbidden, NotFound, Refused
from shared.events import Event, Received
from shared.identifiers import new_id
from shared.privacy import BlindIndex, Vault
from shared.privacy.gate import Replayer
from shared.privacy.reencryption import Resealer
from shared.system import PARTICIPANTS
from shared.system import SERVICES as EVERY_SERVICE

SAID_BY_EVERY_SERVICE: Final = frozenset({AdminSessionOpened, AdminSessionClosed, ClaimRefused})
"""What services publish of themselves, those included that have no part in an erasure."""

BATCHES_A_ROUND: Final = 50
FORGET_BATCH: Final = 1000
FORGET_BATCHES: Final = 100
VERIFICATION_LEASE_SECONDS: Final = 60
VERIFICATION_KEPT_DAYS: Final = 365
PROGRESS_ROWS: Final = 20_000
HALTED_ROUNDS: Final = 50
"""How many rounds the sequencer rests once the trail stands still; it looks again about every five seconds."""

logger = log.get("audit")


def hears_everything(service: type[Audit]) -> type[Audit]:
    """Give the service a listener for every event class of the system that it has none for.

    The catalogue is what the `events.py` of all services declare, so a new event is heard without a line here.
    `rules.UNHEARD` names those left out, with the reason.
    """
    heard = {spec.event for _, spec in specifications(service) if hasattr(spec, "event")}
    for event in declared_events():
        if event not in heard and event.type not in rules.UNHEARD:
            method = _recorder(event)
            setattr(service, method.__name__, method)
    return service


def _recorder(event: type[Event]) -> Any:
    def record(self: Audit, message: Received[Event], tx: Transaction) -> None:
        self.record(message, tx)

    record.__name__ = record.__qualname__ = f"record_{event.type.replace('.', '_')}_{event.version}"
    record.__doc__ = f"Take `{event.type}` into the trail."
    sources = EVERY_SERVICE if event in SAID_BY_EVERY_SERVICE else PARTICIPANTS
    return handles(event, sources=() if event.source else sources)(record)


@hears_everything
class Audit(Forgetting, Resealing, TrailAlarms):
    """The service."""

    name: ClassVar[str] = "audit"

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        caller: Caller,
        vault: Vault,
        index: BlindIndex,
        signer: Signer,
        public_keys: Sequence[PublicKey],
        outside: CheckpointFile,
        login_months: int = 6,
    ) -> None:
        """`outside` is the file of checkpoints; `public_keys` are those that ever signed one.

        Raises `ValueError` where logins would be kept for more than the cap.
        """
        rules.login_expiry(clock.now(), login_months)
        self.database = database
        self.clock = clock
        self.caller = caller
        self.signer = signer
        self.public_keys = public_keys
        self.outside = outside
        self.login_months = login_months
        self.trail_store = TrailStore()
        self.login_store = LoginStore()
        self.login_watch = LoginWatch(
            database=database, caller=caller, store=self.login_store, vault=vault, index=index
        )
        self.resealer = Resealer(holder="audit", database=database, vault=vault, tables=TABLES)
        self.verifications = VerificationStore()
        self._rest = 0
        self._unpublished = True

    def ready(self) -> None:
        """Without the keyring no origin of a login can be kept or shown."""
        self.login_watch.check_keys()
        self.resealer.check()

    waits = WAITS

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database; and the keyring, in which retention destroys anew what a backup brought back."""
        yield self.database, AuditReplayer(self.trail_store, self.login_store)
        yield self.login_watch.keyring_database, None

    # ── what it hears ─────────────────────────────────────────────────────────────────────────────────────

    @handles(LoginSucceeded)
    def keep_login(self, message: Received[LoginSucceeded], tx: Transaction) -> None:
        """Somebody logged in."""
        self._keep_login(message, tx, "succeeded")

    @handles(LoginFailed)
    def keep_failed_login(self, message: Received[LoginFailed], tx: Transaction) -> None:
        """Somebody tried to."""
        self._keep_login(message, tx, "failed")

    def _keep_login(self, message: Received[Any], tx: Transaction, outcome: str) -> None:
        login = rules.login_event(message, outcome=outcome, retention_months=self.login_months)
        self.login_store.add(tx, login, now=self.clock.now())
        self.record(message, tx)

    # ── what it does ──────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=0.1)
    def sequence(self) -> None:
        """Give waiting rows their places, and sign the trail where that is due."""
        if self._rest:
            self._rest -= 1
            return
        try:
            self._publish()
            for _ in range(BATCHES_A_ROUND):
                appended = self._append_batch()
                self._publish()
                if appended < rules.SEQUENCE_BATCH_ROWS:
                    break
        except TrailHalted as halted:
            self._rest = HALTED_ROUNDS
            logger.exception("trail_halted", reason=halted.reason)

    def _append_batch(self) -> int:
        with self.database.transaction() as tx:
            if not self.trail_store.try_lock(tx):
                return 0
            appended = self.trail_store.append_batch(tx, self.outside)
            sealed = self._seal(tx)
        self._unpublished |= sealed
        return appended

    def _publish(self) -> None:
        """State outside what is committed; also what an earlier process was kept from stating."""
        if self._unpublished:
            with self.database.transaction() as tx:
                self.trail_store.publish(tx, self.outside)
            self._unpublished = False

    def _seal(self, tx: Transaction) -> bool:
        """Sign where it is due. What another process left unpublished comes first, so the file has no gap."""
        now = self.clock.now()
        if not self.trail_store.seal_due(tx, now=now):
            return False
        self.trail_store.publish(tx, self.outside)
        self.trail_store.seal(tx, self.signer, now=now)
        return True

    @every(seconds=0.5)
    def verify_what_was_asked(self) -> None:
        """Do the oldest verification that waits."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            asked = self.verifications.claim(tx, now=now, lease_until=_later(now, VERIFICATION_LEASE_SECONDS))
        if asked is not None:
            self._verify(asked)

    def _verify(self, asked: Row) -> None:
        behind = self._halted() == "file_behind"
        outside = self.outside.read()
        with self.database.transaction() as tx:
            verifier = Verifier(TrailReader(tx.connection), self.public_keys, outside)
            report = verifier.run(from_checkpoint=asked["from_checkpoint"], progress=self._progress(asked["id"]))
        if behind:
            report.findings.append(Finding("file_behind", 0))
        now = self.clock.now()
        facts = {
            "verification_id": str(asked["id"]),
            "outcome": "whole" if report.ok else "damaged",
            "rows": report.rows,
            "tree_size": report.tree_size,
            "findings": len(report.findings),
        }
        with self.database.transaction() as tx:
            self.verifications.end(tx, asked["id"], report, now=now)
            subject = f"verification/{asked['id']}"
            self._record_own(tx, "trail.verified", actor=asked["requested_by"], subject=subject, facts=facts)
        (logger.info if report.ok else logger.error)("trail_verified", **facts)

    def _progress(self, verification_id: UUID) -> Any:
        said = 0

        def say(done: int, total: int) -> None:
            nonlocal said
            if done - said < PROGRESS_ROWS:
                return
            said = done
            lease = _later(self.clock.now(), VERIFICATION_LEASE_SECONDS)
            with self.database.transaction() as tx:
                self.verifications.progress(tx, verification_id, done=done, total=total, lease_until=lease)

        return say

    @every(seconds=1)
    def fetch_origins(self) -> None:
        """Ask the account service where logins came from, and keep it sealed under the person's own key."""
        self.login_watch.fetch_origins(self.clock.now())

    @every(seconds=60, irreversible=True)
    def forget_what_is_over(self) -> None:
        """Delete logins whose months are over, and what else has had its time, in batches."""
        now = self.clock.now()
        today = oslo_date(now)
        for _ in range(FORGET_BATCHES):
            with self.database.transaction() as tx:
                if self.login_store.forget(tx, today=today, limit=FORGET_BATCH) < FORGET_BATCH:
                    break
        with self.database.transaction() as tx:
            self.login_store.forget_tombstones(tx, today=today)
            self.login_store.forget_erasure_steps(tx, before=tombstones.forgotten_before(now))
            self.verifications.forget(tx, before=now - timedelta(days=VERIFICATION_KEPT_DAYS))

    # ── what it answers ───────────────────────────────────────────────────────────────────────────────────

    @answers(calls.Trail)
    def trail(self, call: calls.Trail) -> TrailShown:
        """The rows about a subject or of a correlation id. An erased subject has none that could be found."""
        with self.database.transaction() as tx:
            rows = self.trail_store.page(
                tx,
                subject=call.subject,
                correlation_id=call.correlation_id,
                after_seq=call.after_seq,
                limit=call.limit,
            )
            refs = {UUID(ref) for row in rows for ref in rules.refs_in(row)}
            names = self.trail_store.names(tx, refs)
        return TrailShown(
            rows=tuple(rules.shown(row, names) for row in rows),
            next_after_seq=rows[-1]["seq"] if len(rows) == call.limit else None,
        )

    @answers(calls.TrailHead)
    def trail_head(self, _call: calls.TrailHead) -> TrailHeadShown:
        """How long the trail is and what is signed of it."""
        with self.database.transaction() as tx:
            size, head = self.trail_store.head(tx)
            waiting = self.trail_store.waiting(tx)
            checkpoint = self.trail_store.last_checkpoint(tx)
        return TrailHeadShown(
            size=size,
            head=head.hex(),
            waiting=waiting,
            checkpoint=_shown(checkpoint) if checkpoint else None,
            halted=self._halted(),
        )

    @answers(calls.Proof)
    def proof(self, call: calls.Proof) -> ProofShown:
        """What proves that a row is in the trail, to whoever has the public key."""
        seq = call.seq
        with self.database.transaction() as tx:
            size, _ = self.trail_store.head(tx)
            if seq > size:
                raise NotFound("the trail has no such row")
            checkpoint = self.trail_store.checkpoint_over(tx, seq)
            if checkpoint is None:
                raise Conflict("the row is not covered by a checkpoint yet; ask again in a minute")
            tree = StoredTree(tx)
            path = chain.inclusion_proof(seq - 1, checkpoint.tree_size, tree)
            leaf = tree(0, seq - 1)
        return ProofShown(
            seq=seq, leaf=leaf.hex(), path=tuple(node.hex() for node in path), checkpoint=_shown(checkpoint)
        )

    @answers(calls.Verify)
    def verify(self, call: calls.Verify, tx: Transaction) -> VerificationBegun:
        """Begin a verification of the whole trail in the background."""
        id_ = new_id()
        self.verifications.ask(
            tx, id_=id_, actor=str(call.actor), now=self.clock.now(), from_checkpoint=call.from_checkpoint
        )
        return VerificationBegun(verification_id=id_)

    @answers(calls.Verification)
    def verification(self, call: calls.Verification) -> VerificationShown:
        """How far a verification is, and what it found."""
        with self.database.transaction() as tx:
            row = self.verifications.show(tx, call.verification_id)
        if row is None:
            raise NotFound("there is no such verification")
        findings = tuple(calls.FindingShown(**each) for each in row["findings"])
        return VerificationShown(**row | {"findings": findings})

    @answers(calls.Reopen)
    def reopen(self, call: calls.Reopen, tx: Transaction) -> Reopened:
        """Let the trail grow again after a restore. The file that contradicts it is put aside, not removed."""
        if call.actor.kind != "staff":
            raise Forbidden("only staff may decide that the trail goes on")
        self.trail_store.wait_lock(tx)
        try:
            self.trail_store.check_outside(tx, self.outside)
        except TrailHalted as halted:
            reason = halted.reason
        else:
            raise Conflict("the trail does not stand still")
        now = self.clock.now()
        archived = self.outside.put_aside(now.strftime("%Y%m%dT%H%M%S%f"))
        self.trail_store.write_anew(tx, self.outside)
        size, _ = self.trail_store.head(tx)
        facts = {"reason": call.reason, "halted": reason, "size": size}
        self._record_own(tx, "trail.reopened", actor=str(call.actor), subject="trail/audit", facts=facts)
        return Reopened(size=size, archived_as=archived)

    @answers(calls.Logins)
    def logins(self, call: calls.Logins) -> LoginsShown:
        """Login times and addresses for a stated purpose (L57). Answer and refusal alike enter the trail."""
        now = self.clock.now()
        try:
            self.login_watch.check_disclosure(call)
        except Refused:
            with self.database.transaction() as tx:
                self.trail_store.add(tx, rules.disclosure(call, new_id(), now, _story(), count=None))
            raise
        with self.database.transaction() as tx:
            rows, complete = self.login_watch.attempts(tx, call)
            self.trail_store.add(tx, rules.disclosure(call, new_id(), now, _story(), count=len(rows)))
        return LoginsShown(logins=self.login_watch.opened(rows), complete=complete)

    # ── for all of them ───────────────────────────────────────────────────────────────────────────────────

    def _record_own(self, tx: Transaction, type_: str, **entry: Any) -> None:
        entry |= {"event_id": new_id(), "now": self.clock.now(), "correlation_id": _story()}
        self.trail_store.add(tx, rules.own_entry(type_=type_, **entry))

    def _halted(self) -> str | None:
        with self.database.transaction() as tx:
            try:
                self.trail_store.check_outside(tx, self.outside)
            except TrailHalted as halted:
                return halted.reason
        return None


def _story() -> UUID:
    return context.current().correlation_id


def _shown(checkpoint: Checkpoint) -> CheckpointShown:
    return CheckpointShown(**checkpoint.as_json() | {"time": checkpoint.time})


def _later(now: datetime, seconds: int) -> datetime:
    return now + timedelta(seconds=seconds)
