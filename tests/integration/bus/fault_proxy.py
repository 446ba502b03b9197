"""A TCP proxy with faults, as a process of its own: what it does follows the one word in its control file.

    python -m tests.integration.bus.fault_proxy LISTEN_PORT TARGET_PORT CONTROL_FILE

`pass` hands bytes on; `mute` reads nothing and sends nothing, as a peer does whose cable was pulled; `reset` cuts
connections with RST and refuses new ones at once.
"""

from __future__ import annotations

import selectors
import socket
import struct
import sys
import time
from pathlib import Path

LOOK_SECONDS = 0.05
PIECE_BYTES = 65536


class FaultProxy:
    """Pairs of sockets, and one word that says what becomes of what they send."""

    def __init__(self, listen_port: int, target_port: int, control: Path) -> None:
        self._target_port = target_port
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._peers: dict[socket.socket, socket.socket] = {}
        self._listener = socket.create_server(("127.0.0.1", listen_port))
        self._selector.register(self._listener, selectors.EVENT_READ)

    def run(self) -> None:
        """Until killed."""
        while True:
            word = self._control.read_text().strip()
            if word == "reset":
                for sock in list(self._peers):
                    self._drop(sock)
            ready = self._selector.select(LOOK_SECONDS)
            if word == "mute":
                time.sleep(LOOK_SECONDS)
                continue
            for key, _ in ready:
                if key.fileobj is self._listener:
                    self._accept(refuse=word == "reset")
                else:
                    self._hand_on(key.fileobj)

    def _accept(self, *, refuse: bool) -> None:
        client, _ = self._listener.accept()
        if refuse:
            _reset(client)
            return
        target = socket.create_connection(("127.0.0.1", self._target_port))
        for sock, peer in ((client, target), (target, client)):
            self._peers[sock] = peer
            self._selector.register(sock, selectors.EVENT_READ)

    def _hand_on(self, sock: socket.socket) -> None:
        if sock not in self._peers:
            return
        try:
            piece = sock.recv(PIECE_BYTES)
            if piece:
                self._peers[sock].sendall(piece)
                return
        except OSError as error:
            print(error, file=sys.stderr)
        self._drop(sock)

    def _drop(self, sock: socket.socket) -> None:
        for end in (sock, self._peers.get(sock)):
            if end is not None and end in self._peers:
                del self._peers[end]
                self._selector.unregister(end)
                _reset(end)


def _reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


if __name__ == "__main__":
    FaultProxy(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])).run()
