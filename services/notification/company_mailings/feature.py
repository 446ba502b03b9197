"""Letters to a whole company become single letters.

That happens outside of the event's handler, because account must be asked who is there.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.notification.company_mailings.store import MailingStore
from services.notification.letter_lifecycle.lifecycle import tell_unreachable
from services.notification.letter_lifecycle.rules import has_hope, retry_at
from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import Mailing, State
from services.notification.recipients.lookup import TRY_AGAIN, Lookup
from services.notification.recipients.rules import audience_of, contacts_of, next_contacts
from shared import errors, log
from shared.bus import Feature, every
from shared.clock import Clock
from shared.database import Database, Transaction

if TYPE_CHECKING:
    from services.notification.alarms.store import AlarmStore
    from services.notification.last_letters.store import FarewellStore

MAILINGS_A_ROUND: Final = 200
"""Enough for a fan-out to keep ahead of the rate at which letters leave, and a round still ends in seconds."""

TRIES_MOST: Final = 100
"""How often it is looked whom at a customer a letter goes to, whatever account says of its people."""

_log = log.get("notification.mailings")


@dataclass(kw_only=True, eq=False)
class Mailings(Feature):
    """Splits mailings up. Safe to run in any number of processes at once."""

    database: Database
    clock: Clock
    lookup: Lookup
    farewells: FarewellStore
    alarms: AlarmStore
    queue: Queue = field(default_factory=Queue)
    store: MailingStore = field(default_factory=MailingStore)
    chance: Callable[[], float] = random.SystemRandom().random

    @every(seconds=1)
    def split_mailings(self) -> None:
        """Make single letters of letters to a company; apart from sending, so that no reset waits for it."""
        for _ in range(MAILINGS_A_ROUND):
            with self.database.transaction() as tx:
                mailing = self.store.claim(tx, self.clock.now())
            if mailing is None:
                return
            self._expand_one(mailing)

    def _expand_one(self, mailing: Mailing) -> None:
        now = self.clock.now()
        people: list[UUID] = []
        try:
            written, people = self._audience(mailing)
        except errors.NotFound:
            if mailing.facts.erasure_id is None:
                self._drop(mailing)
                return
            written = []
        except TRY_AGAIN as error:
            _log.warning("recipients_not_known", mailing_id=mailing.id, exc_info=error)
            self._put_off(mailing, now)
            return
        with self.database.transaction() as tx:
            self._split(tx, mailing, written, people, self.clock.now())

    def _audience(self, mailing: Mailing) -> tuple[list[UUID], list[UUID]]:
        """Who is written to, and whose addresses are concerned."""
        if mailing.user_id is not None:
            return [mailing.user_id], [mailing.user_id]
        people = self.lookup.recipients(mailing.account_id)
        concerned = contacts_of(people) if mailing.kind.tells_breach else people
        return [p.user_id for p in audience_of(mailing.kind, people)], [p.user_id for p in concerned]

    def _drop(self, mailing: Mailing) -> None:
        """The company is not there any more: an event that came late leaves no row about who was erased."""
        _log.info("company_not_known", mailing_id=mailing.id)
        with self.database.transaction() as tx:
            if self.store.drop(tx, mailing) and mailing.kind.tells_breach:
                tell_unreachable(tx, mailing, "recipient_gone", self.clock.now())

    def _put_off(self, mailing: Mailing, now: datetime) -> None:
        with self.database.transaction() as tx:
            if now < mailing.expires_at:
                later = retry_at(now, mailing.attempts, self.chance())
                self.store.settle(tx, mailing, "pending", due_at=later, now=now)
                return
            # An expired farewell goes on without letters, so that its end is told.
            state = "expanded" if mailing.facts.erasure_id else "closed"
            if not self.store.settle(tx, mailing, state, due_at=None, now=now):
                return
            self.alarms.raise_alarm(tx, "mailing_expired", now)
            if mailing.kind.tells_breach:
                tell_unreachable(tx, mailing, "expired", now)

    def _split(
        self, tx: Transaction, mailing: Mailing, written: list[UUID], people: list[UUID], now: datetime
    ) -> None:
        if self.queue.is_cancelled(tx, mailing.facts.clock_id):
            self.store.settle(tx, mailing, "withdrawn", due_at=None, now=now)
            return
        if mailing.kind.tells_breach:
            self._find_contact(tx, mailing, written, people, now)
            return
        farewell = mailing.facts.erasure_id is not None
        if not self.store.settle(tx, mailing, "expanded" if farewell else "closed", due_at=None, now=now):
            return
        self.queue.add_letters(tx, mailing, written, now=now, mailing_id=mailing.id)
        if farewell:
            known = self.farewells.users_written_to(tx, mailing.account_id) if mailing.user_id is None else []
            self.farewells.add_cleanups(tx, mailing, list(dict.fromkeys([*people, *known])), now)

    def _find_contact(
        self, tx: Transaction, mailing: Mailing, first: list[UUID], people: list[UUID], now: datetime
    ) -> None:
        """Write to whoever of the customer is next, as long as nobody there has the letter.

        Where none is left a person tells it another way: that is announced, once for the whole mailing.
        """
        if not self.store.settle(tx, mailing, "closed", due_at=None, now=now):
            return
        tries = self.store.tries(tx, mailing)
        if mailing.attempts > TRIES_MOST:
            tell_unreachable(tx, mailing, "no_recipient", now)
            return
        contacts = next_contacts(first, people, {row["user_id"]: has_hope(State(row["state"])) for row in tries})
        if contacts is None:
            reason = tries[-1]["reason"] if tries else None
            tell_unreachable(tx, mailing, reason or "no_recipient", now)
            return
        self.queue.add_letters(tx, mailing, contacts, now=now, mailing_id=mailing.id, in_doubt=mailing.in_doubt)
