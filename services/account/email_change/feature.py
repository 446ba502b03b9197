"""How somebody changes the own address: with the current password, to one that is confirmed by letter first."""

from __future__ import annotations

from services.account import rules
from services.account.accounts.values import UserState
from services.account.email_change.calls import ChangeEmail
from services.account.entry import acting_user, address_not_taken, not_under_erasure
from services.account.login.feature import LogIn
from services.account.users.calls import UserChanged
from shared.bus import answers
from shared.database import Transaction


class Addresses(LogIn):
    """The address of whoever asks; owners and staff change those of others by `update_user`."""

    @answers(ChangeEmail)
    def change_email(self, call: ChangeEmail) -> UserChanged:
        """Change one's own address inside a session; the new one waits until its holder confirms it."""
        with self.database.transaction() as tx:
            asking = self._open_session(tx, call.token, self.clock.now())
            self._check_new_address(tx, self.store.user(tx, asking.user_id), call.email)
        session, proof = self.prove_again(call.token, call.current_password, call.origin)
        with not_under_erasure():
            columns = self.sealing.user_columns(
                session.account_id, session.user_id, {"email": call.email}, address_waits=True
            )
        with self.database.transaction() as tx, acting_user(session.user_id):
            rules.require_open(self.store.account(tx, session.account_id, "share"))
            user = self.settle_proof(tx, call.token, proof)
            self._check_new_address(tx, user, call.email)
            row = self.store.update_user(tx, user.id, columns | {"language": None, "role": None})
            self.ask_new_address(tx, user, row["version"])
        return UserChanged(user_id=user.id, **row)

    def _check_new_address(self, tx: Transaction, user: UserState, email: str) -> None:
        """Asked before the password is compared as well: a refusal for other reasons is no failed guess."""
        self.check_editable(tx, user.account_id, user.id, "profile")
        self.check_letters(tx, user, "address_change")
        with address_not_taken():
            self.store.assert_address_free(tx, user, self.sealing.of_email(email))
