"""What do we hold on a customer? As a command."""

from __future__ import annotations

import time
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from services.desk.cli.accounts import nothing_left, show_erased
from services.desk.cli.arguments import Id, id_option
from services.desk.cli.looks import WhatFor, for_what, looking
from services.desk.cli.output import FAULT, Json, facts, out, spoken, table
from services.desk.queries.dry_runs import answered
from services.desk.queries.erasures import erased
from services.desk.queries.holdings import Holdings, Stored, holdings, order
from services.desk.queries.stored_kinds import KINDS
from shared.words import CERTIFICATE, COUNTS, STORES, said

ENGLISH: Final = 1
"""The place of English in a pair of words."""


@spoken
def what_we_hold(
    account_id: Id,
    user: Annotated[UUID | None, id_option("One user of it only.")] = None,
    purpose: WhatFor = None,
    seconds: Annotated[float, typer.Option(min=0, max=60, help="How long to wait for the answers.")] = 15,
    json: Json = False,
) -> None:
    """What we hold on an account or one user of it: where, how much, until when and why.

    That you looked is recorded. Every service is asked to count; nothing is changed. Of who was erased the
    certificate is named.
    """
    until = time.monotonic() + seconds
    with looking(purpose, "retention.order_dry_run") as at:
        run = order(at, account_id, user)
        if run is None:
            nothing_left(erased(at, account_id, user), json=json)
            return
        run = answered(at, run, until=until)
        found = holdings(at, account_id, user, run.dry_run_id, for_what(at))
    if json:
        facts(_as_json(found), json_too=True)
    else:
        _show_holdings(found)
    if found.silent:
        raise typer.Exit(FAULT)


def _as_json(found: Holdings) -> dict[str, Any]:
    lists = ("holds", "restrictions", "erasures", "erased", "letters", "suppressions", "reads")
    return {
        "account": found.account and found.account.to_json(),
        "user": found.user and found.user.to_json(),
        "stored": [_line(each) for each in found.stored],
        "kept_by_law": [{"participant": where, "category": what} for where, what in found.kept_by_law],
        "more": sorted(found.more),
        "silent": list(found.silent),
        "tripletex": found.tripletex.to_json(),
        **{name: [each.to_json() for each in getattr(found, name)] for name in lists},
    }


def _line(each: Stored) -> dict[str, Any]:
    """One kind with its reason and its end: the day where one is planned, else how long it is kept."""
    kind = KINDS.get(each.kind)
    until = each.due_on.isoformat() if each.due_on else kind and kind.until[ENGLISH]
    what = said(COUNTS, each.kind, "en")
    where = said(STORES, each.participant, "en")
    return {"where": where, "what": what, "count": each.count, "why": kind and kind.why[ENGLISH], "until": until}


def _kept(kept: tuple[str, str]) -> dict[str, str]:
    where, what = kept
    return {"where": said(STORES, where, "en"), "what": said(CERTIFICATE, what, "en")}


def _show_holdings(found: Holdings) -> None:
    subject = found.user if found.run.user_id else found.account
    shown = {"name": subject.name, "state": subject.state} if subject else {"state": "erased"}
    facts(shown, json_too=False, title="What we hold")
    table(
        list(map(_line, found.stored)), ("where", "what", "count", "why", "until"), title="Stored", json_too=False
    )
    table(found.holds, ("hold_id", "reason", "categories", "review_on"), title="Holds", json_too=False)
    table(found.restrictions, ("restriction_id", "user_id", "ground"), title="Restrictions", json_too=False)
    table(found.erasures, ("user_id", "state", "trigger", "due_on", "suspended"), title="Erasures", json_too=False)
    if found.erased:
        show_erased(found.erased)
    facts(found.tripletex, json_too=False, title="Tripletex")
    table(list(map(_kept, found.kept_by_law)), ("where", "what"), title="Stays after an erasure", json_too=False)
    table(found.letters, ("letter", "state", "requested_at", "sent_at"), title="Letters", json_too=False)
    if found.more:
        out.print(f"There are more than these of: {', '.join(sorted(found.more))}")
    table(found.suppressions, ("kind", "since", "ends_at"), title="Addresses without letters", json_too=False)
    table(found.reads, ("day", "purpose", "reads", "user_ids", "not_named"), title="Looks by staff", json_too=False)
    if found.silent:
        out.print(f"Not answered yet: {', '.join(found.silent)}")
