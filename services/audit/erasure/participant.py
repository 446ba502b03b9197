"""Audit's part in forgetting: the logins of the scope, and whom the trail's references stand for.

The trail itself stays and still verifies: nothing in it knows whom it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.audit.logins.values import ACCOUNT_LOCK_SPACE
from services.audit.trail.values import uuid_of
from shared import tombstones
from shared.database import Transaction, load_queries
from shared.participation.values import Erasure, Step

Q: Final = load_queries(__file__)
TRAIL: Final = "audit_trail"
CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType({"login_event": "login_events", "subject_link": TRAIL})
"""Which category of data a table holds. A hold on the category keeps its rows in an erasure, and nothing else."""

NEVER_HELD: Final = ("anomaly", "intake", "tombstone", "verification")
"""Tables that are emptied within seconds or two days, or that only say what is gone or was looked at."""


class AuditErasure:
    """Deletes the logins, unlinks the references, and lets neither come back."""

    def __init__(self, keep_sequencer_out: Callable[[Transaction], None]) -> None:
        """With `keep_sequencer_out` no row of the scope is given a lasting reference meanwhile."""
        self._keep_sequencer_out = keep_sequencer_out

    def erase(self, tx: Transaction, erasure: Erasure) -> Step:
        """Delete everything of a company, or of one of its users, but for what is held."""
        account_id, user_id, held = erasure.account_id, erasure.user_id, erasure.held
        self._keep_sequencer_out(tx)
        tx.one(Q.lock_account, space=ACCOUNT_LOCK_SPACE, account_id=account_id)
        known = [] if user_id else [row["id"] for row in tx.all(Q.erased_user_ids, account_id=account_id)]
        users = [user_id] if user_id else [user for user in map(uuid_of, known) if user]
        counts = {
            "login_events": tx.run(Q.erase_logins, **erasure.scope_and_held, category=CATEGORY_OF["login_event"]),
            "subject_links": tx.run(Q.erase_links, **erasure.scope_and_held, category=TRAIL),
        }
        erased = [each for each in users if not held.covers(each, TRAIL)]
        if user_id is None and not held.covers(None, TRAIL):
            erased.append(account_id)
        tx.run(Q.add_tombstones, ids=erased, forget_on=tombstones.forgotten_on(erasure.at))
        return Step.of(counts, held=bool(held) and tx.one(Q.left_held, **erasure.scope) is not None)

    def is_left(self, tx: Transaction, account_id: UUID, user_id: UUID | None) -> bool:
        """Whether a row of the scope is left that is not held."""
        return tx.one(Q.left_of, account_id=account_id, user_id=user_id) is not None

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nobody is known here."""
        return tx.one(Q.anybody) is None
