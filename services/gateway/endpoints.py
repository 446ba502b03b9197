"""What is offered to the public: one table, and the few lines behind each entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Final

from marshmallow.validate import OneOf, Regexp
from werkzeug.wrappers import Response

from services.account.accounts.calls import Accepted, AccountChanged, AtVersion
from services.account.accuracy.calls import AccuracyConfirmed, ConfirmAccuracy
from services.account.agreements.calls import TermsVersions, TermsVersionShown
from services.account.companies.calls import AccountShown, GetAccount, UpdateAccount
from services.account.confirmation.calls import Confirmed, ConfirmEmail
from services.account.deactivation.calls import DeactivateAccount
from services.account.email_change.calls import ChangeEmail
from services.account.export_transfers.calls import (
    ConfirmTransfer,
    EndTransfer,
    FetchTransfer,
    MakeTransfer,
    TransferMade,
    TransferReceipt,
    Transfers,
    TransfersShown,
)
from services.account.exports.calls import (
    Exports,
    ExportShown,
    ExportsShown,
    ExportWished,
    OpenExport,
    RequestExport,
    RequestExportWithPassword,
)
from services.account.letters.calls import Address, RequestConfirmation, RequestPasswordReset
from services.account.login.calls import LoggedIn, LogIn, LogOut
from services.account.nonconformities.calls import Reported, ReportNonconformity, ReportWithPassword
from services.account.passwords.calls import ChangePassword, ResetPassword
from services.account.reactivation.calls import ReactivateByLetter, ReactivateWithPassword
from services.account.sign_up.calls import SignUp
from services.account.support.calls import (
    BeginCorrespondence,
    BeginSupport,
    SupportTaken,
    SupportThread,
    SupportThreads,
    ThreadShown,
    ThreadsShown,
    WriteOn,
)
from services.account.termination.calls import NoticeGiven, TerminateWithPassword, WithdrawNotice
from services.account.users.calls import (
    AddUser,
    DeactivateUser,
    InviteUser,
    ListUsers,
    ReactivateUser,
    UpdateUser,
    UserChanged,
    Users,
)
from services.audit.logins.calls import LoginDisclosures, LoginDisclosuresShown, LoginReport, LoginsShown
from services.audit.staff_reads.calls import PersonalDataReads, PersonalDataReadsShown
from services.cases.correspondence.calls import (
    OwnCase,
    OwnCasesShown,
    OwnCorrespondence,
    WithdrawOwnCorrespondence,
)
from services.cases.data_packs.calls import DataPack
from services.cases.incidents_told.calls import IncidentsShown, IncidentsTold
from services.cases.nonconformities.calls import NonconformitiesShown, OwnNonconformities
from services.cases.rights_requests.calls import (
    ForwardedRequests,
    ForwardedRequestsShown,
    MakeOwnRequest,
    OwnRequest,
    OwnRequests,
    OwnRequestsShown,
    OwnRequestTaken,
    WithdrawOwnRequest,
)
from services.gateway import public_schemas
from services.gateway.app import Endpoint, HttpCall, origin_at
from services.gateway.bodies import body_of
from services.gateway.export_files import ZIP, open_file, open_transfer
from services.gateway.languages import chosen_language
from services.gateway.rendering import page
from services.notification.history.calls import OwnLetters, OwnLettersShown
from services.notification.inbound_mail.calls import (
    FIELDS_MOST,
    NAMES,
    REPLY_NAMES,
    TEXT_LIMIT,
    TEXTS,
    VALUE_LIMIT,
    MailField,
    ReceiveMail,
    ReceiveReply,
)
from services.notification.preferences.calls import (
    ConsentsShown,
    DeclineOwn,
    GiveConsent,
    ObjectionTaken,
    ObjectToMarketing,
    OwnConsents,
    OwnPreferences,
    PreferencesShown,
    Unsubscribe,
)
from services.notification.webhooks.calls import ReceiveWebhook, WebhookVerdict
from services.retention.certificates.calls import Certificate, CertificateShown
from services.retention.monitoring.calls import ErasuresShown, Timeline
from shared.actor import Actor
from shared.errors import Forbidden, Invalid, Refused, Restoring
from shared.http.bodies import read_bytes, read_form
from shared.input_guard import Hint, hints
from shared.records import Record

OWNER: Final = "owner"
WEBHOOK_LIMIT_BYTES: Final = 200 * 1024
"""Written into a call over the bus, which takes 256 KiB; Mailgun's events have a few."""
MAIL_LIMIT_BYTES: Final = 256 * 1024
"""What the proxy lets through. Of it only a few fields go on; what a mail says does not."""
WEBHOOK_TAKEN: Final = 200
WEBHOOK_REFUSED: Final = 406
"""Mailgun takes 200 as received, 406 as never to be sent again, and repeats after anything else."""


def origin_of(call: HttpCall) -> dict[str, Any]:
    """Where the request came from, as the account service wants to know it."""
    return origin_at(call.request, call.address)


def _mine(call: HttpCall) -> dict[str, Any]:
    """Of which account, and on whose behalf: the session's."""
    session = call.session
    return {"account_id": str(session.account_id), "actor": str(Actor.user(session.user_id))}


def _proving(call: HttpCall) -> dict[str, Any]:
    """Where a password that is given once more came from; nothing where none is."""
    return {"origin": origin_of(call)} if call.body.get("current_password") is not None else {}


def _in_session(call: HttpCall) -> dict[str, Any]:
    return {"token": call.session.token, "origin": origin_of(call)}


