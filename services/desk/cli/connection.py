"""How a command reaches the services: by the desk's interface, in the session of whoever logged in here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from services.desk.cli.http_caller import DeskAddress, DeskHttp, HttpCaller, desk_url
from services.desk.cli.session_file import NotLoggedIn, SessionFile, StoredSession
from services.desk.client import Desk
from services.staff.device_log_in.calls import DeviceLogInPolled
from shared import config, log, production
from shared.actor import Actor
from shared.errors import NotFound, Refused, Unauthenticated

LOG_IN_SECONDS: Final = 45.0
DEMO_DESK: Final = "http://desk.localhost:8010"


def at_hand() -> SessionFile:
    """The file of this user's session."""
    return SessionFile.of(os.environ)


def address_of(url: str | None = None) -> DeskAddress:
    """The desk that is meant: the one named, else that of this environment, else the demo's own."""
    return DeskAddress.of(url or desk_url() or DEMO_DESK, os.environ)


def of_this_machine() -> config.Settings:
    """The settings of the system that runs here, for what is read off its files. Raises `Refused` elsewhere."""
    if production.PUBLIC_URL not in os.environ:
        raise Refused("Ask for this on the machine that the system runs on: it stands in files there.")
    return config.load()


@contextmanager
def http_to(address: DeskAddress) -> Iterator[DeskHttp]:
    """Reach the desk, until the end of the block."""
    log.configure(service="vilkar", level="ERROR")
    http = DeskHttp(address)
    try:
        yield http
    finally:
        http.close()


class RemoteDesk(Desk):
    """The services, reached by way of a desk on whatever machine."""

    def __init__(
        self, settings: config.Settings, caller: HttpCaller, *, who: Callable[[], Actor], url: str
    ) -> None:
        """See `Desk`; `url` is its address as staff know it."""
        super().__init__(settings, caller, who=who)
        self.url = url
        self._http_caller = caller

    def machine_alarms(self) -> list[dict[str, Any]]:
        """What is wrong with backups and ledger where the desk is."""
        return [each.to_json() for each in self._http_caller.machine_alarms().alarms]


@contextmanager
def desk() -> Iterator[RemoteDesk]:
    """The services, for whoever is logged in. Raises `NotLoggedIn` where nobody is."""
    file = at_hand()
    session = file.read()
    if (named := desk_url()) and address_of(named).url != session.desk:
        raise NotLoggedIn(f"You are logged in at {session.desk}, and this is about {address_of(named).url}")
    with in_session(session, file) as at:
        yield at


@contextmanager
def as_invented(code: str, settings: config.Settings | None = None) -> Iterator[Desk]:
    """The services, for an invented person of a demo, whose session is kept nowhere. Raises as `let_in`."""
    configured = settings or config.load_for_commands()
    with http_to(DeskAddress.of(configured.desk_public_url, configured.raw)) as http:
        session = let_in(http, code)
        caller = HttpCaller(http, session, renewed=partial(_renewed, http, None))
        yield Desk(configured, caller, who=lambda: Actor("staff", name=session.code))


@contextmanager
def in_session(session: StoredSession, file: SessionFile) -> Iterator[RemoteDesk]:
    """The services, in this session. Where it turns out to be over, the file goes."""
    with http_to(DeskAddress.of(session.desk, os.environ)) as http:
        caller = HttpCaller(http, session, renewed=partial(_renewed, http, file))
        yield RemoteDesk(
            config.load_for_commands(), caller, who=lambda: Actor("staff", name=session.code), url=session.desk
        )


def _renewed(http: DeskHttp, file: SessionFile | None, session: StoredSession) -> StoredSession | None:
    """Another session of an invented person, whose clock may have been moved by months; nobody else gets one."""
    if not session.invented:
        if file is not None:
            file.remove()
        return None
    again = let_in(http, session.code)
    if file is not None:
        file.write(again)
    return again


def let_in(http: DeskHttp, code: str) -> StoredSession:
    """A session of an invented person. Raises `Refused` where the desk has none, or none of that name."""
    path = f"/api/v1/invented-people/{quote(code, safe='')}/sessions"
    try:
        opened = http.post(path, {}, seconds=LOG_IN_SECONDS)
    except NotFound as unknown:
        raise Refused(f"There is no invented person {code} at {http.address.url}.") from unknown
    return stored(http, opened, invented=True)


def stored(http: DeskHttp, opened: Any, *, invented: bool = False) -> StoredSession:
    """The session that a desk has opened. Raises `Unauthenticated` where it has opened none."""
    polled = DeviceLogInPolled.from_json(opened, tolerant=True)
    if polled.token is None or polled.staff_code is None or not isinstance(polled.expires_at, datetime):
        raise Unauthenticated("The desk has opened no session.")
    return StoredSession(
        desk=http.address.url,
        code=polled.staff_code,
        token=polled.token,
        ends_at=polled.expires_at,
        invented=invented,
    )
