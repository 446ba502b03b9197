"""Passkeys, challenges and sessions in the database. Functions work in the transaction they are given."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from services.staff.authentication import rules
from services.staff.authentication.values import (
    Ceremony,
    CeremonyKind,
    OpenSession,
    Passkey,
    SessionKind,
    SessionState,
)
from services.staff.people.values import Person, PersonState
from shared.database import Row, Transaction, load_queries
from shared.errors import Unauthenticated
from shared.identifiers import new_id

Q: Final = load_queries(__file__)


def digest(token: str) -> bytes:
    """What is kept of the secret of a session."""
    return hashlib.sha256(b"vilkar staff session " + token.encode()).digest()


# ── challenges ────────────────────────────────────────────────────────────────────────────────────────────────


def begin_ceremony(tx: Transaction, ceremony: Ceremony, now: datetime) -> None:
    """A challenge that waits for its answer."""
    tx.run(
        Q.begin_ceremony,
        id=ceremony.id,
        kind=ceremony.kind.value,
        person_id=ceremony.person_id,
        challenge=ceremony.challenge,
        now=now,
    )


def take_ceremony(tx: Transaction, ceremony_id: UUID, kind: CeremonyKind, now: datetime) -> Ceremony | None:
    """The challenge, which nobody can answer again; None where it was answered, is over, or is of another kind."""
    row = tx.one(Q.take_ceremony, id=ceremony_id)
    if row is None or row["kind"] != kind or not rules.challenge_is_open(row.pop("begun_at"), now):
        return None
    return Ceremony(**row | {"kind": kind})


# ── passkeys ──────────────────────────────────────────────────────────────────────────────────────────────────


def add_passkey(tx: Transaction, passkey: Passkey) -> bool:
    """Keep a key; False where it is somebody's already."""
    return bool(tx.run(Q.add_passkey, **asdict(passkey) | {"transports": list(passkey.transports)}))


def passkey_of_credential(tx: Transaction, credential_id: bytes) -> Passkey | None:
    """The key, revoked or not; nobody else changes it until the transaction ends."""
    row = tx.one(Q.lock_passkey, credential_id=credential_id)
    return _passkey(row) if row else None


def live_passkeys(tx: Transaction, person_id: UUID) -> list[Passkey]:
    """A person's keys that are not revoked, oldest first."""
    return [_passkey(row) for row in tx.all(Q.live_passkeys, person_id=person_id)]


def count_passkeys(tx: Transaction, person_id: UUID) -> int:
    """How many those are."""
    row = tx.one(Q.count_passkeys, person_id=person_id)
    return int(row["count"]) if row else 0


def use_passkey(tx: Transaction, passkey_id: UUID, *, counter: int, backed_up: bool, now: datetime) -> None:
    """It proved something."""
    tx.run(Q.use_passkey, id=passkey_id, counter=counter, backed_up=backed_up, now=now)


def suspect_passkey(tx: Transaction, passkey_id: UUID, now: datetime) -> None:
    """Somebody has a copy of it."""
    tx.run(Q.suspect_passkey, id=passkey_id, now=now)


def suspected(tx: Transaction) -> Row | None:
    """How many keys somebody has a copy of that still prove something, and since when."""
    return tx.one(Q.suspected)


def keys_after_exit(tx: Transaction) -> Row | None:
    """How many people have left and still have a key or a session."""
    return tx.one(Q.keys_after_exit)


def sessions_of_revoked_keys(tx: Transaction) -> Row | None:
    """How many sessions last although their key was revoked."""
    return tx.one(Q.sessions_of_revoked_keys)


def revoke_passkey(tx: Transaction, passkey_id: UUID, reason: str, now: datetime) -> bool:
    """It proves nothing any more; False where it was revoked before."""
    return bool(tx.run(Q.revoke_passkey, id=passkey_id, reason=reason, now=now))


# ── what the ledger says ──────────────────────────────────────────────────────────────────────────────────────


def keep_enrolment(tx: Transaction, passkey_id: UUID, line: bytes) -> None:
    """Keep the signed line of the ledger that tells of the key's enrolment."""
    tx.run(Q.keep_enrolment, id=passkey_id, line=line)


def enrolment(tx: Transaction, passkey_id: UUID) -> bytes | None:
    """That line; None where the ledger has not told yet, or there is no such key."""
    row = tx.one(Q.enrolment, id=passkey_id)
    return bytes(row["enrolment_line"]) if row and row["enrolment_line"] is not None else None


def revoke_again(
    tx: Transaction, reason: str, at: datetime, *, passkey_id: UUID | None = None, staff_code: str | None = None
) -> None:
    """The key, or each key of whoever is called so, proves nothing any more, and what it opened has ended.

    Facts come in any order: of several the one that happened first has ended it.
    """
    tx.run(Q.revoke_again, id=passkey_id, staff_code=staff_code, reason=reason, at=at)
    tx.run(Q.end_sessions_again, passkey_id=passkey_id, staff_code=staff_code)


