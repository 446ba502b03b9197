"""What the ledger says of frozen lists: after a restore they name whom they named, but for who was erased since."""

from __future__ import annotations

from services.cases.affected import store
from services.cases.affected.events import BreachListFrozen
from services.cases.affected.values import AffectedList, Scope
from services.cases.engine import store as cases
from services.cases.engine.events import number_in
from services.cases.restore import store as ledger
from shared import log
from shared.clock import Clock
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of

logger = log.get("cases.affected")


class ListFacts:
    """Makes frozen lists true again, part by part and in any order; one that is complete is frozen."""

    facts = frozenset({kind_of(BreachListFrozen)})

    def __init__(self, clock: Clock) -> None:
        """By `clock` a case says when it was made true again."""
        self._clock = clock

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Put on the list whom this part names, unless the ledger's part is known here."""
        event, part = entry.event(BreachListFrozen), number_in(entry.text("part"))
        case_id, list_id = event.case_id, event.list_id
        if not cases.is_there(tx, case_id):
            logger.error("a list of a case that is not there", case_id=case_id)
            return
        if not ledger.keep(tx, list_id, case_id, entry.at, part=part):
            return
        found = store.lock(tx, list_id)
        if found is not None and found.computed_at is not None and found.decision_id is not None:
            return
        if found is None or found.computed_at is None:
            store.add_again(tx, _list(event, entry.actor), part, list(event.subjects()))
        if _is_whole(tx, found, event):
            counts = number_in(event.customers), number_in(event.persons)
            left_out = number_in(event.left_out) if event.left_out else None
            store.completed(tx, list_id, counts, number_in(event.parts), event.computed_at, left_out=left_out)
            store.told(tx, list_id, number_in(event.parts))
            store.freeze(tx, list_id, event.decision_id)
            ledger.touched(tx, case_id, self._clock.now())

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether this part was taken in, or its case is not there."""
        event, part = entry.event(BreachListFrozen), number_in(entry.text("part"))
        return ledger.is_kept(tx, event.list_id, part=part) or not cases.is_there(tx, event.case_id)


def _is_whole(tx: Transaction, found: AffectedList | None, event: BreachListFrozen) -> bool:
    """Whether all of the list stands: it was computed before the backup, or every part was taken in."""
    was_computed = found is not None and found.computed_at is not None
    return was_computed or ledger.kept(tx, event.list_id) == number_in(event.parts)


def _list(event: BreachListFrozen, asked_by: str) -> AffectedList:
    return AffectedList(
        id=event.list_id,
        case_id=event.case_id,
        scope=Scope(event.scope),
        as_of=event.as_of,
        window_from=event.window_from,
        window_to=event.window_to,
        asked_by=asked_by,
        asked_at=event.asked_at,
        computed_at=None,
        customers=None,
        persons=None,
        decision_id=None,
        parts=number_in(event.parts),
    )
