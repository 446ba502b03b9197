"""The `vilkar` command: what staff do, one group a subject."""

from __future__ import annotations

import typer

from services.desk.cli import (
    accounts,
    alarms,
    approvals,
    audit,
    backups,
    campaigns,
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
    support,
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
app.add_typer(accounts.app, name="account", help="Customers, and what is decided about them.")
app.add_typer(erasures.app, name="retention", help="Erasures, planned and under way.")
app.add_typer(holds.holds, name="hold", help="Holds, which keep data for a dispute.")
app.add_typer(holds.restrictions, name="restrict", help="Restrictions of processing.")
app.add_typer(cases.app, name="case", help="Cases, which a person decides in time.")
app.add_typer(registers.app, name="register", help="Registers, and who is on duty.")
app.add_typer(support.app, name="support", help="What customers' people write to support, and the answers.")
app.add_typer(parked.app, name="parked", help="Messages set aside after failing.")
app.add_typer(audit.app, name="audit", help="The audit trail, and logins.")
app.add_typer(certificates.app, name="certificate", help="Erasure certificates.")
app.add_typer(vendor_jobs.billing, name="billing", help="The copies of customers at Tripletex.")
app.add_typer(vendor_jobs.mailgun, name="mailgun", help="What Mailgun said, and letters held back.")
app.add_typer(letters.suppressions, name="suppression", help="Addresses that get no letters.")
app.add_typer(campaigns.app, name="campaign", help="Letters one may decline, to who agreed.")
app.add_typer(letters.tasks, name="task", help="What a person does where no letter arrives.")
app.add_typer(approvals.app, name="approval", help="What two persons decide.")
app.add_typer(backups.app, name="backup", help="Backups, and what is wrong with them.")
app.add_typer(databases.app, name="database", help="Access to databases, which two persons decide.")
app.add_typer(people.app, name="person", help="People of the staff, and what they may do.")
app.add_typer(machine.app, name="machine", help="What was done on the machine itself.")
app.add_typer(ledger.app, name="ledger", help="The ledger of what no restore may undo.")
app.add_typer(system.clock, name="clock", help="The clock that erasures run by.")
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
