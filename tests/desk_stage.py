"""The desk's pages with services that answer by script, and a browser of ours in front."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import Client, TestResponse

from services.account.companies.calls import AccountFound, AccountShown
from services.account.nonconformities.calls import ReportShown
from services.account.support.calls import SupportMessage, ThreadInList, ThreadShown, WaitingThread
from services.account.suspicion.calls import ContactShown
from services.account.users.calls import User
from services.audit.logins.calls import LoginShown
from services.audit.staff_reads.calls import PersonalDataReadsShown, ReadsOfDay
from services.audit.trail.calls import RowShown, TrailHeadShown
from services.billing_sync.customers.calls import StatusShown
from services.billing_sync.worker.calls import FailedJob
from services.cases.authority_drafts.calls import AnswerShown, AuthorityDraftShown, QuestionShown
from services.cases.board.calls import (
    CaseShown,
    CaseWhole,
    ClockShown,
    DecisionShown,
    EffectShown,
    InstantShown,
    LinkShown,
    SightingShown,
    StepShown,
)
from services.cases.breach_register.calls import BreachInRegister, DecidedInRegister, NoticeInRegister
from services.cases.costs.calls import CostShown
from services.cases.duty_alerts.calls import AlertedPerson, AlertShown
from services.cases.filings.calls import FilingShown, MandateShown
from services.cases.notices.calls import ListShown, NoticeShown, RecipientShown
from services.cases.severity.calls import AssessmentShown, ExampleShown
from services.desk import sessions as session_cookies
from services.desk.demo_log_in import InventedPeople
from services.desk.requests_refused import RequestsRefused
from services.desk.sessions import Session
from services.desk.web.act_forms import PURPOSE, ActForm
from services.desk.web.acts.table import FORMS
from services.desk.web.app import make
from services.desk.web.approvals_waiting import ASKING_SECONDS
from services.desk.web.assets import assets_of_desk
from services.desk.web.pages.table import PAGES
from services.notification.campaigns.calls import CampaignShown, CampaignWhole
from services.notification.history.calls import LetterShown
from services.notification.staff_tasks.calls import TaskShown
from services.notification.suppressions.calls import SuppressionShown
from services.registers.board.calls import RecordShown, RecordWhole, RevisionShown
from services.retention.certificates.calls import CertificateShown
from services.retention.dry_runs.calls import DryRunShown, WouldErase
from services.retention.early_erasure.calls import EarlyShown
from services.retention.holds.calls import HoldShown
from services.retention.monitoring.calls import ErasureShown, ParticipantShown
from services.retention.restrictions.calls import RestrictionShown
from services.staff.approvals.calls import ApprovalShown, ApprovalWhole
from services.staff.database_access.calls import AccessShown
from services.staff.device_log_in.calls import DeviceLogInShown
from services.staff.grants.calls import GrantShown
from services.staff.machine_doors.calls import DoorUseShown
from services.staff.passkeys.calls import EnrolmentBegun, PasskeyShown, RevokePasskey
from services.staff.people.calls import PersonShown
from services.staff.prerequisites.calls import PrerequisiteShown
from services.staff.recovery.calls import BurnRecoveryCodes, RecoveryCodesShown
from services.staff.sessions.calls import EndSession, LoggedIn, LogInBegun, SessionShown
from shared import context
from shared.bus.every_service_calls import ClockConfirmed, ParkedMessage
from shared.calls import Caller
from shared.config import load
from shared.errors import NotFound, Unauthenticated
from shared.field_limits import LINE_LIMIT
from shared.signing import SigningKey
from shared.staff import act_name, acts
from shared.statements import call_digest
from shared.web.assets import Assets
from shared.web.csrf import COOKIE, FIELD, token_of
from shared.web.session_door import Sessions
from shared.webauthn import RelyingParty
from tests.examples import example
from tests.unit.retention.certificate_samples import BODY as CERTIFICATE
from tests.unit.retention.certificate_samples import KEY as CERTIFICATE_KEY
from tests.unit.retention.certificate_samples import signed

HOST = "https://desk.example"
TOKEN = "Zq3vT0-b1JtPmR7cXyA5uW9kLsE2hGfN4oDi6QeVrSx"
BROWSER = "b" * 43
ID = "0192f6c0-0000-7000-8000-0000000000aa"
USER = "0192f6c0-0000-7000-8000-0000000000bb"
GONE = "0192f6c0-0000-7000-8000-0000000000cc"
"""Of whom nothing is stored any more."""
HOSTILE = "<script>alert(1)</script>\" onload='x' {{ 7 * 7 }}"

NAMED = {
    **dict.fromkeys(
        (
            "account_id",
            "approval_id",
            "campaign_id",
            "case_id",
            "certificate_id",
            "filing_id",
            "hold_id",
            "parked_id",
            "record_id",
            "run_id",
            "thread_id",
        ),
        ID,
    ),
    "service": "account",
    "code": "ola",
    "token": "Zq3vT0-b1JtPmR7cXyA5uW9kLsE2hGfN4oDi6QeVrSx",
}
"""What stands in an address where the rule of a page names something."""
ASKED_WITH = {
    "/customers/<account_id>": ("", "?purpose=dispute"),
    "/customers/<account_id>/reports": ("", "?purpose=dispute", f"?report={ID}&purpose=dispute"),
    "/customers/<account_id>/support": ("", "?purpose=dispute"),
    "/customers/<account_id>/support/<thread_id>": ("", "?purpose=dispute", "?before=7&purpose=dispute"),
    "/customers/<account_id>/letters": ("", "?purpose=dispute"),
    "/customers/<account_id>/cases": ("", "?purpose=dispute"),
    "/customers/<account_id>/early-requests": ("", "?purpose=dispute"),
    "/customers/<account_id>/tasks": ("", "?purpose=dispute"),
    "/customers/<account_id>/timeline": ("", "?purpose=dispute", "?before=7&purpose=dispute"),
    "/customers/<account_id>/holdings/<run_id>": ("?purpose=dispute",),
    "/me/passkeys/revoke": (f"?passkey_id={ID}",),
    "/customers/<account_id>/logins": ("",),
    "/cases": ("", "?state=ended"),
    "/cases/<case_id>/mandates/<filing_id>": ("", "?purpose=security", f"?after={ID}&purpose=security"),
    "/holds": ("", "?state=overdue&purpose=dispute"),
    "/holds/<hold_id>": ("", "?purpose=dispute"),
    "/restrictions": ("", "?purpose=dispute"),
    "/letters": ("", "?purpose=dispute"),
    "/approvals": ("", "?state=ended"),
    "/approvals/<approval_id>": ("", "?purpose=dispute", "?done=asked"),
    "/approvals/<approval_id>/edit": ("", "?purpose=dispute"),
    "/erasures": ("", "?state=halted&purpose=dispute"),
    "/registers": ("", "?purpose=dispute", "?kind=duty_rota", f"?account_id={ID}&purpose=dispute"),
    "/registers/<record_id>": ("", "?purpose=dispute"),
    "/people/<code>/acts": ("", "?purpose=dispute", "?before=7&purpose=dispute"),
}
"""Pages that are asked with something besides, by their rule."""
GIVEN = {
    **dict.fromkeys(
        (
            "access_id",
            "account_id",
            "campaign_id",
            "case_id",
            "decision_id",
            "grant_id",
            "hold_id",
            "job_id",
            "parked_id",
            "passkey_id",
            "prerequisite_id",
            "record_id",
            "restriction_id",
            "suppression_id",
            "task_id",
            "thread_id",
            "use_id",
        ),
        ID,
    ),
    "code": "ola",
    "effect": "announce_breach",
    "service": "account",
    "step": "promote",
    "text_sha256": "ab" * 32,
    "version": "7",
    "week_on": "2027-01-04",
}
"""What a form is about, as the page that leads to it gives it in the address."""
FILES = {
    *("/approvals/<approval_id>/file", "/breaches/register.csv", "/breaches/register.jsonld"),
    *("/cases.csv", "/erasures.csv", "/holds.csv", "/registers.csv", "/restrictions.csv"),
}
"""What is no page, but a file to keep."""
QUESTIONS = {"/parked/choose", "/parked/decide"}
"""What is a page for whoever comes back to it after a log-in, and leads to another one else."""
OF_FORMS = "/acts/<name>"


def address_of(form: ActForm) -> str:
    """The address of the form, with all that it is about, and what for where it asks that."""
    return f"{form.address}?{urlencode(given_to(form))}".rstrip("?")


def given_to(form: ActForm) -> dict[str, str]:
    """What stands in the address of a form."""
    looked_for = {PURPOSE: "dispute"} if form.asks_purpose else {}
    return {name: GIVEN[name] for name in form.given} | looked_for


def addresses() -> Iterator[str]:
    """Every page, by the table of pages, and every form by the table of forms: a new one is here by itself."""
    for page in PAGES:
        if page.method == "GET" and page.rule not in FILES | QUESTIONS | {OF_FORMS}:
            path = re.sub(r"<(\w+)>", lambda found: NAMED[found[1]], page.rule)
            yield from (path + asked for asked in ASKED_WITH.get(page.rule, ("",)))
    yield from (address_of(form) for form in FORMS)


ADDRESSES = tuple(addresses())
"""Every page and every form, as tests open it."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A form that is sent, and the status of the page that answers it."""

    address: str
    fields: Mapping[str, str]
    status: int = 200

    def __str__(self) -> str:
        return f"{self.address} {self.fields.get('decision', '')}{self.status}"


