"""Last letters before an erasure.

A farewell is done when its letters have left or were given up and Mailgun has forgotten the addresses; only then,
and once, is that published, and retention goes on.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services.notification.last_letters.rules import farewell_outcome
from services.notification.last_letters.store import FarewellStore
from services.notification.letter_lifecycle.events import NotificationFailed, NotificationSent
from services.notification.letter_lifecycle.lifecycle import context_of, event_about
from services.notification.letter_lifecycle.rules import retry_at
from services.notification.letters.rules import farewell_letter
from services.notification.mailgun.client import Mailgun
from services.notification.recipients.lookup import TRY_AGAIN, Lookup
from services.retention.erasure.events import ErasureCancelled
from shared import errors, log
from shared.bus import Feature, every, handles
from shared.clock import Clock
from shared.context import working_in
from shared.database import Database, Row, Transaction
from shared.events import Code, Received
from shared.privacy import BlindIndex

if TYPE_CHECKING:
    from services.notification.alarms.store import AlarmStore
    from services.notification.suppressions.store import SuppressionStore

CLEANUPS_A_ROUND: Final = 50

_log = log.get("notification.farewells")


@dataclass(kw_only=True, eq=False)
class Farewells(Feature):
    """Brings last mailings to their end. Safe to run in any number of processes at once."""

    database: Database
    clock: Clock
    lookup: Lookup
    mailgun: Mailgun
    index: BlindIndex
    suppressions: SuppressionStore
    alarms: AlarmStore
    store: FarewellStore = field(default_factory=FarewellStore)
    chance: Callable[[], float] = random.SystemRandom().random

    @handles(ErasureCancelled)
    def spare_addresses(self, message: Received[ErasureCancelled], tx: Transaction) -> None:
        """An erasure was called off: what Mailgun knows of these addresses stays there."""
        self.store.spare_addresses(tx, message.event.clock_id)

    @every(seconds=2, irreversible=True)
    def finish_farewells(self) -> None:
        """Have addresses forgotten at Mailgun, and publish that farewells are done or took too long."""
        for _ in range(CLEANUPS_A_ROUND):
            with self.database.transaction() as tx:
                row = self.store.claim_cleanup(tx, self.clock.now())
            if row is None:
                break
            self._forget_one(row)
        self._close()

    def _forget_one(self, row: Row) -> None:
        index: bytes | None = None
        try:
            person = self.lookup.person(row["user_id"], farewell_letter(row["user_id"]), None)
            index = self.index.of_email(person.email)
            self.mailgun.forget(person.email)
        except errors.NotFound:
            _log.info("address_not_known", user_id=row["user_id"])
        except TRY_AGAIN as error:
            _log.warning("address_not_forgotten", user_id=row["user_id"], exc_info=error)
            later = retry_at(self.clock.now(), row["attempts"], self.chance())
            with self.database.transaction() as tx:
                self.store.settle_cleanup(tx, row, "waiting", due_at=later)
            return
        with self.database.transaction() as tx:
            if index is not None:
                self.suppressions.forget(tx, index)
            self.store.settle_cleanup(tx, row, "done")

    def _close(self) -> None:
        with self.database.transaction() as tx:
            now = self.clock.now()
            if self.store.stop_overdue(tx, now):
                self.alarms.raise_alarm(tx, "address_left_at_mailgun", now)
            for mailing in self.store.finished(tx):
                reason = farewell_outcome(self.store.states_of(tx, mailing))
                event = (
                    event_about(mailing, NotificationSent)
                    if reason is None
                    else event_about(mailing, NotificationFailed, reason=Code(reason))
                )
                with working_in(context_of(mailing)):
                    tx.outbox.add(event, now=now)
                self.store.close(tx, mailing, now)
