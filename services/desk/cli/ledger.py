"""The ledger as staff see it: whether it can be relied on, and which database is how far behind it.

The desk reads the file, the public keys and positions; it changes none of them. Going on without what was lost is
an operator's decision, with other rights: `make ledger-accept`.
"""

from __future__ import annotations

from typing import Final

import typer

from services.desk.cli.connection import of_this_machine
from services.desk.cli.output import AWAY, FAULT, Json, as_json, cell, err, facts, out, progress, spoken, table
from services.desk.queries.backups import spell
from services.desk.queries.ledger import copy_shown, ledger_of, look, rows_of, shown, what_is_wrong
from shared.clock import Clock
from shared.privacy.ledger_copy import last_copy
from shared.privacy.ledger_errors import LedgerError

app = typer.Typer(no_args_is_help=True)

COLUMNS: Final = ("database", "position", "behind", "state")


@app.command("status")
@spoken
def status(json: Json = False) -> None:
    """Where the ledger and each database are; the exit code is 4 where something is wrong, 3 where one is away."""
    settings = of_this_machine()
    ledger_look, now = look(settings), Clock(settings.state_dir, environment=settings.environment).now()
    wrong = what_is_wrong(ledger_look, now)
    if json:
        as_json({"ledger": shown(ledger_look), "last_copy": copy_shown(ledger_look.copied, now),
                 "databases": rows_of(ledger_look), "wrong": wrong})  # fmt: skip
    else:
        last_copy_age = {"last copy": f"{spell(now - ledger_look.copied.at)} ago" if ledger_look.copied else None}
        facts({**(shown(ledger_look) or {}), **last_copy_age}, json_too=False, title="Ledger")
        table(rows_of(ledger_look), COLUMNS, title="Databases", json_too=False)
        for each in wrong:
            err.print(f"[red]{cell(each)}[/red]")
    if wrong:
        raise typer.Exit(FAULT)
    if ledger_look.away:
        raise typer.Exit(AWAY)


@app.command("verify")
@spoken
def verify(json: Json = False) -> None:
    """Check every line of the ledger: place, link and signature; the exit code is 4 where one is wrong."""
    settings = of_this_machine()
    ledger = ledger_of(settings)
    try:
        copied = last_copy(ledger)
        known = ledger.verify(every_signature=False)
        with progress("verifying", quiet=json) as show:
            state = ledger.verify(known.head, told=lambda done: show(done, max(known.entries, done)))
        if copied is not None and copied.head.position >= state.opening.position:
            ledger.verify(copied.head, every_signature=False)
    except LedgerError as error:
        if json:
            as_json({"whole": False, "wrong": str(error)})
        err.print(f"[red]{cell(str(error))}[/red]")
        raise typer.Exit(FAULT) from None
    report = {
        "whole": True,
        "entries": state.entries,
        "opens_after": state.opening.position,
        "head": state.head.position,
        "hash": state.head.hash,
        "torn": state.torn,
    }
    facts(report, json_too=json, title="Ledger")
    if not json:
        out.print("[green]The ledger is whole.[/green]")
