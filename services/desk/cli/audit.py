"""The audit trail at the desk."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from services.audit.logins.calls import PURPOSES
from services.audit.trail.calls import SEQ_MOST, Reopen, Trail, TrailByActor, TrailHead
from services.audit.verification.calls import Verification, VerificationShown, Verify
from services.desk.call_codes import codes_of
from services.desk.cli.arguments import Id, Limit, code_option, id_option, instant, person
from services.desk.cli.arguments import subject as read_subject
from services.desk.cli.connection import desk
from services.desk.cli.looks import WhatForReading, looking
from services.desk.cli.output import FAULT, Json, as_json, err, facts, out, progress, spoken, table
from services.desk.client import Desk
from services.desk.queries.logins import DISCLOSED_FOR
from services.desk.queries.logins import logins as disclosed
from services.desk.queries.purposes import OF_READING
from shared.actor import Actor
from shared.errors import Invalid

app = typer.Typer(no_args_is_help=True)

POLL_SECONDS = 0.2
VERIFY_LIMIT_SECONDS = 3600
COLUMNS = ("seq", "occurred_at", "source", "type", "subject", "actor", "field_names", "facts")


@app.command("verify")
@spoken
def verify(json: Json = False) -> None:
    """Check every row, link, root and signature, and the file outside the database."""
    with desk() as at:
        report = verified(at, quiet=json)
    if json:
        as_json(report.to_json())
    else:
        facts(report, json_too=False, title="Audit trail")
        if report.state == "whole":
            out.print("[green]The trail is whole.[/green]")
    if report.state != "whole":
        err.print("[red]The trail is not as it was written.[/red]")
        raise typer.Exit(FAULT)


def verified(at: Desk, *, quiet: bool) -> VerificationShown:
    """Begin a verification, show its progress, and return its report."""
    begun = at.ask(Verify(actor=at.who))
    with progress("verifying", quiet=quiet) as show:
        for _ in range(int(VERIFY_LIMIT_SECONDS / POLL_SECONDS)):
            report = at.ask(Verification(verification_id=begun.verification_id))
            show(report.rows_done, report.rows_total)
            if report.state in {"whole", "damaged"}:
                return report
            time.sleep(POLL_SECONDS)
    raise Invalid("The verification takes longer than an hour; ask for it again later.")


@app.command("trail")
@spoken
def trail(
    subject: Annotated[
        str | None, typer.Argument(parser=read_subject, help="<kind>/<id>, such as account/…")
    ] = None,
    correlation: Annotated[UUID | None, id_option("Only what has this correlation id.")] = None,
    after: Annotated[int, typer.Option(min=0, max=SEQ_MOST, help="Rows after this number.")] = 0,
    purpose: WhatForReading = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """What the trail has about one subject, or under one correlation id. That you looked is recorded."""
    with looking(purpose, "audit.trail", known=OF_READING) as at:
        page = at.ask(Trail(subject=subject, correlation_id=correlation, after_seq=after, limit=limit))
    table(page.rows, COLUMNS, title="Audit trail", json_too=json)


@app.command("acts")
@spoken
def acts(
    who: Annotated[
        Actor,
        typer.Argument(parser=person, help="A code of the staff, such as kari, or a customer's user, by user:ID."),
    ],
    before: Annotated[int | None, typer.Option(min=1, max=SEQ_MOST, help="Rows before this number.")] = None,
    purpose: WhatForReading = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """What one person did, the newest first. Each customer in the list can read that you looked."""
    with looking(purpose, "audit.trail_by_actor", known=OF_READING) as at:
        page = at.ask(TrailByActor(done_by=who, before_seq=before, limit=limit))
    table(page.rows, COLUMNS, title="Audit trail", json_too=json)
    if page.next_before_seq is not None:
        err.print(f"There is more: --before {page.next_before_seq}")


@app.command("head")
@spoken
def head(json: Json = False) -> None:
    """How long the trail is and what is signed of it."""
    with desk() as at:
        facts(at.ask(TrailHead()), json_too=json, title="Audit trail")


@app.command("reopen")
@spoken
def reopen(reason: Annotated[str, code_option(*codes_of(Reopen, "reason"))], json: Json = False) -> None:
    """Let the trail grow again after a restore; the decision, and whose it is, enters the trail."""
    with desk() as at:
        facts(at.ask(Reopen(actor=at.who, reason=reason)), json_too=json, title="Audit trail")


@app.command("logins")
@spoken
def logins(
    account_id: Id,
    purpose: Annotated[str, code_option(*PURPOSES, says="What for:")],
    since: Annotated[datetime, typer.Option("--from", parser=instant, metavar="INSTANT", help="From then, UTC.")],
    until: Annotated[datetime, typer.Option("--to", parser=instant, metavar="INSTANT", help="To then, UTC.")],
    user_id: Annotated[UUID | None, id_option("Only of this user.", "--user")] = None,
    json: Json = False,
) -> None:
    """Login attempts for a stated purpose; the disclosure itself enters the trail."""
    with looking(DISCLOSED_FOR[purpose], "audit.logins") as at:
        report = disclosed(at, account_id, user_id=user_id, since=since, until=until, purpose=purpose)
    columns = ("occurred_at", "outcome", "reason", "user_id", "ip", "user_agent")
    table(report.logins, columns, title="Logins", json_too=json)
    if not report.complete:
        err.print("There are more than these; ask for a shorter time.")
