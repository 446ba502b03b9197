"""What an id stands for that is of no account and of no user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from services.desk.client import Desk
from services.retention.certificates.calls import Certificate
from services.retention.holds.calls import Hold
from shared.errors import Forbidden, NotFound

KINDS: Final[tuple[tuple[str, Callable[[Desk, UUID], object]], ...]] = (
    ("/holds/", lambda at, reference: at.ask(Hold(hold_id=reference))),
    ("/certificates/", lambda at, reference: at.ask(Certificate(certificate_id=reference))),
)
"""Where it is shown, and the call that knows it."""


def other_page(at: Desk, reference: UUID) -> str | None:
    """The address of the page that shows what has this id; None where nothing has it that one may see."""
    for address, ask in KINDS:
        try:
            ask(at, reference)
        except (NotFound, Forbidden):
            continue
        return f"{address}{reference}"
    return None
