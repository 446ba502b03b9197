"""What waits for a person anywhere in the system, as each service tells it until somebody has seen to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import typer

from services.desk import backups, ledger
from services.desk.client import Desk, desk
from services.desk.output import FAULT, Json, out, spoken, table
from shared import backup_record
from shared.bus.every_service_calls import OpenAlarms
from shared.errors import DeadlineExceeded, Internal, Unavailable
from shared.system import SERVICES

COLUMNS: Final = ("service", "code", "count", "since", "says", "act")
ASKING_SECONDS: Final = 5.0
NOT_KNOWN: Final = "alarms_unknown"


@spoken
def alarms(json: Json = False) -> None:
    """What waits for a person, in every service, the backups and the ledger; exit code 4 where anything does."""
    with desk() as at:
        found = of_services(at, SERVICES) + of_machine(at)
    table(found, COLUMNS, title="What waits for a person", json_too=json)
    if found:
        raise typer.Exit(FAULT)


def of_services(at: Desk, services: Iterable[str]) -> list[dict[str, Any]]:
    """What waits in these services; one that does not tell is told as an alarm itself."""
    found: list[dict[str, Any]] = []
    for service in services:
        try:
            asked = at.ask(OpenAlarms(), of=service, timeout_seconds=ASKING_SECONDS)
            waiting = [alarm.to_json() for alarm in asked.alarms]
        except (Unavailable, DeadlineExceeded, Internal):
            waiting = [_alarm(NOT_KNOWN, f"{service} does not say what waits there", "make status")]
        found += [{"service": service, **each} for each in waiting]
    return found


def of_machine(at: Desk) -> list[dict[str, Any]]:
    """What is wrong with backups and with the ledger, which no service tells."""
    now = at.clock.now()
    wrong = backup_record.alarms(backup_record.read(at.settings.backup_dir), now)
    found = [
        _alarm(
            f"backup_{each.reason}",
            backups.told(each),
            "vilkar backup status",
            now - each.age if each.age else None,
        )
        for each in wrong
    ]
    about_ledger = ledger.what_is_wrong(ledger.look(at.settings), now)
    return [{"service": "backup", **each} for each in found] + [
        {"service": "ledger", **_alarm("ledger", said, "vilkar ledger status", None)} for said in about_ledger
    ]


def line(found: list[dict[str, Any]]) -> None:
    """One line an alarm for who asks how everything is."""
    for each in found:
        since = str(each["since"])[:10] if each["since"] else "?"
        out.print(f"[red]{each['service']}: {each['count']} {each['says']}, since {since}[/red] ({each['act']})")


def _alarm(code: str, says: str, act: str, since: datetime | None = None) -> dict[str, Any]:
    return {"code": code, "says": says, "act": act, "count": 1, "since": since}
