"""Who gives way when a server has nearly all the connections it takes: one of whoever holds the most.

A server that is full lets everybody else wait. So one client that opens them all and says nothing would keep out
whoever has something to ask. Here it only ever closes its own: nobody is counted who has fewer than another, so no
address needs a limit, however many people share it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any, Final

from waitress.channel import HTTPChannel

from shared.network_addresses import sender_of

MOST: Final = 256
"""Connections at once, as waitress counts them: two of its own files are among them."""
SPARE: Final = 16
"""So many of them are kept free, for whoever comes next."""
AT_ONCE: Final = 8
"""Requests of one connection that were sent without waiting for an answer."""


class Connection(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that makes room where it is one too many."""

    def __init__(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002  # as waitress calls it
        super().__init__(server, sock, addr, adj, map=map)
        self.sender = sender_of(str(addr[0]))
        # Told to close, one with an answer stays until that is read: it is counted as long as it is there.
        there = [each for each in server.active_channels.values() if each.total_outbufs_len or not each.will_close]
        if len(there) > MOST - SPARE and (chosen := giving_way(there)) is not None:
            chosen.will_close = True  # closed by the server's own loop, as after a time without a word
            if chosen.total_outbufs_len:
                chosen.handle_close()  # that loop would wait until the answer can be sent on

    def received(self, data: bytes) -> bool:
        """Take in requests, so many at once: answers to more than that would pile up where nobody reads them.

        A thread that has too much of one client's answers waits until that reads. So a few clients that ask for
        much a hundred times in one breath would hold all threads. After the last that is taken the connection
        ends, and who sent more asks again (RFC 9112, 9.3.2).
        """
        took = bool(super().received(data))
        with self.requests_lock:
            more = self.requests[AT_ONCE:]
            if more:
                del self.requests[AT_ONCE:]
                self.requests[-1].headers["CONNECTION"] = "close"
        for each in more:
            each.close()
        return took


def giving_way(connections: Collection[Any]) -> Any | None:
    """The one to be closed: of whoever holds the most, silent for longest; None where all of those are worked for.

    One of which half a request has come gives way after those that have said nothing, and one that does not read
    its answer after these: who reads none must not be taken for busy, or others would give way instead.
    """
    held = Counter(each.sender for each in connections)
    most = max(held.values(), default=0)
    theirs = [each for each in connections if held[each.sender] == most and not each.requests]
    return min(
        theirs,
        key=lambda each: (bool(each.total_outbufs_len), each.request is not None, each.last_activity),
        default=None,
    )


def is_busy(connection: Any) -> bool:
    """Whether a request of it is under way, or an answer."""
    return bool(connection.requests or connection.total_outbufs_len)
