"""A line to the broker that can be made to fail: silence in one direction, or a cut."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

LINGER_ZERO = struct.pack("ii", 1, 0)
CHUNK_BYTES = 65536
POLL_SECONDS = 0.05


class Line:
    """Forwards a local port to `target`; `silent` swallows what the target says, `cut` resets all connections."""

    def __init__(self, target):
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL_SECONDS)
        self.port = self._listener.getsockname()[1]
        self.silent = threading.Event()
        self._ended = threading.Event()
        self._pairs = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.cut()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def cut(self):
        """Reset every connection, as a machine that lost power does after its restart."""
        pairs, self._pairs = self._pairs, []
        for end in (end for pair in pairs for end in pair):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
            end.close()

    def _accept(self):
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except TimeoutError:
                continue
            far = socket.create_connection(self._target, timeout=5)
            for end in (near, far):
                end.settimeout(POLL_SECONDS)
            self._pairs.append((near, far))
            for source, sink, answers in ((near, far, False), (far, near, True)):
                thread = threading.Thread(target=self._pump, args=(source, sink, answers), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pump(self, source, sink, answers):
        while not self._ended.is_set():
            try:
                data = source.recv(CHUNK_BYTES)
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                if answers and self.silent.is_set():
                    continue
                sink.sendall(data)
            except TimeoutError:
                continue
            except OSError:
                return