SENT = (
    Sent(address="/find", fields={"email": "kari@firma.example", "purpose": "dispute"}),
    Sent(address="/find", fields={}, status=422),
    *(
        Sent(address=form.address, fields=given_to(form), status=422)
        for form in FORMS
        if any(form.is_needed(each.name) for each in form.fields)
    ),
    Sent(address=f"/customers/{ID}/holdings", fields={}, status=422),
    Sent(address=f"/customers/{GONE}/holdings", fields={"purpose": "dispute"}),
    Sent(address=f"/customers/{ID}/logins", fields={"since": "2027-01-01"}, status=422),
    Sent(
        address=f"/customers/{ID}/logins",
        fields={"why": "system_administration", "since": "2027-01-01", "until": "2027-01-02"},
    ),
    Sent(address="/parked/choose", fields={"decision": "replay"}, status=422),
    Sent(address="/parked/choose", fields={"decision": "discard", "message": f"account/{ID}"}),
    Sent(address="/parked/decide", fields={"decision": "replay", "message": f"account/{ID}"}),
    Sent(address="/clock", fields={}, status=422),
    Sent(address="/clock", fields={"last_ran": "2027-01-01", "today": "2027-01-02"}),
    Sent(address="/device", fields={"user_code": "FH27-N9R3"}),
    Sent(address="/device", fields={"user_code": "FH27-N9R3", "decision": "approve"}),
    Sent(address="/me/passkeys/revoke", fields={"passkey_id": ID}, status=422),
    Sent(address="/me/recovery-codes", fields={}),
    Sent(address="/me/undertaking", fields={"text_sha256": "0" * 64}),
    Sent(address="/recover", fields={"staff_code": "kari", "code": "x"}, status=422),
    Sent(address=f"/approvals/{ID}/refuse", fields={"version": "2"}, status=422),
    Sent(address=f"/databases/{ID}/password", fields={}),
    Sent(address="/people", fields={"code": "Per Olsen"}, status=422),
    Sent(address="/people", fields={"code": "per"}),
    Sent(address="/nowhere", fields={}, status=404),
)
"""Pages that are there only once a form was sent: what was found, what must be mended, what became of it."""

