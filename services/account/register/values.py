"""What the business register says, and what that means for a customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

REGISTER_OUTCOMES: Final = (
    "matched",
    "sole_proprietorship",
    "name_mismatch",
    "not_found",
    "sub_entity",
    "deleted",
    "removed",
    "bankrupt",
    "winding_up",
    "provisional",
    "no_number",
)
"""`provisional`: the register did not answer yet. `no_number`: the customer gave no organisation number."""
SOLE_PROPRIETORSHIP: Final = "ENK"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAnswer:
    """What the business register says of a number. Held in memory for the comparison and never stored.

    `kind` is `found`, `deleted`, `removed`, `sub_entity` or `not_found`.
    """

    kind: Literal["found", "deleted", "removed", "sub_entity", "not_found"]
    name: str | None = None
    org_form: str | None = None
    bankrupt: bool = False
    winding_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is kept of a question to the business register: columns of the account."""

    register_outcome: str
    org_form: str | None = None
    register_checked_at: datetime | None = None
    register_retry_at: datetime | None = None
    register_attempts: int = 0
