"""The promises: what keeps each, what its tests said of these files, and what the running system shows."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from typing import Annotated, Final

import typer

from services.desk.cli.connection import desk
from services.desk.cli.output import FAULT, Json, cell, err
from services.desk.cli.session_file import NotLoggedIn
from shared.bus.every_service_calls import Probes
from shared.clock import Clock
from shared.config import SettingError
from shared.errors import Transient
from shared.evidence import release, watching
from shared.terms import json_report, text_report
from shared.terms.status import Looks, Standing, status

ADDRESS: Final = "urn:vilkar:terms"
"""The name of the document where no gateway publishes it."""


def terms(
    json_too: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    jsonld: Annotated[bool, typer.Option("--jsonld", help="Print JSON-LD in the vocabulary DPV.")] = False,
) -> None:
    """Every clause: what keeps it, what its tests said of these files, what the running system shows."""
    proof = release.proof(os.environ)
    looks, now = _running_system()
    statuses = status(proof, looks, now)
    if markdown:
        sys.stdout.write(text_report.as_markdown(statuses))
    elif json_too or jsonld:
        document = (
            json_report.as_jsonld(statuses, now, address=ADDRESS)
            if jsonld
            else json_report.as_document(statuses, proof, now)
        )
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(text_report.as_text(statuses, proof))
    if any(each.standing is Standing.FAILED for each in statuses):
        raise typer.Exit(FAULT)


def _running_system() -> tuple[Looks | None, datetime]:
    """What the probes saw, and the system's time; no looks where there is no system to be reached from here."""
    try:
        with desk() as at:
            looks = watching.looks(lambda service: at.ask(Probes(), of=service), watching.watched_services())
            return looks, at.clock.now()
    except NotLoggedIn as away:
        err.print(f"[yellow]{cell(away.message)}: what the running system shows is left out[/yellow]")
    except (SettingError, Transient):
        pass
    return None, Clock().now()
