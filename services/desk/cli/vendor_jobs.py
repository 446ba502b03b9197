"""What waits for a person at the borders to the vendors."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Annotated, Any, Final

import typer

from services.billing_sync.customers.calls import Status
from services.billing_sync.worker.calls import Failed, Retry
from services.desk.cli.arguments import After, Between, Id
from services.desk.cli.connection import desk
from services.desk.cli.looks import WhatFor, looking
from services.desk.cli.output import FAULT, Json, facts, more, out, spoken, table
from services.desk.client import Desk
from services.notification.alarms.calls import Alarms, ReleaseParked
from services.notification.delivery.calls import MOST_A_SECOND, Capacity, CapacityShown, SetRate
from services.notification.letter_classes.calls import LetterClasses
from shared.bus.every_service_calls import VendorStates
from shared.system import SERVICES

RELEASE_SECONDS: Final = 10.0
"""How long `release` looks what becomes of the letters."""

ALARM_COLUMNS: Final = ("alarm_id", "kind", "last_seen_at", "raised_at", "status", "times")
CLASS_COLUMNS: Final = ("letter", "declared", "proposed", "because", "approved", "letter_class", "text_sha256")

billing = typer.Typer(no_args_is_help=True)
mailgun = typer.Typer(no_args_is_help=True)


@spoken
def vendors(json: Json = False) -> None:
    """Which vendors answer, and how and since when the others fail; exit code 4 where one does."""
    found: list[dict[str, Any]] = []
    with desk() as at:
        for service in SERVICES:
            states = at.ask(VendorStates(), of=service).vendors
            found += [{"service": service, **each.to_json()} for each in states]
    rows = [{**each, "failure": each["failure"] or "-"} for each in found]
    columns = ("vendor", "service", "failure", "since", "seen_at", "times")
    table(rows, columns, title="Vendors as they were met last", json_too=json)
    if any(each["failure"] for each in found):
        raise typer.Exit(FAULT)


@billing.command("status")
@spoken
def status(account_id: Id, purpose: WhatFor = None, json: Json = False) -> None:
    """How the copy of an account at Tripletex stands. That you looked is recorded."""
    with looking(purpose, "billing-sync.status") as at:
        facts(at.ask(Status(account_id=account_id)), json_too=json, title="Tripletex")
    if not json:
        out.print("[dim]No personal data is kept here; the customer itself is at Tripletex.[/dim]")


@billing.command("failed")
@spoken
def failed(after: After = None, json: Json = False) -> None:
    """Work towards Tripletex that will not succeed by itself, oldest first."""
    with desk() as at:
        shown = at.ask(Failed(after=after))
    more(shown.next_after)
    table(
        shown.jobs, ("job_id", "account_id", "kind", "attempts", "reason"), title="Tripletex: failed", json_too=json
    )


@billing.command("retry")
@spoken
def retry(job_id: Id, json: Json = False) -> None:
    """Try failed work again, now that its cause is gone."""
    with desk() as at:
        facts(at.ask(Retry(job_id=job_id)), json_too=json)


@mailgun.command("alarms")
@spoken
def alarms(json: Json = False) -> None:
    """What a person must see to: refused keys, letters held back, addresses Mailgun does not let go."""
    with desk() as at:
        shown = at.ask(Alarms())
    if json:
        facts(shown, json_too=True)
        return
    table(shown.alarms, ALARM_COLUMNS, title="Mailgun: alarms", json_too=False)
    facts({"parked letters": shown.parked_letters}, json_too=False)


@mailgun.command("release")
@spoken
def release(json: Json = False) -> None:
    """Close the alarms, send the letters that were held back, at most 500 a call, and say what became of them."""
    with desk() as at:
        released = at.ask(ReleaseParked()).released
        left = _after_release(at) if released else at.ask(Capacity())
        states = at.ask(VendorStates(), of="notification").vendors
    wrong = [each.failure for each in states if each.failure]
    waiting = left.pending + left.sending
    fate = {"released": released, "held back again": left.parked, "waiting": waiting, "unclear": left.unclear}
    facts(fate | {"mailgun": ", ".join(wrong) or "answers"}, json_too=json)
    if wrong or left.parked:
        raise typer.Exit(FAULT)


def _after_release(at: Desk) -> CapacityShown:
    """How the letters stand once they have left, or have been tried for some seconds."""
    until = monotonic() + RELEASE_SECONDS
    while True:
        left = at.ask(Capacity())
        if monotonic() >= until or left.parked or not left.due + left.sending:
            return left
        sleep(0.5)


@mailgun.command("capacity")
@spoken
def capacity(json: Json = False) -> None:
    """What bounds the sending of letters now, and whether another process would help."""
    with desk() as at:
        facts(at.ask(Capacity()), json_too=json, title="Mailgun: capacity")


@mailgun.command("rate")
@spoken
def rate(
    letters_per_second: Annotated[
        float | None,
        typer.Argument(parser=Between(0, MOST_A_SECOND), help="Without one the setting counts again."),
    ] = None,
    json: Json = False,
) -> None:
    """How many letters may leave a second, all processes together; it counts at once."""
    with desk() as at:
        facts(at.ask(SetRate(letters_per_second=letters_per_second)), json_too=json)


@mailgun.command("classes")
@spoken
def classes(json: Json = False) -> None:
    """Which class each letter is of, as declared, by its words, and as two persons said in the register."""
    with desk() as at:
        letters = at.ask(LetterClasses()).letters
    table(letters, CLASS_COLUMNS, title="Classes of letters", json_too=json)