HOLD = example(
    HoldShown,
    account_id=ID,
    hold_id=ID,
    state="overdue",
    categories=["company", "letters"],
    reason="dispute",
    case_ref="tvist-2026-12",
    owner="staff:kari",
    requested_by="staff:ola",
    approved_by="staff:kari",
    not_covered=[USER],
)
CASE: dict[str, Any] = {
    "case_id": ID, "reference": "V-7K3M-92", "kind": "alarm", "kind_version": 1, "party": "by_data", "state": "new",
    "owner": "staff:kari", "owner_role": "incident_lead", "opened_by": "host", "signal": "traffic", "signals": 3,
    "next_rule": "breach.triage", "version": 3, "not_carried_out": 1,
}  # fmt: skip
ANSWER: dict[str, Any] = {"answered_in": "notice", "answered_by": ["privacy_lead"], "is_lacking": False}
LACKING: dict[str, Any] = {
    "answered_in": "list",
    "is_lacking": True,
    "is_answered": False,
    "codes": [],
    "instants": [],
}
REVISION = {
    "version": 3,
    "state": "in_force",
    "fields": {"scope": "first", "signer": USER},
    "evidence_sha256": "ab" * 32,
    "valid_from": "2026-12-01",
    "review_on": "2027-12-01",
    "approved_by": "staff:ola",
    "reason": "withdrawn",
}
RECORD = REVISION | {
    "record_id": ID,
    "kind": "mandate",
    "account_id": ID,
    "owner": "staff:kari",
    "is_valid": True,
    "is_review_overdue": True,
    "ends_by_two": True,
}
CASE_WHOLE = example(
    CaseWhole,
    **CASE,
    clocks=[example(ClockShown, rule="breach.triage", stopped_at=None), example(ClockShown, rule="state.new")],
    instants=[example(InstantShown, name="detected_at", entered_by="staff:kari", counts=False)],
    decisions=[
        example(DecisionShown, step="acknowledge", reason="looked_at", is_late=True, late_reason="system_away",
                decided_by="staff:kari")
    ],
    effects=[
        example(EffectShown, effect="announce_breach", state="given_up", decision_id=ID, last_error="Conflict",
                next_at=None, confirmed_at=None),
        example(EffectShown, effect="announce_breach", state="confirmed", last_error=None, next_at=None),
    ],
    links=[example(LinkShown, link="promoted_to", is_from=True, reference="V-8M4N-23")],
    sightings=[
        example(SightingShown, detector="stuffing", attempts=612, failures=609, targets=598, networks=3, got_in=0,
                tellings=4),
        example(SightingShown, detector="success_in_cluster", got_in=3),
    ],
    account_ids=[ID],
    customers=1,
    subjects_erased=1,
    steps=[
        example(StepShown, step="promote", leads="promoted", reasons=["needs_investigation"], decisive=False,
                lacking=[], joins=None, is_late=True),
        example(StepShown, step="reopen", leads="acknowledged", reasons=["new_facts"], decisive=True,
                lacking=[], joins=None, is_late=False),
        example(StepShown, step="decide_breach_both", leads="breach", reasons=["data_lost"], decisive=True,
                lacking=["aware_at"], joins=None, is_late=False),
    ],
)  # fmt: skip
NOTICES: dict[str, Any] = {
    "lists": [
        example(ListShown, scope="logins", customers=3, persons=9, standing=2),
        example(ListShown, scope="all", customers=None, persons=None, window_from=None, window_to=None),
    ],
    "notices": [
        example(
            NoticeShown,
            notice_id=ID,
            audience="customers",
            natures=["data_lost"],
            groups=["users"],
            data=["names"],
            consequences=["phishing"],
            measures=["data_restored"],
            advice=["check_data"],
            unknown=["cause"],
            late_reason="facts_not_known",
        ),
        example(NoticeShown, notice_id=ID, audience="persons", decided_at=None, late_reason=None, natures=[]),
    ],
    "recipients": [
        example(RecipientShown, notice_id=ID, account_id=ID, failure_case_id=ID, reason="bounced", told_at=None),
        example(RecipientShown, notice_id=ID, account_id=ID, failed_at=None, reason=None, failure_case_id=None),
    ],
    "complete": True,
}
RESTRICTION = example(RestrictionShown, account_id=ID, state="told", ground="c", set_by="staff:kari")
ERASURE = example(
    ErasureShown,
    account_id=ID,
    state="halted",
    trigger="account_inactivated",
    certificate_id=ID,
    late=True,
    participants=[example(ParticipantShown, participant="audit", state="waiting")],
)
ALARM = {"code": "erasures_halted", "says": "s", "act": "vilkar retention list halted", "count": 2,
         "since": "2027-01-01T00:00:00+00:00"}  # fmt: skip
