"""Corrects data of a user for whoever asks staff to; all that have a copy hear of it, as of every other change."""

from __future__ import annotations

from dataclasses import dataclass

from services.account.accounts import store as accounts
from services.account.accounts.publishing import acting
from services.account.accounts.rules import check_version
from services.account.authorisation.access import check_editable, enter_as_staff
from services.account.companies.calls import CORRECTED
from services.account.corrections import calls, rules
from services.account.field_encryption.sealing import Sealing, not_under_erasure
from services.account.tickets import issuing
from services.account.tickets import store as tickets
from services.account.tickets.link_endings import Change
from services.account.users.calls import UserChanged
from services.account.users.events import UserUpdated
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Transaction
from shared.events import Code


@dataclass(eq=False)
class Corrections(Feature):
    """What people correct themselves goes by `update_user`; this is for who cannot, or does not want to."""

    clock: Clock
    sealing: Sealing

    @answers(calls.CorrectUser)
    def correct_user(self, call: calls.CorrectUser, tx: Transaction) -> UserChanged:
        """Correct what is given of a user; one who has not come yet is invited at the right address."""
        account, now = enter_as_staff(tx, call), self.clock.now()
        user = accounts.user_of(tx, account.id, call.user_id, lock=True)
        check_version(user.version, call.version)
        changes = {name: value for name, value in call.given().items() if name in CORRECTED}
        rules.check_corrected(user, changes)
        check_editable(tx, account.id, user.id, "profile")
        if "email" in changes:
            issuing.check_invitations(tx, account, now=now)
            issuing.check_letters(tx, user, "invitation", now=now)
            accounts.assert_address_free(tx, user, self.sealing.of_email(changes["email"]))
        with not_under_erasure():
            columns = self.sealing.user_columns(account.id, user.id, changes, address_waits=False)
        row = accounts.update_user(tx, user.id, columns | {"language": None, "role": None})
        with acting(call.actor):
            fields = [Code(name) for name in sorted(changes)]
            event = UserUpdated(**user.ids, fields=fields, correction=Code(call.reason))
            tx.outbox.add(event, now=now, sequence=row["version"])
            if "email" in changes:
                tickets.end_links(tx, user.id, Change.ADDRESS, now=now)
                issuing.invite(tx, accounts.user(tx, user.id), now=now)
        return UserChanged(user_id=user.id, **row)
