"""A process that answers HTTP with calls over the bus behind: waitress in front, health beside, an end in order."""

from __future__ import annotations

import logging
import signal
import threading
import time
from types import FrameType
from typing import Any, Final

import waitress
from waitress import wasyncore

from shared import config, log
from shared.bus.health import Health, ServiceHealthServer
from shared.bus.rpc_client import BusCaller
from shared.http import connections

BODY_LIMIT_BYTES: Final = 2 * 1024 * 1024
HEADER_LIMIT_BYTES: Final = 32 * 1024
CHANNEL_SECONDS: Final = 30
DRAIN_SECONDS: Final = 3.0
"""How long it serves on while it says that it is not ready: a proxy asks every second."""
STOP_SECONDS: Final = 22.0
AT_REST_LOOKS: Final = 10


def listen(application: Any, *, host: str, port: int, threads: int) -> Any:
    """The server of a WSGI application, bound and not yet serving. Its limits are for whoever gets past a proxy."""
    server = waitress.create_server(
        application,
        host=host,
        port=port,
        threads=threads,
        ident="vilkar",
        max_request_body_size=BODY_LIMIT_BYTES,
        max_request_header_size=HEADER_LIMIT_BYTES,
        connection_limit=connections.MOST,
        channel_timeout=CHANNEL_SECONDS,
        cleanup_interval=5,
        # Read by shared.http.client_address, which knows more forms and whom to believe.
        clear_untrusted_proxy_headers=False,
        asyncore_use_poll=True,
    )
    server.channel_class = connections.Connection
    return server


def why_not(caller: BusCaller) -> list[str]:
    """Why no call can be passed on: there is no broker, or it takes nothing because its disk or memory is full."""
    if not caller.connection.ready:
        return ["broker"]
    return ["broker_takes_nothing"] if caller.connection.blocked else []


def health_beside(caller: BusCaller, settings: config.Settings) -> tuple[Health, ServiceHealthServer]:
    """What the process says of itself at its health port, from now on; it starts until `run` is called."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
    health = Health(lives=list, serves=lambda: why_not(caller))
    health_server = ServiceHealthServer(health, host=settings.health_host, port=settings.health_port)
    health_server.start()
    return health, health_server


def run(server: Any, health: Health, *, name: str, port: int) -> None:
    """Serve until SIGTERM; requests under way are finished. `name` is the process's in the log."""
    logger = log.get(name)
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            raise SystemExit(1)
        stopping.set()
        health.draining = True
        threading.Thread(target=_finish, args=(server,), daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    health.starting = False
    logger.info("ready", port=port)
    try:
        server.run()
    except OSError:
        if not stopping.is_set():
            raise


def _finish(server: Any) -> None:
    """Serve on until the proxy has noticed, then take nothing new in, finish what is under way, and close."""
    time.sleep(DRAIN_SECONDS)
    server.trigger.pull_trigger(lambda: _take_in_no_more(server))
    until = time.monotonic() + STOP_SECONDS
    at_rest = 0
    # Not busy once is not enough: a connection may have been taken in whose request is still to be read.
    while at_rest < AT_REST_LOOKS and time.monotonic() < until:
        time.sleep(0.05)
        at_rest = (
            0
            if any(connections.is_busy(channel) for channel in list(server.active_channels.values()))
            else at_rest + 1
        )
    server.task_dispatcher.shutdown(cancel_pending=False, timeout=max(until - time.monotonic(), 1.0))
    wasyncore.close_all(server._map, ignore_all=True)  # noqa: SLF001  # connections that nobody uses


def _take_in_no_more(server: Any) -> None:
    """Accept what already waits, then close the door: a connection left waiting would be broken off."""
    for _ in range(connections.MOST):
        before = len(server.active_channels)
        server.handle_accept()
        if len(server.active_channels) == before:
            break
    wasyncore.dispatcher.close(server)
