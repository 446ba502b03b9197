"""Customers as staff see them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

import typer

from services.desk.arguments import Id, Version, code_option, day_option, id_option, line_option, told
from services.desk.client import desk
from services.desk.erasures import OVER
from services.desk.output import Json, ask, facts, spoken, table
from services.notification.calls import Letters
from services.retention.calls import Holds, Restrictions, Timeline
from shared.errors import Invalid
from shared.records import ABSENT

app = typer.Typer(no_args_is_help=True)
PURPOSES: Final = ("customer_support", "rights_request", "dispute", "security", "billing", "operations")
CHANNELS: Final = ("email", "phone", "letter", "in_person")
OUTCOMES: Final = ("no_answer", "not_reached", "answered", "disputed")
REASONS: Final = (
    "customer_request",
    "estate_request",
    "duplicate_account",
    "register_mismatch",
    "unintended_use",
    "security",
)
BLOCK_REASONS: Final = ("security", "unintended_use")
LET_REASONS: Final = ("trustee_is_owner", "register_was_wrong", "bankruptcy_ended")

Purpose = Annotated[str, code_option(*PURPOSES, says="What for:")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

COLUMNS = ("account_id", "state", "version", "register_outcome", "review_required", "created_at", "inactivated_at")


@app.command("find")
@spoken
def find(
    email: Annotated[str | None, line_option("Of the company or of a user.")] = None,
    org_number: Annotated[str | None, line_option("Organisation number.")] = None,
    account_id: Annotated[UUID | None, id_option("The account's id.", "--id")] = None,
    review: Annotated[bool, typer.Option("--review", help="Those a person should look at.")] = False,
    purpose: Purpose = "customer_support",
    json: Json = False,
) -> None:
    """Find accounts by one criterion; shows ids and states, no names. That you looked is recorded."""
    criteria = {"email": email, "org_number": org_number, "account_id": str(account_id) if account_id else None}
    given = {name: value for name, value in criteria.items() if value is not None}
    if review:
        given["review_required"] = True  # type: ignore[assignment]
    if len(given) != 1:
        raise Invalid("Give exactly one of --email, --org-number, --id, --review.")
    with desk() as at:
        found = at.call("account", "search_accounts", **given, actor=at.actor, purpose=purpose)
    table(found["accounts"], COLUMNS, title="Accounts", json_too=json)


@app.command("show")
@spoken
def show(account_id: Id, purpose: Purpose = "customer_support", json: Json = False) -> None:
    """Show one account with its users, holds and restrictions, an inactive one too. That you did is recorded."""
    about = {"account_id": str(account_id)}
    with desk() as at:
        reading = {**about, "actor": at.actor, "purpose": purpose}
        account = at.call("account", "get_account", **reading)
        users = at.call("account", "list_users", **reading)["users"]
        holds = at.ask(Holds(account_id=account_id)).to_json()["holds"]
        restrictions = at.ask(Restrictions(account_id=account_id)).to_json()["restrictions"]
        erasures = at.ask(Timeline(account_id=account_id)).to_json()["erasures"]
    if json:
        told = {"users": users, "holds": holds, "restrictions": restrictions, "erasures": erasures}
        facts({**account, **told}, json_too=True)
        return
    facts(account, json_too=False, title="Account")
    columns = ("user_id", "role", "state", "name", "email", "phone", "email_confirmed", "invited", "version")
    table(users, columns, title="Users", json_too=False)
    table(
        holds, ("hold_id", "reason", "categories", "user_ids", "review_on", "state"), title="Holds", json_too=False
    )
    table(restrictions, ("restriction_id", "user_id", "ground", "state"), title="Restrictions", json_too=False)
    running = [each for each in erasures if each["state"] not in OVER]
    table(running, ("erasure_id", "user_id", "state", "due_on", "suspended"), title="Erasure", json_too=False)


@app.command("deactivate")
@spoken
def deactivate(
    account_id: Id,
    version: Version,
    reason: Annotated[str | None, code_option(*REASONS, says="Why; the last three are suspicion:")] = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Make an account inactive: its link is cut at once, its erasure comes three months later.

    On suspicion the customer has been approached twice before, by two channels (`contact`), and has had time.
    """
    ask(f"Make account {account_id} inactive? It is erased three months later.", yes=yes)
    with desk() as at:
        fields = {"account_id": str(account_id), "actor": at.actor, "version": version}
        changed = at.call("account", "deactivate_account", **fields, reason=reason)
    facts(changed, json_too=json)


