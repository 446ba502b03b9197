"""The customers' pages with services that answer from a script, and a browser in front of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from werkzeug.test import Client, TestResponse

from services.account.accuracy.calls import ConfirmAccuracy
from services.account.agreements.calls import AgreementShown, TermsTextShown, TermsVersionShown
from services.account.companies.calls import AccountShown, UpdateAccount
from services.account.deactivation.calls import DeactivateAccount
from services.account.email_change.calls import ChangeEmail
from services.account.export_transfers.calls import TransferMade, TransferShown
from services.account.exports.calls import ContributorShown, ExportShown
from services.account.login.calls import Authenticated, LoggedIn
from services.account.nonconformities.calls import ReportNonconformity, ReportWithPassword
from services.account.passwords.calls import ChangePassword
from services.account.reactivation.calls import ReactivateWithPassword
from services.account.support.calls import (
    BeginCorrespondence,
    BeginSupport,
    SupportMessage,
    ThreadInList,
    ThreadShown,
    WriteOn,
)
from services.account.termination.calls import TerminateWithPassword, WithdrawNotice
from services.account.users.calls import AddUser, DeactivateUser, InviteUser, ReactivateUser, UpdateUser, User
from services.audit.logins.calls import DisclosuresOfDay, LoginShown
from services.audit.staff_reads.calls import ReadsOfDay
from services.cases.correspondence.calls import OwnCase, WithdrawOwnCorrespondence
from services.cases.data_packs.calls import DataPackShown
from services.cases.incidents_told.calls import IncidentTold, NoticeTold
from services.cases.nonconformities.calls import NonconformityShown
from services.cases.rights_requests.calls import ForwardedRequest, MakeOwnRequest, OwnRequest, WithdrawOwnRequest
from services.gateway.service import make_site
from services.gateway.web.pages.table import ACTS, PAGES
from services.gateway.web.sessions import COOKIE
from services.notification.history.calls import OwnLetter
from services.notification.preferences.calls import ConsentShown, ConsentsShown, ObjectToMarketing
from services.retention.monitoring.calls import ErasureShown
from shared.calls import Caller
from shared.clock import Clock
from shared.errors import Unauthenticated
from shared.web.csrf import COOKIE as FORM_COOKIE
from shared.web.csrf import FIELD, token_of
from tests.examples import example

HOST: Final = "https://kunde.example"
ACCOUNT: Final = "0192f6c0-0000-7000-8000-0000000000a1"
OWNER: Final = "0192f6c0-0000-7000-8000-0000000000b1"
COLLEAGUE: Final = "0192f6c0-0000-7000-8000-0000000000b2"
EXPORT: Final = "0192f6c0-0000-7000-8000-0000000000e1"
TRANSFER: Final = "0192f6c0-0000-7000-8000-0000000000e2"
CASE: Final = "0192f6c0-0000-7000-8000-0000000000c1"
TOKEN: Final = "Kq3vT0-b1JtPmR7cXyA5uW9kLsE2hGfN4oDi6QeVrSx"
BROWSER: Final = "c" * 43
KEY: Final = "0192f6c0-0000-7000-8000-0000000000d1"
PEOPLE: Final = (
    example(User, user_id=OWNER, version=4, role="owner", state="active", name="Kåre Østby", language="nb",
            email="kare@fjosaker.example", phone="+4741234567", email_confirmed=True),
    example(User, user_id=COLLEAGUE, version=2, role="user", state="active", name="Ola <b>Nordmann</b>",
            language="en", email="ola@fjosaker.example", phone="+4741234568", invited=True),
    example(User, user_id=CASE, version=2, role="user", state="inactive", name="Mari Vik", language="nb"),
)  # fmt: skip
COMPANY: Final = example(
    AccountShown, account_id=ACCOUNT, version=7, state="active", name="Fjøsåker Bakeri AS", language="nb",
    email="post@fjosaker.example", phone="+4722225555", org_number="923609016", notice_months=1,
    noticed_on="2027-01-04", notice_ends_on="2027-02-28",
    contact_address={"line_1": "Storgata 1", "postal_code": "5003", "city": "Bergen", "country": "NO"},
    agreement=example(AgreementShown, version="v1"),
)  # fmt: skip
COPY: Final = example(
    ExportShown, export_id=EXPORT, kind="access", whose="own", state="ready", sha256="ab" * 32, bytes=6,
    asked_at="2027-01-04T09:00:00+00:00", available_until="2027-01-11T09:00:00+00:00",
    parts=[example(ContributorShown, done=True, rows=3), example(ContributorShown, done=False, rows=4)],
)  # fmt: skip
SAID: Final = {"code": "x", "nb": "på norsk", "en": "in English"}
REPLIES: Final[dict[str, Any]] = {
    "authenticate": example(Authenticated, account_id=ACCOUNT, user_id=OWNER, role="owner"),
    "get_account": COMPANY,
    "list_users": {"users": list(PEOPLE)},
    "timeline": {"erasures": [example(ErasureShown, user_id=CASE, state="scheduled", due_on="2027-04-01"),
                              example(ErasureShown, user_id=None, state="cancelled", due_on="2026-04-01")]},
    "terms_versions": {"versions": [example(TermsVersionShown, version="v1", in_force=True)], "sentences": []},
    "terms_text": lambda asked: example(
        TermsTextShown, version="v1", language=asked["language"], valid_from="2026-04-26", is_demo=True,
        sha256={"nb": "1", "en": "2"}[asked["language"]] * 64, text="§ 1\nHele teksten."),
    "login_report": {"logins": [example(LoginShown, outcome="failed", ip="203.0.113.7", attempt_id=CASE)],
                     "complete": False},
    "login_disclosures": {"since": "2026-01-01", "days": [example(DisclosuresOfDay, purpose="own_access",
                                                                  to="owner")]},
    "personal_data_reads": {"since": "2026-01-01", "days": [example(ReadsOfDay, purpose="dispute", not_named=1)]},
    "own_letters": {"letters": [example(OwnLetter, letter="invitation", state="delivered")], "complete": True},
    "own_requests": {"requests": [example(OwnRequest, case_id=CASE, reference="V-7K3M-92", right="access",
                                          concerns="account", state="working", ended_at=None)]},
    "own_correspondence": {"cases": [example(OwnCase, case_id=CASE, reference="V-7K3M-98", kind="complaint",
                                             about="data_use", state="examined", ended_at=None)]},
    "forwarded_requests": {"requests": [example(ForwardedRequest, user_id=COLLEAGUE, reference="V-7K3M-93",
                                                right="erasure", state="with_controller")]},
    "data_pack": example(DataPackShown, reference="V-7K3M-94", notices=[], filed=[]),
    "incidents_told": {"incidents": [example(IncidentTold, reference="V-7K3M-94", notices=[
        example(NoticeTold, natures=[SAID], measures=[SAID], late_reason=None)])], "complete": True},
    "own_nonconformities": {"nonconformities": [example(NonconformityShown, reference="V-7K3M-95", about="outage",
                                                        state="received")]},
    "support_threads": {
        "threads": [example(ThreadInList, thread_id=CASE, reference="V-7K3M-96", kind="question", state="waiting"),
                    example(ThreadInList, thread_id=EXPORT, reference="V-7K3M-97", kind="complaint",
                            state="answered", opening=None, answer_due=None)],
        "next_after": f"2026-12-03T08:30:00Z~{CASE}",
    },
    "support_thread": example(
        ThreadShown, thread_id=CASE, reference="V-7K3M-96", kind="question", state="answered", earlier=3,
        answer_due=None,
        messages=[example(SupportMessage, written_by="person", text="Hei!\nHvordan?"),
                  example(SupportMessage, written_by="support", text=None)]),
    "exports": {"exports": [COPY, COPY | {"state": "collecting", "whose": "company", "kind": "portability"},
                            COPY | {"state": "withdrawn", "whose": "company"}, COPY | {"kind": "portability"}]},
    "transfers": {"transfers": [
        example(TransferShown, receiver="Ny Leverandør AS", state="open", received_at=None, receipt=None),
        example(TransferShown, receiver="Ny Leverandør AS", state="received", receipt="{}"),
    ]},
    "make_transfer": example(TransferMade, code="k" * 43),
    "end_transfer": {"status": "done"},
    "request_export": COPY | {"state": "collecting"},
    "request_export_with_password": COPY,
    "open_export": {"token": TOKEN, "chunks": 2, "bytes": 6, "sha256": "ab" * 32},
    "read_export": lambda asked: {"data": ["YWJj", "ZGVm"][asked["position"]]},
    "own_preferences": {"optional": ["marketing", "product_news"], "declined": ["product_news"]},
    "decline_own": {"optional": ["marketing", "product_news"], "declined": ["marketing", "product_news"]},
    "own_consents": example(ConsentsShown, consents=[
        example(ConsentShown, letter_class="marketing", language="nb", given_at="2026-12-01T09:30:00+00:00",
                withdrawn_at=None)], sentences=[]),
    "give_consent": example(ConsentsShown, consents=[], sentences=[]),
    # What is done is done: the plainest reply of each call that a form makes.
    **{
        call.method: example(call.reply)
        for call in (AddUser, UpdateUser, DeactivateUser, ReactivateUser, InviteUser, UpdateAccount,
                     DeactivateAccount, TerminateWithPassword, WithdrawNotice, ChangePassword, ChangeEmail,
                     MakeOwnRequest, WithdrawOwnRequest, ReportNonconformity, ReactivateWithPassword,
                     ReportWithPassword, ConfirmAccuracy, ObjectToMarketing, BeginSupport, BeginCorrespondence,
                     WithdrawOwnCorrespondence, WriteOn)
    },
    "log_in": example(LoggedIn, token=TOKEN),
    "log_out": {"status": "done"},
    "keep_form_draft": {"status": "done"},
    "sign_up": {"status": "accepted"},
}  # fmt: skip


class Services(Caller):
    """Every service: answers with what the script has for a method, or raises it, and remembers what was asked."""

    def __init__(self) -> None:
        self.replies: dict[str, Any] = dict(REPLIES)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def call(self, _service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        assert timeout_seconds
        if method == "authenticate" and fields["token"] != TOKEN:
            raise Unauthenticated
        if method != "authenticate":
            self.asked.append((method, json.loads(json.dumps(fields, default=str))))
        reply = self.replies[method]
        if isinstance(reply, Exception):
            raise reply
        return reply(fields) if callable(reply) else reply

    def of(self, method: str) -> list[dict[str, Any]]:
        """What was asked of it by this method."""
        return [fields for asked, fields in self.asked if asked == method]


def address_of(rule: str) -> str:
    """A page as tests open it."""
    named = {
        "<user_id>": COLLEAGUE,
        "<case_id>": CASE,
        "<export_id>": EXPORT,
        "<transfer_id>": TRANSFER,
        "<thread_id>": CASE,
    }
    return re.sub(r"<\w+>", lambda each: named[each.group()], rule)


FILES: Final = {"/incidents/<case_id>/data-pack/file"}
"""What is no page, but a file to keep."""
ADDRESSES: Final = tuple(
    dict.fromkeys(address_of(page.rule) for page in PAGES if page.method == "GET" and page.rule not in FILES)
)
"""Every page and every form, by the table of pages: a new one is here by itself."""
SENDING: Final = tuple(address_of(act.rule) for act in ACTS)


def site(services: Caller, folder: Path, *, public_url: str = HOST) -> Any:
    """All that customers reach, in front of these services."""
    return make_site(services, public_url=public_url, clock=Clock(folder, environment="test"))


class Browser:
    """What a browser does: it keeps cookies, says where a request comes from, and fills in forms."""

    def __init__(self, folder: Path, *, logged_in: bool = True, language: str = "nb") -> None:
        self.services = Services()
        application = site(self.services, folder)
        self.client = Client(lambda environ, start: application({"REMOTE_ADDR": "127.0.0.1"} | environ, start))
        self.set(FORM_COOKIE, BROWSER)
        self.set("__Host-vilkar-language", language)
        if logged_in:
            self.set(COOKIE, TOKEN)

    def set(self, name: str, value: str) -> None:
        self.client.set_cookie(name, value, domain="kunde.example", secure=True)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=HOST, headers=headers)

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        sent = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"} if headers is None else headers
        given = {FIELD: token_of(BROWSER), "idempotency_key": KEY} | fields
        return self.client.post(path, base_url=HOST, headers=sent, data=given)
