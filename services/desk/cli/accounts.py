"""Customers as staff see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from services.account.companies.calls import AccountFound, CorrectCompany, CorrectOrgNumber, SearchAccounts
from services.account.corrections.calls import CorrectUser
from services.account.deactivation.calls import DeactivateAccount
from services.account.reactivation.calls import ReactivateAccount
from services.account.suspicion.calls import BlockAccount, Contacts, LetInstruct, RecordContact, UnblockAccount
from services.account.termination.calls import AgreeNoticePeriod, TerminateContract, WithdrawNotice
from services.desk.call_codes import codes_of
from services.desk.cli.arguments import After, Id, Limit, Version, code_option, day_option, id_option, line_option
from services.desk.cli.connection import desk
from services.desk.cli.looks import WhatFor, for_what, looking
from services.desk.cli.output import Json, Yes, ask_as_page, err, facts, more, out, spoken, table
from services.desk.queries.customers import customer, kept, reports_of
from services.desk.queries.erasures import erased, kept_back, under_way
from services.notification.history.calls import Letters
from services.retention.monitoring.calls import AccountKept, ErasureShown
from shared.errors import Invalid, NotFound
from shared.records import ABSENT, Record

app = typer.Typer(no_args_is_help=True)

LISTED_BY: Final = {"holds": "hold list", "restrictions": "restrict list"}
"""The command that lists all of what one account has more of than is shown."""

COLUMNS = (
    "account_id",
    "state",
    "holds",
    "restrictions",
    "version",
    "register_outcome",
    "review_required",
    "created_at",
    "inactivated_at",
)
CASE_COLUMNS = ("case_id", "reference", "kind", "state", "owner", "next_due")
CONTACT_COLUMNS = ("attempted_on", "channel", "outcome", "actor")
EARLY_COLUMNS = ("request_id", "user_id", "course", "received_on", "checked_by", "approved_by")
PARTS = ("users", "holds", "restrictions", "erasures", "cases", "contacts", "early_requests")


def nothing_left(erasures: Sequence[ErasureShown], *, json: bool) -> None:
    """Say that nothing is stored any more but what was held, and name the certificates of that."""
    kept = bool(kept_back(erasures))
    if json:
        stored: dict[str, Any] = {} if kept else {"stored": []}
        facts(stored | {"erasures": [each.to_json() for each in erasures]}, json_too=True)
        return
    say = "Erased, but something is held: vilkar account holdings" if kept else "We hold nothing under this id."
    out.print(say)
    show_erased(erasures)


def show_erased(erasures: Sequence[ErasureShown]) -> None:
    """Erasures that are over, with their certificates."""
    columns = ("user_id", "trigger", "due_on", "certificate_id", "backups_expire_on", "held")
    table(erasures, columns, title="Erased", json_too=False)


@app.command("find")
@spoken
def find(
    email: Annotated[str | None, line_option("Of the company or of a user.")] = None,
    name: Annotated[str | None, line_option("Of the company or of a user, the whole name.")] = None,
    phone: Annotated[str | None, line_option("Of the company or of a user.")] = None,
    org_number: Annotated[str | None, line_option("Organisation number.")] = None,
    reference: Annotated[UUID | None, id_option("The id of the account or of one of its users.", "--id")] = None,
    review: Annotated[bool, typer.Option("--review", help="Those a person should look at.")] = False,
    purpose: WhatFor = None,
    after: After = None,
    json: Json = False,
) -> None:
    """Find accounts by one criterion; shows ids, states, holds and restrictions, no names. A customer reads of it.

    Names are stored encrypted: a whole name finds, its words in any order, a part of it does not.
    """
    if sum(map(bool, (email, name, phone, org_number, reference, review))) != 1:
        raise Invalid("Give exactly one of --email, --name, --phone, --org-number, --id, --review.")
    with looking(purpose, "account.search_accounts") as at:
        search = SearchAccounts(
            email=email or ABSENT,
            name=name or ABSENT,
            phone=phone or ABSENT,
            org_number=org_number or ABSENT,
            reference=reference or ABSENT,
            review_required=review or ABSENT,
            actor=at.who,
            purpose=for_what(at),
            after=after,
        )
        found = at.ask(search)
        held = kept(at, found.accounts)
    more(found.next_after)
    table([_found(each, held) for each in found.accounts], COLUMNS, title="Accounts", json_too=json)


def _found(each: AccountFound, held: Mapping[UUID, AccountKept] | None) -> dict[str, Any]:
    """An account that was found, with how much of it is held back, where whoever looks may see that."""
    known = {} if held is None else held[each.account_id].to_json()
    return each.to_json() | {name: known.get(name) for name in ("holds", "restrictions")}


@app.command("reports")
@spoken
def reports(
    account_id: Id,
    report: Annotated[UUID | None, id_option("This one alone, by the id that its case has too.")] = None,
    purpose: WhatFor = None,
    json: Json = False,
) -> None:
    """What people of the account have reported, in their own words. That you looked is recorded."""
    with looking(purpose, "account.nonconformity_reports") as at:
        shown = reports_of(at, account_id, for_what(at), report)
    if not shown.complete:
        err.print("These are not all. Any other one is read by the id of its case (--report).")
    columns = ("report_id", "reference", "user_id", "about", "noticed_at", "received_at", "text")
    table(shown.reports, columns, title="Reports", json_too=json)


@app.command("show")
@spoken
def show(account_id: Id, purpose: WhatFor = None, json: Json = False) -> None:
    """Show one account with its users, holds and restrictions, an inactive one too. That you did is recorded."""
    with looking(purpose, "account.get_account") as at:
        try:
            details = customer(at, account_id, for_what(at))
        except NotFound:
            if not (gone := erased(at, account_id)):
                raise
            nothing_left(gone, json=json)
            return
    if json:
        lists = {name: getattr(details, name) for name in PARTS}
        shown = {name: rows and [each.to_json() for each in rows] for name, rows in lists.items()}
        facts({**details.account.to_json(), **shown, "more": sorted(details.more & lists.keys())}, json_too=True)
        return
    facts(details.account, json_too=False, title="Account")
    columns = ("user_id", "role", "state", "name", "email", "phone", "email_confirmed", "invited", "version")
    _part(details.users, columns, "Users")
    hold_columns = ("hold_id", "reason", "categories", "user_ids", "review_on", "state")
    _part(details.holds, hold_columns, "Holds")
    restriction_columns = ("restriction_id", "user_id", "ground", "state")
    _part(details.restrictions, restriction_columns, "Restrictions")
    for each in sorted(details.more & set(LISTED_BY)):
        err.print(f"There are more {each}: vilkar {LISTED_BY[each]} --account {account_id}")
    erasure_columns = ("erasure_id", "user_id", "state", "due_on", "suspended")
    _part(details.erasures and under_way(details.erasures), erasure_columns, "Erasure")
    _part(details.cases, CASE_COLUMNS, "Cases")
    if "cases" in details.more:
        err.print(f"There are more cases: vilkar case of {account_id}")
    _part(details.contacts, CONTACT_COLUMNS, "Attempts to reach them")
    _part(details.early_requests, EARLY_COLUMNS, "Requests for an early erasure")
    if "early_requests" in details.more:
        err.print(f"There are more of these: vilkar retention early {account_id}")


def _part(rows: Sequence[Record] | None, columns: Sequence[str], title: str) -> None:
    """A part of what is shown of an account; it is named where whoever looks may not see it."""
    if rows is None:
        err.print(f"{title}: your roles do not show them for this purpose.")
    else:
        table(rows, columns, title=title, json_too=False)


@app.command("deactivate")
@spoken
def deactivate(
    account_id: Id,
    version: Version,
    reason: Annotated[
        str | None, code_option(*codes_of(DeactivateAccount, "reason"), says="Why; the last three are suspicion:")
    ] = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Make an account inactive: its link is cut at once, its erasure comes three months later.

    On suspicion the customer has been approached twice before, by two channels (`contact`), and has had time.
    """
    ask_as_page("deactivate", f"Account {account_id}", yes=yes)
    with desk() as at:
        leaving = DeactivateAccount(account_id=account_id, actor=at.who, version=version, reason=reason)
        changed = at.ask(leaving)
    facts(changed, json_too=json)


