"""Logging in and out: the command line shows a code, and a person approves it at the desk."""

from __future__ import annotations

import os
import time
from typing import Annotated, Any, Final

import typer

from services.desk.cli.arguments import Matching
from services.desk.cli.connection import address_of, at_hand, desk, http_to, in_session, let_in, stored
from services.desk.cli.http_caller import DeskAddress, DeskHttp
from services.desk.cli.output import Json, as_json, cell, err, facts, out, spoken
from services.desk.cli.session_file import NotLoggedIn, StoredSession
from services.desk.queries.prerequisites import counting
from services.staff.device_log_in.calls import BeginDeviceLogIn, DeviceLogInBegun, PollDeviceLogIn
from services.staff.prerequisites.calls import OwnPrerequisites
from services.staff.sessions.calls import Authenticate, LogOut
from shared.actor import STAFF_CODE
from shared.errors import DeadlineExceeded, Refused, TooMany, Transient

ANSWER_SECONDS: Final = 20.0
LONGEST_SECONDS: Final = 660.0
"""A code waits ten minutes at the desk; nobody is asked for longer."""
INTERVAL_LEAST, INTERVAL_MOST = 1.0, 60.0

AS_CODE: Final = Matching(STAFF_CODE, "kari")


def address(text: str) -> str:
    """The address of a desk. Raises `ValueError`."""
    try:
        return DeskAddress.of(text, os.environ).url
    except Refused as refused:
        raise ValueError(refused.message) from None


Desk = Annotated[str | None, typer.Option("--desk", parser=address, metavar="URL", help="The address of the desk.")]


@spoken
def login(
    as_code: Annotated[
        str | None,
        typer.Option(
            "--as", parser=AS_CODE, metavar="CODE", help="In a demo: as this invented person, without a browser."
        ),
    ] = None,
    desk_url: Desk = None,
    json: Json = False,
) -> None:
    """Log in: shows a code, which you approve in a browser where you are logged in at the desk."""
    with http_to(address_of(desk_url)) as http:
        session = let_in(http, as_code) if as_code is not None else _approved(http)
    at_hand().write(session)
    if json:
        as_json(_shown(session))
        return
    out.print(f"Logged in as [bold]{cell(session.code)}[/bold] at {cell(session.desk)}.")
    if session.invented:
        out.print(f"{cell(session.code)} is an invented person of this demo.")


def _approved(http: DeskHttp) -> StoredSession:
    """Show a code, and wait until somebody has approved it. Raises `Forbidden` where they refuse."""
    reply = http.post(_path(BeginDeviceLogIn.method), {}, seconds=ANSWER_SECONDS)
    begun = DeviceLogInBegun.from_json(reply, tolerant=True)
    err.print(f"Open {http.address.url}/device and type [bold]{cell(begun.user_code)}[/bold]")
    interval = min(max(float(begun.interval_seconds), INTERVAL_LEAST), INTERVAL_MOST)
    until = time.monotonic() + LONGEST_SECONDS
    call = PollDeviceLogIn(device_token=begun.device_token)
    while time.monotonic() < until:
        time.sleep(interval)
        try:
            polled = http.post(_path(PollDeviceLogIn.method), call.to_json(), seconds=ANSWER_SECONDS)
        except TooMany:
            interval = min(interval * 2, INTERVAL_MOST)
            continue
        except Transient:
            continue  # the code still waits
        if polled.get("approved"):
            return stored(http, polled)
    raise DeadlineExceeded("nobody has approved the code")


def _path(method: str) -> str:
    return f"/api/v1/calls/staff/{method}"


@spoken
def logout(json: Json = False) -> None:
    """End your session, here and at the desk."""
    file = at_hand()
    try:
        session = file.read()
        with in_session(session, file) as at:
            at.ask(LogOut(token=session.token))
        ended = True
    except NotLoggedIn:
        ended = False
    file.remove()
    if json:
        as_json({"ended": ended})
        return
    out.print("Logged out." if ended else "Nobody was logged in.")


@spoken
def whoami(json: Json = False) -> None:
    """Who is logged in here, until when, and until when undertaking and training count."""
    with desk() as at:
        session = at_hand().read()
        known = at.ask(Authenticate(token=session.token))
        needed = counting(at.ask(OwnPrerequisites(token=session.token)))
    shown = _shown(session) | {"ends_at": known.expires_at.isoformat(), "passkeys": known.passkeys}
    shown |= {f"{kind}_until": each and each.expires_at.isoformat() for kind, each in needed.items()}
    for kind, each in needed.items():
        if each is None or each.ends_soon:
            err.print(f"[yellow]Your {kind} {'ends soon' if each else 'is lacking: you may do nothing'}.[/yellow]")
    facts(shown, json_too=json, title="Session")


def _shown(session: StoredSession) -> dict[str, Any]:
    """Without its secret."""
    return {
        "code": session.code,
        "desk": session.desk,
        "ends_at": session.ends_at.isoformat(),
        "invented": session.invented,
    }
