"""A certificate of erasure as a lawyer reads it: its codes in words, in Norwegian and English.

A code that has no words yet is shown as it is; what the document says is never left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from shared.calendar import oslo_date
from shared.long_dates import long_date

Words = Mapping[str, tuple[str, str]]

LANGUAGES: Final = ("nb", "en")

WORDS: Final[Words] = MappingProxyType(
    {
        "account": ("kontoen", "the account"),
        "user": ("en brukerkonto", "one user account"),
        "account_inactivated": ("Kontoen ble gjort inaktiv", "The account was made inactive"),
        "user_inactivated": ("Brukerkontoen ble gjort inaktiv", "The user account was made inactive"),
        "contract_terminated": ("Oppsigelsestiden var over", "The notice period ended"),
        "early_request": ("Kunden ba om sletting uten å vente", "The customer asked for erasure without waiting"),
        "controller": ("behandlingsansvarlig", "controller"),
        "processor": ("databehandler", "processor"),
        "rows_deleted": ("rader slettet", "rows deleted"),
        "subjects_unlinked": ("koblingen til personer slettet", "the link to persons deleted"),
        "contact_data_minimised": ("kontaktopplysninger fjernet", "contact data removed"),
        "under_5": ("færre enn 5", "fewer than 5"),
        "done": ("utført", "done"),
        "tripletex": ("Tripletex", "Tripletex"),
        "mailgun": ("Mailgun", "Mailgun"),
        "tripletex_bookkeeping": ("regnskapsbilag hos Tripletex", "accounting records at Tripletex"),
        "agreement_acceptance": (
            "opplysningen om at avtalen ble inngått, uten navn",
            "the record that the agreement was concluded, without names",
        ),
        "bokforingsloven_13": ("bokføringsloven § 13", "the Norwegian Bookkeeping Act, section 13"),
        "gdpr_17_3_b": (
            "rettslig plikt, personvernforordningen art. 17 nr. 3 b",
            "legal duty, GDPR article 17(3)(b)",
        ),
        "gdpr_17_3_e": ("rettskrav, personvernforordningen art. 17 nr. 3 e", "legal claims, GDPR article 17(3)(e)"),
        "gdpr_18": (
            "behandlingen er begrenset, personvernforordningen art. 18",
            "the processing is restricted, GDPR article 18",
        ),
        "everything": ("alle opplysninger", "all data"),
        "company": ("opplysninger om virksomheten", "data about the company"),
        "profile": ("navn, e-postadresse og telefonnummer", "name, e-mail address and telephone number"),
        "login_events": ("pålogginger", "logins"),
        "agreements": ("hvem som inngikk avtaler", "who concluded agreements"),
        "letters": ("loggen over e-poster", "the log of e-mails"),
        "objections": ("reservasjoner", "objections"),
        "audit_trail": ("hvem revisjonssporet viser til", "whom the audit trail refers to"),
        "billing_copy": ("kunden hos Tripletex", "the customer at Tripletex"),
        "persons": ("én eller flere personer", "one or more persons"),
        "of_account": ("hele kontoen", "the whole account"),
    }
)
"""Every code that a certificate can hold, in Norwegian and English."""

VERDICTS: Final[Words] = MappingProxyType(
    {
        "valid": (
            "Beviset er ekte: signaturen stemmer, og det følger etter beviset før det.",
            "The certificate is genuine: its signature holds, and it continues the certificate before it.",
        ),
        "not_valid": (
            "Beviset kan ikke bekreftes: signaturen stemmer ikke med nøkkelen på denne siden.",
            "The certificate cannot be confirmed: its signature does not belong to the key on this page.",
        ),
        "not_in_chain": (
            "Signaturen stemmer, men beviset før dette er et annet enn det viser til.",
            "The signature holds, but the certificate before this one is another than it names.",
        ),
    }
)


def facts(shown: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What the page shows of a certificate that retention has just verified, in the reader's language.

    A certificate of the first format has one list of what stays; it is told apart here by whether it has an end.
    """
    body = json.loads(shown["document"])["certificate"]
    held = [each for each in body.get("retained", []) if each["until"] is None]
    by_law = [each for each in body.get("retained", []) if each["until"] is not None]
    return {
        "verdict": _in(VERDICTS, shown["verdict"], language),
        "is_valid": shown["verdict"] == "valid",
        "kind": said(body["kind"], language),
        "trigger": said(body["trigger"], language),
        "trigger_date": day(body["trigger_date"], language),
        "due_on": day(body["due_on"], language),
        "executed_on": day(oslo_date(datetime.fromisoformat(body["executed_at"])).isoformat(), language),
        "erased": [_store(each, language) for each in body.get("erased", body.get("stores", []))],
        "kept_by_law": [_kept(each, language) for each in body.get("kept_by_law", by_law)],
        "held_back": [_held(each, language) for each in body.get("held_back", held)],
        "recipients": [(said(name, language), said(state, language)) for name, state in body["recipients"].items()],
        "backups_expire_on": day(body["backups_expire_on"], language),
        "key_copies_expire_on": day(body["key_copies_expire_on"], language)
        if "key_copies_expire_on" in body
        else None,
        "keys_destroyed": said(str(body["keys_destroyed"]), language),
        "roles": ", ".join(said(each, language) for each in body["roles"]),
        "numbers": {name: body[name] for name in ("certificate_id", "reference", "sequence", "software_version")},
        "completes": body.get("completes"),
    }


def said(code: str, language: str) -> str:
    """A code in words."""
    return _in(WORDS, code, language)


def day(text: str, language: str) -> str:
    """A date as one writes it in a letter."""
    return long_date(date.fromisoformat(text), language)


def _in(words: Words, code: str, language: str) -> str:
    return words[code][LANGUAGES.index(language)] if code in words else code


def _store(store: Mapping[str, Any], language: str) -> dict[str, Any]:
    counts = {kind.replace("_", " "): said(str(count), language) for kind, count in store["counts"].items()}
    return {"name": store["store"], "method": said(store["method"], language), "counts": counts}


def _kept(kept: Mapping[str, Any], language: str) -> dict[str, str]:
    return {
        "what": said(kept["category"], language),
        "why": said(kept["basis"], language),
        "until": day(kept["until"], language),
    }


def _held(held: Mapping[str, Any], language: str) -> dict[str, str | None]:
    whose = {"persons": "persons", "account": "of_account"}.get(held.get("of", ""))
    return {
        "what": said(held["category"], language),
        "whose": said(whose, language) if whose else None,
        "why": said(held["basis"], language),
        "review_on": day(held["review_on"], language) if held.get("review_on") else None,
    }
