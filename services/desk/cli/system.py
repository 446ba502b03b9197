"""The system as a whole: who answers, the clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer

from services.desk.cli.alarms import line as alarm_lines
from services.desk.cli.arguments import day_option
from services.desk.cli.connection import desk, of_this_machine
from services.desk.cli.output import AWAY, REFUSED, Json, cell, facts, out, spoken, table
from services.desk.queries import alarms, backups, ledger
from services.desk.queries.clock import AWAY as AWAY_AT
from services.desk.queries.clock import GOES_ON, NEVER_STOPPED, confirm
from services.desk.queries.clock import REFUSED as REFUSED_AT
from shared import backup_record, config
from shared.bus.every_service_calls import Ping
from shared.clock import Clock
from shared.errors import DeadlineExceeded, Invalid, Refused, Unavailable
from shared.system import SERVICES

clock = typer.Typer(no_args_is_help=True)
PING_SECONDS = 3.0
SAID = {GOES_ON: "goes on", NEVER_STOPPED: "had not stopped", AWAY_AT: "away"}


@spoken
def ping(json: Json = False) -> None:
    """Ask every service whether it answers and what waits there for a person; how backups and ledger are."""
    rows: list[dict[str, Any]] = []
    positions: dict[str, int | None] = {}
    with desk() as at:
        for service in SERVICES:
            try:
                pong = at.ask(Ping(), of=service, timeout_seconds=PING_SECONDS)
                waiting = alarms.of_services(at, [service])
                rows.append(
                    {"service": service, "state": "answers", "time": pong.time.isoformat(), "alarms": waiting}
                )
                positions[service] = pong.ledger_position
            except (Unavailable, DeadlineExceeded) as away:
                rows.append({"service": service, "state": "away", "time": str(away), "alarms": []})
        settings, now = at.settings, at.clock.now()
    table(rows, ("service", "state", "time"), title="Services", json_too=json)
    if not json:
        alarm_lines([each for row in rows for each in row["alarms"]])
        out.print(f"backups: {cell(_backups_line(now))}")
        out.print(f"ledger: {cell(_ledger_line(settings, positions, now))}")
    if any(row["state"] == "away" for row in rows):
        raise typer.Exit(AWAY)


def _backups_line(now: datetime) -> str:
    """How the backups are; on a machine that is none of the system's, that they are not seen from there."""
    try:
        settings = of_this_machine()
    except Refused:
        return "not seen from here (what is recorded of them lies on the machine that the system runs on)"
    return backups.line(backup_record.read(settings.backup_dir), now)


def _ledger_line(settings: config.Settings, positions: dict[str, int | None], now: datetime) -> str:
    """How the ledger is; on a machine that is none of the system's, that it is not seen from there."""
    try:
        return ledger.line(settings, positions, now)
    except config.SettingError as missing:
        return f"not seen from here ({missing})"


@clock.command("show")
@spoken
def clock_show(json: Json = False) -> None:
    """What time it is for the system, and how far that has been moved."""
    settings = of_this_machine()
    at = Clock(settings.state_dir, environment=settings.environment)
    shown = {"now": at.now().isoformat(), "moved_by": str(at.offset()), "environment": settings.environment}
    facts(shown, json_too=json)


@clock.command("confirm")
@spoken
def clock_confirm(
    last_ran: Annotated[date, day_option("The day on which the system last ran.")],
    today: Annotated[date, day_option("The day that it is.")],
    json: Json = False,
) -> None:
    """Say that the clock is right after it jumped, or the system stood still: what is due is destroyed again.

    Two facts from elsewhere, in UTC: `vilkar alarms` tells neither. Only services that had stopped are asked.
    """
    with desk() as at:
        confirmed = confirm(at, last_ran=last_ran, today=today)
    rows = [
        {
            "service": each.service,
            "state": each.why or SAID[each.outcome],
            "from_at": each.from_at and each.from_at.isoformat(),
        }
        for each in confirmed
    ]
    table(rows, ("service", "state", "from_at"), title="Destroying what is due", json_too=json)
    if not json:
        out.print("Backups are confirmed apart: docs/runbooks/clock-off.md")
    if any(row["state"] == "away" for row in rows):
        raise typer.Exit(AWAY)
    if any(each.outcome == REFUSED_AT for each in confirmed):
        raise typer.Exit(REFUSED)


@clock.command("move")
@spoken
def clock_move(
    days: Annotated[int, typer.Option(min=0, max=4000, metavar="N", help="So many days.")] = 0,
    hours: Annotated[int, typer.Option(min=0, max=100_000, metavar="N", help="So many hours.")] = 0,
    json: Json = False,
) -> None:
    """Move the clock of the whole system forwards; refused in production. Sessions of browsers end by that."""
    if not days and not hours:
        raise Invalid("Say how far: --days 30, --hours 6, or both. Time goes forwards only.")
    settings = of_this_machine()
    at = Clock(settings.state_dir, environment=settings.environment)
    at.move(timedelta(days=days, hours=hours))
    facts({"now": at.now().isoformat(), "moved_by": str(at.offset())}, json_too=json)
