"""Approvals by two persons at the desk: what waits for whom, and what proves one, without us.

Approving takes a passkey, so a browser: it is done at the desk, at the address that is told.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from json import loads
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin

import typer

from services.desk.call_codes import codes_of
from services.desk.cli.arguments import After, Id, Limit, code_argument, line_option
from services.desk.cli.connection import at_hand, desk
from services.desk.cli.output import (
    FAULT,
    Json,
    Yes,
    as_json,
    ask,
    cell,
    err,
    facts,
    more,
    out,
    said,
    spoken,
    table,
)
from services.desk.client import Desk
from services.staff.approvals.calls import (
    ApprovalWhole,
    ExportApproval,
    ListApprovals,
    ShowApproval,
    WithdrawApproval,
)
from shared import config
from shared.approvals import FILE_LIMIT_BYTES, ApprovalError, VerifiedApproval, verify_file
from shared.calls import Call
from shared.config import SettingError
from shared.errors import Forbidden, Invalid, Refused, Transient, Unauthenticated
from shared.identifiers import new_id
from shared.signing import PublicKey

app = typer.Typer(no_args_is_help=True)

COLUMNS = ("approval_id", "act", "state", "requested_by", "expires_at", "approved_by", "ended_because")


@app.callback()
def approvals() -> None:
    """Approvals by two persons."""


def requested(at: Desk, call: Call[Any], *, json: bool) -> None:
    """Ask for an act that takes two persons, and say where another one approves it."""
    approval = at.request(call, approval_id=new_id())
    where = _address(approval)
    if json:
        as_json({**approval.to_json(), "address": where})
        return
    facts(_shown(approval), json_too=False, title="Asked for")
    out.print(f"Another person approves it with a passkey at {where}")


@app.command("list")
@spoken
def listed(
    state: Annotated[str, code_argument(*codes_of(ListApprovals, "state"))] = "waiting",
    limit: Limit = 100,
    after: After = None,
    json: Json = False,
) -> None:
    """Requests in one state that you have a part in, or may have one; what has ended the newest first."""
    with desk() as at:
        shown = at.ask(ListApprovals(token=at.caller.token, state=state, limit=limit, after=after))
    more(shown.next_after)
    table(shown.approvals, COLUMNS, title=f"Approvals: {state}", json_too=json)


@app.command("show")
@spoken
def show(approval_id: Id, json: Json = False) -> None:
    """One request with what is asked for, who asks and who approved it."""
    with desk() as at:
        approval = at.ask(ShowApproval(token=at.caller.token, approval_id=approval_id))
        where, refused, away = _address(approval), None, None
        try:
            refused = _refused_now(at, approval)
        except Transient as not_known:
            away = not_known
    if json:
        means = _left_out(approval.act, approval.asked)
        told = {"address": where, "left_out_means": means, "refused_now": refused and refused.message}
        as_json({**approval.to_json(), **told})
        return
    facts(_shown(approval), json_too=False, title="Approval")
    if refused is not None:
        out.print(f"[yellow]As things stand now its service refuses it: {said(refused)}[/yellow]")
    if away is not None:
        out.print(f"[dim]Whether its service would refuse it is not known now: {cell(str(away))}[/dim]")
    if approval.state == "waiting":
        out.print(f"Another person approves it with a passkey at {where}")


@app.command("withdraw")
@spoken
def withdraw(
    approval_id: Id,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take back what you have asked for."""
    ask("Take this request back?", yes=yes)
    with desk() as at:
        token = at.caller.token
        seen = at.ask(ShowApproval(token=token, approval_id=approval_id))
        ended = at.ask(WithdrawApproval(token=token, approval_id=approval_id, version=seen.version))
    facts(ended, json_too=json, title="Approval")


@app.command("carry-out")
@spoken
def carry_out(approval_id: Id, json: Json = False) -> None:
    """Carry out what was approved, where that did not happen at once; it is done once only."""
    with desk() as at:
        approval = at.ask(ShowApproval(token=at.caller.token, approval_id=approval_id))
        reply = at.carry_out(approval)
    facts(reply, json_too=json, title="Carried out")


