"""Carries out that customers or persons are told: their letters are ordered in parts, each of them once.

Not before the ledger has whom and what: else a restore could have somebody told twice, or told something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.effects.values import Outcome
from services.cases.engine.values import CaseFile, Effect
from services.cases.notices import rules, store
from services.cases.notices.events import BreachNoticesOrdered
from services.cases.notices.values import Notice
from services.cases.restore import store as ledger
from shared import log
from shared.context import acting_as
from shared.database import Row, Transaction
from shared.errors import Permanent
from shared.events import Code
from shared.identifiers import new_id

PART: Final = 500
"""Recipients of one event: small enough for a message, large enough for ten thousand to be some twenty."""

logger = log.get("cases.notices")


@dataclass(frozen=True)
class OrderLetters:
    """Orders the letters of the notice that a decision sends. Who is not on its list gets none.

    `code` is the effect that it carries out. A part whose transaction was undone is ordered again with the same
    ids, and notification takes each recipient of a notice once.
    """

    code: str

    def carry_out(self, tx: Transaction, effect: Effect, file: CaseFile, now: datetime) -> Outcome:
        """Order the next part; confirmed once there is none left and the broker has them all.

        A notice that the ledger did not get before it was lost went to nobody. A person decides another one: that
        settles this one too.
        """
        notice = store.of_decision(tx, effect.decision_id)
        decision = next((each for each in file.decisions if each.id == effect.decision_id), None)
        if decision is None:
            raise Permanent("the decision that tells somebody is not there")
        if notice is None:
            if any(store.of_decision(tx, each) for each in rules.told_after(file, effect)):
                return Outcome.CONFIRMED
            raise Permanent("the notice that was decided is not there")
        if not ledger.is_kept(tx, notice.id):
            if rules.waits_for_the_ledger(notice, now):
                return Outcome.WAITING
            logger.error("the ledger does not have a notice, and its letters are ordered", case_id=file.case.id)
        waiting = store.not_ordered(tx, notice.id, limit=PART)
        if not waiting:
            return Outcome.CONFIRMED if store.all_published(tx, notice.id) else Outcome.WAITING
        # Recipients leave with whoever is erased, and none is added: of the same first and last, none is new.
        event_id = effect.id_of(BreachNoticesOrdered.type, waiting[0]["id"], waiting[-1]["id"])
        in_doubt_since = notice.decided_at if notice.restored_at is not None else None
        with acting_as(decision.decided_by):
            _order(tx, notice, waiting, event_id, now, in_doubt_since=in_doubt_since)
        return Outcome.PROGRESSED


def order_again(tx: Transaction, lost: Sequence[Row], now: datetime) -> None:
    """Order letters of recipients of one notice of whom notification knows nothing: a restore has lost them there.

    They may have left. So the provider is asked for each before it leaves, also where they were ordered before.
    """
    notice = store.get(tx, lost[0]["notice_id"])
    if notice is None:
        return  # the file has ended meanwhile
    logger.warning("letters of a notice are not known, and ordered again", case_id=notice.case_id, count=len(lost))
    with acting_as(lost[0]["decided_by"]):
        _order(tx, notice, lost, new_id(), now, in_doubt_since=notice.decided_at)


def _order(
    tx: Transaction,
    notice: Notice,
    recipients: Sequence[Row],
    event_id: UUID,
    now: datetime,
    *,
    in_doubt_since: datetime | None,
) -> None:
    event = BreachNoticesOrdered(
        case_id=notice.case_id,
        notice_id=notice.id,
        letter=Code(notice.letter),
        account_ids=[row["account_id"] for row in recipients],
        user_ids=[row["user_id"] for row in recipients if row["user_id"] is not None],
        in_doubt_since=in_doubt_since,
    )
    tx.outbox.add(event, now=now, event_id=event_id)
    store.order(tx, [row["id"] for row in recipients], event_id, now)
