"""The `vilkar` command: what staff do, one group a subject."""

from __future__ import annotations

import typer

from services.desk.cli import (
    accounts,
    alarms,
    approvals,
    audit,
    backups,
    cases,
    certificates,
    databases,
    erasures,
    holdings,
    holds,
    ledger,
    letters,
    log_in,
    machine,
    parked,
    people,
    registers,
    system,
    terms,
    vendor_jobs,
)

app = typer.Typer(
    name="vilkar",
    help="The terms a software vendor publishes, running as software. Every command takes --json.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.add_typer(
    accounts.app, name="account", help="Customers: find, show, deactivate, reactivate, notice of termination."
)
app.add_typer(erasures.app, name="retention", help="Erasure: timelines, what is due, halted runs.")
app.add_typer(holds.holds, name="hold", help="Holds for a dispute: place, renew, release, list, show.")
app.add_typer(holds.restrictions, name="restrict", help="Restrictions: set, announce the end, lift, list.")
app.add_typer(cases.app, name="case", help="Cases: what is due, steps, decisions, whom a breach concerns, notices.")
app.add_typer(
    registers.app,
    name="register",
    help="Registers: list, show, draft, submit, approve, review, end, export, duty.",
)
app.add_typer(parked.app, name="parked", help="Messages set aside after failing: list, show, replay, discard.")
app.add_typer(audit.app, name="audit", help="The audit trail: verify, read, login reports.")
app.add_typer(certificates.app, name="certificate", help="Erasure certificates: show, verify.")
app.add_typer(vendor_jobs.billing, name="billing", help="Tripletex: how an account stands, what failed.")
app.add_typer(vendor_jobs.mailgun, name="mailgun", help="Mailgun: alarms, letters held back.")
app.add_typer(letters.suppressions, name="suppression", help="Addresses that get no letters: list, lift.")
app.add_typer(letters.tasks, name="task", help="What a person does for letters: list, copy, done.")
app.add_typer(
    approvals.app,
    name="approval",
    help="Approvals by two persons: list, show, export, verify.",
)
app.add_typer(backups.app, name="backup", help="Backups: how old they are, what is wrong with them.")
app.add_typer(
    databases.app, name="database", help="Access to databases, which two persons decide: list, open, end."
)
app.add_typer(
    people.app, name="person", help="People of the staff: list, show, invite, train, grant, revoke, leave."
)
app.add_typer(machine.app, name="machine", help="What was done on the machine itself: list, countersign.")
app.add_typer(ledger.app, name="ledger", help="The ledger of what no restore may undo: status, verify.")
app.add_typer(system.clock, name="clock", help="The clock: show, confirm after a jump; move in demo and test.")
accounts.app.command("holdings")(holdings.what_we_hold)
app.command("login")(log_in.login)
app.command("logout")(log_in.logout)
app.command("whoami")(log_in.whoami)
app.command("letters")(accounts.letters)
app.command("timeline")(erasures.timeline)
app.command("ping")(system.ping)
app.command("alarms")(alarms.alarms)
app.command("vendors")(vendor_jobs.vendors)
app.command("terms")(terms.terms)