def sign_up(call: HttpCall) -> Accepted:
    """Sign up; the host name of the page belongs to the evidence of acceptance."""
    added = {"origin": origin_of(call), "idempotency_key": call.own_key}
    return call.ask(SignUp.from_json(call.body | added | _agreement(call, "sign_up.accept")))


def terms_versions(call: HttpCall) -> public_schemas.TermsVersions:
    """What a customer accepts at sign-up, and what was accepted before; with the addresses of the texts."""
    shown = call.ask(TermsVersions())
    return public_schemas.TermsVersions(versions=tuple(map(_version, shown.versions)), sentences=shown.sentences)


def _version(shown: TermsVersionShown) -> public_schemas.TermsVersion:
    page = f"/terms/versions/{shown.version}"
    texts = (
        public_schemas.TermsText(language=text.language, sha256=text.sha256, path=f"{page}/{text.language}.txt")
        for text in shown.texts
    )
    return public_schemas.TermsVersion(**shown.given() | {"page": page, "texts": tuple(texts)})


def confirm_email(call: HttpCall) -> Confirmed:
    """Confirm with the token of the letter; after a sign-up its reader accepts the terms, and sets the password."""
    return call.ask(ConfirmEmail.from_json(call.body | _agreement(call, "confirmation.accept")))


def _agreement(call: HttpCall, element: str) -> dict[str, Any]:
    """The acceptance in the body, with the host name and the control that was used: parts of the evidence."""
    given = call.body.get("agreement")
    return {"agreement": given and given | {"domain": call.host, "element": element}}


def request_confirmation(call: HttpCall) -> Accepted:
    """Ask for the letter again."""
    return call.ask(RequestConfirmation.from_json(call.body))


def log_in(call: HttpCall) -> LoggedIn:
    """Log in."""
    return call.ask(LogIn.from_json(call.body | {"origin": origin_of(call)}))


def log_out(call: HttpCall) -> None:
    """End this session."""
    call.ask(LogOut(token=call.session.token))


def request_password_reset(call: HttpCall) -> Accepted:
    """Ask for a letter with a link."""
    return call.ask(RequestPasswordReset.from_json(call.body))


def reset_password(call: HttpCall) -> None:
    """Set a password with the token of a letter."""
    call.ask(ResetPassword.from_json(call.body | {"origin": origin_of(call)}))


def change_password(call: HttpCall) -> None:
    """Change the password inside a session."""
    call.ask(ChangePassword.from_json(call.body | _in_session(call)))


def change_email(call: HttpCall) -> UserChanged:
    """Change one's own address; it counts once the letter to it was answered."""
    return call.ask(ChangeEmail.from_json(call.body | _in_session(call)))


def get_account(call: HttpCall) -> AccountShown:
    """The company of this session."""
    return call.ask(GetAccount.from_json(_mine(call)))


def update_account(call: HttpCall) -> AccountChanged:
    """Change the company's fields; a null organisation number takes it away."""
    return call.ask(UpdateAccount.from_json(call.body | _mine(call)))


def deactivate_account(call: HttpCall) -> AccountChanged:
    """Make the account inactive; the three months begin."""
    return call.ask(DeactivateAccount.from_json(call.body | _mine(call) | _proving(call)))


def reactivate_account(call: HttpCall) -> AccountChanged:
    """An owner of an inactive account, who cannot log in to it, takes it up again with address and password."""
    added = {"origin": origin_of(call)} | _agreement(call, "reactivation.accept")
    return call.ask(ReactivateWithPassword.from_json(call.body | added))


def terminate_contract(call: HttpCall) -> NoticeGiven:
    """Give notice; the password is asked for again, because the end of the contract is the end of the data."""
    body = call.body
    given = {"version": body["version"], "current_password": body.get("current_password", body.get("password"))}
    return call.ask(TerminateWithPassword.from_json(given | _in_session(call)))


def withdraw_notice(call: HttpCall) -> AccountChanged:
    """Take the notice back."""
    return call.ask(WithdrawNotice.from_json(call.body | _mine(call)))


def confirm_accuracy(call: HttpCall) -> AccuracyConfirmed:
    """An owner says that all is right."""
    return call.ask(ConfirmAccuracy.from_json(call.body | _mine(call)))


def reactivate_by_letter(call: HttpCall) -> AccountChanged:
    """An owner takes an inactive account up again with the token of a letter."""
    return call.ask(ReactivateByLetter.from_json(call.body | _agreement(call, "reactivation.accept")))


def erasure_of_account(call: HttpCall) -> ErasuresShown:
    """What retention plans for this account; a plain user is told of the company and of himself only."""
    if call.session.role == OWNER:
        return call.ask(Timeline(account_id=call.session.account_id))
    own = call.session.user_id
    shown = call.ask(Timeline(account_id=call.session.account_id, user_id=own))
    # What retention answers is narrowed here too: no mistake there shows a colleague.
    return ErasuresShown(erasures=tuple(each for each in shown.erasures if each.user_id in (None, own)))


def reads_by_staff(call: HttpCall) -> PersonalDataReadsShown:
    """How often staff looked at people of this company: owners are told whom they saw, others about themselves."""
    user_id = None if call.session.role == OWNER else call.session.user_id
    return call.ask(PersonalDataReads(account_id=call.session.account_id, user_id=user_id))


def breach_data_pack(call: HttpCall) -> public_schemas.BreachDataPack:
    """What the company needs to notify the authority of a breach by itself, in codes and in words; owners only."""
    if call.session.role != OWNER:
        raise Forbidden("Only an owner of the account gets this.")
    asked = DataPack(case_id=call.parameters["case_id"], account_id=call.session.account_id)
    return public_schemas.data_pack(call.ask(asked))


