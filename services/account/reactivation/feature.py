"""How an owner takes up again what the customer made inactive, without a password: by a letter's link."""

from __future__ import annotations

from services.account import rules
from services.account.accounts.calls import AccountChanged
from services.account.entry import acting_user
from services.account.login.feature import LogIn, told_of_refusal
from services.account.reactivation.calls import ReactivateByLetter
from shared.bus import answers

KINDS = ("reactivation",)


class Returning(LogIn):
    """The way back by letter. With the password it is `reactivate_with_password`."""

    @answers(ReactivateByLetter)
    def reactivate_by_letter(self, call: ReactivateByLetter) -> AccountChanged:
        """Reactivate the inactive account of an owner by a letter's token, which proves what a password would."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            ticket = self.usable_ticket(tx, call.token, KINDS)
            account = self.store.account(tx, ticket.account_id, "update")
            user = self.store.user(tx, ticket.user_id, lock=True)
            self.usable_ticket(tx, call.token, KINDS, lock=True)
            refusal = rules.reactivation_refusal(account, user)
            if refusal is not None:
                raise told_of_refusal(refusal)
            self.store.use_ticket(tx, ticket.id, now=now)
            with acting_user(user.id):
                return self.take_up_again(tx, account, by=user, agreement=call.agreement)
