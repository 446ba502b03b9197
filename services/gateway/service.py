"""The gateway as a process: waitress with real threads in front, calls over the bus behind."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import waitress
from werkzeug.wrappers import Request, Response

from services.gateway.app import Endpoint, Gateway
from services.gateway.endpoints import ENDPOINTS, RATES
from services.gateway.limits import Limiter
from services.gateway.pages import PAGES
from shared import config, log
from shared.bus.rpc_client import BusCaller

THREADS: Final = 16
CALL_SECONDS: Final = 10.0
"""Longer than any service's own limit, so that the service's answer is the one that counts."""
BODY_LIMIT_BYTES: Final = 2 * 1024 * 1024
CHANNEL_SECONDS: Final = 30
WAIT_FOR_BROKER_SECONDS: Final = 120.0
STOP_SECONDS: Final = 25.0

WSGI = Callable[[dict[str, Any], Any], Any]
logger = log.get("gateway")


def with_health(application: WSGI, *, ready: Callable[[], bool]) -> WSGI:
    """`/livez` and `/readyz` in front of the application; they call nobody."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        path = Request(environ).path
        if path == "/livez":
            return Response("alive\n")(environ, start_response)
        if path == "/readyz":
            fine = ready()
            return Response("ready\n" if fine else "not ready\n", status=200 if fine else 503)(
                environ, start_response
            )
        return application(environ, start_response)

    return answer


def make(caller: BusCaller, *, public_url: str, endpoints: tuple[Endpoint, ...] = ENDPOINTS + PAGES) -> Gateway:
    """The application on `caller`, reached by customers at `public_url`."""
    return Gateway(endpoints, caller=caller, limiter=Limiter(RATES), public_url=public_url)


def trusted_proxy(settings: config.Settings) -> dict[str, Any]:
    """Whose `X-Forwarded-For` is believed: only the proxy named by VILKAR_TRUSTED_PROXY, nobody by default."""
    proxy = settings.raw.get("VILKAR_TRUSTED_PROXY")
    if not proxy:
        return {}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_headers": "x-forwarded-for",
        "clear_untrusted_proxy_headers": True,
    }


def serve() -> int:
    """Run until SIGTERM; requests under way are finished."""
    settings = config.load()
    log.configure(service="gateway", level=settings.log_level)
    caller = BusCaller(settings.broker_url(), name="gateway", default_seconds=CALL_SECONDS)
    caller.open(wait_seconds=WAIT_FOR_BROKER_SECONDS)
    stopping = threading.Event()
    server = waitress.create_server(
        with_health(
            make(caller, public_url=settings.gateway_public_url),
            ready=lambda: caller.link.ready and not stopping.is_set(),
        ),
        host=settings.gateway_host,
        port=settings.gateway_port,
        threads=THREADS,
        ident="vilkar",
        max_request_body_size=BODY_LIMIT_BYTES,
        channel_timeout=CHANNEL_SECONDS,
        **trusted_proxy(settings),
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            raise SystemExit(1)
        stopping.set()
        threading.Thread(target=_finish, args=(server,), daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    logger.info("ready", port=settings.gateway_port)
    try:
        server.run()
    except OSError:
        if not stopping.is_set():
            raise
    caller.close()
    logger.info("stopped")
    return 0


def _finish(server: Any) -> None:
    server.close()
    server.task_dispatcher.shutdown(cancel_pending=False, timeout=STOP_SECONDS)
