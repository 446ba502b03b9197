"""Parked messages: what failed too often, until a person decides."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from services.desk.call_codes import codes_of
from services.desk.cli.arguments import After, Id, code_option, ident
from services.desk.cli.connection import desk
from services.desk.cli.output import Json, Yes, ask_as_page, cell, err, facts, spoken, table
from services.desk.queries.parked import parked_in, service_of
from shared.bus.every_service_calls import ParkedDiscard, ParkedList, ParkedReplay, ParkedShow
from shared.errors import Invalid, Unavailable
from shared.system import SERVICES

app = typer.Typer(no_args_is_help=True)

COLUMNS = ("service", "id", "type", "reason", "attempts", "occurrences", "sender", "parked_at", "consumer")


@app.command("list")
@spoken
def listed(
    service: Annotated[str | None, code_option(*SERVICES, says="Only of this service:")] = None,
    state: Annotated[str, code_option(*codes_of(ParkedList, "state"))] = "parked",
    after: After = None,
    json: Json = False,
) -> None:
    """List parked messages of all services, or of one, which goes on after one of its messages."""
    if after and not service:
        raise Invalid("Say of which service: --service.")
    with desk() as at:
        found = parked_in(at, (service,) if service else SERVICES, state, after)
    if service in found.away:
        raise Unavailable(found.away[service])
    for each in found.away.values():
        err.print(f"[red]{cell(each)}[/red]")
    for name, place in found.more.items():
        err.print(f"There is more: --service {name} --after {place}")
    rows = [{"service": name, **message.to_json()} for name, message in found.messages]
    table(rows, COLUMNS, title=f"Messages: {state}", json_too=json)


@app.command("show")
@spoken
def show(parked_id: Id, json: Json = False) -> None:
    """Show one parked message with what is known of it. What it says is not shown: it may be about people."""
    with desk() as at:
        service = service_of(at, parked_id)
        shown = at.ask(ParkedShow(parked_id=parked_id), of=service)
    facts({"service": service, **shown.to_json()}, json_too=json, title="Parked message")


@app.command("replay")
@spoken
def replay(parked_ids: Annotated[list[UUID], typer.Argument(parser=ident)], json: Json = False) -> None:
    """Send parked messages to their queue again, one after the other until one is refused."""
    done = []
    with desk() as at:
        try:
            for parked_id in parked_ids:
                service = service_of(at, parked_id)
                replayed = at.ask(ParkedReplay(parked_id=parked_id, actor=at.who), of=service)
                done.append({"id": str(parked_id), "service": service, "queue": replayed.queue})
        finally:
            # Where one is refused those before it were replayed all the same.
            if done:
                table(done, ("id", "service", "queue"), title="Replayed", json_too=json)


@app.command("discard")
@spoken
def discard(
    parked_id: Id,
    reason: Annotated[str, code_option(*codes_of(ParkedDiscard, "reason"), says="Why; it is kept:", prompt=True)],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Decide that a parked message is never handled."""
    ask_as_page("discard", f"Message {parked_id}", yes=yes)
    with desk() as at:
        service = service_of(at, parked_id)
        at.ask(ParkedDiscard(parked_id=parked_id, actor=at.who, reason=reason), of=service)
    facts({"id": str(parked_id), "service": service, "state": "discarded"}, json_too=json)
