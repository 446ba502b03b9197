"""Customers as staff see them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from services.desk.calls import desk
from services.desk.output import Json, facts, spoken, table
from shared.errors import Invalid

app = typer.Typer(no_args_is_help=True)

COLUMNS = ("account_id", "state", "version", "register_outcome", "review_required", "created_at", "inactivated_at")


@app.command("find")
@spoken
def find(
    email: Annotated[str | None, typer.Option(help="Of the company or of a user.")] = None,
    org_number: Annotated[str | None, typer.Option(help="Organisation number.")] = None,
    account_id: Annotated[UUID | None, typer.Option("--id", help="The account's id.")] = None,
    review: Annotated[bool, typer.Option("--review", help="Those a person should look at.")] = False,
    json: Json = False,
) -> None:
    """Find accounts by one criterion; shows ids and states, no names."""
    criteria = {"email": email, "org_number": org_number, "account_id": str(account_id) if account_id else None}
    given = {name: value for name, value in criteria.items() if value is not None}
    if review:
        given["review_required"] = True  # type: ignore[assignment]
    if len(given) != 1:
        raise Invalid("Give exactly one of --email, --org-number, --id, --review.")
    with desk() as at:
        found = at.call("account", "search_accounts", **given)
    table(found["accounts"], COLUMNS, title="Accounts", json_too=json)


@app.command("show")
@spoken
def show(account_id: UUID, json: Json = False) -> None:
    """Show one account with its users."""
    with desk() as at:
        account = at.call("account", "get_account", account_id=str(account_id), actor=at.actor)
        users = at.call("account", "list_users", account_id=str(account_id), actor=at.actor)["users"]
    if json:
        facts({**account, "users": users}, json_too=True)
        return
    facts(account, json_too=False, title="Account")
    columns = ("user_id", "role", "state", "name", "email", "phone", "email_confirmed", "invited", "version")
    table(users, columns, title="Users", json_too=False)


@app.command("deactivate")
@spoken
def deactivate(
    account_id: UUID,
    version: Annotated[int, typer.Option(help="The version last read.")],
    json: Json = False,
) -> None:
    """Make an account inactive: its link is cut at once, its erasure comes three months later."""
    with desk() as at:
        changed = at.call(
            "account", "deactivate_account", account_id=str(account_id), actor=at.actor, version=version
        )
    facts(changed, json_too=json)


@app.command("reactivate")
@spoken
def reactivate(
    account_id: UUID,
    version: Annotated[int, typer.Option(help="The version last read.")],
    json: Json = False,
) -> None:
    """Make an account active again and call its erasure off."""
    with desk() as at:
        changed = at.call(
            "account", "reactivate_account", account_id=str(account_id), actor=at.actor, version=version
        )
    facts(changed, json_too=json)


@app.command("terminate")
@spoken
def terminate(
    account_id: UUID,
    version: Annotated[int, typer.Option(help="The version last read.")],
    channel: Annotated[str, typer.Option(help="How it reached us: email, phone, letter, in_person.")],
    received_on: Annotated[
        str | None, typer.Option(help="The day it was received, such as 2026-12-10; today if not given.")
    ] = None,
    json: Json = False,
) -> None:
    """Register a customer's notice: active to the end of the notice period, erased three months after it."""
    with desk() as at:
        given = at.call(
            "account",
            "terminate_contract",
            account_id=str(account_id),
            actor=at.actor,
            version=version,
            channel=channel,
            received_on=received_on,
        )
    facts(given, json_too=json)


@app.command("withdraw-notice")
@spoken
def withdraw_notice(
    account_id: UUID,
    version: Annotated[int, typer.Option(help="The version last read.")],
    json: Json = False,
) -> None:
    """Take a notice of termination back before its period is over."""
    with desk() as at:
        changed = at.call("account", "withdraw_notice", account_id=str(account_id), actor=at.actor, version=version)
    facts(changed, json_too=json)


@app.command("notice-period")
@spoken
def notice_period(
    account_id: UUID,
    version: Annotated[int, typer.Option(help="The version last read.")],
    months: Annotated[int, typer.Option(min=1, max=12, help="Calendar months agreed with this customer.")],
    json: Json = False,
) -> None:
    """Keep a notice period that was agreed with this customer."""
    with desk() as at:
        changed = at.call(
            "account",
            "agree_notice_period",
            account_id=str(account_id),
            actor=at.actor,
            version=version,
            months=months,
        )
    facts(changed, json_too=json)


@spoken
def letters(
    account_id: Annotated[UUID | None, typer.Option("--account", help="Letters of a company.")] = None,
    user_id: Annotated[UUID | None, typer.Option("--user", help="Letters of one user.")] = None,
    json: Json = False,
) -> None:
    """Letters and what became of them, newest first."""
    if (account_id is None) == (user_id is None):
        raise Invalid("Give either --account or --user.")
    about = {"account_id": str(account_id)} if account_id else {"user_id": str(user_id)}
    with desk() as at:
        found = at.call("notification", "letters", **about)["letters"]
    columns = ("letter", "state", "reason", "attempts", "requested_at", "sent_at", "letter_id")
    table(found, columns, title="Letters", json_too=json)
