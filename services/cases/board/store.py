"""What cases there are, from the database."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.board.calls import ENDED, OPEN, CaseBoard, CasesOfAccount
from shared.database import Row, Transaction, load_queries
from shared.keyset import bounds

Q: Final = load_queries(__file__)
SIGHTINGS_SHOWN: Final = 100


def listed(tx: Transaction, call: CaseBoard, now: datetime) -> list[Row]:
    """Cases with `next_rule`, `next_due`, how many `subjects` they have, and how much is `not_carried_out`.

    A page of them, and one more where another follows.
    """
    asked = {"kind": call.kind, "reference": call.reference, **bounds(call)}
    if call.state == ENDED:
        return tx.all(Q.ended, **asked)
    return tx.all(Q.open, over_by=None if call.state == OPEN else now, **asked)


def of_account(tx: Transaction, call: CasesOfAccount) -> list[Row]:
    """The same of cases about a company or somebody of it."""
    return tx.all(Q.of_account, account_id=call.account_id, **bounds(call))


def sightings(tx: Transaction, case_id: UUID) -> list[Row]:
    """What detectors told of a case and of those that it came from: an attack a row, the first one first."""
    return tx.all(Q.sightings, id=case_id, limit=SIGHTINGS_SHOWN)
