"""What the ledger's facts mean for the keyring: who was erased has no key, whatever a backup brought back."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from shared.database import Transaction, load_queries
from shared.privacy.ledger_lines import Entry, Kind

Q: Final = load_queries(__file__, "keyring.sql")


class KeyringReplayer:
    """Makes the destruction of keys true again. Other facts have no bearing on keys."""

    facts = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED, Kind.KEY_DESTROYED})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Fence the scope and destroy its keys, except those of persons whose data are held."""
        scope = {"account_id": entry.account_id, "user_id": entry.user_id, "now": entry.at}
        tx.one(Q.lock_account, account_id=entry.account_id)
        tx.run(Q.raise_fence, **scope)
        tx.run(Q.destroy_again, **scope, kept=kept_of(entry))

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether no key of the scope opens anything any more."""
        scope = {"account_id": entry.account_id, "user_id": entry.user_id, "kept": kept_of(entry)}
        return tx.one(Q.undestroyed, **scope) is None


def has_no_key(tx: Transaction) -> bool:
    """Whether there is no key yet."""
    return tx.one(Q.any_key) is None


def kept_of(entry: Entry) -> list[UUID]:
    """The subjects whose keys an erasure spared, because what they open is held."""
    kept_keys = entry.data.get("kept_keys", ())
    return [UUID(each) for each in ((kept_keys,) if isinstance(kept_keys, str) else kept_keys)]
