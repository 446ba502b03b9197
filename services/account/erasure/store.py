"""What an erasure deletes here and what it leaves because it is held, table by table; and what is kept of it.

Each works in a transaction it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.account.erasure.values import Erasure
from shared import tombstones
from shared.database import Transaction, load_queries
from shared.hold_scope import LEGAL_HOLD, NOTHING_HELD, Held
from shared.privacy import restricted

Q: Final = load_queries(__file__)

CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "company",
        "account_user": "profile",
        "agreement": "agreements",
        "login_attempt": "login_events",
    }
)
"""Which category of data a table holds. A hold on the category keeps its rows in an erasure, and nothing else."""

NEVER_HELD: Final = (
    "contact_attempt",
    "credential",
    "erasure_begun",
    "former_address",
    "letter_request",
    "login_brake",
    "lost_correction",
    "notice",
    "replayed",
    "session",
    "ticket",
)
"""Tables that prove nothing about anybody, or only until tomorrow: deleted whatever is held."""


# ── the rows ──────────────────────────────────────────────────────────────────────────────────────────────


def erase(
    tx: Transaction,
    account_id: UUID,
    user_id: UUID | None,
    *,
    brake_of_name: Callable[[bytes], bytes],
    archive_until: date,
    held: Held = NOTHING_HELD,
) -> Erasure:
    """Delete the rows of the account, or of one user of it, but for those held; how many, and what is kept.

    `brake_of_name` is where the failures of a log-in name are counted, of the digest of its address.
    """
    scope = {"account_id": account_id, "user_id": user_id}
    parted = scope | held.columns()
    digests = [value for row in tx.all(Q.address_digests, **scope) for value in row.values() if value is not None]
    counts = {
        "sessions": tx.run(Q.erase_sessions, **scope),
        "login_attempts": tx.run(Q.erase_attempts, **parted, category=CATEGORY_OF["login_attempt"]),
        "tickets": tx.run(Q.erase_tickets, **scope),
        "former_addresses": tx.run(Q.erase_former_addresses, **scope),
        "letter_requests": tx.run(Q.erase_letter_requests, email_indexes=digests),
        "login_brakes": tx.run(Q.erase_brakes, keys=[brake_of_name(each) for each in digests]),
        "credentials": tx.run(Q.erase_credentials, **scope),
    }
    tx.run(Q.erase_corrections, **scope)
    tx.run(Q.erase_replayed, **scope)
    retained = [] if user_id else _agreements(tx, parted, counts, archive_until)
    if user_id is not None:
        counts["agreements_unnamed"] = tx.run(Q.unname_agreements, **parted, category=CATEGORY_OF["agreement"])
    counts["users"] = tx.run(Q.erase_users, **parted, category=CATEGORY_OF["account_user"])
    if user_id is None:
        counts["notices"] = tx.run(Q.erase_notice, account_id=account_id)
        tx.run(Q.erase_contact_attempts, account_id=account_id)
        counts["accounts"] = _company(tx, account_id, held)
    return Erasure(counts=counts, retained=retained + _kept(tx, account_id, user_id, held))


def _agreements(tx: Transaction, parted: dict[str, Any], counts: dict[str, int], archive_until: date) -> list[str]:
    """Archive what bookkeeping law keeps of agreements, and delete them."""
    of_agreements = parted | {"category": CATEGORY_OF["agreement"]}
    kept = tx.run(Q.archive_agreements, **of_agreements, keep_until=archive_until)
    counts["agreements"] = tx.run(Q.erase_agreements, **of_agreements)
    return ["agreement_acceptance"] if kept else []


def _company(tx: Transaction, account_id: UUID, held: Held) -> int:
    """Delete the company, or empty its row while rows that are held refer to it; how many companies."""
    if held.covers(None, CATEGORY_OF["account"]):
        return 0
    if tx.one(Q.rests_on_account, account_id=account_id):
        return tx.run(Q.empty_account, account_id=account_id)
    return tx.run(Q.erase_account, account_id=account_id)


def _kept(tx: Transaction, account_id: UUID, user_id: UUID | None, held: Held) -> list[str]:
    """Say whether anything is left, and keep the way back closed for as long as it is."""
    restricted.erase(tx, account_id, user_id, held)
    scope = {"account_id": account_id, "user_id": user_id}
    left = bool(held) and tx.one(Q.left_held, **scope) is not None
    if left:
        tx.run(Q.no_login_names, **scope)
    else:
        tx.run(Q.erase_begun, **scope)
    return [LEGAL_HOLD] if left else []


# ── the erasure ───────────────────────────────────────────────────────────────────────────────────────────


def begin_erasure(
    tx: Transaction, erasure_id: UUID, account_id: UUID, user_id: UUID | None, *, now: datetime
) -> None:
    """Close the way back; the account's row must be locked."""
    tx.run(Q.begin_erasure, erasure_id=erasure_id, account_id=account_id, user_id=user_id, now=now)


def withdraw_erasure(tx: Transaction, erasure_id: UUID) -> None:
    """Open the way back again."""
    tx.run(Q.withdraw_erasure, erasure_id=erasure_id)


def erasure_has_begun(tx: Transaction, account_id: UUID, user_id: UUID | None = None) -> bool:
    """Whether the way back is closed for the account, or for this user of it."""
    row = tx.one(Q.erasure_has_begun, account_id=account_id, user_id=user_id)
    return bool(row and row["begun"])


def erasure_step(tx: Transaction, erasure_id: UUID) -> Erasure | None:
    """What an earlier order of this erasure did."""
    row = tx.one(Q.erasure_step, erasure_id=erasure_id)
    return Erasure(counts=row["counts"], retained=row["retained"]) if row else None


def save_erasure_step(tx: Transaction, erasure_id: UUID, step: Erasure, *, now: datetime) -> None:
    """Keep the counts, which name nobody, for a repeated order."""
    counts = Jsonb(step.counts)
    tx.run(Q.save_erasure_step, erasure_id=erasure_id, counts=counts, retained=step.retained, now=now)


def known_ids(tx: Transaction, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids that are a company's or a user's."""
    return {row["id"] for row in tx.all(Q.known_ids, ids=list(ids))}


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete a batch of counts of erasures that nobody orders again; how many."""
    return tx.run(Q.forget_erasure_steps, before=tombstones.forgotten_before(now), limit=limit)
