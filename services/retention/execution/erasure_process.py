"""Carrying an erasure forward: ask the rules for the next step, do it, keep what came of it.

One step is one transaction. What lies outside the database, the question to the account service and the keys, is
done between two transactions and may be done twice without harm, so a process may die anywhere in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.account.erasure.calls import BeginErasure, WithdrawErasure
from services.retention.erasure import standing as standings
from services.retention.erasure import store as erasures
from services.retention.erasure.rules import cancel
from services.retention.erasure.store import Stored
from services.retention.erasure.values import (
    REVOCABLE,
    Cancellation,
    Erasure,
    Inactivation,
    Limits,
    Move,
    Standing,
    limits_on,
)
from services.retention.execution import facts, rules, store
from services.retention.execution.values import Action
from services.retention.suspended_erasures import rules as suspension
from services.retention.suspended_erasures import store as suspensions
from shared import log
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Conflict, NotFound, Permanent
from shared.failpoints import Failpoints
from shared.identifiers import new_id
from shared.privacy import Keyring
from shared.privacy.ledger_writer import LedgerWriter
from shared.wait_bounds import bounded

NO_FAILPOINTS: Final = Failpoints("test", {})

STEPS_AT_ONCE: Final = 8
"""An erasure takes at most this many steps in one go; the rest comes in the next round."""

RETRY: Final = timedelta(seconds=5)

logger = log.get("retention")


@dataclass(frozen=True)
class ErasureProcess:
    """The erasure process with everything it needs."""

    database: Database
    clock: Clock
    caller: Caller
    keyring: Keyring
    ledger: LedgerWriter
    participants: tuple[str, ...]
    plan_clock: Callable[[Transaction, Inactivation, datetime], None]
    """Begins the three months anew where the customer came back and left again."""
    issue_certificate: Callable[[Transaction, Erasure, datetime], None]
    failpoints: Failpoints

    def advance(self, erasure_id: UUID) -> None:
        """Carry one claimed erasure as far as it goes now."""
        standing: Standing | None = None
        for _ in range(STEPS_AT_ONCE):
            with self.database.transaction() as tx:
                stored = erasures.get(tx, erasure_id)
                suspended = stored is not None and _is_suspended(tx, stored.erasure)
            if stored is None:
                return
            erasure, now = stored.erasure, self.clock.now()
            limits = limits_on(erasure.promised_on)
            step = rules.next_step(erasure, standing, now, limits, suspended=suspended)
            if step.action is Action.ASK:
                standing = standings.ask(self.caller, self.clock, erasure.scope)
            elif step.action in {Action.WAIT, Action.NOTHING}:
                self._wait(stored, bounded(step.until or now + RETRY, now, rules.LOOK_AT_LEAST))
                return
            elif not self._done(step.action, stored, standing, now, limits):
                break
        with self.database.transaction() as tx:
            store.let_go(tx, erasure_id, self.clock.now())

    def _wait(self, stored: Stored, until: datetime) -> None:
        with self.database.transaction() as tx:
            store.wait(tx, stored, until)

    def _done(
        self, action: Action, stored: Stored, standing: Standing | None, now: datetime, limits: Limits
    ) -> bool:
        try:
            return self._do(action, stored, standing, now, limits)
        except erasures.Overtaken:
            return True  # somebody changed it meanwhile: read it again and decide anew

    def _do(self, action: Action, stored: Stored, standing: Standing | None, now: datetime, limits: Limits) -> bool:
        """Do one step. False where it has to be looked at anew before anything else is done."""
        erasure = stored.erasure
        self.failpoints.hit(f"erasure.{action.value}")
        if action is Action.SUSPEND:
            return self._suspend(stored, now)
        if action is Action.FENCE:
            return self._fence(stored, now)
        if action is Action.DESTROY:
            return self._destroy(stored, now)
        if action is Action.CERTIFY:
            return self._certify(stored, now)
        if action is Action.START_ANEW:
            return self._start_anew(stored, standing, now)
        return self._save(stored, self._decide(action, erasure, now, limits), now)

    def _decide(self, action: Action, erasure: Erasure, now: datetime, limits: Limits) -> Move:
        match action:
            case Action.ANNOUNCE:
                return rules.announce(erasure, new_id(), now, limits)
            case Action.ORDER:
                return rules.order(erasure, self.participants, now)
            case Action.CANCEL:
                return cancel(erasure, Cancellation.REACTIVATED, now)
            case Action.HALT:
                logger.error("halted: the account service knows nothing of it", erasure_id=erasure.id)
                return rules.halt(erasure, now)
            case _:
                raise Permanent(f"there is no way to {action.value}")

    def _save(self, stored: Stored, move: Move, now: datetime) -> bool:
        with self.database.transaction() as tx:
            erasures.apply(tx, stored, move, now)
        return True

    def _suspend(self, stored: Stored, now: datetime) -> bool:
        """Wait until somebody ends the hold or restriction; the erasure does not count for the brake meanwhile.

        A hold that came between the closing of the way back and the fence opens it again: nothing is destroyed.
        """
        self.caller.ask(WithdrawErasure(erasure_id=stored.erasure.id))
        with self.database.transaction() as tx:
            erasures.save(tx, stored, rules.suspend(stored.erasure, now).erasure, next_at=None, suspended=True)
        logger.info("an erasure waits, all of it is held", erasure_id=stored.erasure.id)
        return False

    def _fence(self, stored: Stored, now: datetime) -> bool:
        scope = stored.erasure.scope
        if not self._begin(stored.erasure):
            return False
        self.failpoints.hit("erasure.fence.begun")
        fixed = self._fix_held(stored, now)
        if fixed is None:
            return False
        self.failpoints.hit("erasure.fence.fixed")
        self.keyring.fence(scope.account_id, scope.user_id, now, spared=suspension.spared(fixed.erasure))
        self.failpoints.hit("erasure.fence.fenced")
        with self.database.transaction() as tx:
            erasures.of_scope(tx, scope)
            fenced = erasures.apply(tx, fixed, rules.fence(fixed.erasure, now), now)
            if scope.is_account:
                erasures.take_over(tx, scope.account_id)
                others = {each.erasure.id: each for each in erasures.running_of_users(tx, scope.account_id)}
                moves = rules.supersede(fenced.erasure, [each.erasure for each in others.values()], now)
                for move in moves:
                    erasures.apply(tx, others[move.erasure.id], move, now)
        return True

    def _fix_held(self, stored: Stored, now: datetime) -> Stored | None:
        """Fix what is held, once: whoever comes later is told that it is too late. None where all of it is held."""
        if stored.erasure.held is not None:
            return stored
        with self.database.transaction() as tx:
            suspensions.lock_account(tx, stored.erasure.scope.account_id)
            parts = suspensions.parts(tx, stored.erasure.scope)
            if suspension.is_suspended(stored.erasure.scope, parts):
                return None
            return erasures.apply(tx, stored, rules.fix_held(stored.erasure, parts, self.clock.now()), now)

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

    def _destroy(self, stored: Stored, now: datetime) -> bool:
        """Destroy the keys. The ledger knows before they are gone: no backup can bring them back from then on.

        Keys that were spared for what is held go as well where no participant kept anything of it.
        """
        scope, spared = stored.erasure.scope, suspension.kept_keys(stored.erasure)
        partial = suspension.kept_back(stored.erasure)
        self.ledger.append([facts.erased(stored.erasure, kept_keys=spared, partial=partial)], now)
        self.failpoints.hit("erasure.destroy.written")
        self.keyring.fence(scope.account_id, scope.user_id, now, spared=spared)
        fingerprints = self.keyring.destroy(scope.account_id, scope.user_id, now)
        self.failpoints.hit("erasure.destroy.destroyed")
        return self._save(stored, rules.destroy(stored.erasure, fingerprints, now), now)

    def _certify(self, stored: Stored, now: datetime) -> bool:
        """Issue the certificate, unless that was done before a crash, and say that the scope is erased."""
        with self.database.transaction() as tx:
            self.issue_certificate(tx, stored.erasure, now)
            erasures.apply(tx, stored, rules.certify(stored.erasure, now), now)
        return True

    def _start_anew(self, stored: Stored, standing: Standing | None, now: datetime) -> bool:
        if standing is None or standing.inactivated_at is None:
            return False
        inactivation = Inactivation(
            scope=stored.erasure.scope,
            inactivated_at=standing.inactivated_at,
            notice=standing.notice if standing.ended_by_notice else None,
        )
        with self.database.transaction() as tx:
            self.plan_clock(tx, inactivation, now)
        return True


def _is_suspended(tx: Transaction, erasure: Erasure) -> bool:
    """Whether all of it is held or restricted, while that can still stop it."""
    if erasure.state not in REVOCABLE:
        return False
    return suspension.is_suspended(erasure.scope, suspensions.parts(tx, erasure.scope))
