"""What waits for a person at the borders to the vendors."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Annotated, Any, Final

import typer

from services.billing_sync.calls import Failed, Retry, Status
from services.desk.arguments import Between, Id
from services.desk.client import SERVICES, Desk, desk
from services.desk.output import FAULT, Json, facts, out, spoken, table
from shared.bus.chassis_calls import VendorStates

RELEASE_SECONDS: Final = 10.0
"""How long `release` looks what becomes of the letters."""

MOST_A_SECOND: Final = 1000
"""Letters; more the service does not take."""

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
def status(account_id: Id, json: Json = False) -> None:
    """How the copy of an account at Tripletex stands."""
    with desk() as at:
        facts(at.ask(Status(account_id=account_id)), json_too=json, title="Tripletex")
    if not json:
        out.print("[dim]No personal data is kept here; the customer itself is at Tripletex.[/dim]")


@billing.command("failed")
@spoken
def failed(json: Json = False) -> None:
    """Work towards Tripletex that will not succeed by itself, oldest first."""
    with desk() as at:
        jobs = at.ask(Failed()).jobs
    table(jobs, ("job_id", "account_id", "kind", "attempts", "reason"), title="Tripletex: failed", json_too=json)


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
        said = at.call("notification", "alarms")
    if json:
        facts(said, json_too=True)
        return
    columns = sorted({name for alarm in said["alarms"] for name in alarm})
    table(said["alarms"], columns, title="Mailgun: alarms", json_too=False)
    facts({"parked letters": said["parked_letters"]}, json_too=False)


@mailgun.command("release")
@spoken
def release(json: Json = False) -> None:
    """Close the alarms, send the letters that were held back, at most 500 a call, and say what became of them."""
    with desk() as at:
        released = at.call("notification", "release_parked")["released"]
        told = _after_release(at) if released else at.call("notification", "capacity")
        states = at.ask(VendorStates(), of="notification").vendors
    wrong = [each.failure for each in states if each.failure]
    waiting = told["pending"] + told["sending"]
    fate = {"released": released, "held back again": told["parked"], "waiting": waiting, "unclear": told["unclear"]}
    facts(fate | {"mailgun": ", ".join(wrong) or "answers"}, json_too=json)
    if wrong or told["parked"]:
        raise typer.Exit(FAULT)


def _after_release(at: Desk) -> dict[str, Any]:
    """How the letters stand once they have left, or have been tried for some seconds."""
    until = monotonic() + RELEASE_SECONDS
    while True:
        told = at.call("notification", "capacity")
        if monotonic() >= until or told["parked"] or not told["due"] + told["sending"]:
            return dict(told)
        sleep(0.5)


@mailgun.command("capacity")
@spoken
def capacity(json: Json = False) -> None:
    """What bounds the sending of letters now, and whether another process would help."""
    with desk() as at:
        facts(at.call("notification", "capacity"), json_too=json, title="Mailgun: capacity")


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
        facts(at.call("notification", "set_rate", letters_per_second=letters_per_second), json_too=json)
