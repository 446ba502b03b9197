"""Access to the databases: who has it, asking for it, and ending it.

The password is made at the desk, in the browser that holds the person's passkeys.
"""

from __future__ import annotations

from typing import Annotated, Final

import typer

from services.desk.call_codes import codes_of
from services.desk.cli.approvals import requested
from services.desk.cli.arguments import After, Id, code_option
from services.desk.cli.connection import desk
from services.desk.cli.output import Json, Yes, ask_as_page, facts, more, spoken, table
from services.staff.database_access.calls import (
    HOURS_MOST,
    EndDatabaseAccess,
    ListDatabaseAccess,
    OpenDatabaseAccess,
)

app = typer.Typer(no_args_is_help=True)

COLUMNS: Final = (
    "access_id", "database", "code", "reason", "approved_by", "opened_at", "expires_at", "ended_at",
    "ended_because",
)  # fmt: skip


@app.command("list")
@spoken
def listed(after: After = None, json: Json = False) -> None:
    """Who may look into which database now, and could lately."""
    with desk() as at:
        shown = at.ask(ListDatabaseAccess(after=after))
    more(shown.next_after)
    table(shown.accesses, COLUMNS, title="Access to databases", json_too=json)


@app.command("open")
@spoken
def open_access(
    database: Annotated[str, code_option(*codes_of(OpenDatabaseAccess, "database"))],
    reason: Annotated[str, code_option(*codes_of(OpenDatabaseAccess, "reason"))],
    hours: Annotated[int, typer.Option(min=1, max=HOURS_MOST)] = 1,
    json: Json = False,
) -> None:
    """Ask to look into a database; another person approves it, and then you make the password at the desk."""
    with desk() as at:
        requested(at, OpenDatabaseAccess(database=database, hours=hours, reason=reason), json=json)


@app.command("end")
@spoken
def end(
    access_id: Id,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """End an access: its password works no more, and whoever is in is cut off."""
    ask_as_page("end-database-access", f"Access {access_id}", yes=yes)
    with desk() as at:
        facts(at.ask(EndDatabaseAccess(access_id=access_id)), json_too=json, title="Access to a database")
