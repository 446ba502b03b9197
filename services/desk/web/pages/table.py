"""Which pages there are, where, and how they are asked for. What is not said to be public needs a session."""

from __future__ import annotations

from typing import Final

from services.desk.web.app import Page
from services.desk.web.pages import (
    acts,
    approvals,
    backups,
    certificates,
    customers,
    enrolment,
    erasures,
    find,
    holdings,
    holds,
    letters,
    log_in,
    own,
    parked,
    promises,
    start,
)

PAGES: Final = (
    # For everybody: what brings its own proof.
    Page(rule="/log-in", view=log_in.show, is_public=True, limit="proof"),
    Page(rule="/log-in", view=log_in.enter, method="POST", is_public=True, limit="proof"),
    Page(rule="/log-in/invented", view=log_in.enter_as_invented, method="POST", is_public=True, limit="proof"),
    Page(rule="/enrol/<token>", view=enrolment.show_link, is_public=True, limit="proof"),
    Page(rule="/enrol/<token>", view=enrolment.use_link, method="POST", is_public=True, limit="proof"),
    Page(rule="/recover", view=enrolment.ask_code, is_public=True),
    Page(rule="/recover", view=enrolment.show_code, method="POST", is_public=True, limit="proof"),
    # About oneself: also for whoever has one key and needs a second one.
    Page(rule="/me", view=own.show, is_own=True),
    Page(rule="/me/passkeys/new", view=enrolment.show_own, is_own=True),
    Page(rule="/me/passkeys/new", view=enrolment.use_own, method="POST", is_own=True),
    Page(rule="/me/passkeys/revoke", view=own.revoke, method="POST", is_own=True),
    Page(rule="/me/recovery-codes", view=own.make_codes, method="POST", is_own=True),
    Page(rule="/me/recovery-codes/burn", view=own.burn_codes, method="POST", is_own=True),
    Page(rule="/me/undertaking", view=own.ask_undertaking, is_own=True),
    Page(rule="/me/undertaking", view=own.sign_undertaking, method="POST", is_own=True),
    Page(rule="/me/sessions/end", view=own.end_session, method="POST", is_own=True),
    Page(rule="/log-out", view=log_in.leave, method="POST", is_own=True),
    Page(rule="/device", view=own.ask_device),
    Page(rule="/device", view=own.show_device, method="POST"),
    # The work.
    Page(rule="/", view=start.show),
    Page(rule="/alarms", view=start.alarms),
    Page(rule="/find", view=find.show),
    Page(rule="/find", view=find.search, method="POST"),
    Page(rule="/customers/<account_id>", view=customers.show),
    Page(rule="/customers/<account_id>/timeline", view=customers.timeline),
    Page(rule="/customers/<account_id>/holdings", view=holdings.ask),
    Page(rule="/customers/<account_id>/holdings", view=holdings.count, method="POST"),
    Page(rule="/customers/<account_id>/holdings/<run_id>", view=holdings.show),
    Page(rule="/holds", view=holds.listed),
    Page(rule="/holds/<hold_id>", view=holds.show),
    Page(rule="/restrictions", view=holds.restrictions),
    Page(rule="/approvals", view=approvals.listed),
    Page(rule="/approvals/<approval_id>", view=approvals.show),
    Page(rule="/approvals/<approval_id>/edit", view=approvals.edit),
    Page(rule="/approvals/<approval_id>/edit", view=approvals.change, method="POST"),
    Page(rule="/approvals/<approval_id>/approve", view=approvals.approve, method="POST"),
    Page(rule="/approvals/<approval_id>/carry-out", view=approvals.carry_out, method="POST"),
    Page(rule="/approvals/<approval_id>/refuse", view=approvals.refuse, method="POST"),
    Page(rule="/approvals/<approval_id>/withdraw", view=approvals.withdraw, method="POST"),
    Page(rule="/approvals/<approval_id>/file", view=approvals.export),
    # What staff do: a form a kind.
    Page(rule="/acts/<name>", view=acts.show),
    Page(rule="/acts/<name>", view=acts.send, method="POST"),
    Page(rule="/erasures", view=erasures.listed),
    Page(rule="/certificates/<certificate_id>", view=certificates.show),
    Page(rule="/letters", view=letters.show),
    Page(rule="/parked", view=parked.listed),
    Page(rule="/parked/<service>/<parked_id>", view=parked.show),
    Page(rule="/backups", view=backups.show),
    Page(rule="/terms", view=promises.show),
)