def logins(call: HttpCall) -> LoginsShown:
    """Log-ins of the company or of oneself; the audit service decides, and asks whose the session is."""
    return call.ask(LoginReport.from_json(call.query | {"token": call.session.token}))


def login_disclosures(call: HttpCall) -> LoginDisclosuresShown:
    """Whose log-ins were shown to whom: owners are told of all users, others of their own."""
    return call.ask(LoginDisclosures(token=call.session.token))


def incidents_told(call: HttpCall) -> IncidentsShown:
    """What the company and its person were told of breaches; cases asks whose the session is."""
    return call.ask(IncidentsTold(token=call.session.token))


class ReportTaken(Reported):
    """The report was taken in, with what its text seems to speak of: no service keeps that."""

    hints: Annotated[
        tuple[Annotated[str, OneOf(tuple(Hint))], ...],
        "What the text seems to speak of, by words in it alone. Leave it out next time where it need not be known.",
    ] = ()


def report_nonconformity(call: HttpCall) -> ReportTaken:
    """Report that something is not as agreed."""
    asked = ReportNonconformity.from_json(call.body | _mine(call))
    return ReportTaken.of(call.ask(asked), hints=hints(asked.text))


def report_with_password(call: HttpCall) -> ReportTaken:
    """The same by somebody of an inactive account, who cannot log in to it."""
    asked = ReportWithPassword.from_json(call.body | {"origin": origin_of(call), "key": call.own_key})
    return ReportTaken.of(call.ask(asked), hints=hints(asked.text))


class MessageTaken(SupportTaken):
    """The message was taken in, with what its text seems to speak of: no service keeps that."""

    hints: Annotated[
        tuple[Annotated[str, OneOf(tuple(Hint))], ...],
        "What the text seems to speak of, by words in it alone. Leave it out next time where it need not be known.",
    ] = ()


class Earlier(Record):
    """Which messages of a thread are asked for."""

    before: Annotated[str, Regexp(r"[1-9][0-9]{0,2}\Z"), "The number that a longer thread said in `earlier`."] = (
        "101"
    )


def begin_support(call: HttpCall) -> MessageTaken:
    """Write to support about something new."""
    asked = BeginSupport.from_json(call.body | _mine(call))
    return MessageTaken.of(call.ask(asked), hints=hints(asked.text))


def begin_correspondence(call: HttpCall) -> MessageTaken:
    """Complain about how we handle data, or ask about rights: it is a case, and a thread of one's own."""
    asked = BeginCorrespondence.from_json(call.body | _mine(call))
    return MessageTaken.of(call.ask(asked), hints=hints(asked.text))


def own_correspondence(call: HttpCall) -> OwnCasesShown:
    """What one has complained of or asked, and how it stands: one's own alone, also for an owner."""
    return call.ask(OwnCorrespondence(token=call.session.token))


def withdraw_correspondence(call: HttpCall) -> OwnCase:
    """Take back a complaint or an enquiry of one's own."""
    return call.ask(WithdrawOwnCorrespondence(token=call.session.token, case_id=call.parameters["case_id"]))


def write_on(call: HttpCall) -> MessageTaken:
    """Write on in a thread of one's own."""
    asked = WriteOn.from_json(call.body | _mine(call) | _thread(call))
    return MessageTaken.of(call.ask(asked), hints=hints(asked.text))


def support_threads(call: HttpCall) -> ThreadsShown:
    """One's own threads: nobody else of the company reads them."""
    return call.ask(SupportThreads.from_json(call.query | _mine(call)))


def support_thread(call: HttpCall) -> ThreadShown:
    """A thread of one's own."""
    before = int(Earlier.from_json(call.query).before)
    return call.ask(SupportThread.from_json(_mine(call) | _thread(call) | {"before": before}))


def _thread(call: HttpCall) -> dict[str, Any]:
    return {"thread_id": str(call.parameters["thread_id"])}


def own_nonconformities(call: HttpCall) -> NonconformitiesShown:
    """How what the company or oneself reported stands; cases asks whose the session is."""
    return call.ask(OwnNonconformities(token=call.session.token))


def make_rights_request(call: HttpCall) -> OwnRequestTaken:
    """Ask for something about data on oneself; cases asks whose the session is."""
    return call.ask(MakeOwnRequest.from_json(call.body | {"token": call.session.token}))


def rights_requests(call: HttpCall) -> OwnRequestsShown:
    """What one has asked for, and how it stands: one's own alone, also for an owner."""
    return call.ask(OwnRequests(token=call.session.token))


def withdraw_rights_request(call: HttpCall) -> OwnRequest:
    """Take a request of one's own back."""
    return call.ask(WithdrawOwnRequest(token=call.session.token, case_id=call.parameters["case_id"]))


def object_to_marketing(call: HttpCall) -> ObjectionTaken:
    """Want no marketing."""
    return call.ask(ObjectToMarketing(token=call.session.token))


def forwarded_requests(call: HttpCall) -> ForwardedRequestsShown:
    """What users asked of the company and was passed on to it; cases asks whose the session is, for owners only."""
    return call.ask(ForwardedRequests(token=call.session.token))


def own_letters(call: HttpCall) -> OwnLettersShown:
    """The log of letters to oneself; notification asks whose the session is."""
    return call.ask(OwnLetters(token=call.session.token))


