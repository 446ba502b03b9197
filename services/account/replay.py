"""What the facts of the ledger mean in account's database, when a backup has set it back behind them.

Versions say what came first: a fact that the row has seen already changes nothing. What a person had corrected
cannot be brought back, for the ledger holds no values; it is noted, so that the person can be asked again. A
password that was changed since is not valid any more, and a new one comes by letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from services.account import rules
from services.account.sealing import Sealing
from services.account.store import AccountStore
from shared.calendar import oslo_date
from shared.database import Transaction, load_queries
from shared.identifiers import new_id
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Kind

Q: Final = load_queries(__file__, "replay.sql")
ERASED: Final = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED})
STATES: Final = {
    Kind.ACCOUNT_DEACTIVATED: "inactive",
    Kind.USER_DEACTIVATED: "inactive",
    Kind.ACCOUNT_REACTIVATED: "active",
    Kind.USER_REACTIVATED: "active",
}
NOTICES: Final = frozenset({Kind.NOTICE_GIVEN, Kind.NOTICE_WITHDRAWN})
PASSWORD: Final = "password"  # noqa: S105  # the name of a field


class AccountReplayer:
    """Makes erasures, holds, restrictions, deactivations, reactivations and corrections true again."""

    def __init__(self, store: AccountStore, sealing: Sealing) -> None:
        """`sealing` is asked for digests only; no key is used."""
        self._store = store
        self._sealing = sealing

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true, unless the row is of a later version already."""
        if entry.kind in ERASED:
            self._erase(tx, entry)
        elif entry.kind in restricted.FACTS:
            restricted.replay(tx, entry)
        elif entry.kind in STATES:
            self._set_state(tx, entry)
        elif entry.kind == Kind.RECTIFIED:
            self._note_lost_correction(tx, entry)
        elif entry.kind in NOTICES:
            self._set_notice(tx, entry)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""
        scope = {"account_id": entry.account_id, "user_id": entry.user_id}
        if entry.kind in ERASED:
            return restricted.was_partial(entry) or tx.one(Q.left_of, **scope) is None
        if entry.kind in restricted.FACTS:
            return restricted.verify(tx, entry)
        if entry.kind in STATES or entry.kind in NOTICES or entry.kind == Kind.RECTIFIED:
            older = Q.older_user if entry.user_id else Q.older_account
            return tx.one(older, **scope, version=_version(entry)) is None
        return True

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nobody has an account."""
        return tx.one(Q.anybody) is None

    def _erase(self, tx: Transaction, entry: Entry) -> None:
        account_id, user_id = entry.account_id, entry.user_id
        email_indexes = self._store.address_digests(tx, account_id, user_id)
        self._store.erase(
            tx,
            account_id,
            user_id,
            email_indexes=email_indexes,
            brake_keys=[self._sealing.brake_of_name(index) for index in email_indexes],
            archive_until=rules.archive_until(_since(entry)),
            held=restricted.in_force(tx, account_id).within(user_id),
        )

    def _set_state(self, tx: Transaction, entry: Entry) -> None:
        state = STATES[Kind(entry.kind)]
        facts: dict[str, Any] = {
            "state": state,
            "version": _version(entry),
            "inactivated_at": _since(entry) if state == "inactive" else None,
        }
        facts["by"] = str(entry.data.get("by", "system")) if state == "inactive" else None
        if entry.user_id is None:
            back = _since(entry) if state == "active" else None
            changed = tx.run(Q.replay_account_state, id=entry.account_id, reactivated_at=back, **facts)
            if changed and back is not None:
                self._store.drop_spent_notice(tx, entry.account_id, today=oslo_date(back))
        else:
            changed = tx.run(Q.replay_user_state, id=entry.user_id, **facts)
        if changed and state == "inactive":
            tx.run(Q.end_links, account_id=entry.account_id, user_id=entry.user_id)
            tx.run(Q.void_links, account_id=entry.account_id, user_id=entry.user_id)

    @staticmethod
    def _set_notice(tx: Transaction, entry: Entry) -> None:
        """The contract ends when it was to end, or goes on."""
        scope = {"account_id": entry.account_id, "version": _version(entry)}
        tx.run(Q.drop_notice, **scope)
        if entry.kind == Kind.NOTICE_GIVEN:
            tx.run(
                Q.give_notice_again,
                **scope,
                noticed_on=entry.data["noticed_on"],
                ends_on=entry.data["notice_ends_on"],
                channel=entry.data["channel"],
                registered_at=_since(entry),
            )
        tx.run(Q.raise_account_version, **scope, user_id=None)

    def _note_lost_correction(self, tx: Transaction, entry: Entry) -> None:
        fields = _several(entry.data.get("fields", ()))
        if PASSWORD in fields and entry.user_id is not None:
            tx.run(Q.drop_old_password, user_id=entry.user_id, since=_since(entry))
            tx.run(Q.end_old_links, user_id=entry.user_id, since=_since(entry))
        scope = {"account_id": entry.account_id, "user_id": entry.user_id, "version": _version(entry)}
        lost = [field for field in fields if field != PASSWORD]
        note = Q.note_lost_of_user if entry.user_id else Q.note_lost_of_account
        if lost:
            tx.run(note, **scope, id=new_id(), fields=lost, corrected_at=_since(entry))
        tx.run(Q.raise_user_version if entry.user_id else Q.raise_account_version, **scope)


def _since(entry: Entry) -> datetime:
    since = entry.data.get("since")
    return datetime.fromisoformat(since) if isinstance(since, str) else entry.at


def _version(entry: Entry) -> int:
    """The version that the row had after the fact, written as `v12`; 0 where the fact does not tell."""
    return int(str(entry.data.get("version", "v0")).removeprefix("v"))


def _several(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
