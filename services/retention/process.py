"""Carrying an erasure forward: ask the rules for the next step, do it, keep what came of it.

One step is one transaction. What lies outside the database, the question to the account service and the keys, is
done between two transactions and may be done twice without harm, so a process may die anywhere in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from services.account.companies.calls import Standing as StandingCall
from services.account.companies.calls import StandingShown
from services.account.erasure.calls import BeginErasure, WithdrawErasure
from services.retention import facts, holds_rules, holds_store, rules, store, telling
from services.retention.archive import CertificateArchive
from services.retention.certificate import SigningKey, certificate_of, document_hash
from services.retention.store import Kept
from services.retention.values import (
    REVOCABLE,
    Action,
    Cancellation,
    Erasure,
    Inactivation,
    Limits,
    Move,
    Notice,
    Scope,
    Standing,
    Trigger,
    limits_on,
)
from shared import log
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Conflict, NotFound, Permanent
from shared.failpoints import Failpoints
from shared.identifiers import derived_id, new_id
from shared.privacy import Keyring
from shared.privacy.ledger_writer import LedgerWriter
from shared.version import VERSION
from shared.waits import bounded

NO_FAILPOINTS: Final = Failpoints("test", {})

PARTICIPANTS: Final = ("account", "audit", "billing-sync", "notification")
"""Who takes part in every erasure. An outside service joins by its wire name in VILKAR_ERASURE_PARTICIPANTS."""

STEPS_AT_ONCE: Final = 8
"""An erasure takes at most this many steps in one go; the rest comes in the next round."""

RETRY: Final = timedelta(seconds=5)

logger = log.get("retention")


@dataclass(frozen=True)
class Process:
    """The erasure process with everything it needs."""

    database: Database
    clock: Clock
    caller: Caller
    keyring: Keyring
    signing_key: SigningKey
    ledger: LedgerWriter
    archive: CertificateArchive
    participants: tuple[str, ...]
    failpoints: Failpoints = NO_FAILPOINTS

    def advance(self, erasure_id: UUID) -> None:
        """Carry one claimed erasure as far as it goes now."""
        standing: Standing | None = None
        for _ in range(STEPS_AT_ONCE):
            with self.database.transaction() as tx:
                kept = store.get(tx, erasure_id)
                suspended = kept is not None and _is_suspended(tx, kept.erasure)
            if kept is None:
                return
            erasure, now = kept.erasure, self.clock.now()
            limits = limits_on(erasure.promised_on)
            step = rules.next_step(erasure, standing, now, limits, suspended=suspended)
            if step.action is Action.ASK:
                standing = self.ask(erasure.scope)
            elif step.action in {Action.WAIT, Action.NOTHING}:
                self._wait(kept, bounded(step.until or now + RETRY, now, rules.LOOK_AT_LEAST))
                return
            elif not self._done(step.action, kept, standing, now, limits):
                break
        with self.database.transaction() as tx:
            store.let_go(tx, erasure_id, self.clock.now())

    def _wait(self, kept: Kept, until: datetime) -> None:
        with self.database.transaction() as tx:
            store.wait(tx, kept, until)

    def ask(self, scope: Scope) -> Standing:
        """What the account service says of the scope now."""
        asked_at = self.clock.now()
        try:
            shown = self.caller.ask(StandingCall(account_id=scope.account_id, user_id=scope.user_id))
        except NotFound:
            return Standing(state=None, inactivated_at=None, asked_at=asked_at)
        return _standing(shown, scope, asked_at)

    def _done(self, action: Action, kept: Kept, standing: Standing | None, now: datetime, limits: Limits) -> bool:
        try:
            return self._do(action, kept, standing, now, limits)
        except store.Overtaken:
            return True  # somebody changed it meanwhile: read it again and decide anew

    def _do(self, action: Action, kept: Kept, standing: Standing | None, now: datetime, limits: Limits) -> bool:
        """Do one step. False where it has to be looked at anew before anything else is done."""
        erasure = kept.erasure
        self.failpoints.hit(f"erasure.{action.value}")
        if action is Action.SUSPEND:
            return self._suspend(kept, now)
        if action is Action.FENCE:
            return self._fence(kept, now)
        if action is Action.DESTROY:
            return self._destroy(kept, now)
        if action is Action.CERTIFY:
            return self._certify(kept, now)
        if action is Action.START_ANEW:
            return self._start_anew(kept, standing, now)
        return self._save(kept, self._decide(action, erasure, now, limits), now)

    def _decide(self, action: Action, erasure: Erasure, now: datetime, limits: Limits) -> Move:
        match action:
            case Action.ANNOUNCE:
                return rules.announce(erasure, new_id(), now, limits)
            case Action.ORDER:
                return rules.order(erasure, self.participants, now)
            case Action.CANCEL:
                return rules.cancel(erasure, Cancellation.REACTIVATED, now)
            case Action.HALT:
                logger.error("halted: the account service knows nothing of it", erasure_id=erasure.id)
                return rules.halt(erasure, now)
            case _:
                raise Permanent(f"there is no way to {action.value}")

    def _save(self, kept: Kept, move: Move, now: datetime) -> bool:
        with self.database.transaction() as tx:
            apply(tx, kept, move, now)
        return True

    def _suspend(self, kept: Kept, now: datetime) -> bool:
        """Wait until somebody ends the hold or restriction; the erasure does not count for the brake meanwhile.

        A hold that came between the closing of the way back and the fence opens it again: nothing is destroyed.
        """
        self.caller.ask(WithdrawErasure(erasure_id=kept.erasure.id))
        with self.database.transaction() as tx:
            store.save(tx, kept, rules.suspend(kept.erasure, now).erasure, next_at=None, suspended=True)
        logger.info("an erasure waits, all of it is held", erasure_id=kept.erasure.id)
        return False

    def _fence(self, kept: Kept, now: datetime) -> bool:
        scope = kept.erasure.scope
        if not self._begin(kept.erasure):
            return False
        self.failpoints.hit("erasure.fence.begun")
        fixed = self._fix_held(kept, now)
        if fixed is None:
            return False
        self.failpoints.hit("erasure.fence.fixed")
        self.keyring.fence(scope.account_id, scope.user_id, now, spared=holds_rules.spared(fixed.erasure))
        self.failpoints.hit("erasure.fence.fenced")
        with self.database.transaction() as tx:
            store.of_scope(tx, scope)
            fenced = apply(tx, fixed, rules.fence(fixed.erasure, now), now)
            if scope.is_account:
                holds_store.take_over(tx, scope.account_id)
                others = {each.erasure.id: each for each in store.running_of_users(tx, scope.account_id)}
                moves = rules.supersede(fenced.erasure, [each.erasure for each in others.values()], now)
                for move in moves:
                    apply(tx, others[move.erasure.id], move, now)
        return True

    def _fix_held(self, kept: Kept, now: datetime) -> Kept | None:
        """Fix what is held, once: whoever comes later is told that it is too late. None where all of it is held."""
        if kept.erasure.held is not None:
            return kept
        with self.database.transaction() as tx:
            holds_store.lock_account(tx, kept.erasure.scope.account_id)
            parts = holds_store.parts(tx, kept.erasure.scope)
            if holds_rules.is_suspended(kept.erasure.scope, parts):
                return None
            return apply(tx, kept, rules.fix_held(kept.erasure, parts), now)

    def _begin(self, erasure: Erasure) -> bool:
        """Close the way back at the account service; False where the customer came back a moment ago.

        The account service decides under its own lock, so that a reactivation comes either before, and stops the
        erasure, or after, and is refused.
        """
        scope = erasure.scope
        beginning = BeginErasure(erasure_id=erasure.id, account_id=scope.account_id, user_id=scope.user_id)
        try:
            self.caller.ask(beginning)
        except Conflict:
            return False
        except NotFound:
            logger.warning("erasing what the account service does not know, as released", erasure_id=erasure.id)
        return True

    def _destroy(self, kept: Kept, now: datetime) -> bool:
        """Destroy the keys. The ledger knows before they are gone: no backup can bring them back from then on.

        Keys that were spared for what is held go as well where no participant kept anything of it.
        """
        scope, spared = kept.erasure.scope, holds_rules.kept_keys(kept.erasure)
        partial = holds_rules.kept_back(kept.erasure)
        self.ledger.append([facts.of_erasure(kept.erasure, kept_keys=spared, partial=partial)], now)
        self.failpoints.hit("erasure.destroy.written")
        self.keyring.fence(scope.account_id, scope.user_id, now, spared=spared)
        fingerprints = self.keyring.destroy(scope.account_id, scope.user_id, now)
        self.failpoints.hit("erasure.destroy.destroyed")
        return self._save(kept, rules.destroy(kept.erasure, fingerprints, now), now)

    def _certify(self, kept: Kept, now: datetime) -> bool:
        """Issue the certificate, unless that was done before a crash, and say that the scope is erased."""
        with self.database.transaction() as tx:
            sequence, previous = self.archive.agree(tx)
            certificate_id = kept.erasure.certificate_id
            if certificate_id is None or store.certificate(tx, certificate_id) is None:
                self._issue(tx, kept.erasure, sequence + 1, previous, now)
            apply(tx, kept, rules.certify(kept.erasure, now), now)
        return True

    def _issue(self, tx: Transaction, erasure: Erasure, sequence: int, previous: str, now: datetime) -> None:
        made = certificate_of(
            erasure, reference=new_id(), sequence=sequence, previous=previous, software_version=VERSION
        )
        document = self.signing_key.sign(made)
        self.archive.append(document)
        self.failpoints.hit("erasure.certify.issued")
        store.keep_certificate(
            tx,
            sequence=sequence,
            certificate_id=made.certificate_id,
            document=document,
            digest=document_hash(document),
            now=now,
        )

    def _start_anew(self, kept: Kept, standing: Standing | None, now: datetime) -> bool:
        if standing is None or standing.inactivated_at is None:
            return False
        inactivation = Inactivation(
            scope=kept.erasure.scope,
            inactivated_at=standing.inactivated_at,
            notice=standing.notice if standing.ended_by_notice else None,
        )
        with self.database.transaction() as tx:
            plan(tx, inactivation, now)
        return True


def _is_suspended(tx: Transaction, erasure: Erasure) -> bool:
    """Whether all of it is held or restricted, while that can still stop it."""
    if erasure.state not in REVOCABLE:
        return False
    return holds_rules.is_suspended(erasure.scope, holds_store.parts(tx, erasure.scope))


def apply(tx: Transaction, kept: Kept, move: Move, now: datetime, *, tell: bool = True) -> Kept:
    """Keep an erasure as it is after a decision, and tell the world unless it has been told."""
    saved = store.save(tx, kept, move.erasure, next_at=now)
    for event in move.events if tell else ():
        telling.tell(tx, event, now, sequence=saved.version, about=move.erasure)
    return saved


def clock_of(inactivation: Inactivation) -> UUID:
    """The id of the clock that an inactivation begins: one, however often it is heard of and tried.

    A try whose commit failed leaves its fact in the ledger. A restored database begins the clock of the first of
    these, and the world was told of that of the last.
    """
    scope, since = inactivation.scope, inactivation.inactivated_at.astimezone(UTC)
    return derived_id("clock", scope.account_id, scope.user_id, since.isoformat(timespec="microseconds"))


def plan(
    tx: Transaction,
    inactivation: Inactivation,
    now: datetime,
    *,
    clock_id: UUID | None = None,
    tell: bool = True,
) -> None:
    """Start the three months for what became inactive, and call off what runs from an earlier time.

    `clock_id` is the id that the ledger has for the clock, so that a restored database begins the same one. A clock
    that the ledger began, faster than the event or because nobody lived to commit what it led to, is told.
    """
    known = {each.erasure.id: each for each in store.of_scope(tx, inactivation.scope)}
    planned = rules.plan_erasure(
        inactivation,
        new_id=clock_id or clock_of(inactivation),
        known=[each.erasure for each in known.values()],
        now=now,
        limits=limits_on(inactivation.promised_on),
        returned_at=store.last_return(tx, inactivation.scope),
    )
    keep(tx, known, planned, now, tell=tell)
    if tell and not planned:
        for kept in known.values():
            if rules.is_clock_of(kept.erasure, inactivation):
                telling.tell(tx, rules.told_of(kept.erasure), now, sequence=kept.version)


def keep(
    tx: Transaction, known: Mapping[UUID, Kept], planned: Iterable[Move], now: datetime, *, tell: bool = True
) -> None:
    """Keep erasures that were changed, and add those that are new; `known` is as they were read, by id."""
    for move in planned:
        if move.erasure.id in known:
            apply(tx, known[move.erasure.id], move, now, tell=tell)
            continue
        store.add(tx, move.erasure)
        for event in move.events if tell else ():
            telling.tell(tx, event, now, sequence=1, about=move.erasure)


def call_off(tx: Transaction, scope: Scope, reactivated_at: datetime, now: datetime, *, tell: bool = True) -> None:
    """Somebody came back: call off what began before, and remember it for a leaving that is heard later."""
    store.keep_return(tx, scope, reactivated_at)
    known = {each.erasure.id: each for each in store.of_scope(tx, scope)}
    for kept in known.values() if tell else ():
        if rules.was_called_off_for(kept.erasure, scope, reactivated_at):
            telling.tell(tx, rules.told_cancelled(kept.erasure), now, sequence=kept.version)
    for move in rules.call_off([each.erasure for each in known.values()], scope, reactivated_at, now):
        apply(tx, known[move.erasure.id], move, now, tell=tell)


def _standing(shown: StandingShown, scope: Scope, asked_at: datetime) -> Standing:
    return Standing(
        state="inactive" if shown.state != "active" else "active",
        inactivated_at=shown.inactivated_at,
        asked_at=asked_at,
        notice=_notice(shown) if scope.is_account else None,
        ended_by_notice=scope.is_account and shown.account_trigger == Trigger.CONTRACT_TERMINATED,
    )


def _notice(shown: StandingShown) -> Notice | None:
    if shown.noticed_on is None or shown.notice_ends_on is None:
        return None
    return Notice(noticed_on=shown.noticed_on, ends_on=shown.notice_ends_on)
