"""Where logins came from: fetched from the account service, kept sealed, opened for a stated purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.account.letters.calls import Recipients
from services.account.login.calls import LoginOrigin, LoginOrigins
from services.audit import rules
from services.audit.calls import Logins, LoginShown
from services.audit.store import LoginStore
from services.audit.values import Origin, PendingOrigin
from shared import log
from shared.calls import Caller
from shared.database import Database, Transaction
from shared.database.pool import Row
from shared.errors import Transient
from shared.privacy import BlindIndex, FencedError, KeyGoneError, Sealed, Subject, Vault

TABLE: Final = "login_event"
COLUMNS: Final = ("ip_sealed", "user_agent_sealed")
LOGINS_LIMIT: Final = 1000
"""So many attempts one reply holds."""

ORIGINS_A_ROUND: Final = 200
ORIGIN_LEASE_SECONDS: Final = 60

logger = log.get("audit.logins")


class LoginWatch:
    """The part of the service that handles where logins came from."""

    def __init__(
        self, *, database: Database, caller: Caller, store: LoginStore, vault: Vault, index: BlindIndex
    ) -> None:
        """`index` digests the address of an attempt on no known user; its key never leaves this service."""
        self._database = database
        self._caller = caller
        self._store = store
        self._vault = vault
        self._index = index

    def fetch_origins(self, now: datetime) -> None:
        """Fetch a round of origins. The account service and the keyring are asked outside any transaction."""
        lease_until = now + timedelta(seconds=ORIGIN_LEASE_SECONDS)
        with self._database.transaction() as tx:
            pending = self._store.claim_origins(tx, now=now, lease_until=lease_until, limit=ORIGINS_A_ROUND)
        if not pending:
            return
        known = self._asked(pending)
        found = list(self._origins(pending, known, now))
        settled = {origin.attempt_id for origin in found}
        later = {
            each.attempt_id: now + timedelta(seconds=rules.origin_retry_seconds(each.tries))
            for each in pending
            if each.attempt_id not in settled
        }
        with self._database.transaction() as tx:
            self._store.set_origins(tx, found)
            self._store.retry_origins(tx, later)

    def _asked(self, pending: Iterable[PendingOrigin]) -> dict[UUID, LoginOrigin]:
        """What the account service still knows, by attempt; nothing where it does not answer."""
        ids = tuple(each.attempt_id for each in pending)
        try:
            shown = self._caller.ask(LoginOrigins(attempt_ids=ids))
        except Transient as error:
            logger.warning("origins_not_fetched", exc_info=error, count=len(ids))
            return {}
        return {each.attempt_id: each for each in shown.attempts}

    def _origins(
        self, pending: Iterable[PendingOrigin], known: dict[UUID, LoginOrigin], now: datetime
    ) -> Iterator[Origin]:
        for each in pending:
            shown = known.get(each.attempt_id)
            if shown is None:
                if rules.origin_given_up(each.occurred_at, now):
                    yield Origin(attempt_id=each.attempt_id, state="unknown")
            elif each.user_id is None or each.account_id is None:
                day = rules.address_of_the_day(each.occurred_at, shown.address_index)
                digest = self._index.of("login_address", day)
                yield Origin(attempt_id=each.attempt_id, state="indexed", address_index=digest)
            else:
                yield self._sealed(each.attempt_id, Subject.person(each.user_id, each.account_id), shown)

    def _sealed(self, attempt_id: UUID, person: Subject, shown: LoginOrigin) -> Origin:
        texts = {"ip_sealed": shown.ip, "user_agent_sealed": shown.user_agent}
        values = [(person, TABLE, column, attempt_id, text) for column, text in texts.items() if text]
        if not values:
            return Origin(attempt_id=attempt_id, state="unknown")
        try:
            sealed = self._vault.seal_many(values)
        except (FencedError, KeyGoneError):  # the person is being erased: nothing new is kept
            return Origin(attempt_id=attempt_id, state="unknown")
        kept = {column: made for (_, _, column, _, _), made in zip(values, sealed, strict=True)}
        return Origin(attempt_id=attempt_id, state="sealed", **kept)

    @property
    def keyring_database(self) -> Database:
        """The database of the keys with which origins are sealed."""
        return self._vault.database

    def check_keys(self) -> None:
        """Raise where the keyring does not answer or the key file does not open it."""
        self._vault.check()

    def check_disclosure(self, call: Logins) -> None:
        """Raise unless these logins may be shown to who asks for the stated purpose."""
        owners: list[UUID] = []
        if rules.needs_owners(call.purpose, call.actor):
            recipients = self._caller.ask(Recipients(account_id=call.account_id)).recipients
            owners = [each.user_id for each in recipients if each.role == "owner"]
        rules.check_disclosure(call, owners)

    def attempts(self, tx: Transaction, call: Logins) -> tuple[list[Row], bool]:
        """The attempts asked for, and whether these are all of them."""
        rows = self._store.logins(
            tx,
            account_id=call.account_id,
            user_id=call.user_id,
            from_=call.from_,
            to=call.to,
            limit=LOGINS_LIMIT + 1,
        )
        return rows[:LOGINS_LIMIT], len(rows) <= LOGINS_LIMIT

    def opened(self, rows: Iterable[Row]) -> tuple[LoginShown, ...]:
        """The attempts with address and browser where these can be read; one trip to the keyring for all."""
        listed = list(rows)
        wanted = [
            Sealed(Subject.person(row["user_id"], row["account_id"]), TABLE, column, row["attempt_id"], row[column])
            for row in listed
            for column in COLUMNS
            if row["user_id"] and row[column] is not None
        ]
        texts = {
            (sealed.row, sealed.column): text
            for sealed, text in zip(wanted, self._vault.unseal_many(wanted), strict=True)
        }
        return tuple(
            LoginShown(
                occurred_at=row["occurred_at"],
                outcome=row["outcome"],
                reason=row["reason"],
                user_id=row["user_id"],
                ip=texts.get((row["attempt_id"], "ip_sealed")),
                user_agent=texts.get((row["attempt_id"], "user_agent_sealed")),
            )
            for row in listed
        )
