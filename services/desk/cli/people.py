"""The people of the staff, as administrators see to them: who comes, what each may do, and who leaves."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

import typer

from services.desk.call_codes import codes_of
from services.desk.cli.approvals import requested
from services.desk.cli.arguments import Id, Matching, code_option, day_option, id_option
from services.desk.cli.connection import RemoteDesk, desk
from services.desk.cli.output import Json, Yes, as_json, ask_as_page, facts, out, spoken, table
from services.staff.grants.calls import GiveGrant, Grants, RevokeGrant
from services.staff.passkeys.calls import PasskeyShown, PasskeysOf, RevokePasskeyOf
from services.staff.people.calls import ListPeople, RecordExit, ShowPerson
from services.staff.prerequisites.calls import Prerequisites, RecordTraining, WithdrawPrerequisite
from services.staff.sessions.calls import EndSessionsOf
from shared.actor import STAFF_CODE
from shared.errors import Forbidden
from shared.events import CODE_PATTERN
from shared.staff import Purpose, Role

app = typer.Typer(no_args_is_help=True)

PEOPLE: Final = ("code", "state", "invited_at", "activated_at", "left_at")
GRANTS: Final = (
    "grant_id", "role", "purpose", "customers", "begins_at", "expires_at", "granted_by", "approved_by",
    "ended_because", "live",
)  # fmt: skip
PREREQUISITES: Final = (
    "prerequisite_id", "kind", "what", "began_at", "expires_at", "recorded_by", "ended_because", "live",
)  # fmt: skip
PASSKEYS: Final = ("passkey_id", "enrolled_at", "used_at", "suspected_at")
AS_COURSE: Final = Matching(CODE_PATTERN.pattern, "privacy-2026")

AS_CODE: Final = Matching(STAFF_CODE, "kari-n")

Code = Annotated[str, typer.Argument(parser=AS_CODE, metavar="CODE", help="What they are called here.")]
CodeOrNone = Annotated[
    str | None, typer.Argument(parser=AS_CODE, metavar="[CODE]", help="What they are called here.")
]


@app.command("list")
@spoken
def listed(json: Json = False) -> None:
    """Everybody of the staff, and who left as long as that is recorded."""
    with desk() as at:
        table(at.ask(ListPeople()).people, PEOPLE, title="Staff", json_too=json)


@app.command("show")
@spoken
def show(code: Code, json: Json = False) -> None:
    """One person: what they may do, what that rests on, and their passkeys."""
    with desk() as at:
        person = at.ask(ShowPerson(code=code))
        grants = at.ask(Grants(code=code)).grants
        prerequisites = at.ask(Prerequisites(code=code)).prerequisites
        passkeys = _passkeys(at, code)
    if json:
        lists = {"grants": grants, "prerequisites": prerequisites, "passkeys": passkeys or ()}
        shown = person.to_json() | {name: [each.to_json() for each in rows] for name, rows in lists.items()}
        as_json(shown if passkeys is not None else shown | {"passkeys": None})
        return
    facts(person, json_too=False, title="Person")
    reaching = [each.to_json() | {"customers": list(map(str, each.account_ids or ())) or "all"} for each in grants]
    table(reaching, GRANTS, title="Grants", json_too=False)
    table(prerequisites, PREREQUISITES, title="Undertakings and training", json_too=False)
    if passkeys is not None:
        table(passkeys, PASSKEYS, title="Passkeys", json_too=False)


@app.command("link")
@spoken
def link(code: CodeOrNone = None, json: Json = False) -> None:
    """Where a link to enrol by is made: for somebody new without CODE, else for this person."""
    with desk() as at:
        path = "/people" if code is None else f"/people/{at.ask(ShowPerson(code=code)).code}"
        address = at.url.rstrip("/") + path
    if json:
        as_json({"code": code, "page": address})
        return
    out.print(f"[bold]{address}[/bold]")
    # Not made here: whoever took the file of this session would be one of the staff by it.
    out.print("Make the link there; it takes a log-in at most 15 minutes old.")


@app.command("record-training")
@spoken
def record_training(
    code: Code,
    course: Annotated[str, typer.Option(parser=AS_COURSE, metavar="CODE", help="Which course that was.")],
    on: Annotated[date, day_option("The day on which it was completed.", "--on")],
    json: Json = False,
) -> None:
    """Record that somebody has completed a course; nobody records their own."""
    with desk() as at:
        facts(at.ask(RecordTraining(code=code, course=course, completed_on=on)), json_too=json, title="Training")


@app.command("withdraw")
@spoken
def withdraw(
    prerequisite_id: Id,
    reason: Annotated[str, code_option(*codes_of(WithdrawPrerequisite, "reason"))],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Say that an undertaking or a training counts no more; all that rests on it stops at once."""
    ask_as_page("withdraw-prerequisite", f"Undertaking or training {prerequisite_id}", yes=yes)
    with desk() as at:
        ended = at.ask(WithdrawPrerequisite(prerequisite_id=prerequisite_id, reason=reason))
    facts(ended, json_too=json, title="Undertaking or training")


