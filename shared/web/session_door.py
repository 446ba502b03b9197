"""Whose session a token is, asked so that nobody floods the service that knows."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from typing import Final, Generic, TypeVar

from shared.http.rate_limits import Limiter, Rate

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,200}")
UNSEEN, ASKED = "unseen", "asked"
RATES: Final = {UNSEEN: Rate(burst=120, per_minute=60), ASKED: Rate(burst=600, per_minute=3000)}
"""`unseen` is for each address, of tokens that have not been seen to be a session's; `asked` for each session."""
MOST_SEEN: Final = 10_000

S = TypeVar("S")


class Sessions(ABC, Generic[S]):
    """Knows which sessions there are."""

    @abstractmethod
    def known(self, token: str) -> S | None:
        """The session with this token; None where there is none, or it has ended.

        Raises what asking the service that keeps them raises: without an answer nobody is let in.
        """


class SessionDoor(Generic[S]):
    """Asks whose session a token is, and lets nobody flood the service that knows.

    A token that was a session's when it was last asked about is asked about as often as a session may ask. Any
    other costs its address one of so many, whatever it proves to be. So guessing is slowed down before anybody is
    asked, and a session in use is not, whoever else is at its address. What was seen spares nobody the question:
    a session that has ended is none at once.
    """

    def __init__(self, sessions: Sessions[S], limiter: Limiter) -> None:
        """`limiter` knows the kinds of `RATES`."""
        self._sessions = sessions
        self._limiter = limiter
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def opened(self, token: str) -> None:
        """A session was opened with this token just now: whoever else is at its address does not keep it out."""
        self._note(hashlib.sha256(token.encode("ascii")).hexdigest(), is_session=True)

    def known(self, token: str | None, address: str) -> S | None:
        """The session of this token; None for what is none, or cannot be a token. Raises `TooMany`."""
        if token is None or not TOKEN.fullmatch(token):
            return None
        mark = hashlib.sha256(token.encode("ascii")).hexdigest()
        with self._lock:
            is_seen = mark in self._seen
        self._limiter.take(*((ASKED, mark) if is_seen else (UNSEEN, address)), time.monotonic())
        session = self._sessions.known(token)
        self._note(mark, is_session=session is not None)
        return session

    def _note(self, mark: str, *, is_session: bool) -> None:
        with self._lock:
            self._seen.pop(mark, None)
            if is_session:
                self._seen[mark] = None
            if len(self._seen) > MOST_SEEN:
                self._seen.popitem(last=False)
