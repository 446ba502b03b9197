"""Reconciliation with Mailgun: of letters that may have gone out, and of those of which nothing more was heard."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.notification.letter_lifecycle.lifecycle import LetterLifecycle
from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import GiveUp, Letter, Resend, State
from services.notification.mailgun.client import Mailgun
from services.notification.mailgun.values import VendorEvent
from services.notification.reconciliation.rules import (
    RECONCILE_CHECKS,
    next_reconciliation,
    on_lost_lease,
    on_not_found,
)
from services.notification.reconciliation.store import ReconciliationStore
from shared import errors, log
from shared.bus import Feature, every
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.wait_bounds import AHEAD, bounded

ASKED_A_ROUND: Final = 50
LOST_A_ROUND: Final = 100
ASK_AGAIN: Final = timedelta(minutes=5)
RECONCILE_AGAIN: Final = timedelta(hours=1)
SEARCH_MARGIN: Final = timedelta(minutes=10)

_log = log.get("notification.reconciliation")

Judge = Callable[[Transaction, Letter, "list[VendorEvent] | None", datetime], None]


@dataclass(kw_only=True, eq=False)
class Reconciliation(Feature):
    """Clears up what a call left open. Safe to run in any number of processes at once."""

    database: Database
    clock: Clock
    mailgun: Mailgun
    lifecycle: LetterLifecycle
    queue: Queue = field(default_factory=Queue)
    store: ReconciliationStore = field(default_factory=ReconciliationStore)
    chance: Callable[[], float] = random.SystemRandom().random

    @every(seconds=15)
    def resolve_unknown_letters(self) -> None:
        """Take up what a lost worker left behind, and ask Mailgun for letters that may have gone out."""
        self._recover()
        self._each_asked(self.store.claim_unknown, self._judge)

    @every(seconds=600)
    def resolve_silent_letters(self) -> None:
        """Ask Mailgun for letters that left and of which no webhook told more."""
        self._each_asked(self.store.claim_unheard_of, self._catch_up)

    def _recover(self) -> None:
        with self.database.transaction() as tx:
            now = self.clock.now()
            self.store.bring_forward(tx, now)
            for letter in self.store.lost(tx, now, LOST_A_ROUND):
                if on_lost_lease(letter) is State.PENDING:
                    self.lifecycle.wait(tx, letter, due_at=now, reason="lease_lost", counted=False)
                else:
                    self.lifecycle.unclear(tx, letter, "lease_lost", now, self.chance())

    def _each_asked(self, claim: Callable[[Transaction, datetime], Letter | None], judge: Judge) -> None:
        for _ in range(ASKED_A_ROUND):
            with self.database.transaction() as tx:
                letter = claim(tx, self.clock.now())
            if letter is None:
                return
            history = self._history(letter)
            with self.database.transaction() as tx:
                current = self.queue.lock(tx, letter.id)
                if current is not None and current.claim_id == letter.claim_id:
                    judge(tx, current, history, self.clock.now())

    def _history(self, letter: Letter) -> list[VendorEvent] | None:
        """What Mailgun has recorded; None where it could not be asked."""
        now = self.clock.now()
        since = bounded(letter.begun_at or letter.requested_at, now, AHEAD) - SEARCH_MARGIN
        try:
            return self.mailgun.history(letter.id, since=since, now=now)
        except (errors.Unavailable, errors.Invalid) as error:
            _log.warning("history_not_known", letter_id=letter.id, exc_info=error)
            return None

    def _judge(self, tx: Transaction, letter: Letter, history: list[VendorEvent] | None, now: datetime) -> None:
        """Settle an unknown letter where Mailgun's records allow it; without them it is never sent again."""
        if letter.state is not State.UNKNOWN:
            return
        if history:
            self._take_in(tx, letter, history, now)
        elif history is not None:
            self._not_found(tx, letter, now)
        elif now >= letter.expires_at:
            self.lifecycle.abandon(tx, letter, "outcome_unknown", now)
        else:
            self._ask_again(tx, letter, now + ASK_AGAIN, checks=letter.checks)

    def _not_found(self, tx: Transaction, letter: Letter, now: datetime) -> None:
        decision = on_not_found(letter, bounded(letter.begun_at or letter.requested_at, now, AHEAD), now)
        if isinstance(decision, Resend):
            self.lifecycle.wait(tx, letter, due_at=now, reason="not_found", counted=False)
        elif isinstance(decision, GiveUp):
            self.lifecycle.abandon(tx, letter, decision.reason, now)
        else:
            self._ask_again(tx, letter, decision.until, checks=letter.checks + 1)

    def _ask_again(self, tx: Transaction, letter: Letter, due_at: datetime, *, checks: int) -> None:
        """`checks` counts the answers."""
        self.queue.write(tx, letter, State.UNKNOWN, due_at=due_at, reason="asked_for", checks=checks)

    def _take_in(self, tx: Transaction, letter: Letter, history: list[VendorEvent], now: datetime) -> Letter:
        """Whatever Mailgun has recorded about a letter, it has the letter."""
        message_id = next((event.message_id for event in history if event.message_id), None)
        self.lifecycle.accepted(tx, letter, message_id, now)
        current = self.queue.lock(tx, letter.id) or letter
        for event in history:
            current = self.lifecycle.apply(tx, current, event, now)
        return current

    def _catch_up(self, tx: Transaction, letter: Letter, history: list[VendorEvent] | None, now: datetime) -> None:
        current = self._take_in(tx, letter, history, now) if history else letter
        again = now + RECONCILE_AGAIN if history is None else next_reconciliation(now, letter.checks)
        if current.state not in (State.SENT, State.DEFERRED):
            # Asked for because a webhook was not understood: one answer is enough, and a bounded number of tries.
            more = again if history is None and letter.checks < RECONCILE_CHECKS else None
            self.queue.look_up(tx, current, more, checks=letter.checks + 1)
            return
        self.queue.write(
            tx, current, current.state, due_at=now, checks=letter.checks + 1, reconcile_at=again, settled_at=now
        )
