"""The gateway as a process: waitress with real threads in front, calls over the bus behind."""

from __future__ import annotations

from typing import Final

from services.gateway import promises
from services.gateway.app import CALL_SECONDS, Endpoint, Gateway
from services.gateway.endpoints import ENDPOINTS
from services.gateway.pages import PAGES, error_page
from services.gateway.promises import Promises
from services.gateway.rate_limits import RATES
from services.gateway.rendering import name_vendor
from services.gateway.web import app as web_app
from services.gateway.web.app import Site
from services.gateway.web.pages import table as web_table
from shared import config, log, vendor_imprint
from shared.bus.every_service_calls import Probes
from shared.bus.rpc_client import BusCaller
from shared.calls import Caller
from shared.clock import Clock
from shared.evidence import release
from shared.evidence.watching import Watching
from shared.http import server
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.client_address import Proxies
from shared.http.rate_limits import Limiter
from shared.web import session_door
from shared.web.assets import Assets

THREADS: Final = 32
"""As many as the proxy sends at once (deploy/haproxy); at most 28 of them wait for a service."""
WAIT_FOR_BROKER_SECONDS: Final = 120.0


def make(
    caller: Caller,
    *,
    public_url: str,
    proxies: Proxies | None = None,
    endpoints: tuple[Endpoint, ...] = ENDPOINTS + PAGES,
    limiter: Limiter | None = None,
) -> Gateway:
    """The interface and the pages behind letters' links, on `caller`, reached by customers at `public_url`."""
    return Gateway(
        endpoints,
        caller=CircuitBreaker(caller, default_seconds=CALL_SECONDS),
        limiter=limiter or Limiter(RATES),
        public_url=public_url,
        proxies=proxies,
        error_page=error_page,
    )


def make_site(
    caller: Caller, *, public_url: str, clock: Clock, assets: Assets | None = None, proxies: Proxies | None = None
) -> Site:
    """All that customers reach at `public_url`: their own pages, and beside them what `make` makes.

    Both count together how often one address asks. Raises `SettingError` without the files that pages need.
    """
    limiter = Limiter(RATES | session_door.RATES)
    gateway = make(caller, public_url=public_url, proxies=proxies, limiter=limiter)
    web = web_app.make(
        web_table.PAGES,
        caller=CircuitBreaker(caller, default_seconds=CALL_SECONDS),
        public_url=public_url,
        limiter=limiter,
        clock=clock,
        assets=assets,
        proxies=proxies,
    )
    return Site(web_table.PAGES, web, gateway)


def proxies_of(settings: config.Settings) -> Proxies:
    """Whose word on a client's address is believed: nobody's by default. Raises `SettingError`."""
    return Proxies(
        front=settings.raw.get("VILKAR_FRONT_PROXY", ""),
        trusted=settings.raw.get("VILKAR_TRUSTED_PROXY", ""),
        header=settings.raw.get("VILKAR_TRUSTED_PROXY_HEADER", ""),
    )


def serve() -> int:
    """Run until SIGTERM; requests under way are finished."""
    settings = config.load_to_start("gateway")
    log.configure(service="gateway", level=settings.log_level)
    proxies, assets = proxies_of(settings), Assets()
    caller = BusCaller(settings.broker_url(), name="gateway", default_seconds=CALL_SECONDS)
    health, health_server = server.health_beside(caller, settings)
    watching = Watching(lambda service: caller.ask(Probes(), of=service))
    clock = Clock(settings.state_dir, environment=settings.environment)
    promises.show(Promises(release.proof(settings.raw), clock, watching))
    caller.open(wait_seconds=WAIT_FOR_BROKER_SECONDS)
    name_vendor(vendor_imprint.read(settings))
    application = make_site(
        caller, public_url=settings.gateway_public_url, clock=clock, assets=assets, proxies=proxies
    )
    port = settings.gateway_inner_port
    listening = server.listen(application, host=settings.gateway_host, port=port, threads=THREADS)
    watching.start()
    server.run(listening, health, name="gateway", port=port)
    watching.stop()
    caller.close()
    health_server.close()
    log.get("gateway").info("stopped")
    return 0
