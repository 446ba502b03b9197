"""Cases as staff see to them, of whatever kind."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID, uuid4

import typer

from services.cases.affected.calls import ComputeAffected
from services.cases.authority_drafts.calls import AuthorityDraft
from services.cases.board.calls import REFERENCE, CaseBoard, CaseCustomers, CasesOfAccount, ShowCase
from services.cases.correspondence.calls import TakeCorrespondence
from services.cases.costs.calls import BearCost, ChargeCustomer, ShowCosts
from services.cases.data_packs.calls import DataPack
from services.cases.decisions.calls import (
    AddAffected,
    AssignCase,
    CheckRestored,
    DecideByTwo,
    DecideCase,
    EnterInstant,
    TakeStep,
)
from services.cases.duty_alerts.calls import ShowAlerts
from services.cases.effects.calls import RetryEffect
from services.cases.filings.calls import LookUpMandates, ShowFilings, ShowMandates
from services.cases.intake.calls import ReportAlarm
from services.cases.notices.calls import (
    RECORDS_MOST,
    DraftNotice,
    DraftSecurityNotice,
    OpenSecurityNotice,
    ShowNotices,
)
from services.cases.rights_requests.calls import NotePosted, TakeRightsRequest
from services.cases.severity.calls import AssessSeverity, ShowSeverity
from services.desk.breach_register import as_csv, as_jsonld, whole
from services.desk.call_codes import codes_of
from services.desk.cli.approvals import requested
from services.desk.cli.arguments import (
    IDS,
    After,
    Id,
    Limit,
    Matching,
    Version,
    code_argument,
    code_option,
    id_option,
    instant,
    pattern_of,
    staff_option,
)
from services.desk.cli.connection import desk
from services.desk.cli.looks import WhatFor, looking
from services.desk.cli.output import Json, Yes, as_json, ask_as_page, facts, more, spoken, table
from services.desk.queries.references import case_called, is_of_case
from services.notification.preferences.calls import TakeObjection
from shared import breach_words
from shared import security_notice_words as changed
from shared.actor import Actor
from shared.calls import pages
from shared.errors import NotFound
from shared.identifiers import new_id

app = typer.Typer(no_args_is_help=True)

COLUMNS = ("case_id", "reference", "kind", "state", "signal", "signals", "owner", "next_rule", "next_due")

MANDATE_COLUMNS: Final = ("account_id", "mandate_id", "scope", "valid_to", "persons", "is_valid")
PAGES_MOST: Final = 1_000

NAMED: Final = Matching(rf"{IDS.pattern}|{REFERENCE.lower()}", "V-7K3M-92")
CaseNamed = Annotated[str, typer.Argument(parser=NAMED, metavar="CASE", help="Its id, or as V-7K3M-92.")]
Instant = Annotated[
    datetime,
    typer.Option("--at", parser=instant, metavar="INSTANT", help="In UTC, or with its offset; not in the future."),
]
Why = Annotated[str, code_option(*codes_of(TakeStep, "reason"), says="Why, for `show` says which fit:")]
Earlier = Annotated[bool, typer.Option("--earlier", help="It is earlier than what stands there.")]
Late = Annotated[
    str | None, code_option(*codes_of(TakeStep, "late_reason"), name="--late", says="Why it comes late:")
]


@app.command("list")
@spoken
def list_cases(
    state: Annotated[str, code_argument(*codes_of(CaseBoard, "state"))] = "open",
    kind: Annotated[str | None, code_option(*codes_of(CaseBoard, "kind"), says="Only this kind:")] = None,
    limit: Limit = 100,
    after: After = None,
    json: Json = False,
) -> None:
    """What a person must decide in time, what is due first standing first."""
    with desk() as at:
        listed = at.ask(CaseBoard(state=state, kind=kind, limit=limit, after=after))
    more(listed.next_after)
    table(listed.cases, COLUMNS, title=f"Cases: {state}", json_too=json)


@app.command("of")
@spoken
def of(
    account_id: Id, purpose: WhatFor = None, limit: Limit = 100, after: After = None, json: Json = False
) -> None:
    """Cases that concern one customer or somebody of it, the newest first. That you looked is recorded."""
    with looking(purpose, "cases.cases_of_account") as at:
        shown = at.ask(CasesOfAccount(account_id=account_id, limit=limit, after=after))
    more(shown.next_after)
    table(shown.cases, COLUMNS, title="Cases", json_too=json)


@app.command("show")
@spoken
def show(case: CaseNamed, json: Json = False) -> None:
    """One case with its clocks, instants and decisions, and what can be done next; by its id or as V-7K3M-92."""
    with desk() as at:
        case_id = case_called(at, case) if is_of_case(case) else UUID(case)
        if case_id is None:
            raise NotFound("No case is called so.")
        facts(at.ask(ShowCase(case_id=case_id)), json_too=json, title="Case")


@app.command("customers")
@spoken
def customers(case_id: Id, limit: Limit = 100, after: After = None, json: Json = False) -> None:
    """The customers that a case is about, in order of their ids."""
    with desk() as at:
        shown = at.ask(CaseCustomers(case_id=case_id, limit=limit, after=after))
    more(shown.next_after)
    rows = [{"account_id": str(each)} for each in shown.account_ids]
    table(rows, ("account_id",), title="Customers", json_too=json)


@app.command("report")
@spoken
def report(
    source: Annotated[str, code_option(*codes_of(ReportAlarm, "source"), says="Who has noticed it:")],
    signal: Annotated[str, code_option(*codes_of(ReportAlarm, "signal"), says="What it is about:")],
    detected: Instant,
    kind: Annotated[str, code_option(*codes_of(ReportAlarm, "kind"), says="What it is:")] = "alarm",
    number: Annotated[
        str | None,
        typer.Option(
            parser=Matching(pattern_of(ReportAlarm, "external_id"), "2026-4711"),
            metavar="NUMBER",
            help="The number that it has with its source: what comes twice is one.",
        ),
    ] = None,
    account: Annotated[list[UUID] | None, id_option("A company that it concerns; repeat for more.")] = None,
    confirmed: Earlier = False,
    json: Json = False,
) -> None:
    """Report that all is not well: whoever is on duty gets it."""
    with desk() as at:
        alarm = ReportAlarm(
            kind=kind,
            source=source,
            signal=signal,
            detected_at=detected,
            external_id=number or str(uuid4()),
            account_ids=tuple(account or ()),
            confirmed=confirmed,
            actor=at.who,
        )
        facts(at.ask(alarm), json_too=json, title="Case")


@app.command("take-request")
@spoken
def take_request(
    right: Annotated[str, code_option(*codes_of(TakeRightsRequest, "right"), says="What the person asks for:")],
    received: Instant,
    concerns: Annotated[
        str,
        code_option(*codes_of(TakeRightsRequest, "concerns"), says="Whose data: ours, or what a customer typed:"),
    ] = "account",
    account: Annotated[UUID | None, id_option("The company, where whoever asks is a user of it.")] = None,
    user: Annotated[UUID | None, id_option("The user who asks; nobody else gets e-mails.")] = None,
    number: Annotated[
        str | None,
        typer.Option(
            parser=Matching(pattern_of(TakeRightsRequest, "external_id"), "2026-4711"),
            metavar="NUMBER",
            help="By which it is told from others: what comes twice is one.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Enter what a person asks for about data of theirs, by telephone, mail or post."""
    with desk() as at:
        asked = TakeRightsRequest(
            right=right,
            concerns=concerns,
            received_at=received,
            account_id=account,
            user_id=user,
            external_id=number or str(uuid4()),
            actor=at.who,
        )
        facts(at.ask(asked), json_too=json, title="Case")


