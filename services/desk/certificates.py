"""Erasure certificates at the desk."""

from __future__ import annotations

import base64
import json as json_format
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.desk.client import desk
from services.desk.output import FAULT, Json, as_json, err, facts, out, spoken
from services.desk.proofs import CertificateError, check_certificate
from services.retention.calls import Certificate, Certificates
from shared.errors import Invalid, NotFound

app = typer.Typer(no_args_is_help=True)


@app.command("show")
@spoken
def show(certificate_id: UUID, json: Json = False) -> None:
    """Show a certificate; with --json the signed document itself, ready to be kept in a file."""
    with desk() as at:
        shown = at.ask(Certificate(certificate_id=certificate_id))
    if shown.document is None:
        raise NotFound(f"The certificate is not issued yet; its erasure is {shown.state}.")
    if json:
        out.print(shown.document, markup=False)
        return
    facts(json_format.loads(shown.document)["certificate"], json_too=False, title="Erasure certificate")


@app.command("verify")
@spoken
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, allow_dash=True, help="The signed document; - is standard input."
        ),
    ],
    key: Annotated[str | None, typer.Option(help="Public key, base64; else retention is asked for it.")] = None,
    json: Json = False,
) -> None:
    """Verify a certificate; with --key without asking anybody."""
    if key is None:
        with desk() as at:
            keys = at.ask(Certificates(limit=1)).public_keys
    else:
        keys = {"": key}
    try:
        public = [base64.b64decode(text, validate=True) for text in keys.values()]
    except ValueError:
        raise Invalid("The public key must be base64.") from None
    try:
        body = check_certificate(_read(file).strip(), public)
    except CertificateError as error:
        err.print(f"[red]Not valid: {error}[/red]")
        raise typer.Exit(FAULT) from None
    if json:
        as_json({"valid": True, "certificate": body})
        return
    facts(body, json_too=False, title="Erasure certificate")
    out.print("[green]The certificate is valid.[/green]")


def _read(file: Path) -> str:
    return sys.stdin.read() if file == Path("-") else file.read_text(encoding="utf-8")
