"""Erasure as staff see it."""

from __future__ import annotations

import time
from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from services.audit.trail.calls import SEQ_MOST
from services.desk.call_codes import codes_of
from services.desk.cli.accounts import show_erased
from services.desk.cli.approvals import requested
from services.desk.cli.arguments import (
    After,
    Id,
    Limit,
    Matching,
    code_argument,
    code_option,
    day_option,
    id_option,
    ident,
    pattern_of,
)
from services.desk.cli.connection import desk
from services.desk.cli.looks import WhatFor, WhatForReading, looking
from services.desk.cli.output import FAULT, Json, Yes, as_json, ask_as_page, err, facts, more, out, spoken, table
from services.desk.queries.dry_runs import answered
from services.desk.queries.purposes import OF_READING
from services.desk.queries.timeline import happened
from services.retention.dry_runs.calls import DryRunShown, OrderDryRun
from services.retention.early_erasure.calls import EarlyRequests, RequestEarlyErasure
from services.retention.execution.calls import Release
from services.retention.monitoring.calls import Erasures, Timeline
from shared.identifiers import new_id

app = typer.Typer(no_args_is_help=True)

COLUMNS = ("state", "trigger", "started_on", "due_on", "reminded_on", "late", "account_id", "user_id", "erasure_id")


@spoken
def timeline(
    account_id: Id,
    before: Annotated[
        int | None, typer.Option(min=1, max=SEQ_MOST, help="What is older, from where a list said it goes on.")
    ] = None,
    purpose: WhatForReading = None,
    json: Json = False,
) -> None:
    """Everything that happened to one account, as all services tell it, the newest first. A look is recorded."""
    with looking(purpose, "notification.letters", known=OF_READING) as at:
        told = happened(at, account_id, before)
    if told.before:
        err.print(f"There is more that is older: --before {told.before}")
    lines = [entry.line() for entry in told.entries]
    if json:
        as_json(lines)
        return
    table(lines, ("at", "who", "what", "more"), title=f"Account {account_id}", json_too=False)
    if told.erased:
        show_erased(told.erased)


@app.command("timeline")
@spoken
def erasures_of(account_id: Id, purpose: WhatForReading = None, json: Json = False) -> None:
    """The erasures of one account and of its users, with each participant's part. That you looked is recorded."""
    with looking(purpose, "retention.timeline", known=OF_READING) as at:
        erasures = at.ask(Timeline(account_id=account_id)).to_json()["erasures"]
    if json:
        as_json(erasures)
        return
    if not erasures:
        out.print("[dim]none[/dim]")
    for erasure in erasures:
        parts = erasure.pop("participants")
        facts(erasure, json_too=False, title=f"Erasure {erasure['erasure_id']}")
        if parts:
            table(parts, ("participant", "state", "counts", "retained"), title="Participants", json_too=False)
        out.print()


@app.command("list")
@spoken
def in_state(
    state: Annotated[str, code_argument(*codes_of(Erasures, "state"))] = "ordered",
    purpose: WhatForReading = None,
    limit: Limit = 100,
    after: After = None,
    json: Json = False,
) -> None:
    """Erasures in one state, oldest first. That you looked is recorded."""
    with looking(purpose, "retention.erasures", known=OF_READING) as at:
        listed = at.ask(Erasures(state=state, limit=limit, after=after))
    more(listed.next_after)
    table(listed.erasures, COLUMNS, title=f"Erasures: {state}", json_too=json)


@app.command("dry-run")
@spoken
def dry_run(
    account_id: Id,
    user: Annotated[UUID | None, id_option("One user of it only.")] = None,
    purpose: WhatFor = None,
    seconds: Annotated[float, typer.Option(min=0, max=60, help="How long to wait for the answers.")] = 15,
    json: Json = False,
) -> None:
    """What every service would erase and keep if the erasure were now; nothing is changed."""
    until = time.monotonic() + seconds
    with looking(purpose, "retention.order_dry_run") as at:
        ordered = at.ask(OrderDryRun(account_id=account_id, user_id=user, actor=at.who))
        run = answered(at, ordered, until=until)
    if json:
        as_json(run.to_json())
    else:
        _show_dry_run(run)
    if not run.complete:
        raise typer.Exit(FAULT)


def _show_dry_run(run: DryRunShown) -> None:
    shown = run.to_json()
    del shown["participants"]
    facts(shown, json_too=False, title="Dry run: nothing was erased")
    table(run.participants, ("participant", "state", "counts", "retained"), title="Would erase", json_too=False)
    if run.held:
        out.print("All of it is held or restricted: an erasure would wait.")


@app.command("erase-early")
@spoken
def erase_early(
    account_id: Id,
    user: Annotated[UUID | None, id_option("One user of it only, who asks for it.")] = None,
    requester_role: Annotated[
        str | None, code_option(*codes_of(RequestEarlyErasure, "requester_role"), says="By what right:")
    ] = None,
    evidence: Annotated[
        str | None,
        typer.Option(
            parser=Matching(pattern_of(RequestEarlyErasure, "evidence"), "brev-2026-114"),
            metavar="NUMBER",
            help="Number of the written request.",
        ),
    ] = None,
    received_on: Annotated[date | None, day_option("The day it was received.")] = None,
    identity_check: Annotated[str | None, code_option(*codes_of(RequestEarlyErasure, "identity_check"))] = None,
    authority_check: Annotated[str | None, code_option(*codes_of(RequestEarlyErasure, "authority_check"))] = None,
    export_offered_on: Annotated[date | None, day_option("When the export was offered: first.")] = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Ask to erase without waiting for the date, at a written request; every option but --user is needed.

    The customer asks for the account. A person asks for themselves alone: --requester-role data_subject
    --authority-check self. You have checked it; another person looks at it and approves it at the desk.
    """
    about = f"User {user} of account {account_id}" if user else f"Account {account_id}"
    ask_as_page("erase-early", about, yes=yes)
    with desk() as at:
        fields = {
            "request_id": new_id(),
            "account_id": account_id,
            "user_id": user,
            "requester_role": requester_role,
            "evidence": evidence,
            "received_on": received_on,
            "identity_check": identity_check,
            "authority_check": authority_check,
            "export_offered_on": export_offered_on,
        }
        # All that is missing is named at once, not the first of it.
        request = RequestEarlyErasure.from_json(
            {name: str(each) for name, each in fields.items() if each is not None}
        )
        requested(at, request, json=json)


@app.command("early")
@spoken
def early_requests(account_id: Id, purpose: WhatFor = None, after: After = None, json: Json = False) -> None:
    """The requests for an early erasure of one account and its users, and what came of them. A look is recorded."""
    with looking(purpose, "retention.early_requests") as at:
        listed = at.ask(EarlyRequests(account_id=account_id, after=after))
    more(listed.next_after)
    columns = (
        "course",
        "user_id",
        "evidence",
        "requester_role",
        "received_on",
        "export_offered_on",
        "approved_by",
        "erasure_id",
    )
    table(listed.requests, columns, title="Early erasure", json_too=json)


@app.command("release-halted")
@spoken
def release_halted(
    erasure_ids: Annotated[list[UUID], typer.Argument(parser=ident)],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Ask to let halted erasures go on, after you have looked at why they were halted; another one approves it."""
    many = len(erasure_ids)
    ask_as_page("release-halted", f"{many} {'erasure' if many == 1 else 'erasures'}", yes=yes)
    with desk() as at:
        requested(at, Release(erasure_ids=tuple(erasure_ids)), json=json)
