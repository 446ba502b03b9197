"""Backups as staff see them: how old they are, and what is wrong with them. Taking and restoring is `make`'s."""

from __future__ import annotations

from typing import Final

import typer

from services.desk.cli.connection import of_this_machine
from services.desk.cli.output import FAULT, Json, as_json, cell, err, out, spoken, table
from services.desk.queries.backups import rows_of, spell, told
from shared import backup_record
from shared.clock import Clock

app = typer.Typer(no_args_is_help=True)

COLUMNS: Final = ("set", "state", "newest", "oldest", "backups", "window_days", "proven")


@app.callback()
def _group() -> None:
    """Keep `status` a command of its own, though it is the only one."""


@app.command("status")
@spoken
def status(json: Json = False) -> None:
    """How old the backups are; the exit code is 4 where something is wrong with them."""
    settings = of_this_machine()
    record = backup_record.read(settings.backup_dir)
    now = Clock(settings.state_dir, environment=settings.environment).now()
    wrong = backup_record.alarms(record, now)
    rows = rows_of(record, wrong, now)
    if json:
        copies = {name: spell(now - at) for name, at in record.copies.items()}
        told_all = [told(each) for each in wrong]
        as_json({"off_site": record.off_site, "sets": rows, "copies": copies, "alarms": told_all})
    else:
        table(rows, COLUMNS, title="Backups", json_too=False)
        for name, at in record.copies.items():
            out.print(f"{name}: all of it was at the target {spell(now - at)} ago")
        if record.sets and not record.off_site:
            out.print(
                "[yellow]They lie on this machine: no protection against its loss (VILKAR_BACKUP_TARGET).[/yellow]"
            )
        for each in wrong:
            err.print(f"[red]{cell(told(each))}[/red]")
    if wrong:
        raise typer.Exit(FAULT)
