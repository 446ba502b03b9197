"""What an id or a reference stands for that is of no account and of no user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from services.cases.board.calls import ENDED, OPEN, CaseBoard
from services.desk.client import Desk
from services.retention.certificates.calls import Certificate
from services.retention.holds.calls import Hold
from shared.errors import Forbidden, NotFound

KINDS: Final[tuple[tuple[str, Callable[[Desk, UUID], object]], ...]] = (
    ("/holds/{id}?purpose={purpose}", lambda at, reference: at.ask(Hold(hold_id=reference))),
    ("/certificates/{id}", lambda at, reference: at.ask(Certificate(certificate_id=reference))),
)
"""Where it is shown, for what one looks for, and the call that knows it."""


def case_called(at: Desk, reference: str) -> UUID | None:
    """The case that people call so, open or ended; None where there is none. Raises `Invalid` for what is no such.

    Capitals do not matter.
    """
    with at.together() as page:
        boards = [page.ask(CaseBoard(reference=reference.upper(), state=state)) for state in (OPEN, ENDED)]
    return next((each.case_id for board in boards for each in board.reply.cases), None)


def is_of_case(reference: str) -> bool:
    """Whether it looks like what a case is called."""
    return reference[:2].upper() == "V-"


def other_page(at: Desk, reference: UUID) -> str | None:
    """The address of the page that shows what has this id; None where nothing has it that one may see.

    `at` asks for what one looks for.
    """
    for address, ask in KINDS:
        try:
            ask(at, reference)
        except (NotFound, Forbidden):
            continue
        return address.format(id=reference, purpose=at.purpose)
    return None
