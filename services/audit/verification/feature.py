"""Verifies the trail in the background: every day, and when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.audit.checkpoints.file import CheckpointFile
from services.audit.verification import calls
from services.audit.verification.reader import TrailReader
from services.audit.verification.store import VerificationStore
from services.audit.verification.values import Finding
from services.audit.verification.verifier import Progress, Verifier
from shared import log
from shared.actor import SYSTEM
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import probe
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.errors import NotFound
from shared.identifiers import new_id
from shared.signing import PublicKey
from shared.terms.clauses.erasure import LIFE_CYCLE_BY_LAW

LEASE: Final = timedelta(seconds=60)
KEPT: Final = timedelta(days=365)
DAILY: Final = timedelta(hours=23)
"""The trail is verified again when the last verification of all of it was asked for so long ago."""
VERIFIED_WITHIN: Final = timedelta(hours=26)
"""A day, and two hours in which a long trail is read."""
PROGRESS_ROWS: Final = 20_000

logger = log.get("audit")


class Verifications(Feature):
    """One at a time a process; the oldest that waits first."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        public_keys: Sequence[PublicKey],
        outside: CheckpointFile,
        *,
        halted: Callable[[], str | None],
        record: Callable[..., None],
    ) -> None:
        """`halted` says why the trail stands still, `record` takes what audit did itself into it."""
        self._database = database
        self._clock = clock
        self._public_keys = public_keys
        self._outside = outside
        self._halted = halted
        self._record = record
        self._store = VerificationStore()

    @every(seconds=0.5)
    def verify_requested(self) -> None:
        """Do the oldest verification that waits."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            asked = self._store.claim(tx, now=now, lease_until=now + LEASE)
        if asked is not None:
            self._verify(asked)

    def _verify(self, asked: Row) -> None:
        behind = self._halted() == "file_behind"
        contents = self._outside.read()
        with self._database.transaction() as tx:
            verifier = Verifier(TrailReader(tx.connection), self._public_keys, contents)
            report = verifier.run(from_checkpoint=asked["from_checkpoint"], progress=self._progress(asked["id"]))
        if behind:
            report.findings.append(Finding("file_behind", 0))
        facts: dict[str, Any] = {
            "verification_id": str(asked["id"]),
            "outcome": "whole" if report.ok else "damaged",
            "rows": report.rows,
            "tree_size": report.tree_size,
            "findings": len(report.findings),
        }
        with self._database.transaction() as tx:
            self._store.end(tx, asked["id"], report, now=self._clock.now())
            subject = f"verification/{asked['id']}"
            self._record(tx, "trail.verified", actor=asked["requested_by"], subject=subject, facts=facts)
        (logger.info if report.ok else logger.error)("trail_verified", **facts)

    def _progress(self, verification_id: UUID) -> Progress:
        noted = 0

        def note(done: int, total: int) -> None:
            nonlocal noted
            if done - noted < PROGRESS_ROWS:
                return
            noted = done
            lease = self._clock.now() + LEASE
            with self._database.transaction() as tx:
                self._store.progress(tx, verification_id, done=done, total=total, lease_until=lease)

        return note

    @every(seconds=600)
    def ask_daily(self) -> None:
        """Have the whole trail verified every day, whether or not a person asks."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            self._store.ask_in_time(tx, id_=new_id(), actor=str(SYSTEM), now=now, since=now - DAILY)

    @probe(
        LIFE_CYCLE_BY_LAW,
        nb="døgn uten at revisjonssporet er kontrollert",
        en="days without a verification of the audit trail",
    )
    def not_verified_since_yesterday(self, tx: Transaction, now: datetime) -> int:
        """What the last one found is told apart."""
        return int(not self._store.ended_since(tx, now - VERIFIED_WITHIN))

    @every(seconds=60, irreversible=True)
    def purge_verifications(self) -> None:
        """Delete what was asked for long ago."""
        with self._database.transaction() as tx:
            self._store.purge(tx, before=self._clock.now() - KEPT)

    @probe(
        LIFE_CYCLE_BY_LAW,
        nb="kontroller som fant at revisjonssporet er endret",
        en="verifications that found the audit trail changed",
    )
    @alarm("trail_damaged", says="a verification that found the trail damaged", act="vilkar audit verify")
    def damaged_trail(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """It stands until a later verification of as many rows finds them whole."""
        return Waiting.of(self._store.damaged(tx))

    @answers(calls.Verify)
    def verify(self, call: calls.Verify, tx: Transaction) -> calls.VerificationBegun:
        """Begin a verification of the whole trail in the background."""
        id_, now = new_id(), self._clock.now()
        self._store.ask(tx, id_=id_, actor=str(call.actor), now=now, from_checkpoint=call.from_checkpoint)
        return calls.VerificationBegun(verification_id=id_)

    @answers(calls.Verification)
    def verification(self, call: calls.Verification) -> calls.VerificationShown:
        """How far a verification is, and what it found."""
        with self._database.transaction() as tx:
            row = self._store.show(tx, call.verification_id)
        if row is None:
            raise NotFound("there is no such verification")
        findings = tuple(calls.FindingShown(**each) for each in row["findings"])
        return calls.VerificationShown(**row | {"findings": findings})
