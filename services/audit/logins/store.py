"""Login attempts as rows. Methods work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.audit.logins.rules import WAITS
from services.audit.logins.values import ACCOUNT_LOCK_SPACE, LoginEvent, Origin, PendingOrigin
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


class LoginStore:
    """Login attempts."""

    def add(self, tx: Transaction, login: LoginEvent, *, now: datetime) -> bool:
        """Keep a login attempt; False where its company or person was erased, or it is there already."""
        if login.account_id:
            tx.one(Q.lock_account_shared, space=ACCOUNT_LOCK_SPACE, account_id=login.account_id)
        return tx.run(Q.add_login, **asdict(login), now=now) > 0

    def claim_origins(
        self, tx: Transaction, *, now: datetime, lease_until: datetime, limit: int
    ) -> list[PendingOrigin]:
        """Logins whose origin is asked for now; others leave them alone until `lease_until`."""
        rows = tx.all(
            Q.claim_origins, now=now, lease_until=lease_until, limit=limit, due=WAITS["login_event.origin_try_at"]
        )
        return [PendingOrigin(**row) for row in rows]

    def set_origins(self, tx: Transaction, origins: Iterable[Origin]) -> int:
        """Keep where logins came from; rows erased meanwhile stay erased."""
        return tx.many(Q.set_origin, [asdict(origin) for origin in origins])

    def retry_origins(self, tx: Transaction, times: Mapping[UUID, datetime]) -> None:
        """Ask again at these instants."""
        tx.many(Q.retry_origin, [{"attempt_id": key, "try_at": at} for key, at in times.items()])

    def logins(
        self,
        tx: Transaction,
        *,
        account_id: UUID,
        user_id: UUID | None,
        from_: datetime,
        to: datetime,
        after: UUID | None,
        limit: int,
    ) -> list[Row]:
        """Attempts in a period, oldest first; of those at its first instant only what comes after `after`."""
        scope = {"account_id": account_id, "user_id": user_id}
        return tx.all(Q.logins, **scope, from_=from_, to=to, after=after, limit=limit)

    def disclosures(
        self, tx: Transaction, *, account_id: UUID, user_id: UUID | None, since: datetime, zone: str
    ) -> list[Row]:
        """How often logins were disclosed, by day, purpose and kind of reader, the newest day first."""
        return tx.all(Q.disclosures_by_day, account_id=account_id, user_id=user_id, since=since, zone=zone)

    def logged_in(
        self, tx: Transaction, *, from_: datetime, to: datetime, after_account: UUID, after_user: UUID, limit: int
    ) -> list[Row]:
        """Users who logged in with success in a period, each once, in order of their ids."""
        return tx.all(
            Q.logged_in, from_=from_, to=to, after_account=after_account, after_user=after_user, limit=limit
        )

    def purge(self, tx: Transaction, *, today: date, limit: int) -> int:
        """Delete logins whose time is over; returns how many, at most `limit`."""
        return tx.run(Q.forget_logins, today=today, limit=limit)