CLOCK_JUMPED = ALARM | {"code": "clock_jumped", "act": "vilkar clock confirm", "count": 1}
PARKED = example(ParkedMessage, id=ID, type="account.registered", reason="handler_failed", state="parked")
ACCOUNT = example(
    AccountShown,
    account_id=ID,
    state="active",
    name="Fjøsåker Bakeri AS",
    email="post@firma.example",
    phone="+4741234567",
    org_number="923609016",
    register_outcome="matched",
    language="nb",
)

COUNTED = example(
    DryRunShown,
    complete=True,
    dry_run_id=ID,
    account_id=ID,
    with_held=True,
    participants=[
        example(WouldErase, participant="account", state="answered", retained=["agreement_acceptance"],
                counts={"users": 2, "sessions": 1, "tickets": 0}),
        example(WouldErase, participant="notification", state="answered", counts={"letters": 3}, retained=[]),
        example(WouldErase, participant="billing-sync", state="silent", counts={}, retained=[]),
    ],
)  # fmt: skip

REQUEST_OPTIONS = {"challenge": "Y2hhbGxlbmdl", "rpId": "desk.localhost", "timeout": 300_000,
                   "userVerification": "required", "allowCredentials": []}  # fmt: skip
CREATION_OPTIONS = {
    "rp": {"id": "desk.localhost", "name": "Vilkår"},
    "user": {"id": "a2FyaQ", "name": "kari", "displayName": "kari"},
    "challenge": "Y2hhbGxlbmdl",
    "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    "timeout": 300_000,
    "excludeCredentials": [],
    "authenticatorSelection": {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    },
    "attestation": "none",
}

ASKED = {
    "hold_id": ID,
    "account_id": ID,
    "user_ids": [USER],
    "categories": ["letters"],
    "reason": "dispute",
    "case_ref": "tvist-2026-12",
    "owner": "staff:kari",
    "starts_on": "2026-11-30",
    "review_on": "2027-01-30",
}
APPROVAL = {"approval_id": ID, "act": "retention.place_hold", "state": "waiting", "requested_by": "ola",
            "edited_by": "ola", "mine": False, "approvable": True, "version": 2}  # fmt: skip
REQUESTED = example(ApprovalWhole, **APPROVAL, fields=ASKED)
OF_ONESELF = (RevokePasskey, BurnRecoveryCodes, EndSession)
"""What somebody of the staff does with their own keys, codes and sessions."""