@app.command("take-correspondence")
@spoken
def take_correspondence(
    kind: Annotated[str, code_option(*codes_of(TakeCorrespondence, "kind"), says="What it is:")],
    about: Annotated[str, code_option(*codes_of(TakeCorrespondence, "about"), says="What it is about:")],
    received: Instant,
    account: Annotated[UUID | None, id_option("The company, where whoever writes is a user of it.")] = None,
    user: Annotated[UUID | None, id_option("The user who writes; nobody else gets e-mails.")] = None,
    number: Annotated[
        str | None,
        typer.Option(
            parser=Matching(pattern_of(TakeCorrespondence, "external_id"), "2026-4711"),
            metavar="NUMBER",
            help="By which it is told from others: what comes twice is one.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Enter that somebody complains of how we handle data, or asks about rights, by telephone, mail or post."""
    with desk() as at:
        written = TakeCorrespondence(
            kind=kind,
            about=about,
            received_at=received,
            account_id=account,
            user_id=user,
            external_id=number or str(uuid4()),
            actor=at.who,
        )
        facts(at.ask(written), json_too=json, title="Case")


@app.command("take-objection")
@spoken
def take_objection(
    account_id: Id,
    user_id: Annotated[UUID, id_option("The user who objects.", "--user")],
    channel: Annotated[str, code_option(*codes_of(TakeObjection, "channel"), says="How it came:")],
    received: Instant,
    json: Json = False,
) -> None:
    """Enter that a user wants no marketing: it counts from when it reached us, also for what waits to be sent."""
    with desk() as at:
        objection = TakeObjection(
            objection_id=new_id(), account_id=account_id, user_id=user_id, channel=channel, received_at=received
        )
        facts(at.ask(objection), json_too=json, title="Objection")


@app.command("posted")
@spoken
def posted(case_id: Id, version: Version, posted_at: Instant, json: Json = False) -> None:
    """Say when the letter of a decision was posted, because no e-mail reaches whoever asked."""
    with desk() as at:
        noted = NotePosted(case_id=case_id, version=version, posted_at=posted_at, actor=at.who)
        facts(at.ask(noted), json_too=json, title="Case")


@app.command("step")
@spoken
def step(
    case_id: Id,
    version: Version,
    step: Annotated[str, code_option(*codes_of(TakeStep, "step"), says="Of those that `show` names:")],
    reason: Why,
    other: Annotated[UUID | None, id_option("The case that takes this one in.")] = None,
    confirmed: Earlier = False,
    late: Late = None,
    json: Json = False,
) -> None:
    """Do what a case needs next."""
    with desk() as at:
        taken = TakeStep(
            case_id=case_id,
            version=version,
            step=step,
            reason=reason,
            other_id=other,
            confirmed=confirmed,
            late_reason=late,
            actor=at.who,
        )
        facts(at.ask(taken), json_too=json, title="Case")


@app.command("decide")
@spoken
def decide(
    case_id: Id,
    version: Version,
    step: Annotated[str, code_option(*codes_of(DecideCase, "step"), says="Of those that `show` names:")],
    reason: Why,
    late: Late = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Decide what has a meaning in law: breach or none, the risk, that somebody was told. It stands for ever."""
    ask_as_page("decide-case", f"Case {case_id}, {step}", yes=yes)
    with desk() as at:
        decided = DecideCase(
            case_id=case_id, version=version, step=step, reason=reason, late_reason=late, actor=at.who
        )
        facts(at.ask(decided), json_too=json, title="Case")


@app.command("decide-by-two")
@spoken
def decide_by_two(
    case_id: Id,
    version: Version,
    step: Annotated[str, code_option(*codes_of(DecideByTwo, "step"), says="Of those that `show` names:")],
    reason: Annotated[str, code_option(*codes_of(DecideByTwo, "reason"), says="Why, for `show` says which fit:")],
    late: Late = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Ask for a decision that two persons sign, such as that a notice is sent; another person approves it."""
    ask_as_page("decide-by-two", f"Case {case_id}, {step}", yes=yes)
    with desk() as at:
        asked = DecideByTwo(case_id=case_id, version=version, step=step, reason=reason, late_reason=late)
        requested(at, asked, json=json)


@app.command("retry")
@spoken
def retry(
    case_id: Id,
    decision: Annotated[UUID, id_option("The decision, as `show` names it.")],
    effect: Annotated[str, code_option(*codes_of(RetryEffect, "effect"), says="What was given up:")],
    json: Json = False,
) -> None:
    """Have carried out what was decided and given up, now that its cause is gone."""
    with desk() as at:
        facts(
            at.ask(RetryEffect(case_id=case_id, decision_id=decision, effect=effect)), json_too=json, title="Case"
        )


@app.command("instant")
@spoken
def enter(
    case_id: Id,
    version: Version,
    name: Annotated[str, code_option(*codes_of(EnterInstant, "name"), says="What happened then:")],
    at_instant: Instant,
    confirmed: Earlier = False,
    json: Json = False,
) -> None:
    """Say when something happened. What clocks start from moves back only."""
    with desk() as at:
        entered = EnterInstant(
            case_id=case_id, version=version, name=name, at=at_instant, confirmed=confirmed, actor=at.who
        )
        facts(at.ask(entered), json_too=json, title="Case")


@app.command("assign")
@spoken
def assign(
    case_id: Id,
    version: Version,
    owner: Annotated[Actor, staff_option("Whoever answers for it from now on.")],
    json: Json = False,
) -> None:
    """Let another person answer for a case."""
    with desk() as at:
        assigned = AssignCase(case_id=case_id, version=version, owner=owner, actor=at.who)
        facts(at.ask(assigned), json_too=json, title="Case")


@app.command("checked")
@spoken
def checked(case_id: Id, version: Version, json: Json = False) -> None:
    """Say that what a restore has lost of a case was looked at and entered again."""
    with desk() as at:
        facts(at.ask(CheckRestored(case_id=case_id, version=version, actor=at.who)), json_too=json, title="Case")


@app.command("affected")
@spoken
def affected(
    case_id: Id,
    version: Version,
    account: Annotated[list[UUID], id_option("A company that it concerns; repeat for more.")],
    user: Annotated[list[UUID] | None, id_option("A user of it, where it is one; repeat for more.")] = None,
    json: Json = False,
) -> None:
    """Say which companies a case is about, or people of one."""
    with desk() as at:
        added = AddAffected(
            case_id=case_id, version=version, account_ids=tuple(account), user_ids=tuple(user or ()), actor=at.who
        )
        facts(at.ask(added), json_too=json, title="Case")


@app.command("compute-affected")
@spoken
def compute_affected(
    case_id: Id,
    version: Version,
    scope: Annotated[str, code_option(*codes_of(ComputeAffected, "scope"), says="Whom:")],
    at_instant: Annotated[
        datetime,
        typer.Option(
            "--at", parser=instant, metavar="INSTANT", help="When it happened: whoever came later is not."
        ),
    ],
    window_from: Annotated[
        datetime | None, typer.Option("--from", parser=instant, metavar="INSTANT", help="Logins from then.")
    ] = None,
    window_to: Annotated[
        datetime | None, typer.Option("--to", parser=instant, metavar="INSTANT", help="Logins until then.")
    ] = None,
    json: Json = False,
) -> None:
    """Have it computed which customers and how many persons a breach concerns; `notices` shows it."""
    with desk() as at:
        asked = ComputeAffected(
            case_id=case_id,
            version=version,
            scope=scope,
            as_of=at_instant,
            window_from=window_from,
            window_to=window_to,
            actor=at.who,
        )
        facts(at.ask(asked), json_too=json, title="Case")


@app.command("assess")
@spoken
def assess(
    case_id: Id,
    version: Version,
    context: Annotated[
        str, code_option(*codes_of(AssessSeverity, "context"), says="What the data are, and tell here (DPC):")
    ],
    identification: Annotated[
        str,
        code_option(
            *codes_of(AssessSeverity, "identification"), says="How easily it is known whom they are about (EI):"
        ),
    ],
    confidentiality: Annotated[
        str, code_option(*codes_of(AssessSeverity, "confidentiality"), says="Who has seen them:")
    ],
    integrity: Annotated[
        str, code_option(*codes_of(AssessSeverity, "integrity"), says="Whether they were altered:")
    ],
    availability: Annotated[
        str, code_option(*codes_of(AssessSeverity, "availability"), says="Whether they are gone:")
    ],
    intent: Annotated[str, code_option(*codes_of(AssessSeverity, "intent"), says="Whether somebody meant it:")],
    flag: Annotated[
        list[str] | None, code_option(*codes_of(AssessSeverity, "flags"), says="What is noted beside the score:")
    ] = None,
    json: Json = False,
) -> None:
    """Assess how severe a breach is, after ENISA. It is a proposal, and decides nothing."""
    with desk() as at:
        assessed = AssessSeverity(
            case_id=case_id,
            version=version,
            context=context,
            identification=identification,
            confidentiality=confidentiality,
            integrity=integrity,
            availability=availability,
            intent=intent,
            flags=tuple(flag or ()),
            actor=at.who,
        )
        facts(at.ask(assessed), json_too=json, title="Case")


@app.command("severity")
@spoken
def show_severity(case_id: Id, json: Json = False) -> None:
    """How severe a breach was found, beside what the examples of the EDPB came to."""
    with desk() as at:
        facts(at.ask(ShowSeverity(case_id=case_id)), json_too=json, title="Severity")


@app.command("breach-register")
@spoken
def breach_register(json: Json = False) -> None:
    """Write the register of breaches as a table for other programs (CSV), or as JSON-LD in the terms of DPV."""
    with desk() as at:
        breaches = whole(at)
        now = at.clock.now()
    if json:
        as_json(as_jsonld(breaches, now))
    else:
        sys.stdout.write(as_csv(breaches))


@app.command("look-up-mandates")
@spoken
def look_up_mandates(case_id: Id, version: Version, json: Json = False) -> None:
    """Have it looked up which customers on the list gave a mandate to notify the authority."""
    with desk() as at:
        facts(at.ask(LookUpMandates(case_id=case_id, version=version, actor=at.who)), json_too=json, title="Case")


@app.command("filings")
@spoken
def filings(case_id: Id, json: Json = False) -> None:
    """For which customers the authority is, or was, notified by us."""
    with desk() as at:
        facts(at.ask(ShowFilings(case_id=case_id)), json_too=json, title="Filings")


@app.command("mandates")
@spoken
def mandates(
    case_id: Id,
    filing: Annotated[UUID, id_option("The filing, as `filings` names it.")],
    json: Json = False,
) -> None:
    """Which customers a notice to the authority names, each with its mandate and how many of its persons."""
    with desk() as at:
        read = pages(
            lambda after: at.ask(ShowMandates(case_id=case_id, filing_id=filing, after=after)),
            lambda page: page.next_after,
            most=PAGES_MOST,
            too_many="there are more customers than a filing holds",
        )
        named = [each for page in read for each in page.mandates]
    table(named, MANDATE_COLUMNS, title="Mandates", json_too=json)


@app.command("pack")
@spoken
def pack(
    case_id: Id,
    account: Annotated[UUID, id_option("The customer that it is for.")],
    json: Json = False,
) -> None:
    """What one customer needs to notify the authority by itself, with its own figures alone."""
    with desk() as at:
        facts(at.ask(DataPack(case_id=case_id, account_id=account)), json_too=json, title="Data pack")


@app.command("costs")
@spoken
def costs(case_id: Id, json: Json = False) -> None:
    """Who pays for a deviation; where nobody has decided, mending is free."""
    with desk() as at:
        facts(at.ask(ShowCosts(case_id=case_id)), json_too=json, title="Costs")


@app.command("bear-cost")
@spoken
def bear_cost(
    case_id: Id,
    version: Version,
    reason: Annotated[str, code_option(*codes_of(BearCost, "reason"), says="Why:")],
    account: Annotated[UUID | None, id_option("The part of this customer alone.")] = None,
    json: Json = False,
) -> None:
    """Decide that the vendor pays, for all of a deviation or for the part of one customer."""
    with desk() as at:
        decided = BearCost(case_id=case_id, version=version, account_id=account, reason=reason, actor=at.who)
        facts(at.ask(decided), json_too=json, title="Case")


@app.command("charge")
@spoken
def charge(
    case_id: Id,
    account: Annotated[UUID, id_option("The customer that was reckless.")],
    reason: Annotated[str, code_option(*codes_of(ChargeCustomer, "reason"), says="Why:")],
    evidence: Annotated[
        str,
        typer.Option(
            "--evidence",
            parser=Matching(pattern_of(ChargeCustomer, "evidence_sha256"), "ab" * 32),
            metavar="SHA256",
            help="Of the document that proves it.",
        ),
    ],
    json: Json = False,
) -> None:
    """Ask that a customer pays for its part of a deviation; another person approves it."""
    with desk() as at:
        asked = ChargeCustomer(case_id=case_id, account_id=account, reason=reason, evidence_sha256=evidence)
        requested(at, asked, json=json)


@app.command("draft-notice")
@spoken
def draft_notice(
    case_id: Id,
    version: Version,
    audience: Annotated[str, code_option(*codes_of(DraftNotice, "audience"), says="To:")],
    measure: Annotated[list[str], code_option(*breach_words.MEASURES, says="What is done about it:")],
    nature: Annotated[list[str] | None, code_option(*breach_words.NATURES, says="What has happened:")] = None,
    cause: Annotated[list[str] | None, code_option(*breach_words.CAUSES, says="How it could happen:")] = None,
    group: Annotated[list[str] | None, code_option(*breach_words.GROUPS, says="Whom it concerns:")] = None,
    data: Annotated[list[str] | None, code_option(*breach_words.DATA, says="Which data:")] = None,
    whereabouts: Annotated[
        list[str] | None, code_option(*breach_words.WHEREABOUTS, says="Where the data are now:")
    ] = None,
    records: Annotated[
        int | None, typer.Option(min=0, max=RECORDS_MOST, help="About how many records, where known.")
    ] = None,
    consequence: Annotated[
        list[str] | None, code_option(*breach_words.CONSEQUENCES, says="What it is likely to lead to:")
    ] = None,
    advice: Annotated[list[str] | None, code_option(*breach_words.ADVICE, says="What the reader can do:")] = None,
    unknown: Annotated[
        list[str] | None, code_option(*breach_words.UNKNOWN, says="Not known yet, which makes it partial:")
    ] = None,
    json: Json = False,
) -> None:
    """Draft what customers or persons are told of a breach. A decision alone sends it."""
    with desk() as at:
        draft = DraftNotice(
            case_id=case_id,
            version=version,
            audience=audience,
            natures=tuple(nature or ()),
            causes=tuple(cause or ()),
            groups=tuple(group or ()),
            data=tuple(data or ()),
            whereabouts=tuple(whereabouts or ()),
            records=records,
            consequences=tuple(consequence or ()),
            measures=tuple(measure),
            advice=tuple(advice or ()),
            unknown=tuple(unknown or ()),
            actor=at.who,
        )
        facts(at.ask(draft), json_too=json, title="Case")


@app.command("open-security-notice")
@spoken
def open_security_notice(json: Json = False) -> None:
    """Open a case by which customers that agreed to it are told of changed security."""
    with desk() as at:
        facts(at.ask(OpenSecurityNotice(actor=at.who)), json_too=json, title="Case")


@app.command("draft-security-notice")
@spoken
def draft_security_notice(
    case_id: Id,
    version: Version,
    change: Annotated[list[str], code_option(*changed.CHANGES, says="How the risk differs:")],
    found: Annotated[list[str], code_option(*changed.FOUND_BY, says="How it was found:")],
    plan: Annotated[list[str], code_option(*changed.PLANS, says="What is done about it:")],
    attempts: Annotated[int, typer.Option(min=0, max=RECORDS_MOST, help="Logged in the time that it is about.")],
    breaches: Annotated[int, typer.Option(min=0, max=RECORDS_MOST, help="Logged in the time that it is about.")],
    consequence: Annotated[
        list[str] | None, code_option(*breach_words.CONSEQUENCES, says="What it may lead to:")
    ] = None,
    json: Json = False,
) -> None:
    """Draft what is told of changed security. Two persons send it (`decide-by-two`)."""
    with desk() as at:
        draft = DraftSecurityNotice(
            case_id=case_id,
            version=version,
            changes=tuple(change),
            found_by=tuple(found),
            consequences=tuple(consequence or ()),
            plans=tuple(plan),
            attempts=attempts,
            breaches=breaches,
            actor=at.who,
        )
        facts(at.ask(draft), json_too=json, title="Case")


@app.command("notices")
@spoken
def notices(case_id: Id, json: Json = False) -> None:
    """Whom a breach concerns, what is drafted, and who was told when."""
    with desk() as at:
        facts(at.ask(ShowNotices(case_id=case_id)), json_too=json, title="Notices")


@app.command("alerts")
@spoken
def alerts(case_id: Id, json: Json = False) -> None:
    """Who was called to a case when, for what, and who came. Whoever was called and looks with `show` has come."""
    with desk() as at:
        facts(at.ask(ShowAlerts(case_id=case_id)), json_too=json, title="Who was called")


@app.command("draft")
@spoken
def draft(case_id: Id, json: Json = False) -> None:
    """The form of the authority as far as a breach fills it in, and what nobody has answered."""
    with desk() as at:
        shown = at.ask(AuthorityDraft(case_id=case_id))
        facts(shown, json_too=json, title="Draft to the authority")
