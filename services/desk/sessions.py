"""Who is at the desk: the session that a browser shows, and what tells whether it is one."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from services.staff.sessions.calls import Authenticate
from shared.actor import Actor
from shared.calls import Caller
from shared.errors import Unauthenticated
from shared.http.rate_limits import Limiter, Rate
from shared.staff import PASSKEYS_NEEDED

COOKIE: Final = "__Host-vilkar-session"
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,200}")
IN_BROWSERS: Final = "desk"
IN_COMMAND_LINES: Final = "command_line"
UNSEEN, ASKED = "unseen", "asked"
RATES: Final = {UNSEEN: Rate(burst=120, per_minute=60), ASKED: Rate(burst=600, per_minute=3000)}
"""`unseen` is for each address, of tokens that have not been seen to be a session's; `asked` for each session."""
MOST_SEEN: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Session:
    """A member of staff who has logged in: the code, how many passkeys they have, and the token of the session."""

    code: str
    passkeys: int
    token: str = field(repr=False)

    @property
    def actor(self) -> Actor:
        """Who acts, as calls and the trail name it."""
        return Actor("staff", name=self.code)

    @property
    def is_complete(self) -> bool:
        """Whether the person has the keys without which nothing is allowed but to enrol one more."""
        return self.passkeys >= PASSKEYS_NEEDED


class Sessions(ABC):
    """Knows which sessions there are."""

    @abstractmethod
    def known(self, token: str) -> Session | None:
        """The session with this token; None where there is none, or it has ended.

        Raises what asking the service that keeps them raises: without an answer nobody is let in.
        """


class StaffSessions(Sessions):
    """The sessions that the service staff keeps. It is asked at each request, so that an end counts at once."""

    def __init__(self, caller: Caller, *, kind: str = IN_BROWSERS) -> None:
        """`caller` reaches the service; sessions of another `kind` are none here."""
        self._caller = caller
        self._kind = kind

    def known(self, token: str) -> Session | None:
        """See `Sessions.known`. The session of a command line is none of a browser, nor the reverse."""
        try:
            holder = self._caller.ask(Authenticate(token=token))
        except Unauthenticated:
            return None
        if holder.kind != self._kind:
            return None
        return Session(code=holder.staff_code, passkeys=holder.passkeys, token=token)


class SessionDoor:
    """Asks whose session a token is, and lets nobody flood the service that knows.

    A token that was a session's when it was last asked about is asked about as often as a session may ask. Any
    other costs its address one of so many, whatever it proves to be. So guessing is slowed down before anybody is
    asked, and a session in use is not, whoever else is at its address. What was seen spares nobody the question:
    a session that has ended is none at once.
    """

    def __init__(self, sessions: Sessions, limiter: Limiter) -> None:
        """`limiter` knows the kinds of `RATES`."""
        self._sessions = sessions
        self._limiter = limiter
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, token: str | None, address: str) -> Session | None:
        """The session of this token; None for what is none, or cannot be a token. Raises `TooMany`."""
        if token is None or not TOKEN.fullmatch(token):
            return None
        mark = hashlib.sha256(token.encode("ascii")).hexdigest()
        with self._lock:
            is_seen = mark in self._seen
        self._limiter.take(*((ASKED, mark) if is_seen else (UNSEEN, address)), time.monotonic())
        session = self._sessions.known(token)
        with self._lock:
            self._seen.pop(mark, None)
            if session is not None:
                self._seen[mark] = None
            if len(self._seen) > MOST_SEEN:
                self._seen.popitem(last=False)
        return session