@app.command("contact")
@spoken
def contact(
    account_id: Id,
    channel: Annotated[str, code_option(*codes_of(RecordContact, "channel"))],
    outcome: Annotated[str, code_option(*codes_of(RecordContact, "outcome"))],
    attempted_on: Annotated[date | None, day_option("The day; else today.", "--on")] = None,
    json: Json = False,
) -> None:
    """Note an attempt to reach a customer, before a decision on suspicion."""
    with desk() as at:
        attempt = RecordContact(
            account_id=account_id, actor=at.who, channel=channel, outcome=outcome, attempted_on=attempted_on
        )
        noted = at.ask(attempt)
    facts(noted, json_too=json)


@app.command("contacts")
@spoken
def contacts(account_id: Id, purpose: WhatFor = None, json: Json = False) -> None:
    """The attempts to reach a customer, oldest first. That you looked is recorded."""
    with looking(purpose, "account.contacts") as at:
        attempts = at.ask(Contacts(account_id=account_id, actor=at.who)).attempts
    table(attempts, ("attempted_on", "channel", "outcome", "actor"), title="Attempts to reach", json_too=json)


@app.command("block")
@spoken
def block(
    account_id: Id,
    version: Version,
    reason: Annotated[str, code_option(*codes_of(BlockAccount, "reason"))],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Close an account at once to protect it: nobody gets in, nothing is erased; talk with the customer then."""
    ask_as_page("block", f"Account {account_id}", yes=yes)
    with desk() as at:
        changed = at.ask(BlockAccount(account_id=account_id, actor=at.who, version=version, reason=reason))
    facts(changed, json_too=json)


@app.command("unblock")
@spoken
def unblock(
    account_id: Id,
    version: Version,
    json: Json = False,
) -> None:
    """Open a blocked account again."""
    with desk() as at:
        changed = at.ask(UnblockAccount(account_id=account_id, actor=at.who, version=version))
    facts(changed, json_too=json)


@app.command("let-instruct")
@spoken
def let_instruct(
    account_id: Id,
    version: Version,
    reason: Annotated[str, code_option(*codes_of(LetInstruct, "reason"))],
    json: Json = False,
) -> None:
    """Let the owners of a bankrupt company decide again, after you have looked at who they are."""
    with desk() as at:
        changed = at.ask(LetInstruct(account_id=account_id, actor=at.who, version=version, reason=reason))
    facts(changed, json_too=json)


@app.command("correct-number")
@spoken
def correct_number(
    account_id: Id,
    version: Version,
    org_number: Annotated[str, line_option("The right number of the same company.")],
    reason: Annotated[str, code_option(*codes_of(CorrectOrgNumber, "reason"))] = "typing_error",
    json: Json = False,
) -> None:
    """Correct a mistyped organisation number; another company signs up itself. Correct it at Tripletex by hand."""
    with desk() as at:
        changed = at.ask(
            CorrectOrgNumber(
                account_id=account_id, actor=at.who, version=version, org_number=org_number, reason=reason
            )
        )
    facts(changed, json_too=json)


@app.command("correct-company")
@spoken
def correct_company(
    account_id: Id,
    version: Version,
    reason: Annotated[str, code_option(*codes_of(CorrectCompany, "reason"))],
    name: Annotated[str | None, line_option("The right name.")] = None,
    phone: Annotated[str | None, line_option("The right telephone number.")] = None,
    email: Annotated[str | None, line_option("The right address.")] = None,
    json: Json = False,
) -> None:
    """Correct data of the company for who asks by mail or telephone; its owners are told, and so is Tripletex."""
    with desk() as at:
        changed = at.ask(
            CorrectCompany(
                account_id=account_id,
                actor=at.who,
                version=version,
                name=name or ABSENT,
                phone=phone or ABSENT,
                email=email or ABSENT,
                reason=reason,
            )
        )
    facts(changed, json_too=json)


@app.command("correct-user")
@spoken
def correct_user(
    account_id: Id,
    user_id: Annotated[UUID, id_option("The user.", "--user")],
    version: Version,
    reason: Annotated[str, code_option(*codes_of(CorrectUser, "reason"))],
    name: Annotated[str | None, line_option("The right name.")] = None,
    phone: Annotated[str | None, line_option("The right telephone number.")] = None,
    email: Annotated[str | None, line_option("The right address, where nobody has confirmed one.")] = None,
    json: Json = False,
) -> None:
    """Correct data of a user for who asks by mail or telephone; the person is told, and so is Tripletex."""
    with desk() as at:
        changed = at.ask(
            CorrectUser(
                account_id=account_id,
                actor=at.who,
                user_id=user_id,
                version=version,
                name=name or ABSENT,
                phone=phone or ABSENT,
                email=email or ABSENT,
                reason=reason,
            )
        )
    facts(changed, json_too=json)


@app.command("reactivate")
@spoken
def reactivate(
    account_id: Id,
    version: Version,
    json: Json = False,
) -> None:
    """Make an account active again and call its erasure off."""
    with desk() as at:
        changed = at.ask(ReactivateAccount(account_id=account_id, actor=at.who, version=version))
    facts(changed, json_too=json)


@app.command("terminate")
@spoken
def terminate(
    account_id: Id,
    version: Version,
    channel: Annotated[str, code_option(*codes_of(TerminateContract, "channel"), says="How it reached us:")],
    received_on: Annotated[date | None, day_option("The day it was received; today if not given.")] = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Register a customer's notice: active to the end of the notice period, erased three months after it."""
    ask_as_page("terminate", f"Account {account_id}", yes=yes)
    with desk() as at:
        notice = TerminateContract(
            account_id=account_id, actor=at.who, version=version, channel=channel, received_on=received_on
        )
        given = at.ask(notice)
    facts(given, json_too=json)


@app.command("withdraw-notice")
@spoken
def withdraw_notice(
    account_id: Id,
    version: Version,
    json: Json = False,
) -> None:
    """Take a notice of termination back before its period is over."""
    with desk() as at:
        changed = at.ask(WithdrawNotice(account_id=account_id, actor=at.who, version=version))
    facts(changed, json_too=json)


@app.command("notice-period")
@spoken
def notice_period(
    account_id: Id,
    version: Version,
    months: Annotated[int, typer.Option(min=1, max=12, help="Calendar months agreed with this customer.")],
    json: Json = False,
) -> None:
    """Keep a notice period that was agreed with this customer."""
    with desk() as at:
        changed = at.ask(AgreeNoticePeriod(account_id=account_id, actor=at.who, version=version, months=months))
    facts(changed, json_too=json)


@spoken
def letters(
    account_id: Annotated[UUID, id_option("Letters of a company.", "--account")],
    user_id: Annotated[UUID | None, id_option("Those to one user of it.", "--user")] = None,
    purpose: WhatFor = None,
    limit: Limit = 100,
    after: After = None,
    json: Json = False,
) -> None:
    """Letters and what became of them, newest first. That you looked is recorded."""
    with looking(purpose, "notification.letters") as at:
        shown = at.ask(Letters(account_id=account_id, user_id=user_id, limit=limit, after=after))
    more(shown.next_after)
    columns = ("letter", "state", "reason", "attempts", "requested_at", "sent_at", "letter_id")
    table(shown.letters, columns, title="Letters", json_too=json)
