"""The few pages a person sees: the terms and how they are kept, where a letter's link leads, a certificate.

A link is only ever shown by GET; what it stands for is done by the button (POST), because mail programs and
scanners follow links on their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from services.account.agreements.calls import TermsText
from services.account.confirmation.calls import ConfirmEmail, DescribeLink, LinkShown
from services.account.exports.calls import ExportKeys
from services.account.letters.calls import RequestPasswordReset
from services.account.passwords.calls import ResetPassword
from services.account.reactivation.calls import ReactivateByLetter
from services.gateway import certificate_page, promises
from services.gateway.app import Endpoint, HttpCall
from services.gateway.endpoints import ENDPOINTS, origin_of
from services.gateway.languages import chosen_language
from services.gateway.openapi import document, plain_path
from services.gateway.problem_words import PROBLEMS
from services.gateway.rendering import HERE, page, vendor
from services.notification.preferences.calls import (
    OPTIONAL_LETTERS,
    DeclineClasses,
    PreferencesShown,
    ShowPreferences,
)
from services.retention.certificates.calls import Certificate, Certificates
from shared import words
from shared.errors import Conflict, Invalid, NotFound, Refused, Transient
from shared.held_data import figures, held_data
from shared.http.bodies import read_bytes
from shared.terms import texts
from shared.version import VERSION

SENTENCES: Final = tuple((name, words["nb"], words["en"]) for name, words in texts.SENTENCES.items())
"""What is confirmed with an agreement, in the words whose digests are kept with the acceptance."""
FORM_LIMIT_BYTES: Final = 16 * 1024
NO_LINK: Final = LinkShown(
    kind=None, standing="over", company_name=None, sign_ups=(), needs_acceptance=False, terms_version=""
)
STATUS_OF_STANDING: Final = {"works": 200, "blocked": 423, "inactive": 423, "over": 404}
ATTESTATIONS: Final = tuple(texts.SENTENCES)


def error_page(request: Request, error: Exception) -> Response:
    """What went wrong, for a reader."""
    code = (
        error.code if isinstance(error, Refused) else "unavailable" if isinstance(error, Transient) else "internal"
    )
    return page("error", language=chosen_language(request), offers_other=False, code=code)


def home(call: HttpCall) -> Response:
    """What is offered to programs."""
    offered = [(each.method, plain_path(each), each.summary) for each in ENDPOINTS]
    return page("home", language=language_of(call), endpoints=offered)


def terms(call: HttpCall) -> Response:
    """Every promise: what keeps it, what its tests said, what the running system shows, and what is missing."""
    return page(
        "terms",
        language=language_of(call),
        promises=promises.shown().document(),
        standings=words.STANDINGS,
        seen=words.SEEN,
    )


def privacy(call: HttpCall) -> Response:
    """The vendor's privacy statement: its own where it has one, else a sample with the figures in force."""
    if vendor().has_statement:
        return Response(status=302, headers={"Location": vendor().privacy_url})
    language = language_of(call)
    return page("privacy", language=language, held=held_data(language), **figures(language))


def problem_page(call: HttpCall) -> Response:
    """What a kind of problem means and what to do about it; without one all of them."""
    code = str(call.parameters.get("code", ""))
    if code and code not in PROBLEMS:
        raise NotFound
    return page("problem", language=language_of(call), code=code, problems=PROBLEMS)


def terms_version(call: HttpCall) -> Response:
    """The text of one version as a customer accepts it, in the reader's language, with its digest."""
    language = language_of(call)
    version = str(call.parameters["version"])
    shown = call.ask(TermsText(version=version, language=language))
    return page("terms_version", language=language, terms=shown)


def terms_text(call: HttpCall) -> Response:
    """The same text byte for byte."""
    version, language = str(call.parameters["version"]), str(call.parameters["language"])
    if language not in texts.LANGUAGES:
        raise NotFound
    shown = call.ask(TermsText(version=version, language=language))
    return Response(shown.text, content_type="text/plain; charset=utf-8")


