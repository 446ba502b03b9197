"""What whoever made a request is written. It names them by their ids, for it is they who are written to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final
from uuid import UUID

from services.cases.engine.events import AboutCase
from shared.events import Code

TO_CONTROLLER: Final = frozenset({"request_forwarded", "request_reminded"})
"""Letters that go to the customer, who is to answer what was passed on."""


@dataclass(frozen=True, kw_only=True)
class RightsLetterOrdered(AboutCase):
    """Whoever asked for something about data of theirs is to be written to (RIGHTS-5).

    `letter` is which one; some go to the customer, who is to answer what was passed on. `reason` is what it turns
    on: of these and of the receipt the right that was asked for, else why it was decided so. `due_on` is the last
    day for the answer, as it stands once this letter has left.
    """

    type: ClassVar[str] = "rights_request.letter_ordered"

    account_id: UUID
    user_id: UUID
    letter: Code
    reason: Code
    received_at: datetime
    due_on: date
