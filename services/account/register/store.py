"""The check against the business register, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.account.register import rules
from shared.database import Transaction, load_queries
from shared.database.pool import Row

Q: Final = load_queries(__file__)


def claim_register_checks(tx: Transaction, *, now: datetime, lease_until: datetime, limit: int) -> list[Row]:
    """Companies to ask the register about; no other replica asks before `lease_until`."""
    due = rules.WAITS["account.register_retry_at"]
    return tx.all(Q.claim_register_checks, now=now, lease_until=lease_until, limit=limit, due=due)


def checks_overdue(tx: Transaction, before: datetime) -> Row | None:
    """How many companies the register should have been asked about before then."""
    return tx.one(Q.checks_overdue, before=before)


def number_is_shared(tx: Transaction, account_id: UUID, org_number_index: bytes | None) -> bool:
    """Whether another account has the same organisation number."""
    if org_number_index is None:
        return False
    row = tx.one(Q.number_is_shared, id=account_id, org_number_index=org_number_index)
    return bool(row and row["shared"])


def save_register_check(
    tx: Transaction, claimed: Mapping[str, Any], finding: Mapping[str, Any], *, retry_at: datetime, now: datetime
) -> tuple[int | None, bool]:
    """Keep outcome, form and reasons, nothing else: the version, and whether anything is otherwise than before.

    The version is None where the company was changed meanwhile.
    """
    columns = {"id": claimed["id"], "version": claimed["version"], **finding, "retry_at": retry_at, "now": now}
    confirmed = tx.one(Q.confirm_register_check, **columns)
    if confirmed:
        return confirmed["version"], False
    saved = tx.one(Q.save_register_check, **columns)
    return (saved["version"], True) if saved else (None, False)


def put_off_register_check(tx: Transaction, claimed: Mapping[str, Any], *, retry_at: datetime) -> None:
    """Ask again then."""
    tx.run(Q.put_off_register_check, id=claimed["id"], version=claimed["version"], retry_at=retry_at)
