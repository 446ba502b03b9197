"""Sessions, and why an attempt to log in fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

LOGIN_FAILURES: Final = (
    "unknown_address",
    "wrong_password",
    "delayed",
    "no_password",
    "unconfirmed",
    "user_inactive",
    "account_inactive",
    "account_active",
    "account_blocked",
    "bankrupt",
    "held_by_staff",
)
"""`delayed`: too many failures before. `account_active`: an owner came to reactivate what is active.

`held_by_staff`: an owner came to reactivate what staff made inactive. `bankrupt`: one whose company is an estate.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """When a session began and was last used, and whether its company and user are active."""

    created_at: datetime
    seen_at: datetime
    account_state: str = "active"
    user_state: str = "active"
