"""The gateway as a process: waitress with real threads in front, calls over the bus behind."""

from __future__ import annotations

import logging
import signal
import threading
import time
from types import FrameType
from typing import Any, Final

import waitress
from waitress import wasyncore

from services.gateway import promises
from services.gateway.app import CALL_SECONDS, Endpoint, Gateway
from services.gateway.circuit_breaker import CircuitBreaker
from services.gateway.client_address import Proxies
from services.gateway.endpoints import ENDPOINTS, RATES
from services.gateway.limits import Limiter
from services.gateway.pages import PAGES, error_page
from services.gateway.promises import Promises
from services.gateway.rendering import name_vendor
from shared import config, log, vendor_imprint
from shared.bus.chassis_calls import Probes
from shared.bus.health import Health, ServiceHealthServer
from shared.bus.rpc_client import BusCaller
from shared.calls import Caller
from shared.clock import Clock
from shared.evidence import release
from shared.evidence.watching import Watching

THREADS: Final = 32
"""As many as the proxy sends at once (deploy/haproxy); at most 28 of them wait for a service."""
BODY_LIMIT_BYTES: Final = 2 * 1024 * 1024
HEADER_LIMIT_BYTES: Final = 32 * 1024
CONNECTION_LIMIT: Final = 256
CHANNEL_SECONDS: Final = 30
WAIT_FOR_BROKER_SECONDS: Final = 120.0
DRAIN_SECONDS: Final = 3.0
"""How long it serves on while it says that it is not ready: the proxy asks every second."""
STOP_SECONDS: Final = 22.0
AT_REST_LOOKS: Final = 10

logger = log.get("gateway")


def make(
    caller: Caller,
    *,
    public_url: str,
    proxies: Proxies | None = None,
    endpoints: tuple[Endpoint, ...] = ENDPOINTS + PAGES,
) -> Gateway:
    """The application on `caller`, reached by customers at `public_url`."""
    guarded = CircuitBreaker(caller, default_seconds=CALL_SECONDS)
    return Gateway(
        endpoints,
        caller=guarded,
        limiter=Limiter(RATES),
        public_url=public_url,
        proxies=proxies,
        error_page=error_page,
    )


def proxies_of(settings: config.Settings) -> Proxies:
    """Whose word on a client's address is believed: nobody's by default. Raises `SettingError`."""
    return Proxies(
        front=settings.raw.get("VILKAR_FRONT_PROXY", ""),
        trusted=settings.raw.get("VILKAR_TRUSTED_PROXY", ""),
        header=settings.raw.get("VILKAR_TRUSTED_PROXY_HEADER", ""),
    )


def listen(application: Gateway, *, host: str, port: int) -> Any:
    """The server, bound and not yet serving. Its limits are for whoever gets past the proxy."""
    return waitress.create_server(
        application,
        host=host,
        port=port,
        threads=THREADS,
        ident="vilkar",
        max_request_body_size=BODY_LIMIT_BYTES,
        max_request_header_size=HEADER_LIMIT_BYTES,
        connection_limit=CONNECTION_LIMIT,
        channel_timeout=CHANNEL_SECONDS,
        cleanup_interval=5,
        # Read by services.gateway.client_address, which knows more forms and whom to believe.
        clear_untrusted_proxy_headers=False,
        asyncore_use_poll=True,
    )


def _why_not(caller: BusCaller) -> list[str]:
    """Why no call can be passed on: there is no broker, or it takes nothing because its disk or memory is full."""
    if not caller.connection.ready:
        return ["broker"]
    return ["broker_takes_nothing"] if caller.connection.blocked else []


def serve() -> int:
    """Run until SIGTERM; requests under way are finished."""
    settings = config.load_to_start("gateway")
    log.configure(service="gateway", level=settings.log_level)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
    proxies = proxies_of(settings)
    caller = BusCaller(settings.broker_url(), name="gateway", default_seconds=CALL_SECONDS)
    health = Health(lives=list, serves=lambda: _why_not(caller))
    health_server = ServiceHealthServer(health, host=settings.health_host, port=settings.health_port)
    health_server.start()
    watching = Watching(lambda service: caller.ask(Probes(), of=service))
    clock = Clock(settings.state_dir, environment=settings.environment)
    promises.show(Promises(release.proof(settings.raw), clock, watching))
    caller.open(wait_seconds=WAIT_FOR_BROKER_SECONDS)
    name_vendor(vendor_imprint.read(settings))
    application = make(caller, public_url=settings.gateway_public_url, proxies=proxies)
    server = listen(application, host=settings.gateway_host, port=settings.gateway_inner_port)
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            raise SystemExit(1)
        stopping.set()
        health.draining = True
        threading.Thread(target=_finish, args=(server,), daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    watching.start()
    health.starting = False
    logger.info("ready", port=settings.gateway_inner_port)
    try:
        server.run()
    except OSError:
        if not stopping.is_set():
            raise
    watching.stop()
    caller.close()
    health_server.close()
    logger.info("stopped")
    return 0


def _finish(server: Any) -> None:
    """Serve on until the proxy has noticed, then take nothing new in, finish what is under way, and close."""
    time.sleep(DRAIN_SECONDS)
    server.trigger.pull_trigger(lambda: _take_in_no_more(server))
    until = time.monotonic() + STOP_SECONDS
    at_rest = 0
    # Not busy once is not enough: a connection may have been taken in whose request is still to be read.
    while at_rest < AT_REST_LOOKS and time.monotonic() < until:
        time.sleep(0.05)
        at_rest = 0 if any(_busy(channel) for channel in list(server.active_channels.values())) else at_rest + 1
    server.task_dispatcher.shutdown(cancel_pending=False, timeout=max(until - time.monotonic(), 1.0))
    wasyncore.close_all(server._map, ignore_all=True)  # noqa: SLF001  # connections that nobody uses


def _take_in_no_more(server: Any) -> None:
    """Accept what already waits, then close the door: a connection left waiting would be broken off."""
    for _ in range(CONNECTION_LIMIT):
        before = len(server.active_channels)
        server.handle_accept()
        if len(server.active_channels) == before:
            break
    wasyncore.dispatcher.close(server)


def _busy(channel: Any) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)