def counting(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The order of a dry run. Raises `NotFound` for whom nothing is stored about."""
    if fields["account_id"] == GONE:
        raise NotFound
    return COUNTED


CAMPAIGN: dict[str, Any] = {
    "campaign_id": ID, "state": "draft", "letter_class": "marketing", "language": None,
    "letter": "campaign_abcdefgh", "text_sha256": "ab" * 32, "proposed": "marketing", "because": ["kurs"],
    "approved": None, "letter_class_now": None,
    "purpose_is_named": False, "drafted_by": "staff:ola", "requested_by": None, "approved_by": None,
    "started_at": None, "ended_at": None, "agreed": 5000, "subject_nb": "Kurs i faktura", "reasons": ["opted_out"],
    "text_nb": "Bli med.\n\nDet tar en time.", "subject_en": "A course", "text_en": "Join us.\n\nIt takes an hour.",
}  # fmt: skip
ACCESS = {"access_id": ID, "code": "kari", "database": "account", "role": "adminer_account", "reason": "fault",
          "purpose": "operations", "approved_by": "staff:ola"}  # fmt: skip

REPLIES: dict[str, Any] = {
    # What is done is done: the plainest reply of each call that a form makes.
    **{call.method: example(call.reply) for call in (*(form.call for form in FORMS), *OF_ONESELF)},
    "approve": REQUESTED | {"state": "approved", "approved_by": "kari"},
    "edit_approval": REQUESTED,
    "request_approval": REQUESTED,
    "holds": {"holds": [HOLD]},
    "count_overdue_holds": {"count": 2, "first_review_on": "2026-11-20"},
    "hold": HOLD,
    "case_board": {"cases": [example(CaseShown, **CASE), example(CaseShown, **CASE | {"owner": None})]},
    "show_case": CASE_WHOLE,
    "case_customers": {"account_ids": [ID, USER]},
    "show_notices": NOTICES,
    "show_alerts": {
        "alerts": [
            example(
                AlertShown,
                cause="over",
                closed_at=None,
                answered_by=None,
                next_at="2027-01-04T09:15:00+00:00",
                persons=[
                    example(AlertedPerson, person="staff:kari", failed_at=None),
                    example(AlertedPerson, person="staff:ola", reason="bounced"),
                ],
            ),
            example(AlertShown, cause="opened", answered_by="staff:kari"),
            example(AlertShown, cause="not_told", closed_at=None, answered_by=None, next_at=None, persons=[]),
        ]
    },
    "reachable": {"codes": ["kari", "ola"], "without_cases": ["ola"]},
    "show_costs": {
        "costs": [
            example(
                CostShown,
                account_id=ID,
                bearer="customer",
                reason="reckless_use",
                decided_by="staff:kari",
                approved_by="staff:ola",
                counts=True,
            ),
            example(CostShown, account_id=None, customer_erased=True, bearer="customer", reason="reckless_use"),
            example(
                CostShown,
                account_id=None,
                customer_erased=False,
                bearer="vendor",
                reason="own_fault",
                approved_by=None,
                counts=False,
            ),
        ],
    },
    "show_filings": {
        "filings": [
            example(FilingShown, filing_id=ID, looked_up_at=None, extent=None, notified_at=None, others=4),
            example(FilingShown, filing_id=ID, extent=None, notified_at=None, named=2, over=1),
            example(FilingShown, filing_id=ID, extent="first", notified_at="2026-11-27T16:00:00+00:00", others=1),
        ],
    },
    "show_mandates": {
        "mandates": [
            example(MandateShown, account_id=ID, mandate_id=ID, scope="full", is_valid=True),
            example(MandateShown, account_id=ID, mandate_id=ID, scope="first", is_valid=False),
        ],
        "next_after": None,
    },
    "breach_register": {
        "breaches": [
            example(
                BreachInRegister,
                case_id=ID,
                reference="V-7K3M-92",
                kind="breach_controller",
                party="controller",
                incident="V-2222-22",
                twins=["V-3333-33"],
                signal="data_exposed",
                state="following_up",
                natures=["exfiltration"],
                groups=["users"],
                data=["names"],
                consequences=["phishing"],
                measures=["access_closed"],
                severity_score="2.25",
                severity_band="medium",
                decisions=[
                    example(DecidedInRegister, step="decide_breach_both", reason="exfiltration", late_reason=None),
                    example(
                        DecidedInRegister, step="assess_risk", reason="many_persons", late_reason="system_away"
                    ),
                ],
                notices=[example(NoticeInRegister, audience="persons")],
            ),
            example(
                BreachInRegister,
                case_id=ID,
                reference="V-4444-44",
                kind="breach_processor",
                party="processor",
                incident=None,
                twins=[],
                signal="other",
                state="assessing",
                aware_at=None,
                customers=None,
                persons=None,
                records=None,
                severity_score=None,
                severity_band=None,
            ),
        ],
        "complete": True,
    },
    "show_severity": {
        "assessments": [
            example(
                AssessmentShown,
                context="simple",
                identification="maximum",
                confidentiality="not_lost",
                integrity="not_lost",
                availability="lost_for_good",
                intent="malicious",
                flags=["unintelligible"],
                score="2.00",
                band="medium",
                assessed_by="staff:kari",
                decision_ids=[ID],
            )
        ],
        "examples": [example(ExampleShown, number=7, code="credential_stuffing_bank")],
    },
    "authority_draft": example(
        AuthorityDraftShown,
        reference="V-7K3M-92",
        form="datatilsynet",
        phase="follow_up",
        mandates=2,
        questions=[
            example(
                QuestionShown,
                question="data_types",
                answers=[example(AnswerShown, **ANSWER, field="data_types", codes=["names"], number=None)],
            ),
            example(
                QuestionShown,
                question="number_affected",
                answers=[
                    example(AnswerShown, **ANSWER, field="persons", number=4),
                    example(AnswerShown, **ANSWER | LACKING, field="records", number=None),
                ],
            ),
        ],
        unanswered=["records"],
    ),
    "duty": {"weeks": []},
    "list_records": {"records": [example(RecordShown, **RECORD)]},
    "show_record": example(RecordWhole, **RECORD | {"revisions": [example(RevisionShown, **REVISION)]}),
    "restrictions": {"restrictions": [RESTRICTION]},
    "erasures": {"erasures": [ERASURE]},
    "count_halted": {"count": 1},
    "count_kept": {
        "accounts": [
            {"account_id": ID, "holds": 2, "restrictions": 1},
            {"account_id": USER, "holds": 0, "restrictions": 0},
        ]
    },
    "timeline": {"erasures": [ERASURE]},
    "open_alarms": {"alarms": [ALARM, CLOCK_JUMPED]},
    "count_tasks": {"count": 3, "overdue": 1, "first_due_on": "2026-11-20"},
    "tasks": {"tasks": [example(TaskShown, account_id=ID, kind="undeliverable", letter="account_reminder")]},
    "suppressions": {"suppressions": [example(SuppressionShown, account_id=ID, kind="bounce")]},
    "letters": {
        "letters": [example(LetterShown, account_id=ID, user_id=USER, letter="account_reminder", state="delivered")]
    },
    "parked_list": {"parked": [PARKED]},
    "parked_show": PARKED,
    "get_account": ACCOUNT,
    "nonconformity_reports": {
        "reports": [
            example(
                ReportShown, report_id=ID, reference="V-7K3M-92", about="outage", user_id=USER, text="A B\nC D"
            ),
            example(ReportShown, report_id=ID, reference="V-7K3M-93", about="other", user_id=None, text=None),
        ],
        "complete": False,
    },
    "waiting_support": {
        "threads": [example(WaitingThread, thread_id=ID, account_id=ID, kind="complaint", reference="V-7K3M-94")]
    },
    "support_threads": {
        "threads": [
            example(
                ThreadInList,
                thread_id=ID,
                user_id=USER,
                reference="V-7K3M-94",
                kind="complaint",
                state="waiting",
                opening="A B",
            ),
            example(
                ThreadInList,
                thread_id=USER,
                user_id=USER,
                kind="question",
                state="settled",
                opening=None,
                answer_due=None,
            ),
        ]
    },
    "support_thread": example(
        ThreadShown,
        thread_id=ID,
        user_id=USER,
        reference="V-7K3M-94",
        kind="complaint",
        state="waiting",
        version=7,
        earlier=3,
        messages=[
            example(SupportMessage, written_by="person", text="A B\nC D"),
            example(SupportMessage, written_by="support", text=None),
        ],
    ),
    "list_users": {"users": [example(User, user_id=USER, role="owner", state="active", name="Kåre Østby")]},
    "trail": {
        "rows": [example(RowShown, type="account.registered", source="account", facts={"users": 2})],
        "next_after_seq": None,
        "next_before_seq": None,
    },
    "cases_of_account": {
        "cases": [example(CaseShown, **CASE), example(CaseShown, **CASE | {"owner": None, "next_due": None})]
    },
    "contacts": {"attempts": [example(ContactShown, channel="phone", outcome="no_answer", actor="staff:kari")]},
    "early_requests": {
        "requests": [
            example(
                EarlyShown,
                account_id=ID,
                user_id=USER,
                course="begun",
                requester_role="data_subject",
                checked_by="staff:kari",
                approved_by="staff:ola",
            )
        ]
    },
    "logins": {
        "logins": [
            example(LoginShown, outcome="succeeded", reason=None, user_id=USER),
            example(LoginShown, outcome="failed", reason="wrong_password", user_id=None, ip=None, user_agent=None),
        ],
        "complete": False,
    },
    "trail_head": example(TrailHeadShown, size=4711, waiting=0, halted=None),
    "trail_by_actor": {
        "rows": [
            example(RowShown, type="hold.placed", source="retention", account_id=ID, facts={"reason": "dispute"}),
            example(RowShown, type="staff.acts_signed", source="staff", account_id=None, user_id=None, facts={}),
        ],
        "next_after_seq": None,
        "next_before_seq": 7,
    },
    "order_dry_run": counting,
    "dry_run": COUNTED,
    "status": example(StatusShown, account_id=ID, state="linked"),
    "personal_data_reads": example(
        PersonalDataReadsShown, days=[example(ReadsOfDay, day="2027-01-01", purpose="dispute", reads=2)]
    ),
    "search_accounts": {
        "accounts": [
            example(AccountFound, account_id=ID, state="active", register_outcome="matched"),
            example(AccountFound, account_id=USER, state="inactive", register_outcome="bankrupt"),
        ]
    },
    "probes": {"probes": []},
    "campaigns": {
        "campaigns": [
            example(CampaignShown, campaign_id=ID, state=state, letter_class="marketing")
            for state in ("draft", "running", "stopped", "done")
        ]
    },
    "show_campaign": example(CampaignWhole, **CAMPAIGN),
    "start_campaign": example(CampaignShown, campaign_id=ID),
    "stop_campaign": example(CampaignShown, campaign_id=ID),
    "list_database_access": {
        "accesses": [
            example(AccessShown, **ACCESS | {"ended_at": None, "ended_by": None, "ended_because": None}),
            example(
                AccessShown, **ACCESS | {"code": "ola", "ended_by": "staff:ola", "ended_because": "given_back"}
            ),
        ]
    },
    "set_database_password": example(AccessShown, **ACCESS),
    "tell_requests_refused": {},
    "list_people": {
        "people": [
            example(PersonShown, code="ola", state="active", left_at=None),
            example(PersonShown, code="per", state="left"),
        ]
    },
    "show_person": example(PersonShown, code="ola", state="active", left_at=None),
    "invite_person": example(PersonShown, code="per", state="invited", activated_at=None, left_at=None),
    "issue_recovery_link": {},
    "grants": {
        "grants": [
            example(GrantShown, code="ola", role="operator", purpose="operations", ended_at=None, live=True),
            example(GrantShown, code="ola", role="auditor", purpose="audit", ended_because="revoked", live=False),
            example(GrantShown, code="ola", role="support", purpose="billing", ended_at=None, live=False),
        ]
    },
    "prerequisites": {
        "prerequisites": [
            example(PrerequisiteShown, kind="training", what="privacy-2026", ended_at=None, live=True),
            example(PrerequisiteShown, kind="undertaking", what="ab" * 32, ended_because="outdated", live=False),
        ]
    },
    "own_prerequisites": {
        "prerequisites": [example(PrerequisiteShown, kind="training", ended_at=None, live=True, ends_soon=True)]
    },
    "passkeys_of": {"passkeys": [example(PasskeyShown, suspected_at=None), example(PasskeyShown, synced=True)]},
    "list_machine_doors": {
        "uses": [
            example(DoorUseShown, use_id=ID, door="restore", countersigned_at=None, approval_id=None),
            example(DoorUseShown, use_id=USER, door="keys_rotate", approval_id=ID),
        ],
        "complete": True,
    },
    "failed": {"jobs": [example(FailedJob, job_id=ID, account_id=ID, kind="sync", attempts=3)]},
    "alarms": {"alarms": [], "parked_letters": 3},
    "list_approvals": {
        "approvals": [
            example(ApprovalShown, **APPROVAL),
            example(ApprovalShown, **APPROVAL | {"approval_id": USER, "mine": True, "approvable": False}),
            example(
                ApprovalShown,
                **APPROVAL | {"state": "ended", "ended_because": "carried_out", "act": "staff.give_grant"},
            ),
        ]
    },
    "show_approval": REQUESTED,
    "keep_form_draft": Unauthenticated(),
    "approval_options": {"options": REQUEST_OPTIONS},
    "begin_log_in": example(LogInBegun, options=REQUEST_OPTIONS),
    "begin_enrolment": example(EnrolmentBegun, options=CREATION_OPTIONS),
    "own_grants": {
        "grants": [
            example(GrantShown, code="kari", role="case_handler", purpose="dispute", live=True),
            example(GrantShown, code="kari", role="support", purpose="customer_support", live=True),
            example(GrantShown, code="kari", role="operator", purpose="dispute", live=True),
            example(GrantShown, code="kari", role="operator", purpose="operations", live=True),
            example(GrantShown, code="kari", role="incident_lead", purpose="dispute", live=True),
            example(GrantShown, code="kari", role="finance", purpose="billing", live=True),
            example(GrantShown, code="kari", role="privacy_lead", purpose="rights_request", live=False),
        ]
    },
    "list_passkeys": {
        "passkeys": [
            example(PasskeyShown, passkey_id=ID, synced=True, software=True, in_use=True),
            example(PasskeyShown, passkey_id=USER, synced=False, software=False, in_use=False),
        ]
    },
    "recovery_codes_left": {"left": 7, "made_at": "2027-01-01T00:00:00+00:00"},
    "list_sessions": {
        "sessions": [example(SessionShown, kind="desk", current=True), example(SessionShown, kind="command_line")]
    },
    "show_device_log_in": example(DeviceLogInShown),
    "decide_device_log_in": {},
    "confirm_clock": example(ClockConfirmed),
    "make_recovery_codes": example(RecoveryCodesShown, codes=[f"zq3v-t0b1-{each:04}" for each in range(10)]),
    "sign_undertaking": example(PrerequisiteShown),
    "log_in": example(LoggedIn, token=TOKEN, passkeys=2),
    "undertaking_text": {"language": "nb", "text": "En\n\n1. To\n   tre\n2. Fire\n", "sha256": "0" * 64},
    "log_out": {},
    "certificate": example(CertificateShown, certificate_id=ID, state="ordered"),
}
PAGED = (
    "campaigns", "case_board", "case_customers", "cases_of_account", "early_requests", "erasures", "failed",
    "holds", "letters", "list_approvals", "list_database_access", "list_records", "parked_list", "restrictions",
    "search_accounts", "support_threads", "suppressions", "tasks", "waiting_support",
)  # fmt: skip
"""Lists that are shown page by page: one page is all there is of each, where nothing else is said."""
NEXT = f"2027-01-01T00:00:00Z~{ID}"
"""Where the next page begins, where more follow."""
MORE = {method: REPLIES[method] | {"next_after": NEXT} for method in PAGED} | {
    "list_machine_doors": REPLIES["list_machine_doors"] | {"complete": False},
    "show_case": CASE_WHOLE | {"customers": 700},
    "show_notices": NOTICES | {"complete": False},
}


@dataclass(frozen=True, kw_only=True)
class Otherwise:
    """A page where services have something else to say than the script: nothing, or more than usual."""

    address: str
    where: str
    replies: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.address} {self.where}"


NOTHING_THERE = {
    method: {name: [] if isinstance(value, list) else value for name, value in reply.items()}
    for method, reply in REPLIES.items()
    if isinstance(reply, dict)
}
LONG_NAME = "Ærlighetsforskningsinstitusjonsøkonomiavdelingen" * 5
LONG_NAMES = {
    "get_account": ACCOUNT | {"name": LONG_NAME[:LINE_LIMIT], "email": f"{'post' * 16}@{'firma' * 10}.example"},
    "list_users": {
        "users": [example(User, user_id=USER, role="owner", state="active", name=LONG_NAME[:LINE_LIMIT])]
    },
}
ISSUED = example(
    CertificateShown,
    certificate_id=ID,
    state="issued",
    sequence=1,
    document=signed(CERTIFICATE),
    issued_at="2027-02-28T01:00:00+00:00",
    verdict="valid",
    key=CERTIFICATE_KEY.public.id,
)
LISTS = ("/", "/holds", "/restrictions", "/erasures", "/letters", "/parked", "/cases", "/approvals", "/alarms",
         "/databases", "/campaigns", "/people", "/people/ola", "/machine", f"/customers/{ID}?purpose=dispute",
         f"/customers/{ID}/timeline?purpose=dispute")  # fmt: skip
LONG_LISTS = ("/", "/cases", f"/cases/{ID}", f"/cases/{ID}/customers",
              "/approvals", "/databases", "/campaigns", "/machine", "/vendor-work", "/parked?state=replayed",
              f"/customers/{ID}?purpose=dispute", f"/customers/{ID}/letters?purpose=dispute",
              f"/customers/{ID}/holdings/{ID}?purpose=dispute", "/holds?purpose=dispute&state=overdue",
              "/restrictions?purpose=dispute", "/erasures?state=halted&purpose=dispute", "/letters?purpose=dispute",
              "/registers?purpose=dispute", "/acts/release-halted?purpose=dispute",
              f"/acts/release-halted?purpose=dispute&after={NEXT}")  # fmt: skip
"""Lists that say where the rest of them is."""
OTHERWISE = (
    *(Otherwise(address=address, where="with nothing there", replies=NOTHING_THERE) for address in LISTS),
    *(Otherwise(address=address, where="with more than one page", replies=MORE) for address in LONG_LISTS),
    Otherwise(address=f"/customers/{ID}?purpose=dispute", where="with long names", replies=LONG_NAMES),
    Otherwise(
        address=f"/campaigns/{ID}",
        where="running",
        replies={
            "show_campaign": example(
                CampaignWhole,
                **CAMPAIGN
                | {
                    "state": "running",
                    "language": "nb",
                    "letter_class_now": "marketing",
                    "approved": "marketing",
                    "purpose_is_named": True,
                    "started_at": "2027-01-01T00:00:00+00:00",
                    "requested_by": "staff:ola",
                    "approved_by": "staff:kari",
                },
            )
        },
    ),
    Otherwise(address=f"/certificates/{ID}", where="issued", replies={"certificate": ISSUED}),
    Otherwise(
        address=f"/certificates/{ID}", where="altered", replies={"certificate": ISSUED | {"verdict": "not_valid"}}
    ),
)


TRIED = "only tried: "


class Services(Caller):
    """Every service: answers with what the script has for a method, or raises it, and remembers what was asked.

    An act is answered only where it comes with the statement that was signed for it. `unsigned` says why staff sign
    none of an act, by its name; `reading_id` is that of each look; `signings` has what was asked to be signed,
    `counted` what each page asks for its navigation, `own` what is asked about whoever is here. `objections` are
    those to an act that is only tried, and `tried` what was.
    """

    def __init__(self) -> None:
        self.replies: dict[str, Any] = dict(REPLIES)
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.unsigned: dict[str, str] = {}
        self.purposes: tuple[str, ...] = ()
        self.reading_id: str | None = None
        self.signings: list[dict[str, Any]] = []
        self.objections: dict[str, Exception] = {}
        self.tried: list[tuple[str, dict[str, Any]]] = []
        self.counted: list[dict[str, Any]] = []
        self.own: list[dict[str, Any]] = []

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        assert timeout_seconds
        if (service, method) == ("staff", "sign_statements"):
            return self.sign(fields)
        act, stated = act_name(service, method), context.current().signed_statement
        if act in acts() and stated == f"{TRIED}{signed_for(act, fields)}":
            self.tried.append((act, fields))
            if (objection := self.objections.get(act)) is not None:
                raise objection
            return {}
        assert stated == (signed_for(act, fields) if act in acts() else None), f"{act} came with {stated}"
        if method == "own_grants":
            self.own.append(fields)
        elif (method, timeout_seconds) == ("list_approvals", ASKING_SECONDS):
            self.counted.append(fields)
        else:
            self.asked.append((service, method, fields))
        return self.reply(method, fields)

    def reply(self, method: str, fields: Mapping[str, Any]) -> Any:
        """What the script has for a method; raises where that is an error."""
        reply = self.replies[method]
        if isinstance(reply, Exception):
            raise reply
        reply = reply(fields) if callable(reply) else reply
        return {"next_after": None, **reply} if method in PAGED else reply

    def sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        if isinstance(failure := self.replies.get("sign_statements"), Exception):
            raise failure
        self.signings.append(asked)
        refused = [(each, self.unsigned.get(each["act"])) for each in asked["acts"]]
        return {
            "statements": [
                {
                    "statement": None if why else f"{TRIED * each['rehearsal']}{each['act']} {each['digest']}",
                    "refusal": why,
                    "purposes": self.purposes if why == "other_purpose" else (),
                }
                for each, why in refused
            ],
            "reading_id": self.reading_id,
        }


def signed_for(act: str, fields: dict[str, Any]) -> str:
    """The statement for just this call, as the script signs it."""
    service, _, method = act.partition(".")
    said = {name: value for name, value in fields.items() if name != "idempotency_key"}
    return f"{act} {call_digest(service, method, said)}"


class OneSession(Sessions[Session]):
    """Kari has logged in, and nobody else."""

    def __init__(self, passkeys: int = 2) -> None:
        self.passkeys = passkeys

    def known(self, token: str) -> Session | None:
        return Session(code="kari", passkeys=self.passkeys, token=token) if token == TOKEN else None


def settings_in(folder: Path) -> dict[str, str]:
    """Settings of a desk whose databases are away; its secrets are files."""
    key = base64.b64encode(b"k" * 32).decode()
    secrets = {
        "db_password": "x",
        "keyring_password": "x",
        "ledger_public_key": SigningKey.parse(key).public.text(),
    }
    for name, value in secrets.items():
        (folder / name).write_text(value)
    nowhere = {f"VILKAR_{name}_HOST": "127.0.0.1" for name in ("DB", "KEYRING")}
    ports = {f"VILKAR_{name}_PORT": "1" for name in ("DB", "KEYRING")}
    folders = {"VILKAR_STATE_DIR": str(folder), "VILKAR_SECRETS_DIR": str(folder)}
    return {"VILKAR_ENVIRONMENT": "test", **folders, **nowhere, **ports}


def app_of(
    folder: Path,
    services: Caller,
    *,
    public_url: str = HOST,
    sessions: Sessions[Session] | None = None,
    invented_people: InventedPeople | None = None,
    refused: RequestsRefused | None = None,
) -> Flask:
    """The pages in front of these services."""
    return make(
        PAGES,
        caller=services,
        sessions=sessions or OneSession(),
        settings=load(settings_in(folder)),
        public_url=public_url,
        assets=_assets(),
        invented_people=invented_people,
        refused=refused,
    )


@cache
def _assets() -> Assets:
    """The style sheets and scripts, read once for all tests."""
    return assets_of_desk()


class Browser:
    """What a browser does: it keeps cookies, says where a request comes from, and fills in forms."""

    def __init__(
        self,
        folder: Path,
        *,
        logged_in: bool = True,
        language: str = "nb",
        sessions: Sessions[Session] | None = None,
        services: Services | None = None,
        invented: bool = False,
    ) -> None:
        self.services = services or Services()
        people = InventedPeople(caller=self.services, party=RelyingParty.of_url(HOST), environment="test")
        self.refused = RequestsRefused()
        shown = people if invented else None
        self.app = app_of(folder, self.services, sessions=sessions, invented_people=shown, refused=self.refused)
        self.client = Client(self.app)
        self.set(COOKIE, BROWSER)
        self.set("__Host-vilkar-language", language)
        if logged_in:
            self.set(session_cookies.COOKIE, TOKEN)

    def set(self, name: str, value: str) -> None:
        self.client.set_cookie(name, value, domain="desk.example", secure=True)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=HOST, headers=headers)

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        sent = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"} if headers is None else headers
        return self.client.post(
            path, base_url=HOST, headers=sent, data={FIELD: token_of(BROWSER), "idempotency_key": ID} | fields
        )
