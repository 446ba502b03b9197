"""The facts that the ledger keeps of restrictions."""

from __future__ import annotations

from services.retention.restrictions.values import Restriction
from shared.privacy.ledger_lines import Fact, Kind, Value, instant


def restriction_set(restriction: Restriction) -> Fact:
    """A person had the processing restricted."""
    data: dict[str, Value] = {
        "restriction_id": str(restriction.id),
        "ground": restriction.ground,
        "requested_on": restriction.requested_on.isoformat(),
        "set_by": restriction.set_by,
        "set_at": instant(restriction.set_at),
    }
    account_id, user_id = restriction.account_id, restriction.user_id
    return Fact(kind=Kind.RESTRICTION_SET, account_id=account_id, user_id=user_id, data=data)


def lifted(restriction: Restriction) -> Fact:
    """A restriction is over, and the person was told before. Raises `ValueError` for one that is not."""
    if restriction.lifted_at is None or restriction.lifted_by is None or restriction.told_at is None:
        raise ValueError("the restriction is not lifted")
    data: dict[str, Value] = {
        "restriction_id": str(restriction.id),
        "told_at": instant(restriction.told_at),
        "lifted_by": restriction.lifted_by,
        "lifted_at": instant(restriction.lifted_at),
    }
    account_id, user_id = restriction.account_id, restriction.user_id
    return Fact(kind=Kind.RESTRICTION_LIFTED, account_id=account_id, user_id=user_id, data=data)
