"""What is decided about letters: which go to whom. Pure."""

from __future__ import annotations

from typing import Final

from services.account.accounts.values import AccountState, UserState
from shared.errors import Locked
from shared.terms import collection, enforces

LETTERS_WHEN_INACTIVE: Final = frozenset(
    {
        "address_changed",
        "restriction_will_be_lifted",
        "return_by_link",
        "return_by_company",
        "return_by_staff",
        "account_deactivated",
        "company_closed",
        "user_deactivated",
        "termination_noticed",
        "account_reminder",
        "user_reminder",
        "erasure_postponed",
        "account_erased",
        "user_erased",
    }
)
"""The letters about inactivity and erasure themselves; no other leaves once the link is cut (L17).

But for `address_changed`: whoever took an account over could keep it from its holder by making it inactive. And
for the end of a restriction, of which the person is told before (GDPR article 18(3)).
"""
LETTERS_TO_WHAT_REMAINS: Final = frozenset({"restriction_will_be_lifted", "account_erased", "user_erased"})
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
