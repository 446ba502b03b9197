"""What customers' people write to support, and the answers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from services.account.support.calls import (
    BEFORE_MOST,
    AnswerSupport,
    SettleSupport,
    SupportThread,
    SupportThreads,
    WaitingSupport,
)
from services.desk.call_codes import codes_of
from services.desk.cli.arguments import After, Id, Version, code_option
from services.desk.cli.connection import desk
from services.desk.cli.looks import WhatForReading, looking
from services.desk.cli.output import Json, Yes, ask_as_page, err, facts, more, spoken, table
from services.desk.queries.purposes import OF_READING
from shared.errors import Invalid

app = typer.Typer(no_args_is_help=True)

WAITING_COLUMNS = ("thread_id", "reference", "account_id", "waiting_since", "answer_due")
COLUMNS = ("thread_id", "reference", "user_id", "state", "opening", "messages", "written_at", "answer_due")
MESSAGE_COLUMNS = ("number", "written_by", "way", "written_at", "text")


@app.command("waiting")
@spoken
def waiting(after: After = None, json: Json = False) -> None:
    """What waits for an answer, of all customers, the earliest due first; nothing of what it says."""
    with desk() as at:
        shown = at.ask(WaitingSupport(after=after))
    more(shown.next_after)
    table(shown.threads, WAITING_COLUMNS, title="Waiting", json_too=json)


@app.command("list")
@spoken
def listed(account_id: Id, purpose: WhatForReading = None, after: After = None, json: Json = False) -> None:
    """The threads of the account's people, each with its beginning. That you looked is recorded."""
    with looking(purpose, "account.support_threads", known=OF_READING) as at:
        shown = at.ask(SupportThreads(account_id=account_id, actor=at.who, after=after))
    more(shown.next_after)
    table(shown.threads, COLUMNS, title="Threads", json_too=json)


@app.command("show")
@spoken
def show(
    account_id: Id,
    thread_id: Id,
    before: Annotated[
        int | None, typer.Option(min=2, max=BEFORE_MOST, help="The messages before this number.")
    ] = None,
    purpose: WhatForReading = None,
    json: Json = False,
) -> None:
    """One thread with its newest messages. That you looked is recorded."""
    with looking(purpose, "account.support_thread", known=OF_READING) as at:
        shown = at.ask(SupportThread(account_id=account_id, actor=at.who, thread_id=thread_id, before=before))
    if json:
        facts(shown, json_too=True)
        return
    if shown.earlier is not None:
        err.print(f"These are not all. Those before them: --before {shown.earlier}.")
    err.print(f"Answer it as of --version {shown.version}.")
    table(shown.messages, MESSAGE_COLUMNS, title=shown.reference, json_too=False)


@app.command("answer")
@spoken
def answer(
    account_id: Id,
    thread_id: Id,
    version: Version,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Answer a thread with the text on standard input; the customer is told by e-mail that there is an answer."""
    with desk() as at:
        if sys.stdin.isatty():
            raise Invalid("Give the answer on standard input: vilkar support answer … --yes < answer.txt")
        text = sys.stdin.read()
        ask_as_page("answer-support", str(thread_id), yes=yes)
        sent = AnswerSupport(account_id=account_id, actor=at.who, thread_id=thread_id, version=version, text=text)
        facts(at.ask(sent), json_too=json)


@app.command("settle")
@spoken
def settle(
    account_id: Id,
    thread_id: Id,
    version: Version,
    reason: Annotated[str, code_option(*codes_of(SettleSupport, "reason"))],
    json: Json = False,
) -> None:
    """Say that a thread needs no written answer."""
    with desk() as at:
        said = SettleSupport(
            account_id=account_id, actor=at.who, thread_id=thread_id, version=version, reason=reason
        )
        facts(at.ask(said), json_too=json)
