"""The desk as a process, its pages and its interface: waitress with real threads in front, calls behind."""

from __future__ import annotations

import threading
from functools import partial
from typing import Final

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from services.desk.api.app import PREFIX, Api
from services.desk.api.machine_alarms import MachineAlarm, MachineAlarms
from services.desk.client import CALL_SECONDS
from services.desk.demo_log_in import InventedPeople
from services.desk.queries.alarms import of_machine
from services.desk.requests_refused import RequestsRefused
from services.desk.sessions import IN_COMMAND_LINES, StaffSessions
from services.desk.stated_caller import StatedCallers
from services.desk.web.app import make
from services.desk.web.assets import assets_of_desk
from services.desk.web.pages.table import PAGES
from shared import config, log
from shared.bus.refusal_tally import SECONDS
from shared.bus.rpc_client import BusCaller
from shared.calls import Caller
from shared.clock import Clock
from shared.http import server
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.client_address import Proxies
from shared.webauthn import RelyingParty

NAME: Final = "desk"
THREADS: Final = 16
PLACES: Final = 12
"""So many of them may wait for a service; the rest answer what needs none."""
WAIT_FOR_BROKER_SECONDS: Final = 120.0


def proxies_of(settings: config.Settings) -> Proxies:
    """Whose word on a client's address is believed: nobody's by default. Raises `SettingError`."""
    return Proxies(
        trusted=settings.raw.get("VILKAR_DESK_TRUSTED_PROXY", ""),
        header=settings.raw.get("VILKAR_DESK_TRUSTED_PROXY_HEADER", ""),
    )


def machine_alarms(settings: config.Settings) -> MachineAlarms:
    """What is wrong with the backups and the ledger of this machine."""
    now = Clock(settings.state_dir, environment=settings.environment).now()
    return MachineAlarms(alarms=tuple(MachineAlarm(**each) for each in of_machine(settings, now)))


def invented_people(caller: Caller, settings: config.Settings) -> InventedPeople | None:
    """Those of a demo; None where there are none."""
    if not settings.has_invented_people:
        return None
    party = RelyingParty.of_url(settings.desk_public_url)
    return InventedPeople(caller=caller, party=party, environment=settings.environment)


def serve() -> int:
    """Run until SIGTERM; requests under way are finished."""
    settings = config.load_to_start(NAME)
    log.configure(service=NAME, level=settings.log_level)
    proxies, assets = proxies_of(settings), assets_of_desk()
    caller = BusCaller(settings.broker_url(), name=NAME, default_seconds=CALL_SECONDS)
    health, health_server = server.health_beside(caller, settings)
    caller.open(wait_seconds=WAIT_FOR_BROKER_SECONDS)
    guarded = CircuitBreaker(caller, default_seconds=CALL_SECONDS, places=PLACES)
    stated, invented = StatedCallers(guarded), invented_people(guarded, settings)
    refused, stopped = RequestsRefused(), threading.Event()
    clock = Clock(settings.state_dir, environment=settings.environment)
    telling = threading.Thread(target=refused.tell_until, args=(stopped, guarded, clock), daemon=True)
    telling.start()
    application = make(
        PAGES,
        caller=guarded,
        sessions=StaffSessions(guarded),
        settings=settings,
        public_url=settings.desk_public_url,
        assets=assets,
        proxies=proxies,
        invented_people=invented,
        refused=refused,
    )
    api = Api(
        guarded,
        acting=lambda session: stated.of(session.actor, session.token),
        sessions=StaffSessions(guarded, kind=IN_COMMAND_LINES),
        machine_alarms=partial(machine_alarms, settings),
        public_url=settings.desk_public_url,
        invented_people=invented,
        proxies=proxies,
        refused=refused,
    )
    both = DispatcherMiddleware(application, {PREFIX: api})
    listening = server.listen(both, host=settings.desk_host, port=settings.desk_port, threads=THREADS)
    server.run(listening, health, name=NAME, port=settings.desk_port)
    stopped.set()
    telling.join(SECONDS)
    caller.close()
    health_server.close()
    log.get(NAME).info("stopped")
    return 0
