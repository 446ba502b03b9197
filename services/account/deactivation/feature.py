"""Making an account inactive: the link between the customer and its data is cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.account.accounts import store as accounts
from services.account.accounts.calls import AccountChanged
from services.account.accounts.publishing import acting
from services.account.accounts.rules import check_version, deactivation_trigger
from services.account.accounts.values import AccountState
from services.account.authentication.credentials import Authentication
from services.account.authentication.values import Reproof
from services.account.authorisation.access import enter_to_change
from services.account.deactivation.calls import DeactivateAccount
from services.account.deactivation.events import AccountDeactivated
from services.account.termination.values import Notice
from services.account.tickets.link_endings import Change
from services.account.tickets.store import end_links_of_account
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Transaction
from shared.events import Code

if TYPE_CHECKING:
    from services.account.suspicion.feature import Suspicion


@dataclass(eq=False)
class Deactivation(Feature):
    """From the commit on no session works and no input is taken (L17).

    `suspicion` knows what staff must have done before.
    """

    clock: Clock
    suspicion: Suspicion
    authentication: Authentication

    def _prove(self, call: DeactivateAccount) -> Reproof | None:
        return self.authentication.prove_owner(call.actor, call)

    @answers(DeactivateAccount, first=_prove)
    def deactivate_account(self, call: DeactivateAccount, tx: Transaction, proof: Reproof | None) -> AccountChanged:
        """Cut the link, by an owner with the password or by staff, who say why.

        Staff have approached the customer before where it is on suspicion.
        """
        account, _ = enter_to_change(tx, call)
        self.authentication.settle_act(tx, call.actor, proof, is_needed=True)
        check_version(account.version, call.version)
        reason = self.suspicion.check_deactivation(tx, call, account.id)
        with acting(call.actor):
            return self.deactivate(tx, account, deactivation_trigger(call.actor), reason=reason)

    def deactivate(
        self,
        tx: Transaction,
        account: AccountState,
        trigger: str,
        *,
        notice: Notice | None = None,
        reason: str | None = None,
    ) -> AccountChanged:
        """Make a locked, active account inactive: sessions end, links in letters are void, the world is told.

        `trigger` is one of `values.TRIGGERS`; `notice` is given where its end is what made the account inactive,
        and `reason` where staff did.
        """
        now = self.clock.now()
        accounts.deactivate_account(tx, account.id, by=trigger, reason=reason, now=now)
        end_links_of_account(tx, account.id, Change.ACCOUNT_INACTIVE, now=now)
        event = AccountDeactivated(
            account_id=account.id,
            trigger=Code(trigger),
            deactivated_at=now,
            user_count=accounts.count_users(tx, account.id).active,
            noticed_on=notice.noticed_on if notice else None,
            notice_ends_on=notice.ends_on if notice else None,
            reason=Code(reason) if reason else None,
        )
        tx.outbox.add(event, now=now, sequence=account.version + 1)
        return AccountChanged(account_id=account.id, version=account.version + 1, state="inactive")