def is_any_live(tx: Transaction, *, passkey_id: UUID | None = None, staff_code: str | None = None) -> bool:
    """Whether the key, or any key of whoever is called so, proves something."""
    row = tx.one(Q.live_ones, id=passkey_id, staff_code=staff_code)
    return bool(row and row["count"])


# ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────────


def open_session(
    tx: Transaction,
    token: str,
    *,
    person_id: UUID,
    passkey_id: UUID,
    kind: SessionKind,
    authenticated_at: datetime,
    now: datetime,
) -> UUID:
    """Write a session by the digest of its token; its id."""
    session_id = new_id()
    tx.run(
        Q.open_session,
        id=session_id,
        token_digest=digest(token),
        person_id=person_id,
        passkey_id=passkey_id,
        kind=kind.value,
        authenticated_at=authenticated_at,
        now=now,
    )
    return session_id


def session(tx: Transaction, token: str, now: datetime) -> OpenSession | None:
    """The session of this token, where it is open and its person has not left."""
    return _open_session(tx.one(Q.session, token_digest=digest(token)), now)


def lock_session_of_id(tx: Transaction, session_id: UUID, now: datetime) -> OpenSession | None:
    """The session with this id, where it is open and its person has not left; see `lock_session`."""
    found = _open_session(tx.one(Q.session_of_id, id=session_id), now)
    if found is None:
        return None
    _lock_person(tx, found)
    return _open_session(tx.one(Q.session_of_id, id=session_id), now)


def require_session(tx: Transaction, token: str, now: datetime) -> OpenSession:
    """The session of this token. Raises `Unauthenticated` where there is none."""
    opened = session(tx, token, now)
    if opened is None:
        raise Unauthenticated
    return opened


def lock_session(tx: Transaction, token: str, now: datetime) -> OpenSession:
    """The session of this token, which nobody else ends until the transaction ends. Raises `Unauthenticated`.

    Whoever revokes its key or ends it for its person locks the person first. So it is looked at again once that is
    done: what was read before may be over by then.
    """
    _lock_person(tx, require_session(tx, token, now))
    return require_session(tx, token, now)


def _lock_person(tx: Transaction, opened: OpenSession) -> None:
    tx.one(Q.lock_person, id=opened.person.id)


def sessions_of(tx: Transaction, person_id: UUID, now: datetime) -> list[tuple[UUID, SessionState]]:
    """A person's open sessions, newest first: id, and how it stands."""
    rows = [(row["id"], _state(row)) for row in tx.all(Q.sessions_of, person_id=person_id)]
    return [each for each in rows if rules.session_is_open(each[1], now)]


def touch_session(tx: Transaction, session_id: UUID, now: datetime) -> None:
    """It was used."""
    tx.run(Q.touch_session, id=session_id, now=now)


def end_session(tx: Transaction, session_id: UUID, person_id: UUID, now: datetime) -> bool:
    """One session of a person works no more; False where there is none."""
    return tx.one(Q.end_session, id=session_id, person_id=person_id, now=now) is not None


def end_sessions(
    tx: Transaction,
    person_id: UUID,
    now: datetime,
    *,
    passkey_id: UUID | None = None,
    keep: UUID | None = None,
) -> Sequence[UUID]:
    """A person's sessions work no more, or those that this key opened, but for `keep`; which."""
    rows = tx.all(Q.end_sessions, person_id=person_id, passkey_id=passkey_id, keep=keep, now=now)
    return [row["id"] for row in rows]


def end_oldest_sessions(tx: Transaction, person_id: UUID, now: datetime) -> Sequence[UUID]:
    """A person's oldest sessions beyond the limit work no more; which."""
    rows = tx.all(Q.end_oldest_sessions, person_id=person_id, keep=rules.SESSIONS_MOST, now=now)
    return [row["id"] for row in rows]


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete a batch of each of challenges and sessions that are over; how many rows."""
    challenges = tx.run(Q.expire_ceremonies, before=now - rules.CHALLENGE_LASTS, limit=limit)
    over, ended = now - rules.SESSION_KEPT, now - rules.KNOWN_AFTER
    return challenges + tx.run(Q.expire_sessions, before=over, ended_before=ended, limit=limit)


def _passkey(row: Row) -> Passkey:
    line = row["enrolment_line"]
    return Passkey(**row | {"transports": tuple(row["transports"]), "enrolment_line": line and bytes(line)})


def _state(row: Row) -> SessionState:
    return SessionState(
        created_at=row["created_at"],
        seen_at=row["seen_at"],
        authenticated_at=row["authenticated_at"],
        kind=SessionKind(row["kind"]),
    )


def _open_session(row: Row | None, now: datetime) -> OpenSession | None:
    if row is None or row["state"] == PersonState.LEFT or not rules.session_is_open(_state(row), now):
        return None
    person = Person(
        id=row["person_id"],
        code=row["code"],
        state=PersonState(row["state"]),
        **{name: row[name] for name in ("invited_at", "activated_at", "left_at")},
    )
    return OpenSession(id=row["id"], person=person, passkey_id=row["passkey_id"], state=_state(row))