def request_export(call: HttpCall) -> ExportShown:
    """Ask for a copy of what is held on oneself, or as an owner on the company."""
    return call.ask(RequestExport.from_json(call.body | _mine(call)))


def request_export_with_password(call: HttpCall) -> ExportShown:
    """The same by somebody who cannot log in because the account is inactive."""
    return call.ask(RequestExportWithPassword.from_json(call.body | {"origin": origin_of(call)}))


def exports(call: HttpCall) -> ExportsShown:
    """The copies one has asked for, and how far those are that are being made."""
    return call.ask(Exports.from_json(_mine(call)))


def download_export(call: HttpCall) -> Response:
    """The file of a copy, for whoever asked for it and proves the password anew."""
    proof = call.body | {"origin": origin_of(call)}
    file = open_file(call.ask, call.parameters["export_id"], proof)
    return Response(file.pieces, content_type=ZIP, headers=file.headers)


def make_transfer(call: HttpCall) -> TransferMade:
    """Have a copy handed over to a receiver, who fetches it with the code."""
    proof = call.body | {"origin": origin_of(call), "export_id": str(call.parameters["export_id"])}
    return call.ask(MakeTransfer.from_json(proof))


def transfers(call: HttpCall) -> TransfersShown:
    """To whom one had copies handed over, with the receipts."""
    return call.ask(Transfers.from_json(_mine(call)))


def end_transfer(call: HttpCall) -> None:
    """The code of a transfer is worth nothing any more."""
    call.ask(EndTransfer.from_json(_mine(call) | {"transfer_id": str(call.parameters["transfer_id"])}))


def fetch_transfer(call: HttpCall) -> Response:
    """The file of a copy, for whom its person named."""
    file = open_transfer(call.ask, call.body)
    return Response(file.pieces, content_type=ZIP, headers=file.headers)


def confirm_transfer(call: HttpCall) -> TransferReceipt:
    """The receiver has the whole file."""
    return call.ask(ConfirmTransfer.from_json(call.body))


def own_choices(call: HttpCall) -> PreferencesShown:
    """Which e-mails one can decline, and has declined; notification asks whose the session is."""
    return call.ask(OwnPreferences(token=call.session.token))


def decline_own(call: HttpCall) -> PreferencesShown:
    """Want no more e-mails of some classes."""
    return call.ask(DeclineOwn.from_json(call.body | {"token": call.session.token}))


def own_consents(call: HttpCall) -> ConsentsShown:
    """What one has agreed to, and can agree to; notification asks whose the session is."""
    return call.ask(OwnConsents(token=call.session.token))


def give_consent(call: HttpCall) -> ConsentsShown:
    """Agree to e-mails of some classes."""
    return call.ask(GiveConsent.from_json(call.body | {"token": call.session.token}))


def list_users(call: HttpCall) -> Users:
    """The users one may see."""
    return call.ask(ListUsers.from_json(_mine(call)))


def add_user(call: HttpCall) -> UserChanged:
    """Add a user."""
    return call.ask(AddUser.from_json(call.body | _mine(call)))


def update_user(call: HttpCall) -> UserChanged:
    """Change a user's fields."""
    return call.ask(UpdateUser.from_json(call.body | _mine(call) | _user(call) | _proving(call)))


def deactivate_user(call: HttpCall) -> UserChanged:
    """Make a user inactive; the user's three months begin."""
    return call.ask(DeactivateUser.from_json(call.body | _mine(call) | _user(call) | _proving(call)))


def reactivate_user(call: HttpCall) -> UserChanged:
    """Make a user active again."""
    return call.ask(ReactivateUser.from_json(call.body | _mine(call) | _user(call)))


def invite_user(call: HttpCall) -> UserChanged:
    """Have the invitation written again."""
    return call.ask(InviteUser.from_json(call.body | _mine(call) | _user(call)))


def _user(call: HttpCall) -> dict[str, str]:
    return {"user_id": str(call.parameters["user_id"])}


def certificate(call: HttpCall) -> CertificateShown:
    """A certificate of erasure; it names nobody, so whoever knows its id may read it."""
    return call.ask(Certificate(certificate_id=call.parameters["certificate_id"]))


def mailgun_webhook(call: HttpCall) -> Response:
    """Hand a webhook to notification, which checks it. Answers exactly 200 or 406."""
    secret = str(call.parameters["secret"])
    return _judged(lambda: call.ask(ReceiveWebhook(path_secret=secret, body=_webhook_of(call))))


def mailgun_mail(call: HttpCall) -> Response:
    """Hand a mail of Mailgun's route to notification, but for what it says. Answers exactly 200 or 406."""
    secret = str(call.parameters["secret"])
    return _judged(lambda: call.ask(ReceiveMail(path_secret=secret, fields=_mail_of(call))))


def mailgun_reply(call: HttpCall) -> Response:
    """Hand a reply to support to notification, with its text. Answers exactly 200 or 406."""
    secret = str(call.parameters["secret"])
    return _judged(lambda: call.ask(ReceiveReply(path_secret=secret, fields=_reply_of(call))))


def _reply_of(call: HttpCall) -> tuple[MailField, ...]:
    """The fields that are read; of two texts the one without what was quoted, cut where no message is so long."""
    fields = read_form(call.request, MAIL_LIMIT_BYTES, REPLY_NAMES, most=FIELDS_MOST)
    stripped = any(name.strip().lower() == "stripped-text" and value.strip() for name, value in fields)
    return tuple(
        MailField(name=name, value=value[: TEXT_LIMIT if name.strip().lower() in TEXTS else VALUE_LIMIT])
        for name, value in fields
        if not (stripped and name.strip().lower() == "body-plain")
    )


