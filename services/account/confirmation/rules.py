"""What is decided about the proof of an address. Pure."""

from __future__ import annotations

from shared.errors import Invalid
from shared.terms import enforces
from shared.terms.clauses import protection


@enforces(protection.ONLY_YOUR_OWN)
def password_of_reader(password: str | None) -> str:
    """The password that whoever reads at the address chooses there. Raises `Invalid` where none is given.

    The one that came with the sign-up is not known to be of the same person, and never counts.
    """
    if password is None:
        reason = "is needed: whoever confirms the address chooses it"
        raise Invalid("the password is not acceptable", details={"password": [reason]})
    return password