def terms_json(_: HttpCall) -> Response:
    """The same as JSON."""
    return _json(promises.shown().document())


def terms_jsonld(call: HttpCall) -> Response:
    """The same in the vocabulary for privacy of the W3C, DPV 2.3."""
    return _json(promises.shown().jsonld(f"{call.public_url}/terms.jsonld"), "application/ld+json")


def openapi(call: HttpCall) -> Response:
    """The description of this interface."""
    return _json(_document(call.public_url))


@cache
def _document(public_url: str) -> dict[str, Any]:
    return document(ENDPOINTS, version=VERSION, public_url=public_url)


def _json(value: Any, content_type: str = "application/json") -> Response:
    return Response(json.dumps(value, ensure_ascii=False), content_type=content_type)


def show_confirmation(call: HttpCall) -> Response:
    """The page behind the link of a confirmation letter: which company, when, and what is accepted."""
    return _link_page(call, "confirm")


def do_confirmation(call: HttpCall) -> Response:
    """The button of that page."""
    fields = _form(call)
    if fields.get("password", "") != fields.get("again", ""):
        return _link_page(call, "confirm", refused="different", status_code=422)
    given: dict[str, Any] = {name: fields[name] for name in ("password", "account_id") if fields.get(name)}
    given |= {"token": _token(call), "agreement": _accepted(call, fields, "confirmation.accept")}
    return _attempt(call, "confirm", lambda: call.ask(ConfirmEmail.from_json(given)))


def show_password(call: HttpCall) -> Response:
    """The page behind the link of a reset or an invitation."""
    return _link_page(call, "password")


def do_password(call: HttpCall) -> Response:
    """The button of that page."""
    fields = _form(call)
    if fields.get("password", "") != fields.get("again", ""):
        return _link_page(call, "password", refused="different", status_code=422)
    given = {"token": _token(call), "new_password": fields.get("password", ""), "origin": origin_of(call)}
    return _attempt(call, "password", lambda: call.ask(ResetPassword.from_json(given)))


def show_letter(call: HttpCall) -> Response:
    """Where whoever has no link, or lost it, asks for another one."""
    return page("letter", language=language_of(call), done=False, refused=None)


def do_letter(call: HttpCall) -> Response:
    """The button of that page; what it says is the same for known and unknown addresses."""
    try:
        call.ask(RequestPasswordReset(email=_form(call).get("email", "")))
    except Refused as refused:
        return page(
            "letter", language=language_of(call), done=False, refused=refused.code, status_code=refused.status
        )
    return page("letter", language=language_of(call), offers_other=False, done=True, refused=None)


def show_reactivation(call: HttpCall) -> Response:
    """The page behind the link that an owner of an inactive account asked for."""
    return _link_page(call, "reactivate")


def do_reactivation(call: HttpCall) -> Response:
    """The button of that page."""
    given = {"token": _token(call), "agreement": _accepted(call, _form(call), "reactivation.accept")}
    return _attempt(call, "reactivate", lambda: call.ask(ReactivateByLetter.from_json(given)))


def _accepted(call: HttpCall, fields: dict[str, str], element: str) -> dict[str, Any] | None:
    """What the boxes of a page say that offers the agreement; one that is not ticked is not given."""
    if not fields.get("version"):
        return None
    return {
        "version": fields["version"],
        "accepted": fields.get("accepted") == "yes",
        "authority": fields.get("right", ""),
        "attestations": {name: fields.get(name) == "yes" for name in ATTESTATIONS},
        "domain": call.host,
        "element": element,
    }


def show_unsubscribe(call: HttpCall) -> Response:
    """A GET never unsubscribes; the page has the button."""
    return page("unsubscribe", language=language_of(call), done=False)


