"""What whoever proves the password anew may do with a copy, also where they cannot log in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from services.account.accounts.values import AccountState, UserState
from services.account.authentication.calls import Credentials
from services.account.authentication.credentials import Authentication, error_of_refusal
from services.account.exports import rules
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Refused

Answer = TypeVar("Answer")


def proved(
    database: Database,
    clock: Clock,
    authentication: Authentication,
    call: Credentials,
    work: Callable[[Transaction, AccountState, UserState], Answer],
) -> Answer:
    """What comes of `work` once the password is right: that it was stands also where the rest is refused.

    Raises what `Authentication.compare` does, `Unauthenticated` or `Forbidden`, and what the work refuses.
    """
    proof, now = authentication.compare(call), clock.now()
    refused: Refused | None = None
    with database.transaction() as tx:
        settled = authentication.settle(tx, proof, rules.proof_refusal, lock="share", now=now)
        if settled.account is not None and settled.user is not None:
            try:
                return work(tx, settled.account, settled.user)
            except Refused as error:  # nothing else was written
                refused = error
    raise refused or error_of_refusal(settled.refusal)
