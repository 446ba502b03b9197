"""Campaigns: writing one, sending it by two persons, stopping it, and how each stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from services.desk.call_codes import codes_of
from services.desk.cli.approvals import requested
from services.desk.cli.arguments import After, Id, Matching, code_option, pattern_of
from services.desk.cli.connection import desk
from services.desk.cli.output import Json, Yes, ask_as_page, facts, more, spoken, table
from services.notification.campaigns.calls import (
    TEXT,
    Campaigns,
    DraftCampaign,
    ShowCampaign,
    StartCampaign,
    StopCampaign,
)

app = typer.Typer(no_args_is_help=True)

COLUMNS: Final = (
    "campaign_id", "state", "letter_class", "agreed", "chosen", "waiting", "left", "not_sent", "drafted_at",
)  # fmt: skip
File = Annotated[
    Path,
    typer.Argument(help="A file: its first line is the subject, the rest are paragraphs."),
]


def _read(path: Path) -> tuple[str, str]:
    """Subject and text."""
    try:
        if path.stat().st_size > 4 * TEXT:
            raise typer.BadParameter(f"longer than {TEXT} characters")
        subject, _, text = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        raise typer.BadParameter("this is no text that can be read") from None
    return subject.strip(), text.strip()


@app.command("list")
@spoken
def listed(after: After = None, json: Json = False) -> None:
    """Every campaign of the last three years, and how far each has come."""
    with desk() as at:
        shown = at.ask(Campaigns(after=after))
    more(shown.next_after)
    table(shown.campaigns, COLUMNS, title="Campaigns", json_too=json)


@app.command("show")
@spoken
def show(campaign_id: Id, json: Json = False) -> None:
    """One campaign with its words, and what is still to be decided before it leaves."""
    with desk() as at:
        facts(at.ask(ShowCampaign(campaign_id=campaign_id)), json_too=json, title="Campaign")


@app.command("draft")
@spoken
def draft(
    norwegian: File,
    english: File,
    letter_class: Annotated[str, code_option(*codes_of(DraftCampaign, "letter_class"))],
    language: Annotated[str | None, code_option(*codes_of(DraftCampaign, "language"))] = None,
    json: Json = False,
) -> None:
    """Write a campaign from a file in each language; nobody gets it yet. With a language, only who reads it."""
    with desk() as at:
        (subject_nb, text_nb), (subject_en, text_en) = _read(norwegian), _read(english)
        drafted = DraftCampaign(
            letter_class=letter_class,
            language=language,
            subject_nb=subject_nb,
            text_nb=text_nb,
            subject_en=subject_en,
            text_en=text_en,
            actor=at.who,
        )
        facts(at.ask(drafted), json_too=json, title="Campaign")


@app.command("start")
@spoken
def start(
    campaign_id: Id,
    text_sha256: Annotated[
        str,
        typer.Argument(
            parser=Matching(pattern_of(StartCampaign, "text_sha256"), "ab" * 32),
            help="The digest of the text that was read, as it is shown.",
        ),
    ],
    json: Json = False,
) -> None:
    """Ask that a campaign is sent to all who agree to its class; another person approves it."""
    with desk() as at:
        requested(at, StartCampaign(campaign_id=campaign_id, text_sha256=text_sha256), json=json)


@app.command("stop")
@spoken
def stop(campaign_id: Id, yes: Yes = False, json: Json = False) -> None:
    """Let no more letters of a campaign leave, for good."""
    ask_as_page("stop-campaign", f"Campaign {campaign_id}", yes=yes)
    with desk() as at:
        facts(at.ask(StopCampaign(campaign_id=campaign_id)), json_too=json, title="Campaign")
