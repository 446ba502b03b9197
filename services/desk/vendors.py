"""What waits for a person at the borders to the vendors."""

from __future__ import annotations

from uuid import UUID

import typer

from services.desk.calls import desk
from services.desk.output import Json, facts, out, spoken, table

billing = typer.Typer(no_args_is_help=True)
mailgun = typer.Typer(no_args_is_help=True)


@billing.command("status")
@spoken
def status(account_id: UUID, json: Json = False) -> None:
    """How the copy of an account at Tripletex stands."""
    with desk() as at:
        facts(at.call("billing-sync", "status", account_id=str(account_id)), json_too=json, title="Tripletex")
    if not json:
        out.print("[dim]No personal data is kept here; the customer itself is at Tripletex.[/dim]")


@billing.command("failed")
@spoken
def failed(json: Json = False) -> None:
    """Work towards Tripletex that will not succeed by itself, oldest first."""
    with desk() as at:
        jobs = at.call("billing-sync", "failed")["jobs"]
    table(jobs, ("job_id", "account_id", "kind", "attempts", "reason"), title="Tripletex: failed", json_too=json)


@billing.command("retry")
@spoken
def retry(job_id: UUID, json: Json = False) -> None:
    """Try failed work again, now that its cause is gone."""
    with desk() as at:
        facts(at.call("billing-sync", "retry", job_id=str(job_id)), json_too=json)


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
    """Close the alarms and send the letters that were held back, at most 500 a call."""
    with desk() as at:
        facts(at.call("notification", "release_parked"), json_too=json)
