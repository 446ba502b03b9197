"""What the headers of a refusal say: when to come again, and how to prove who one is."""

from __future__ import annotations

from typing import Final

from shared.errors import Refused, Restoring, TooMany, Unauthenticated

RETRY_SECONDS: Final = 5
"""When to come again where nobody knows better."""


def refusal_headers(error: Refused, *, challenge: str) -> dict[str, str]:
    """The headers that belong to a refusal; `challenge` asks for a token where it has none of its own."""
    if isinstance(error, (TooMany, Restoring)):
        return {"Retry-After": str(error.details.get("retry_after_seconds", RETRY_SECONDS))}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": getattr(error, "challenge", challenge)}
    return {}