def _webhook_of(call: HttpCall) -> str:
    try:
        return read_bytes(call.request, WEBHOOK_LIMIT_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("The body is not UTF-8.") from None


def _mail_of(call: HttpCall) -> tuple[MailField, ...]:
    fields = read_form(call.request, MAIL_LIMIT_BYTES, NAMES, most=FIELDS_MOST)
    return tuple(MailField(name=name, value=value[:VALUE_LIMIT]) for name, value in fields)


def _judged(judge: Callable[[], WebhookVerdict]) -> Response:
    """Have notification judge what Mailgun sent. Answers exactly 200 or 406."""
    try:
        verdict = judge()
    except Restoring:
        raise  # becomes a 503: to be sent again when the service is up to date
    except Refused:
        return Response(status=WEBHOOK_REFUSED)
    return Response(status=WEBHOOK_TAKEN if verdict.accepted else WEBHOOK_REFUSED)


def unsubscribe(call: HttpCall) -> Response:
    """One-click unsubscribe (RFC 8058): POST only, no cookie, no redirect; a browser is told by the page."""
    call.ask(Unsubscribe(token=str(call.parameters["token"])))
    if call.request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        return page("unsubscribe", language=chosen_language(call.request), offers_other=False, done=True)
    return Response(json.dumps({"status": "unsubscribed"}), content_type="application/json")


AGREEMENT_ADDED: Final = ("agreement.domain", "agreement.element")
ACCOUNT_ADDED: Final = ("account_id", "actor")
USER_ADDED: Final = (*ACCOUNT_ADDED, "user_id")
SESSION_ADDED: Final = ("token", "origin")
AT_VERSION: Final = body_of(AtVersion, without=ACCOUNT_ADDED)
ADDRESS: Final = body_of(Address)

ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/accounts",
        operation="signUp",
        keyed=True,
        summary="Sign up a company with its users and conclude the data-processing agreement",
        work=sign_up,
        request=body_of(SignUp, without=("origin", "idempotency_key", *AGREEMENT_ADDED)),
        reply=Accepted,
        status=202,
        limit="sign_up",
    ),
    Endpoint(
        method="GET",
        path="/v1/terms/versions",
        operation="termsVersions",
        summary="The versions of the terms with their texts, and the sentences that a sign-up confirms",
        work=terms_versions,
        reply=public_schemas.TermsVersions,
    ),
    Endpoint(
        method="POST",
        path="/v1/email-confirmations",
        operation="confirmEmail",
        summary="Confirm an e-mail address with the token of the letter; after a sign-up accept the terms",
        work=confirm_email,
        refusals=(423,),
        request=body_of(ConfirmEmail, without=AGREEMENT_ADDED),
        reply=Confirmed,
    ),
    Endpoint(
        method="POST",
        path="/v1/email-confirmation-requests",
        operation="requestConfirmation",
        summary="Ask for the confirmation letter again",
        work=request_confirmation,
        request=ADDRESS,
        reply=Accepted,
        status=202,
        limit="letter",
    ),
    Endpoint(
        method="POST",
        path="/v1/sessions",
        operation="logIn",
        summary="Log in",
        work=log_in,
        refusals=(403, 423),
        request=body_of(LogIn, without=("origin",)),
        reply=LoggedIn,
        status=201,
        limit="login",
        tag="session",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/sessions/current",
        operation="logOut",
        summary="Log out",
        work=log_out,
        status=204,
        needs_session=True,
        tag="session",
    ),
    Endpoint(
        method="POST",
        path="/v1/password-reset-requests",
        operation="requestPasswordReset",
        summary="Ask for a letter with a link to set a new password",
        work=request_password_reset,
        request=ADDRESS,
        reply=Accepted,
        status=202,
        limit="letter",
        tag="session",
    ),
    Endpoint(
        method="POST",
        path="/v1/password-resets",
        operation="resetPassword",
        summary="Set a password with the token of a letter",
        work=reset_password,
        refusals=(423,),
        request=body_of(ResetPassword, without=("origin",)),
        status=204,
        limit="login",
        tag="session",
    ),
    Endpoint(
        method="PUT",
        path="/v1/password",
        operation="changePassword",
        keyed=True,
        summary="Change one's password",
        work=change_password,
        request=body_of(ChangePassword, without=SESSION_ADDED),
        status=204,
        needs_session=True,
        limit="login",
        tag="session",
    ),
    Endpoint(
        method="PUT",
        path="/v1/email",
        operation="changeEmail",
        keyed=True,
        summary="Change one's own e-mail address; the new one counts once it is confirmed, and the old one is told",
        work=change_email,
        request=body_of(ChangeEmail, without=SESSION_ADDED),
        reply=UserChanged,
        status=202,
        needs_session=True,
        limit="login",
        tag="session",
    ),
    Endpoint(
        method="GET",
        path="/v1/account",
        operation="getAccount",
        summary="The company of this session",
        work=get_account,
        reply=public_schemas.Account,
        needs_session=True,
    ),
    Endpoint(
        method="PATCH",
        path="/v1/account",
        operation="updateAccount",
        keyed=True,
        summary="Change the company's fields",
        work=update_account,
        request=body_of(UpdateAccount, without=ACCOUNT_ADDED),
        reply=AccountChanged,
        needs_session=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/account/deactivation",
        operation="deactivateAccount",
        keyed=True,
        summary="Make the account inactive, with the password; it is erased three months later",
        work=deactivate_account,
        request=public_schemas.Deactivate,
        reply=AccountChanged,
        needs_session=True,
        limit="login",
    ),
    Endpoint(
        method="POST",
        path="/v1/account/reactivation",
        operation="reactivateAccount",
        summary="Take an inactive account up again, as its owner with address and password",
        work=reactivate_account,
        refusals=(403, 423),
        request=body_of(ReactivateWithPassword, "Reactivate", without=("origin", *AGREEMENT_ADDED)),
        reply=AccountChanged,
        limit="login",
    ),
    Endpoint(
        method="POST",
        path="/v1/account/termination",
        operation="terminateContract",
        keyed=True,
        summary="Give notice of termination; the account stays active to the end of the notice period",
        work=terminate_contract,
        request=public_schemas.Terminate,
        reply=NoticeGiven,
        needs_session=True,
        limit="login",
    ),
    Endpoint(
        method="POST",
        path="/v1/account/termination/withdrawal",
        operation="withdrawNotice",
        keyed=True,
        summary="Take a notice of termination back before its period is over",
        work=withdraw_notice,
        request=AT_VERSION,
        reply=AccountChanged,
        needs_session=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/account/accuracy",
        operation="confirmAccuracy",
        keyed=True,
        summary="Say that what is stored of the company and its people is right, as an owner who has looked",
        work=confirm_accuracy,
        request=AT_VERSION,
        reply=AccuracyConfirmed,
        needs_session=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/account/reactivation/letter",
        operation="reactivateByLetter",
        summary="Take an inactive account up again, as its owner with the token of a letter",
        work=reactivate_by_letter,
        refusals=(403, 423),
        request=body_of(ReactivateByLetter, without=AGREEMENT_ADDED),
        reply=AccountChanged,
        limit="login",
    ),
    Endpoint(
        method="GET",
        path="/v1/account/erasure",
        operation="getErasure",
        summary="What is planned to be erased, and when",
        work=erasure_of_account,
        reply=ErasuresShown,
        needs_session=True,
        tag="erasure",
    ),
    Endpoint(
        method="GET",
        path="/v1/account/reads",
        operation="listReads",
        summary="On which days, what for and how often the vendor's staff looked at whom of the company",
        work=reads_by_staff,
        reply=PersonalDataReadsShown,
        needs_session=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/account/incidents/<uuid:case_id>/data-pack",
        operation="getBreachDataPack",
        summary="What the company needs to notify the authority of a breach by itself, with its own figures",
        work=breach_data_pack,
        reply=public_schemas.BreachDataPack,
        needs_session=True,
        refusals=(403, 404),
        tag="incident",
    ),
    Endpoint(
        method="GET",
        path="/v1/account/logins",
        operation="listLogins",
        summary="When who logged in and from which address, for a stated purpose; a hundred at once, oldest first",
        work=logins,
        query=body_of(LoginReport, without=("token",)),
        reply=LoginsShown,
        needs_session=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/account/login-disclosures",
        operation="listLoginDisclosures",
        summary="On which days, to whom and what for log-ins of whom were shown",
        work=login_disclosures,
        reply=LoginDisclosuresShown,
        needs_session=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/account/incidents",
        operation="listIncidents",
        summary="Breaches of personal data that concern the company or oneself: each notice as it was sent",
        work=incidents_told,
        reply=IncidentsShown,
        needs_session=True,
        tag="incident",
    ),
    Endpoint(
        method="POST",
        path="/v1/account/nonconformities",
        operation="reportNonconformity",
        keyed=True,
        summary="Report that something is not as agreed; the receipt goes by letter, and later the answer",
        work=report_nonconformity,
        refusals=(429,),
        request=body_of(ReportNonconformity, without=ACCOUNT_ADDED),
        reply=ReportTaken,
        status=202,
        needs_session=True,
        tag="incident",
    ),
    Endpoint(
        method="POST",
        path="/v1/support/threads",
        operation="beginSupport",
        keyed=True,
        summary="Write to support about something new; a letter tells when there is an answer",
        work=begin_support,
        refusals=(429,),
        request=body_of(BeginSupport, without=ACCOUNT_ADDED),
        reply=MessageTaken,
        status=202,
        needs_session=True,
        tag="support",
    ),
    Endpoint(
        method="POST",
        path="/v1/support/threads/<uuid:thread_id>/messages",
        operation="writeOnToSupport",
        keyed=True,
        summary="Write on in a thread of one's own",
        work=write_on,
        refusals=(429,),
        request=body_of(WriteOn, without=(*ACCOUNT_ADDED, "thread_id")),
        reply=MessageTaken,
        status=202,
        needs_session=True,
        tag="support",
    ),
    Endpoint(
        method="GET",
        path="/v1/support/threads",
        operation="listSupportThreads",
        summary="One's own threads, those first in which something was written last; a hundred at once",
        work=support_threads,
        query=body_of(SupportThreads, without=(*ACCOUNT_ADDED, "limit")),
        reply=ThreadsShown,
        needs_session=True,
        tag="support",
    ),
    Endpoint(
        method="GET",
        path="/v1/support/threads/<uuid:thread_id>",
        operation="getSupportThread",
        summary="A thread of one's own, with its newest messages",
        work=support_thread,
        query=body_of(Earlier),
        reply=ThreadShown,
        needs_session=True,
        tag="support",
    ),
    Endpoint(
        method="POST",
        path="/v1/account/nonconformities/with-password",
        operation="reportWithPassword",
        keyed=True,
        summary="The same for who cannot log in because the account is inactive, with address and password",
        work=report_with_password,
        refusals=(403, 423),
        request=body_of(ReportWithPassword, without=("origin", "key")),
        reply=ReportTaken,
        status=202,
        limit="login",
        tag="incident",
    ),
    Endpoint(
        method="GET",
        path="/v1/account/nonconformities",
        operation="listNonconformities",
        summary="What the company or oneself has reported, and how it stands",
        work=own_nonconformities,
        reply=NonconformitiesShown,
        needs_session=True,
        tag="incident",
    ),
    Endpoint(
        method="POST",
        path="/v1/rights-requests",
        operation="makeRightsRequest",
        summary="Ask for something about data on oneself; asked for again before the answer it is the same request",
        work=make_rights_request,
        refusals=(429,),
        request=body_of(MakeOwnRequest, without=("token",)),
        reply=OwnRequestTaken,
        status=202,
        needs_session=True,
        tag="right",
    ),
    Endpoint(
        method="GET",
        path="/v1/rights-requests",
        operation="listRightsRequests",
        summary="What one has asked for oneself, until when it is answered, and what was decided; nobody else's",
        work=rights_requests,
        reply=OwnRequestsShown,
        needs_session=True,
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/rights-requests/<uuid:case_id>/withdrawal",
        operation="withdrawRightsRequest",
        summary="Take a request of one's own back",
        work=withdraw_rights_request,
        reply=OwnRequest,
        needs_session=True,
        refusals=(409,),
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/correspondence",
        operation="beginCorrespondence",
        keyed=True,
        summary="Complain about how we handle data, or ask about rights: a case, and a thread with its id",
        work=begin_correspondence,
        refusals=(429,),
        request=body_of(BeginCorrespondence, without=ACCOUNT_ADDED),
        reply=MessageTaken,
        status=202,
        needs_session=True,
        tag="right",
    ),
    Endpoint(
        method="GET",
        path="/v1/correspondence",
        operation="listCorrespondence",
        summary="What one has complained of or asked, until when it is answered, and what was decided; one's own",
        work=own_correspondence,
        reply=OwnCasesShown,
        needs_session=True,
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/correspondence/<uuid:case_id>/withdrawal",
        operation="withdrawCorrespondence",
        summary="Take back a complaint or an enquiry of one's own",
        work=withdraw_correspondence,
        reply=OwnCase,
        needs_session=True,
        refusals=(409,),
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/marketing-objections",
        operation="objectToMarketing",
        summary="Object to marketing: it counts at once, also for what waits to be sent, and no reason is needed",
        work=object_to_marketing,
        reply=ObjectionTaken,
        status=202,
        needs_session=True,
        tag="right",
    ),
    Endpoint(
        method="GET",
        path="/v1/account/forwarded-requests",
        operation="listForwardedRequests",
        summary="Requests of users about what the company has typed, which it answers as controller; for owners",
        work=forwarded_requests,
        reply=ForwardedRequestsShown,
        needs_session=True,
        refusals=(403,),
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/exports",
        operation="requestExport",
        keyed=True,
        summary="Ask for a copy of what is held; asked for again within a day it is the same one",
        work=request_export,
        request=body_of(ExportWished, "ExportWish"),
        reply=ExportShown,
        status=202,
        needs_session=True,
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/exports/with-password",
        operation="requestExportWithPassword",
        summary="The same for who cannot log in because the account is inactive; asked again it says how far it is",
        work=request_export_with_password,
        refusals=(403, 423),
        request=body_of(RequestExportWithPassword, without=("origin",)),
        reply=ExportShown,
        status=202,
        limit="login",
        tag="right",
    ),
    Endpoint(
        method="GET",
        path="/v1/exports",
        operation="listExports",
        summary="The copies one has asked for, how far each part is, and until when they can be fetched",
        work=exports,
        reply=ExportsShown,
        needs_session=True,
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/exports/<uuid:export_id>/download",
        operation="downloadExport",
        summary="The file of a copy that is ready, for whoever asked for it, with address and password anew",
        work=download_export,
        refusals=(403, 404, 423),
        request=body_of(OpenExport, "DownloadExport", without=("origin", "export_id")),
        file_type=ZIP,
        limit="login",
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/exports/<uuid:export_id>/transfers",
        operation="makeTransfer",
        summary="Have a copy to take along handed over to a receiver, with address and password anew",
        work=make_transfer,
        refusals=(403, 404, 423),
        request=body_of(MakeTransfer, "TransferWish", without=("origin", "export_id")),
        reply=TransferMade,
        status=201,
        limit="login",
        tag="right",
    ),
    Endpoint(
        method="GET",
        path="/v1/transfers",
        operation="listTransfers",
        summary="To whom one had copies handed over, how far that is, and the receipts",
        work=transfers,
        reply=TransfersShown,
        needs_session=True,
        tag="right",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/transfers/<uuid:transfer_id>",
        operation="endTransfer",
        summary="Take the code of a transfer back",
        work=end_transfer,
        refusals=(404,),
        status=204,
        needs_session=True,
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/handed-over/fetch",
        operation="fetchTransfer",
        summary="For a receiver: the file of the copy that somebody has handed over with this code",
        work=fetch_transfer,
        refusals=(404,),
        request=body_of(FetchTransfer, "TransferFetch"),
        file_type=ZIP,
        limit="login",
        tag="right",
    ),
    Endpoint(
        method="POST",
        path="/v1/handed-over/receipt",
        operation="confirmTransfer",
        summary="For a receiver: confirm which file came, and get the receipt",
        work=confirm_transfer,
        refusals=(404,),
        request=body_of(ConfirmTransfer, "TransferConfirmation"),
        reply=TransferReceipt,
        limit="login",
        tag="right",
    ),
    Endpoint(
        method="GET",
        path="/v1/letters",
        operation="listOwnLetters",
        summary="Which letters went to oneself and what became of each, as long as that is kept",
        work=own_letters,
        reply=OwnLettersShown,
        needs_session=True,
        tag="letter",
    ),
    Endpoint(
        method="GET",
        path="/v1/email-choices",
        operation="listEmailChoices",
        summary="Which e-mails one can do without, and which of them one has declined",
        work=own_choices,
        reply=PreferencesShown,
        needs_session=True,
        tag="letter",
    ),
    Endpoint(
        method="POST",
        path="/v1/email-choices",
        operation="declineEmails",
        summary="Want no more e-mails of some classes; it counts at once, and can be sent again",
        work=decline_own,
        request=body_of(DeclineOwn, without=("token",)),
        reply=PreferencesShown,
        needs_session=True,
        tag="letter",
    ),
    Endpoint(
        method="GET",
        path="/v1/email-consents",
        operation="listEmailConsents",
        summary="Which e-mails one has agreed to, those withdrawn included, and what one can agree to",
        work=own_consents,
        reply=ConsentsShown,
        needs_session=True,
        tag="letter",
    ),
    Endpoint(
        method="POST",
        path="/v1/email-consents",
        operation="agreeToEmails",
        summary="Agree to e-mails of some classes, by the sentences that one has read; declining them ends it",
        work=give_consent,
        request=body_of(GiveConsent, without=("token",)),
        reply=ConsentsShown,
        needs_session=True,
        refusals=(409,),
        tag="letter",
    ),
    Endpoint(
        method="GET",
        path="/v1/users",
        operation="listUsers",
        summary="The users of the company",
        work=list_users,
        reply=Users,
        needs_session=True,
        tag="user",
    ),
    Endpoint(
        method="POST",
        path="/v1/users",
        operation="addUser",
        keyed=True,
        summary="Add a user, who is invited by letter; an account may invite so many people a day",
        work=add_user,
        refusals=(429,),
        request=body_of(AddUser, without=ACCOUNT_ADDED),
        reply=UserChanged,
        status=201,
        needs_session=True,
        tag="user",
    ),
    Endpoint(
        method="PATCH",
        path="/v1/users/<uuid:user_id>",
        operation="updateUser",
        keyed=True,
        summary="Change a user's fields, an owner's role or address with the password; one's own at /v1/email",
        work=update_user,
        refusals=(429,),
        request=body_of(UpdateUser, without=(*USER_ADDED, "origin")),
        reply=UserChanged,
        needs_session=True,
        tag="user",
    ),
    Endpoint(
        method="POST",
        path="/v1/users/<uuid:user_id>/deactivation",
        operation="deactivateUser",
        keyed=True,
        summary="Make a user inactive, an owner with the password; the user is erased three months later",
        work=deactivate_user,
        refusals=(429,),
        request=body_of(DeactivateUser, without=(*USER_ADDED, "origin")),
        reply=UserChanged,
        needs_session=True,
        tag="user",
    ),
    Endpoint(
        method="POST",
        path="/v1/users/<uuid:user_id>/reactivation",
        operation="reactivateUser",
        keyed=True,
        summary="Make a user active again",
        work=reactivate_user,
        request=AT_VERSION,
        reply=UserChanged,
        needs_session=True,
        tag="user",
    ),
    Endpoint(
        method="POST",
        path="/v1/users/<uuid:user_id>/invitation",
        operation="inviteUser",
        keyed=True,
        summary="Have the invitation written again to a user who has not taken it up",
        work=invite_user,
        refusals=(429,),
        request=AT_VERSION,
        reply=UserChanged,
        status=202,
        needs_session=True,
        tag="user",
    ),
    Endpoint(
        method="GET",
        path="/v1/certificates/<uuid:certificate_id>",
        operation="getCertificate",
        summary="A certificate of erasure with its signature",
        work=certificate,
        reply=CertificateShown,
        tag="erasure",
    ),
    Endpoint(
        method="POST",
        path="/webhooks/mailgun/<string:secret>",
        operation="mailgunWebhook",
        summary="Delivery events from Mailgun; answers 200 or 406",
        work=mailgun_webhook,
        refusals=(413,),
        bare_refusals=(WEBHOOK_REFUSED,),
        tag="vendor",
    ),
    Endpoint(
        method="POST",
        path="/webhooks/mailgun/<string:secret>/mail",
        operation="mailgunMail",
        summary="Mail that a route of Mailgun hands over; answers 200 or 406",
        work=mailgun_mail,
        refusals=(413,),
        bare_refusals=(WEBHOOK_REFUSED,),
        tag="vendor",
    ),
    Endpoint(
        method="POST",
        path="/webhooks/mailgun/<string:secret>/reply",
        operation="mailgunReply",
        summary="A reply to support that a route of Mailgun hands over; answers 200 or 406",
        work=mailgun_reply,
        refusals=(413,),
        bare_refusals=(WEBHOOK_REFUSED,),
        tag="vendor",
    ),
    Endpoint(
        method="POST",
        path="/unsubscribe/<string:token>",
        operation="unsubscribe",
        summary="One-click unsubscribe from letters one may decline",
        work=unsubscribe,
        refusals=(409, 422),
        limit="letter",
        tag="letter",
    ),
)
