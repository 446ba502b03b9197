"""Erasure certificates at the desk."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.desk.certificate_check import CertificateError, check_certificate
from services.desk.cli.arguments import Id, line_option
from services.desk.cli.connection import desk
from services.desk.cli.output import FAULT, Json, as_json, cell, err, facts, out, spoken, table
from services.retention.certificates.calls import Certificate, Certificates
from shared.config import SettingError
from shared.errors import Invalid, NotFound
from shared.signing import PublicKey

app = typer.Typer(no_args_is_help=True)

TITLE: Final = "Erasure certificate"
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
    told(json_format.loads(shown.document)["certificate"])


@app.command("verify")
@spoken
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            allow_dash=True,
            help="The signed document, or the gateway's answer with it; - is standard input.",
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
        public = [PublicKey.parse(text) for text in keys.values()]
    except SettingError:
        raise Invalid("The public key must be base64 of 32 bytes.") from None
    try:
        body = check_certificate(_document(_read(file).strip()), public)
    except CertificateError as error:
        err.print(f"[red]Not valid: {cell(str(error))}[/red]")
        err.print("[dim]What is verified is the document as `vilkar certificate show ID --json` prints it.[/dim]")
        raise typer.Exit(FAULT) from None
    if json:
        as_json({"valid": True, "certificate": body})
        return
    told(body)
    out.print("[green]The certificate is valid.[/green]")


def told(body: Mapping[str, Any]) -> None:
    """Print a certificate for a person: a line a fact, and each list of it as a table. Of either format."""
    lists = {name: value for name, value in body.items() if value and isinstance(value, list) and _is_table(value)}
    facts({name: value for name, value in body.items() if name not in lists}, json_too=False, title=TITLE)
    for name, rows in lists.items():
        flat = [one for row in rows for one in _flat(row)]
        out.print()
        table(flat, list(dict.fromkeys(key for row in flat for key in row)), title=spelt(name), json_too=False)


def _is_table(value: list[Any]) -> bool:
    return all(isinstance(each, dict) for each in value)


def _flat(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row of its own for each kind that a store counted."""
    plain = {name: value for name, value in row.items() if name != "counts"}
    counts = row.get("counts", {})
    return [plain | {"what": spelt(kind), "count": count} for kind, count in counts.items()] or [plain]


def spelt(name: str) -> str:
    """A field's name as a heading has it."""
    return name.replace("_", " ")


def _document(text: str) -> str:
    """The signed document: as it is, or the text that the gateway's answer holds as `document`."""
    try:
        answer = json_format.loads(text)
    except (ValueError, RecursionError):
        return text  # to be refused as what it is
    inner = answer.get("document") if isinstance(answer, dict) else None
    return inner if isinstance(inner, str) else text


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
