"""When who logged in and from where: kept for some months, shown for a stated purpose.

Where a login came from is fetched from the account service and kept sealed under the person's own key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.account.letters.calls import Recipients
from services.account.login.calls import Authenticate, LoginOrigin, LoginOrigins
from services.account.login.events import LoginFailed, LoginSucceeded
from services.audit.anomalies.values import Place
from services.audit.logins import calls, rules
from services.audit.logins.store import LoginStore
from services.audit.logins.values import Origin, PendingOrigin
from shared import log
from shared.bus import Feature, answers, every, handles
from shared.bus.probes import HOURLY, probe
from shared.calendar import OSLO, oslo_date, start_of_day_oslo
from shared.calls import Caller
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Row, Transaction
from shared.errors import Refused, Transient
from shared.events import Received
from shared.privacy import BlindIndex, Sealed, Subject, Vault
from shared.privacy.reencryption import Resealer, SealedTable
from shared.terms.clauses import collection, erasure, monitoring

TABLE: Final = "login_event"
COLUMNS: Final = ("ip_sealed", "user_agent_sealed")
SEALED_TABLES: Final = (
    SealedTable(
        TABLE,
        "attempt_id",
        ("user_id", "account_id"),
        {each: each for each in COLUMNS},
        lambda row: Subject.person(row["user_id"], row["account_id"]),
    ),
)
"""What lies sealed under the data keys of persons; after a renewal it is sealed anew (ADR 0016)."""

NOBODY: Final = UUID(int=0)
"""Stands before every id."""
LOGINS_LIMIT: Final = 1000
"""So many attempts one reply holds."""
ORIGINS_A_ROUND: Final = 200
ORIGIN_LEASE: Final = timedelta(seconds=60)
PURGE_BATCH: Final = 1000
PURGE_BATCHES: Final = 100

logger = log.get("audit.logins")


class LoginEvents(Feature):
    """Login attempts and their origins."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        caller: Caller,
        vault: Vault,
        index: BlindIndex,
        *,
        months: int,
        record: Callable[..., None],
        place_of: Callable[[str], Place | None],
    ) -> None:
        """`record` takes what audit did itself into the trail.

        `index` digests what attempts are compared by; its key never leaves this service. `place_of` knows where
        a network address is, as far as the operator's table does. Raises
        `ValueError` where logins would be kept for more `months` than the cap.
        """
        rules.login_expiry(clock.now(), months)
        self._database = database
        self._clock = clock
        self._caller = caller
        self._vault = vault
        self._index = index
        self._months = months
        self._record = record
        self._place_of = place_of
        self._store = LoginStore()
        self._resealer = Resealer(holder="audit", database=database, vault=vault, tables=SEALED_TABLES)

    def check_keys(self) -> None:
        """Raise where the keyring does not answer or the key file does not open it."""
        self._vault.check()
        self._resealer.check()

    @handles(LoginSucceeded)
    def keep_login(self, message: Received[LoginSucceeded], tx: Transaction) -> None:
        """Somebody logged in."""
        self._keep(message, tx, "succeeded")

    @handles(LoginFailed)
    def keep_failed_login(self, message: Received[LoginFailed], tx: Transaction) -> None:
        """Somebody tried to."""
        self._keep(message, tx, "failed")

    def _keep(self, message: Received[Any], tx: Transaction, outcome: str) -> None:
        login = rules.login_event(message, outcome=outcome, retention_months=self._months)
        self._store.add(tx, login, now=self._clock.now())

    # ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=1)
    def fetch_origins(self) -> None:
        """Fetch a round of origins. The account service and the keyring are asked outside any transaction."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            pending = self._store.claim_origins(tx, now=now, lease_until=now + ORIGIN_LEASE, limit=ORIGINS_A_ROUND)
        if not pending:
            return
        known = self._asked(pending)
        origins = list(self._origins(pending, known, now))
        settled = {origin.attempt_id for origin in origins}
        later = {
            each.attempt_id: now + timedelta(seconds=rules.origin_retry_seconds(each.tries))
            for each in pending
            if each.attempt_id not in settled
        }
        with self._database.transaction() as tx:
            self._store.set_origins(tx, origins)
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
        self, pending: Sequence[PendingOrigin], known: dict[UUID, LoginOrigin], now: datetime
    ) -> Iterator[Origin]:
        sealed = self._sealed(pending, known)
        for each in pending:
            shown = known.get(each.attempt_id)
            if shown is None:
                if rules.origin_given_up(each.occurred_at, now):
                    yield Origin(attempt_id=each.attempt_id, state="unknown")
            elif _person(each) is None:
                day = rules.address_of_the_day(each.occurred_at, shown.address_index)
                digest = self._index.of("login_address", day)
                origin = Origin(attempt_id=each.attempt_id, state="indexed", address_index=digest)
                name = self._index.of("login_name", shown.name_index) if shown.name_index else None
                yield replace(origin, name_index=name, **self._compared_by(shown))
            else:
                origin = sealed[each.attempt_id]
                yield replace(origin, **self._compared_by(shown)) if origin.state == "sealed" else origin

    def _compared_by(self, shown: LoginOrigin) -> dict[str, Any]:
        """What detectors compare, keyed once more, so that it fits nothing kept elsewhere."""
        device = rules.device_of(shown.user_agent)
        place = self._place_of(shown.ip) if shown.ip else None
        return {
            "network_index": self._index.of("login_network", shown.network_index),
            "device_index": self._index.of("login_device", device) if device else None,
            **(
                {"country": place.country, "latitude": place.latitude, "longitude": place.longitude}
                if place
                else {}
            ),
        }

    def _sealed(self, pending: Iterable[PendingOrigin], known: Mapping[UUID, LoginOrigin]) -> dict[UUID, Origin]:
        """Where persons logged in from, by attempt. Of one who is being erased nothing new is kept."""
        origins: dict[UUID, Origin] = {}
        values: list[tuple[Subject, str, str, UUID, str]] = []
        for each in pending:
            shown, person = known.get(each.attempt_id), _person(each)
            if shown is None or person is None:
                continue
            origins[each.attempt_id] = Origin(attempt_id=each.attempt_id, state="unknown")
            texts = {"ip_sealed": shown.ip, "user_agent_sealed": shown.user_agent}
            values += [(person, TABLE, column, each.attempt_id, text) for column, text in texts.items() if text]
        for (_, _, column, attempt_id, _), ciphertext in zip(
            values, self._vault.seal_where_kept(values), strict=True
        ):
            if ciphertext is not None:
                sealed: dict[str, Any] = {"state": "sealed", column: ciphertext}
                origins[attempt_id] = replace(origins[attempt_id], **sealed)
        return origins

    @every(seconds=2)
    def reencrypt(self) -> None:
        """Seal a stretch of logins anew that lie under older keys."""
        self._resealer.turn(self._clock.now())

    @probe(
        monitoring.WATCHING_IS_PROCESSING_TOO,
        collection.LOGIN_EVENTS,
        erasure.ERASE_WHEN_NOT_NEEDED,
        nb="pålogginger som skulle vært slettet",
        en="logins that should have been deleted",
        seconds=HOURLY,
    )
    def logins_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: they are purged every minute."""
        with tx.undone():
            return self._store.purge(tx, today=oslo_date(now - timedelta(days=1)), limit=PURGE_BATCH)

    @every(seconds=60, irreversible=True)
    def purge_expired(self) -> None:
        """Delete logins whose months are over, in batches."""
        today = oslo_date(self._clock.now())
        for _ in range(PURGE_BATCHES):
            with self._database.transaction() as tx:
                if self._store.purge(tx, today=today, limit=PURGE_BATCH) < PURGE_BATCH:
                    return

    # ── calls ─────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.Logins)
    def logins(self, call: calls.Logins) -> calls.LoginsShown:
        """Login times and addresses for a stated purpose (L57). Answer and refusal alike enter the trail."""
        return self._disclosed(call, self._owners, limit=LOGINS_LIMIT)

    @answers(calls.LoginReport)
    def login_report(self, call: calls.LoginReport) -> calls.LoginsShown:
        """A page of them for a customer; the account service is asked whose the session is (L57)."""
        session = self._caller.ask(Authenticate(token=call.token))
        owners = [session.user_id] if session.role == rules.OWNER else []
        asked = rules.asked_in_session(call, session)
        return self._disclosed(asked, lambda _: owners, after=call.after, limit=rules.REPORT_PAGE)

    @answers(calls.LoginDisclosures)
    def login_disclosures(self, call: calls.LoginDisclosures) -> calls.LoginDisclosuresShown:
        """Days, purposes and numbers, the newest day first: at most a row a day, purpose and kind of reader."""
        session = self._caller.ask(Authenticate(token=call.token))
        since = rules.disclosures_told_since(self._clock.now())
        with self._database.transaction() as tx:
            rows = self._store.disclosures(
                tx,
                account_id=session.account_id,
                user_id=None if session.role == rules.OWNER else session.user_id,
                since=start_of_day_oslo(since),
                zone=OSLO.key,
            )
        return rules.disclosures_shown(since, rows)

    def _disclosed(
        self,
        call: calls.Logins,
        owners: Callable[[calls.Logins], list[UUID]],
        *,
        after: UUID | None = None,
        limit: int,
    ) -> calls.LoginsShown:
        try:
            rules.check_disclosure(call, owners(call))
        except Refused:
            with self._database.transaction() as tx:
                self._record(tx, **rules.disclosure(call, None))
            raise
        with self._database.transaction() as tx:
            rows = self._store.logins(
                tx,
                account_id=call.account_id,
                user_id=call.user_id,
                from_=call.from_,
                to=call.to,
                after=after,
                limit=limit + 1,
            )
            shown = rows[:limit]
            self._record(tx, **rules.disclosure(call, [row["user_id"] for row in shown if row["user_id"]]))
        return calls.LoginsShown(logins=self._opened(shown), complete=len(rows) <= limit)

    def _owners(self, call: calls.Logins) -> list[UUID]:
        """Who owns the account, where that decides whether these logins may be shown."""
        if not rules.needs_owners(call.purpose, call.actor):
            return []
        recipients = self._caller.ask(Recipients(account_id=call.account_id)).recipients
        return [each.user_id for each in recipients if each.role == rules.OWNER]

    @answers(calls.LoggedIn)
    def logged_in(self, call: calls.LoggedIn) -> calls.LoggedInPage:
        """Who logged in with success in a period; when and from where is not told.

        Asked about one minute after the other it would tell when. So each question enters the trail.
        """
        with self._database.transaction() as tx:
            rows = self._store.logged_in(
                tx,
                from_=call.from_,
                to=call.to,
                after_account=call.after_account or NOBODY,
                after_user=call.after_user or NOBODY,
                limit=call.limit,
            )
            self._record(tx, **rules.listing(call, len(rows), actor=current().actor))
        return calls.LoggedInPage(users=tuple(calls.LoggedInUser(**row) for row in rows))

    def _opened(self, rows: Sequence[Row]) -> tuple[calls.LoginShown, ...]:
        """The attempts with address and browser where these can be read; one trip to the keyring for all."""
        wanted = [
            Sealed(Subject.person(row["user_id"], row["account_id"]), TABLE, column, row["attempt_id"], row[column])
            for row in rows
            for column in COLUMNS
            if row["user_id"] and row[column] is not None
        ]
        texts = {
            (sealed.row, sealed.column): text
            for sealed, text in zip(wanted, self._vault.unseal_many(wanted), strict=True)
        }
        return tuple(
            calls.LoginShown(
                attempt_id=row["attempt_id"],
                occurred_at=row["occurred_at"],
                outcome=row["outcome"],
                reason=row["reason"],
                user_id=row["user_id"],
                ip=texts.get((row["attempt_id"], "ip_sealed")),
                user_agent=texts.get((row["attempt_id"], "user_agent_sealed")),
            )
            for row in rows
        )


def _person(attempt: PendingOrigin) -> Subject | None:
    """Under whose key it is sealed; None for a stranger."""
    if attempt.user_id is None or attempt.account_id is None:
        return None
    return Subject.person(attempt.user_id, attempt.account_id)
