"""How a contract ends: notice by the owner or as it reached the staff, its withdrawal, its last day (L23, L204)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.calls import AccountChanged
from services.account.accounts.publishing import acting, acting_user, publish_change
from services.account.accounts.rules import check_version, require_open
from services.account.accounts.values import AccountState
from services.account.authentication.credentials import Authentication
from services.account.authentication.values import OpenSession, Reproof
from services.account.authorisation.access import enter_to_change
from services.account.authorisation.rules import check_may_instruct
from services.account.companies.events import AccountUpdated
from services.account.termination import calls, rules, store
from services.account.termination.events import TerminationNoticed, TerminationWithdrawn
from services.account.termination.values import Notice
from shared.actor import SYSTEM, Actor
from shared.bus import Feature, answers, every
from shared.bus.probes import probe
from shared.calendar import oslo_date, start_of_day_oslo
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.errors import Forbidden
from shared.events import Code
from shared.terms.clauses import collection, erasure

if TYPE_CHECKING:
    from services.account.deactivation.feature import Deactivation
    from services.account.users.feature import UserManagement


@dataclass(eq=False)
class Termination(Feature):
    """The end of contracts. Until the last day of its notice has passed an account is as active as ever."""

    database: Database
    clock: Clock
    authentication: Authentication
    deactivation: Deactivation
    users: UserManagement

    # ── notice ────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.TerminateContract)
    def terminate_contract(self, call: calls.TerminateContract, tx: Transaction) -> calls.NoticeGiven:
        """Notice that reached the staff; an owner gives it with the password."""
        account, actor_row = enter_to_change(tx, call)
        if actor_row is not None:
            raise Forbidden("an owner gives notice with the password")
        check_version(account.version, call.version)
        with acting(call.actor):
            return self._give_notice(tx, account, call.channel, call.received_on)

    def _prove(self, call: calls.TerminateWithPassword) -> tuple[OpenSession, Reproof]:
        return self.authentication.prove_again(call.token, call.current_password, call.origin)

    @answers(calls.TerminateWithPassword, first=_prove)
    def terminate_with_password(
        self, call: calls.TerminateWithPassword, tx: Transaction, proved: tuple[OpenSession, Reproof]
    ) -> calls.NoticeGiven:
        """Notice by an owner, who proves in the session to know the password: it ends in erasure."""
        session, proof = proved
        with acting_user(session.user_id):
            account = accounts.account(tx, session.account_id, "update")
            require_open(account)
            user = self.authentication.settle_again(tx, call.token, proof)
            if user.role != "owner":
                raise Forbidden("only an owner of the account may do this")
            check_may_instruct(Actor.user(user.id), account)
            check_version(account.version, call.version)
            return self._give_notice(tx, account, "self_service", None)

    def _give_notice(
        self, tx: Transaction, account: AccountState, channel: str, received_on: date | None
    ) -> calls.NoticeGiven:
        now = self.clock.now()
        today = oslo_date(now)
        notice = rules.give_notice(
            store.contract(tx, account.id),
            store.notice(tx, account.id),
            noticed_on=received_on or today,
            today=today,
        )
        store.insert_notice(tx, account.id, notice, channel=channel, now=now)
        dates = {"noticed_on": notice.noticed_on, "notice_ends_on": notice.ends_on}
        event = TerminationNoticed(account_id=account.id, **dates, channel=Code(channel))
        tx.outbox.add(event, now=now, sequence=account.version + 1)
        return calls.NoticeGiven(account_id=account.id, version=account.version + 1, state=account.state, **dates)

    @answers(calls.WithdrawNotice)
    def withdraw_notice(self, call: calls.WithdrawNotice, tx: Transaction) -> AccountChanged:
        """Take a notice back, until its last day has passed."""
        account, _ = enter_to_change(tx, call)
        check_version(account.version, call.version)
        now = self.clock.now()
        rules.check_withdrawal(store.notice(tx, account.id), oslo_date(now))
        store.withdraw_notice(tx, account.id)
        return publish_change(tx, call.actor, account, TerminationWithdrawn(account_id=account.id), now=now)

    @answers(calls.AgreeNoticePeriod)
    def agree_notice_period(self, call: calls.AgreeNoticePeriod, tx: Transaction) -> AccountChanged:
        """Keep a notice period agreed with this customer, by staff; it moves no notice already given."""
        account, actor_row = enter_to_change(tx, call)
        if actor_row is not None:
            raise Forbidden("a notice period is agreed with the staff")
        check_version(account.version, call.version)
        store.set_notice_months(tx, account.id, call.months)
        event = AccountUpdated(account_id=account.id, fields=[Code("notice_months")])
        return publish_change(tx, call.actor, account, event, now=self.clock.now())

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.EndForErasure)
    def end_for_erasure(self, call: calls.EndForErasure, tx: Transaction) -> calls.EndedForErasure:
        """Make an account or a user inactive whose early erasure was asked for in writing; twice is once."""
        account = accounts.account(tx, call.account_id, "update")
        with acting(SYSTEM):
            if call.user_id is None:
                inactivated_at = self._end_account(tx, account, call.wished_at)
            else:
                inactivated_at = self._end_user(tx, account, call.user_id, call.wished_at)
        if inactivated_at is None:
            raise TypeError("whoever is inactive says since when")
        return calls.EndedForErasure(inactivated_at=inactivated_at)

    def _end_account(self, tx: Transaction, account: AccountState, wished_at: datetime | None) -> datetime | None:
        back_at = store.reactivated_at(tx, account.id)
        rules.check_early_end(account, store.notice(tx, account.id), wished_at=wished_at, back_at=back_at)
        if account.state == "active":
            self.deactivation.deactivate(tx, account, "early_request")
        return accounts.account(tx, account.id).inactivated_at

    def _end_user(
        self, tx: Transaction, account: AccountState, user_id: UUID, wished_at: datetime | None
    ) -> datetime | None:
        user = accounts.user_of(tx, account.id, user_id, lock=True)
        owners, back_at = accounts.count_users(tx, account.id).owners, store.user_reactivated_at(tx, user.id)
        rules.check_early_end_of_user(user, owners, wished_at=wished_at, back_at=back_at)
        if user.state == "active":
            self.users.deactivate(tx, user, "early_request")
        return accounts.user(tx, user.id).inactivated_at

    @every(seconds=5, irreversible=True)
    def end_contracts(self) -> None:
        """Make accounts inactive whose notice period has passed; on its last day they are as active as ever."""
        today = oslo_date(self.clock.now())
        with self.database.transaction() as tx, acting(SYSTEM):
            for account_id in store.ended_contracts(tx, today=today):
                account, notice = accounts.account(tx, account_id), store.notice(tx, account_id)
                if notice is not None and rules.has_ended(notice, today):
                    self.deactivation.deactivate(tx, account, "contract_terminated", notice=notice)

    @probe(
        collection.TERMINATION_IS_HEARD,
        erasure.ERASE_AFTER_NOTICE,
        nb="avtaler som er sagt opp og over, men der kontoen ennå er aktiv",
        en="agreements that were terminated and are over while the account is still active",
    )
    def contracts_not_ended(self, tx: Transaction, now: datetime) -> Row | None:
        """For more than a day: they end within seconds."""
        return store.still_active(tx, today=oslo_date(now - timedelta(days=1)))

    # ── for other features ────────────────────────────────────────────────────────────────────────────────

    def notice(self, tx: Transaction, account_id: UUID) -> Notice | None:
        """The notice in force."""
        return store.notice(tx, account_id)

    def notice_months(self, tx: Transaction, account_id: UUID) -> int:
        """The notice period of the contract."""
        return rules.notice_months(store.contract(tx, account_id))

    def needs_acceptance(self, tx: Transaction, account: AccountState) -> bool:
        """Whether coming back concludes the contract anew, because it has ended."""
        return rules.needs_acceptance(account, store.notice(tx, account.id), today=oslo_date(self.clock.now()))

    def must_accept(self, tx: Transaction, account: AccountState, *, is_staff: bool) -> bool:
        """Whether this return is refused without an acceptance."""
        today = oslo_date(self.clock.now())
        return rules.must_accept(account, store.notice(tx, account.id), today=today, is_staff=is_staff)

    def drop_spent_notice(self, tx: Transaction, account_id: UUID, *, today: date) -> None:
        """Whoever comes back after the end of a notice has concluded the contract anew."""
        store.drop_spent_notice(tx, account_id, today=today)

    def ended_at(self, tx: Transaction, account: AccountState) -> datetime | None:
        """When the contract ended: with the last day of its notice, or when the account became inactive."""
        notice = store.notice(tx, account.id)
        if notice is not None and account.inactivated_by == "contract_terminated":
            return start_of_day_oslo(notice.ends_on)
        return account.inactivated_at
