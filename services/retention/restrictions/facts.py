"""What the ledger keeps of restrictions, and what that means after a restore: their rows, and what nobody heard."""

from __future__ import annotations

from dataclasses import replace

from services.retention.erasure import event_ids
from services.retention.restrictions import rules, store
from services.retention.restrictions.values import Restriction
from services.retention.suspended_erasures import store as suspensions
from shared.context import acting_as
from shared.database import Transaction
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Fact, Kind, Value, instant


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


# ── after a restore ──────────────────────────────────────────────────────────────────────────────────────


class RestrictionReplay:
    """Makes restrictions and their ends true again."""

    facts = frozenset({Kind.RESTRICTION_SET, Kind.RESTRICTION_LIFTED})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true, unless a later one about the same restriction is."""
        suspensions.lock_account(tx, entry.account_id)  # whoever is about to commit the same decision comes first
        if entry.kind == Kind.RESTRICTION_SET:
            _set(tx, entry)
        else:
            _lift(tx, entry)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether the restriction is in force, or is over."""
        return restricted.verify(tx, entry)


def _set(tx: Transaction, entry: Entry) -> None:
    restriction_id = entry.uuid("restriction_id")
    known = store.find(tx, restriction_id, locked=True)
    if known is not None or restricted.is_over(tx, restriction_id):
        return
    restriction = Restriction(
        id=restriction_id,
        account_id=entry.account_id,
        user_id=entry.user_id,
        ground=entry.text("ground"),
        requested_on=entry.day("requested_on"),
        set_by=entry.text("set_by"),
        set_at=entry.instant("set_at"),
    )
    store.save(tx, restriction)
    with acting_as(restriction.set_by):
        event_ids.publish(tx, rules.set_event(restriction), restriction.set_at)


def _lift(tx: Transaction, entry: Entry) -> None:
    restriction_id, at, by = entry.uuid("restriction_id"), entry.instant("lifted_at"), entry.text("lifted_by")
    known = store.find(tx, restriction_id, locked=True)
    restricted.lift(tx, restriction_id, at)
    if known is None or known.lifted_at is not None:
        return
    lifted = replace(
        known,
        told_at=known.told_at or entry.instant("told_at"),
        told_by=known.told_by or "ledger",
        lifted_at=at,
        lifted_by=by,
    )
    store.save(tx, lifted)
    suspensions.resume(tx, lifted.account_id, at)
    with acting_as(by):
        event_ids.publish(tx, rules.lifted_event(lifted), at)
