"""Changes to a company, and the search for one, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shared.database import Transaction, load_queries
from shared.database.pool import Row
from shared.keyset import Paged, bounds

Q: Final = load_queries(__file__)


def update_account(
    tx: Transaction,
    account_id: UUID,
    columns: Mapping[str, Any],
    *,
    removable: Mapping[str, bool],
    outcome: str | None,
    retry_at: datetime,
) -> None:
    """Write the columns that are given. A new `outcome` `provisional` has the register asked at `retry_at`.

    `removable` says of each text that may be taken away whether it is changed; None then takes it away.
    """
    tx.run(
        Q.update_account,
        id=account_id,
        **{f"set_{name}": is_changed for name, is_changed in removable.items()},
        register_outcome=outcome,
        register_retry_at=retry_at if outcome == "provisional" else None,
        **columns,
    )


def search(
    tx: Transaction,
    *,
    account_id: UUID | None,
    reference: UUID | None,
    email_index: bytes | None,
    name_index: bytes | None,
    phone_index: bytes | None,
    org_number_index: bytes | None,
    review_required: bool | None,
    page: Paged,
) -> list[Row]:
    """Accounts by what is given, newest first: a page, and one more where another follows."""
    return tx.all(
        Q.search_accounts,
        account_id=account_id,
        reference=reference,
        email_index=email_index,
        name_index=name_index,
        phone_index=phone_index,
        org_number_index=org_number_index,
        review_required=review_required,
        **bounds(page),
    )
