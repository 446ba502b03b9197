"""How a contract ends: notice by the owner or as it reached the staff, its withdrawal, its last day."""

from __future__ import annotations

from datetime import date

from services.account import rules
from services.account.accounts.calls import AccountChanged
from services.account.accounts.values import AccountState
from services.account.companies.events import AccountUpdated
from services.account.entry import acting, acting_user
from services.account.login.feature import LogIn
from services.account.suspicion import suspicion_rules
from services.account.termination import contract
from services.account.termination.calls import (
    AgreeNoticePeriod,
    EndedForErasure,
    EndForErasure,
    NoticeGiven,
    TerminateContract,
    TerminateWithPassword,
    WithdrawNotice,
)
from services.account.termination.events import TerminationNoticed, TerminationWithdrawn
from shared.actor import SYSTEM, Actor
from shared.bus import answers, every
from shared.calendar import oslo_date
from shared.database import Transaction
from shared.errors import Forbidden
from shared.events import Code


class Termination(LogIn):
    """The end of contracts (L23, L204)."""

    @answers(TerminateContract)
    def terminate_contract(self, call: TerminateContract, tx: Transaction) -> NoticeGiven:
        """Notice that reached the staff; an owner gives it with the password."""
        account, acting_row = self.enter(tx, call, owner_only=True, lock="update")
        if acting_row is not None:
            raise Forbidden("an owner gives notice with the password")
        rules.check_version(account.version, call.version)
        with acting(call.actor):
            return self._give_notice(tx, account, call.channel, call.received_on)

    @answers(TerminateWithPassword)
    def terminate_with_password(self, call: TerminateWithPassword) -> NoticeGiven:
        """Notice by an owner, who proves in the session to know the password: it ends in erasure."""
        session, proof = self.prove_again(call.token, call.password, call.origin)
        with self.database.transaction() as tx, acting_user(session.user_id):
            account = self.store.account(tx, session.account_id, "update")
            rules.require_open(account)
            user = self.settle_proof(tx, call.token, proof)
            if user.role != "owner":
                raise Forbidden("only an owner of the account may do this")
            suspicion_rules.check_may_instruct(Actor.user(user.id), account)
            rules.check_version(account.version, call.version)
            return self._give_notice(tx, account, "self_service", None)

    def _give_notice(
        self, tx: Transaction, account: AccountState, channel: str, received_on: date | None
    ) -> NoticeGiven:
        now = self.clock.now()
        today = oslo_date(now)
        notice = contract.give_notice(
            self.store.contract(tx, account.id),
            self.store.notice(tx, account.id),
            noticed_on=received_on or today,
            today=today,
        )
        self.store.give_notice(tx, account.id, notice, channel=channel, now=now)
        event = TerminationNoticed(
            account_id=account.id,
            noticed_on=notice.noticed_on,
            notice_ends_on=notice.ends_on,
            channel=Code(channel),
        )
        tx.outbox.add(event, now=now, sequence=account.version + 1)
        return NoticeGiven(
            account_id=account.id,
            version=account.version + 1,
            state=account.state,
            noticed_on=notice.noticed_on,
            notice_ends_on=notice.ends_on,
        )

    @answers(WithdrawNotice)
    def withdraw_notice(self, call: WithdrawNotice, tx: Transaction) -> AccountChanged:
        """Take a notice back, until its last day has passed."""
        account, _ = self.enter(tx, call, owner_only=True, lock="update")
        rules.check_version(account.version, call.version)
        now = self.clock.now()
        contract.check_withdrawal(self.store.notice(tx, account.id), oslo_date(now))
        self.store.withdraw_notice(tx, account.id)
        event = TerminationWithdrawn(account_id=account.id)
        return self.tell_change(tx, call.actor, account, event)

    @answers(AgreeNoticePeriod)
    def agree_notice_period(self, call: AgreeNoticePeriod, tx: Transaction) -> AccountChanged:
        """Keep a notice period agreed with this customer, by staff; it moves no notice already given."""
        account, acting_row = self.enter(tx, call, owner_only=True, lock="update")
        if acting_row is not None:
            raise Forbidden("a notice period is agreed with the staff")
        rules.check_version(account.version, call.version)
        self.store.set_notice_months(tx, account.id, call.months)
        event = AccountUpdated(account_id=account.id, fields=[Code("notice_months")])
        return self.tell_change(tx, call.actor, account, event)

    @answers(EndForErasure)
    def end_for_erasure(self, call: EndForErasure, tx: Transaction) -> EndedForErasure:
        """Make an account inactive whose early erasure was asked for in the notice period; twice is once."""
        account = self.store.account(tx, call.account_id, "update")
        contract.check_early_end(account, self.store.notice(tx, account.id))
        if account.state == "active":
            with acting(SYSTEM):
                self.cut_link(tx, account, "early_request")
            account = self.store.account(tx, account.id)
        if account.inactivated_at is None:
            raise TypeError("an inactive account says since when")
        return EndedForErasure(inactivated_at=account.inactivated_at)

    @every(seconds=5, irreversible=True)
    def end_contracts(self) -> None:
        """Make accounts inactive whose notice period has passed; on its last day they are as active as ever."""
        today = oslo_date(self.clock.now())
        with self.database.transaction() as tx, acting(SYSTEM):
            for account_id in self.store.ended_contracts(tx, today=today):
                account, notice = self.store.account(tx, account_id), self.store.notice(tx, account_id)
                if notice is not None and contract.has_ended(notice, today):
                    self.cut_link(tx, account, "contract_terminated", notice)
