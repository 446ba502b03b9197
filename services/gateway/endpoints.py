"""What is offered to the public: one table, and the few lines behind each entry."""

from __future__ import annotations

import json
from typing import Any, Final

from werkzeug.wrappers import Response

from services.gateway import schemas
from services.gateway.app import Call, Endpoint, read_bytes
from services.gateway.limits import Rate
from services.gateway.rendering import page
from services.notification.calls import ReceiveWebhook, Unsubscribe
from services.retention.calls import Certificate, ErasuresShown, Timeline
from shared.errors import Refused, Restoring

OWNER: Final = "owner"
USER_AGENT_LIMIT: Final = 400
WEBHOOK_LIMIT_BYTES: Final = 200 * 1024
"""Written into a call over the bus, which takes 256 KiB; Mailgun's events have a few."""
WEBHOOK_TAKEN: Final = 200
WEBHOOK_REFUSED: Final = 406
"""Mailgun takes 200 as received, 406 as never to be sent again, and repeats after anything else."""

RATES: Final = {
    "login": Rate(burst=200, per_minute=120),
    "sign_up": Rate(burst=120, per_minute=60),
    "letter": Rate(burst=60, per_minute=30),
}
"""For each address. Many people of one company may share an address, so these only stop floods."""


def _origin(call: Call) -> dict[str, Any]:
    agent = call.request.headers.get("User-Agent", "")
    readable = "".join(letter for letter in agent if letter.isprintable()).strip()[:USER_AGENT_LIMIT]
    return {"ip": call.address, "user_agent": readable or None}


def _actor(call: Call) -> str:
    return f"user:{call.session.user_id}"


def _mine(call: Call) -> dict[str, Any]:
    return {"account_id": str(call.session.account_id), "actor": _actor(call)}


def sign_up(call: Call) -> Any:
    """Sign up; the host name of the page belongs to the evidence of acceptance."""
    fields = call.body | {"agreement": _agreement(call, "sign_up.accept")}
    return call.command("account", "sign_up", origin=_origin(call), **fields)


def terms_versions(call: Call) -> Any:
    """What a customer accepts at sign-up, and what was accepted before; with the addresses of the texts."""
    told = call.rpc("account", "terms_versions")
    for version in told["versions"]:
        version["page"] = f"/terms/versions/{version['version']}"
        for text in version["texts"]:
            text["path"] = f"{version['page']}/{text['language']}.txt"
    return told


def confirm_email(call: Call) -> Any:
    """Confirm with the token of the letter; after a sign-up its reader accepts the terms, and sets the password."""
    agreement = _agreement(call, "confirmation.accept")
    return call.rpc("account", "confirm_email", **call.body | _chosen(call.body) | {"agreement": agreement})


def _chosen(body: dict[str, Any]) -> dict[str, Any]:
    return {"account_id": str(body["account_id"])} if body.get("account_id") else {}


def _agreement(call: Call, element: str) -> dict[str, Any] | None:
    """The acceptance in the body, with the host name and the control that was used: parts of the evidence."""
    given = call.body.get("agreement")
    return given | {"domain": call.host, "element": element} if given else None


def request_confirmation(call: Call) -> Any:
    """Ask for the letter again."""
    return call.rpc("account", "request_confirmation", email=call.body["email"])


def log_in(call: Call) -> Any:
    """Log in."""
    return call.rpc("account", "log_in", origin=_origin(call), **call.body)


def log_out(call: Call) -> None:
    """End this session."""
    call.rpc("account", "log_out", token=call.session.token)


def request_password_reset(call: Call) -> Any:
    """Ask for a letter with a link."""
    return call.rpc("account", "request_password_reset", email=call.body["email"])


def reset_password(call: Call) -> None:
    """Set a password with the token of a letter."""
    call.rpc("account", "reset_password", **call.body)


def change_password(call: Call) -> None:
    """Change the password inside a session."""
    call.rpc("account", "change_password", token=call.session.token, origin=_origin(call), **call.body)


def change_email(call: Call) -> Any:
    """Change one's own address; it counts once the letter to it was answered."""
    return call.rpc("account", "change_email", token=call.session.token, origin=_origin(call), **call.body)


def get_account(call: Call) -> Any:
    """The company of this session."""
    return call.rpc("account", "get_account", **_mine(call))


def update_account(call: Call) -> Any:
    """Change the company's fields; a null organisation number takes it away."""
    return call.caller.call("account", "update_account", **_mine(call), **call.body, **_key(call))


