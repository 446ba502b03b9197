"""Who may be said to act in a call: that follows from who calls, as the broker vouches for it. Pure.

RabbitMQ refuses a message whose property `user_id` is not the user that publishes it. So the user is a fact and the
actor a claim: only the desk speaks for staff, only the gateway for customers, and a service for nobody but the
system. Who gives no `user_id` may call, but acts for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SYSTEM: Final = "system"
PUBLIC: Final = "public"

_SPEAKS_FOR: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({PUBLIC}),
    "admin": frozenset({"staff", SYSTEM}),  # the broker's administrator could give itself any right
    "gateway": frozenset({PUBLIC, "user"}),
    "desk": frozenset({"staff"}),
}
_KINDS: Final = frozenset({"user", "staff", SYSTEM, PUBLIC})


def kind_of(actor: str) -> str:
    """What an actor is: `user`, `staff`, `system` or `public`; anything else is `other`."""
    kind = actor.partition(":")[0]
    return kind if kind in _KINDS else "other"


def may_claim(user: str, actor: str) -> bool:
    """Whether `user`, the caller's user at the broker, may say that `actor` acts; empty where nobody vouches."""
    return kind_of(actor) in _SPEAKS_FOR.get(user, frozenset({SYSTEM}))


def presumed(user: str) -> str:
    """Who acts in a call that says nothing about it."""
    return PUBLIC if may_claim(user, PUBLIC) else SYSTEM
