"""Attempts as detectors look at them. Methods work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from services.audit.anomalies.rules import GUESSES
from services.audit.anomalies.values import Attempt, Place
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)

LOOKED_AT: Final = 500
"""So many attempts at most are looked at for one network, user or company: many times what a threshold asks for."""
KNOWN_BY: Final = 2000
"""By so many of its newest attempts the users of a company are known."""


class AttemptStore:
    """What detectors read."""

    def claim(self, tx: Transaction, *, limit: int) -> list[Attempt]:
        """Attempts that nobody has looked at; they count as looked at once the transaction is committed."""
        return _attempts(tx.all(Q.claim_unwatched, limit=limit))

    def of_network(self, tx: Transaction, network: bytes, *, from_: datetime, to: datetime) -> list[Attempt]:
        """The newest attempts from a network."""
        return _attempts(tx.all(Q.of_network, network=network, from_=from_, to=to, limit=LOOKED_AT))

    def of_user(self, tx: Transaction, user_id: UUID, *, from_: datetime, to: datetime) -> list[Attempt]:
        """The newest attempts on a user."""
        return _attempts(tx.all(Q.of_user, user_id=user_id, from_=from_, to=to, limit=LOOKED_AT))

    def of_account(self, tx: Transaction, account_id: UUID, *, from_: datetime, to: datetime) -> list[Attempt]:
        """The newest attempts on users of a company."""
        return _attempts(tx.all(Q.of_account, account_id=account_id, from_=from_, to=to, limit=LOOKED_AT))

    def on_nobody(self, tx: Transaction, *, from_: datetime, to: datetime) -> list[Attempt]:
        """The newest attempts on names that nobody has."""
        return _attempts(tx.all(Q.on_nobody, from_=from_, to=to, limit=LOOKED_AT))

    def failing_networks(
        self, tx: Transaction, networks: Collection[bytes], *, from_: datetime, to: datetime
    ) -> set[bytes]:
        """Those of the networks from which an attempt failed."""
        rows = tx.all(Q.failing_networks, networks=list(networks), from_=from_, to=to)
        return {bytes(row["network"]) for row in rows}

    def failing_users(
        self, tx: Transaction, user_ids: Collection[UUID], *, from_: datetime, to: datetime
    ) -> set[UUID]:
        """Those of the users on whom an attempt failed."""
        rows = tx.all(Q.failing_users, user_ids=list(user_ids), from_=from_, to=to)
        return {row["user_id"] for row in rows}

    def earlier_entries(self, tx: Transaction, entries: Collection[Attempt]) -> dict[UUID, list[Attempt]]:
        """By log-in, those of its user before it, newest first, as far as what is odd about it depends on them.

        Where its device is known among them, that one and the newest say all.
        """
        rows = tx.all(
            Q.earlier_by_device,
            ids=[each.attempt_id for each in entries],
            user_ids=[each.user_id for each in entries],
            befores=[each.occurred_at for each in entries],
            devices=[each.device for each in entries],
            limit=LOOKED_AT,
        )
        earlier: dict[UUID, list[Attempt]] = {each.attempt_id: [] for each in entries}
        for row in rows:
            earlier[row["entry_id"]].append(_attempt(row))
        for each in entries:
            if each.device is None or each.device not in {one.device for one in earlier[each.attempt_id]}:
                of = {"user_id": each.user_id, "before": each.occurred_at, "limit": LOOKED_AT}
                earlier[each.attempt_id] = _attempts(tx.all(Q.earlier_entries, **of))
        return earlier

    def at_home_in(
        self, tx: Transaction, network: bytes, user_ids: Collection[UUID], *, before: datetime
    ) -> set[UUID]:
        """Those of the users who logged in from this network before."""
        rows = tx.all(Q.at_home_in, network=network, user_ids=list(user_ids), before=before)
        return {row["user_id"] for row in rows}

    def known_users(self, tx: Transaction, account_id: UUID) -> int:
        """How many users of a company have ever tried to log in, as far as that is kept."""
        row = tx.one(Q.known_users, account_id=account_id, limit=KNOWN_BY)
        return int(row["count"]) if row else 0

    def forget_traces(self, tx: Transaction, *, before: datetime, limit: int) -> int:
        """Take names and networks from older attempts on nobody; returns from how many, at most `limit`."""
        return tx.run(Q.forget_traces, before=before, limit=limit)


def _attempts(rows: Iterable[Row]) -> list[Attempt]:
    return [_attempt(row) for row in rows]


def _attempt(row: Row) -> Attempt:
    """A name that was not told, by a process from before an upgrade, counts as one and the same name."""
    named = row["user_id"] or (bytes(row["name_index"]).hex() if row["name_index"] else "unnamed")
    place = None
    if row["country"]:
        place = Place(country=row["country"], latitude=row["latitude"], longitude=row["longitude"])
    return Attempt(
        attempt_id=row["attempt_id"],
        occurred_at=row["occurred_at"],
        got_in=row["outcome"] == "succeeded" or row["reason"] not in GUESSES,
        name=str(named),
        account_id=row["account_id"],
        user_id=row["user_id"],
        network=bytes(row["network_index"]) if row["network_index"] else None,
        device=bytes(row["device_index"]) if row["device_index"] else None,
        place=place,
    )
