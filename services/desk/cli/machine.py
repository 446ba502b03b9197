"""What was done on the machine itself, and countersigning it."""

from __future__ import annotations

from typing import Final

import typer

from services.desk.cli.approvals import requested
from services.desk.cli.arguments import Id
from services.desk.cli.connection import desk
from services.desk.cli.output import Json, err, spoken, table
from services.staff.machine_doors.calls import CountersignDoor, ListMachineDoors

app = typer.Typer(no_args_is_help=True)

ALL_ARE_IN_TRAIL: Final = "These are not all: the trail has each of them."
COLUMNS: Final = ("use_id", "door", "used_at", "due_at", "countersigned_at", "approval_id")


@app.command("list")
@spoken
def listed(json: Json = False) -> None:
    """What waits for two persons to countersign it, the oldest first; then what was countersigned."""
    with desk() as at:
        shown = at.ask(ListMachineDoors())
    if not shown.complete:
        err.print(ALL_ARE_IN_TRAIL)
    table(shown.uses, COLUMNS, title="Done on the machine", json_too=json)


@app.command("countersign")
@spoken
def countersign(use_id: Id, json: Json = False) -> None:
    """Say that you have seen what was done and stand for it; another person approves that at the desk."""
    with desk() as at:
        requested(at, CountersignDoor(use_id=use_id), json=json)
