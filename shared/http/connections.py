"""Who gives way when a server has nearly all the connections it takes: an idle one of whoever holds the most.

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


class Connection(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that makes room where it is one too many."""

    def __init__(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002  # as waitress calls it
        super().__init__(server, sock, addr, adj, map=map)
        self.sender = sender_of(str(addr[0]))
        staying = [each for each in server.active_channels.values() if not each.will_close]
        if len(staying) > MOST - SPARE and (chosen := giving_way(staying)) is not None:
            chosen.will_close = True  # closed by the server's own loop, as after a time without a word


def giving_way(connections: Collection[Any]) -> Any | None:
    """The one to be closed: of whoever holds the most, idle, and silent for longest; None where all are at work.

    One of which half a request has come gives way after those that have said nothing.
    """
    held = Counter(each.sender for each in connections)
    idle = [each for each in connections if not is_busy(each)]
    return min(
        idle, key=lambda each: (-held[each.sender], each.request is not None, each.last_activity), default=None
    )


def is_busy(connection: Any) -> bool:
    """Whether a request of it is under way, or an answer."""
    return bool(connection.requests or connection.total_outbufs_len)