def show_preferences(call: HttpCall) -> Response:
    """What whoever has the link gets, and can decline. A GET changes nothing."""
    return _preferences(call, lambda: call.ask(ShowPreferences(token=_token(call))), done=False)


def do_preferences(call: HttpCall) -> Response:
    """The button of that page: it declines the classes whose boxes are ticked."""
    ticked = tuple(name for name in OPTIONAL_LETTERS if _form(call).get(name) == "no")
    if not ticked:
        return show_preferences(call)
    return _preferences(call, lambda: call.ask(DeclineClasses(token=_token(call), classes=ticked)), done=True)


def _preferences(call: HttpCall, ask: Callable[[], PreferencesShown], *, done: bool) -> Response:
    language = language_of(call)
    try:
        shown = ask()
    except (Invalid, NotFound) as refused:
        return page("preferences", language=language, shown=None, done=False, status_code=refused.status)
    return page("preferences", language=language, shown=shown, done=done)


def certificate(call: HttpCall) -> Response:
    """A certificate for the eye, verified just now; the signed document for whoever asks for JSON."""
    shown = call.ask(Certificate(certificate_id=call.parameters["certificate_id"])).to_json()
    if shown["document"] and call.request.accept_mimetypes.best_match(("text/html", "application/json")) == (
        "application/json"
    ):
        return _signed(shown)
    language = language_of(call)
    progress = words.said(words.ERASURES, shown["state"], language)
    variables = certificate_page.facts(shown, language) if shown["document"] else {"progress": progress}
    return page(
        "certificate", certificate=shown, language=language, recipe=_recipe("verify-certificate.sh"), **variables
    )


def certificate_document(call: HttpCall) -> Response:
    """The document as it was signed, to be kept in a file."""
    shown = call.ask(Certificate(certificate_id=call.parameters["certificate_id"])).to_json()
    if not shown["document"]:
        raise NotFound("The certificate is not issued yet.", details={"state": shown["state"]})
    return _signed(shown)


def _signed(shown: dict[str, Any]) -> Response:
    return Response(shown["document"], content_type="application/json")


def certificate_key(call: HttpCall) -> Response:
    """The public key that verifies certificates."""
    public = call.ask(Certificates(limit=1)).public_key
    return Response(public, content_type="application/x-pem-file")


def export_keys(call: HttpCall) -> Response:
    """How to tell that a copy is genuine: the keys that copies were signed with, and what to do with them."""
    keys = call.ask(ExportKeys()).keys
    return page("export_keys", language=language_of(call), keys=keys, recipe=_recipe("verify-export.sh"))


def export_keys_json(call: HttpCall) -> Response:
    """The keys for programs."""
    return _json(call.ask(ExportKeys()).to_json())


@cache
def _recipe(name: str) -> str:
    return (HERE / "templates" / name).read_text(encoding="utf-8")


def language_of(call: HttpCall) -> str:
    """What the reader chose, for this page or for all of them, or else prefers: `nb` or `en`."""
    return chosen_language(call.request)


def _form(call: HttpCall) -> dict[str, str]:
    """The fields of a form. Raises `TooLarge` where it is larger than a form can be."""
    if (call.request.content_length or 0) > FORM_LIMIT_BYTES:
        read_bytes(call.request, FORM_LIMIT_BYTES)
    return dict(call.request.form.items())


def _link_page(
    call: HttpCall, name: str, *, refused: str | None = None, status_code: int | None = None
) -> Response:
    """The page behind a link as it stands: what the button would do, or why there is none."""
    try:
        link = call.ask(DescribeLink(token=_token(call)))
    except Invalid:
        link = NO_LINK
    usual = STATUS_OF_STANDING[link.standing]
    return page(
        name,
        language=language_of(call),
        status_code=status_code or usual,
        done=False,
        refused=refused,
        link=link,
        authorities=words.AUTHORITIES,
        sentences=SENTENCES,
    )