def deactivate_account(call: Call) -> Any:
    """Make the account inactive; the three months begin."""
    return call.command("account", "deactivate_account", **_mine(call), **call.body)


def reactivate_account(call: Call) -> Any:
    """An owner of an inactive account, who cannot log in to it, takes it up again with address and password."""
    fields = call.body | {"agreement": _agreement(call, "reactivation.accept")}
    return call.rpc("account", "reactivate_with_password", origin=_origin(call), **fields)


def terminate_contract(call: Call) -> Any:
    """Give notice; the password is asked for again, because the end of the contract is the end of the data."""
    given = {"version": call.body["version"], "password": call.body["current_password"]}
    return call.rpc("account", "terminate_with_password", token=call.session.token, origin=_origin(call), **given)


def withdraw_notice(call: Call) -> Any:
    """Take the notice back."""
    return call.command("account", "withdraw_notice", **_mine(call), **call.body)


def reactivate_by_letter(call: Call) -> Any:
    """An owner takes an inactive account up again with the token of a letter."""
    agreement = _agreement(call, "reactivation.accept")
    return call.rpc("account", "reactivate_by_letter", token=call.body["token"], agreement=agreement)


def erasure_of_account(call: Call) -> Any:
    """What retention plans for this account; a plain user is told of the company and of himself only."""
    erasures = call.caller.ask(Timeline(account_id=call.session.account_id)).erasures
    if call.session.role != OWNER:
        erasures = tuple(each for each in erasures if each.user_id in (None, call.session.user_id))
    return ErasuresShown(erasures=erasures).to_json()


def list_users(call: Call) -> Any:
    """The users one may see."""
    return call.rpc("account", "list_users", **_mine(call))


def add_user(call: Call) -> Any:
    """Add a user."""
    return call.command("account", "add_user", **_mine(call), **call.body)


def update_user(call: Call) -> Any:
    """Change a user's fields."""
    return call.command("account", "update_user", **_mine(call), user_id=_user(call), **call.body)


def deactivate_user(call: Call) -> Any:
    """Make a user inactive; the user's three months begin."""
    return call.command("account", "deactivate_user", **_mine(call), user_id=_user(call), **call.body)


def reactivate_user(call: Call) -> Any:
    """Make a user active again."""
    return call.command("account", "reactivate_user", **_mine(call), user_id=_user(call), **call.body)


def invite_user(call: Call) -> Any:
    """Have the invitation written again."""
    return call.command("account", "invite_user", **_mine(call), user_id=_user(call), **call.body)


def _user(call: Call) -> str:
    return str(call.parameters["user_id"])


def _key(call: Call) -> dict[str, Any]:
    return {"idempotency_key": call.own_key} if call.own_key else {}


def certificate(call: Call) -> Any:
    """A certificate of erasure; it names nobody, so whoever knows its id may read it."""
    return call.caller.ask(Certificate(certificate_id=call.parameters["certificate_id"])).to_json()


def mailgun_webhook(call: Call) -> Response:
    """Hand a webhook to notification, which checks it. Answers exactly 200 or 406."""
    try:
        raw = read_bytes(call.request, WEBHOOK_LIMIT_BYTES)
        webhook = ReceiveWebhook(path_secret=str(call.parameters["secret"]), body=raw.decode("utf-8"))
        verdict = call.caller.ask(webhook)
    except Restoring:
        raise  # becomes a 503: to be sent again when the service is up to date
    except (Refused, UnicodeDecodeError):
        return Response(status=WEBHOOK_REFUSED)
    return Response(status=WEBHOOK_TAKEN if verdict.accepted else WEBHOOK_REFUSED)


