"""What cases there are, from the database."""

from __future__ import annotations

from typing import Final

from services.cases.board.calls import CaseBoard, CasesOfAccount
from shared.database import Row, Transaction, load_queries
from shared.keyset import bounds

Q: Final = load_queries(__file__)


def listed(tx: Transaction, call: CaseBoard) -> list[Row]:
    """Cases with `next_rule`, `next_due`, how many `subjects` they have, and how much is `not_carried_out`.

    A page of them, and one more where another follows.
    """
    query = Q.open if call.state == "open" else Q.ended
    return tx.all(query, kind=call.kind, reference=call.reference, **bounds(call))


def of_account(tx: Transaction, call: CasesOfAccount) -> list[Row]:
    """The same of cases about a company or somebody of it."""
    return tx.all(Q.of_account, account_id=call.account_id, **bounds(call))