def _token(call: HttpCall) -> str:
    return str(call.parameters["token"])


def _attempt(call: HttpCall, name: str, work: Callable[[], Any]) -> Response:
    try:
        work()
    except Refused as refused:
        return _link_page(call, name, refused=_reason(refused), status_code=refused.status)
    return page(name, language=language_of(call), offers_other=False, done=True, refused=None, link=NO_LINK)


def _reason(refused: Refused) -> str:
    """Why a button did nothing, as the pages have words for it.

    By its code, but for an agreement not accepted, and where only the vendor can help.
    """
    if refused.asks_vendor:
        return str(refused.details["reason"])
    details = refused.details.get("fields", refused.details)
    if "agreement" in details or details.get("reason") == "acceptance_needed":
        return "not_accepted"
    is_newer = isinstance(refused, Conflict) and isinstance(details.get("version"), str)
    return "newer_terms" if is_newer else refused.code


def _page(
    path: str, operation: str, summary: str, work: Callable[[HttpCall], Any], method: str = "GET"
) -> Endpoint:
    limit = "login" if method == "POST" or "token" in path else None
    return Endpoint(
        method=method, path=path, operation=operation, summary=summary, work=work, tag="page", limit=limit
    )


PAGES: Final = (
    _page("/api", "home", "What is offered to programs", home),
    _page("/terms", "termsPage", "Every promise and how it is kept", terms),
    _page("/problems", "problemsPage", "The problems that this interface answers with", problem_page),
    _page("/problems/<string:code>", "problemPage", "What a problem means and what to do", problem_page),
    _page("/privacy", "privacyPage", "The privacy statement", privacy),
    _page("/terms/versions/<string:version>", "termsVersionPage", "The text of one version", terms_version),
    _page(
        "/terms/versions/<string:version>/<string:language>.txt", "termsText", "The same, byte for byte", terms_text
    ),
    _page("/v1/terms", "terms", "Every promise and how it is kept, as JSON", terms_json),
    _page("/terms.json", "termsDocument", "The same at the page's own address", terms_json),
    _page("/terms.jsonld", "termsVocabulary", "The same in the vocabulary DPV of the W3C", terms_jsonld),
    _page("/openapi.json", "openapi", "The description of this interface", openapi),
    _page("/confirm/<string:token>", "showConfirmation", "Confirm an address", show_confirmation),
    _page("/confirm/<string:token>", "doConfirmation", "Confirm an address", do_confirmation, "POST"),
    _page("/password/<string:token>", "showPassword", "Set a password", show_password),
    _page("/password/<string:token>", "doPassword", "Set a password", do_password, "POST"),
    _page("/password", "showLetter", "Ask for a letter with a link", show_letter),
    _page("/password", "doLetter", "Ask for a letter with a link", do_letter, "POST"),
    _page("/reactivate/<string:token>", "showReactivation", "Take an account up again", show_reactivation),
    _page("/reactivate/<string:token>", "doReactivation", "Take an account up again", do_reactivation, "POST"),
    _page("/unsubscribe/<string:token>", "showUnsubscribe", "Decline letters", show_unsubscribe),
    _page("/email-choices/<string:token>", "showPreferences", "What one gets, and can decline", show_preferences),
    _page(
        "/email-choices/<string:token>", "doPreferences", "Decline what one can do without", do_preferences, "POST"
    ),
    _page("/certificates/<uuid:certificate_id>", "certificatePage", "A certificate of erasure", certificate),
    _page(
        "/certificates/<uuid:certificate_id>.json",
        "certificateDocument",
        "The signed document",
        certificate_document,
    ),
    _page("/certificates/key.pem", "certificateKey", "The public key of certificates", certificate_key),
    _page("/exports/keys", "exportKeysPage", "How to check a copy, and the keys for it", export_keys),
    _page("/exports/keys.json", "exportKeys", "The keys that copies were signed with", export_keys_json),
)
