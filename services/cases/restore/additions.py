"""What the ledger says of what persons have added to a case: rows with ids of their own, which nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from services.cases.engine import store as cases
from services.cases.engine.events import CaseFact
from services.cases.restore.facts import happening_of
from shared import log
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of

E = TypeVar("E", bound=CaseFact)

logger = log.get("cases.facts")


@dataclass(frozen=True, kw_only=True)
class Additions(Generic[E]):
    """Adds again what events of one class tell of; the cases that it is about are there by then.

    `add` is given who added it and when, and answers false where it is there; `is_there` says whether it is.
    """

    event: type[E]
    add: Callable[[Transaction, E, str, datetime], bool]
    is_there: Callable[[Transaction, E], bool]

    @property
    def facts(self) -> frozenset[str]:
        """What the ledger calls the event."""
        return frozenset({kind_of(self.event)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Add it, unless it is there."""
        event, happening = entry.event(self.event), happening_of(entry)
        if not cases.is_there(tx, event.case_id):
            logger.error("a fact about a case that no fact opened", case_id=event.case_id, kind=entry.kind)
        elif self.add(tx, event, happening.actor, happening.since):
            case = cases.lock(tx, event.case_id).case
            cases.save_case(tx, replace(case, version=max(case.version, happening.sequence or 0)))

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is there, or its case is not."""
        event = entry.event(self.event)
        return self.is_there(tx, event) or not cases.is_there(tx, event.case_id)
