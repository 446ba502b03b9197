"""retention: counts the three months, calls them off when somebody comes back, and erases when they are over."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Final

from services.account.companies.events import AccountUpdated
from services.account.deactivation.events import AccountDeactivated
from services.account.passwords.events import UserPasswordChanged
from services.account.reactivation.events import AccountReactivated
from services.account.suspicion.events import AccountBlocked, AccountUnblocked
from services.account.termination.events import TerminationNoticed, TerminationWithdrawn
from services.account.users.events import UserDeactivated, UserReactivated, UserUpdated
from services.notification.letter_lifecycle.events import NotificationFailed, NotificationSent
from services.notification.preferences.events import PreferencesChanged
from services.retention import calls, early_store, facts, holds_rules, holds_store, process, rules, store
from services.retention.alarms import ErasureAlarms
from services.retention.archive import CertificateArchive
from services.retention.calls import CertificateShown, ChainShown, ErasureShown, ErasuresShown, ParticipantShown
from services.retention.certificate import SigningKey, as_pem, verdict_on
from services.retention.dry_runs import DryRuns
from services.retention.early import EarlyErasure
from services.retention.early_course import overtake
from services.retention.orphans import Orphans
from services.retention.process import PARTICIPANTS, Process
from services.retention.replay import RetentionReplayer
from services.retention.restrictions import Restrictions
from services.retention.store import Kept
from services.retention.upkeep import Upkeep
from services.retention.values import (
    Answer,
    Erasure,
    Inactivation,
    Notice,
    Outcome,
    Scope,
    State,
    Trigger,
    limits_on,
)
from shared import calendar, log
from shared.bus import answers, every, handles
from shared.bus.declarations import Declared, HandlesSpec
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import NotFound
from shared.events import Received
from shared.failpoints import Failpoints
from shared.identifiers import new_id
from shared.participation.events import ErasureDryRunAnswered, ErasureStepCompleted
from shared.privacy import Keyring
from shared.privacy.gate import Replayer
from shared.privacy.keyring_replayer import KeyringReplayer
from shared.privacy.ledger_writer import LedgerWriter

FROM_PARTICIPANTS: Final = (ErasureStepCompleted, ErasureDryRunAnswered)
FAREWELLS: Final = frozenset({"account_erased", "user_erased"})
REMINDER_BATCH: Final = 500
BATCH: Final = 20
RETURNS_KEPT: Final = timedelta(days=180)
"""Longer than a parked event waits for a person and than the ids of handled events are kept."""

logger = log.get("retention")


class Retention(Restrictions, EarlyErasure, DryRuns, Upkeep, ErasureAlarms):
    """The service. Several replicas share the work through the database."""

    name: ClassVar[str] = "retention"

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        caller: Caller,
        keyring: Keyring,
        signing_key: SigningKey,
        ledger: LedgerWriter,
        archive: CertificateArchive,
        participants: tuple[str, ...] = PARTICIPANTS,
        ledger_copies: Path | None = None,
        failpoints: Failpoints = process.NO_FAILPOINTS,
    ) -> None:
        """`keyring` must be open. `ledger_copies` is the folder, off this machine at best, that gets copies."""
        self.database = database
        self.clock = clock
        self.caller = caller
        self.keyring = keyring
        self.signing_key = signing_key
        self.ledger = ledger
        self.archive = archive
        self.ledger_copies = ledger_copies
        self.orphans = Orphans(caller=caller, keyring=keyring)
        self.process = Process(
            database=database,
            clock=clock,
            caller=caller,
            keyring=keyring,
            signing_key=signing_key,
            ledger=ledger,
            archive=archive,
            participants=participants,
            failpoints=failpoints,
        )

    waits = rules.WAITS

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database, and the keyring: retention is who may destroy keys."""
        yield self.database, RetentionReplayer(self.archive)
        yield self.keyring.database, KeyringReplayer()

    def declared(self) -> Iterator[Declared]:
        """As declared, but answers are heard from the participants that are configured."""
        for name, spec, method in super().declared():
            if isinstance(spec, HandlesSpec) and spec.event in FROM_PARTICIPANTS:
                yield Declared(name, replace(spec, sources=self.process.participants), method)
            else:
                yield Declared(name, spec, method)

    def ready(self) -> None:
        """The keyring must answer too."""
        self.keyring.ping()

    # ── what it hears ─────────────────────────────────────────────────────────────────────────────────────

    @handles(AccountDeactivated)
    def schedule_account(self, message: Received[AccountDeactivated], tx: Transaction) -> None:
        """The company became inactive, or its notice period is over: its three months begin (L59, L204)."""
        event = message.event
        inactivation = Inactivation(
            scope=Scope(account_id=event.account_id),
            inactivated_at=event.deactivated_at,
            notice=_notice(event),
        )
        self._write(facts.of_change(message, clock_id=process.clock_of(inactivation)))
        if event.trigger == Trigger.EARLY_REQUEST.value and early_store.waits(tx, event.account_id):
            return  # its erasure is planned for now, not for three months later
        process.plan(tx, inactivation, self.clock.now())

    @handles(UserDeactivated)
    def schedule_user(self, message: Received[UserDeactivated], tx: Transaction) -> None:
        """One user became inactive: the user's own three months begin (L59)."""
        event = message.event
        scope = Scope(account_id=event.account_id, user_id=event.user_id)
        inactivation = Inactivation(scope=scope, inactivated_at=event.deactivated_at)
        self._write(facts.of_change(message, clock_id=process.clock_of(inactivation)))
        process.plan(tx, inactivation, self.clock.now())

    @handles(AccountReactivated)
    def call_off_account(self, message: Received[AccountReactivated], tx: Transaction) -> None:
        """The company came back."""
        self._write(facts.of_change(message))
        account_id, now = message.event.account_id, self.clock.now()
        process.call_off(tx, Scope(account_id=account_id), message.time, now)
        overtake(tx, account_id, message.time, now)

    @handles(UserReactivated)
    def call_off_user(self, message: Received[UserReactivated], tx: Transaction) -> None:
        """The user came back."""
        event = message.event
        self._write(facts.of_change(message))
        scope = Scope(account_id=event.account_id, user_id=event.user_id)
        process.call_off(tx, scope, message.time, self.clock.now())

    @handles(AccountUpdated)
    def keep_correction_of_company(self, message: Received[AccountUpdated], _tx: Transaction) -> None:
        """Something about the company was corrected: the ledger knows which fields, not what they say."""
        self._write(facts.of_change(message))

    @handles(UserUpdated)
    def keep_correction_of_user(self, message: Received[UserUpdated], _tx: Transaction) -> None:
        """Something about a person was corrected."""
        self._write(facts.of_change(message))

    @handles(UserPasswordChanged)
    def keep_change_of_password(self, message: Received[UserPasswordChanged], _tx: Transaction) -> None:
        """A password was changed: the one before it must not come back."""
        self._write(facts.of_change(message))

    @handles(AccountBlocked)
    def keep_block(self, message: Received[AccountBlocked], _tx: Transaction) -> None:
        """Staff closed an account to protect it: whatever backup comes back, nobody gets in."""
        self._write(facts.of_change(message))

    @handles(AccountUnblocked)
    def keep_unblocking(self, message: Received[AccountUnblocked], _tx: Transaction) -> None:
        """Staff opened it again: no backup brings the block back."""
        self._write(facts.of_change(message))

    @handles(TerminationNoticed)
    def keep_notice(self, message: Received[TerminationNoticed], _tx: Transaction) -> None:
        """Notice of termination was given: the contract ends on that day whatever backup comes back."""
        self._write(facts.of_notice(message))

    @handles(TerminationWithdrawn)
    def keep_withdrawal(self, message: Received[TerminationWithdrawn], _tx: Transaction) -> None:
        """The notice was taken back: the contract goes on whatever backup comes back."""
        self._write(facts.of_notice(message))

    @handles(PreferencesChanged)
    def keep_objection(self, message: Received[PreferencesChanged], _tx: Transaction) -> None:
        """A person declined letters (L25): no restore sends one."""
        self._write(facts.of_objection(message))

    @handles(NotificationSent)
    def note_farewell_sent(self, message: Received[NotificationSent], tx: Transaction) -> None:
        """The last letter has left, or the one that a restriction ends."""
        self._settle_letter(tx, message.event)
        self.note_told(tx, message.causation_id, message.event.letter, message.time, sent=True)

    @handles(NotificationFailed)
    def note_farewell_failed(self, message: Received[NotificationFailed], tx: Transaction) -> None:
        """The last letter cannot be sent; the erasure does not wait for it. Whom none reached is told otherwise."""
        self._settle_letter(tx, message.event)
        self.note_told(tx, message.causation_id, message.event.letter, message.time, sent=False)

    def _settle_letter(self, tx: Transaction, event: NotificationSent | NotificationFailed) -> None:
        if event.letter not in FAREWELLS:
            return
        user_id = event.user_id if event.letter == "user_erased" else None
        scope = Scope(account_id=event.account_id, user_id=user_id)
        now = self.clock.now()
        for kept in store.of_scope(tx, scope):
            if kept.erasure.scope == scope and kept.erasure.state is State.ANNOUNCED:
                process.apply(tx, kept, rules.letter_settled(kept.erasure), now)

    @handles(ErasureStepCompleted, sources=PARTICIPANTS)
    def record_answer(self, message: Received[ErasureStepCompleted], tx: Transaction) -> None:
        """A participant has done its part; each speaks for itself, from its own exchange."""
        event, now = message.event, self.clock.now()
        if event.participant != message.source:
            raise rules.UnknownParticipantError("a service answers for another one")
        kept = store.get(tx, event.erasure_id, locked=True)
        if kept is None:
            raise rules.UnknownParticipantError("an answer to an erasure that was never ordered here")
        answer = Answer(
            outcome=Outcome(event.outcome),
            counts={str(kind): count for kind, count in event.counts.items()},
            retained=tuple(event.retained),
        )
        move = rules.record_answer(kept.erasure, event.participant, answer)
        if move.erasure is not kept.erasure:
            store.keep_answer(tx, event.erasure_id, event.participant, move.erasure.answers[event.participant], now)
            process.apply(tx, kept, move, now)

    # ── what it does on time ──────────────────────────────────────────────────────────────────────────────

    @every(seconds=1)
    def remind(self) -> None:
        """Send the reminders whose day has come."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for kept in store.to_remind(tx, calendar.oslo_date(now), REMINDER_BATCH):
                move = rules.remind(kept.erasure, now, limits_on(kept.erasure.promised_on))
                if move is not None:
                    process.apply(tx, kept, move, now)

    @every(seconds=1, irreversible=True)
    def plan_run(self) -> None:
        """Let what is due pass the brake, or halt it."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            due = store.due(tx, now)
            if not due:
                return
            known = {each.erasure.id: each for each in due}
            planned = rules.brake(
                [each.erasure for each in due],
                already_there=store.braked_count(tx),
                run_id=new_id(),
                now=now,
                limits=limits_on(calendar.oslo_date(now)),
            )
            for move in planned.halt:
                process.apply(tx, known[move.erasure.id], move, now)
            for event in planned.events:
                tx.outbox.add(event, now=now)
            store.clear(tx, [each.id for each in planned.begin], now)
        logger.info("a run was planned", begun=len(planned.begin), halted=len(planned.halt))

    @every(seconds=0.25, irreversible=True)
    def carry_out(self) -> None:
        """Carry erasures forward."""
        with self.database.transaction() as tx:
            claimed = store.claim(tx, self.clock.now(), BATCH)
        for erasure_id in claimed:
            try:
                self.process.advance(erasure_id)
            except Exception:  # one erasure's trouble must not keep the others waiting
                logger.exception("an erasure cannot go on now", erasure_id=erasure_id)
                with self.database.transaction() as tx:
                    store.let_go(tx, erasure_id, self.clock.now() + process.RETRY)

    @every(seconds=3600, irreversible=True)
    def forget_returns(self) -> None:
        """Forget who came back so long ago that no leaving from before it can be heard any more."""
        with self.database.transaction() as tx:
            store.forget_returns(tx, self.clock.now() - RETURNS_KEPT)

    @every(seconds=3600, irreversible=True)
    def destroy_orphaned_keys(self) -> None:
        """Destroy keys that were made for a sign-up or user whose rows were never written."""
        self.orphans.sweep(self.clock.now())

    # ── what it answers ───────────────────────────────────────────────────────────────────────────────────

    @answers(calls.Timeline)
    def timeline(self, call: calls.Timeline) -> ErasuresShown:
        """Every erasure of an account and of its users, oldest first."""
        with self.database.transaction() as tx:
            return self._all_shown(tx, store.of_account(tx, call.account_id))

    @answers(calls.Erasures)
    def erasures(self, call: calls.Erasures) -> ErasuresShown:
        """Erasures in one state, oldest first."""
        with self.database.transaction() as tx:
            return self._all_shown(tx, store.in_state(tx, State(call.state), call.limit))

    def _all_shown(self, tx: Transaction, listed: list[Kept]) -> ErasuresShown:
        suspended = holds_store.suspended_among(tx, [each.erasure.id for each in listed])
        return ErasuresShown(
            erasures=tuple(self._shown(each.erasure, suspended=each.erasure.id in suspended) for each in listed)
        )

    @answers(calls.Certificate)
    def certificate(self, call: calls.Certificate) -> CertificateShown:
        """A certificate by its id; before it is issued, how far its erasure is."""
        with self.database.transaction() as tx:
            row = store.certificate(tx, call.certificate_id)
            state = store.state_of_certificate(tx, call.certificate_id)
            previous = store.hash_before(tx, row["sequence"]) if row else None
        pem = as_pem(self.signing_key.public)
        if row is not None:
            verdict = verdict_on(row["document"], {self.signing_key.id: self.signing_key.public}, previous=previous)
            return CertificateShown(**row, public_key=pem, state="issued", verdict=verdict, key=self.signing_key.id)
        if state is None:
            raise NotFound("There is no certificate with this id.")
        return CertificateShown(certificate_id=call.certificate_id, state=state, public_key=pem)

    @answers(calls.Certificates)
    def certificates(self, call: calls.Certificates) -> ChainShown:
        """A stretch of the chain of certificates, for checking it."""
        with self.database.transaction() as tx:
            links = store.certificates(tx, call.after, call.limit)
        public = base64.b64encode(self.signing_key.public).decode("ascii")
        return ChainShown(
            certificates=tuple(calls.LinkShown(**link) for link in links),
            public_keys={self.signing_key.id: public},
            public_key=as_pem(self.signing_key.public),
        )

    @answers(calls.Release)
    def release(self, call: calls.Release, tx: Transaction) -> calls.Released:
        """A person has looked at halted erasures and lets them go on."""
        now = self.clock.now()
        released = 0
        for erasure_id in call.erasure_ids:
            kept = store.get(tx, erasure_id, locked=True)
            if kept is not None and kept.erasure.state is State.HALTED:
                process.apply(tx, kept, rules.release(kept.erasure, now), now)
                released += 1
        logger.info("halted erasures were released", count=released)
        return calls.Released(released=released)

    def _shown(self, erasure: Erasure, *, suspended: bool) -> ErasureShown:
        now = self.clock.now()
        limits = limits_on(erasure.promised_on)
        states = rules.progress(erasure, now, limits)
        return ErasureShown(
            erasure_id=erasure.id,
            account_id=erasure.scope.account_id,
            user_id=erasure.scope.user_id,
            trigger=erasure.trigger.value,
            state=erasure.state.value,
            started_on=erasure.started_on,
            due_on=erasure.due_on,
            reminders=tuple(calendar.reminder_dates(erasure.started_on, erasure.due_on, limits.reminder_days)),
            reminded_on=tuple(erasure.reminded_on),
            entered_at=erasure.entered_at,
            late=not suspended and rules.is_late(erasure, now, limits),
            attempt=erasure.attempt,
            participants=tuple(_participant(erasure, name, state) for name, state in states.items()),
            certificate_id=erasure.certificate_id,
            backups_expire_on=erasure.backups_expire_on,
            cancellation=erasure.cancellation.value if erasure.cancellation else None,
            suspended=suspended,
            held=tuple(calls.HeldShown(**part) for part in holds_rules.shown_parts(erasure.held or ())),
            completes=erasure.completes,
        )


def _notice(event: AccountDeactivated) -> Notice | None:
    if event.noticed_on is None or event.notice_ends_on is None:
        return None
    return Notice(noticed_on=event.noticed_on, ends_on=event.notice_ends_on)


def _participant(erasure: Erasure, name: str, state: str) -> ParticipantShown:
    answer = erasure.answers.get(name)
    return ParticipantShown(
        participant=name,
        state=state,
        counts=dict(answer.counts) if answer else {},
        retained=tuple(answer.retained) if answer else (),
    )
