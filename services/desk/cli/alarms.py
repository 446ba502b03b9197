"""What waits for a person anywhere in the system, as each service tells it until somebody has seen to it."""

from __future__ import annotations

from typing import Any, Final

import typer

from services.desk.cli.connection import desk
from services.desk.cli.output import FAULT, Json, out, spoken, table
from services.desk.queries.alarms import of_services
from shared.system import SERVICES

COLUMNS: Final = ("service", "code", "count", "since", "says", "act")


@spoken
def alarms(json: Json = False) -> None:
    """What waits for a person, in every service, the backups and the ledger; exit code 4 where anything does."""
    with desk() as at:
        alarms_waiting = of_services(at, SERVICES) + at.machine_alarms()
    table(alarms_waiting, COLUMNS, title="What waits for a person", json_too=json)
    if alarms_waiting:
        raise typer.Exit(FAULT)


def line(found: list[dict[str, Any]]) -> None:
    """One line an alarm for who asks how everything is."""
    for each in found:
        since = str(each["since"])[:10] if each["since"] else "?"
        out.print(f"[red]{each['service']}: {each['count']} {each['says']}, since {since}[/red] ({each['act']})")
