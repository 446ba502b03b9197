"""Who is at the desk: the session that a browser shows, and what tells whether it is one."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Final

from shared.actor import Actor

COOKIE: Final = "__Host-vilkar-session"
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,200}")


@dataclass(frozen=True, kw_only=True)
class Session:
    """A member of staff who has logged in: the code, and the token by which the browser shows it."""

    code: str
    token: str = field(repr=False)

    @property
    def actor(self) -> Actor:
        """Who acts, as calls and the trail name it."""
        return Actor("staff", name=self.code)


class Sessions(ABC):
    """Knows which sessions there are."""

    @abstractmethod
    def known(self, token: str) -> Session | None:
        """The session with this token; None where there is none, or it has ended.

        Raises what asking the service that keeps them raises: without an answer nobody is let in.
        """


def shown(sessions: Sessions, token: str | None) -> Session | None:
    """The session that a browser shows by its cookie. What cannot be a token is asked of nobody."""
    return sessions.known(token) if token is not None and TOKEN.fullmatch(token) else None
