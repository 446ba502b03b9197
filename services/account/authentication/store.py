"""How people prove who they are, as rows: passwords, sessions, attempts and their brakes.

Each works in a transaction it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.account.accounts.store import found
from services.account.accounts.values import UserState
from services.account.authentication import rules
from services.account.authentication.values import Candidate, Credential, OpenSession, SessionState
from services.account.tickets.link_endings import Change
from services.account.tickets.store import digest, end_links
from shared.database import Transaction, load_queries
from shared.database.pool import Row
from shared.identifiers import new_id

Q: Final = load_queries(__file__)


# ── passwords ─────────────────────────────────────────────────────────────────────────────────────────────


def candidate(tx: Transaction, email_index: bytes) -> Candidate | None:
    """Whose log-in name this address is, or the newest sign-up that waits for it."""
    row = tx.one(Q.user_by_address, email_index=email_index)
    return _candidate(row) if row else None


def candidate_by_id(tx: Transaction, user_id: UUID) -> tuple[Candidate, bytes]:
    """The same by the user's id, with the digest of the address. Raises `NotFound`."""
    row = found(tx.one(Q.user_credential, id=user_id))
    return _candidate(row), row["email_index"]


def credential(tx: Transaction, user_id: UUID) -> Credential | None:
    """A user's password as it stands; None where there is none."""
    row = tx.one(Q.credential, user_id=user_id)
    return Credential(**row) if row else None


def require_reset(tx: Transaction, user_id: UUID, *, now: datetime) -> None:
    """Somebody else may know the password: it lets nobody in any more, and the user's links and sessions end."""
    tx.run(Q.require_reset, user_id=user_id, now=now)
    end_links(tx, user_id, Change.PASSWORD, now=now)


def save_first_password(tx: Transaction, user_id: UUID, new_hash: str, *, now: datetime) -> None:
    """The password of somebody who has no session and no link yet."""
    tx.run(Q.save_credential, user_id=user_id, password_hash=new_hash, now=now)


def save_password(
    tx: Transaction, user_id: UUID, new_hash: str, *, now: datetime, keep: UUID | None = None
) -> None:
    """A new password, which ends the user's links and sessions, but for the session `keep`."""
    save_first_password(tx, user_id, new_hash, now=now)
    end_links(tx, user_id, Change.PASSWORD, now=now, keep=keep)


def rehash(tx: Transaction, user_id: UUID, *, old_hash: str, new_hash: str) -> None:
    """The same password under newer parameters."""
    tx.run(Q.rehash_credential, user_id=user_id, old_hash=old_hash, new_hash=new_hash)


# ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────


def open_session(tx: Transaction, user: UserState, token: str, *, now: datetime) -> None:
    """Write a session; the user's oldest beyond the limit end."""
    tx.run(Q.insert_session, id=new_id(), **user.ids, token_hash=digest(token), now=now)
    tx.run(Q.trim_sessions, user_id=user.id, keep=rules.SESSIONS_A_USER)


def session(tx: Transaction, token: str) -> OpenSession | None:
    """The session that the token belongs to."""
    row = tx.one(Q.session, token_hash=digest(token))
    if row is None:
        return None
    names = ("created_at", "seen_at", "account_state", "user_state")
    state = SessionState(**{name: row.pop(name) for name in names})
    return OpenSession(state=state, **row)


def sessions_after_the_end(tx: Transaction) -> Row | None:
    """How many sessions last although the company or the person is inactive."""
    return tx.one(Q.sessions_after_the_end)


def sessions_elsewhere(tx: Transaction) -> Row | None:
    """How many sessions are to another company than the person's own."""
    return tx.one(Q.sessions_elsewhere)


def touch_session(tx: Transaction, session_id: UUID, *, now: datetime) -> None:
    """It was used now."""
    tx.run(Q.touch_session, id=session_id, now=now)


def close_session(tx: Transaction, token: str) -> None:
    """Log-out."""
    tx.run(Q.delete_session, token_hash=digest(token))


# ── attempts and brakes ───────────────────────────────────────────────────────────────────────────────────


def insert_attempt(
    tx: Transaction, origin: Mapping[str, Any], *, candidate: Candidate | None, outcome: str, now: datetime
) -> UUID:
    """Keep who tried, from where, and what came of it; the attempt's id."""
    account_id, user_id = (candidate.account_id, candidate.user_id) if candidate else (None, None)
    tx.run(Q.insert_attempt, **origin, account_id=account_id, user_id=user_id, outcome=outcome, now=now)
    attempt_id: UUID = origin["id"]
    return attempt_id


def attempts(tx: Transaction, ids: Sequence[UUID]) -> list[Row]:
    """The attempts asked for that are still kept."""
    return tx.all(Q.attempts, ids=list(ids))


def failures(tx: Transaction, key: bytes, *, now: datetime) -> list[datetime]:
    """The recent failures under a key; whoever else asks for them waits for this transaction."""
    tx.run(Q.make_brake, key=key, now=now)
    return list(found(tx.one(Q.brake_for_update, key=key))["failed_at"])


def set_failures(tx: Transaction, key: bytes, failed_at: Sequence[datetime], *, now: datetime) -> None:
    """The failures to remember under a key."""
    tx.run(Q.set_brake, key=key, failed_at=list(failed_at), now=now)


def own_failures(tx: Transaction, key: bytes, *, now: datetime) -> list[datetime] | None:
    """The failures of whoever proved the name from this address of late; None where nobody did."""
    row = tx.one(Q.own_brake_for_update, key=key)
    return list(row["failed_at"]) if row and rules.has_proved(row["proved_at"], now) else None


def note_proof(tx: Transaction, key: bytes, *, now: datetime) -> None:
    """The name was proved from this address: what others try under it does not keep its holder out."""
    tx.run(Q.note_proof, key=key, now=now)


def forget_failures(tx: Transaction, key: bytes, *, now: datetime) -> None:
    """Whoever failed under the key has proved who it is."""
    failures(tx, key, now=now)
    set_failures(tx, key, [], now=now)


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete a batch of each of attempts, brakes and sessions whose time is over; how many rows."""
    sessions = {
        "created_before": now - rules.SESSION_LONGEST - rules.ENDED_KEPT,
        "seen_before": now - rules.SESSION_IDLE - rules.ENDED_KEPT,
    }
    return (
        tx.run(Q.expire_attempts, before=now - rules.ATTEMPTS_KEPT, limit=limit)
        + tx.run(Q.expire_brakes, before=now - rules.BRAKE_KEPT, limit=limit)
        + tx.run(Q.expire_sessions, **sessions, limit=limit)
    )


def _candidate(row: Row) -> Candidate:
    return Candidate(
        user_id=row["id"],
        account_id=row["account_id"],
        password_hash=row["password_hash"],
        proved=row["proved"],
    )
