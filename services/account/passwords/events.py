"""A password was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.account.accounts.events import AboutUser
from shared.events import Event


@dataclass(frozen=True, kw_only=True)
class UserPasswordChanged(AboutUser, Event):
    """A user's password was changed or set by letter; other sessions ended. Letter `password_changed`."""

    type: ClassVar[str] = "user.password_changed"
