"""What the ledger says of passkeys: the line of an enrolment is kept, and what was revoked stays revoked."""

from __future__ import annotations

from services.staff.authentication import store
from services.staff.passkeys.events import PasskeyEnrolled, PasskeyRevoked
from services.staff.passkeys.values import Revocation
from services.staff.people.events import StaffLeft
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class PasskeyFacts:
    """Revokes again what was revoked. A key that the backup knows nothing of proves nothing anyway.

    A service that runs reads facts too: so each key gets the signed line of its enrolment, by which an approval is
    proved long after the ledger has forgotten it.
    """

    facts = frozenset({kind_of(PasskeyEnrolled), kind_of(PasskeyRevoked), kind_of(StaffLeft)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make it so again; nothing is published anew."""
        if entry.kind == kind_of(PasskeyEnrolled):
            store.keep_enrolment(tx, entry.event(PasskeyEnrolled).passkey_id, entry.line)
        elif entry.kind == kind_of(PasskeyRevoked):
            revoked = entry.event(PasskeyRevoked)
            store.revoke_again(tx, revoked.reason, entry.since, passkey_id=revoked.passkey_id)
        else:
            code = entry.event(StaffLeft).staff_code
            store.revoke_again(tx, Revocation.LEFT.value, entry.since, staff_code=code)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether no key is there that contradicts it."""
        if entry.kind == kind_of(PasskeyEnrolled):
            enrolment = store.enrolment(tx, entry.event(PasskeyEnrolled).passkey_id)
            return enrolment in (None, entry.line)
        if entry.kind == kind_of(PasskeyRevoked):
            return not store.is_any_live(tx, passkey_id=entry.event(PasskeyRevoked).passkey_id)
        return not store.is_any_live(tx, staff_code=entry.event(StaffLeft).staff_code)