def unsubscribe(call: Call) -> Response:
    """One-click unsubscribe (RFC 8058): POST only, no cookie, no redirect; a browser is told by the page."""
    call.caller.ask(Unsubscribe(token=str(call.parameters["token"])))
    if call.request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        return page("unsubscribe", done=True)
    return Response(json.dumps({"status": "unsubscribed"}), content_type="application/json")


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/accounts",
        operation="signUp",
        keyed=True,
        summary="Sign up a company with its users and conclude the data-processing agreement",
        work=sign_up,
        request=schemas.SignUp,
        reply=schemas.Accepted,
        status=202,
        limit="sign_up",
    ),
    Endpoint(
        method="GET",
        path="/v1/terms/versions",
        operation="termsVersions",
        summary="The versions of the terms with their texts, and the sentences that a sign-up confirms",
        work=terms_versions,
        reply=schemas.TermsVersions,
    ),
    Endpoint(
        method="POST",
        path="/v1/email-confirmations",
        operation="confirmEmail",
        summary="Confirm an e-mail address with the token of the letter; after a sign-up accept the terms",
        work=confirm_email,
        refusals=(423,),
        request=schemas.ConfirmEmail,
        reply=schemas.Confirmed,
    ),
    Endpoint(
        method="POST",
        path="/v1/email-confirmation-requests",
        operation="requestConfirmation",
        summary="Ask for the confirmation letter again",
        work=request_confirmation,
        request=schemas.Address,
        reply=schemas.Accepted,
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
        request=schemas.LogIn,
        reply=schemas.LoggedIn,
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
        request=schemas.Address,
        reply=schemas.Accepted,
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
        request=schemas.ResetPassword,
        status=204,
        limit="login",
        tag="session",
    ),
    Endpoint(
        method="PUT",
        path="/v1/password",
        operation="changePassword",
        summary="Change one's password",
        work=change_password,
        request=schemas.ChangePassword,
        status=204,
        needs_session=True,
        limit="login",
        tag="session",
    ),
    Endpoint(
        method="PUT",
        path="/v1/email",
        operation="changeEmail",
        summary="Change one's own e-mail address; the new one counts once it is confirmed, and the old one is told",
        work=change_email,
        request=schemas.ChangeEmail,
        reply=schemas.UserChanged,
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
        reply=schemas.Account,
        needs_session=True,
    ),
    Endpoint(
        method="PATCH",
        path="/v1/account",
        operation="updateAccount",
        keyed=True,
        summary="Change the company's fields",
        work=update_account,
        request=schemas.UpdateAccount,
        reply=schemas.AccountChanged,
        needs_session=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/account/deactivation",
        operation="deactivateAccount",
        keyed=True,
        summary="Make the account inactive; it is erased three months later",
        work=deactivate_account,
        request=schemas.AtVersion,
        reply=schemas.AccountChanged,
        needs_session=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/account/reactivation",
        operation="reactivateAccount",
        summary="Take an inactive account up again, as its owner with address and password",
        work=reactivate_account,
        refusals=(403, 423),
        request=schemas.Reactivate,
        reply=schemas.AccountChanged,
        limit="login",
    ),
    Endpoint(
        method="POST",
        path="/v1/account/termination",
        operation="terminateContract",
        summary="Give notice of termination; the account stays active to the end of the notice period",
        work=terminate_contract,
        request=schemas.Terminate,
        reply=schemas.NoticeGiven,
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
        request=schemas.AtVersion,
        reply=schemas.AccountChanged,
        needs_session=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/account/reactivation/letter",
        operation="reactivateByLetter",
        summary="Take an inactive account up again, as its owner with the token of a letter",
        work=reactivate_by_letter,
        refusals=(403, 423),
        request=schemas.ReactivateByLetter,
        reply=schemas.AccountChanged,
        limit="login",
    ),
    Endpoint(
        method="GET",
        path="/v1/account/erasure",
        operation="getErasure",
        summary="What is planned to be erased, and when",
        work=erasure_of_account,
        reply=schemas.Anything,
        needs_session=True,
        tag="erasure",
    ),
    Endpoint(
        method="GET",
        path="/v1/users",
        operation="listUsers",
        summary="The users of the company",
        work=list_users,
        reply=schemas.Users,
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
        request=schemas.AddUser,
        reply=schemas.UserChanged,
        status=201,
        needs_session=True,
        tag="user",
    ),
    Endpoint(
        method="PATCH",
        path="/v1/users/<uuid:user_id>",
        operation="updateUser",
        keyed=True,
        summary="Change a user's fields; one's own e-mail address is changed at /v1/email",
        work=update_user,
        refusals=(429,),
        request=schemas.UpdateUser,
        reply=schemas.UserChanged,
        needs_session=True,
        tag="user",
    ),
    Endpoint(
        method="POST",
        path="/v1/users/<uuid:user_id>/deactivation",
        operation="deactivateUser",
        keyed=True,
        summary="Make a user inactive; the user is erased three months later",
        work=deactivate_user,
        request=schemas.AtVersion,
        reply=schemas.UserChanged,
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
        request=schemas.AtVersion,
        reply=schemas.UserChanged,
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
        request=schemas.AtVersion,
        reply=schemas.UserChanged,
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
        reply=schemas.Anything,
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
        path="/unsubscribe/<string:token>",
        operation="unsubscribe",
        summary="One-click unsubscribe from letters one may decline",
        work=unsubscribe,
        refusals=(409, 422),
        limit="letter",
        tag="letter",
    ),
)