@app.command("export")
@spoken
def export(approval_id: Id, json: Json = False) -> None:
    """Print the file that proves the approval, for `vilkar approval verify`."""
    with desk() as at:
        file = at.ask(ExportApproval(token=at.caller.token, approval_id=approval_id))
    if json:
        as_json(loads(file.document))
    else:
        sys.stdout.write(file.document + "\n")


@app.command("verify")
@spoken
def verify(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, allow_dash=True, help="The file; - is standard input."),
    ],
    key: Annotated[
        list[str] | None,
        line_option("A public key of the ledger, base64; else those of this installation.", "--key"),
    ] = None,
    json: Json = False,
) -> None:
    """Verify that another person approved just this request with their passkey; asks nobody."""
    try:
        proved = verify_file(_read(file), _keys(key))
    except ApprovalError as error:
        err.print(f"[red]This proves no approval: {cell(error.reason)}[/red]")
        raise typer.Exit(FAULT) from None
    if json:
        means = _left_out(proved.request.act, proved.request.asked)
        as_json({"valid": True, **proved.to_json(), "left_out_means": means})
        return
    facts(_told(proved), json_too=False, title="Approval")
    out.print("[green]The approval is valid.[/green] When it was given is the word of whoever kept it.")


def _left_out(act: str, asked: Mapping[str, Any]) -> dict[str, str]:
    """What is meant by the fields in which nothing stands, in the words of the page."""
    from services.desk.web.acts.table import OF_ACT  # noqa: PLC0415  # pages are read where they are asked

    form = OF_ACT.get(act)
    return {} if form is None else {name: english for name, (_, english) in form.left_out(asked).items()}


def _asks(act: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A line a field of what is asked for, and what it means where nothing stands in it."""
    return {f"asks {name}": value for name, value in {**asked, **_left_out(act, asked)}.items()}


def _told(proved: VerifiedApproval) -> dict[str, Any]:
    """A line a fact: who, what, and each field of the call."""
    request = proved.request.to_json()
    asked = _asks(request["act"], request["fields"])
    concerns = {"concerns": request["subject"]} if request["subject"] else {}
    return {
        "act": request["act"],
        "requested_by": request["requested_by"],
        "edited_by": request["edited_by"],
        "approved_by": proved.approved_by,
        **concerns,
        "approved_at": proved.approved_at,
        "approval": request["id"],
        "version": request["version"],
        "signed at": proved.origin,
        "key enrolled at": proved.enrolled_at,
        **asked,
    }


def _shown(approval: ApprovalWhole) -> dict[str, Any]:
    """A line a fact, those of the call among them; what is not there is left out."""
    document = approval.to_json()
    asked = _asks(approval.act, document.pop("fields"))
    return {name: value for name, value in {**document, **asked}.items() if value not in (None, [])}


def _refused_now(at: Desk, approval: ApprovalWhole) -> Refused | None:
    """What it would be refused with if it were carried out now; None where it would not, and of what is over.

    Raises `Transient` where that is not known now.
    """
    if approval.state == "ended":
        return None
    try:
        at.rehearse(approval.act, approval.asked, approval_id=approval.approval_id)
    except (Unauthenticated, Forbidden):
        return None  # whoever may see it only is told nothing of what they may not do
    except Refused as refused:
        return refused
    return None


def _address(approval: ApprovalWhole) -> str:
    return urljoin(at_hand().read().desk, f"/approvals/{approval.approval_id}")


def _keys(given: list[str] | None) -> list[PublicKey]:
    """The keys of the ledger. Raises `Invalid` where one is none."""
    try:
        texts = given or config.load().secrets.read("ledger_public_key").split()
        return [PublicKey.parse(text) for text in texts]
    except SettingError as error:
        raise Invalid(f"A public key of the ledger is needed (--key): {error}.") from None


def _read(file: Path) -> bytes:
    """The file. Raises `Invalid` where it cannot be read, or is larger than one can be."""
    try:
        with sys.stdin.buffer if file == Path("-") else file.open("rb") as source:
            raw = source.read(FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise Invalid(f"The file cannot be read: {type(error).__name__}.") from None
    if len(raw) > FILE_LIMIT_BYTES:
        raise Invalid("This is no approval: it is larger than one can be.")
    return raw