@app.command("contact")
@spoken
def contact(
    account_id: Id,
    channel: Annotated[str, code_option(*CHANNELS)],
    outcome: Annotated[str, code_option(*OUTCOMES)],
    attempted_on: Annotated[date | None, day_option("The day; else today.", "--on")] = None,
    json: Json = False,
) -> None:
    """Note an attempt to reach a customer, before a decision on suspicion."""
    with desk() as at:
        fields = {"account_id": str(account_id), "actor": at.actor, "channel": channel, "outcome": outcome}
        noted = at.call("account", "record_contact", **fields, attempted_on=told(attempted_on))
    facts(noted, json_too=json)


@app.command("contacts")
@spoken
def contacts(account_id: Id, json: Json = False) -> None:
    """The attempts to reach a customer, oldest first."""
    with desk() as at:
        found = at.call("account", "contacts", account_id=str(account_id), actor=at.actor)["attempts"]
    table(found, ("attempted_on", "channel", "outcome", "actor"), title="Attempts to reach", json_too=json)


def _change(method: str, account_id: UUID, version: int, *, json_too: bool, **more: str) -> None:
    """Make one call that changes an account as it was last read, and show what came of it."""
    with desk() as at:
        fields = {"account_id": str(account_id), "actor": at.actor, "version": version, **more}
        facts(at.call("account", method, **fields), json_too=json_too)


@app.command("block")
@spoken
def block(
    account_id: Id,
    version: Version,
    reason: Annotated[str, code_option(*BLOCK_REASONS)],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Close an account at once to protect it: nobody gets in, nothing is erased; talk with the customer then."""
    ask(f"Keep everybody out of account {account_id}?", yes=yes)
    _change("block_account", account_id, version, json_too=json, reason=reason)


@app.command("unblock")
@spoken
def unblock(
    account_id: Id,
    version: Version,
    json: Json = False,
) -> None:
    """Open a blocked account again."""
    _change("unblock_account", account_id, version, json_too=json)


@app.command("let-instruct")
@spoken
def let_instruct(
    account_id: Id,
    version: Version,
    reason: Annotated[str, code_option(*LET_REASONS)],
    json: Json = False,
) -> None:
    """Let the owners of a bankrupt company decide again, after you have looked at who they are."""
    _change("let_instruct", account_id, version, json_too=json, reason=reason)


@app.command("correct-number")
@spoken
def correct_number(
    account_id: Id,
    version: Version,
    org_number: Annotated[str, line_option("The right number of the same company.")],
    reason: Annotated[str, code_option("typing_error")] = "typing_error",
    json: Json = False,
) -> None:
    """Correct a mistyped organisation number; another company signs up itself. Correct it at Tripletex by hand."""
    _change("correct_org_number", account_id, version, json_too=json, reason=reason, org_number=org_number)


@app.command("reactivate")
@spoken
def reactivate(
    account_id: Id,
    version: Version,
    json: Json = False,
) -> None:
    """Make an account active again and call its erasure off."""
    _change("reactivate_account", account_id, version, json_too=json)


@app.command("terminate")
@spoken
def terminate(
    account_id: Id,
    version: Version,
    channel: Annotated[str, code_option(*CHANNELS, says="How it reached us:")],
    received_on: Annotated[date | None, day_option("The day it was received; today if not given.")] = None,
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
            received_on=told(received_on),
        )
    facts(given, json_too=json)


@app.command("withdraw-notice")
@spoken
def withdraw_notice(
    account_id: Id,
    version: Version,
    json: Json = False,
) -> None:
    """Take a notice of termination back before its period is over."""
    with desk() as at:
        changed = at.call("account", "withdraw_notice", account_id=str(account_id), actor=at.actor, version=version)
    facts(changed, json_too=json)


@app.command("notice-period")
@spoken
def notice_period(
    account_id: Id,
    version: Version,
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
    account_id: Annotated[UUID | None, id_option("Letters of a company.", "--account")] = None,
    user_id: Annotated[UUID | None, id_option("Letters of one user.", "--user")] = None,
    json: Json = False,
) -> None:
    """Letters and what became of them, newest first."""
    if (account_id is None) == (user_id is None):
        raise Invalid("Give either --account or --user.")
    with desk() as at:
        shown = at.ask(Letters(account_id=account_id or ABSENT, user_id=user_id or ABSENT)).letters
    columns = ("letter", "state", "reason", "attempts", "requested_at", "sent_at", "letter_id")
    table(shown, columns, title="Letters", json_too=json)
