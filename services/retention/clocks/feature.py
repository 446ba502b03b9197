"""The three months: they begin when somebody becomes inactive, and end when somebody comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.account.deactivation.events import AccountDeactivated
from services.account.reactivation.events import AccountReactivated
from services.account.users.events import UserDeactivated, UserReactivated
from services.retention.clocks import facts, planning, rules, store
from services.retention.clocks.missing_clocks import MissingClocks
from services.retention.erasure import store as erasures
from services.retention.erasure.values import Inactivation, Notice, Scope, Trigger, limits_on
from shared import calendar, log
from shared.bus import Feature, every, handles
from shared.bus.probes import probe
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Transient, Unavailable
from shared.events import Received
from shared.privacy.ledger_lines import Fact
from shared.terms.clauses import erasure

RETURNS_KEPT: Final = timedelta(days=180)
"""Longer than a parked event waits for a person and than the ids of handled events are kept."""

logger = log.get("retention.clocks")


@dataclass(kw_only=True, eq=False)
class Clocks(Feature):
    """Begins clocks, calls them off, and sends the reminders of their dates."""

    database: Database
    clock: Clock
    append_fact: Callable[[Fact], None]
    awaits_early_erasure: Callable[[Transaction, Scope], bool]
    """Whether an account or user is about to be erased without the three months."""
    missing_clocks: MissingClocks

    @handles(AccountDeactivated)
    def schedule_account(self, message: Received[AccountDeactivated], tx: Transaction) -> None:
        """The company became inactive, or its notice period is over: its three months begin (L59, L204)."""
        event = message.event
        inactivation = Inactivation(
            scope=Scope(account_id=event.account_id),
            inactivated_at=event.deactivated_at,
            notice=Notice.of(event.noticed_on, event.notice_ends_on),
        )
        self.append_fact(facts.left(message, inactivation.clock_id))
        if event.trigger == Trigger.EARLY_REQUEST.value and self.awaits_early_erasure(tx, inactivation.scope):
            return  # its erasure is planned for now, not for three months later
        planning.plan(tx, inactivation, self.clock.now())

    @handles(UserDeactivated)
    def schedule_user(self, message: Received[UserDeactivated], tx: Transaction) -> None:
        """One user became inactive: the user's own three months begin (L59)."""
        event = message.event
        scope = Scope(account_id=event.account_id, user_id=event.user_id)
        inactivation = Inactivation(scope=scope, inactivated_at=event.deactivated_at)
        self.append_fact(facts.left(message, inactivation.clock_id))
        if event.trigger == Trigger.EARLY_REQUEST.value and self.awaits_early_erasure(tx, scope):
            return  # as with an account
        planning.plan(tx, inactivation, self.clock.now())

    @handles(AccountReactivated)
    def call_off_account(self, message: Received[AccountReactivated], tx: Transaction) -> None:
        """The company came back."""
        self.append_fact(facts.returned(message))
        scope = Scope(account_id=message.event.account_id)
        planning.call_off(tx, scope, message.time, self.clock.now())

    @handles(UserReactivated)
    def call_off_user(self, message: Received[UserReactivated], tx: Transaction) -> None:
        """The user came back."""
        self.append_fact(facts.returned(message))
        scope = Scope(account_id=message.event.account_id, user_id=message.event.user_id)
        planning.call_off(tx, scope, message.time, self.clock.now())

    @every(seconds=1)
    def remind(self) -> None:
        """Send the reminders whose day has come."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for stored in store.to_remind(tx, calendar.oslo_date(now)):
                move = rules.remind(stored.erasure, now, limits_on(stored.erasure.promised_on))
                if move is not None:
                    erasures.apply(tx, stored, move, now)

    @every(seconds=60)
    def look_for_missing_clocks(self) -> None:
        """Ask who is inactive; a probe may not: nobody is asked while a transaction is open."""
        try:
            self.missing_clocks.look_on(self.clock.now())
        except Transient as error:
            logger.warning("clocks_not_compared", exc_info=error)

    @probe(
        erasure.ERASE_AFTER_INACTIVE,
        erasure.ERASE_AFTER_NOTICE,
        nb="inaktive virksomheter og personer uten en planlagt sletting",
        en="inactive companies and people without a planned erasure",
    )
    def clocks_missing(self, _tx: Transaction, _now: datetime) -> int:
        """By what the account service says, and not by what was heard."""
        if self.missing_clocks.count is None:
            raise Unavailable("it is not known who is inactive")
        return self.missing_clocks.count

    @every(seconds=3600, irreversible=True)
    def purge_returns(self) -> None:
        """Forget who came back so long ago that no leaving from before it can be heard any more."""
        with self.database.transaction() as tx:
            store.purge_returns(tx, self.clock.now() - RETURNS_KEPT)
