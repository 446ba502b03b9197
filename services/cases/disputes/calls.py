"""What is asked about disputes before something is held back for one."""

from __future__ import annotations

from uuid import UUID

from services.cases.board.calls import Reference
from shared.calls import Call
from shared.errors import Conflict, NotFound
from shared.records import Record


class DisputeFound(Record):
    """The dispute that a reference is of."""

    case_id: UUID


class DisputeCalled(Call[DisputeFound], service="cases", refusals=(Conflict, NotFound)):
    """The open dispute with a customer that people call so; for retention, which places a hold for it.

    `NotFound` where no dispute with this customer is called so, `Conflict` where it has ended.
    """

    reference: Reference
    account_id: UUID
