"""Approvals by two persons at the desk: what proves one, without us."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from services.desk.cli.arguments import line_option
from services.desk.cli.output import FAULT, Json, as_json, cell, err, facts, out, spoken
from shared import config
from shared.approvals import FILE_LIMIT_BYTES, ApprovalError, VerifiedApproval, verify_file
from shared.config import SettingError
from shared.errors import Invalid
from shared.signing import PublicKey

app = typer.Typer(no_args_is_help=True)


@app.callback()
def approvals() -> None:
    """Approvals by two persons."""


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
        as_json({"valid": True, **proved.to_json()})
        return
    facts(_told(proved), json_too=False, title="Approval")
    out.print("[green]The approval is valid.[/green] When it was given is the word of whoever kept it.")


def _told(proved: VerifiedApproval) -> dict[str, Any]:
    """A line a fact: who, what, and each field of the call."""
    request = proved.request.to_json()
    asked = {f"asks {name}": value for name, value in request["fields"].items()}
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
