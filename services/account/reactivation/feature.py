"""How an inactive account becomes active again: by staff, by an owner with the password, or by a letter's link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.account.accounts import store as accounts
from services.account.accounts.calls import AccountChanged
from services.account.accounts.publishing import acting, acting_user
from services.account.accounts.rules import ABANDONED, check_reactivation, check_version, reactivation_refusal
from services.account.accounts.values import AccountState, UserState
from services.account.agreements.calls import Agreement
from services.account.authentication.credentials import Authentication, error_of_refusal
from services.account.authorisation.access import enter
from services.account.field_encryption.sealing import Sealing, not_under_erasure
from services.account.reactivation.calls import ReactivateAccount, ReactivateByLetter, ReactivateWithPassword
from services.account.reactivation.events import AccountReactivated
from services.account.tickets import redeeming
from services.account.tickets import store as tickets
from services.account.tickets.link_endings import Change, Link
from shared.bus import Feature, answers
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Database, Transaction

if TYPE_CHECKING:
    from services.account.agreements.feature import Agreements
    from services.account.erasure.feature import ErasurePreparation
    from services.account.sign_up.feature import SignUps
    from services.account.termination.feature import Termination

KINDS: Final = (Link.REACTIVATION.value,)


@dataclass(eq=False)
class Reactivation(Feature):
    """The way back, until the erasure has begun.

    `erasure` knows whether the way back is closed, `termination` whether the contract has ended.
    """

    database: Database
    clock: Clock
    sealing: Sealing
    authentication: Authentication
    agreements: Agreements
    termination: Termination
    erasure: ErasurePreparation
    sign_ups: SignUps

    @answers(ReactivateAccount)
    def reactivate_account(self, call: ReactivateAccount, tx: Transaction) -> AccountChanged:
        """Reactivate by staff; an owner has `reactivate_with_password`.

        A sign-up that nobody finished is asked for its address once more. Raises `Conflict` where that one has
        signed up anew.
        """
        account, _ = enter(tx, call, owner_only=True, lock="update", even_inactive=True)
        check_version(account.version, call.version)
        check_reactivation(account, call.actor)
        with acting(call.actor):
            changed = self._reactivate(tx, account)
            if account.inactivated_by == ABANDONED:
                self.sign_ups.ask_again(tx, account.id)
        return changed

    @answers(ReactivateWithPassword)
    def reactivate_with_password(self, call: ReactivateWithPassword) -> AccountChanged:
        """Reactivate the inactive account of an owner, who cannot log in to it, unless staff made it inactive."""
        proof, now = self.authentication.compare(call), self.clock.now()
        with self.database.transaction() as tx:
            settled = self.authentication.settle(tx, proof, reactivation_refusal, lock="update", now=now)
            if settled.user is not None and settled.account is not None:
                with acting_user(settled.user.id):
                    return self._reactivate(tx, settled.account, by=settled.user, agreement=call.agreement)
        raise error_of_refusal(settled.refusal)

    @answers(ReactivateByLetter)
    def reactivate_by_letter(self, call: ReactivateByLetter) -> AccountChanged:
        """Reactivate the inactive account of an owner by a letter's token, which proves what a password would."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            ticket = redeeming.usable_ticket(tx, call.token, KINDS, now=now)
            account = accounts.account(tx, ticket.account_id, "update")
            user = accounts.user(tx, ticket.user_id, lock=True)
            redeeming.usable_ticket(tx, call.token, KINDS, now=now, lock=True)
            refusal = reactivation_refusal(account, user)
            if refusal is not None:
                raise error_of_refusal(refusal)
            tickets.use_ticket(tx, ticket.id, now=now)
            with acting_user(user.id):
                return self._reactivate(tx, account, by=user, agreement=call.agreement)

    def _reactivate(
        self,
        tx: Transaction,
        account: AccountState,
        *,
        by: UserState | None = None,
        agreement: Agreement | None = None,
    ) -> AccountChanged:
        """Make a locked, inactive account active, `by` an owner or by staff.

        Where the contract has ended, coming back concludes it anew, for which the owner must accept the terms in
        force. Raises `Conflict` without that, and once the erasure has begun.
        """
        now, version = self.clock.now(), account.version + 1
        self.erasure.check_way_back(tx, account.id)
        with not_under_erasure():
            self.sealing.assert_kept(account.id, now)
        if self.termination.must_accept(tx, account, is_staff=by is None):
            self.agreements.conclude(tx, by, agreement, now)
        accounts.reactivate_account(tx, account.id, now=now)
        tickets.end_links_of_account(tx, account.id, Change.ACCOUNT_BACK, now=now)
        if by is not None:
            self.termination.drop_spent_notice(tx, account.id, today=oslo_date(now))
        tx.outbox.add(AccountReactivated(account_id=account.id), now=now, sequence=version)
        return AccountChanged(account_id=account.id, version=version, state="active")
