"""Letters to a whole company, and the last letters before an erasure.

A mailing becomes single letters outside of the event's handler, because account must be asked who is there.
A farewell is done when its letters have left or were given up and Mailgun has forgotten the addresses; only then,
and once, is that told, and retention goes on.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.notification.events import NotificationFailed, NotificationSent
from services.notification.mailgun import Mailgun
from services.notification.rules import LETTERS, farewell_letter, farewell_outcome, readers_of, retry_at
from services.notification.sender import TRY_AGAIN, Account
from services.notification.store import Queue, Records, Refusals
from services.notification.values import Mailing
from shared import errors, log
from shared.clock import Clock
from shared.context import Context, working_in
from shared.database import Database, Transaction
from shared.events import Code
from shared.identifiers import new_id
from shared.privacy import BlindIndex

MAILINGS_A_ROUND: Final = 20
CLEANUPS_A_ROUND: Final = 50

_log = log.get("notification.mailings")


class Mailings:
    """Splits mailings up and brings farewells to their end. Safe to run in any number of processes at once."""

    def __init__(
        self, *, database: Database, clock: Clock, account: Account, mailgun: Mailgun, index: BlindIndex
    ) -> None:
        """The parts it works with."""
        self._database = database
        self._clock = clock
        self._account = account
        self._mailgun = mailgun
        self._index = index
        self._queue, self._refusals, self._records = Queue(), Refusals(), Records()
        self._chance = random.SystemRandom().random

    def expand(self) -> int:
        """Split up what waits; returns how many mailings were looked at."""
        for number in range(MAILINGS_A_ROUND):
            with self._database.transaction() as tx:
                mailing = self._queue.claim_mailing(tx, self._clock.now())
            if mailing is None:
                return number
            self._expand_one(mailing)
        return MAILINGS_A_ROUND

    def _expand_one(self, mailing: Mailing) -> None:
        now = self._clock.now()
        people: list[UUID] = []
        try:
            written, people = self._readers(mailing)
        except errors.NotFound:
            if mailing.facts.erasure_id is None:
                self._drop(mailing)
                return
            written = []
        except TRY_AGAIN as error:
            _log.warning("recipients_not_known", mailing_id=mailing.id, exc_info=error)
            self._put_off(mailing, now)
            return
        with self._database.transaction() as tx:
            self._split(tx, mailing, written, people, self._clock.now())

    def _readers(self, mailing: Mailing) -> tuple[list[UUID], list[UUID]]:
        """Who is written to, and whose addresses are concerned."""
        if mailing.user_id is not None:
            return [mailing.user_id], [mailing.user_id]
        people = self._account.recipients(mailing.account_id)
        readers = readers_of(LETTERS[mailing.letter], people)
        return [p.user_id for p in readers], [p.user_id for p in people]

    def _drop(self, mailing: Mailing) -> None:
        """The company is not there any more: an event that came late leaves no row about who was erased."""
        _log.info("company_not_known", mailing_id=mailing.id)
        with self._database.transaction() as tx:
            self._queue.drop_mailing(tx, mailing)

    def _put_off(self, mailing: Mailing, now: datetime) -> None:
        with self._database.transaction() as tx:
            if now < mailing.expires_at:
                later = retry_at(now, mailing.attempts, self._chance())
                self._queue.settle_mailing(tx, mailing, "pending", due_at=later, now=now)
                return
            self._records.alarm(tx, "mailing_expired", now)
            # An expired farewell goes on without letters, so that its end is told.
            state = "expanded" if mailing.facts.erasure_id else "closed"
            self._queue.settle_mailing(tx, mailing, state, due_at=None, now=now)

    def _split(
        self, tx: Transaction, mailing: Mailing, written: list[UUID], people: list[UUID], now: datetime
    ) -> None:
        if self._refusals.is_cancelled(tx, mailing.facts.clock_id):
            self._queue.settle_mailing(tx, mailing, "withdrawn", due_at=None, now=now)
            return
        farewell = mailing.facts.erasure_id is not None
        if not self._queue.settle_mailing(tx, mailing, "expanded" if farewell else "closed", due_at=None, now=now):
            return
        self._queue.add_letters(
            tx,
            LETTERS[mailing.letter],
            written,
            event_id=mailing.event_id,
            account_id=mailing.account_id,
            facts=mailing.facts,
            now=now,
            requested_at=mailing.requested_at,
            expires_at=mailing.expires_at,
            mailing_id=mailing.id,
        )
        if farewell:
            known = self._records.users_written_to(tx, mailing.account_id) if mailing.user_id is None else []
            self._records.add_cleanups(tx, mailing, list(dict.fromkeys([*people, *known])), now)

    def forget_addresses(self) -> int:
        """Let Mailgun forget the addresses of those whose last letter has left; returns how many were handled."""
        for number in range(CLEANUPS_A_ROUND):
            with self._database.transaction() as tx:
                row = self._records.claim_cleanup(tx, self._clock.now())
            if row is None:
                return number
            self._forget_one(row)
        return CLEANUPS_A_ROUND

    def _forget_one(self, row: dict[str, Any]) -> None:
        index: bytes | None = None
        try:
            person = self._account.person(row["user_id"], farewell_letter(row["user_id"]), None)
            index = self._index.of_email(person.email)
            self._mailgun.forget(person.email)
        except errors.NotFound:
            _log.info("address_not_known", user_id=row["user_id"])
        except TRY_AGAIN as error:
            _log.warning("address_not_forgotten", user_id=row["user_id"], exc_info=error)
            later = retry_at(self._clock.now(), row["attempts"], self._chance())
            with self._database.transaction() as tx:
                self._records.settle_cleanup(tx, row, "waiting", due_at=later)
            return
        with self._database.transaction() as tx:
            if index is not None:
                self._refusals.forget(tx, index)
            self._records.settle_cleanup(tx, row, "done")

    def close_farewells(self) -> int:
        """Tell of last mailings that are done or took too long; returns how many."""
        with self._database.transaction() as tx:
            now = self._clock.now()
            if self._records.stop_overdue_farewells(tx, now):
                self._records.alarm(tx, "address_left_at_mailgun", now)
            finished = self._records.finished_farewells(tx)
            for mailing in finished:
                self._tell(tx, mailing, now)
                self._records.close_mailing(tx, mailing, now)
        return len(finished)

    def _tell(self, tx: Transaction, mailing: Mailing, now: datetime) -> None:
        reason = farewell_outcome(self._records.states_of(tx, mailing))
        letter_id, letter, account_id, user_id = (
            mailing.id,
            Code(mailing.letter),
            mailing.account_id,
            mailing.user_id,
        )
        story = Context(correlation_id=mailing.facts.correlation_id or new_id(), causation_id=mailing.event_id)
        event = (
            NotificationSent(letter_id=letter_id, letter=letter, account_id=account_id, user_id=user_id)
            if reason is None
            else NotificationFailed(
                letter_id=letter_id,
                letter=letter,
                account_id=account_id,
                user_id=user_id,
                reason=Code(reason),
            )
        )
        with working_in(story):
            tx.outbox.add(event, now=now)
