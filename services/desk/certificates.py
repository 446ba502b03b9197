"""Erasure certificates at the desk."""

from __future__ import annotations

import base64
import json as json_format
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from services.desk.arguments import Id, line_option
from services.desk.client import desk
from services.desk.output import FAULT, Json, as_json, cell, err, facts, out, spoken
from services.desk.proofs import CertificateError, check_certificate
from services.retention.calls import Certificate, Certificates
from shared.errors import Invalid, NotFound

app = typer.Typer(no_args_is_help=True)

DOCUMENT_LIMIT_BYTES: Final = 1024 * 1024


@app.command("show")
@spoken
def show(certificate_id: Id, json: Json = False) -> None:
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
    key: Annotated[str | None, line_option("Public key, base64; else retention is asked for it.")] = None,
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
        err.print(f"[red]Not valid: {cell(str(error))}[/red]")
        raise typer.Exit(FAULT) from None
    if json:
        as_json({"valid": True, "certificate": body})
        return
    facts(body, json_too=False, title="Erasure certificate")
    out.print("[green]The certificate is valid.[/green]")


def _read(file: Path) -> str:
    """The document. Raises `Invalid` where it is no text, or far larger than a certificate."""
    try:
        with sys.stdin.buffer if file == Path("-") else file.open("rb") as source:
            raw = source.read(DOCUMENT_LIMIT_BYTES + 1)
        if len(raw) <= DOCUMENT_LIMIT_BYTES:
            return raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"The certificate cannot be read: {type(error).__name__}.") from None
    raise Invalid("This is no certificate: it is larger than one can be.")