@app.command("grant")
@spoken
def grant(
    code: Code,
    role: Annotated[str, code_option(*Role)],
    purpose: Annotated[str, code_option(*Purpose)],
    until: Annotated[date, day_option("The last day on which it counts.", "--until")],
    begins: Annotated[date | None, day_option("The first day, now without it.", "--from")] = None,
    account: Annotated[
        list[UUID] | None, id_option("A customer that it is for; repeat for more. Without any it is for all.")
    ] = None,
    json: Json = False,
) -> None:
    """Ask to grant somebody a role for a purpose; another person approves it at the desk."""
    call = GiveGrant(
        code=code,
        role=Role(role),
        purpose=Purpose(purpose),
        last_day=until,
        begins_on=begins,
        account_ids=tuple(account or ()),
    )
    with desk() as at:
        requested(at, call, json=json)


@app.command("revoke-grant")
@spoken
def revoke_grant(grant_id: Id, yes: Yes = False, json: Json = False) -> None:
    """Take a grant back: it gives nothing from now on. A new one takes two persons."""
    ask_as_page("revoke-grant", f"Grant {grant_id}", yes=yes)
    with desk() as at:
        facts(at.ask(RevokeGrant(grant_id=grant_id)), json_too=json, title="Grant")


@app.command("revoke-passkey")
@spoken
def revoke_passkey(
    code: Code,
    passkey: Annotated[UUID, id_option("Which of their keys.", "--passkey")],
    reason: Annotated[str, code_option(*codes_of(RevokePasskeyOf, "reason"))],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Revoke a key of somebody who has lost it, with the sessions that it opened."""
    ask_as_page("revoke-passkey", f"{code}, passkey {passkey}", yes=yes)
    with desk() as at:
        left = at.ask(RevokePasskeyOf(code=code, passkey_id=passkey, reason=reason)).passkeys
    table(left, PASSKEYS, title="Passkeys left", json_too=json)


@app.command("end-sessions")
@spoken
def end_sessions(code: Code, yes: Yes = False, json: Json = False) -> None:
    """End all sessions of somebody, where one of them may be in other hands; their keys still work."""
    ask_as_page("end-sessions", code, yes=yes)
    with desk() as at:
        facts(at.ask(EndSessionsOf(code=code)), json_too=json, title="Sessions")


@app.command("leave")
@spoken
def leave(
    code: Code,
    reason: Annotated[str, code_option(*codes_of(RecordExit, "reason"))],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Record that somebody leaves: keys, sessions, grants and access to databases end at once, and for good."""
    ask_as_page("record-exit", code, yes=yes)
    with desk() as at:
        facts(at.ask(RecordExit(code=code, reason=reason)), json_too=json, title="Person")


def _passkeys(at: RemoteDesk, code: str) -> tuple[PasskeyShown, ...] | None:
    """Their keys; None for who sees to what people may do and not to what they log in with."""
    try:
        return at.ask(PasskeysOf(code=code)).passkeys
    except Forbidden:
        return None
