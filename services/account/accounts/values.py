"""What the rules need to know of companies and users, and the codes that several features know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from shared.staff import Purpose

PURPOSES: Final = tuple(
    purpose.value
    for purpose in (
        Purpose.CUSTOMER_SUPPORT,
        Purpose.RIGHTS_REQUEST,
        Purpose.DISPUTE,
        Purpose.SECURITY,
        Purpose.BILLING,
        Purpose.OPERATIONS,
    )
)
"""What staff may read a customer's data for."""
ROLES: Final = ("owner", "user")
TRIGGERS: Final = ("customer", "staff", "sign_up_abandoned", "contract_terminated", "early_request")
USER_TRIGGERS: Final = ("customer", "staff", "early_request")
CHANNELS: Final = ("email", "phone", "letter", "in_person")
"""The ways by which a notice of termination reaches the staff (L23); an owner's own way is `self_service`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What the rules need to know of a company; `inactivated_by` is one of `TRIGGERS` while inactive."""

    id: UUID
    state: Literal["active", "inactive"]
    version: int
    inactivated_at: datetime | None = None
    inactivated_by: str | None = None
    blocked: bool = False
    """Closed by staff to protect it, while it is talked about; its data stay and no months begin."""
    register_outcome: str = "no_number"
    owner_may_instruct: bool = False
    """A person has let the owners of a bankrupt company instruct."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserState:
    """What the rules need to know of a user; `inactivated_by` is one of `USER_TRIGGERS` while inactive."""

    id: UUID
    account_id: UUID
    role: Literal["owner", "user"]
    state: Literal["active", "inactive"]
    version: int
    confirmed: bool
    has_password: bool
    inactivated_at: datetime | None = None
    inactivated_by: str | None = None

    @property
    def ids(self) -> dict[str, UUID]:
        """As events and replies about the user name it."""
        return {"account_id": self.account_id, "user_id": self.id}
