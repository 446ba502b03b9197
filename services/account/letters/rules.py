"""What is decided about letters: which go to whom. Pure."""

from __future__ import annotations

from typing import Final

from services.account.accounts.values import AccountState, UserState
from services.notification.letters.kinds import KINDS
from shared.errors import Locked
from shared.terms import enforces
from shared.terms.clauses import collection

LETTERS_WHEN_INACTIVE: Final = frozenset(kind.code for kind in KINDS if kind.when_inactive)
"""The letters about inactivity and erasure themselves; no other leaves once the link is cut (L17)."""
LETTERS_TO_WHAT_REMAINS: Final = frozenset(kind.code for kind in KINDS if kind.without_company)
"""Letters to persons who are held or restricted after their company is erased: they greet without its name."""


def letter_for(wish: str, user: UserState) -> str | None:
    """The letter that meets a wish of `request_confirmation`, `request_password_reset` or a repeated sign-up.

    Whoever has not proved the address yet gets the link that proves it, whatever was asked for: there the password
    is chosen as well. None where there is nothing to prove any more.
    """
    if user.confirmed:
        return None if wish == "confirmation" else wish
    return "confirmation"


@enforces(collection.LINK_ONLY_WHILE_ACTIVE)
def check_letter(letter: str, account: AccountState, user: UserState) -> None:
    """Raises `Locked` where company or user are inactive and the letter is not about just that."""
    active = account.state == "active" and user.state == "active"
    if not active and letter not in LETTERS_WHEN_INACTIVE:
        raise Locked
