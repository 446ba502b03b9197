"""How a contract ends: notice by the owner or as it reached the staff, its withdrawal, its last day."""

from __future__ import annotations

from typing import Any

from services.account import answers_schemas, contract, rules, schemas, suspicion_rules
from services.account.entry import acting, acting_user
from services.account.events import AccountUpdated, TerminationNoticed, TerminationWithdrawn
from services.account.login import LogIn
from services.account.values import AccountState, Actor
from shared import context
from shared.bus import command, every, rpc
from shared.calendar import oslo_date
from shared.database import Transaction
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, TooMany, Unauthenticated
from shared.events import Code

INTO_ACCOUNT = (NotFound, Forbidden, Locked)


class Termination(LogIn):
    """The end of contracts (L23, L204)."""

    @command(schemas.TerminateContract, schemas.NoticeGiven, errors=(*INTO_ACCOUNT, Conflict, Invalid))
    def terminate_contract(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Notice that reached the staff; an owner gives it with the password."""
        account, acting_row = self.enter(tx, request, owner_only=True, lock="update")
        if acting_row is not None:
            raise Forbidden("an owner gives notice with the password")
        rules.check_version(account.version, request["version"])
        with acting(request):
            return self._give_notice(tx, account, request["channel"], request)

    @rpc(
        schemas.TerminateWithPassword,
        schemas.NoticeGiven,
        errors=(Unauthenticated, Forbidden, Locked, Conflict, TooMany),
        timeout_seconds=5.0,
    )
    def terminate_with_password(self, request: dict[str, Any]) -> dict[str, Any]:
        """Notice by an owner, who proves in the session to know the password: it ends in erasure."""
        session, proof = self.prove_again(request["token"], request["password"], request["origin"])
        with self.database.transaction() as tx, acting_user(session.user_id):
            account = self.store.account(tx, session.account_id, "update")
            rules.require_open(account)
            user = self.settle_proof(tx, request["token"], proof)
            if user.role != "owner":
                raise Forbidden("only an owner of the account may do this")
            suspicion_rules.check_may_instruct(Actor("user", user.id), account)
            rules.check_version(account.version, request["version"])
            return self._give_notice(tx, account, "self_service", {})

    def _give_notice(
        self, tx: Transaction, account: AccountState, channel: str, request: dict[str, Any]
    ) -> dict[str, Any]:
        now = self.clock.now()
        today = oslo_date(now)
        notice = contract.give_notice(
            self.store.contract(tx, account.id),
            self.store.notice(tx, account.id),
            noticed_on=request.get("received_on") or today,
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
        return {
            "account_id": account.id,
            "version": account.version + 1,
            "state": account.state,
            "noticed_on": notice.noticed_on,
            "notice_ends_on": notice.ends_on,
        }

    @command(schemas.ChangeAccount, schemas.AccountChanged, errors=(*INTO_ACCOUNT, Conflict))
    def withdraw_notice(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Take a notice back, until its last day has passed."""
        account, _ = self.enter(tx, request, owner_only=True, lock="update")
        rules.check_version(account.version, request["version"])
        now = self.clock.now()
        contract.check_withdrawal(self.store.notice(tx, account.id), oslo_date(now))
        self.store.withdraw_notice(tx, account.id)
        event = TerminationWithdrawn(account_id=account.id)
        return self.tell_change(tx, request, account, event)

    @command(schemas.AgreeNoticePeriod, schemas.AccountChanged, errors=(*INTO_ACCOUNT, Conflict))
    def agree_notice_period(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Keep a notice period agreed with this customer, by staff; it moves no notice already given."""
        account, acting_row = self.enter(tx, request, owner_only=True, lock="update")
        if acting_row is not None:
            raise Forbidden("a notice period is agreed with the staff")
        rules.check_version(account.version, request["version"])
        self.store.set_notice_months(tx, account.id, request["months"])
        event = AccountUpdated(account_id=account.id, fields=[Code("notice_months")])
        return self.tell_change(tx, request, account, event)

    @command(answers_schemas.EndForErasure, answers_schemas.EndedForErasure, errors=(NotFound, Conflict))
    def end_for_erasure(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Make an account inactive whose early erasure was asked for in the notice period; twice is once."""
        account = self.store.account(tx, request["account_id"], "update")
        contract.check_early_end(account, self.store.notice(tx, account.id))
        if account.state == "inactive":
            return {"inactivated_at": account.inactivated_at}
        with context.acting_as("system"):
            self.cut_link(tx, account, "early_request")
        return {"inactivated_at": self.store.account(tx, account.id).inactivated_at}

    @every(seconds=5, irreversible=True)
    def end_contracts(self) -> None:
        """Make accounts inactive whose notice period has passed; on its last day they are as active as ever."""
        today = oslo_date(self.clock.now())
        with self.database.transaction() as tx, context.acting_as(str(Actor("system"))):
            for account_id in self.store.ended_contracts(tx, today=today):
                account, notice = self.store.account(tx, account_id), self.store.notice(tx, account_id)
                if notice is not None and contract.has_ended(notice, today):
                    self.cut_link(tx, account, "contract_terminated", notice)
