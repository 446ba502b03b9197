"""Asking Mailgun: for letters that may or may not have gone out, and for those of which nothing more was heard."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from services.notification.course import Course
from services.notification.mailgun import Mailgun
from services.notification.rules import (
    RECONCILE_CHECKS,
    GiveUp,
    Resend,
    next_reconciliation,
    on_lost_lease,
    on_not_found,
)
from services.notification.store import Queue, Records, Refusals
from services.notification.values import Letter, State, VendorEvent
from shared import errors, log
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.waits import AHEAD, bounded

ASKED_A_ROUND: Final = 50
LOST_A_ROUND: Final = 100
ASK_AGAIN: Final = timedelta(minutes=5)
RECONCILE_AGAIN: Final = timedelta(hours=1)
SEARCH_MARGIN: Final = timedelta(minutes=10)

_log = log.get("notification.inquiry")

Judge = Callable[[Transaction, Letter, "list[VendorEvent] | None", datetime], None]


class Inquiry:
    """Clears up what a call left open. Safe to run in any number of processes at once."""

    def __init__(self, *, database: Database, clock: Clock, mailgun: Mailgun) -> None:
        """The parts it works with."""
        self._database = database
        self._clock = clock
        self._mailgun = mailgun
        self._queue = Queue()
        self._course = Course(self._queue, Refusals(), Records())
        self._chance = random.SystemRandom().random

    def recover(self) -> int:
        """Take up letters whose worker has not come back; returns how many."""
        with self._database.transaction() as tx:
            now = self._clock.now()
            self._queue.bring_forward(tx, now)
            lost = self._queue.lost(tx, now, LOST_A_ROUND)
            for letter in lost:
                if on_lost_lease(letter) is State.PENDING:
                    self._course.wait(tx, letter, due_at=now, reason="lease_lost", counted=False)
                else:
                    self._course.unclear(tx, letter, "lease_lost", now, self._chance())
        return len(lost)

    def ask(self) -> int:
        """Ask Mailgun for letters of which it is not known whether they went out; returns how many."""
        return self._each_asked(self._queue.claim_unknown, self._judge)

    def reconcile(self) -> int:
        """Ask Mailgun for letters that left and of which no webhook told more; returns how many."""
        return self._each_asked(self._queue.claim_unheard_of, self._catch_up)

    def _each_asked(self, claim: Callable[[Transaction, datetime], Letter | None], judge: Judge) -> int:
        for number in range(ASKED_A_ROUND):
            with self._database.transaction() as tx:
                letter = claim(tx, self._clock.now())
            if letter is None:
                return number
            found = self._history(letter)
            with self._database.transaction() as tx:
                current = self._queue.lock(tx, letter.id)
                if current is not None and current.claim_id == letter.claim_id:
                    judge(tx, current, found, self._clock.now())
        return ASKED_A_ROUND

    def _history(self, letter: Letter) -> list[VendorEvent] | None:
        """What Mailgun has recorded; None where it could not be asked."""
        now = self._clock.now()
        since = bounded(letter.begun_at or letter.requested_at, now, AHEAD) - SEARCH_MARGIN
        try:
            return self._mailgun.history(letter.id, since=since, now=now)
        except (errors.Unavailable, errors.Invalid) as error:
            _log.warning("history_not_known", letter_id=letter.id, exc_info=error)
            return None

    def _judge(self, tx: Transaction, letter: Letter, found: list[VendorEvent] | None, now: datetime) -> None:
        """Settle an unknown letter where Mailgun's records allow it; without them it is never sent again."""
        if letter.state is not State.UNKNOWN:
            return
        if found:
            self._take_in(tx, letter, found, now)
        elif found is not None:
            self._not_found(tx, letter, now)
        elif now >= letter.expires_at:
            self._course.abandon(tx, letter, "outcome_unknown", now)
        else:
            self._ask_again(tx, letter, now + ASK_AGAIN)

    def _not_found(self, tx: Transaction, letter: Letter, now: datetime) -> None:
        decision = on_not_found(letter, bounded(letter.begun_at or letter.requested_at, now, AHEAD), now)
        if isinstance(decision, Resend):
            self._course.wait(tx, letter, due_at=now, reason="not_found", counted=False)
        elif isinstance(decision, GiveUp):
            self._course.abandon(tx, letter, decision.reason, now)
        else:
            self._ask_again(tx, letter, decision.until)

    def _ask_again(self, tx: Transaction, letter: Letter, due_at: datetime) -> None:
        self._queue.write(tx, letter, State.UNKNOWN, due_at=due_at, reason="asked_for", checks=letter.checks + 1)

    def _take_in(self, tx: Transaction, letter: Letter, found: list[VendorEvent], now: datetime) -> Letter:
        """Whatever Mailgun has recorded about a letter, it has the letter."""
        message_id = next((event.message_id for event in found if event.message_id), None)
        self._course.accepted(tx, letter, message_id, now)
        current = self._queue.lock(tx, letter.id) or letter
        for event in found:
            current = self._course.apply(tx, current, event, now)
        return current

    def _catch_up(self, tx: Transaction, letter: Letter, found: list[VendorEvent] | None, now: datetime) -> None:
        current = self._take_in(tx, letter, found, now) if found else letter
        again = now + RECONCILE_AGAIN if found is None else next_reconciliation(now, letter.checks)
        if current.state not in (State.SENT, State.DEFERRED):
            # Asked for because a webhook was not understood: one answer is enough, and a bounded number of tries.
            more = again if found is None and letter.checks < RECONCILE_CHECKS else None
            self._queue.look_up(tx, current, more, checks=letter.checks + 1)
            return
        self._queue.write(
            tx, current, current.state, due_at=now, checks=letter.checks + 1, reconcile_at=again, settled_at=now
        )
